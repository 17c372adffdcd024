"""Cross-attention: the text that is being written looks at the source.

Queries come from the decoder's stream, keys and values from the encoder's last hidden states, so the source is asked
anew for each word. There is no order between the two sequences: attention is not causal, and rotary positions, which
tell distances within one sequence, are left out, as in T5Gemma; what order there is, encoder and decoder have put
into their own streams. A source's keys and values do not depend on the text: while decoding they are computed once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from fidan.model.attention import MultiHeadAttention
from fidan.model.config import ModelConfig
from fidan.model.masks import Mask


class Source(NamedTuple):
    """What the decoder sees of its sources.

    Attributes:
        memory: (B, S, D) the encoder's last hidden states.
        mask: hides padding; None: there is none.
        keys_values: of each layer, (B, G, S, K) keys and values that were computed before; None: from `memory`.
    """

    memory: Tensor
    mask: Mask | None = None
    keys_values: Sequence[tuple[Tensor, Tensor]] | None = None


class CrossAttention(MultiHeadAttention):
    """Queries from one sequence, keys and values from another."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__(config, layer, "cross")

    def keys_values(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """(B, S, D) → keys and values, each (B, G, S, K)."""
        return self.split(self.k_proj(memory), self.kv_heads), self.split(self.v_proj(memory), self.kv_heads)

    def forward(self, x: Tensor, source: Source) -> Tensor:
        """(B, T, D) the normalised input, and what it may look at → (B, T, D)."""
        q = self.split(self.q_proj(x), self.heads)
        k, v = self.keys_values(source.memory) if source.keys_values is None else source.keys_values[self.layer]
        return self.merge(self.look(q, k, v, source.mask))
