"""The server as a process, and how it ends.

The first SIGINT or SIGTERM closes the door: new requests are answered with 503, what was taken in is written to its
end, for `grace` seconds at most. The second ends everything at once. Both are an orderly end, without an error. What
it leaves out: what is served (`app`), and where (`sockets`).
"""

import asyncio
import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from fidan.serving.api.state import State
from fidan.serving.connection import impatient
from fidan.serving.sockets import url_of

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SENT_SECONDS = 5.0  # for answers that are written to reach their clients
OPEN_SECONDS = 2  # for connections that the page holds open


def serve(app: FastAPI, listening: socket.socket, *, grace: float, say: Callable[[str], None]) -> None:
    """Serve until a signal ends it.

    Args:
        app: of `build_app`.
        listening: of `open_socket`.
        grace: seconds that what runs has to finish.
        say: told that the server is there, and that it closes.
    """
    server_of(app, grace, say).run([listening])


def server_of(app: FastAPI, grace: float, say: Callable[[str], None]) -> uvicorn.Server:
    """The server that `serve` runs; its `handle_exit` is what a signal calls."""
    state: State = app.state.fidan
    limits = state.service.limits
    config = uvicorn.Config(
        app, http=impatient(limits.body_seconds, limits.unread_seconds), ws="none", log_level="warning",
        access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=OPEN_SECONDS,
    )  # fmt: skip
    return _Server(config, state, grace, say)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, state: State, grace: float, say: Callable[[str], None]) -> None:
        super().__init__(config)
        self._state, self._grace, self._say = state, grace, say
        self._signals = 0
        self._draining: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            self._say(f"{self._state.service.name}: {url_of(one)}")

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours alone: uvicorn would send itself the signal again at the end, and so die of it."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are the main thread's
            return
        before = {one: signal.signal(one, self.handle_exit) for one in SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Count the signal; `on_tick` does the rest, outside the handler."""
        self._signals += 1
        if self._signals > 1:
            self.should_exit = self.force_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Told to the application even where uvicorn ends without: its task would be cut off in the midst."""
        await super().shutdown(sockets)
        if self.force_exit:
            await self.lifespan.shutdown()

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if self.force_exit:
            self._state.service.batcher.close(0)
        elif self._signals and self._draining is None:
            self._state.closing = True
            stats = self._state.service.batcher.stats()
            left = stats.running + stats.waiting
            self._say(f"closing; {left} texts are being finished, for {self._grace:g} seconds at most")
            self._draining = asyncio.create_task(self._drain())
        return await super().on_tick(counter)

    async def _drain(self) -> None:
        await asyncio.to_thread(self._state.service.batcher.close, self._grace)
        end = time.monotonic() + SENT_SECONDS
        while self._state.answering and time.monotonic() < end:
            await asyncio.sleep(0.02)
        self.should_exit = True
