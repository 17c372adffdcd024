"""The loss of predicted tokens, without ever holding the logits of a whole batch in fp32.

The head and the cross-entropy are taken together, in two sizes of pieces. A chunk is as many positions as keep the
matrix products large: their logits, which become their gradient in place, in the products' type. Within a chunk the
softmax is taken a few rows at a time, in fp32, while they are in the processor's cache. Memory for logits is bounded
by a constant instead of growing with B·T·V, and the two gradients of the head are whole products.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from fidan.hardware import autocast

IGNORE = -100  # the label of a position that does not count
# Logits of a chunk; on a CPU 64 MB in bf16, on a GPU 256 MB. The head's gradient, (V, D), is added up once a chunk: a
# chunk of few rows would spend its time on that.
CHUNK_ELEMENTS = 1 << 25
CHUNK_ELEMENTS_GPU = 1 << 27
# Logits whose softmax is taken at once on a CPU: 4 MB in fp32, so that all passes but the first find them in cache.
SOFTMAX_ELEMENTS = 1 << 20


class Losses(NamedTuple):
    """Scalars in fp32, summed over the positions that count, in nats."""

    objective: Tensor  # what is minimised: the smoothed cross-entropy and z_loss · log² of the softmax's denominator
    cross_entropy: Tensor  # of the labels alone, without gradient


def chunk_elements(device: torch.device) -> int:
    """How many logits are held at once on this device, in the type of the products."""
    return CHUNK_ELEMENTS if device.type == "cpu" else CHUNK_ELEMENTS_GPU


def batch_loss(
    body: Callable[[Tensor], Tensor],
    head: Tensor,
    inputs: Tensor,
    labels: Tensor,
    dtype: torch.dtype,
    z_loss: float = 0.0,
    label_smoothing: float = 0.0,
    weights: Tensor | None = None,
) -> Losses:
    """Summed loss of one batch, with the matrix products in `dtype`.

    Args:
        body: the model but for its head, (B, T) ids → (B, T, D); may be compiled.
        head: (V, D).
        inputs: (B, T) ids.
        labels: (B, T) ids.
        dtype: bf16, or fp32.
        z_loss: as of `chunked_loss`.
        label_smoothing: as of `chunked_loss`.
        weights: (B, T) fp32, or none.
    """
    with autocast(inputs.device, dtype):
        hidden = body(inputs).flatten(0, 1).to(dtype)
    flat = None if weights is None else weights.flatten()
    return chunked_loss(hidden, head, labels.flatten(), z_loss, label_smoothing, flat)


def plain_loss(
    hidden: Tensor,
    head: Tensor,
    labels: Tensor,
    z_loss: float = 0.0,
    label_smoothing: float = 0.0,
    weights: Tensor | None = None,
) -> Losses:
    """The same as `chunked_loss`, with all logits at once: the definition it is tested against."""
    logits = hidden @ head.T
    logits = logits.to(_wide(logits))
    counts = (labels != IGNORE).to(logits.dtype) if weights is None else (labels != IGNORE) * weights
    entropies = [
        (
            F.cross_entropy(logits, labels, ignore_index=IGNORE, reduction="none", label_smoothing=smoothing) * counts
        ).sum()
        for smoothing in (label_smoothing, 0.0)
    ]
    z = (logits.logsumexp(1).square() * counts).sum()
    return Losses(entropies[0] + z_loss * z, entropies[1].detach())


def chunked_loss(
    hidden: Tensor,
    head: Tensor,
    labels: Tensor,
    z_loss: float = 0.0,
    label_smoothing: float = 0.0,
    weights: Tensor | None = None,
) -> Losses:
    """Summed cross-entropy of the labels under softmax(hidden @ headᵀ), and the z-loss.

    The z-loss (PaLM, arXiv 2204.02311, section 5) draws the logarithm of the softmax's denominator, which the
    cross-entropy leaves free, towards 0: logits that drift lose their precision.

    Args:
        hidden: (N, D) last hidden states.
        head: (V, D) the output matrix.
        labels: (N,) ids; `IGNORE` where nothing is predicted.
        z_loss: the weight of log²(denominator), for each position that counts.
        label_smoothing: the share ε of a label's probability that is spread evenly over all V ids (Szegedy et al.,
            arXiv 1512.00567, section 7), as `torch.nn.functional.cross_entropy` takes it.
        weights: (N,) fp32, by which all terms of a position that counts are multiplied; None: by 1.

    Returns:
        The products run in the type of `hidden`, everything after them in fp32. Gradients can be taken once.
    """
    objective, cross_entropy = _ChunkedLoss.apply(hidden, head, labels, z_loss, label_smoothing, weights)  # type: ignore[no-untyped-call]
    return Losses(objective, cross_entropy)


def _wide(x: Tensor) -> torch.dtype:
    """What follows the products is computed in: fp32, but fp64 of fp64."""
    return torch.promote_types(x.dtype, torch.float32)


class _ChunkedLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        head: Tensor,
        labels: Tensor,
        z_loss: float,
        smoothing: float,
        weights: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        matrix = head.to(hidden.dtype)
        rows = max(16, chunk_elements(head.device) // head.shape[0])
        needs_grad, head_learns = any(ctx.needs_input_grad[:2]), ctx.needs_input_grad[1]
        sums = torch.zeros(3 if smoothing else 2, dtype=_wide(hidden), device=hidden.device)
        grad_hidden = torch.empty_like(hidden) if needs_grad else None
        grad_head: Tensor | None = None
        for start in range(0, len(labels), rows):
            part, target = hidden[start : start + rows], labels[start : start + rows]
            logits = part @ matrix.T
            weight = None if weights is None else weights[start : start + rows]
            sums += _softmax_in_place(logits, target, z_loss, smoothing, weight)
            if grad_hidden is not None:
                torch.mm(logits, matrix, out=grad_hidden[start : start + rows])
            if head_learns:  # it does not below adapters
                # One chunk's own product is the gradient; more are added up in fp32.
                product = (logits.T @ part).to(_wide(hidden))
                grad_head = product if grad_head is None else grad_head.add_(product)
        ctx.gradients, ctx.head_dtype = (grad_hidden, grad_head), head.dtype
        cross_entropy = sums[0].clone()
        ctx.mark_non_differentiable(cross_entropy)
        objective = sums[0] + z_loss * sums[1]
        return objective + smoothing * sums[2] if smoothing else objective, cross_entropy

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_objective: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None, None, None]:
        if ctx.gradients is None:
            raise RuntimeError("the gradient of this loss was taken already: compute the loss again.")
        # Scaled in place: the head's is among the largest tensors there are.
        (grad_hidden, grad_head), ctx.gradients = ctx.gradients, None
        if grad_head is not None:
            grad_head = grad_head.mul_(grad_objective).to(ctx.head_dtype)
        return grad_hidden.mul_(grad_objective), grad_head, None, None, None, None


def _softmax_in_place(
    logits: Tensor, labels: Tensor, z_loss: float, smoothing: float, weights: Tensor | None
) -> Tensor:
    """Turn (N, V) logits into the gradient of the loss by them; returns the sums of its terms.

    d loss / d logits = softmax · (1 + 2 · z_loss · log denominator) - (1 - ε) · one-hot - ε / V, and zero where the
    label is `IGNORE`; all of it times the position's weight. The terms are the cross-entropy of the labels, the
    squares of the log denominators and, where labels are smoothed, what ε is the weight of: the label's logit less
    the mean of all logits.
    """
    size = SOFTMAX_ELEMENTS if logits.device.type == "cpu" else logits.numel()
    rows = max(1, size // logits.shape[1])
    sums = torch.zeros(3 if smoothing else 2, dtype=_wide(logits), device=logits.device)
    weighted = (labels != IGNORE).to(sums.dtype)
    if weights is not None:
        weighted *= weights
    parts = (torch.split(tensor, rows) for tensor in (logits, labels, weighted))
    for some, target, factor in zip(*parts, strict=True):
        index = torch.where(target != IGNORE, target, 0).unsqueeze(1)
        weight = factor.unsqueeze(1)
        wide = some.to(sums.dtype)
        probabilities = torch.softmax(wide, 1)
        # The largest probability is exp(largest logit) / denominator, and at least 1/V: its logarithm is safe.
        log_norm = wide.amax(1, keepdim=True) - probabilities.amax(1, keepdim=True).log_()
        of_label = wide.gather(1, index)
        terms = [log_norm - of_label, log_norm.square()]
        if smoothing:
            terms.append(of_label - wide.mean(1, keepdim=True))
        sums += torch.cat(terms, 1).mul_(weight).sum(0)
        probabilities.mul_(weight * (1 + 2 * z_loss * log_norm))
        if smoothing:
            probabilities.sub_(weight * (smoothing / logits.shape[1]))
        probabilities.scatter_add_(1, index, (smoothing - 1) * weight)
        some.copy_(probabilities)
    return sums
