"""Direct preference optimization (Rafailov et al., arXiv 2305.18290), equation 7.

The margin of a pair is β times how much more likely the model finds the chosen answer than the reference does, in
nats, less the same for the rejected answer. The loss is -log σ(margin). Where a share ε of the pairs is taken to be
the wrong way round it is -(1 - ε) log σ(margin) - ε log σ(-margin), conservative DPO (Mitchell,
https://ericmitchell.ai/cdpo.pdf), which wants a finite margin.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from fidan.hardware import autocast
from fidan.model.build import Model
from fidan.training.loss import IGNORE, Losses, chunk_elements
from fidan.training.preferences.batches import PreferenceBatch


class PreferenceLoss(NamedTuple):
    """Of B pairs.

    Attributes:
        losses: (B,) nats.
        margins: (B,).
    """

    losses: Tensor
    margins: Tensor


def preference_loss(likely: Tensor, reference: Tensor, beta: float, label_smoothing: float = 0.0) -> PreferenceLoss:
    """DPO's loss.

    Args:
        likely: (2 B,) log-probabilities of the answers by the model, the chosen ones first.
        reference: (2 B,) the same by the weights that the training started from.
        beta: β.
        label_smoothing: ε.
    """
    chosen, rejected = (likely - reference).chunk(2)
    margins = beta * (chosen - rejected)
    losses = -F.logsigmoid(margins)
    if label_smoothing:
        losses = (1 - label_smoothing) * losses - label_smoothing * F.logsigmoid(-margins)
    return PreferenceLoss(losses, margins)


def answer_log_probabilities(
    body: Callable[..., Tensor], head: Tensor, inputs: Tensor, labels: Tensor, dtype: torch.dtype
) -> Tensor:
    """How likely each row's labels are: (R,) nats, the sum over those that are not `IGNORE`, in fp32.

    Logits are of the positions that count alone, and of a chunk of them at a time; the backward pass computes them
    again.

    Args:
        body: the model but for its head, (R, T) ids → (R, T, D).
        head: (V, D).
        inputs: (R, T) ids.
        labels: (R, T) ids.
        dtype: of the matrix products.
    """
    counts = labels != IGNORE
    with autocast(inputs.device, dtype):
        hidden = body(inputs)[counts].to(dtype)
    wanted, matrix = labels[counts], head.to(dtype)
    rows = max(16, chunk_elements(head.device) // head.shape[0])
    found = [
        checkpoint(_log_probabilities, part, matrix, ids, use_reentrant=False)
        for part, ids in zip(torch.split(hidden, rows), torch.split(wanted, rows), strict=True)
    ]
    # Row by row in the order of positions: a sum over scattered places would come in any order on a GPU.
    spread = torch.zeros(labels.shape, dtype=found[0].dtype, device=labels.device)
    return spread.masked_scatter(counts, torch.cat(found)).sum(1)


def _log_probabilities(hidden: Tensor, head: Tensor, labels: Tensor) -> Tensor:
    logits = hidden @ head.T
    return -F.cross_entropy(logits.to(torch.promote_types(logits.dtype, torch.float32)), labels, reduction="none")


class PreferenceObjective(nn.Module):
    """A batch of pairs to its summed loss.

    Args:
        model: a decoder.
        body: all of it but the head.
        dtype: of the matrix products.
        beta: as of `preference_loss`.
        label_smoothing: likewise.
    """

    def __init__(
        self, model: Model, body: Callable[..., Tensor], dtype: torch.dtype, beta: float, label_smoothing: float
    ) -> None:
        super().__init__()
        self.model, self.body, self.dtype = model, body, dtype
        self.beta, self.label_smoothing = beta, label_smoothing

    def forward(self, batch: PreferenceBatch) -> Losses:
        """What is minimised, and the same without gradient, to be told; summed over pairs, in nats."""
        head = self.model.lm_head.weight
        likely = answer_log_probabilities(self.body, head, batch.inputs, batch.labels, self.dtype)
        total = preference_loss(likely, batch.reference, self.beta, self.label_smoothing).losses.sum()
        return Losses(total, total.detach())
