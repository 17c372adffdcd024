"""What citizens call the matter of an article, written by people of this project: the files in `law/everyday/`.

A law says "hak düşürücü süre" and "kiraya veren"; who asks says "kaç gün içinde" and "ev sahibi". These words are a
field of the index of their own. A line is a law, an article and the words, tab-separated; `#` begins a comment:
`TBK<TAB>344<TAB>kira artışı; ev sahibi kirayı fahiş artırdı`.

What it leaves out: how much these words weigh (`fidan.law.bm25`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fidan.errors import SourceError
from fidan.law.names import Names, common_names
from fidan.law.tables import table_rows

FOLDER = Path(__file__).parent / "everyday"


class Everyday(NamedTuple):
    """The everyday words of one article."""

    law: str  # as written in the file, "TBK"
    article: str  # "344", "geçici 3"
    words: tuple[str, ...]  # phrases
    where: str  # file and line, for messages

    def number(self, names: Names | None = None) -> str | None:
        """The law's number; None where the name is no known one."""
        return (names or common_names()).resolve(self.law)


def read_everyday(folder: Path = FOLDER) -> Iterator[Everyday]:
    """The words of all `.tsv` files of a folder, in the order of their names.

    Raises:
        SourceError: a file is not UTF-8, or a line has not three columns; told with the line.
    """
    for path in sorted(folder.glob("*.tsv")):
        for number, columns in table_rows(path):
            if len(columns) != 3 or not all(columns):
                raise SourceError(
                    f"{path.name}:{number}: {len(columns)} columns. A line is law, article and words, parted by tabs."
                )
            words = tuple(word for part in columns[2].split(";") if (word := part.strip()))
            yield Everyday(columns[0], columns[1], words, f"{path.name}:{number}")
