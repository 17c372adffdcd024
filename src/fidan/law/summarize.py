"""The salient sentences of a text, in its order.

Continuous LexRank (Erkan and Radev 2004): sentences are vectors of tf·idf over stems, two are joined by their
cosine, and a sentence is as salient as often a walker who follows those joins comes by. idf is of the text itself.
The matrix of all pairs is never made: with X the sentences, its product with a vector is X(Xᵀr), so a law of ten
thousand sentences takes a second. The walker starts anew where a `prior` says, as in biased LexRank (Otterbacher et
al. 2005): a law states its rule first. A sentence too like one that was taken is passed over (cosine, `ALIKE`), and
one that leans on the sentence before it ("Bu hâlde …") or is long counts half. Walkers gather where sentences are
most alike; `limits` keep a law's account from being that of one chapter.

What it leaves out: rewording. A short form that a model wrote is `fidan.law.writing`'s.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.law.sentences import Stems
from fidan.turkish import fold, words

DAMPING = 0.7  # how often the walker follows a join; 0.85 in PageRank, lower where the start tells something
ROUNDS = 50
ALIKE = 0.6
SHORTEST = 4  # words; a shorter sentence says nothing alone
LONG = 60

_LEANING = re.compile(
    r"(?:bu|bunlar\w*|bunun\w*|bununla|buna|şu kadar|ancak|aynı|yukarıdaki|söz konusu|birinci|ikinci|üçüncü fıkra)\b"
)

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class Salient(NamedTuple):
    """A sentence that was taken: its place in the text, from 0, and how salient it is, 1 on average."""

    place: int
    text: str
    weight: float


def summarize(
    sentences: Sequence[str],
    stems: Stems,
    most: int = 5,
    prior: Sequence[float] | None = None,
    limits: Sequence[tuple[Sequence[str], int]] = (),
) -> list[Salient]:
    """The most salient sentences, in order.

    Args:
        sentences: of the text, in order.
        stems: the words of a text as they are compared.
        most: how many at most.
        prior: how much a reader expects of each sentence by its place, above 0; None: of all the same.
        limits: each a label for every sentence, such as its chapter, and how many of one label are taken at most.

    Raises:
        FidanError: there is no sentence with a word in it, or `most` is below 1.
    """
    if most < 1:
        raise FidanError(f"{most} sentences: must be at least 1.")
    usable = [place for place, text in enumerate(sentences) if len(words(text)) >= SHORTEST]
    usable = usable or [place for place, text in enumerate(sentences) if words(text)]
    if not usable:
        raise FidanError("the text has no sentence to take. Give a text with words.")
    rows, columns, values, width = _vectors([sentences[place] for place in usable], stems)
    expected = np.array([1.0 if prior is None else prior[place] for place in usable])
    weights = _salience(rows, columns, values, expected / expected.sum(), width)
    weights *= [0.5 if _LEANING.match(fold(sentences[place])) else 1.0 for place in usable]
    weights *= [0.5 if len(words(sentences[place])) > LONG else 1.0 for place in usable]
    order = sorted(range(len(usable)), key=lambda n: (-round(float(weights[n]), 9), n))
    taken: list[int] = []
    for place in order:
        if len(taken) == min(most, len(usable)):
            break
        if any(sum(labels[usable[n]] == labels[usable[place]] for n in taken) >= cap for labels, cap in limits):
            continue
        own = np.zeros(width)
        own[columns[rows == place]] = values[rows == place]
        others = [float(values[rows == other] @ own[columns[rows == other]]) for other in taken]
        if not others or max(others) < ALIKE:
            taken.append(place)
    return [Salient(usable[n], sentences[usable[n]], float(weights[n])) for n in sorted(taken)]


def _vectors(sentences: Sequence[str], stems: Stems) -> tuple[Places, Places, Floats, int]:
    """The sentences' tf·idf vectors of length 1, as rows, columns and values, and how many columns there are."""
    counts = [Counter(stems(sentence)) for sentence in sentences]
    held = Counter(stem for count in counts for stem in count)
    number = {stem: place for place, stem in enumerate(held)}
    rows, columns, values = [], [], []
    for row, count in enumerate(counts):
        own = {stem: tf * math.log(1 + len(counts) / held[stem]) for stem, tf in count.items()}
        length = math.sqrt(sum(value * value for value in own.values())) or 1.0
        rows += [row] * len(own)
        columns += [number[stem] for stem in own]
        values += [value / length for value in own.values()]
    return np.array(rows, np.int64), np.array(columns, np.int64), np.array(values), max(1, len(number))


def _salience(rows: Places, columns: Places, values: Floats, start: Floats, width: int) -> Floats:
    """(N,) the walk's stationary weights, 1 on average; a sentence is not joined to itself."""
    size = len(start)

    def joined(vector: Floats) -> Floats:
        middle = np.bincount(columns, values * vector[rows], width)
        return np.bincount(rows, values * middle[columns], size).astype(np.float64) - vector

    degree = joined(np.ones(size))
    alone = degree < 1e-9  # joined to none: the walker starts anew
    weights = start
    for _ in range(ROUNDS):
        ahead = joined(np.where(alone, 0.0, weights / np.where(alone, 1.0, degree)))
        step = (1 - DAMPING + DAMPING * weights[alone].sum()) * start + DAMPING * np.where(alone, 0.0, ahead)
        if np.abs(step - weights).sum() < 1e-9:
            break
        weights = step
    balanced: Floats = weights / weights.mean()
    return balanced
