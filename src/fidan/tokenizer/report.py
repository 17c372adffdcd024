"""How well a tokenizer fits text it did not learn from.

Measured on held-out documents: on its own training text a tokenizer looks better than it is. Words are what white
space separates, so that the figures can be compared with others'.

What it leaves out: bits a byte, which need a model, and morphology.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fidan.tokenizer.tokenizer import Tokenizer, round_trip

_BATCH = 512  # documents encoded at once


def measure(tokenizer: Tokenizer, texts: Sequence[str], threads: int = 1) -> dict[str, Any]:
    """Figures on `texts`; rates are None where there is no text.

    Returns:
        documents, bytes, words, tokens: totals.
        bytes_per_token, tokens_per_word: rates; more of the first and less of the second is shorter sequences.
        byte_piece_share: of the tokens, those that are one byte of a character without a piece (line breaks too).
        round_trip_failures: documents that did not come back as they were.
        vocabulary_unused_share: of the pieces that are neither special nor bytes, those these texts never use.
    """
    uses = np.zeros(tokenizer.vocab_size, dtype=np.int64)
    failures = 0
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        for text, ids in zip(batch, tokenizer.encode_batch(batch, threads), strict=True):
            uses += np.bincount(ids, minlength=tokenizer.vocab_size)
            failures += tokenizer.decode(ids.tolist()) != round_trip(text)
    is_byte = np.array([tokenizer.is_byte(i) for i in range(tokenizer.vocab_size)])
    learnt = ~is_byte
    learnt[list(tokenizer.special_ids)] = False
    size, words = sum(len(text.encode()) for text in texts), sum(len(text.split()) for text in texts)
    tokens = int(uses.sum())
    return {
        "documents": len(texts),
        "bytes": size,
        "words": words,
        "tokens": tokens,
        "bytes_per_token": _rate(size, tokens),
        "tokens_per_word": _rate(tokens, words),
        "byte_piece_share": _rate(int(uses[is_byte].sum()), tokens),
        "round_trip_failures": failures,
        "vocabulary_unused_share": _rate(int((uses[learnt] == 0).sum()), int(learnt.sum())) if tokens else None,
    }


def _rate(amount: int, of: int) -> float | None:
    return round(amount / of, 6) if of else None
