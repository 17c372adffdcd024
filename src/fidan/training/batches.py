"""Which tokens come when: a seeded order without replacement that needs no memory of its own.

The token stream is cut into windows of T + 1 (the last token of one is the first of the next, so every token is
predicted once an epoch, but for fewer than T at the very end). Each epoch visits all windows in an order drawn from
(seed, epoch). The n-th batch is a function of n alone: to resume is to go on counting.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from fidan.errors import FidanError
from fidan.training.packed_tokens import PackedTokens


@dataclass(frozen=True)
class Batch:
    """`inputs` and `labels` are (B, T) ids, `windows` the B places in the token stream they were taken from."""

    inputs: Tensor
    labels: Tensor
    windows: tuple[int, ...]


class Batches:
    """The batches of a training run, by number.

    Args:
        tokens: the packed training text.
        sequence_length: T.
        batch_size: B.
        seed: of the order.

    Raises:
        FidanError: there is not one window of text.
    """

    def __init__(self, tokens: PackedTokens, sequence_length: int, batch_size: int, seed: int) -> None:
        self.tokens, self.length, self.size, self.seed = tokens, sequence_length, batch_size, seed
        self.windows = (tokens.tokens - 1) // sequence_length
        if self.windows < 1:
            raise FidanError(
                f"{tokens.tokens:,} training tokens: fewer than one sequence of {sequence_length}. "
                "Give more text, or set train.sequence_length lower."
            )
        self._order = lru_cache(maxsize=2)(self._draw_order)

    def __getitem__(self, number: int) -> Batch:
        """Batch `number`, counted from 0 over the whole run."""
        places = range(number * self.size, (number + 1) * self.size)
        windows = tuple(int(self._order(place // self.windows)[place % self.windows]) for place in places)
        rows = [self.tokens.window(window * self.length, self.length + 1) for window in windows]
        ids = torch.from_numpy(np.stack(rows).astype(np.int64))
        return Batch(ids[:, :-1], ids[:, 1:], windows)

    def _draw_order(self, epoch: int) -> np.ndarray:
        return np.random.Generator(np.random.Philox(key=[self.seed, epoch])).permutation(self.windows)
