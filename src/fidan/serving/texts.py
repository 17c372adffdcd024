"""Texts of many requests, written in step: the work of the decoding loop, without its thread.

A round gives every running text its next token, and reads a part of the next prompt, so that a long prompt holds the
others up for a moment only. Prompts are read in the order in which they came. What it leaves out: who may come in and
when (`batcher`).
"""

from collections import deque
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from fidan.errors import FidanError
from fidan.generation.continuous import READ_POSITIONS, open_rows
from fidan.generation.engine import Engine
from fidan.generation.picking import Picker, Writing
from fidan.generation.sampling import unfit
from fidan.generation.stopping import TextStream
from fidan.serving.pieces import Piece, Request, TokenInfo
from fidan.tokenizer.tokenizer import Tokenizer


class Text:
    """One request's text; see `Texts`."""

    def __init__(self, engine: Engine, tokenizer: Tokenizer, request: Request) -> None:
        self.request = request
        self.writing = Writing(engine, request.prompt, request.config, request.ends, request.seed)
        self.stream = TextStream(tokenizer, self.writing.begun, request.config.stop)
        self.reading: Iterator[None] | None = None
        self.row = -1  # while the prompt is read
        self.token = -1  # picked, and not yet given to the model

    def last_piece(self, text: str, tokens: tuple[TokenInfo, ...] = ()) -> Piece:
        """The end of the text, from outside if it has not met its own."""
        text += self.stream.finish()
        finish = "stop" if self.stream.stopped else self.writing.finish or "stop"
        return Piece(text, tokens, finish, "", self.writing.written)


class Texts:
    """Texts in one decoding loop.

    Args:
        engine: the model.
        tokenizer: the model's.

    Attributes:
        told: how they are decoded, in a few words.
    """

    def __init__(self, engine: Engine, tokenizer: Tokenizer) -> None:
        self._engine, self._tokenizer = engine, tokenizer
        self._rows = open_rows(engine)
        self._picker = Picker(tokenizer.vocab_size)
        self._unread: deque[Text] = deque()
        self._live: list[Text] = []  # by row
        self.told = self._rows.told

    def add(self, request: Request) -> Text:
        """Let a request come in; its prompt is read in the next rounds."""
        text = Text(self._engine, self._tokenizer, request)
        self._unread.append(text)
        return text

    def remove(self, text: Text) -> None:
        """Take a text out, between two rounds. One that has ended is out already."""
        if text.row < 0:
            if text in self._unread:
                self._unread.remove(text)
            return
        row, text.row = text.row, -1
        self._rows.leave(row)
        self._picker.leave(row)
        last = self._live.pop()
        if row < len(self._live):
            self._live[row], last.row = last, row

    def round(self) -> list[tuple[Text, Piece]]:
        """One token more in every text, and a part of the next prompts; the pieces that come of it."""
        if self._live:
            self._rows.advance([text.token for text in self._live])
        pieces = self._read()
        if not self._live:
            return pieces
        logits = self._rows.logits[:, : self._tokenizer.vocab_size]
        if faults := unfit(logits, [f"token {text.writing.place:,}" for text in self._live]):
            broken = [(self._live[row], error) for row, error in faults.items()]
            for text, error in broken:
                self.remove(text)
                pieces.append((text, Piece("", (), None, error, text.writing.written)))
            if not self._live:
                return pieces
            logits = self._rows.logits[:, : self._tokenizer.vocab_size]
        tokens = self._picker.pick(logits)
        told = self._told(logits, tokens)
        ended = []
        for row, (text, token) in enumerate(zip(self._live, tokens, strict=True)):
            text.token = token
            belongs = text.writing.take(token)
            said = text.stream.push(token) if belongs else ""
            infos = told.get(row, ()) if belongs else ()
            if text.writing.finish is not None or text.stream.stopped:
                ended.append(text)
                pieces.append((text, text.last_piece(said, infos)))
            elif said or infos:
                pieces.append((text, Piece(said, infos, None, "", text.writing.written)))
        for text in ended:
            self.remove(text)
        return pieces

    def _read(self) -> list[tuple[Text, Piece]]:
        pieces, budget = [], READ_POSITIONS
        while self._unread and budget > 0:
            text = self._unread[0]
            if text.reading is None:
                text.reading = self._rows.read(text.request.prompt, text.request.config.max_new_tokens)
            try:
                budget -= min(len(text.request.prompt), READ_POSITIONS)
                next(text.reading)
            except StopIteration:
                self._unread.popleft()
                text.row, text.reading = len(self._live), None
                self._live.append(text)
                self._picker.join(text.writing)
            except FidanError as error:
                self._unread.popleft()
                pieces.append((text, Piece("", (), None, str(error))))
        return pieces

    def _told(self, logits: Tensor, tokens: Sequence[int]) -> dict[int, tuple[TokenInfo, ...]]:
        """The log-probabilities of the rows that ask for them."""
        asked = [(row, text.request.logprobs) for row, text in enumerate(self._live)]
        wanted = {row: count for row, count in asked if count is not None}
        if not wanted:
            return {}
        rows = list(wanted)
        logprobs = logits[torch.tensor(rows, device=logits.device)].log_softmax(-1)
        chosen = logprobs.gather(1, torch.tensor([[tokens[row]] for row in rows], device=logits.device))
        best = logprobs.topk(max(wanted.values()))
        found: dict[int, tuple[TokenInfo, ...]] = {}
        for row, (one,), values, ids in zip(
            rows, chosen.tolist(), best.values.tolist(), best.indices.tolist(), strict=True
        ):
            top = tuple(zip(ids[: wanted[row]], values[: wanted[row]], strict=True))
            found[row] = (TokenInfo(tokens[row], one, top),)
        return found
