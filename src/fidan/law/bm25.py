"""BM25F: how well articles answer a set of terms, over the fields of the index.

A term's count in each field is divided by the field's relative length and weighed; the sum is what BM25 saturates
(Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", section 3.6). With one field of weight 1 this is
BM25 as Lucene computes it.

What it leaves out: what terms are (`fidan.law.terms`), and citations, which need no score (`fidan.law.search`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fidan.law.index import LawIndex
from fidan.law.index_format import FIELDS


@dataclass(frozen=True)
class Field:
    """How a field counts."""

    weight: float  # 0: not at all
    b: float = 0.75  # how much a field's length counts, 0 to 1


def _usual() -> Mapping[str, Field]:
    return {
        "heading": Field(3.0, 0.5),
        "title": Field(1.0, 0.3),
        "section": Field(1.0, 0.5),
        "body": Field(1.0, 0.75),
        "everyday": Field(3.0, 0.0),
    }


@dataclass(frozen=True)
class Weights:
    """The parameters of BM25F."""

    k1: float = 1.2
    fields: Mapping[str, Field] = field(default_factory=_usual)


def bm25f(
    index: LawIndex, terms: Sequence[str] | Mapping[str, float], weights: Weights | None = None
) -> NDArray[np.float32]:
    """A score for every article of the index; 0 where no term occurs.

    Args:
        index: the index.
        terms: the query's terms, each once, or with a factor for each.
        weights: the parameters; the usual ones if none are given.
    """
    weights = weights or Weights()
    scale = _scales(index, weights)
    scores = np.zeros(len(index.articles), np.float32)
    factors = terms if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
    for term, factor in factors.items():
        documents, counts = index.postings(term)
        if len(documents):
            found = np.einsum("df,df->d", counts, scale[documents], dtype=np.float32)
            scores[documents] += np.float32(factor * idf(len(documents), index.searchable)) * (
                found / (np.float32(weights.k1) + found)
            )
    return scores


def idf(documents: int, of: int) -> float:
    """A term's weight by the number of articles that have it; never below 0."""
    return float(np.log1p((of - documents + 0.5) / (documents + 0.5)))


def _scales(index: LawIndex, weights: Weights) -> NDArray[np.float32]:
    """By article and field: the weight of a count there."""
    return index.remembered(("scales", weights.k1, tuple(weights.fields.items())), lambda: _compute(index, weights))


def _compute(index: LawIndex, weights: Weights) -> NDArray[np.float32]:
    scale = np.zeros(index.lengths.shape, np.float32)
    for column, name in enumerate(FIELDS):
        settings = weights.fields.get(name, Field(0.0))
        lengths = index.lengths[:, column].astype(np.float64)
        # The mean over all that can be found, as in Lucene: an empty field counts as one.
        mean = lengths.sum() / max(index.searchable, 1)
        relative = lengths / mean if mean else lengths
        scale[:, column] = settings.weight / (1 - settings.b + settings.b * relative)
    return scale
