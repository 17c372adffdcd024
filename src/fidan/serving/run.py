"""The server as a process: its socket, and how it ends.

The first SIGINT or SIGTERM closes the door: new requests are answered with 503, what was taken in is written to its
end, for `grace` seconds at most. The second ends everything at once. Both are an orderly end, without an error. What
it leaves out: what is served (`app`).
"""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from fidan.errors import FidanError
from fidan.serving.api.state import State
from fidan.serving.connection import impatient

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SENT_SECONDS = 5.0  # for answers that are written to reach their clients
OPEN_SECONDS = 2  # for connections that the page holds open


def open_socket(host: str, port: int) -> socket.socket:
    """A socket bound to an address; nothing listens on it yet.

    Args:
        host: a name or an address, of version 4 or 6.
        port: 0 takes a free one.

    Raises:
        FidanError: the address is taken, not this machine's, or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise FidanError(f"--host {host}: no such address ({error}).") from None
    found = socket.socket(family, kind, protocol)
    if os.name == "posix":  # where it means that an address whose last connections are not forgotten is free
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
    except OSError as error:
        found.close()
        why = {
            errno.EADDRINUSE: "something else listens there. Choose another --port, or 0 for a free one",
            errno.EACCES: "not allowed. Choose a --port from 1024 on",
            errno.EADDRNOTAVAIL: "not an address of this machine",
        }.get(error.errno or 0, str(error))
        raise FidanError(f"{host}, port {port}: {why}.") from None
    return found


def url_of(listening: socket.socket) -> str:
    """Where a socket is reached, for a person to click on."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def serve(app: FastAPI, listening: socket.socket, *, grace: float, say: Callable[[str], None]) -> None:
    """Serve until a signal ends it.

    Args:
        app: of `build_app`.
        listening: of `open_socket`.
        grace: seconds that what runs has to finish.
        say: told that the server is there, and that it closes.
    """
    state: State = app.state.fidan
    limits = state.service.limits
    config = uvicorn.Config(
        app, http=impatient(limits.body_seconds, limits.unread_seconds), ws="none", log_level="warning",
        access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=OPEN_SECONDS,
    )  # fmt: skip
    _Server(config, state, grace, say).run([listening])


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
