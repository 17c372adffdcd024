"""One transformer block: attention, then feed-forward, each read from a norm and added to the residual stream."""

from torch import Tensor, nn

from fidan.model.attention import KeyValueStore, SelfAttention
from fidan.model.config import ModelConfig
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

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None = None, cache: KeyValueStore | None = None
    ) -> Tensor:
        """(B, T, D) → (B, T, D); the arguments are those of `SelfAttention.forward`."""
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask, cache)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out
