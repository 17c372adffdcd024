"""RMSNorm: scale a vector to unit root mean square, then by a learnt gain (Zhang & Sennrich, arXiv 1910.07467).

Unlike LayerNorm it subtracts no mean and has no bias: cheaper, and as good in transformers.
"""

import torch
from torch import Tensor, nn


class RMSNorm(nn.Module):
    """`x / rms(x) * weight` over the last dimension, computed in fp32 whatever the input's type."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, D), in the type of `x`."""
        wide = x.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        # The gain multiplies after the cast back, as in Hugging Face's Llama: the same bits in bf16, too.
        return self.weight.to(x.dtype) * wide.to(x.dtype)
