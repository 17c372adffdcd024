"""The encoder: reads a whole source at once, every position looking at all others, in both directions.

Nothing has to be hidden from it but padding: the source is given, not predicted. What comes out, a vector a token,
is what the decoder's cross-attention looks at.
"""

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from fidan.model.config import ModelConfig
from fidan.model.masks import Mask
from fidan.model.stack import Stack


class EncoderStack(Stack):
    """Token ids to hidden states, not causal."""

    def __init__(self, config: ModelConfig, vocabulary: int) -> None:
        super().__init__(config, vocabulary, config.encoder_layers, cross=False, causal=False)

    def forward(self, source: Tensor, mask: Mask | None = None) -> Tensor:
        """(B, S) ids → (B, S, D) hidden states.

        Args:
            source: ids.
            mask: hides padding; None: there is none.

        Raises:
            ValueError: the source is longer than the context.
        """
        length = source.shape[1]
        if length > self.config.context:
            raise ValueError(f"a source of {length} positions: the model's context is {self.config.context}.")
        positions = slice(0, length)
        x = self.embed(source, positions)
        cos, sin = self.rotation(positions, x)
        again = self.checkpointing and torch.is_grad_enabled()
        for block in self.layers:
            x = checkpoint(block, x, cos, sin, mask, use_reentrant=False) if again else block(x, cos, sin, mask)
        out: Tensor = self.norm(x)
        return out
