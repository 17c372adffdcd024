"""Batches made ready ahead of time, so that a step never waits for the disk or for a copy to the GPU.

One thread reads the memory-mapped tokens of the next few passes while the model works on this one. For a GPU they are
put into pinned memory, from which they are copied while it computes. What it leaves out: which sequences (`batches`,
`schedule`).
"""

import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import torch

from fidan.training.batches import Batch, Sequences

AHEAD = 4  # batches read before they are asked for


class Feed:
    """The batches of a run in order, on the device.

    Args:
        batches: where they come from.
        wanted: (first sequence, rows) of each pass.
        device: where they go.
    """

    def __init__(self, batches: Sequences, wanted: Iterator[tuple[int, int]], device: torch.device) -> None:
        self._batches, self._wanted, self._device = batches, wanted, device
        self._ready: queue.Queue[Batch | BaseException | None] = queue.Queue(maxsize=AHEAD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="feed", daemon=True)
        self._thread.start()

    def __next__(self) -> Batch:
        found = self._ready.get()
        if found is None:
            raise StopIteration
        if isinstance(found, BaseException):
            raise found
        return found.to(self._device)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        while self._thread.is_alive():  # it may be waiting for room
            if not self._ready.empty():
                self._ready.get_nowait()
            self._thread.join(timeout=0.05)

    def _read(self) -> None:
        try:
            for first, rows in self._wanted:
                batch = self._batches.take(first, rows)
                if self._device.type == "cuda":
                    batch = batch.pinned()
                if self._stop.is_set():
                    return
                self._ready.put(batch)
        except BaseException as error:  # noqa: BLE001 - handed to the training, which raises it
            self._ready.put(error)
        else:
            self._ready.put(None)
