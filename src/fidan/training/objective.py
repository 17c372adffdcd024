"""What is minimised: the model and its loss as one module, so that DDP and FSDP can wrap it.

Both models learn from labels; an encoder-decoder reads a source besides. What it leaves out: which labels count and
how much, which the batches say (`loss.IGNORE` where one does not); and what is learnt from preferences
(`preferring`). A task says which objective is its own.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from fidan.model.build import Model
from fidan.model.document_mask import documents_of
from fidan.recipe import TrainConfig
from fidan.training.batches import Batch
from fidan.training.loss import Losses, batch_loss


class Objective(nn.Module):
    """A batch to its summed loss.

    Args:
        model: a decoder, or an encoder-decoder.
        body: all of it but the head, or that, compiled.
        dtype: of the matrix products.
        config: how the model learns.
        bos_id: the id that begins a document.
        pad_id: of a source's padding; None: none is padded.
    """

    def __init__(
        self,
        model: Model,
        body: Callable[..., Tensor],
        dtype: torch.dtype,
        config: TrainConfig,
        bos_id: int,
        pad_id: int | None = None,
    ) -> None:
        super().__init__()
        self.model, self.body, self.dtype, self.config = model, body, dtype, config
        self.bos_id, self.pad_id = bos_id, pad_id

    def forward(self, batch: Batch) -> Losses:
        """What to minimise, and the cross-entropy in it; summed by weight, in nats."""
        body, config, source = self.body, self.config, batch.source
        if source is not None:
            body = partial(body, source, source_mask=None if self.pad_id is None else source != self.pad_id)
        elif config.document_mask:
            body = partial(body, documents=documents_of(batch.inputs, self.bos_id))
        shares = (config.z_loss, config.label_smoothing)
        head = self.model.lm_head.weight
        return batch_loss(body, head, batch.inputs, batch.labels, self.dtype, *shares, batch.weights)
