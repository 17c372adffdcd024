"""Tab-separated files that people of this project write: everyday words, synonyms.

What it leaves out: what the columns mean.
"""

from collections.abc import Iterator
from pathlib import Path

from fidan.errors import SourceError


def table_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The columns of each line, stripped, with its number from 1; empty lines and comments (`#`) are left out.

    Raises:
        SourceError: the file is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: byte {error.start:,} is not UTF-8. Save the file as UTF-8.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, [column.strip() for column in line.split("\t")]
