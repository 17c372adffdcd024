"""Rows that are decoded in one step and join and leave at any time: the model's side of serving many at once.

What it leaves out: picking tokens (`picking`), whose rows they are and how many there may be (`fidan.serving`).
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from fidan.generation.engine import Decoding, Engine

READ_POSITIONS = 128  # of prompts, between two steps of the rows that run


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
    return SeparateRows(engine)


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
