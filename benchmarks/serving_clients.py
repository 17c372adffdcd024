"""Clients of an OpenAI-style server, for `serving.py`: many at once in one thread, at little cost to the cores.

They share the cores with the server they measure, so they speak HTTP/1.1 on asyncio's streams and nothing more: one
connection each that stays open, chunked answers, server-sent events. What it leaves out: TLS, redirects, compression.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

LIMIT = 1 << 20  # bytes of a line


@dataclass(frozen=True)
class Job:
    """A text to ask for."""

    prompt: str
    max_tokens: int


@dataclass
class Told:
    """What came of one request.

    Attributes:
        job: its number.
        began: when it was sent, in seconds of `time.perf_counter`; as all moments here.
        first: when the first text came.
        last: when the last text came.
        tokens: that were written, by the server's own count.
        text: all of it.
    """

    job: int
    began: float
    first: float = 0.0
    last: float = 0.0
    tokens: int = 0
    text: str = ""


@dataclass
class Load:
    """What N clients saw in some seconds.

    Attributes:
        clients: N.
        seconds: from the first request to the last moment at which one was begun.
        told: of each request that was answered whole.
        refused: answers 429.
        failures: what went wrong otherwise.
        busy: share of one core that the clients took.
        memory: (seconds, bytes) of the server's resident memory.
    """

    clients: int
    seconds: float
    began: float = 0.0
    told: list[Told] = field(default_factory=list)
    refused: int = 0
    failures: list[str] = field(default_factory=list)
    busy: float = 0.0
    memory: list[tuple[float, int]] = field(default_factory=list)

    @property
    def tokens_a_second(self) -> float:
        """Tokens written inside the time; a text that went on after it counts by the share of its time inside."""
        ends, total = self.began + self.seconds, 0.0
        for one in self.told:
            span = one.last - one.began
            total += one.tokens * min(1.0, max(0.0, ends - one.began) / span)
        return total / self.seconds

    def mismatches(self, alone: Sequence[str]) -> int:
        """How many texts are not those that the same requests get alone; a space in front does not count."""
        return sum(one.text.removeprefix(" ") != alone[one.job].removeprefix(" ") for one in self.told)

    def first_tokens(self) -> list[float]:
        """Seconds to the first text, of each request."""
        return [one.first - one.began for one in self.told if one.first]

    def token_times(self) -> list[float]:
        """Seconds a token after the first, of each request."""
        return [(one.last - one.first) / (one.tokens - 1) for one in self.told if one.tokens > 1]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are at most; NaN where there are none."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """By how much a value rises a second, by least squares."""
    times, values = zip(*samples, strict=True)
    return statistics.linear_regression(times, values).slope


class Refused(Exception):
    """Answer 429; `after` is when to come again, in seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"429, Retry-After {after}")
        self.after = after


class Failed(Exception):
    """Any answer but a whole text or 429."""


class Client:
    """One connection.

    Args:
        port: on this machine.
        model: its id.
        extra: fields of a request beyond those of OpenAI that this server wants.
    """

    def __init__(self, port: int, model: str, extra: Mapping[str, Any]) -> None:
        self._port, self._model, self._extra = port, model, dict(extra)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, number: int, job: Job) -> Told:
        """A text, streamed, greedy.

        Raises:
            Refused: 429.
            Failed: anything else that is no whole text.
        """
        body = orjson.dumps(
            {
                "model": self._model, "prompt": job.prompt, "max_tokens": job.max_tokens, "temperature": 0,
                "stream": True, "stream_options": {"include_usage": True}, **self._extra,
            }
        )  # fmt: skip
        head = (
            f"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        told = Told(number, time.perf_counter())
        try:
            reader, status, headers = await self._send(head.encode() + body)
            parts = _body(reader, headers)
            if status != 200:
                told_error = b"".join([part async for part in parts])
                if status == 429:
                    if "retry-after" not in headers:
                        raise Failed("429 without Retry-After")
                    raise Refused(float(headers["retry-after"]))
                raise Failed(f"{status}: {told_error[:200].decode(errors='replace')}")
            await self._read(parts, told)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Failed(f"{type(error).__name__}: {error}") from error
        if headers.get("connection", "").casefold() == "close":
            self.close()
        return told

    async def _read(self, parts: AsyncIterator[bytes], told: Told) -> None:
        """Take the events of an answer into `told`."""
        pieces: list[str] = []
        usage, ended, held = None, False, b""
        async for part in parts:
            now = time.perf_counter()
            *lines, held = (held + part).split(b"\n")
            for line in lines:
                if not line.startswith(b"data: ") or line.startswith(b"data: [DONE]"):
                    continue
                event = orjson.loads(line[6:])
                if "error" in event:
                    raise Failed(f"in the stream: {str(event['error'])[:200]}")
                usage = event.get("usage") or usage
                for choice in event.get("choices") or ():
                    ended = ended or bool(choice.get("finish_reason"))
                    if choice["text"]:
                        told.first = told.first or now
                        told.last = now
                        pieces.append(choice["text"])
        if usage is None or not ended:
            raise Failed("the stream ended early")
        told.text, told.tokens = "".join(pieces), usage["completion_tokens"]
        told.last = told.last or time.perf_counter()

    async def _send(self, request: bytes) -> tuple[asyncio.StreamReader, int, dict[str, str]]:
        """Send a request; what its answer begins with.

        A server may hang up on a connection that rests, at the moment of the next request: then, as every client of
        HTTP does, it is sent once more over a new one.
        """
        rested = self._streams is not None
        while True:
            reader, writer = await self._open()
            try:
                writer.write(request)
                return reader, *await _head(reader)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                self.close()
                if not rested or getattr(error, "partial", b""):
                    raise
                rested = False

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():  # the server closed it between two requests
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=LIMIT)
        return self._streams

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer."""
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    headers = dict(line.split(": ", 1) for line in rest)
    return int(first.split(" ")[1]), {name.casefold(): value for name, value in headers.items()}


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    """The body as it comes."""
    if headers.get("transfer-encoding") != "chunked":
        yield await reader.readexactly(int(headers["content-length"]))
        return
    while size := int((await reader.readline()).split(b";")[0], 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)


async def alone(port: int, model: str, extra: Mapping[str, Any], jobs: Sequence[Job]) -> list[Told]:
    """Every job by itself, one after the other."""
    client = Client(port, model, extra)
    told = [await client.ask(number, job) for number, job in enumerate(jobs)]
    client.close()
    return told


async def drive(
    port: int, model: str, extra: Mapping[str, Any], jobs: Sequence[Job], clients: int, seconds: float, memory: Any
) -> Load:
    """Let clients ask without a pause, each waiting for its answer; what was begun in time is read to its end.

    Args:
        port: of the server.
        model: its id.
        extra: as of `Client`.
        jobs: taken in turn, each client from another place on.
        clients: how many.
        seconds: how long requests are begun.
        memory: a function that gives the server's resident bytes, called each second.
    """
    load = Load(clients, seconds)
    load.began, worked = time.perf_counter(), time.process_time()
    ends = load.began + seconds

    async def one(place: int) -> None:
        client = Client(port, model, extra)
        while time.perf_counter() < ends:
            number = place % len(jobs)
            try:
                load.told.append(await client.ask(number, jobs[number]))
                place += clients
            except Refused as refused:
                load.refused += 1
                await asyncio.sleep(min(refused.after, max(0.0, ends - time.perf_counter())))
            except Failed as failed:
                load.failures.append(str(failed))
                await asyncio.sleep(0.1)
        client.close()

    async def watch() -> None:
        while True:
            load.memory.append((time.perf_counter() - load.began, memory()))
            await asyncio.sleep(1.0)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(one(place) for place in range(clients)))
    load.busy = (time.process_time() - worked) / (time.perf_counter() - load.began)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return load
