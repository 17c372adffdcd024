"""Stochastic depth (Huang et al., arXiv 1603.09382): while training, leave out whole sub-layers at random.

A network of changing depth learns layers that do not lean on one another, and is regularised most where it is
deepest. What it leaves out: saving the work of what is dropped; rows of one batch share it.
"""

from torch import Tensor


def drop_path_rate(drop_path: float, layer: int, layers: int) -> float:
    """The chance that layer `layer` (from 0) of `layers` is left out: grows linearly, to `drop_path` at the last."""
    return drop_path * (layer + 1) / layers


def drop_path(x: Tensor, rate: float) -> Tensor:
    """Zero each row of (B, T, D) with chance `rate`; divide the others by 1 - rate, so that the mean stays."""
    kept = x.new_empty(x.shape[0], 1, 1).bernoulli_(1 - rate)
    # Divided afterwards, by a number: as a bf16 factor 1 / (1 - rate) would be off by up to 0.2 percent.
    return x * kept / (1 - rate)
