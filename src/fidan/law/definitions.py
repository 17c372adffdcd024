"""Articles that define a thing, for questions such as "egemenlik nedir?".

An article defines X where X is its heading, or where one of its sentences has a defining form with X at its
beginning ("Nişanlanma, evlenme vaadiyle olur", "a) Açık rıza: …") or ends in it ("… işi bırakmalarına grev denir").
What it leaves out: finding candidates (`fidan.law.search`).
"""

import re
from collections.abc import Sequence

from fidan.law.article import Article
from fidan.law.sentences import Stems, asked, defines
from fidan.law.units import units_of
from fidan.turkish import fold

WORTH = 1.5  # grade from which an article defines a thing for sure
_LOOKED_AT = 80  # units: lists of definitions are long
_TITLES = ("tanım", "kavram", "tarif", "genel olarak", "kapsam")


def definition_grade(article: Article, what: str, stems: Stems) -> float:
    """How far an article defines a thing, 0 to 3.

    Args:
        article: one that was found.
        what: the thing, folded.
        stems: the words of a text as they are compared.
    """
    thing = set(stems(what))
    if not thing or article.repealed:
        return 0.0
    heading = fold(article.heading)
    grade = 0.0
    own = set(stems(heading))
    if own and (own == thing or _headed(heading, what)):
        grade += 1.5
    elif thing <= own or (any(title in heading for title in _TITLES) and thing <= set(stems(article.section))):
        grade += 0.75
    units = units_of(article.paragraphs)[:_LOOKED_AT]
    places = [place for place, unit in enumerate(units) if defines(unit.text, what)]
    if places:
        # A definition at the head of an article is what the article is for; one in a list serves its own law.
        grade += 1.5 if places[0] < 2 else 1.0
    return grade


def _headed(heading: str, what: str) -> bool:
    """Whether a heading says that its article defines the thing: "Grevin tanımı"."""
    return re.fullmatch(rf"{re.escape(what)}\w{{0,4}} (?:tanımı|kavramı|tarifi)", heading) is not None


def prefer_definitions(articles: Sequence[Article], question: str, stems: Stems) -> tuple[list[int], list[float]]:
    """The order in which found articles are best taken for a question.

    Args:
        articles: best first.
        question: as it was asked.
        stems: the words of a text as they are compared.

    Returns:
        Places in `articles`, and the grade of each article: where the question asks what something is, those that
        define it come first; for all other questions the order stays and the grades are 0.
    """
    what = asked(question).definition
    if not what:
        return list(range(len(articles))), [0.0] * len(articles)
    grades = [definition_grade(article, what, stems) for article in articles]
    # A grade of one outweighs five places of the search, so that a passing mention does not win over the first hit;
    # from `WORTH` on, an article is taken for a definition wherever it was found.
    order = sorted(range(len(articles)), key=lambda place: place - (5 + 5 * (grades[place] >= WORTH)) * grades[place])
    return order, grades
