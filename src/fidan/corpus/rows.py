"""The rows of a set to learn from by examples (pairs, conversations): CSV, JSON, Parquet, a dataset of the Hub.

The format is told by the ending: `.csv` and `.tsv` (parted by comma, semicolon or tab, whichever the header has most
of), `.jsonl` and `.ndjson`, `.json` (one list of objects), each also as `.gz`, `.xz` or `.zst`; `.parquet`.
`hf:owner/name[:config][:split]` is a dataset, and so is `owner/name` where no such file is. A byte that is not UTF-8
is an error here, and not U+FFFD as in the corpus: an answer is shown to people and measured against, letter by
letter. What it leaves out: what the columns mean (`pairs.read`, `conversations.read`).
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fidan.artifact import hash_file
from fidan.corpus.sources.readers import read_hugging_face_rows, read_parquet_rows
from fidan.corpus.sources.streams import COMPRESSED, read_blocks
from fidan.errors import SourceError
from fidan.settings import nearest
from fidan.turkish import nfc

_HF = "hf:"
_DATASET = re.compile(r"[\w.-]+/[\w.-]+(:[^:/]*){0,2}")
_TABLES, _LINES, _LIST, _PARQUET = (".csv", ".tsv"), (".jsonl", ".ndjson"), ".json", ".parquet"
_DELIMITERS = ",;\t"
_SURROGATE = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One row.

    Attributes:
        where: file and line, or dataset and row, for messages.
        cells: by the names of their columns.
    """

    where: str
    cells: Mapping[str, Any]


def read_rows(source: str) -> Iterator[Row]:
    """The rows of a set, in its order.

    Args:
        source: a file, or a dataset by name.

    Raises:
        SourceError: it is missing, empty, damaged, not UTF-8, of no known format, or needs a package that is not
            installed.
    """
    kind, path = _kind(source), Path(source)
    if kind == _HF:
        spec = source.removeprefix(_HF)
        for number, cells in enumerate(read_hugging_face_rows(spec), start=1):
            yield Row(f"{_HF}{spec}, row {number:,}", cells)
        return
    if not path.is_file():
        raise SourceError(f"{source}: no such file. Correct the path.")
    if kind == _PARQUET:
        for number, cells in enumerate(read_parquet_rows(path), start=1):
            yield Row(f"{source}, row {number:,}", cells)
    elif kind in _TABLES:
        yield from _table(source, _text(path))
    elif kind == _LIST:
        yield from _list(source, _text(path))
    else:
        yield from _lines(source, path)


def text_of(row: Row, column: str) -> str:
    """The text in a column, in Unicode's form C, without white space around it; empty where the cell is.

    Raises:
        SourceError: no such column, or it holds something else than text.
    """
    if column not in row.cells:
        raise SourceError(
            f"{row.where}: no column {column!r}.{nearest(column, row.cells)} Name the columns as they are."
        )
    return clean_text(row.cells[column], f"{row.where}: column {column!r}")


def clean_text(value: Any, what: str) -> str:
    """A text of a row likewise; `what` names it in an error.

    Raises:
        SourceError: it is something else than text, or holds half of a surrogate pair.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError(f"{what} holds {type(value).__name__}, where text is wanted.")
    if _SURROGATE.search(value):
        raise SourceError(f"{what} holds half of a surrogate pair. Write it as UTF-8 again.")
    return nfc(value).strip()


def source_hash(source: str) -> str:
    """What identifies the content of a set, for a manifest: a file's hash; a dataset's name, marked `unhashed`.

    Raises:
        SourceError: there is no such file, or it is of no known format.
    """
    if _kind(source) == _HF:
        return f"unhashed {_HF}{source.removeprefix(_HF)}"
    if not Path(source).is_file():
        raise SourceError(f"{source}: no such file. Correct the path.")
    return hash_file(Path(source))


def _kind(source: str) -> str:
    """`hf:`, or the ending that tells the format."""
    if source.startswith(_HF):
        return _HF
    path = Path(source)
    known = (*_TABLES, *_LINES, _LIST, _PARQUET)
    plain = path.with_suffix("") if path.suffix in COMPRESSED else path
    if plain.suffix in known and not (plain.suffix == _PARQUET and plain != path):
        return plain.suffix
    if not path.exists() and _DATASET.fullmatch(source):
        return _HF
    raise SourceError(
        f"{source}: no known format of rows. Name a file that ends in {', '.join(known)} (text also "
        "in .gz, .xz or .zst), or a dataset as hf:owner/name."
    )


def _text(path: Path) -> str:
    data = b"".join(read_blocks(path)).removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _not_utf8(f"{path}:{line}", error) from error
    if not text.strip():
        raise SourceError(f"{path}: the file is empty.")
    return text


def _not_utf8(where: str, error: UnicodeDecodeError) -> SourceError:
    return SourceError(
        f"{where}: not UTF-8 (byte 0x{error.object[error.start]:02x}). Convert the file first, for instance with "
        "iconv -f WINDOWS-1254 -t UTF-8."
    )


def _table(source: str, text: str) -> Iterator[Row]:
    lead = len(text) - len(text.lstrip("\r\n"))
    skipped, body = text.count("\n", 0, lead), text[lead:]
    first = body.splitlines()[0]
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=max(_DELIMITERS, key=first.count), strict=True
    )  # of equals the first: a header of one column has no delimiter, and its error names that column
    header: list[str] = []
    try:
        for cells in reader:
            where = f"{source}:{skipped + reader.line_num}"
            if not header:
                header = [name.strip() for name in cells]
                if twice := next((name for name in header if header.count(name) > 1), None):
                    raise SourceError(f"{where}: two columns are called {twice!r}. Rename one.")
            elif cells:  # not an empty line
                if len(cells) != len(header):
                    raise SourceError(
                        f"{where}: {len(cells)} cells where the header has {len(header)}. Put cells that hold a "
                        "separator in quotes."
                    )
                yield Row(where, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise SourceError(
            f"{source}:{skipped + reader.line_num}: not a table of cells ({error}). Mend its quotes."
        ) from error


def _lines(source: str, path: Path) -> Iterator[Row]:
    data = b"".join(read_blocks(path)).removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(data.split(b"\n"), start=1):
        where = f"{source}:{number}"
        if not line.strip():
            continue
        try:
            value = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise _not_utf8(where, error) from error
        except ValueError as error:
            raise SourceError(f"{where}: not valid JSON ({error}). Write one object a line.") from error
        if not isinstance(value, dict):
            raise SourceError(f"{where}: a JSON {type(value).__name__}, where an object a line is wanted.")
        yield Row(where, value)


def _list(source: str, text: str) -> Iterator[Row]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise SourceError(f"{source}: not valid JSON ({error}). Write one list of objects.") from error
    if not isinstance(values, list):
        raise SourceError(f"{source}: a JSON {type(values).__name__}, where one list of objects is wanted.")
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise SourceError(f"{source}, item {number:,}: a JSON {type(value).__name__}, where an object is wanted.")
        yield Row(f"{source}, item {number:,}", value)
