"""No attention across documents: a position sees the earlier ones of its own document only.

Each document packed into a sequence then gives the loss and the gradient it would give alone. Rotary positions need
no reset, since scores depend on distances. The mask is made once a forward pass, for all layers: on CUDA as
FlexAttention's list of blocks (Dong et al., arXiv 2412.05496), whose kernel passes over blocks that no document
covers; elsewhere as a matrix that is added to the scores. What it leaves out: keys and values of earlier calls.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention

DocumentMask = Tensor | BlockMask


def documents_of(tokens: Tensor, bos_id: int) -> Tensor:
    """Which document each position is of: (B, T) ids → (B, T) numbers, how many `<s>` the row has shown so far.

    The number is 0 before the first `<s>`: the end of a document that began in an earlier sequence.
    """
    return (tokens == bos_id).cumsum(1)


def document_mask(documents: Tensor, dtype: torch.dtype) -> DocumentMask:
    """The mask of a batch, in the form its device is fastest with.

    Args:
        documents: (B, T) integers, equal where positions are of the same document.
        dtype: of the queries.
    """
    return block_mask(documents) if documents.is_cuda else added_mask(documents, dtype)


def sight(documents: Tensor) -> Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]:
    """Whether a query may see a key, as FlexAttention asks it: by row, head, and the two positions."""

    def may_see(row: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (query >= key) & (documents[row, query] == documents[row, key])

    return may_see


def block_mask(documents: Tensor) -> BlockMask:
    """The blocks of positions that have something to see in one another."""
    rows, length = documents.shape
    return create_block_mask(sight(documents), rows, None, length, length, device=documents.device)


def added_mask(documents: Tensor, dtype: torch.dtype) -> Tensor:
    """(B, 1, T, T): 0 where attention is allowed, minus infinity elsewhere."""
    length = documents.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool, device=documents.device).tril()
    allowed = (documents[:, None, :, None] == documents[:, None, None, :]) & earlier
    return torch.zeros(allowed.shape, dtype=dtype, device=documents.device).masked_fill_(~allowed, float("-inf"))


def attend_within_documents(q: Tensor, k: Tensor, v: Tensor, mask: DocumentMask) -> Tensor:
    """Scaled dot-product attention under a mask that `document_mask` made.

    Args:
        q: (B, H, T, K).
        k: (B, G, T, K), where G divides H.
        v: like `k`.
        mask: of the same B and T.

    Returns:
        (B, H, T, K).
    """
    grouped = q.shape[1] != k.shape[1]
    if isinstance(mask, BlockMask):
        flex = flex_attention if torch.compiler.is_compiling() else _compiled_flex_attention()
        out: Tensor = flex(q, k, v, block_mask=mask, enable_gqa=grouped)
        return out
    if q.device.type == "cpu":
        # What `scaled_dot_product_attention` comes down to on a CPU. Called by its own name it takes the causal flag
        # beside a mask and leaves out the upper triangle: the same bits, for less time in sequences above 512.
        attention = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
        out, _ = attention(q, k, v, is_causal=True, attn_mask=mask)
        return out
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=grouped)


@cache
def _compiled_flex_attention() -> Any:
    # Uncompiled, FlexAttention writes all scores to memory. Compiled on first use: `torch.compile` is slow to import.
    return torch.compile(flex_attention, dynamic=False)
