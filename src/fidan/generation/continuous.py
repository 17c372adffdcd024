"""Rows that are decoded in one step and join and leave at any time: the model's side of serving many at once.

What it leaves out: picking tokens (`picking`), whose rows they are and how many there may be (`fidan.serving`).
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import Decoding, Engine, TorchEngine

# Of prompts, between two steps of the rows that run: two cores read them with a model of 134 M parameters in a third
# of a second, and matrix products are near their full speed.
READ_POSITIONS = 128
SMALLEST_ROOM = 16  # places


class Rows(Protocol):
    """Rows of tokens, numbered from 0; a new one comes last, and where one leaves, the last takes its place.

    Attributes:
        logits: (rows, V) in fp32, of each row's next token; there must be a row.
        told: how the rows are decoded, in a few words for a log.
    """

    told: str

    @property
    def logits(self) -> Tensor:
        """See above."""

    def read(self, prompt: Sequence[int], new_tokens: int) -> Iterator[None]:
        """Read a prompt in parts of `READ_POSITIONS`, one each time the iterator goes on.

        Where it ends, there is a new last row. Others may go on between two parts; an iterator that is dropped
        before its end leaves nothing behind.

        Args:
            prompt: ids, as `check_prompts` wants them.
            new_tokens: the most that are written, short of the context.
        """

    def leave(self, row: int) -> None:
        """Take a row out; the last takes its place, in `logits` too."""

    def advance(self, tokens: Sequence[int]) -> None:
        """Take one token a row; `logits` are then of the next."""


def open_rows(engine: Engine) -> Rows:
    """The fastest rows there are for an engine; none is in them yet."""
    return TorchRows(engine) if isinstance(engine, TorchEngine) else SeparateRows(engine)


class TorchRows:
    """Rows of a decoder that share one cache, and every step of it; see `Rows`.

    A prompt is read alone, always in the same parts, into memory of its own, which is then copied into the cache: so
    what is written of it does not depend on who else is there. The cache's room doubles where it does not suffice,
    and is halved where a quarter of it would: its memory follows the texts that are there, at a cost that is small
    beside that of writing them. No step takes new memory for the cache.
    """

    def __init__(self, engine: TorchEngine) -> None:
        self._engine = engine
        embedding = engine.model.model.embed_tokens.weight
        self._dtype, self._device = embedding.dtype, embedding.device
        self._cache = self._empty(1, SMALLEST_ROOM)
        self._cache.lengths = []
        self._logits = torch.empty(0, engine.vocabulary, device=self._device)
        self._joined: list[Tensor] = []  # the logits of rows that joined since the last step
        self.told = "texts are decoded together"

    @property
    def cache_bytes(self) -> int:
        """Memory of the cache."""
        return self._cache.keys.nbytes + self._cache.values.nbytes

    @property
    def logits(self) -> Tensor:
        """As `Rows` says."""
        if self._joined:
            self._logits, self._joined = torch.cat([self._logits, *self._joined]), []
        return self._logits

    def read(self, prompt: Sequence[int], new_tokens: int) -> Iterator[None]:
        """As `Rows.read` says; room is taken as the text grows, so `new_tokens` is of no matter."""
        own = self._empty(1, len(prompt))
        model = self._engine.model
        for first in range(0, len(prompt), READ_POSITIONS):
            if first:
                yield
            part = torch.tensor([list(prompt[first : first + READ_POSITIONS])], device=self._device)
            with torch.inference_mode():
                hidden = model.model(part, first, own)
        with torch.inference_mode():
            self._joined.append(model.lm_head(hidden[:, -1]).float())
            self._make_room(len(self._cache.lengths) + 1, max(self._cache.length, len(prompt)))
            self._cache.join(own)

    @torch.inference_mode()
    def leave(self, row: int) -> None:
        """As `Rows.leave` says."""
        logits = self.logits
        logits[row] = logits[-1]
        self._logits = logits[:-1]
        self._cache.leave(row)
        self._make_room(len(self._cache.lengths), self._cache.length)

    @torch.inference_mode()
    def advance(self, tokens: Sequence[int]) -> None:
        """As `Rows.advance` says."""
        self._make_room(len(tokens), self._cache.length + 1)
        self._joined = []
        self._logits = self._engine.step(list(tokens), self._cache)

    def _make_room(self, rows: int, places: int) -> None:
        _, batch, _, capacity, _ = self._cache.keys.shape
        capacity = min(enough(capacity, max(places, SMALLEST_ROOM)), self._engine.context)
        self._cache.room(enough(batch, max(rows, 1)), capacity)

    def _empty(self, rows: int, places: int) -> KeyValueCache:
        return KeyValueCache(self._engine.model.config, rows, places, self._dtype, self._device)


def enough(have: int, need: int) -> int:
    """How much to have: what there is, unless it is less than what is needed, or four times as much or more.

    Then the power of two that holds it, and twice that when it shrinks, so that little is taken and given back.
    """
    fitting = 1 << (need - 1).bit_length()
    if have < need:
        return fitting
    return 2 * fitting if have >= 4 * fitting else have


class SeparateRows:
    """Rows that are each a decoding of their own, for engines that know no other way: one after the other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rows: list[Decoding] = []
        self.told = "texts take turns: this kind of model is decoded one text at a time"

    @property
    def logits(self) -> Tensor:
        """As `Rows` says."""
        return (
            torch.cat([row.logits for row in self._rows]) if self._rows else torch.empty(0, self._engine.vocabulary)
        )

    def read(self, prompt: Sequence[int], new_tokens: int) -> Iterator[None]:
        """As `Rows.read` says; in one part."""
        self._rows.append(self._engine.open([prompt], new_tokens))
        yield from ()

    def leave(self, row: int) -> None:
        """As `Rows.leave` says."""
        last = self._rows.pop()
        if row < len(self._rows):
            self._rows[row] = last

    def advance(self, tokens: Sequence[int]) -> None:
        """As `Rows.advance` says."""
        for row, token in zip(self._rows, tokens, strict=True):
            row.advance([token])
