"""One transformer block: attention, then feed-forward, each read from a norm and added to the residual stream.

While training, part of what is added may be dropped: single values (dropout, Srivastava et al. 2014), or all that a
sub-layer adds to a sequence (see `drop_path`).
"""

from torch import Tensor, nn
from torch.nn import functional as F

from fidan.model.attention import KeyValueStore, SelfAttention
from fidan.model.config import ModelConfig
from fidan.model.document_mask import DocumentMask
from fidan.model.drop_path import drop_path, drop_path_rate
from fidan.model.feedforward import SwiGLU
from fidan.model.norm import RMSNorm


class Block(nn.Module):
    """Pre-norm: `x + attention(norm(x))`, then `x + feedforward(norm(x))`."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.d_model, config.norm_eps)
        self.self_attn = SelfAttention(config, layer)
        self.post_attention_layernorm = RMSNorm(config.d_model, config.norm_eps)
        self.mlp = SwiGLU(config.d_model, config.d_ff)
        self.dropout, self.drop_path = config.dropout, drop_path_rate(config.drop_path, layer, config.n_layers)

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor | None = None,
        cache: KeyValueStore | None = None,
        documents: DocumentMask | None = None,
    ) -> Tensor:
        """(B, T, D) → (B, T, D); the arguments are those of `SelfAttention.forward`."""
        x = x + self._thinned(self.self_attn(self.input_layernorm(x), cos, sin, mask, cache, documents))
        out: Tensor = x + self._thinned(self.mlp(self.post_attention_layernorm(x)))
        return out

    def _thinned(self, added: Tensor) -> Tensor:
        """What is left of a sub-layer's output; all of it outside training."""
        if self.training and self.dropout:
            added = F.dropout(added, self.dropout)
        if self.training and self.drop_path:
            added = drop_path(added, self.drop_path)
        return added
