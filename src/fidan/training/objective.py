"""What is minimised: the model and its loss as one module, so that DDP and FSDP can wrap it.

Both models learn from labels; an encoder-decoder reads a source besides. What it leaves out: which labels count and
how much, which the batches say (`loss.IGNORE` where one does not).
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from fidan.model.build import Model, body_of
from fidan.model.document_mask import documents_of
from fidan.recipe import TrainConfig
from fidan.training.batches import Batch
from fidan.training.loss import Losses, batch_loss


class Objective(nn.Module):
    """Token ids to the summed loss of a batch.

    Args:
        model: a decoder, or an encoder-decoder.
        dtype: of the matrix products.
        config: how the model learns.
        bos_id: the id that begins a document.
        pad_id: of a source's padding; None: none is padded.
    """

    def __init__(
        self, model: Model, dtype: torch.dtype, config: TrainConfig, bos_id: int, pad_id: int | None = None
    ) -> None:
        super().__init__()
        self.model, self.dtype, self.config, self.bos_id, self.pad_id = model, dtype, config, bos_id, pad_id
        # All but the head, or that, compiled.
        self.body: Callable[..., Tensor] = body_of(model)

    def forward(
        self, inputs: Tensor, labels: Tensor, source: Tensor | None = None, weights: Tensor | None = None
    ) -> Losses:
        """A batch's tensors → what to minimise, and the cross-entropy in it; summed by weight, in nats."""
        body, config = self.body, self.config
        if source is not None:
            body = partial(body, source, source_mask=None if self.pad_id is None else source != self.pad_id)
        elif config.document_mask:
            body = partial(body, documents=documents_of(inputs, self.bos_id))
        shares = (config.z_loss, config.label_smoothing)
        return batch_loss(body, self.model.lm_head.weight, inputs, labels, self.dtype, *shares, weights)


def arguments_of(batch: Batch) -> tuple[Tensor | None, ...]:
    """A batch as the arguments of an `Objective`."""
    given: tuple[Tensor | None, ...] = (batch.inputs, batch.labels, batch.source, batch.weights)
    while given[-1] is None:
        given = given[:-1]
    return given
