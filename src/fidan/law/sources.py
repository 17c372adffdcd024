"""The articles that a question is answered from, in order.

First those that it cites; where it asks what something is, those that define it (`fidan.law.definitions`); for other
short questions, those with a sentence that answers it (`fidan.law.fit`); for stories, as the search found them. A
provisional article whose end date is past (`fidan.law.cautions`) comes after others of nearly its score. What it
leaves out: the search, and whether any of them answers (`fidan.law.scope`).
"""

from typing import NamedTuple

from fidan.law.article import Article, Law
from fidan.law.bm25 import idf
from fidan.law.cautions import lapsed
from fidan.law.citations import Citation
from fidan.law.definitions import WORTH, prefer_definitions
from fidan.law.fit import DEPTH, fitted
from fidan.law.fusion import Vectors
from fidan.law.index import LawIndex
from fidan.law.scope import content_terms, is_story
from fidan.law.search import search
from fidan.law.sentences import asked
from fidan.law.synonyms import legal_words
from fidan.law.terms import stem, terms, words

CANDIDATES = 40  # hits among which definitions are looked for
NEAR = 0.9  # of the first one's score, from which an article answers as well; on dev, see dev/LOG.md
SYNONYM = 0.5  # of the law's word for what a story says, against a word that it says


class Source(NamedTuple):
    """An article found for a question.

    Attributes:
        article: the article.
        law: its law, without its articles.
        score: the search's, weighed anew for a short question; 0 where the article is only cited.
        cited: the question names it.
        grade: how far it defines what the question asks for; 0 where it asks for no definition.
    """

    article: Article
    law: Law
    score: float
    cited: bool = False
    grade: float = 0.0

    @property
    def citation(self) -> Citation:
        """How the article is cited."""
        return Citation(self.article.law, self.article.label)

    @property
    def sure(self) -> bool:
        """Whether it answers whatever the score: it is cited, or defines what is asked."""
        return self.cited or self.grade >= WORTH

    def near(self, first: "Source") -> bool:
        """Whether it answers as well as the first one."""
        if first.cited or self.cited:
            return first.cited and self.cited
        if first.sure:
            return self.grade >= first.grade
        return self.score >= NEAR * first.score


def find_sources(index: LawIndex, question: str, k: int = DEPTH, vectors: Vectors | None = None) -> list[Source]:
    """The articles for a question, best first.

    Args:
        index: an open index.
        question: as it was asked; without a word in it nothing is found.
        k: the most to give.
        vectors: the index's, to find articles by them, too; None: by words alone.
    """
    if not terms(question):
        return []
    defining = bool(asked(question).definition)
    hits = search(index, question, CANDIDATES if defining else max(k, DEPTH), vectors)
    cited = [Source(hit.article, hit.law, hit.score, cited=True) for hit in hits if hit.cited]
    others = [hit for hit in hits if not hit.cited]
    articles, scores = [hit.article for hit in others], [hit.score for hit in others]
    order, grades = list(range(len(others))), [0.0] * len(others)
    if defining:
        order, grades = prefer_definitions(articles, question, terms)
    elif not cited and not is_story(question):
        scores = fitted(articles, scores, question, terms, term_weights(index, question))
        order.sort(key=lambda place: -scores[place])
    found = [Source(articles[at], others[at].law, scores[at], grade=grades[at]) for at in order]
    if not defining:
        found.sort(key=lambda source: -source.score * (NEAR if lapsed(source.article) else 1.0))
    return (cited + found)[:k]


def term_weights(index: LawIndex, question: str) -> dict[str, float]:
    """What each content word of a question weighs, and the law's words for what a story says."""
    weights = {term: _rarity(index, term) for term in content_terms(question)}
    if is_story(question):
        for word in legal_words(words(question)):
            weights.setdefault(stem(word), SYNONYM * _rarity(index, stem(word)))
    return weights


def _rarity(index: LawIndex, term: str) -> float:
    return idf(len(index.postings(term)[0]), index.searchable)
