"""Multi-head self-attention: every position asks all others of its own sequence, in several heads at once.

The width is split into heads of K: each compares and gathers by its own learnt directions, so that one may follow the
subject and another the case ending. Keys and values may be of fewer heads than queries (grouped-query attention,
arXiv 2305.13245), which makes the cache smaller. A decoder's self-attention is causal: a position looks at itself
and at what came before it. An encoder's is not: it reads the whole source at once. Rotary positions turn queries and
keys.

What it leaves out: the formula (`scaled_dot_product`), masks (`masks`), and where keys and values of earlier calls
are kept; a `KeyValueStore` (see `fidan.generation.cache`) is handed in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

from torch import Tensor, nn

from fidan.model.config import ModelConfig
from fidan.model.document_mask import DocumentMask, attend_within_documents
from fidan.model.masks import Mask
from fidan.model.rope import rotate
from fidan.model.scaled_dot_product import attend
from fidan.model.scaled_dot_product import attention_weights as weights_of_keys

Looks = Literal["encoder", "self", "cross"]
"""Who looks at what: the source at itself, the text at itself, the text at the source."""


class KeyValueStore(Protocol):
    """Remembers the keys and values of the positions seen so far, layer by layer."""

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep (B, G, T, K) new keys and values; return all of the layer, each (B, G, past + T, K)."""


class MultiHeadAttention(nn.Module):
    """What self- and cross-attention share: four matrices, heads, and a window to look in.

    Names and layout are those of Hugging Face's Llama and T5Gemma.

    Attributes:
        seen: where the weights of each call are put, for reading (see `attention_weights`); None: they are not made.
    """

    def __init__(self, config: ModelConfig, layer: int, looks: Looks) -> None:
        super().__init__()
        self.layer, self.heads, self.kv_heads, self.width = layer, config.n_heads, config.kv_heads, config.head_width
        self.q_proj = nn.Linear(config.d_model, self.heads * self.width, bias=False)
        self.k_proj = nn.Linear(config.d_model, self.kv_heads * self.width, bias=False)
        self.v_proj = nn.Linear(config.d_model, self.kv_heads * self.width, bias=False)
        self.o_proj = nn.Linear(self.heads * self.width, config.d_model, bias=False)
        self.looks: Looks = looks
        self.seen: dict[tuple[int, Looks], Tensor] | None = None

    def split(self, projected: Tensor, heads: int) -> Tensor:
        """(B, T, heads · K) → (B, heads, T, K)."""
        batch, length, _ = projected.shape
        return projected.view(batch, length, heads, self.width).transpose(1, 2)

    def merge(self, out: Tensor) -> Tensor:
        """(B, H, T, K) → (B, T, D): the heads side by side, through the last matrix."""
        batch, _, length, _ = out.shape
        merged: Tensor = self.o_proj(out.transpose(1, 2).reshape(batch, length, self.heads * self.width))
        return merged

    def look(self, q: Tensor, k: Tensor, v: Tensor, mask: Mask | None, causal: bool = False) -> Tensor:
        """`attend`, whose arguments these are; and the weights are left where they are asked for."""
        if self.seen is not None:
            self.seen[self.layer, self.looks] = weights_of_keys(q, k, mask, causal).detach()
        return attend(q, k, v, mask, causal)


class SelfAttention(MultiHeadAttention):
    """Queries, keys and values from one input.

    Args:
        config: the model's shape.
        layer: which layer it is in, from 0.
        causal: whether no position may look at a later one.
    """

    def __init__(self, config: ModelConfig, layer: int, causal: bool = True) -> None:
        super().__init__(config, layer, "self" if causal else "encoder")
        self.causal = causal

    def forward(
        self,
        x: Tensor,
        cos: Tensor | None,
        sin: Tensor | None,
        mask: Mask | None = None,
        cache: KeyValueStore | None = None,
        documents: DocumentMask | None = None,
    ) -> Tensor:
        """(B, T, D) → (B, T, D).

        Args:
            x: the normalised input.
            cos: the positions' cosines, (T, K); None: positions are not rotary.
            sin: likewise.
            mask: what may be seen of the past + T keys. None: everything, or where attention is causal what came
                before, which needs no mask where there is no past or T = 1.
            cache: where earlier keys and values are; None when there are none.
            documents: keeps attention within them; instead of `mask` and `cache`. None: the sequence is one.
        """
        q = self.split(self.q_proj(x), self.heads)
        k = self.split(self.k_proj(x), self.kv_heads)
        v = self.split(self.v_proj(x), self.kv_heads)
        if cos is not None and sin is not None:
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            k, v = cache.append(self.layer, k, v)
        if documents is not None:
            if self.seen is not None:
                raise ValueError("attention weights are read of sequences that are one document: give no documents.")
            return self.merge(attend_within_documents(q, k, v, documents))
        # A single position may look at everything before it. SDPA's flag would align its triangle to the first key.
        return self.merge(self.look(q, k, v, mask, causal=self.causal and mask is None and x.shape[1] > 1))


@contextmanager
def attention_weights(model: nn.Module) -> Iterator[dict[tuple[int, Looks], Tensor]]:
    """Read what a model looks at: within the context every forward pass leaves its attention weights.

    They are computed beside the fast path, which goes on unchanged, and cost the memory that it saves.

    Args:
        model: a decoder, an encoder-decoder, or a part of one.

    Yields:
        (layer, "self" | "cross" | "encoder") → (B, H, T, S) in fp32, of the latest pass; filled as the model runs.
    """
    seen: dict[tuple[int, Looks], Tensor] = {}
    parts = [part for part in model.modules() if isinstance(part, MultiHeadAttention)]
    for part in parts:
        part.seen = seen
    try:
        yield seen
    finally:
        for part in parts:
            part.seen = None
