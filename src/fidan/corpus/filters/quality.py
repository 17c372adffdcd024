"""Whether a text is prose, by counts: the rules of Gopher with the thresholds that FineWeb-2 chose for Turkish.

Every rule is a figure of the text, a bound of the recipe, and the reason that is given when the figure is beyond it;
the first rule that fails is the reason. What it leaves out: how the figures are counted (`words`, `repetition`), and
paragraphs parted by empty lines, which the normal form does not have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from datatrove.data import Document

from fidan.compiled import compiled
from fidan.corpus.base import Filter, Verdict
from fidan.corpus.config import QualityConfig
from fidan.corpus.filters import words
from fidan.corpus.filters.repetition import DUPLICATE, TOP, repetition
from fidan.corpus.filters.words import Hashes, Measures, Whole, measure, word_hash
from fidan.corpus.ledger import Ledger

NEAR = 0.1  # a kept text is worth showing when one of its figures is within this share of its bound


@dataclass(frozen=True, slots=True)
class Rule:
    """A bound on a figure.

    Attributes:
        reason: given for a text beyond the bound.
        figure: index of the figure it looks at.
        bound: least or greatest allowed value.
        side: whether the bound is the least or the greatest.
    """

    reason: str
    figure: int
    bound: float
    side: Literal["least", "greatest"]

    def margin(self, figures: list[float]) -> float:
        """How far a text is from being dropped, as a share of the bound; below 0 it is beyond."""
        distance = self.bound - figures[self.figure]
        if self.side == "least":
            distance = -distance
        return distance / self.bound if self.bound else distance


def rules(config: QualityConfig) -> list[Rule]:
    """The rules of a recipe, in the order in which they are asked."""
    return [Rule(reason, number, bound, side) for number, (reason, bound, side) in enumerate(_bounds(config))]


def _bounds(config: QualityConfig) -> Iterator[tuple[str, float, Literal["least", "greatest"]]]:
    """One entry for each of `figures`, the word count and the word length having two."""
    yield "few_words", config.min_words, "least"
    yield "many_words", config.max_words, "greatest"
    yield "short_words", config.min_word_length, "least"
    yield "long_words", config.max_word_length, "greatest"
    yield "hash_signs", config.max_symbol_ratio, "greatest"
    yield "ellipses", config.max_symbol_ratio, "greatest"
    yield "bullet_lines", config.max_bullet_lines, "greatest"
    yield "ellipsis_lines", config.max_ellipsis_lines, "greatest"
    yield "few_letters", config.min_alphabetic, "least"
    yield "few_stop_words", config.min_stop_words, "least"
    yield "line_punctuation", config.min_line_punctuation, "least"
    yield "duplicate_line_chars", config.max_duplicate_line_chars, "greatest"
    yield "line_breaks", config.max_newline_ratio, "greatest"
    yield "duplicate_lines", config.max_duplicate_lines, "greatest"
    for n, bound in zip(TOP, config.max_top_ngram, strict=True):
        yield f"top_{n}_gram", bound, "greatest"
    for n, bound in zip(DUPLICATE, config.max_duplicate_ngrams, strict=True):
        yield f"duplicate_{n}_grams", bound, "greatest"


def figures(measures: Measures, stop_words: Hashes) -> list[float]:
    """The figures of a text, in the order of the rules.

    Args:
        measures: of the text.
        stop_words: (n,), hashes of the words that prose has.
    """
    count: list[int] = measures.counts.tolist()
    tokens, found, lines = max(count[words.TOKENS], 1), count[words.WORDS], max(count[words.LINES], 1)
    word_length = count[words.WORD_CHARS] / max(found, 1)
    return [
        found,
        found,
        word_length,
        word_length,
        count[words.HASH_SIGNS] / tokens,
        count[words.ELLIPSES] / tokens,
        count[words.BULLET_LINES] / lines,
        count[words.ELLIPSIS_LINES] / lines,
        count[words.ALPHABETIC] / tokens,
        distinct_among(measures.word_hashes, stop_words),
        count[words.SENTENCE_LINES] / lines,
        count[words.DUPLICATE_LINE_CHARS] / max(count[words.LINE_CHARS], 1),
        (lines - 1) / tokens,
        count[words.DUPLICATE_LINES] / lines,
        *repetition(measures).tolist(),
    ]


class QualityFilter(Filter):
    """Drops texts that are not prose, with the name of the first rule that they break.

    Args:
        ledger: where drops, and texts that were nearly dropped, are noted.
        config: the bounds.
    """

    name = "quality"

    def __init__(self, ledger: Ledger, config: QualityConfig) -> None:
        super().__init__(ledger)
        self.rules = rules(config)
        self.stop_words = np.array([word_hash(word) for word in config.stop_words], dtype=np.uint64)

    def filter(self, doc: Document) -> Verdict:
        """By the first rule that is broken."""
        found = figures(measured(doc), self.stop_words)
        margins = [rule.margin(found) for rule in self.rules]
        if min(margins) < 0:
            rule = next(rule for rule, margin in zip(self.rules, margins, strict=True) if margin < 0)
            doc.metadata["detail"] = f"{found[rule.figure]:.3g}"
            return False, rule.reason
        for rule, margin in zip(self.rules, margins, strict=True):
            if margin < NEAR:
                self.ledger.near(rule.reason, doc, margin)
        return True


def measured(document: Document) -> Measures:
    """The measures of a document, taken once for as long as its text stays the same."""
    known: Measures | None = document.metadata.get("measures")
    if known is None or known.text is not document.text:
        known = document.metadata["measures"] = measure(document.text)
    return known


@compiled
def distinct_among(hashes: Hashes, wanted: Hashes) -> Whole:
    """How many of the hashes in `wanted` occur in `hashes`."""
    seen = np.zeros(wanted.size, np.bool_)
    for value in hashes:
        for index in range(wanted.size):
            if value == wanted[index]:
                seen[index] = True
    return np.sum(seen)
