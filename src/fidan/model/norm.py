"""Norms: bring every vector to one size before it is worked on, so that depth neither swells nor starves it.

LayerNorm (Ba et al., arXiv 1607.06450) subtracts a vector's mean and divides by its deviation, then scales and shifts
by learnt values. RMSNorm (Zhang & Sennrich, arXiv 1910.07467) only divides by the root mean square and scales: it
subtracts no mean and has no bias, which is cheaper, and as good in transformers.
"""

import torch
from torch import Tensor, nn

from fidan.model.config import ModelConfig


class RMSNorm(nn.Module):
    """`x / rms(x) * weight` over the last dimension, computed in fp32 whatever the input's type.

    The gain is stored as it is; T5Gemma stores it less one.
    """

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


class LayerNorm(nn.Module):
    """`(x - mean(x)) / deviation(x) * weight + bias` over the last dimension, computed in fp32 likewise."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, D), in the type of `x`."""
        wide = x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return (wide * self.weight + self.bias).to(x.dtype)


def build_norm(config: ModelConfig) -> RMSNorm | LayerNorm:
    """The norm that a config asks for."""
    kind = LayerNorm if config.norm == "layernorm" else RMSNorm
    return kind(config.d_model, config.norm_eps)
