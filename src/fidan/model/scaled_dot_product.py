"""Scaled dot-product attention (Vaswani et al., arXiv 1706.03762, section 3.2.1): softmax(Q Kᵀ / √K) V.

Every query is compared with every key by a scalar product; the softmax turns the scores into weights that add up to
one; the answer is the mean of the values under these weights. The scores are divided by √K because a scalar product
of K independent terms has a deviation of √K: left alone, the softmax would be all on one key, and its gradient none.

It is here twice. `attention_weights` is the formula, with the weights as its result, to read and to plot. `attend` is
what a model computes with: PyTorch's kernels, which never write the weights to memory. What it leaves out: where
queries, keys and values come from (`attention`, `cross_attention`).
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from fidan.model.cpu_attention import causal_attention, suits
from fidan.model.masks import Mask, causal_mask


def attention_weights(q: Tensor, k: Tensor, mask: Mask | None = None, causal: bool = False) -> Tensor:
    """Softmax(Q Kᵀ / √K), in fp32: how much of each value goes into each answer.

    Args:
        q: (B, H, T, K).
        k: (B, G, S, K), where G divides H: each head of keys serves H / G of queries.
        mask: what may be seen; None: everything.
        causal: besides, no position sees a later one (T = S).

    Returns:
        (B, H, T, S). Rows add up to one, but those of queries that may see nothing are zeros.
    """
    k = k.repeat_interleave(q.shape[1] // k.shape[1], dim=1)
    scores = q.float() @ k.float().transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask.allowed, -torch.inf)
    if causal:
        scores = scores.masked_fill(~causal_mask(q.shape[2], device=q.device).allowed, -torch.inf)
    weights: Tensor = scores.softmax(-1)
    return weights if mask is None or mask.blind is None else weights.masked_fill(mask.blind, 0.0)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Mask | None = None, causal: bool = False) -> Tensor:
    """Softmax(Q Kᵀ / √K) V, by the fastest kernel there is.

    Args:
        q: (B, H, T, K).
        k: (B, G, S, K), where G divides H.
        v: like `k`.
        mask: what may be seen; None: everything, or what `causal` says.
        causal: no position sees a later one (T = S); instead of a mask.

    Returns:
        (B, H, T, K); zeros for a query that may see nothing.
    """
    if causal and suits(q, k):
        return causal_attention(q, k, v)
    allowed = None if mask is None else mask.allowed
    grouped = k.shape[1] != q.shape[1]
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, is_causal=causal, enable_gqa=grouped)
    return out if mask is None or mask.blind is None else out.masked_fill(mask.blind, 0.0)
