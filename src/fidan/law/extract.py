"""An answer out of an article's own sentences: those that say most to the question, in the article's order.

Nothing is rewritten, so what it says the law says; a list keeps the words around it. What it leaves out: how much a
sentence says (`fidan.law.sentences`), and whether the article answers at all (`fidan.law.scope`).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from fidan.law.sentences import LATER, Stems, scores
from fidan.law.units import Unit, units_of
from fidan.turkish import words

MOST = 3  # units, so that the answer is shorter than the article, which is shown anyway
WORDS = 90


class Choice(NamedTuple):
    """How sentences are chosen; the two ways were found on the dev halves of `benchmarks/law` (dev/LOG.md).

    Attributes:
        near: of the best score; a unit below it is another matter.
        later: what a paragraph further on loses.
        base: a share of the question that every unit is taken to hold: a story shares few words with the sentence
            that answers it, and the article's first ones are the likeliest then.
    """

    near: float
    later: float
    base: float


SHORT = Choice(near=0.75, later=LATER, base=0.0)
STORY = Choice(near=0.6, later=0.1, base=0.03)


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
        says anything to the question; "" of an article without text.
    """
    units = units_of(paragraphs)
    if not units:
        return ""
    told = scores(units, question, stems, weights, heading, choice.later, choice.base)
    # Of equals the earlier one: an article begins with its rule and goes on with exceptions.
    order = sorted(range(len(units)), key=lambda i: (-told[i], i))
    kept = [order[0]]
    used = len(words(units[order[0]].whole))
    for place in order[1:MOST]:
        size = len(words(units[place].text))
        if told[place] < choice.near * told[order[0]] or told[place] == 0 or used + size > WORDS:
            break
        kept.append(place)
        used += size
    return join(units[place] for place in sorted(kept))


def join(units: Iterable[Unit]) -> str:
    """Units as running text: items of one list share the words around it."""
    made: list[str] = []
    for (opening, close, _), group in groupby(units, lambda unit: (unit.opening, unit.close, unit.paragraph)):
        made += [opening, *(unit.text for unit in group), close]
    return " ".join(part for part in made if part)
