"""Reading laws from files: JSONL with what is known of each law, or one law as plain text.

JSONL holds a law a line: `text`, and in `meta` its `law_number`, `title`, `slug`, `effective_status`,
`accepted_date`, `official_gazette` and `source_url`. A text file is a law as the official site prints it: its title,
"Kanun Numarası : 4721", its articles. `.gz`, `.xz` and `.zst` are opened on the way.

What it leaves out: how a text is cut into articles (`fidan.law.parsing`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import orjson

from fidan.corpus.sources.streams import Advance, ignore_progress, read_blocks
from fidan.errors import SourceError
from fidan.law.annotations import first_date
from fidan.law.article import Article, Kind, Law, Status
from fidan.law.blocks import split_blocks
from fidan.law.parsing import parse_articles
from fidan.turkish import fold, nfc

__all__ = ["Article", "Kind", "Law", "Status", "distinct_numbers", "read_laws"]

Laws = Literal["in_force", "repealed", "all"]

_NUMBER = re.compile(r"(?:kanun|khk|karar)\s*(?:numarası|no|sayısı)\s*[:.]?\s*(\d{1,5})|\(no\.?\s*(\d{1,5})\)")


def read_laws(paths: Sequence[Path], which: Laws = "in_force", advance: Advance = ignore_progress) -> Iterator[Law]:
    """The laws of files, in order.

    Args:
        paths: `.jsonl` files or text files, possibly compressed.
        which: laws in force only (collections print repealed provisions as laws of their own), repealed ones, or all.
        advance: told how many bytes were taken from the disk.

    Raises:
        SourceError: a file is missing, empty, truncated, not UTF-8 or no law; told with the byte and what to do.
    """
    for path in paths:
        if path.is_dir():
            raise SourceError(f"{path}: is a folder. Name the files in it: {path}/*.txt or {path}/*.jsonl.")
        if not path.is_file():
            raise SourceError(f"{path}: no such file. Name files of laws: .jsonl, or the text of one law.")
        read = _read_jsonl if ".jsonl" in path.suffixes else _read_text
        for law in read(path, advance):
            if which in ("all", law.status):
                yield law


def distinct_numbers(laws: Iterable[Law]) -> list[Law]:
    """The laws with numbers that differ: of several with one number the newest keeps it.

    Numbering began anew with the republic, in 1960 and 1980, so that "657" is the Civil Servants Act of 1965 and an
    act of 1925. The older one is called "657/1925" here, by the year of its acceptance.

    Raises:
        SourceError: the same law is there twice.
    """
    laws = list(laws)
    newest: dict[str, str] = {}
    for law in laws:
        newest[law.number] = max(newest.get(law.number, ""), law.accepted)
    taken: dict[str, Law] = {}
    for law in laws:
        number = law.number
        if law.accepted != newest[number]:
            number = f"{number}/{law.accepted[:4]}"
        if number in taken:
            raise SourceError(
                f"law {number}: read twice, from {taken[number].source} and {law.source}. Name each law once."
            )
        articles = tuple(replace(article, law=number) for article in law.articles)
        taken[number] = law if number == law.number else replace(law, number=number, articles=articles)
    return list(taken.values())


def _read_jsonl(path: Path, advance: Advance) -> Iterator[Law]:
    position = 0
    for line, piece in enumerate(_lines(read_blocks(path, advance)), 1):
        if piece.strip():
            try:
                row = orjson.loads(_decode(path, piece, position))
            except orjson.JSONDecodeError as error:
                raise SourceError(
                    f"{path}: line {line} (byte {position:,}) is no JSON ({error}). Mend the line, or fetch it again."
                ) from None
            yield _law_of_row(path, line, row)
        position += len(piece)
    if position == 0:
        raise SourceError(f"{path}: no law in it. Name a file with one law a line.")


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    for block in blocks:
        first, *others = block.splitlines(keepends=True)
        rest.append(first)
        if others or first.endswith(b"\n"):
            yield b"".join(rest)
            yield from others[:-1]
            rest = others[-1:]
            if rest and rest[0].endswith(b"\n"):
                yield rest.pop()
    if rest:
        yield b"".join(rest)


def _law_of_row(path: Path, line: int, row: Any) -> Law:
    meta = row.get("meta") if isinstance(row, dict) else None
    told = meta if isinstance(meta, dict) else {}
    held = {"text": isinstance(row, dict) and "text" in row, "meta": meta is told}
    held |= {name: name in told for name in ("law_number", "title")}
    if missing := [name for name, there in held.items() if not there]:
        raise SourceError(
            f"{path}: line {line} is no law (no {', '.join(missing)}). A line holds text, and meta with law_number "
            "and title."
        )
    text, number, title = row["text"], str(told["law_number"]), str(told["title"])
    status = str(told.get("effective_status", "in_force"))
    if not isinstance(text, str):
        raise SourceError(f"{path}: line {line} is no law: its text is {text!r:.40}. It must be a string.")
    if status not in ("in_force", "repealed"):
        raise SourceError(f"{path}: line {line}: effective_status {status!r}. It is in_force or repealed.")
    slug, source = str(told.get("slug") or row.get("id") or number), str(told.get("source_url") or path.name)
    return _law(text, number, title, slug, status, source, told)


def _read_text(path: Path, advance: Advance) -> Iterator[Law]:
    text = _decode(path, b"".join(read_blocks(path, advance)), 0)
    blocks = split_blocks(text)
    if not blocks:
        raise SourceError(f"{path}: nothing but blank lines. Name a file with a law's text.")
    match = _NUMBER.search(fold(" ".join(blocks[:40]))) or re.match(r"(\d{1,5})[-_ .]", path.name)
    if match is None:
        raise SourceError(f"{path}: the law's number is not told. Write 'Kanun Numarası : 4721' below its title.")
    title = re.sub(r"\s*\([Nn]o\.?\s*\d+\)\s*$|\s*\[\d+\]", "", blocks[0].lstrip("# ")).strip()
    gone = bool(re.search(r"yürürlükten kald\w+ hüküm", fold(title)))
    slug = path.name.split(".")[0]
    yield _law(text, match[1] or match[2], title, slug, "repealed" if gone else "in_force", path.name, {}, path)


def _law(
    text: str, number: str, title: str, slug: str, status: Any, source: str, meta: Mapping[str, Any],
    path: Path | None = None,
) -> Law:  # fmt: skip
    title = " ".join(title.split())
    articles, version = parse_articles(number, nfc(text))
    if not articles and path is not None:
        raise SourceError(
            f"{path}: no article in it. An article begins on a line of its own after a blank line: 'Madde 1 – …'."
        )
    head = " ".join(split_blocks(text[:5000])[:40])
    accepted = str(meta.get("accepted_date") or "") or first_date(head.partition("Kabul")[2][:60])
    gazette = (meta.get("official_gazette") or {}).get("date") or first_date(head.partition("Yayımlandığı")[2][:80])
    return Law(number, title, slug, status, accepted, max(version, gazette or accepted), source, articles)


def _decode(path: Path, data: bytes, position: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: byte {position + error.start:,} is not UTF-8 (0x{data[error.start]:02x}). Convert the file: "
            f"iconv -f WINDOWS-1254 -t UTF-8 {path.name}."
        ) from None
