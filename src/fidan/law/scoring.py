"""The score of every article for a query's terms: the sum of what each says.

What it leaves out: which terms a question has, and what else decides the order (`fidan.law.search`).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fidan.law.bm25 import Weights, idf, impact, scales
from fidan.law.index import LawIndex


def bm25f(
    index: LawIndex, terms: Sequence[str] | Mapping[str, float], weights: Weights | None = None
) -> NDArray[np.float32]:
    """A score for every article of the index; 0 where no term occurs.

    Args:
        index: the index.
        terms: the query's terms, each once, or with a factor for each.
        weights: the parameters; None: those the index was built with, whose results it keeps, in half precision.
    """
    scores = np.zeros(len(index.articles), np.float32)
    factors = terms if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
    scale = None if weights is None else scales(index.lengths, index.searchable, weights)
    for term, factor in factors.items():
        if weights is None or scale is None:
            documents, kept = index.impacts(term)
            scores[documents] += np.float32(factor) * kept
        else:
            documents, counts = index.postings(term)
            said = impact(counts, scale[documents], idf(len(documents), index.searchable), weights.k1)
            scores[documents] += np.float32(factor) * said
    return scores


def best_positions(scores: NDArray[np.float32], k: int) -> list[int]:
    """The positions of the k highest scores above 0, the highest first, ties in the order of the index."""
    k = min(k, len(scores))
    top = np.argpartition(-scores, k - 1)[:k] if k else np.empty(0, np.int64)
    top = top[np.lexsort((top, -scores[top]))]
    return [int(position) for position in top if scores[position] > 0]
