"""Rotary positions (RoPE, Su et al., arXiv 2104.09864), in the half-split layout of Hugging Face's Llama.

Coordinate i of a head is paired with i + K/2 (not with i + 1) and the pair is turned by position · theta^(-2i/K).
The scalar product of a turned query and a turned key then depends on the distance of their positions alone.
"""

import torch
from torch import Tensor


def rope_table(positions: int, width: int, theta: float, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Cosines and sines of every position, each (positions, K), in fp32.

    Args:
        positions: how many positions, from 0.
        width: K, the width of a head; even.
        theta: the base of the frequencies; larger turns slower and reaches further.
        device: where to compute; None is the default device.
    """
    exponents = torch.arange(0, width, 2, dtype=torch.int64, device=device).float() / width
    angles = torch.outer(torch.arange(positions, device=device).float(), 1.0 / theta**exponents)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn every head by its position's angles.

    Args:
        x: (B, H, T, K).
        cos: (T, K) or (B, 1, T, K), of the type of `x`.
        sin: like `cos`.
    """
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin
