"""The key/value cache: what attention needs of earlier positions, so that each new token costs one position.

Every row begins at place 0 and ends where its text does, so that rows of any lengths stand beside each other, and one
can come or go without another being moved. The room is taken at once; appending writes in place. What it leaves out:
whose rows they are (`fidan.generation.engine`, `continuous`).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fidan.model.config import ModelConfig
from fidan.model.decoder import Places


class KeyValueCache:
    """Keys and values of every layer, with room for `batch` rows of `capacity` places.

    Attributes:
        keys: (layers, B, G, capacity, K).
        values: likewise.
        lengths: how many places of each row are taken; the same for every layer between two forward passes. There
            may be fewer rows than there is room for, which are then the first.

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
        # Zeros: what lies beyond a row's end is masked, but a stray NaN times zero is still NaN.
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.layers = config.n_layers
        self.lengths = [0] * batch
        self._places: tuple[Tensor, Tensor] | None = None  # of the tokens that are being appended, by row

    @property
    def length(self) -> int:
        """Of the longest row."""
        return max(self.lengths, default=0)

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (B, G, T, K) new keys and values; return all of the layer, each (B, G, length + T, K).

        Rows of unequal length take a single position at a time (T = 1).
        """
        rows, new, begin = len(self.lengths), keys.shape[2], self.length
        if min(self.lengths) == begin:
            self.keys[layer, :rows, :, begin : begin + new] = keys
            self.values[layer, :rows, :, begin : begin + new] = values
        else:
            assert new == 1, "rows of unequal length take a single position"
            if layer == 0 or self._places is None:
                device = self.keys.device
                self._places = torch.arange(rows, device=device), torch.tensor(self.lengths, device=device)
            at, places = self._places
            self.keys[layer, at, :, places] = keys[:, :, 0]
            self.values[layer, at, :, places] = values[:, :, 0]
        found = self.keys[layer, :rows, :, : begin + new], self.values[layer, :rows, :, : begin + new]
        if layer == self.layers - 1:
            self.extend(new)
        return found

    def extend(self, new: int = 1) -> None:
        """Every row has grown by so many places, which are written."""
        self.lengths = [length + new for length in self.lengths]
        self._places = None

    def places(self) -> Places | None:
        """Where one more token of each row stands; None where all rows are of one length."""
        if min(self.lengths) == self.length:
            return None
        device = self.keys.device
        ends = torch.tensor(self.lengths, device=device)[:, None]
        return Places(ends, torch.arange(self.length + 1, device=device) <= ends[:, None])

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order; one may come more than once."""
        index = torch.tensor(rows, device=self.keys.device)
        self.keys, self.values = self.keys.index_select(1, index), self.values.index_select(1, index)
        self.lengths = [self.lengths[row] for row in rows]

    def room(self, rows: int, places: int) -> None:
        """Have room for so many rows of so many places, no less than is taken; what is there stays.

        Nothing is moved where there is as much room already, no more and no less.
        """
        layers, batch, groups, capacity, width = self.keys.shape
        if (batch, capacity) == (rows, places):
            return
        taken, length = len(self.lengths), self.length
        for name in ("keys", "values"):
            old = getattr(self, name)
            new = old.new_zeros(layers, rows, groups, places, width)
            new[:, :taken, :, :length] = old[:, :taken, :, :length]
            setattr(self, name, new)

    def join(self, other: "KeyValueCache") -> None:
        """The one row of another cache as a new last row; there must be room."""
        row, (length,) = len(self.lengths), other.lengths
        self.keys[:, row, :, :length] = other.keys[:, 0, :, :length]
        self.values[:, row, :, :length] = other.values[:, 0, :, :length]
        self.lengths = [*self.lengths, length]

    def leave(self, row: int) -> None:
        """Take a row out; the last takes its place."""
        last, length = len(self.lengths) - 1, self.lengths[-1]
        if row < last:
            self.keys[:, row, :, :length] = self.keys[:, last, :, :length]
            self.values[:, row, :, :length] = self.values[:, last, :, :length]
            self.lengths[row] = length
        self.lengths = self.lengths[:last]


class PromptPlace:
    """A store for one forward pass over prompts' next positions, the same ones in each, which writes into some rows.

    Args:
        cache: to write into; its `lengths` are its owner's business.
        rows: (B,) the rows of the cache that the prompts take.
        start: the place at which the positions begin; what is before is there already.
    """

    def __init__(self, cache: KeyValueCache, rows: Tensor, start: int = 0) -> None:
        self._cache, self._rows, self._start = cache, rows, start

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (B, G, T, K) keys and values; return them with what is before."""
        end = self._start + keys.shape[2]
        places = slice(self._start, end)
        self._cache.keys[layer, self._rows, :, places] = keys
        self._cache.values[layer, self._rows, :, places] = values
        if not self._start:
            return keys, values
        return self._cache.keys[layer, self._rows, :, :end], self._cache.values[layer, self._rows, :, :end]
