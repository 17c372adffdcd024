"""The next-token loss, without ever holding the logits of a whole batch.

The head and the cross-entropy are taken together, a few rows at a time: logits of a chunk, its loss, and at once the
gradient that flows back through them, in place. Memory for logits falls from (B·T, V) to (chunk, V), and since a
chunk stays in the processor's cache, it is faster too. What it leaves out: label smoothing and z-loss.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from fidan.hardware import autocast

IGNORE = -100  # the label of a position that does not count
# Logits held at once, in fp32: on a CPU 8 MB, about a core's share of the last-level cache; on a GPU 512 MB, so that
# the products stay large.
CHUNK_ELEMENTS = 1 << 21
CHUNK_ELEMENTS_GPU = 1 << 27


def chunk_elements(device: torch.device) -> int:
    """How many logits are held at once on this device."""
    return CHUNK_ELEMENTS if device.type == "cpu" else CHUNK_ELEMENTS_GPU


def batch_loss(
    body: Callable[[Tensor], Tensor], head: Tensor, inputs: Tensor, labels: Tensor, dtype: torch.dtype
) -> Tensor:
    """Summed loss of one batch, in nats, with the matrix products in `dtype`.

    Args:
        body: the model but for its head, (B, T) ids → (B, T, D); may be compiled.
        head: (V, D).
        inputs: (B, T) ids.
        labels: (B, T) ids.
        dtype: bf16, or fp32.
    """
    with autocast(inputs.device, dtype):
        hidden = body(inputs).flatten(0, 1).to(dtype)
    return chunked_loss(hidden, head, labels.flatten())


def plain_loss(hidden: Tensor, head: Tensor, labels: Tensor) -> Tensor:
    """The same as `chunked_loss`, in one line and with all logits at once: the definition it is tested against."""
    return F.cross_entropy((hidden @ head.T).float(), labels, ignore_index=IGNORE, reduction="sum")


def chunked_loss(hidden: Tensor, head: Tensor, labels: Tensor) -> Tensor:
    """Summed cross-entropy, in nats, of the labels under softmax(hidden @ headᵀ).

    Args:
        hidden: (N, D) last hidden states.
        head: (V, D) the output matrix.
        labels: (N,) ids; `IGNORE` where nothing is predicted.

    Returns:
        A scalar in fp32. The products run in the type of `hidden`, everything after them in fp32.
    """
    out: Tensor = _ChunkedLoss.apply(hidden, head, labels)  # type: ignore[no-untyped-call]
    return out


class _ChunkedLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: Tensor, labels: Tensor) -> Tensor:
        matrix = head.to(hidden.dtype)
        rows = max(16, chunk_elements(head.device) // head.shape[0])
        needs_grad = ctx.needs_input_grad[0] or ctx.needs_input_grad[1]
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        grad_hidden = torch.empty_like(hidden) if needs_grad else None
        grad_head = torch.zeros(head.shape, dtype=torch.float32, device=head.device) if needs_grad else None
        for start in range(0, len(labels), rows):
            part, target = hidden[start : start + rows], labels[start : start + rows]
            counts = target != IGNORE
            index = torch.where(counts, target, 0).unsqueeze(1)
            logits = (part @ matrix.T).float()
            log_norm = logits.logsumexp(1, keepdim=True)
            total += ((log_norm - logits.gather(1, index)).squeeze(1) * counts).sum()
            if grad_hidden is not None and grad_head is not None:
                # d loss / d logits = softmax - one-hot, and zero where the label does not count.
                grad = logits.sub_(log_norm).exp_()
                grad.scatter_add_(1, index, torch.full_like(index, -1, dtype=grad.dtype))
                grad = grad.mul_(counts.unsqueeze(1)).to(hidden.dtype)
                torch.mm(grad, matrix, out=grad_hidden[start : start + rows])
                grad_head += grad.T @ part
        ctx.save_for_backward(grad_hidden, grad_head)
        ctx.head_dtype = head.dtype
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_total: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        grad_hidden, grad_head = ctx.saved_tensors
        return grad_hidden * grad_total, (grad_head * grad_total).to(ctx.head_dtype), None
