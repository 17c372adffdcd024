"""Whether a text is prose, by counts: the rules of Gopher with the thresholds that FineWeb-2 chose for Turkish.

Every rule is a figure of the text, a bound of the recipe, and the reason that is given when the figure is beyond it;
the first rule that fails is the reason. What it leaves out: how the figures are counted (`words`, `repetition`), and
paragraphs parted by empty lines, which the normal form does not have.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from datatrove.data import Document
from numpy.typing import NDArray

from fidan.compiled import compiled
from fidan.corpus.base import Filter, Verdict
from fidan.corpus.config import QualityConfig
from fidan.corpus.filters import words
from fidan.corpus.filters.repetition import DUPLICATE, TOP, repetition
from fidan.corpus.filters.words import Hashes, Places, measured, word_hash
from fidan.corpus.ledger import Ledger
from fidan.corpus.utf8 import Whole

_PLAIN = 14  # figures that are no repetition of words
FIGURES = _PLAIN + len(TOP) + len(DUPLICATE)
NEAR = 0.1  # a kept text is worth showing when one of its figures is within this share of its bound


class Rule(NamedTuple):
    """A bound on a figure.

    Attributes:
        reason: given for a text beyond the bound.
        bound: least or greatest allowed value.
        side: whether the bound is the least or the greatest.
    """

    reason: str
    bound: float
    side: Literal["least", "greatest"]


def rules(config: QualityConfig) -> list[Rule]:
    """The rules of a recipe, in the order in which they are asked, one for each of `FIGURES`."""
    return [Rule(*bound) for bound in _bounds(config)]


def _bounds(config: QualityConfig) -> Iterator[tuple[str, float, Literal["least", "greatest"]]]:
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


@compiled
def _count(counts: NDArray[np.int64], hashes: Hashes, stop_words: Hashes, found: NDArray[np.float64]) -> None:
    """Fills in the figures that are no repetition of words, in the order of the rules.

    The word count and the word length have two rules each.
    """
    tokens, lines = max(counts[words.TOKENS], 1), max(counts[words.LINES], 1)
    found[0] = found[1] = counts[words.WORDS]
    found[2] = found[3] = counts[words.WORD_CHARS] / max(counts[words.WORDS], 1)
    found[4] = counts[words.HASH_SIGNS] / tokens
    found[5] = counts[words.ELLIPSES] / tokens
    found[6] = counts[words.BULLET_LINES] / lines
    found[7] = counts[words.ELLIPSIS_LINES] / lines
    found[8] = counts[words.ALPHABETIC] / tokens
    found[9] = distinct_among(hashes[1, : counts[words.WORDS]], stop_words)
    found[10] = counts[words.SENTENCE_LINES] / lines
    found[11] = counts[words.DUPLICATE_LINE_CHARS] / max(counts[words.LINE_CHARS], 1)
    found[12] = (lines - 1) / tokens
    found[13] = counts[words.DUPLICATE_LINES] / lines


@compiled
def _judge(
    counts: NDArray[np.int64],
    hashes: Hashes,
    places: Places,
    stop_words: Hashes,
    bounds: NDArray[np.float64],
    found: NDArray[np.float64],
    margins: NDArray[np.float64],
) -> tuple[Whole, Whole]:
    """The number of the first rule that a text breaks, or -1; and whether it is near the bound of any.

    Args:
        counts: as in `Measures`.
        hashes: likewise.
        places: likewise.
        stop_words: (n,), hashes of the words that prose has.
        bounds: (2, FIGURES), least and greatest value of each figure; infinite where there is none.
        found: (FIGURES,), filled with the figures; those of repeated words only where no other rule is broken.
        margins: (FIGURES,), filled with how far each is from being dropped, as a share of its bound, likewise.
    """
    _count(counts, hashes, stop_words, found)
    near = False
    for number in range(FIGURES):
        if number == _PLAIN:
            repetition(counts, hashes, places, found[_PLAIN:])
        least, greatest = bounds[0, number], bounds[1, number]
        bound = greatest if least == -np.inf else least
        margin = min(found[number] - least, greatest - found[number]) / (bound if bound else 1.0)
        if margin < 0:
            return number, False
        margins[number] = margin
        near |= margin < NEAR
    return -1, near


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
        self._bounds = np.array([[-np.inf] * FIGURES, [np.inf] * FIGURES])
        for number, rule in enumerate(self.rules):
            self._bounds[int(rule.side == "greatest"), number] = rule.bound
        self._figures, self._margins = np.empty(FIGURES), np.empty(FIGURES)  # of the text that was judged last

    def filter(self, doc: Document) -> Verdict:
        """By the first rule that is broken."""
        text, found, margins = measured(doc), self._figures, self._margins
        broken, near = _judge(text.counts, text.hashes, text.places, self.stop_words, self._bounds, found, margins)
        if broken >= 0:
            doc.metadata["detail"] = f"{found[broken]:.3g}"
            return False, self.rules[broken].reason
        if near:
            for number in np.flatnonzero(margins < NEAR).tolist():
                self.ledger.near(self.rules[number].reason, doc, float(margins[number]))
        return True


@compiled
def distinct_among(hashes: Hashes, wanted: Hashes) -> Whole:
    """How many of the hashes in `wanted` occur in `hashes`."""
    seen = np.zeros(wanted.size, np.bool_)
    for value in hashes:
        for index in range(wanted.size):
            if value == wanted[index]:
                seen[index] = True
    return np.sum(seen)
