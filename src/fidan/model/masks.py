"""Who may look at whom: the causal mask, the padding mask, and both together.

A mask is booleans, True where a query may see a key. The causal one keeps a text from seeing what is still to be
written; the padding one hides the places that only fill up a shorter row of a batch. A query that may see nothing
(in a row that is all padding) would divide zero by zero in the softmax: such queries are found here, once a forward
pass, and attention gives them zeros. What it leaves out: documents packed into one sequence (`document_mask`).
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Mask(NamedTuple):
    """What queries may see.

    Attributes:
        allowed: booleans that broadcast to (B, H, T, S). A query that may see nothing is let see everything here, so
            that its softmax is of numbers; `blind` says that the outcome is to be thrown away.
        blind: booleans that broadcast to (B, H, T, 1), True where a query may see nothing; None: there is none such.
    """

    allowed: Tensor
    blind: Tensor | None = None


def causal_mask(length: int, past: int = 0, device: torch.device | None = None) -> Mask:
    """Each position sees itself and what came before: allowed is (T, past + T).

    Args:
        length: T, how many positions ask.
        past: how many stand before them.
        device: where to make it.
    """
    return Mask(torch.ones(length, past + length, dtype=torch.bool, device=device).tril(past))


def padding_mask(tokens: Tensor) -> Mask:
    """No query sees padding: (B, S) booleans, True for a token → allowed (B, 1, 1, S)."""
    return seen_by_all(tokens[:, None, None])


def causal_padding_mask(tokens: Tensor) -> Mask:
    """Each position sees itself and earlier ones, but no padding: (B, T) booleans → allowed (B, 1, T, T)."""
    return seen_by_all(causal_mask(tokens.shape[1], device=tokens.device).allowed & tokens[:, None, None])


def seen_by_all(allowed: Tensor) -> Mask:
    """A mask of any booleans (…, T, S): the queries that may see nothing are found."""
    blind = ~allowed.any(-1, keepdim=True)
    return Mask(allowed | blind, blind)
