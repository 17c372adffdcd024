"""What is minimised: the model and its loss as one module, so that DDP and FSDP can wrap it."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from fidan.model.decoder import Decoder
from fidan.model.document_mask import documents_of
from fidan.recipe import TrainConfig
from fidan.training.loss import Losses, batch_loss


class Objective(nn.Module):
    """Token ids to the summed loss of a batch.

    Args:
        model: the decoder.
        dtype: of the matrix products.
        config: how the model learns.
        bos_id: the id that begins a document.
    """

    def __init__(self, model: Decoder, dtype: torch.dtype, config: TrainConfig, bos_id: int) -> None:
        super().__init__()
        self.model, self.dtype, self.config, self.bos_id = model, dtype, config, bos_id
        self.body: Callable[..., Tensor] = model.model  # or that, compiled

    def forward(self, inputs: Tensor, labels: Tensor) -> Losses:
        """(B, T) ids, twice → what to minimise, and the cross-entropy in it; summed over positions, in nats."""
        body = self.body
        if self.config.document_mask:
            body = partial(body, documents=documents_of(inputs, self.bos_id))
        return batch_loss(body, self.model.lm_head.weight, inputs, labels, self.dtype, self.config.z_loss)
