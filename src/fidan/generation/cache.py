"""The key/value cache: what attention needs of earlier positions, so that each new token costs one position.

The room for all places is taken once; appending writes in place. Rows of different length end at the same place and
begin at different ones, so that a new token of every row is written by one assignment. What it leaves out: whose
rows they are (`fidan.generation.engine`).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fidan.model.config import ModelConfig
from fidan.model.decoder import Places


class KeyValueCache:
    """Keys and values of every layer, up to `capacity` places.

    Attributes:
        keys: (layers, B, G, capacity, K).
        values: likewise.
        length: how many places are taken; the same for every layer between two forward passes.
        starts: (B,) where each row begins; None where all begin at 0.

    Args:
        config: the model's shape.
        batch: B.
        capacity: how many places there is room for.
        dtype: of the keys and values.
        device: where they live.
    """

    def __init__(
        self, config: ModelConfig, batch: int, capacity: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (config.n_layers, batch, config.kv_heads, capacity, config.head_width)
        # Zeros: what lies before a row's start is masked, but a stray NaN times zero is still NaN.
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.layers = config.n_layers
        self.length = 0
        self.starts: Tensor | None = None

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (B, G, T, K) new keys and values; return all of the layer, each (B, G, length + T, K)."""
        end = self.length + keys.shape[2]
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        if layer == self.layers - 1:
            self.length = end
        # After the last layer `length` is already `end`; the slice is the same either way.
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def places(self) -> Places | None:
        """Where one more token of each row stands; None where all rows are of one length."""
        if self.starts is None:
            return None
        keys = torch.arange(self.length + 1, device=self.starts.device)
        return Places(self.length - self.starts[:, None], keys >= self.starts[:, None, None])

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order; one may come more than once."""
        index = torch.tensor(rows, device=self.keys.device)
        self.keys, self.values = self.keys.index_select(1, index), self.values.index_select(1, index)
        if self.starts is not None:
            self.starts = self.starts.index_select(0, index)


class PromptPlace:
    """A store for one forward pass over whole prompts of one length, which writes them into rows of a cache.

    Args:
        cache: to write into; its `length` and `starts` are its owner's business.
        rows: (B,) the rows of the cache that the prompts take.
        start: the place at which they begin.
    """

    def __init__(self, cache: KeyValueCache, rows: Tensor, start: int) -> None:
        self._cache, self._rows, self._start = cache, rows, start

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (B, G, T, K) keys and values and return them: there is nothing before."""
        places = slice(self._start, self._start + keys.shape[2])
        self._cache.keys[layer, self._rows, :, places] = keys
        self._cache.values[layer, self._rows, :, places] = values
        return keys, values
