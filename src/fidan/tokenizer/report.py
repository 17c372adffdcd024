"""How well a tokenizer fits text it did not learn from, ours or another's.

Measured on held-out documents: on its own training text a tokenizer looks better than it is. For tokens a word, words
are what white space separates, so that the figure can be compared with others'. For whole words, signs around a word
are left off: a word goes from the first letter or digit of what white space separates to the last one. It is whole
where one token is the word, with white space before it or without, and nothing else.

What it leaves out: bits a byte, which need a model.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from fidan.tokenizer.morphology import GoldSet, respected, told
from fidan.tokenizer.spans import Measurable, Spans
from fidan.tokenizer.tokenizer import round_trip

_BATCH = 512  # documents encoded at once
_WORD = re.compile("[^\\W_](?:\\S*[^\\W_])?[\u0300-\u036f]*")  # a loose accent stays with its letter


def measure(
    tokenizer: Measurable, texts: Sequence[str], gold: Sequence[GoldSet] = (), threads: int = 1
) -> dict[str, Any]:
    """Figures on `texts`; rates are None where there is no text.

    Args:
        tokenizer: ours, or `foreign.HuggingFaceTokenizer`.
        texts: documents.
        gold: words with their morphs; see `morphology`.
        threads: to encode in, where the tokenizer lets them be chosen.

    Returns:
        documents, bytes, words, tokens: totals.
        vocabulary: ids the tokenizer has.
        bytes_per_token, tokens_per_word: rates; more of the first and less of the second is shorter sequences.
        whole_words, whole_word_types: of the words, the share that is one token; of the different words as written,
            the share that is one token anywhere in these texts.
        byte_piece_share: of the tokens, those that are one byte of a character without a piece (line breaks too,
            where they are byte pieces).
        round_trip_failures: documents that did not come back as they were; a literal ▁ may come back as a space.
        unused, vocabulary_unused_share: of the pieces that are neither special nor bytes, those these texts never
            use, and their share.
        boundaries: for each gold set its name, words and boundaries, and recall, precision and F1.
    """
    uses = np.zeros(tokenizer.vocab_size, dtype=np.int64)
    failures = 0
    words = _Words()
    special = np.zeros(tokenizer.vocab_size, dtype=np.bool_)
    special[list(tokenizer.special_ids)] = True
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        for text, spans in zip(batch, tokenizer.spans(batch, threads), strict=True):
            uses += np.bincount(spans.ids, minlength=tokenizer.vocab_size)
            failures += tokenizer.decode(spans.ids.tolist()) not in (text, round_trip(text))
            words.add(text, spans, special)
    is_byte = np.array([tokenizer.is_byte(i) for i in range(tokenizer.vocab_size)])
    learnt = ~is_byte & ~special
    size, separated = sum(len(text.encode()) for text in texts), sum(len(text.split()) for text in texts)
    tokens, unused = int(uses.sum()), int((uses[learnt] == 0).sum())
    return {
        "documents": len(texts),
        "bytes": size,
        "words": separated,
        "tokens": tokens,
        "vocabulary": tokenizer.vocab_size,
        "bytes_per_token": _rate(size, tokens),
        "tokens_per_word": _rate(tokens, separated),
        "whole_words": _rate(words.whole, words.count),
        "whole_word_types": _rate(len(words.whole_types), len(words.types)),
        "byte_piece_share": _rate(int(uses[is_byte].sum()), tokens),
        "round_trip_failures": failures,
        "unused": unused if tokens else None,
        "vocabulary_unused_share": _rate(unused, int(learnt.sum())) if tokens else None,
        "boundaries": told(respected(tokenizer, one) for one in gold),
    }


class _Words:
    """Which words of the texts added so far are one token."""

    def __init__(self) -> None:
        self.count = self.whole = 0
        self.types: set[str] = set()
        self.whole_types: set[str] = set()

    def add(self, text: str, spans: Spans, special: np.ndarray) -> None:
        found = [match.span() for match in _WORD.finditer(text)]
        self.count += len(found)
        self.types.update(text[begin:finish] for begin, finish in found)
        if not found or not len(spans.ids):
            return
        begins, finishes = np.array(found).T
        first = np.searchsorted(spans.ends, begins, side="right")  # the first token with a part of the word
        after = np.searchsorted(spans.starts, finishes, side="left")  # the first one wholly after it
        first = np.minimum(first, len(spans.ids) - 1)
        alone = (after - first == 1) & (spans.ends[first] == finishes) & ~special[spans.ids[first]]
        for (begin, finish), start in zip(
            np.array(found)[alone].tolist(), spans.starts[first[alone]].tolist(), strict=True
        ):
            if start == begin or text[start:begin].isspace():
                self.whole += 1
                self.whole_types.add(text[begin:finish])


def _rate(amount: int, of: int) -> float | None:
    return round(amount / of, 6) if of else None
