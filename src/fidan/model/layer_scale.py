"""LayerScale (Touvron et al., arXiv 2103.17239): a learnt gain, value by value, on what a sub-layer adds.

It begins small, so that a deep stack begins as nearly the identity and each sub-layer is let in as it proves useful.
"""

import torch
from torch import Tensor, nn


class LayerScale(nn.Module):
    """`x * weight` over the last dimension; every weight is `first` at the beginning."""

    def __init__(self, width: int, first: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((width,), first))

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, D)."""
        return x * self.weight.to(x.dtype)
