"""Weights as whole numbers of eight bits: a quarter of fp32's memory, and of the time to read them for a token.

Each row of a matrix has a scale of its own, so that its largest weight is 127. Rounding to the nearest moves a weight
by at most 1/254 of the row's largest. Norms and the embedding stay as they are. What it leaves out: fewer bits (GGUF
has them, see `fidan.export`), and training.
"""

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fidan.model.decoder import Decoder


class Int8Linear(nn.Module):
    """A linear layer without bias whose weight is `values · scale`.

    Attributes:
        values: (N, K) in int8.
        scale: (N,) in fp32.
    """

    values: Tensor
    scale: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        largest = weight.detach().float().abs().amax(1)
        scale = torch.where(largest > 0, largest / 127, 1.0)
        self.register_buffer("values", (weight.detach().float() / scale[:, None]).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        scale = self.scale
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.scale = scale.to(self.values.device)  # `.to(torch.bfloat16)` would round it
        return self

    def forward(self, x: Tensor) -> Tensor:
        """(…, K) → (…, N). The whole numbers are exact in bf16, too."""
        out: Tensor = (F.linear(x, self.values.to(x.dtype)).float() * self.scale).to(x.dtype)
        return out


def quantise(model: Decoder) -> Decoder:
    """Turn every matrix product of `model` into one with int8 weights, in place; returns the model.

    A head that is tied to the embedding gets weights of its own: reading the embedding needs single rows only.
    """
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, Int8Linear(child.weight))
    return model
