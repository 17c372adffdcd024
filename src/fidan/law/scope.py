"""Whether the laws of an index answer a question at all: a score from 0 to 1, and the threshold to abstain below.

Six signals of the question's content words (`content_terms`), all of which the index gives:

    length    log(1 + n): long stories match less of themselves than short questions do
    fit       log of the best article's BM25F score over the sum of the terms' idf, which bounds it
    unknown   the share of terms that no article has
    everyday  the share of the idf that occurs in the everyday words or headings of any article: what laws are about
    covered   the most of the idf that one of the first articles has in its heading, title or everyday words
    matched   the most terms that one of them has there

A logistic model weighs them. Its coefficients were fitted on the dev halves of `benchmarks/law/*.jsonl` by
`benchmarks/law_calibration.py`, on an index of all laws in force with the package's everyday words; the threshold
leaves `LOST` of the dev questions that a law answers unanswered, short and long ones alike. On an index of a few laws
idf means less, and the score is only a guide. What it leaves out: other languages and other countries' law,
which `fidan.law.elsewhere` looks for, and whether the article found is the right one.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.law.bm25 import idf
from fidan.law.index import LawIndex
from fidan.law.index_format import FIELDS
from fidan.law.scoring import best_positions, bm25f
from fidan.law.terms import JOINING, stem, words

LOST = 0.08
STORY = 15  # content words: a question with more is a story
FIRST = 10  # articles looked into
Postings = tuple[NDArray[np.int32], NDArray[np.uint8]]


class Signals(NamedTuple):
    """What is looked at, see above."""

    length: float
    fit: float
    unknown: float
    everyday: float
    covered: float
    matched: float


class Model(NamedTuple):
    """A logistic model of the signals, and the threshold on its score."""

    bias: float
    weights: Signals
    threshold: float

    def score(self, signals: Signals) -> float:
        """How probable it is that a law answers, 0 to 1, with both kinds of question equally many."""
        total = self.bias + sum(w * s for w, s in zip(self.weights, signals, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


CALIBRATED = Model(
    bias=-9.323,
    weights=Signals(length=2.001, fit=2.004, unknown=-3.955, everyday=3.747, covered=6.197, matched=0.509),
    threshold=0.543,
)


def calibrated(threshold: float | None = None) -> Model:
    """The calibrated model, with another threshold if one is given."""
    return CALIBRATED if threshold is None else CALIBRATED._replace(threshold=threshold)


def content_terms(question: str) -> list[str]:
    """The beginnings of a question's words, each once, without words that ask, join or point."""
    return list(dict.fromkeys(stem(word) for word in words(question) if word not in JOINING and len(word) > 1))


def is_story(question: str) -> bool:
    """Whether a question tells what happened, and so has more than `STORY` content words."""
    return len(content_terms(question)) > STORY


def signals_of(index: LawIndex, question: str) -> Signals | None:
    """The signals of a question; None where no article has any of its content words."""
    asked = content_terms(question)
    found = {term: index.postings(term) for term in asked}
    weights = {term: idf(len(documents), index.searchable) for term, (documents, _) in found.items()}
    total = sum(weights.values())
    scores = bm25f(index, asked)
    if not asked or not total or not scores.any():
        return None
    best = best_positions(scores, FIRST)
    told = [FIELDS.index(name) for name in ("heading", "title", "everyday")]
    about = [FIELDS.index(name) for name in ("heading", "everyday")]
    known = sum(w for term, w in weights.items() if found[term][1][:, about].any())
    held = [[term for term in asked if _has(found[term], position, told)] for position in best]
    return Signals(
        math.log1p(len(asked)),
        math.log(float(scores[best[0]]) / total),
        sum(not len(documents) for documents, _ in found.values()) / len(asked),
        known / total,
        max(sum(weights[term] for term in terms_held) for terms_held in held) / total,
        float(max(map(len, held))),
    )


def _has(postings: Postings, position: int, fields: Sequence[int]) -> bool:
    """Whether a term stands in one of the fields of an article."""
    documents, counts = postings
    at = int(np.searchsorted(documents, position))
    return at < len(documents) and int(documents[at]) == position and bool(counts[at, list(fields)].any())
