"""A connection that does not wait for ever: for a request's head, or for a client that leaves its answer unread.

uvicorn's own protocol with two clocks more. A body's time is `fidan.serving.api.gate`'s, an idle connection's is
uvicorn's.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


def impatient(head_seconds: float, unread_seconds: float) -> type[H11Protocol]:
    """The protocol with these clocks.

    Args:
        head_seconds: from a connection, or the first byte of a request, to the end of its head.
        unread_seconds: that what was sent may lie unread, once it is more than the buffers hold.
    """

    class Connection(H11Protocol):
        _heading: asyncio.TimerHandle | None = None
        _unread: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._heading = self.loop.call_later(head_seconds, transport.abort)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state is not h11.IDLE:
                _end(self._heading)
                self._heading = None
            elif self._heading is None:
                self._heading = self.loop.call_later(head_seconds, self.transport.abort)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._unread = self.loop.call_later(unread_seconds, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            _end(self._unread)

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            _end(self._heading)
            _end(self._unread)

    return Connection


def _end(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
