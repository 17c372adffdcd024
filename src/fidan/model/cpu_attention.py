"""Causal attention in bf16 on a CPU, from batched matrix products.

PyTorch's own kernel for CPUs works in tiles so small that the processor's bf16 units idle: at a sequence of 256 it
reaches a quarter of the speed of a batched product. Here the queries are taken 256 at a time, for all heads at once,
against the keys up to the last of them, which leaves out most of the products above the diagonal. The probabilities
are kept for the backward pass where they are small, else they are computed again.

The scores are rounded to bf16 before the softmax, which itself is computed in fp32: the errors are those of a bf16
product, as in Transformers' own attention. What it leaves out: other masks, fp32, GPUs; PyTorch's kernel is for
those.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

QUERIES = 256  # rows of one product: large enough for its full speed, small enough to leave the upper triangle out
WORKING_ELEMENTS = 1 << 23  # scores held at once: 16 MB, half a last-level cache
KEPT_ELEMENTS = 1 << 24  # probabilities of one layer that are kept for the backward pass: 32 MB


def suits(queries: Tensor, keys: Tensor) -> bool:
    """Whether `causal_attention` can take these, and is faster at it than PyTorch's kernel."""
    return queries.device.type == "cpu" and queries.dtype == torch.bfloat16 and queries.shape[2] == keys.shape[2] > 1


def causal_attention(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Softmax(Q Kᵀ / √K) V, where no position sees a later one.

    Args:
        queries: (B, H, T, K) in bf16.
        keys: (B, G, T, K), G a divisor of H: each head of keys serves H / G of queries.
        values: (B, G, T, K).

    Returns:
        (B, H, T, K).
    """
    batch, heads, length, width = queries.shape
    if keys.shape[1] != heads:
        keys, values = (x.repeat_interleave(heads // x.shape[1], dim=1) for x in (keys, values))
    flat = (batch * heads, length, width)
    scaled = queries.reshape(flat) * width**-0.5
    out: Tensor = _Causal.apply(scaled, keys.reshape(flat), values.reshape(flat))  # type: ignore[no-untyped-call]
    return out.view(queries.shape)


class _Causal(torch.autograd.Function):
    """(N, T, K) scaled queries, keys and values → (N, T, K)."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        kept = []
        out = torch.empty_like(queries)
        for heads, rows, seen in _blocks(queries):
            probabilities = _probabilities(queries[heads, rows], keys[heads, seen])
            out[heads, rows] = torch.bmm(probabilities, values[heads, seen])
            if _kept(queries):
                kept.append(probabilities)
        ctx.save_for_backward(queries, keys, values, *kept)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        queries, keys, values, *kept = ctx.saved_tensors
        grad_out = grad_out.contiguous()
        grad_queries = torch.empty_like(queries)
        grad_keys, grad_values = torch.zeros_like(keys), torch.zeros_like(values)
        for number, (heads, rows, seen) in enumerate(_blocks(queries)):
            grad, k = grad_out[heads, rows], keys[heads, seen]
            p = kept[number] if kept else _probabilities(queries[heads, rows], k)
            grad_values[heads, seen] += torch.bmm(p.transpose(1, 2), grad)
            grad_p = torch.bmm(grad, values[heads, seen].transpose(1, 2))
            # Of the softmax: p ⊙ (grad_p - Σ p ⊙ grad_p), zero where p is, so the mask need not be applied again.
            grad_scores = torch._softmax_backward_data(grad_p, p, -1, p.dtype)
            grad_queries[heads, rows] = torch.bmm(grad_scores, k)
            grad_keys[heads, seen] += torch.bmm(grad_scores.transpose(1, 2), queries[heads, rows])
        return grad_queries, grad_keys, grad_values


def _kept(queries: Tensor) -> bool:
    return queries.shape[0] * queries.shape[1] ** 2 <= KEPT_ELEMENTS


def _blocks(queries: Tensor) -> Iterator[tuple[slice, slice, slice]]:
    """Heads, queries and the keys that they see, of each product."""
    number, length, _ = queries.shape
    together = max(1, WORKING_ELEMENTS // (QUERIES * length))
    for head in range(0, number, together):
        for row in range(0, length, QUERIES):
            end = min(row + QUERIES, length)
            yield slice(head, min(head + together, number)), slice(row, end), slice(end)


def _probabilities(queries: Tensor, keys: Tensor) -> Tensor:
    """(N, R, K) queries, the last R of the (N, S, K) keys' positions → (N, R, S), in the type of the queries."""
    scores = torch.bmm(queries, keys.transpose(1, 2))
    rows = queries.shape[1]
    later = torch.full((rows, rows), float("-inf"), dtype=scores.dtype, device=scores.device).triu(1)
    scores[:, :, -rows:] += later
    return torch.softmax(scores, -1)
