"""Question-answer pairs with the article that the search finds for each, to train a model that answers from articles.

The article is looked for by the question alone, as when the assistant answers, so that a model learns from what it
will be given, and no answer leaks into what it reads. What it leaves out: splitting and training (`[finetune]` of a
recipe, with `context = "Madde"`).
"""

from collections.abc import Iterable, Iterator

from fidan.corpus.pairs.pair import Pair
from fidan.law.index import LawIndex
from fidan.law.search import search
from fidan.law.terms import words

ARTICLE, CITATION = "Madde", "Kaynak"  # the columns that are added


def with_articles(index: LawIndex, pairs: Iterable[Pair], question: str, answer: str) -> Iterator[dict[str, str]]:
    """Rows of pairs with the text of the first article found for the question, and its citation; empty where none is.

    Args:
        index: an open index of laws.
        pairs: what to look for.
        question: the column that holds the question.
        answer: likewise.
    """
    for pair in pairs:
        hits = search(index, pair.question, 1) if words(pair.question) else []
        article = hits[0].article if hits else None
        text = "\n".join(part for part in (article.heading, article.text) if part) if article else ""
        cited = index.citation(hits[0].position).short(index.names) if hits else ""
        yield {question: pair.question, answer: pair.answer, ARTICLE: text, CITATION: cited}
