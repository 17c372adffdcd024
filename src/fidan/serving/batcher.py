"""The one decoding loop of a server, in a thread of its own: requests wait in line, come in, and leave at any time.

First come, first served. A bounded number of texts runs, and a bounded number waits; who comes then is told when to
try again. An error in one text ends that text; one of the loop itself ends all, and the loop says that it is broken.
What it leaves out: the decoding (`texts`), the way into an event loop (`service`).
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from fidan.errors import FidanError
from fidan.generation.engine import Engine
from fidan.generation.generate import check_prompts
from fidan.serving.pieces import Piece as Piece
from fidan.serving.pieces import QueueFull as QueueFull
from fidan.serving.pieces import Request as Request
from fidan.serving.pieces import TokenInfo as TokenInfo
from fidan.serving.texts import Text, Texts
from fidan.tokenizer.tokenizer import Tokenizer

RECENT = 0.2  # weight of the latest request in the running mean of how long one takes
LONGEST_WAIT = 600  # seconds, that a refused client is told at most


class Stats(NamedTuple):
    """What the loop does, and has done.

    Attributes:
        running: requests that have a slot.
        waiting: requests that have none yet.
        slots: how many there are.
        requests: taken in so far.
        prompt_tokens: of these.
        written_tokens: so far.
        cancelled: requests that were given up from outside.
        refused: requests that found the queue full.
        failed: requests that ended with an error.
        queue: how many may wait.
        broken: why the loop has ended; empty while it runs.
        told: how texts are decoded, in a few words.
    """

    running: int
    waiting: int
    slots: int
    requests: int
    prompt_tokens: int
    written_tokens: int
    cancelled: int
    refused: int
    failed: int
    queue: int
    broken: str
    told: str


class Ticket:
    """A request that was taken in."""

    def __init__(self, request: Request, deliver: Callable[[Piece], None]) -> None:
        self.request, self.deliver = request, deliver
        self.text: Text | None = None
        self.began = 0.0
        self.written = 0
        self.done = False


class Batcher:
    """Decodes for many; see above.

    Args:
        engine: the model; nothing else may decode with it meanwhile.
        tokenizer: the model's.
        slots: texts that run at once.
        queue: requests that may wait.
    """

    def __init__(self, engine: Engine, tokenizer: Tokenizer, slots: int, queue: int) -> None:
        self._engine, self._tokenizer, self._slots, self._queue = engine, tokenizer, slots, queue
        self._texts = Texts(engine, tokenizer)
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._waiting: deque[Ticket] = deque()
        self._running: dict[Text, Ticket] = {}
        self._leaving: list[Text] = []
        self._listeners: list[Callable[[], None]] = []
        self._closing: float | None = None  # when what still runs is cut off
        self._broken = ""
        self._seconds = 0.0  # that a request takes, a running mean
        self._requests = self._prompt_tokens = self._written = self._cancelled = self._refused = self._failed = 0
        self._thread = threading.Thread(target=self._run, name="decoding", daemon=True)
        self._thread.start()

    def submit(self, request: Request, deliver: Callable[[Piece], None]) -> Ticket:
        """Take a request in.

        Args:
            request: what to write.
            deliver: called in the loop's thread with every piece; must be quick, and must not raise.

        Raises:
            QueueFull: as many wait as may.
            FidanError: the prompt is empty, too long or no ids of the model; beams; the loop is closed or broken.
        """
        self._check(request)
        with self._lock:
            if self._broken:
                raise FidanError(f"the decoding loop is broken: {self._broken} Start the server again.")
            if self._closing is not None:
                raise FidanError("the server is shutting down and takes no more requests.")
            if len(self._waiting) + len(self._running) >= self._slots + self._queue:
                self._refused += 1
                wait = self._wait()
                raise QueueFull(f"{len(self._waiting):,} requests wait already. Try again in {wait} s.", wait)
            ticket = Ticket(request, deliver)
            self._requests += 1
            self._prompt_tokens += len(request.prompt)
            self._waiting.append(ticket)
            self._news.notify_all()
            return ticket

    def cancel(self, ticket: Ticket) -> None:
        """Give a request up: nothing is delivered after this returns, and its slot is free for the next round."""
        with self._lock:
            if ticket.done:
                return
            ticket.done = True
            self._cancelled += 1
            if ticket.text is None:
                self._waiting.remove(ticket)
            else:
                del self._running[ticket.text]
                self._leaving.append(ticket.text)

    def listen(self, after: Callable[[], None]) -> None:
        """Have `after` called in the loop's thread once after each round that delivered something."""
        with self._lock:
            self._listeners.append(after)

    def stats(self) -> Stats:
        """See `Stats`."""
        with self._lock:
            return Stats(
                len(self._running), len(self._waiting), self._slots, self._requests, self._prompt_tokens,
                self._written, self._cancelled, self._refused, self._failed, self._queue, self._broken,
                self._texts.told,
            )  # fmt: skip

    def close(self, seconds: float) -> None:
        """Take no more, and finish what was taken in, for so long at most; what is left then ends with "stop"."""
        with self._lock:
            self._closing = time.monotonic() + seconds
            self._news.notify_all()
        self._thread.join()

    def _check(self, request: Request) -> None:
        check_prompts([request.prompt], self._engine)
        size = self._tokenizer.vocab_size
        if wrong := [token for token in request.prompt if not 0 <= token < size]:
            raise FidanError(f"a prompt with the token {wrong[0]}: the model's are 0 to {size - 1:,}.")
        if request.config.beams > 1:
            raise FidanError(f"beams = {request.config.beams}: a server has no beam search. Set it to 1.")
        if request.logprobs is not None and not 0 <= request.logprobs <= size:
            raise FidanError(f"logprobs = {request.logprobs}: from 0 to {size:,}.")

    def _wait(self) -> int:
        longest = max((time.monotonic() - ticket.began for ticket in self._running.values()), default=0.0)
        each = self._seconds or longest  # before any has ended
        return min(LONGEST_WAIT, max(1, math.ceil(len(self._waiting) * each / self._slots)))

    def _run(self) -> None:
        try:
            while self._admit():
                self._deliver(self._texts.round())
        except BaseException as error:
            self._end_all(f"{type(error).__name__}: {error}")
            raise
        self._end_all("")

    def _admit(self) -> bool:
        """Wait for something to do, and let in who may come; False where all is done."""
        with self._lock:
            self._news.wait_for(lambda: self._waiting or self._running or self._leaving or self._closing is not None)
            for text in self._leaving:
                self._texts.remove(text)
            self._leaving.clear()
            if self._closing is not None and time.monotonic() >= self._closing:
                return False
            while self._waiting and len(self._running) < self._slots:
                ticket = self._waiting.popleft()
                ticket.text, ticket.began = self._texts.add(ticket.request), time.monotonic()
                self._running[ticket.text] = ticket
            return bool(self._running) or self._closing is None

    def _deliver(self, pieces: list[tuple[Text, Piece]]) -> None:
        with self._lock:
            for text, piece in pieces:
                ticket = self._running.get(text)
                if ticket is None:
                    continue  # cancelled while the round ran
                self._written += piece.written - ticket.written
                ticket.written = piece.written
                if piece.finish or piece.error:
                    del self._running[text]
                    ticket.done = True
                    self._failed += bool(piece.error)
                    self._note(time.monotonic() - ticket.began)
                ticket.deliver(piece)
            if pieces:
                self._tell()

    def _note(self, seconds: float) -> None:
        self._seconds += (seconds - self._seconds) * (RECENT if self._seconds else 1.0)

    def _tell(self) -> None:
        for after in self._listeners:
            after()

    def _end_all(self, error: str) -> None:
        with self._lock:
            self._broken = error
            left = [*self._running.values(), *self._waiting]
            self._running.clear()
            self._waiting.clear()
            for ticket in left:
                ticket.done = True
                if error:
                    self._failed += 1
                    ticket.deliver(Piece("", (), None, f"the decoding loop is broken: {error}", ticket.written))
                elif ticket.text is None:
                    ticket.deliver(Piece("", (), "stop"))
                else:
                    ticket.deliver(ticket.text.last_piece(""))
            if left:
                self._tell()
