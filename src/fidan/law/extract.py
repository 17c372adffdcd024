"""An answer out of an article's own sentences: those that say most to the question, in the article's order.

Nothing is rewritten, so what it says the law says; a list keeps the words around it. What it leaves out: how much a
sentence says (`fidan.law.sentences`), and whether the article answers at all (`fidan.law.scope`).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from fidan.law.sentences import Stems, Unit, scores, units_of
from fidan.turkish import words

MOST = 3  # units, so that the answer is shorter than the article, which is shown anyway
WORDS = 90
NEAR = 0.6  # of the best score: a unit below it is another matter


def extract(paragraphs: Sequence[str], question: str, stems: Stems, weights: Mapping[str, float]) -> str:
    """The sentences of an article that answer a question.

    Args:
        paragraphs: the article's.
        question: as it was asked.
        stems: the words of a text as they are compared.
        weights: what each stem of the question weighs.

    Returns:
        The best unit and those near it, up to `MOST` and about `WORDS` words, in order; the first one where none
        says anything to the question; "" of an article without text.
    """
    units = units_of(paragraphs)
    if not units:
        return ""
    told = scores(units, question, stems, weights)
    # Of equals the earlier one: an article begins with its rule and goes on with exceptions.
    order = sorted(range(len(units)), key=lambda i: (-told[i], i))
    kept = [order[0]]
    used = len(words(units[order[0]].whole))
    for place in order[1:MOST]:
        size = len(words(units[place].text))
        if told[place] < NEAR * told[order[0]] or told[place] == 0 or used + size > WORDS:
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
