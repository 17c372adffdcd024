"""The texts of evaluation files: every string that a model is tested on, with the number of its place in the file.

    .jsonl, .ndjson   a value a line; the number is the line's
    .json             one value, as SQuAD's; the number counts its strings, from 1
    .csv, .tsv        rows; the number is the row's, the header being row 1
    .txt              a text a line; the number is the line's

Of JSON every string value is a text, however deep it lies; keys are not. `.gz`, `.xz` and `.zst` are opened on the
way. Evaluation files are small and are read whole. What it leaves out: which texts are long enough to be looked for
(`fidan.corpus.filters.decontamination`).
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fidan.corpus.sources.streams import COMPRESSED, read_blocks
from fidan.errors import SourceError

Text = tuple[int, str]  # number of its place, and itself

_LONGEST_FIELD = 1 << 30  # characters; Python's own limit is 131,072, which a long context exceeds


def read_texts(path: Path) -> Iterator[Text]:
    """The texts of an evaluation file, in order, those without a character left out.

    Raises:
        SourceError: the file is missing, empty, truncated, damaged, not UTF-8, or not of the form its name says.
    """
    name = path.name
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    reader = _READERS.get(Path(name).suffix)
    if reader is None:
        known = ", ".join(_READERS)
        raise SourceError(f"{path}: an evaluation file ends in {known} (and .gz, .xz, .zst). Convert or rename it.")
    if not path.exists():
        raise SourceError(f"{path}: no such file. corpus.decontamination.files names it; correct the name there.")
    content = read_content(path)
    return ((number, text) for number, text in reader(content, path) if text.strip())


def read_content(path: Path) -> str:
    """All of a file's text, decompressed by its name, without a byte order mark.

    Raises:
        SourceError: the file is missing, empty, truncated, damaged or not UTF-8.
    """
    try:
        return b"".join(read_blocks(path)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 at byte {error.start:,}. Convert it to UTF-8 first.") from error


def _json_lines(content: str, path: Path) -> Iterator[Text]:
    # Not splitlines: JSON may hold U+2028 and its like as they are.
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            for text in _strings(_parse(line, f"{path}:{number}")):
                yield number, text


def _json(content: str, path: Path) -> Iterator[Text]:
    return enumerate(_strings(_parse(content, str(path))), start=1)


def _parse(content: str, where: str) -> Any:
    # Python's own reader, because it takes the NaN and the halves of emoji that such files hold.
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{where}: not valid JSON ({error}). A value a line is .jsonl, one in all .json."
        ) from error


def _strings(value: Any) -> Iterator[str]:
    """The strings in a JSON value, in the order of the text."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left.extend(reversed(value.values()))
        elif isinstance(value, list):
            left.extend(reversed(value))


def _comma_separated(content: str, path: Path) -> Iterator[Text]:
    rows = read_table(content, path)
    return ((number, cell) for number, row in enumerate(rows, start=1) for cell in row)


def read_table(content: str, path: Path) -> list[list[str]]:
    """The rows of a .csv file, the header among them; cells are parted by the sign that the header has most of.

    Args:
        content: of the file.
        path: its name, for the error.

    Raises:
        SourceError: it is no such table.
    """
    # Where the comma writes decimals, as in Turkish, spreadsheets part cells by semicolons and still say .csv.
    header = content.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise SourceError(f"{path}: not a table of cells ({error}). Mend its quotes, or make it .jsonl.") from error
    finally:
        csv.field_size_limit(before)


def _tab_separated(content: str, _: Path) -> Iterator[Text]:
    # Quotes mean nothing here: the form has none, and one alone would swallow all rows to the end.
    return ((number, cell) for number, row in _lines(content, _) for cell in row.split("\t"))


def _lines(content: str, _: Path) -> Iterator[Text]:
    return enumerate(content.split("\n"), start=1)


_READERS: dict[str, Callable[[str, Path], Iterator[Text]]] = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".csv": _comma_separated,
    ".tsv": _tab_separated,
    ".txt": _lines,
}
