"""The decoder-only language model: embed, a stack of blocks, norm, head.

The parameter names are those of Hugging Face's `LlamaForCausalLM`, so that a checkpoint is an export.
"""

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn

from fidan.model.attention import KeyValueStore
from fidan.model.block import Block
from fidan.model.config import ModelConfig
from fidan.model.initialize import initialize
from fidan.model.norm import RMSNorm
from fidan.model.rope import rope_table


class DecoderStack(nn.Module):
    """Token ids to the last hidden states; everything of the model but its head."""

    def __init__(self, config: ModelConfig, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, config.d_model)
        self.layers = nn.ModuleList(Block(config, layer) for layer in range(config.n_layers))
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.config = config
        self._make_rope()

    def _make_rope(self) -> None:
        config, device = self.config, self.embed_tokens.weight.device
        self.cos, self.sin = rope_table(config.context, config.head_width, config.rope_theta, device)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        # What `.to()` calls. The table goes where the weights go, but stays in fp32: a bf16 angle is off by degrees.
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._make_rope()
        return self

    def forward(self, tokens: Tensor, past: int = 0, cache: KeyValueStore | None = None) -> Tensor:
        """(B, T) ids → (B, T, D) hidden states.

        Args:
            tokens: ids of the positions past … past + T - 1.
            past: how many positions the cache holds already.
            cache: their keys and values.

        Raises:
            ValueError: the positions go beyond the context.
        """
        length = tokens.shape[1]
        if past + length > self.cos.shape[0]:
            raise ValueError(f"{past + length} positions: the model's context is {self.cos.shape[0]}.")
        x = self.embed_tokens(tokens)
        dtype = torch.get_autocast_dtype(x.device.type) if torch.is_autocast_enabled(x.device.type) else x.dtype
        cos, sin = self.cos[past : past + length].to(dtype), self.sin[past : past + length].to(dtype)
        mask = None
        if past and length > 1:  # the causal triangle starts further right, which SDPA's own flag cannot say
            mask = torch.ones(length, past + length, dtype=torch.bool, device=x.device).tril(past)
        for block in self.layers:
            x = block(x, cos, sin, mask, cache)
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

    def forward(self, tokens: Tensor, past: int = 0, cache: KeyValueStore | None = None) -> Tensor:
        """(B, T) ids → (B, T, V) logits; the arguments are those of `DecoderStack.forward`."""
        logits: Tensor = self.lm_head(self.model(tokens, past, cache))
        return logits

    def parameter_count(self) -> int:
        """Every parameter, a tied matrix counted once."""
        return sum(p.numel() for p in self.parameters())
