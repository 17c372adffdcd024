"""What citizens say and what the law says for it: a question that has the one is searched for the other too.

`synonyms.tsv` has a line an idea: everyday words and phrases, a tab, the law's words; semicolons between. Unlike the
words of `law/everyday/` these belong to no article. A phrase is met where the beginnings of its words stand in the
question side by side, so that "ev sahibim" meets "ev sahibi".

What it leaves out: how much the added words weigh (`fidan.law.search`).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from fidan.errors import SourceError
from fidan.law.tables import table_rows
from fidan.law.terms import stem, words

FILE = Path(__file__).with_name("synonyms.tsv")


def legal_words(question: Sequence[str]) -> list[str]:
    """The law's words for the everyday words of a question.

    Args:
        question: its folded words, as `fidan.law.terms.words` gives them.
    """
    said = [stem(word) for word in question]
    places: dict[str, list[int]] = {}
    for place, beginning in enumerate(said):
        places.setdefault(beginning, []).append(place)
    found: list[str] = []
    known = _by_first()
    for beginning, starts in places.items():
        for phrase, legal in known.get(beginning, ()):
            if any(said[start : start + len(phrase)] == phrase for start in starts):
                found += [word for word in legal if word not in found]
    return found


@cache
def _by_first() -> dict[str, list[tuple[list[str], list[str]]]]:
    """By the first word of a phrase: the phrase's beginnings, and the law's words for it."""
    by_first: dict[str, list[tuple[list[str], list[str]]]] = {}
    for phrases, legal in read_synonyms(FILE):
        own = [word for phrase in legal for word in words(phrase)]
        for phrase in phrases:
            said = [stem(word) for word in words(phrase)]
            by_first.setdefault(said[0], []).append((said, own))
    return by_first


def read_synonyms(path: Path) -> list[tuple[list[str], list[str]]]:
    """The lines of a file: everyday phrases, and legal ones.

    Raises:
        SourceError: the file is not UTF-8, or a line has not two columns of words; told with the line.
    """
    found = []
    for number, cells in table_rows(path):
        columns = [[part.strip() for part in cell.split(";") if words(part)] for cell in cells]
        if len(columns) != 2 or not all(columns):
            raise SourceError(f"{path.name}:{number}: a line is everyday words and legal words, parted by a tab.")
        found.append((columns[0], columns[1]))
    return found
