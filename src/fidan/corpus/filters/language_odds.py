"""How the word of a language model and the marks of Turkish are weighed against each other: in log-odds.

    log p/(1-p) = -1 + L + (25 own + 2 shared + 2 with ı ş ğ + 2 with ç ö ü
                            - 60 decisive - 25 doubtful - 50 other) / (common words + 1)

L is the model's log-odds of Turkish, held between -6 and 6: a model that looks at a few letters is not believed to be
surer than one in four hundred. From 20 common words on it is held between -3 and 6, because there the marks know
better: of 6,081 pieces of that length in fourteen other languages none came above -0.6 by its marks alone, and of
Turkish web documents 98 in 100 came above 2. The words in the bracket are those of `evidence`. So one ə among four
words outweighs any model, and one foreign word among twenty weighs little. The weights were set by hand, in the order
of a logistic regression on one half of 8,685 lines in fifteen languages, and rounded; what they reach on the other
half is asserted in `tests/corpus/filters/test_language.py`.

What it leaves out: the counts (`fidan.corpus.filters.evidence`) and the verdict (`fidan.corpus.filters.language`).
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.filters.word_traits import (
    COMMON,
    COUNTS,
    DECISIVE,
    DOUBTFUL,
    OTHER,
    OWN,
    PROPER,
    ROUNDED,
    SHARED,
    WORDS,
)
from fidan.corpus.utf8 import Whole

Counts: TypeAlias = NDArray[np.int32]  # (lines, COUNTS)

MIN_WORDS = 5  # common words of a paragraph that is judged by itself; fewer are a title, a name, a greeting
SURE = 0.6  # a paragraph is only taken out where the model gives one other language this much …
_TOLD = 5  # … or one in five of its common words belongs to a relative

_BIAS, _GREATEST, _LEAST, _LEAST_OF_MANY, _MANY = -1.0, 6.0, -6.0, -3.0, 20
_WEIGHTS = np.zeros(COUNTS)
_WEIGHTS[[OWN, SHARED, PROPER, ROUNDED]] = 25.0, 2.0, 2.0, 2.0
_WEIGHTS[[DECISIVE, DOUBTFUL, OTHER]] = -60.0, -25.0, -50.0
_WEIGHTS.setflags(write=False)
# Names alone ("Norwich City - Newcastle United: 0-0") are in no language: at most one word in five is common, the
# words are few, and the model is not sure either.
_NAMES_SHARE, _NAMES_WORDS, _NAMES_SURE = 5, 30, 0.8


def log_odds(probability: float) -> float:
    """log p/(1-p); of 0 and 1 minus and plus infinity."""
    if probability <= 0.0:
        return -math.inf
    return math.log(probability / (1.0 - probability)) if probability < 1.0 else math.inf


@inlined
def _marks(counts: Counts, line: Whole) -> Whole:
    """What the words of a line add to the log-odds of Turkish."""
    total = 0.0
    for column in range(COUNTS):
        total += _WEIGHTS[column] * counts[line, column]
    return _BIAS + total / (counts[line, COMMON] + 1)


@inlined
def _least(counts: Counts, line: Whole) -> Whole:
    """The least that the model is believed to say."""
    return _LEAST if counts[line, COMMON] < _MANY else _LEAST_OF_MANY


@inlined
def _probability(counts: Counts, line: Whole, wanted: Whole, marked: Whole) -> Whole:
    """Of the wanted language, from the model's; `marked` tells whether marks of Turkish count."""
    if not marked:
        return np.float64(wanted)
    bounded = min(max(np.float64(wanted), 1e-9), 1.0 - 1e-9)
    model = min(max(np.log(bounded / (1.0 - bounded)), _least(counts, line)), _GREATEST)
    return 1.0 / (1.0 + np.exp(-_marks(counts, line) - model))


@compiled
def add_up(counts: Counts, left_out: NDArray[np.bool_]) -> Counts:
    """The sum of the lines that are not left out, (1, COUNTS)."""
    total = np.zeros((1, counts.shape[1]), np.int32)
    for line in range(len(counts)):
        if not left_out[line]:
            for column in range(counts.shape[1]):
                total[0, column] += counts[line, column]
    return total


@compiled
def open_lines(counts: Counts, threshold: float, line_threshold: float, asked: NDArray[np.bool_]) -> Whole:
    """Fills `asked`, (lines,), with the lines of which only a model can tell whether they are in another language.

    Args:
        counts: of the lines.
        threshold: of a text, in log-odds.
        line_threshold: of a line, likewise.

    Returns:
        How many they are; -1 where marks of Turkish do not put the whole text above `threshold`, whatever a model may
        say of it.
    """
    total = np.zeros((1, counts.shape[1]), counts.dtype)
    number = 0
    for line in range(len(counts)):
        asked[line] = False
        for column in range(counts.shape[1]):
            total[0, column] += counts[line, column]
        if counts[line, COMMON] >= MIN_WORDS:
            asked[line] = _marks(counts, line) + _least(counts, line) < line_threshold
            number += asked[line]
    return number if _marks(total, 0) + _least(total, 0) >= threshold else -1


@compiled
def doubted_lines(counts: Counts, found: NDArray[np.float32], marked: Whole, threshold: float) -> NDArray[np.bool_]:
    """Which lines that are judged by themselves are less probably in the wanted language than a threshold, (lines,).

    Args:
        counts: of the lines.
        found: (lines,), the model's probabilities of the wanted language.
        marked: whether marks of Turkish count.
        threshold: a probability.
    """
    doubted = np.zeros(len(counts), np.bool_)
    for line in range(len(counts)):
        if counts[line, COMMON] >= MIN_WORDS:
            doubted[line] = _probability(counts, line, found[line], marked) < threshold
    return doubted


@compiled
def foreign_lines(counts: Counts, found: NDArray[np.float32], label: Whole) -> NDArray[np.bool_]:
    """Which of the doubted lines are clearly in another language, (lines,).

    Args:
        counts: of the lines.
        found: (lines, labels), the model's probabilities.
        label: the wanted language's number.
    """
    foreign = np.zeros(len(counts), np.bool_)
    for line in range(len(counts)):
        told = _TOLD * (counts[line, DECISIVE] + counts[line, OTHER]) >= counts[line, COMMON]
        foreign[line] = told or found[line, _best_other(found[line], label)] >= SURE
    return foreign


@compiled
def judge(total: Counts, found: NDArray[np.float32], label: Whole, marked: Whole) -> tuple[Whole, Whole]:
    """The probability of a text, and the number of the likeliest language.

    Args:
        total: (1, COUNTS), of the text.
        found: (labels,), the model's probabilities.
        label: the wanted language's number.
        marked: whether marks of Turkish count.
    """
    probability = _probability(total, 0, found[label], marked)
    best = _best_other(found, label)
    few = _NAMES_SHARE * total[0, COMMON] <= total[0, WORDS] and total[0, WORDS] <= _NAMES_WORDS
    if marked and few and not total[0, DECISIVE] and found[best] < _NAMES_SURE:
        probability = max(probability, 0.5)
    # The other languages share what is left in the model's proportion.
    rest = max(1.0 - np.float64(found[label]), 1e-9)
    return probability, label if probability >= (1.0 - probability) * found[best] / rest else best


@inlined
def _best_other(found: NDArray[np.float32], label: Whole) -> Whole:
    best = 1 if label == 0 and found.size > 1 else 0
    for other in range(found.size):
        if other != label and found[other] > found[best]:
            best = other
    return best
