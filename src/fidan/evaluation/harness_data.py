"""Local files in the place of the datasets that the harness's tasks load from the Hub.

For each such task a task file is written that includes the harness's own and names another dataset. The file stands
for all splits; the items in front of an item (shots) are drawn from the same file, the item itself never among them.

    .jsonl, .ndjson   an object a line
    .json             a list of objects, one under "data", or SQuAD's form, which becomes a question a row
    .csv, .tsv        a header and rows; whole numbers are numbers where the whole column is of them
    .parquet          as it is

The others may be compressed (.gz, .xz, .zst). Columns are those of the dataset on the Hub; `good_sentence` and
`bad_sentence`, as TurBLiMP's own files have them, are `sentence_good` and `sentence_bad` there, and both names are
given. What it leaves out: the harness itself, which is imported only where it is used.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from fidan.artifact import write_json
from fidan.corpus.filters.evaluation_items import read_content, read_table
from fidan.corpus.sources.streams import COMPRESSED
from fidan.errors import FidanError, SourceError
from fidan.settings import nearest

Rows = list[dict[str, Any]]

_SPLITS = ("training_split", "validation_split", "test_split", "fewshot_split")
_ALSO = {"good_sentence": "sentence_good", "bad_sentence": "sentence_bad"}
_WHOLE = re.compile(r"[+-]?\d+")


def load_errors() -> tuple[type[Exception], ...]:
    """What a task may raise while its data are loaded and its first item is looked at."""
    import datasets.exceptions
    import huggingface_hub.errors
    import jinja2

    return (
        OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, jinja2.TemplateError,
        datasets.exceptions.DatasetsError, huggingface_hub.errors.HfHubHTTPError,
    )  # fmt: skip


def write_overrides(index: Mapping[str, Any], data: Mapping[str, Path], folder: Path) -> None:
    """Write a task file and a file of data for each task that has local data, and point the index there.

    Args:
        index: the harness's tasks, `TaskManager.task_index`; the entries of tasks with data are changed.
        data: task → file.
        folder: where to; the harness's cache of the data goes there, too.

    Raises:
        FidanError: no such task, or not one of a single dataset.
        SourceError: a file cannot be read.
    """
    for name, path in data.items():
        if name not in index:
            raise FidanError(f"{name}={path}: no task of the harness.{nearest(name, index)}")
        entry = index[name]
        if entry.yaml_path is None or entry.kind.name != "TASK":
            raise FidanError(f"{name}={path}: not a task with a dataset, but several, or a program. Name one task.")
        kind, file = _prepared(path, folder / f"{len(list(folder.iterdir()))}.jsonl")
        said = entry.cfg or {}
        splits = {said[key] for key in _SPLITS if said.get(key)}
        shown = (said.get("fewshot_config") or {}).get("split")
        split = shown or said.get("test_split") or said.get("validation_split") or "test"
        task_file = folder / f"{name}.yaml"
        write_json(
            task_file,  # JSON is YAML
            {
                "include": str(entry.yaml_path.resolve()),
                "task": name,
                "dataset_path": kind,
                "dataset_name": None,
                "dataset_kwargs": {
                    "data_files": {one: str(file) for one in sorted({*splits, split})},
                    "cache_dir": str(folder / "cache"),
                },
                # Of one split the harness leaves the item itself out of its shots.
                "test_split": split,
                "fewshot_split": split,
            },
        )
        entry.yaml_path = task_file


def _prepared(path: Path, place: Path) -> tuple[str, Path]:
    """The reader for a file, and the file, which is written anew as JSON lines unless it is Parquet."""
    name = path.name
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    if not path.is_file():
        raise SourceError(f"{path}: no such file.")
    if path.suffix == ".parquet":
        return "parquet", path.resolve()
    readers = {".jsonl": _json_lines, ".ndjson": _json_lines, ".json": _json, ".csv": _table, ".tsv": _table}
    reader = readers.get(Path(name).suffix)
    if reader is None:
        raise SourceError(f"{path}: data of a task end in .parquet, {', '.join(readers)} (and .gz, .xz, .zst).")
    rows = reader(read_content(path), path)
    if not rows:
        raise SourceError(f"{path}: has no items.")
    for row in rows:
        for ours, theirs in _ALSO.items():
            if ours in row:
                row.setdefault(theirs, row[ours])
    place.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
    return "json", place


def _json_lines(content: str, path: Path) -> Rows:
    return _objects([_parse(line, path) for line in content.split("\n") if line.strip()], path)


def _json(content: str, path: Path) -> Rows:
    value = _parse(content, path)
    rows = _objects(value.get("data") if isinstance(value, dict) else value, path)
    return [row for part in rows for row in _questions(part)] if "paragraphs" in rows[0] else rows


def _questions(article: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows that an article of SQuAD's form becomes on the Hub."""
    for paragraph in article["paragraphs"]:
        for question in paragraph["qas"]:
            answers = question["answers"]
            columns = {key: [answer[key] for answer in answers] for key in ("text", "answer_start")}
            yield {**question, "context": paragraph["context"], "answers": columns}


def _table(content: str, path: Path) -> Rows:
    header, *rows = (row for row in read_table(content, path) if row)
    if ragged := next((row for row in rows if len(row) != len(header)), None):
        raise SourceError(f"{path}: a row of {len(ragged)} cells under {len(header)} columns: {ragged[0][:60]!r}.")
    columns = [list(column) for column in zip(*rows, strict=True)]
    whole = [all(_WHOLE.fullmatch(cell) for cell in column) for column in columns]
    return [
        {name: int(cell) if number else cell for name, cell, number in zip(header, row, whole, strict=True)}
        for row in rows
    ]


def _parse(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise SourceError(f"{path}: not valid JSON ({error}). A value a line is .jsonl, one in all .json.") from error


def _objects(value: Any, path: Path) -> Rows:
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        raise SourceError(f"{path}: must be a list of objects, one an item.")
    return value
