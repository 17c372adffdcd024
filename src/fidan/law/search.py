"""The articles that answer a query: those it cites first, then those whose words fit best.

What it leaves out: the score of words (`fidan.law.bm25`), and answers (the assistant writes them from what is found).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.law.article import Article, Law
from fidan.law.bm25 import Weights, bm25f, idf
from fidan.law.citations import parse_citations
from fidan.law.index import LawIndex
from fidan.law.terms import terms

MOST_WORDS = 20_000  # of a query; a longer one is a book, not a question


class Hit(NamedTuple):
    """An article that was found."""

    article: Article
    law: Law  # without its articles
    score: float  # BM25F's; 0 for an article that is only cited
    why: str  # "cited: TCK m.299", or the terms that count most
    position: int  # in the index

    @property
    def cited(self) -> bool:
        """Whether the query names this article."""
        return self.why.startswith("cited")


def search(index: LawIndex, query: str, k: int = 10, weights: Weights | None = None) -> list[Hit]:
    """The best articles for a query.

    Args:
        index: an open index.
        query: a question or words, in Turkish.
        k: the most articles to give.
        weights: BM25F's parameters; the usual ones if none are given.

    Returns:
        Articles that the query cites, in its order; then by falling score. Repealed articles only where cited.

    Raises:
        FidanError: the query has no word, or is longer than a question can be.
    """
    if k < 1:
        raise FidanError(f"k = {k}: ask for at least one article.")
    written = terms(query)
    words = list(dict.fromkeys(written))
    if not words:
        raise FidanError("the query has no word. Write a question, or a citation such as TCK 299.")
    if len(written) > MOST_WORDS:
        raise FidanError(f"the query has {len(written):,} words; at most {MOST_WORDS:,} are taken. Shorten it.")
    scores = bm25f(index, words, weights)
    hits: list[Hit] = []
    cited = set()
    for citation in parse_citations(query, index.names):
        position = index.find(citation)
        if position is not None and position not in cited and len(hits) < k:
            cited.add(position)
            hits.append(_hit(index, position, scores, f"cited: {citation.short(index.names)}"))
    for position in _best(scores, k + len(cited)):
        if len(hits) == k:
            break
        if position not in cited:
            hits.append(_hit(index, int(position), scores, _reason(index, words, int(position))))
    return hits


def _best(scores: NDArray[np.float32], k: int) -> list[int]:
    """The positions of the k highest scores above 0, the highest first, ties in the order of the index."""
    k = min(k, len(scores))
    top = np.argpartition(-scores, k - 1)[:k] if k else np.empty(0, np.int64)
    top = top[np.lexsort((top, -scores[top]))]
    return [int(position) for position in top if scores[position] > 0]


def _hit(index: LawIndex, position: int, scores: NDArray[np.float32], why: str) -> Hit:
    article = index.articles[position]
    return Hit(article, index.laws[article.law], float(scores[position]), why, position)


def _reason(index: LawIndex, words: list[str], position: int, most: int = 5) -> str:
    """The rarest of the query's terms that the article has."""
    found = []
    for term in words:
        documents, _ = index.postings(term)
        at = int(documents.searchsorted(position))
        if at < len(documents) and documents[at] == position:
            found.append((idf(len(documents), index.searchable), term))
    return "words: " + ", ".join(term for _, term in sorted(found, reverse=True)[:most])
