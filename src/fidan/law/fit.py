"""Found articles ordered anew for a short question, by whether a sentence of theirs answers it.

The search counts words over a whole article; what answers a short question stands in one sentence. So an article's
score is multiplied by its best sentence's to the power `SENTENCE`, by `PASSING` where it is a provisional or
additional article, and by `OFFENCE` where a penalty is asked for and its whole heading stands in the question:
"rüşvet almanın cezası" is for the article headed "Rüşvet", and not for those on what makes it worse. Chosen on the
dev half of `benchmarks/law/in_scope.jsonl` (dev/LOG.md); flat around these values. Stories hold too many words for
this, and the order of the search is better for them.

What it leaves out: questions for a definition (`fidan.law.definitions`).
"""

import re
from collections.abc import Mapping, Sequence

from fidan.law.article import Article
from fidan.law.sentences import Stems, asked, scores
from fidan.law.units import units_of
from fidan.turkish import fold

DEPTH = 10  # articles looked into
SENTENCE = 0.1
PASSING = 0.7
OFFENCE = 1.3
_LOOKED_AT = 60  # sentences of an article
_PUNISHES = re.compile(r"\b(?:hapis|müebbet|para cezası)")  # "ceza artırılır" is of another article's penalty
_LEAST = 1e-3  # a sentence's score, so that none makes an article's 0


def fitted(
    articles: Sequence[Article],
    found: Sequence[float],
    question: str,
    stems: Stems,
    weights: Mapping[str, float],
) -> list[float]:
    """The scores of found articles, weighed by their sentences.

    Args:
        articles: best first; those after `DEPTH` keep their place behind the others.
        found: their scores by the search.
        question: as it was asked.
        stems: the words of a text as they are compared.
        weights: what each of the question's stems weighs.
    """
    penalty = asked(question).penalty
    told = set(stems(question))
    made: list[float] = []
    for article, score in zip(articles[:DEPTH], found[:DEPTH], strict=True):
        units = units_of(article.paragraphs)[:_LOOKED_AT]
        best = max(scores(units, question, stems, weights, article.heading), default=0.0)
        score *= max(best, _LEAST) ** SENTENCE
        if article.kind != "madde":
            score *= PASSING
        heading = set(stems(article.heading))
        if penalty and heading and heading <= told and any(_PUNISHES.search(fold(unit.whole)) for unit in units):
            score *= OFFENCE
        made.append(score)
    least = min(made, default=0.0)
    return made + [least * score / found[DEPTH - 1] for score in found[DEPTH:] if found[DEPTH - 1]]
