"""The decoder-only language model: embed, a stack of blocks, norm, head.

The parameter names are those of Hugging Face's `LlamaForCausalLM`, so that a checkpoint is an export.
"""

from collections.abc import Callable
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from fidan.model.attention import KeyValueStore
from fidan.model.block import Block
from fidan.model.config import ModelConfig
from fidan.model.document_mask import document_mask
from fidan.model.initialize import initialize
from fidan.model.norm import RMSNorm
from fidan.model.rope import rope_table


class Places(NamedTuple):
    """Where tokens stand when their rows are of unequal length.

    Attributes:
        positions: (B, T) in each row's own text.
        mask: (B, T, S) booleans, True where a token may look among the S places that the cache gives.
    """

    positions: Tensor
    mask: Tensor


class DecoderStack(nn.Module):
    """Token ids to the last hidden states; everything of the model but its head."""

    def __init__(self, config: ModelConfig, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, config.d_model)
        self.layers = nn.ModuleList(Block(config, layer) for layer in range(config.n_layers))
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.config = config
        self.checkpointing = False
        self._make_rope()

    def checkpoint_blocks(self, on: bool = True) -> None:
        """Whether the backward pass computes each block again instead of keeping what it needs of it.

        Memory for activations falls to one (B, T, D) a block and the inside of one block; the gradient keeps its
        bits, and a step takes about a third longer (Chen et al., arXiv 1604.06174).
        """
        self.checkpointing = on

    def _make_rope(self) -> None:
        config, device = self.config, self.embed_tokens.weight.device
        self.cos, self.sin = rope_table(config.context, config.head_width, config.rope_theta, device)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        # What `.to()` calls. The table goes where the weights go, but stays in fp32: a bf16 angle is off by degrees.
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._make_rope()
        return self

    def forward(
        self,
        tokens: Tensor,
        past: int = 0,
        cache: KeyValueStore | None = None,
        documents: Tensor | None = None,
        places: Places | None = None,
    ) -> Tensor:
        """(B, T) ids → (B, T, D) hidden states.

        Args:
            tokens: ids of the positions past … past + T - 1.
            past: how many positions the cache holds already.
            cache: their keys and values.
            documents: (B, T) integers, equal where positions are of the same document (see `documents_of`); no
                attention goes from one to another. None: each row is one document.
            places: where the tokens stand, if not in every row at past … past + T - 1.

        Raises:
            ValueError: the positions go beyond the context, or documents are given beside a cache.
        """
        length = tokens.shape[1]
        if places is None and past + length > self.cos.shape[0]:
            raise ValueError(f"{past + length} positions: the model's context is {self.cos.shape[0]}.")
        if documents is not None and cache is not None:
            raise ValueError("documents are told apart in whole sequences only: give no cache beside them.")
        x = self.embed_tokens(tokens)
        if self.training and self.config.dropout:
            x = F.dropout(x, self.config.dropout)
        dtype = torch.get_autocast_dtype(x.device.type) if torch.is_autocast_enabled(x.device.type) else x.dtype
        positions: slice | Tensor = slice(past, past + length)
        mask = None
        if places is not None:
            positions, mask = places.positions[:, None], places.mask[:, None]  # alike for every head
        elif past and length > 1:  # the causal triangle starts further right, which SDPA's own flag cannot say
            mask = torch.ones(length, past + length, dtype=torch.bool, device=x.device).tril(past)
        cos, sin = self.cos[positions].to(dtype), self.sin[positions].to(dtype)
        within = None if documents is None else document_mask(documents, dtype)
        # Not beside a cache: a block that is computed again would append its keys again.
        again = self.checkpointing and torch.is_grad_enabled() and cache is None
        for block in self.layers:
            if again:
                x = checkpoint(block, x, cos, sin, mask, None, within, use_reentrant=False)
            else:
                x = block(x, cos, sin, mask, cache, within)
        out: Tensor = self.norm(x)
        return out


class Decoder(nn.Module):
    """A LLaMA-like language model over `vocabulary` tokens."""

    def __init__(self, config: ModelConfig, vocabulary: int) -> None:
        super().__init__()
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
