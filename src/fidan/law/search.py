"""The articles that answer a query: those it cites first, then those whose words fit best.

What it leaves out: the score of words (`fidan.law.bm25`), and answers (the assistant writes them from what is found).
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.law.article import Article, Law
from fidan.law.bm25 import idf
from fidan.law.citations import parse_citations
from fidan.law.fusion import Vectors, fuse
from fidan.law.index import LawIndex
from fidan.law.scoring import best_positions, bm25f
from fidan.law.synonyms import legal_words
from fidan.law.terms import JOINING, index_terms, stem, words

MOST_WORDS = 20_000  # of a query; a longer one is a book, not a question
STORY = 12  # words from which a question tells a story, in the words of every day

# Chosen on the dev halves of `benchmarks/law` (dev/LOG.md); the figures are flat around them.
SHARE = 0.5  # of a word's beginning, of its stem, of a pair: each says part of what the other says
SYNONYM = 0.2  # of the law's word for what was said, against a word that was said
NEIGHBOUR = 0.2  # of what the article beside it scores, since articles side by side are of one matter


class Hit(NamedTuple):
    """An article that was found."""

    article: Article
    law: Law  # without its articles
    score: float  # BM25F's, with vectors the fused one; 0 for an article that is only cited
    why: str  # "cited: TCK m.299", or the terms that count most, and with vectors the likeness
    position: int  # in the index

    @property
    def cited(self) -> bool:
        """Whether the query names this article."""
        return self.why.startswith("cited")


def search(index: LawIndex, query: str, k: int = 10, vectors: Vectors | None = None) -> list[Hit]:
    """The best articles for a query.

    Args:
        index: an open index.
        query: a question or words, in Turkish.
        k: the most articles to give.
        vectors: the index's, to rank by them, too; None: by words alone.

    Returns:
        Articles that the query cites, in its order; then by falling score. Repealed articles only where cited.

    Raises:
        FidanError: the query has no word, or is longer than a question can be.
    """
    if k < 1:
        raise FidanError(f"k = {k}: ask for at least one article.")
    written = words(query)
    if not written:
        raise FidanError("the query has no word. Write a question, or a citation such as TCK 299.")
    if len(written) > MOST_WORDS:
        raise FidanError(f"the query has {len(written):,} words; at most {MOST_WORDS:,} are taken. Shorten it.")
    terms = query_terms(written)
    scores = with_neighbours(index, bm25f(index, terms))
    likeness = None if vectors is None else vectors.likeness(query)
    if likeness is not None:
        scores = fuse(scores, likeness)
    hits: list[Hit] = []
    cited = set()
    for citation in parse_citations(query, index.names):
        position = index.find(citation)
        if position is not None and position not in cited and len(hits) < k:
            cited.add(position)
            hits.append(_hit(index, position, scores, f"cited: {citation.short(index.names)}"))
    for position in best_positions(scores, k + len(cited)):
        if len(hits) == k:
            break
        if position not in cited:
            why = _reason(index, written, position)
            if likeness is not None:
                why += f"; vectors {likeness[position]:.2f}"
            hits.append(_hit(index, position, scores, why))
    return hits


def query_terms(written: list[str]) -> dict[str, float]:
    """The terms that a query is searched by, and how much each counts.

    Words that join or ask are left out where others remain. Of a story, the law's words for what is said are added.
    A term that comes often counts up to twice.

    Args:
        written: the query's folded words.
    """
    content = [word for word in written if word not in JOINING] or written
    counted = Counter(index_terms(content))
    terms = {term: SHARE * 2 * count / (count + 1) for term, count in counted.items()}
    if len(written) >= STORY:
        for word in legal_words(written):
            for term in index_terms([word]):
                terms[term] = terms.get(term, 0.0) + SHARE * SYNONYM
    return terms


def with_neighbours(index: LawIndex, scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores with a share of the better of the articles around, one or (by half) two places off in the same law."""
    near = np.zeros_like(scores)
    for distance, share in ((1, 1.0), (2, 0.5)):
        earlier, later = slice(None, -distance), slice(distance, None)
        same = index.law_of[later] == index.law_of[earlier]
        for own, other in ((later, earlier), (earlier, later)):
            near[own] = np.maximum(near[own], np.where(same, share * scores[other], 0.0))
    return np.where(scores > 0, scores + np.float32(NEIGHBOUR) * near, scores)


def _hit(index: LawIndex, position: int, scores: NDArray[np.float32], why: str) -> Hit:
    article = index.articles[position]
    return Hit(article, index.laws[article.law], float(scores[position]), why, position)


def _reason(index: LawIndex, written: Iterable[str], position: int, most: int = 5) -> str:
    """The rarest of the query's words that the article has."""
    found = []
    for beginning, word in {stem(word): word for word in written if word not in JOINING}.items():
        documents, _ = index.impacts(beginning)
        at = int(documents.searchsorted(position))
        if at < len(documents) and documents[at] == position:
            found.append((idf(len(documents), index.searchable), word))
    return "words: " + ", ".join(word for _, word in sorted(found, reverse=True)[:most])
