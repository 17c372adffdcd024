"""Answers that need no model, so that a model's figures have a scale: BLEU of answers starts well above nothing.

    most frequent      every question gets the most frequent training answer
    nearest question   every question gets the answer of the training question that is most like it, by cosine over
                       the beginnings of words, weighted by how rare they are (tf-idf, Salton and Buckley 1988)

A word is known by its first five letters, which in Turkish retrieval does about as well as a stemmer (Can et al.
2008, Information retrieval on Turkish texts). A model that does not beat the second has learnt less than a look-up.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.pairs.pair import Pair, normal_form
from fidan.errors import FidanError

PREFIX = 5  # letters


def most_frequent_answer(training: Sequence[Pair]) -> str:
    """The training answer that comes most often, whatever its casing and punctuation; the earliest among equals.

    Raises:
        FidanError: there is no pair.
    """
    _require(training)
    counts = Counter(normal_form(pair.answer) for pair in training)
    best = counts.most_common(1)[0][0]  # among equals the one met first
    return next(pair.answer for pair in training if normal_form(pair.answer) == best)


def nearest_answers(training: Sequence[Pair], questions: Sequence[str]) -> list[str]:
    """For each question the answer of the training question that is most like it; the earliest among equals.

    Raises:
        FidanError: there is no training pair.
    """
    _require(training)
    beginnings = [_beginnings(pair.question) for pair in training]
    posted: dict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(beginnings):
        for beginning in found:
            posted[beginning].append(place)
    # log((1 + N) / n): above zero for a beginning that every question has, so that no vector is empty.
    weights = {beginning: np.log((1 + len(training)) / len(places)) for beginning, places in posted.items()}
    where = {beginning: np.array(places) for beginning, places in posted.items()}
    norms = np.sqrt([sum(weights[beginning] ** 2 for beginning in found) for found in beginnings])
    answers = []
    for question in questions:
        dots: NDArray[np.float64] = np.zeros(len(training))
        for beginning in _beginnings(question):
            if beginning in where:
                dots[where[beginning]] += weights[beginning] ** 2
        answers.append(training[int(np.argmax(dots / norms))].answer)
    return answers


def _beginnings(question: str) -> list[str]:
    """Each once, in a fixed order: sums of floats depend on it, and a tie on their last digit."""
    return sorted({word[:PREFIX] for word in normal_form(question).split()})


def _require(training: Sequence[Pair]) -> None:
    if not training:
        raise FidanError("no training pairs to take answers from. Give them, or leave these baselines out.")
