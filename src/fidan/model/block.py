"""One transformer block, for both models: sub-layers that each add to the residual stream.

A block of a decoder alone, or of an encoder, has two: self-attention and feed-forward. In an encoder-decoder a block
of the decoder looks at the source between them. How a sub-layer is wired into the stream is said once, in
`Block._added`: read from a norm; with sandwich norm the result is normed, too (as in Gemma 2), so that no sub-layer
can drown the stream, whatever its weights. While training, part of what is added may be dropped: single values
(dropout, Srivastava et al. 2014), or all that a sub-layer adds to a sequence (see `drop_path`).
"""

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from fidan.model.attention import KeyValueStore, SelfAttention
from fidan.model.config import ModelConfig
from fidan.model.cross_attention import CrossAttention, Source
from fidan.model.document_mask import DocumentMask
from fidan.model.drop_path import drop_path, drop_path_rate
from fidan.model.feedforward import build_feedforward
from fidan.model.layer_scale import LayerScale
from fidan.model.masks import Mask
from fidan.model.norm import build_norm


class _Norms(NamedTuple):
    before: str
    after: str | None = None


# What the norms of a sub-layer are called: in Llama, and in T5Gemma. Llama has no cross-attention.
_NAMES = {
    "pre": {
        "self_attn": _Norms("input_layernorm"),
        "cross_attn": _Norms("pre_cross_attn_layernorm"),
        "mlp": _Norms("post_attention_layernorm"),
    },
    "sandwich": {
        "self_attn": _Norms("pre_self_attn_layernorm", "post_self_attn_layernorm"),
        "cross_attn": _Norms("pre_cross_attn_layernorm", "post_cross_attn_layernorm"),
        "mlp": _Norms("pre_feedforward_layernorm", "post_feedforward_layernorm"),
    },
}


class Block(nn.Module):
    """Pre-norm: `x + f(norm(x))` for each sub-layer f; sandwich: `x + norm(f(norm(x)))`.

    Args:
        config: the model's shape.
        layer: which layer of its stack it is, from 0.
        cross: whether it looks at a source.
        causal: whether its self-attention looks back only: the decoder's do, the encoder's do not.
    """

    def __init__(self, config: ModelConfig, layer: int, cross: bool = False, causal: bool = True) -> None:
        super().__init__()
        self.names = _NAMES[config.norm_place]
        self._wire("self_attn", SelfAttention(config, layer, causal), config)
        if cross:
            self._wire("cross_attn", CrossAttention(config, layer), config)
        self._wire("mlp", build_feedforward(config), config)
        self.scaled = config.layer_scale > 0
        layers = config.n_layers if causal else config.encoder_layers
        self.dropout, self.drop_path = config.dropout, drop_path_rate(config.drop_path, layer, layers)

    def _wire(self, name: str, sub_layer: nn.Module, config: ModelConfig) -> None:
        before, after = self.names[name]
        setattr(self, before, build_norm(config))
        setattr(self, name, sub_layer)
        if after is not None:
            setattr(self, after, build_norm(config))
        if config.layer_scale:
            setattr(self, f"{name}_scale", LayerScale(config.d_model, config.layer_scale))

    def forward(
        self,
        x: Tensor,
        cos: Tensor | None,
        sin: Tensor | None,
        mask: Mask | None = None,
        cache: KeyValueStore | None = None,
        documents: DocumentMask | None = None,
        source: Source | None = None,
    ) -> Tensor:
        """(B, T, D) → (B, T, D); the arguments are those of `SelfAttention.forward`, and what is seen of a source."""
        x = x + self._added("self_attn", x, cos, sin, mask, cache, documents)
        if source is not None:
            x = x + self._added("cross_attn", x, source)
        return x + self._added("mlp", x)

    def _added(self, name: str, x: Tensor, *arguments: object) -> Tensor:
        """What a sub-layer adds to the stream `x`; some of it is dropped while training."""
        before, after = self.names[name]
        added: Tensor = getattr(self, name)(getattr(self, before)(x), *arguments)
        if after is not None:
            added = getattr(self, after)(added)
        if self.scaled:
            added = getattr(self, f"{name}_scale")(added)
        if self.training and self.dropout:
            added = F.dropout(added, self.dropout)
        if self.training and self.drop_path:
            added = drop_path(added, self.drop_path)
        return added
