"""From a job to an answer: all at once, or as server-sent events; given up as soon as the client has left.

What it leaves out: the form of the answer, which a `Shape` knows.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fidan.errors import FidanError
from fidan.serving.api.answers import Usage
from fidan.serving.api.errors import ApiError, closing, of_fault
from fidan.serving.api.jobs import Job
from fidan.serving.api.state import State
from fidan.serving.batcher import Piece, TokenInfo
from fidan.serving.service import Answering

T = TypeVar("T")
LEFT = 499  # nginx's status for a client that closed the connection; nobody reads it, but the metrics count it
DROPPED = "x-fidan-dropped-messages"


@dataclass
class Text:
    """One of a job's texts, as far as it is written.

    Attributes:
        parts: of its text.
        tokens: with their log-probabilities, where these are asked for.
        count: of the tokens written.
        piece: the last one.
    """

    parts: list[str] = field(default_factory=list)
    tokens: list[TokenInfo] = field(default_factory=list)
    count: int = 0
    piece: Piece | None = None


class Shape(Protocol):
    """How the answers of one route look."""

    def first(self, number: int) -> list[BaseModel]:
        """The chunks of a text that come before anything is written."""

    def chunks(self, number: int, text: Text, piece: Piece) -> list[BaseModel]:
        """Those of a piece that is already part of the text."""

    def used(self, usage: Usage) -> BaseModel:
        """The last chunk, which tells the tokens."""

    def whole(self, texts: Sequence[Text], usage: Usage) -> BaseModel:
        """All of it."""


async def respond(
    state: State, request: Request, job: Job, shape: Shape, stream: bool, include_usage: bool
) -> Response:
    """Have a job's texts written, and answer with them.

    Raises:
        ApiError: too many wait, or the model failed.
    """
    try:
        answering = state.service.begin(job.requests)
    except FidanError as error:
        raise _turned_away(state, error) from error
    headers = {DROPPED: str(job.dropped)} if job.dropped else {}
    work = _Work(state, job, shape, answering)
    if stream:
        return EventStream(work.events(include_usage), answering, headers)
    try:
        whole = await until_gone(request.receive, work.whole())
    finally:
        answering.cancel()
    if whole is None:
        return Response(status_code=LEFT)
    return json_response(whole, headers)


def json_response(answer: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """An answer as JSON."""
    return Response(answer.model_dump_json(exclude_unset=False), 200, headers, media_type="application/json")


def _turned_away(state: State, error: FidanError) -> ApiError:
    if state.service.batcher.stats().broken:
        return ApiError(503, str(error), code="broken")
    return closing() if state.closing else of_fault(error, "prompt")


class _Work:
    def __init__(self, state: State, job: Job, shape: Shape, answering: Answering) -> None:
        self._job, self._shape, self._answering = job, shape, answering
        self._texts = [Text() for _ in job.requests]
        self._watch = state.metrics.watch()

    async def whole(self) -> BaseModel:
        """The answer, once all of it is written."""
        async for found in self._pieces():
            for _, piece in found:
                if piece.error:
                    raise _failed(piece)
        return self._shape.whole(self._texts, self._usage())

    async def events(self, include_usage: bool) -> AsyncIterator[bytes]:
        """Server-sent events, those that are ready together in one piece."""
        yield b"".join(_event(chunk) for number in range(len(self._texts)) for chunk in self._shape.first(number))
        async for found in self._pieces():
            ready: list[bytes] = []
            for number, piece in found:
                if piece.error:
                    yield b"".join(ready) + b"data: " + orjson.dumps(_failed(piece).body()) + b"\n\n"
                    return
                ready += map(_event, self._shape.chunks(number, self._texts[number], piece))
            if ready:
                yield b"".join(ready)
        if include_usage:
            yield _event(self._shape.used(self._usage()))
        yield b"data: [DONE]\n\n"

    async def _pieces(self) -> AsyncIterator[list[tuple[int, Piece]]]:
        async for found in self._answering.pieces():
            self._watch.note(found)
            for number, piece in found:
                text = self._texts[number]
                text.parts.append(piece.text)
                text.tokens += piece.tokens
                text.count = piece.written
                text.piece = piece
            yield found

    def _usage(self) -> Usage:
        read, written = self._job.prompt_tokens, sum(text.count for text in self._texts)
        return Usage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


def _failed(piece: Piece) -> ApiError:
    return ApiError(500, piece.error, code="model_failed")


def _event(chunk: BaseModel) -> bytes:
    return b"data: " + chunk.model_dump_json(exclude_unset=True).encode() + b"\n\n"


class EventStream(Response):
    """Server-sent events of texts being written. Whatever ends it frees their slots.

    Args:
        events: in pieces of whole events.
        answering: the texts.
        headers: of the answer.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], answering: Answering, headers: Mapping[str, str]) -> None:
        self._events, self._answering = events, answering
        # A proxy must not hold events back, nor a cache keep them.
        super().__init__(headers={**headers, "Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI wants it."""
        try:
            await until_gone(receive, self._send(send))
        finally:
            self._answering.cancel()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for data in self._events:
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def until_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` gives, or None where the client left before; the work is then cancelled.

    Args:
        receive: of a request whose body was read, so that the next message is that the client has left.
        work: to be done.
    """
    working, watching = asyncio.ensure_future(work), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
