"""Ctrl-C, SIGTERM and the end of the time as a wish: the trainer finishes its pass, saves, and stops."""

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopWish:
    """While this context is open, a first signal only makes `wished` true; a second one acts as it always does.

    Outside the main thread, where Python cannot take signals, it hears none.

    Args:
        ends: the moment of `time.monotonic()` at which it wishes to stop, too; None: never.
    """

    def __init__(self, ends: float | None = None) -> None:
        self.reason = ""
        self._ends = ends
        self._before: dict[signal.Signals, Any] = {}

    @property
    def wished(self) -> bool:
        """Whether the work should stop at its next good moment; `reason` then says why."""
        if not self.reason and self._ends is not None and time.monotonic() >= self._ends:
            self.reason = "the time is over"
        return bool(self.reason)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.reason = signal.Signals(number).name
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
