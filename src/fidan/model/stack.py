"""A stack of blocks: what a decoder, and an encoder and a decoder together, are made of.

It knows how tokens enter (embedding, positions, dropout) and which tables its blocks need. What it leaves out: who
may look at whom, which `decoder` and `encoder` say.
"""

from collections.abc import Callable
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fidan.model.block import Block
from fidan.model.config import ModelConfig
from fidan.model.norm import build_norm
from fidan.model.positions import sinusoids
from fidan.model.rope import rope_table


class Stack(nn.Module):
    """Embedding, blocks, a last norm.

    Args:
        config: the model's shape.
        vocabulary: V.
        layers: how many blocks.
        cross: whether they look at a source.
        causal: whether their self-attention looks back only.
    """

    cos: Tensor | None
    sin: Tensor | None
    waves: Tensor | None

    def __init__(self, config: ModelConfig, vocabulary: int, layers: int, cross: bool, causal: bool) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, config.d_model)
        if config.positions == "learnt":
            self.embed_positions = nn.Embedding(config.context, config.d_model)
        self.layers = nn.ModuleList(Block(config, layer, cross, causal) for layer in range(layers))
        self.norm = build_norm(config)
        self.config = config
        self.checkpointing = False
        self._make_tables()

    def checkpoint_blocks(self, on: bool = True) -> None:
        """Whether the backward pass computes each block again instead of keeping what it needs of it.

        Memory for activations falls to one (B, T, D) a block and the inside of one block; the gradient keeps its
        bits, and a step takes about a third longer (Chen et al., arXiv 1604.06174).
        """
        self.checkpointing = on

    def _make_tables(self) -> None:
        config, device = self.config, self.embed_tokens.weight.device
        self.cos = self.sin = self.waves = None
        if config.positions == "rope":
            self.cos, self.sin = rope_table(config.context, config.head_width, config.rope_theta, device)
        elif config.positions == "sinusoidal":
            self.waves = sinusoids(config.context, config.d_model, device)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        # What `.to()` calls. The tables go where the weights go, but stay in fp32: a bf16 angle is off by degrees.
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._make_tables()
        return self

    def embed(self, tokens: Tensor, positions: slice | Tensor) -> Tensor:
        """(B, T) ids and their positions, of all rows or (B, T) → (B, T, D), with absolute positions added."""
        x: Tensor = self.embed_tokens(tokens)
        if self.config.embedding_scale != 1.0:
            x = x * self.config.embedding_scale
        if self.waves is not None:
            x = x + self.waves[positions].to(x.dtype)
        elif self.config.positions == "learnt":
            x = x + self.embed_positions.weight[positions]
        if self.training and self.config.dropout:
            x = F.dropout(x, self.config.dropout)
        return x

    def rotation(self, positions: slice | Tensor, x: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Cosines and sines of positions, (T, K) or (B, 1, T, K), in the type of the products; None: not rotary."""
        if self.cos is None or self.sin is None:
            return None, None
        dtype = products_dtype(x)
        per_head = positions if isinstance(positions, slice) else positions[:, None]
        return self.cos[per_head].to(dtype), self.sin[per_head].to(dtype)


def products_dtype(x: Tensor) -> torch.dtype:
    """The type that matrix products with `x` are in: autocast's, where that is on."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype
