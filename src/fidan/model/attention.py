"""Causal multi-head self-attention, with grouped keys and values where the config asks for them.

Every position looks at itself and at what came before it. The product itself is PyTorch's
`scaled_dot_product_attention`, or one of `fidan.model.cpu_attention` and `document_mask`. What it leaves out: where
keys and values of earlier calls are kept; a `KeyValueStore` (see `fidan.generation.cache`) is handed in.
"""

from typing import Protocol

from torch import Tensor, nn
from torch.nn import functional as F

from fidan.model.config import ModelConfig
from fidan.model.cpu_attention import causal_attention, suits
from fidan.model.document_mask import DocumentMask, attend_within_documents
from fidan.model.rope import rotate


class KeyValueStore(Protocol):
    """Remembers the keys and values of the positions seen so far, layer by layer."""

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (B, G, T, K) new keys and values; return all of the layer, each (B, G, past + T, K)."""


class SelfAttention(nn.Module):
    """Queries, keys and values from one input; names and layout as in Hugging Face's Llama."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.layer, self.heads, self.kv_heads, self.width = layer, config.n_heads, config.kv_heads, config.head_width
        self.q_proj = nn.Linear(config.d_model, self.heads * self.width, bias=False)
        self.k_proj = nn.Linear(config.d_model, self.kv_heads * self.width, bias=False)
        self.v_proj = nn.Linear(config.d_model, self.kv_heads * self.width, bias=False)
        self.o_proj = nn.Linear(self.heads * self.width, config.d_model, bias=False)

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor | None = None,
        cache: KeyValueStore | None = None,
        documents: DocumentMask | None = None,
    ) -> Tensor:
        """(B, T, D) → (B, T, D).

        Args:
            x: the normalised input.
            cos: the positions' cosines, (T, K).
            sin: likewise.
            mask: (T, past + T) booleans, True where attention is allowed. None is the plain causal mask, which is
                right where there is no past or T = 1.
            cache: where earlier keys and values are; None when there are none.
            documents: keeps attention within them; instead of `mask` and `cache`. None: the sequence is one.
        """
        batch, length, _ = x.shape
        q = self.q_proj(x).view(batch, length, self.heads, self.width).transpose(1, 2)  # (B, H, T, K)
        k = self.k_proj(x).view(batch, length, self.kv_heads, self.width).transpose(1, 2)  # (B, G, T, K)
        v = self.v_proj(x).view(batch, length, self.kv_heads, self.width).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            k, v = cache.append(self.layer, k, v)
        # A single position may look at everything before it. SDPA's flag would align its triangle to the first key.
        causal = mask is None and length > 1
        if documents is not None:
            out = attend_within_documents(q, k, v, documents)
        elif causal and suits(q, k):
            out = causal_attention(q, k, v)
        else:
            out = F.scaled_dot_product_attention(
                q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=self.kv_heads != self.heads
            )
        merged: Tensor = self.o_proj(out.transpose(1, 2).reshape(batch, length, self.heads * self.width))
        return merged
