"""Minimal pairs in tables: a good and a bad sentence a row, as TurBLiMP publishes them.

    good_sentence;bad_sentence;…;phenomenon

Cells are parted by semicolon, comma or tab, whichever gives the columns, and may stand in quotes. A table without a
phenomenon is one phenomenon, by the file's name. Rows are counted from 1, the header being the first. Sentences are
taken as they stand but for Unicode's form C, in which the models' texts are. What it leaves out: other columns.
"""

import csv
import io
from pathlib import Path
from typing import NamedTuple

from fidan.errors import SourceError
from fidan.turkish import nfc

GOOD = ("good_sentence", "good", "sentence_good")
BAD = ("bad_sentence", "bad", "sentence_bad")
PHENOMENON = "phenomenon"
DELIMITERS = ";,\t"
TABLES = (".csv", ".tsv")


class Pair(NamedTuple):
    """Two sentences that differ in one thing, of which speakers find one better.

    Attributes:
        good: the better one.
        bad: the other.
        phenomenon: what is tested, such as "island_effects".
        where: file and row, for errors.
    """

    good: str
    bad: str
    phenomenon: str
    where: str = ""


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a table, or of all tables (.csv, .tsv) in a folder, in the order of their names.

    Raises:
        SourceError: a file is missing, empty or not UTF-8, has no such columns or no rows, or a row has a cell too
            many or an empty sentence.
    """
    if not path.is_dir():
        return _read(path)
    tables = sorted(file for file in path.iterdir() if file.suffix in TABLES)
    if not tables:
        raise SourceError(f"{path}: no tables in this folder. Minimal pairs are in {' or '.join(TABLES)} files.")
    return [pair for table in tables for pair in _read(table)]


def _read(path: Path) -> list[Pair]:
    rows = _rows(path, read_text(path))
    header, (good, bad, phenomenon) = rows[0], _columns(path, rows[0])
    pairs = []
    for number, row in enumerate(rows[1:], start=2):
        if not row:  # an empty line
            continue
        where = f"{path}:{number}"
        if len(row) != len(header):
            raise SourceError(
                f"{where}: {len(row)} cells where the header has {len(header)}. Put cells that hold a separator in "
                "quotes."
            )
        empty = next(
            (header[column] for column in (good, bad, phenomenon) if column >= 0 and not row[column].strip()), ""
        )
        if empty:
            raise SourceError(f"{where}: the cell {empty!r} is empty. Fill it, or take the row out.")
        kind = row[phenomenon].strip() if phenomenon >= 0 else path.stem
        pairs.append(Pair(nfc(row[good]), nfc(row[bad]), kind, where))
    if not pairs:
        raise SourceError(f"{path}: a header and no rows. Add the pairs.")
    return pairs


def read_text(path: Path) -> str:
    """The text of an evaluation file, without a byte order mark.

    Raises:
        SourceError: the file is missing, empty or not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}). Correct the path.") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 at byte {error.start:,}. Convert it to UTF-8 first.") from error
    if not text.strip():
        raise SourceError(f"{path}: the file is empty.")
    return text


def _rows(path: Path, text: str) -> list[list[str]]:
    """All rows, the header first; parted as the header is."""
    lines = text.lstrip("\r\n")
    first = lines.splitlines()[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise SourceError(f"{path}: not a table of cells ({error}). Mend its quotes.") from error


def _columns(path: Path, header: list[str]) -> tuple[int, int, int]:
    """Places of the good and the bad sentence and of the phenomenon, -1 where it has none."""
    names = [name.strip() for name in header]
    found = []
    for wanted in (GOOD, BAD):
        place = next((names.index(name) for name in wanted if name in names), -1)
        if place < 0:
            raise SourceError(
                f"{path}: no column {', '.join(wanted[:-1])} or {wanted[-1]}. Its columns are {', '.join(names)}."
            )
        found.append(place)
    return found[0], found[1], names.index(PHENOMENON) if PHENOMENON in names else -1
