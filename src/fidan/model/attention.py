"""Causal multi-head self-attention, with grouped keys and values where the config asks for them.

Every position looks at itself and at what came before it. The product itself is PyTorch's
`scaled_dot_product_attention`, or `fidan.model.cpu_attention` where that is faster. What it leaves out: where keys
and values of earlier calls are kept; a `KeyValueStore` (see `fidan.generation.cache`) is handed in.
"""

from typing import Protocol

from torch import Tensor, nn
from torch.nn import functional as F

from fidan.model.config import ModelConfig
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
