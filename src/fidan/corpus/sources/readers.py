"""One reader a format: each yields the texts of a source in order, streamed, with a cut where one is too long.

Decoding: UTF-8, with U+FFFD for every byte that is not; `fidan.corpus.filters.Utf8Filter` decides afterwards which of
these documents are repaired and which dropped, so that every format is judged alike.

What it leaves out: labels and identifiers (`fidan.corpus.sources.named`), and any change to the text but the cut.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from fidan.corpus.sources.streams import (
    COMPRESSED,
    Advance,
    check_content,
    ignore_progress,
    read_blocks,
    split_capped,
)
from fidan.errors import SourceError

Text = tuple[str, bool]  # a document, and whether it was cut

_BLANK_LINES = re.compile(rb"\n(?:[ \t\r]*\n)+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = 6  # bytes that JSON may need for one: \u0041


def read_cc100(path: Path, cap: int, advance: Advance, guess: bool) -> Iterator[Text]:
    """CC100 form: a paragraph a line, one or more blank lines between documents.

    Args:
        path: a UTF-8 file, possibly compressed.
        cap: bytes of a document that are read; the rest of a longer one is passed over.
        advance: told of bytes taken from the disk.
        guess: the format was not named, only taken because the name says nothing else; a first line that is a JSON
            object is then refused.
    """
    first = True
    for piece, cut in split_capped(read_blocks(path, advance), _BLANK_LINES.split, cap):
        if not piece.strip():
            continue
        if first and guess and _is_json_object(piece):
            raise SourceError(
                f'{path}: the first line is a JSON object. Say format = "jsonl" for it, or format = "cc100" if it is '
                "meant as text."
            )
        first = False
        # A blank line may lie across two blocks; the half of it that is left must not depend on where that was.
        yield piece.strip(b"\r\n").decode("utf-8", "replace"), cut


def read_jsonl(path: Path, column: str, cap: int, advance: Advance) -> Iterator[Text]:
    """A JSON object a line, the text in `column`; blank lines are passed over, `null` is an empty text.

    Raises:
        SourceError: as `read_records`, or a column that is not there.
    """
    for where, row in read_records(path, cap, advance):
        # The start of an object is not one: nothing of it can be had.
        yield ("", True) if row is None else _limit(column_text(row, column, where), cap)


def read_records(path: Path, cap: int, advance: Advance) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """The objects of a file of JSON lines, each with its place for messages; None for one that is beyond the cap.

    Raises:
        SourceError: a line that is not JSON or not an object, with its number.
    """
    pieces = split_capped(read_blocks(path, advance), lambda data: data.split(b"\n"), _ESCAPED * cap)
    for number, (line, cut) in enumerate(pieces, start=1):
        where = f"{path}:{number}"
        if cut:
            yield where, None
        elif line.strip():
            yield where, _parse(line, where)


def read_parquet(path: Path, column: str, cap: int, advance: Advance) -> Iterator[Text]:
    """A Parquet file, in batches; `null` is an empty text.

    Raises:
        SourceError: pyarrow is not installed, the file is damaged, the column is not there or holds no text.
    """
    for row in read_parquet_rows(path, (column,), advance):
        yield _limit(_text(row[column], column, str(path)), cap)


def read_parquet_rows(
    path: Path, columns: tuple[str, ...] | None = None, advance: Advance = ignore_progress
) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, in batches.

    Args:
        path: the file.
        columns: to read; None: all.
        advance: told of bytes taken from the disk, as far as they can be known.

    Raises:
        SourceError: pyarrow is not installed, the file is damaged, or a column is not there.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SourceError(f"{path}: reading Parquet needs pyarrow: pip install 'fidan[parquet]'") from None
    check_content(path, plain="parquet")
    size, done = path.stat().st_size, 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            present = file.schema_arrow.names
            if missing := next((name for name in columns or () if name not in present), None):
                raise SourceError(_no_column(str(path), missing, present))
            rows = max(1, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=1000, columns=list(columns or present)):
                yield from batch.to_pylist()
                advance(size * batch.num_rows // rows)
                done += batch.num_rows
    except (pyarrow.ArrowException, OSError) as error:
        raise SourceError(f"{path}: damaged Parquet file, after {done:,} rows ({error}).") from error


def read_folder(folder: Path, cap: int, advance: Advance) -> Iterator[Text]:
    """Every .txt file (also compressed) below a folder, in the order of their names; each is one document."""
    for path in text_files(folder):
        if not path.stat().st_size:
            yield "", False
        else:
            piece, cut = next(split_capped(read_blocks(path, advance), lambda data: [data], cap), (b"", False))
            yield piece.decode("utf-8", "replace"), cut


def text_files(folder: Path) -> list[Path]:
    """The .txt files (also compressed) below a folder, sorted by their path.

    Raises:
        SourceError: there is no such folder, or no such file in it.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder.")
    endings = (".txt", *(f".txt{ending}" for ending in COMPRESSED))
    found = [path for path in folder.rglob("*.txt*") if path.name.endswith(endings) and path.is_file()]
    if not found:
        raise SourceError(f"{folder}: no .txt file in this folder. Name a file, or convert its files to .txt.")
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_hugging_face(spec: str, column: str, cap: int, advance: Advance) -> Iterator[Text]:
    """A dataset of the Hugging Face Hub, or in its form in a local folder, streamed.

    Args:
        spec: `owner/name[:config][:split]`; without a split, `train`; `owner/name::validation` has no config.
        column: holds the text.
        cap: bytes of a document that are kept.
        advance: told of bytes of text, because what was fetched is not known.

    Raises:
        SourceError: `datasets` is not installed, the dataset cannot be opened, the column is not there.
    """
    for row in read_hugging_face_rows(spec):
        text = column_text(row, column, f"hf:{spec}")
        yield _limit(text, cap)
        advance(len(text))


def read_hugging_face_rows(spec: str) -> Iterator[dict[str, Any]]:
    """The rows of a dataset, streamed; the argument is that of `read_hugging_face`.

    Raises:
        SourceError: `datasets` is not installed, or the dataset cannot be opened.
    """
    try:
        import datasets
    except ImportError:
        raise SourceError(f"hf:{spec}: needs the datasets package: pip install 'fidan[datasets]'") from None
    name, config, split = (*spec.split(":"), "", "")[:3]
    try:
        yield from datasets.load_dataset(name, config or None, split=split or "train", streaming=True)
    except Exception as error:  # the hub's client raises what its many back ends raise
        raise SourceError(f"hf:{spec}: cannot be read ({type(error).__name__}: {error}).") from error


def _is_json_object(piece: bytes) -> bool:
    line = piece.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip()
    if not (line.startswith(b"{") and line.endswith(b"}")):
        return False
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _parse(line: bytes, where: str) -> dict[str, Any]:
    text = line.decode("utf-8", "replace").lstrip("\ufeff")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # Half of a surrogate pair, as a cut in the middle of an emoji leaves it: JSON to Python, but not to orjson.
        try:
            value = json.loads(text)
        except ValueError:
            raise SourceError(f"{where}: not valid JSON ({error}).") from error
    if not isinstance(value, dict):
        raise SourceError(f"{where}: a JSON object is needed on every line, this is {type(value).__name__}.")
    return value


def column_text(row: dict[str, Any], column: str, where: str) -> str:
    """The text in a column of a row; `null` is an empty one.

    Raises:
        SourceError: no such column, or no text in it.
    """
    if column not in row:
        raise SourceError(_no_column(where, column, list(row)))
    return _text(row[column], column, where)


def _text(value: Any, column: str, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError(f"{where}: column {column!r} holds {type(value).__name__}, not text.")
    return _SURROGATE.sub("\ufffd", value) if not value.isascii() else value


def _no_column(where: str, column: str, present: list[str]) -> str:
    return f'{where}: no column {column!r}. There are: {", ".join(present)}. Name one with text = "…" in the source.'


def _limit(text: str, cap: int) -> Text:
    return (text, False) if len(text) <= cap else (text[:cap], True)
