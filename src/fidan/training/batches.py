"""Which tokens come when: a seeded order without replacement that needs no memory of its own.

`Sequences` is what a training asks of its data, whatever it is; `Batches` is that of packed text. Its token stream is
cut into windows of T + 1 (the last token of one is the first of the next, so every token is predicted once an epoch,
but for fewer than T at the very end). Each epoch visits all windows in an order drawn from
(seed, epoch). The n-th sequence of a run is a function of n alone, whatever the batch size and however many processes
share the work: to resume is to go on counting.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Protocol, Self

import numpy as np
import torch
from torch import Tensor

from fidan.errors import FidanError
from fidan.training.packed_tokens import PackedTokens


@dataclass(frozen=True)
class Batch:
    """What one forward and backward pass is given.

    Attributes:
        inputs: (B, T) ids that the decoder reads.
        labels: (B, T) ids that it is to predict, -100 (`loss.IGNORE`) where nothing counts.
        source: (B, S) ids that an encoder reads, padded with the tokenizer's `<pad>`; None: there is no encoder.
        weights: (B, T) fp32, how much each label that counts does; None: each counts 1.
    """

    inputs: Tensor
    labels: Tensor
    source: Tensor | None = None
    weights: Tensor | None = None

    def to(self, device: torch.device) -> Self:
        """The same on a device, without waiting for the copy where the memory is pinned."""
        return self._map(lambda ids: ids.to(device, non_blocking=True))

    def pinned(self) -> Self:
        """The same in pinned memory, from which a GPU copies while it computes."""
        return self._map(torch.Tensor.pin_memory)

    def _map(self, change: Callable[[Tensor], Tensor]) -> Self:
        tensors = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{name: change(tensor) for name, tensor in tensors.items() if tensor is not None})


class Sequences(Protocol):
    """The sequences of a training, by number: the n-th of a run is a function of n and of settings alone."""

    @property
    def sequences(self) -> int:
        """Of one epoch."""

    def take(self, first: int, rows: int) -> Batch:
        """Sequences `first` to `first + rows` of the run."""

    def targets(self, first: int, rows: int) -> float:
        """How many labels of those sequences count, each by its weight."""

    def documents(self, first: int, rows: int) -> list[int]:
        """The numbers of the training's documents (or pairs) of which they show something, in order."""


class WindowOrder:
    """Numbered sequences to windows of the text: each epoch all of them, in an order drawn from (seed, epoch).

    Args:
        windows: how many there are.
        seed: of the order.
    """

    def __init__(self, windows: int, seed: int) -> None:
        self.windows, self.seed = windows, seed
        self._order = lru_cache(maxsize=2)(self._draw)

    def places(self, first: int, rows: int) -> list[int]:
        """Which windows sequences `first` to `first + rows` of a run are."""
        numbers = range(first, first + rows)
        return [int(self._order(n // self.windows)[n % self.windows]) for n in numbers]

    def _draw(self, epoch: int) -> np.ndarray:
        return np.random.Generator(np.random.Philox(key=[self.seed, epoch])).permutation(self.windows)


class Batches:
    """The sequences of a training run on the next token, by number.

    Args:
        tokens: the packed training text.
        sequence_length: T.
        seed: of the order.

    Raises:
        FidanError: there is not one window of text.
    """

    def __init__(self, tokens: PackedTokens, sequence_length: int, seed: int) -> None:
        self.tokens, self.length, self.seed = tokens, sequence_length, seed
        self.windows = (tokens.tokens - 1) // sequence_length
        if self.windows < 1:
            raise FidanError(
                f"{tokens.tokens:,} training tokens: fewer than one sequence of {sequence_length}. "
                "Give more text, or set train.sequence_length lower."
            )
        self._order = WindowOrder(self.windows, seed)

    @property
    def sequences(self) -> int:
        """Of one epoch: every window once."""
        return self.windows

    def targets(self, first: int, rows: int) -> int:
        """Every position of a window is predicted."""
        return rows * self.length

    def places(self, first: int, rows: int) -> list[int]:
        """Which windows of the token stream sequences `first` to `first + rows` of the run are."""
        return self._order.places(first, rows)

    def take(self, first: int, rows: int) -> Batch:
        """Sequences `first` to `first + rows` of the run."""
        windows = (self.tokens.window(place * self.length, self.length + 1) for place in self.places(first, rows))
        ids = torch.from_numpy(np.stack(list(windows)))
        return Batch(ids[:, :-1].contiguous(), ids[:, 1:].contiguous())

    def documents(self, first: int, rows: int) -> list[int]:
        """The numbers of the training documents of which those sequences show something, in order."""
        found: set[int] = set()
        for place in self.places(first, rows):
            found.update(self.tokens.documents_in(place * self.length, self.length + 1))
        return sorted(found)
