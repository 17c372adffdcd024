"""An answer out of an article's own sentences: those that say most to the question, in the article's order.

Nothing is rewritten, so what it says the law says; a list keeps the words around it. What it leaves out: how much a
sentence says (`fidan.law.sentences`), and whether the article answers at all (`fidan.law.scope`).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from fidan.law.sentences import LATER, Stems, asked, scores
from fidan.law.units import Unit, units_of
from fidan.turkish import words

MOST = 3  # units, so that the answer is shorter than the article, which is shown anyway
WORDS = 90
LIST_WORDS = 150  # of a list that is given whole where a question asks for all of it
NEAR = 0.6  # of the best score: a unit below it is another matter


class Choice(NamedTuple):
    """How sentences are chosen; the two ways were found on the dev halves of `benchmarks/law` (dev/LOG.md).

    Attributes:
        later: what a paragraph further on loses.
        base: a share of the question that every unit is taken to hold: a story shares few words with the sentence
            that answers it, and the article's first ones are the likeliest then.
    """

    later: float
    base: float


SHORT = Choice(later=LATER, base=0.0)
STORY = Choice(later=0.1, base=0.03)


def extract(
    paragraphs: Sequence[str],
    question: str,
    stems: Stems,
    weights: Mapping[str, float],
    heading: str = "",
    choice: Choice = SHORT,
) -> str:
    """The sentences of an article that answer a question.

    Args:
        paragraphs: the article's.
        question: as it was asked.
        stems: the words of a text as they are compared.
        weights: what each stem of the question weighs.
        heading: the article's.
        choice: how they are chosen.

    Returns:
        The best unit and those near it, up to `MOST` and about `WORDS` words, in order; the first one where none
        says anything to the question; the whole list of an item where the question asks for several and it is short;
        "" of an article without text. "…" stands for items of a list that are left out.
    """
    units = units_of(paragraphs)
    if not units:
        return ""
    told = scores(units, question, stems, weights, heading, choice.later, choice.base)
    # Of equals the earlier one: an article begins with its rule and goes on with exceptions.
    order = sorted(range(len(units)), key=lambda i: (-told[i], i))
    best = units[order[0]]
    together = [unit for unit in units if best.in_list and _list(unit) == _list(best)]
    if asked(question).several and together and sum(len(words(unit.text)) for unit in together) <= LIST_WORDS:
        return join(together, units)
    kept = [order[0]]
    used = len(words(units[order[0]].whole))
    for place in order[1:MOST]:
        size = len(words(units[place].text))
        if told[place] < NEAR * told[order[0]] or told[place] == 0 or used + size > WORDS:
            break
        kept.append(place)
        used += size
    return join([units[place] for place in sorted(kept)], units)


def join(chosen: Iterable[Unit], units: Sequence[Unit]) -> str:
    """Units as running text: items of one list share the words around it, and "…" stands for those left out.

    Args:
        chosen: in order.
        units: all of the article.
    """
    made: list[str] = []
    for (opening, close, paragraph), group in groupby(chosen, _list):
        items = list(group)
        held = [unit for unit in units if _list(unit) == (opening, close, paragraph)]
        made.append(opening)
        for number, unit in enumerate(items):
            place = held.index(unit)
            if unit.in_list and (held.index(items[number - 1]) if number else -1) < place - 1:
                made.append("…")
            made.append(unit.text)
        if items[-1].in_list and items[-1] != held[-1]:
            made.append("…")
        made.append(close)
    return " ".join(part for part in made if part)


def _list(unit: Unit) -> tuple[str, str, int]:
    """What the items of one list have in common."""
    return unit.opening, unit.close, unit.paragraph
