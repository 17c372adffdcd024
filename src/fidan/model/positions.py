"""Absolute positions: a vector a place, added to the embeddings.

Attention by itself sees a bag of tokens; order has to be put in. Here it is put into the stream at its beginning, by
a table of fixed waves or of learnt vectors. Rotary positions, which turn queries and keys instead, are in `rope`.
"""

import torch
from torch import Tensor


def sinusoids(positions: int, width: int, device: torch.device | None = None) -> Tensor:
    """The sinusoidal table (Vaswani et al., arXiv 1706.03762, section 3.5): (positions, D), in fp32.

    Value 2i of position p is sin(p / 10000^(2i/D)), value 2i + 1 the cosine: waves from one word to some sixty
    thousand. The vector of p + n is a turn of that of p which depends on n alone, so distances can be read off.
    A learnt table, `nn.Embedding(positions, D)`, has no such form, and knows nothing of a place it has not met in
    training.

    Args:
        positions: how many, from 0.
        width: D, even.
        device: where to compute; None is the default device.
    """
    exponents = torch.arange(0, width, 2, dtype=torch.int64, device=device).float() / width
    angles = torch.outer(torch.arange(positions, device=device).float(), 1.0 / 10_000.0**exponents)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)
