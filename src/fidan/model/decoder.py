"""The decoder-only language model: embed, a stack of blocks, norm, head.

The parameter names are those of Hugging Face's `LlamaForCausalLM`, so that a checkpoint is an export.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from fidan.model.attention import KeyValueStore
from fidan.model.config import ModelConfig
from fidan.model.cross_attention import Source
from fidan.model.document_mask import document_mask
from fidan.model.initialize import initialize
from fidan.model.masks import Mask, causal_mask
from fidan.model.stack import Stack, products_dtype


class Places(NamedTuple):
    """Where tokens stand when their rows are of unequal length.

    Attributes:
        positions: (B, T) in each row's own text.
        mask: (B, T, S) booleans, True where a token may look among the S places that the cache gives.
    """

    positions: Tensor
    mask: Tensor


class DecoderStack(Stack):
    """Token ids to the last hidden states; a position sees the earlier ones, and in an encoder-decoder the source."""

    def __init__(self, config: ModelConfig, vocabulary: int) -> None:
        super().__init__(config, vocabulary, config.n_layers, cross=config.encoder_layers > 0, causal=True)

    def forward(
        self,
        tokens: Tensor,
        past: int = 0,
        cache: KeyValueStore | None = None,
        documents: Tensor | None = None,
        places: Places | None = None,
        source: Source | None = None,
    ) -> Tensor:
        """(B, T) ids → (B, T, D) hidden states.

        Args:
            tokens: ids of the positions past … past + T - 1.
            past: how many positions the cache holds already.
            cache: their keys and values.
            documents: (B, T) integers, equal where positions are of the same document (see `documents_of`); no
                attention goes from one to another. None: each row is one document.
            places: where the tokens stand, if not in every row at past … past + T - 1.
            source: what cross-attention looks at, of an encoder-decoder.

        Raises:
            ValueError: the positions go beyond the context, documents are given beside a cache, or a source to a
                decoder that looks at none, or the other way round.
        """
        length = tokens.shape[1]
        if places is None and past + length > self.config.context:
            raise ValueError(f"{past + length} positions: the model's context is {self.config.context}.")
        if documents is not None and cache is not None:
            raise ValueError("documents are told apart in whole sequences only: give no cache beside them.")
        if (source is None) is (self.config.encoder_layers > 0):
            raise ValueError(f"encoder_layers = {self.config.encoder_layers}: a source is for an encoder-decoder.")
        positions = slice(past, past + length) if places is None else places.positions
        x = self.embed(tokens, positions)
        mask = None
        if places is not None:
            mask = Mask(places.mask[:, None])  # alike for every head
        elif past and length > 1:  # the causal triangle starts further right, which SDPA's own flag cannot say
            mask = causal_mask(length, past, x.device)
        cos, sin = self.rotation(positions, x)
        within = None if documents is None else document_mask(documents, products_dtype(x))
        # Not beside a cache: a block that is computed again would append its keys again.
        again = self.checkpointing and torch.is_grad_enabled() and cache is None
        for block in self.layers:
            if again:
                x = checkpoint(block, x, cos, sin, mask, None, within, source, use_reentrant=False)
            else:
                x = block(x, cos, sin, mask, cache, within, source)
        out: Tensor = self.norm(x)
        return out


class Decoder(nn.Module):
    """A language model over `vocabulary` tokens, LLaMA-like unless its config says otherwise.

    Raises:
        ValueError: the config has an encoder.
    """

    def __init__(self, config: ModelConfig, vocabulary: int) -> None:
        super().__init__()
        if config.encoder_layers:
            raise ValueError(
                f"encoder_layers = {config.encoder_layers}: this is an encoder-decoder's shape; a decoder alone is "
                "wanted here. Set it to 0."
            )
        self.config, self.vocabulary = config, vocabulary
        self.model = DecoderStack(config, vocabulary)
        self.lm_head = nn.Linear(config.d_model, vocabulary, bias=False)
        if config.tie_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight
        initialize(self, config)

    def forward(
        self,
        tokens: Tensor,
        past: int = 0,
        cache: KeyValueStore | None = None,
        documents: Tensor | None = None,
        places: Places | None = None,
    ) -> Tensor:
        """(B, T) ids → (B, T, V) logits; the arguments are those of `DecoderStack.forward`."""
        logits: Tensor = self.lm_head(self.model(tokens, past, cache, documents, places))
        return logits

    def parameter_count(self) -> int:
        """Every parameter, a tied matrix counted once."""
        return sum(p.numel() for p in self.parameters())
