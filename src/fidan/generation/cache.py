"""The key/value cache: what attention needs of earlier positions, so that each new token costs one position.

The room for all positions is taken once; appending writes in place. What it leaves out: rows of unequal length.
"""

import torch
from torch import Tensor

from fidan.model.config import ModelConfig


class KeyValueCache:
    """Keys and values of every layer, up to `capacity` positions.

    Args:
        config: the model's shape.
        batch: B.
        capacity: how many positions there is room for.
        dtype: of the keys and values.
        device: where they live.
    """

    def __init__(
        self, config: ModelConfig, batch: int, capacity: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (config.n_layers, batch, config.kv_heads, capacity, config.head_width)
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty(shape, dtype=dtype, device=device)
        self.layers = config.n_layers
        self.length = 0  # positions held; the same for every layer between two forward passes

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (B, G, T, K) new keys and values; return all of the layer, each (B, G, length + T, K)."""
        end = self.length + keys.shape[2]
        self.keys[layer, :, :, self.length : end] = keys
        self.values[layer, :, :, self.length : end] = values
        if layer == self.layers - 1:
            self.length = end
        # After the last layer `length` is already `end`; the slice is the same either way.
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]
