"""Building the index: articles, packed for access one by one, and for every term the articles that have it.

The folder appears whole or not at all: it is written beside its place and renamed. What it leaves out: reading it
(`fidan.law.index`).
"""

import os
import shutil
from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import zstandard
from numpy.typing import NDArray

from fidan import __version__
from fidan.artifact import explain_disk_full, hash_file
from fidan.errors import FidanError
from fidan.law.article import Article, Law
from fidan.law.bm25 import Weights, impact, scales
from fidan.law.everyday_words import FOLDER, read_everyday
from fidan.law.index_format import FIELDS, FORMAT, FRAME, MANIFEST, NAME, term_key
from fidan.law.names import Names
from fidan.law.statutes import distinct_numbers
from fidan.law.terms import ANALYSER, index_terms, words
from fidan.law.vectors import Encoder, write_vectors
from fidan.progress import Reporter, SilentReporter

_LEVEL = 12  # of Zstandard; above it building slows down and little is won
_AT_ONCE = 1 << 20  # postings whose impacts are computed together


@dataclass(frozen=True)
class Built:
    """What was built."""

    laws: int
    articles: int
    searchable: int  # not repealed, and with words of their own
    repealed: int
    terms: int
    postings: int
    everyday: int  # articles with everyday words
    absent: tuple[str, ...]  # laws that have everyday words and are not in the index
    unknown: tuple[str, ...]  # everyday lines that name no law, or an article that its law does not have, in words
    bytes: int


def build_index(
    laws: Iterable[Law],
    out: Path,
    sources: Sequence[Path] = (),
    everyday: Path = FOLDER,
    reporter: Reporter | None = None,
    weights: Weights | None = None,
    encoder: Encoder | None = None,
) -> Built:
    """Build an index of laws in a folder.

    Args:
        laws: what `read_laws` gives; laws that share a number are told apart by their year.
        out: the folder; an index that is there is replaced, anything else is left alone.
        sources: the files the laws were read from; their hashes go into the manifest.
        everyday: a folder of everyday words, by default the package's own.
        reporter: where progress is shown.
        weights: BM25F's parameters; the usual ones if none are given.
        encoder: gives each article that can be found a vector; None: there are none, and search is by words alone.

    Raises:
        FidanError: there is no article, `out` holds something that is no index, or the disk is full.
    """
    _refuse_other(out)
    laws = distinct_numbers(laws)
    articles = [article for law in laws for article in law.articles]
    if not articles:
        raise FidanError("no article to index: the files hold no law of the status that was asked for.")
    expansion, absent, unknown = _everyday(laws, everyday)
    place = out.absolute().with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        place.mkdir(parents=True)
        _write_articles(place, laws, articles)
        weights = weights or Weights()
        counted = _write_postings(place, laws, articles, expansion, reporter or SilentReporter(), weights)
        if encoder is not None:
            write_vectors(place, articles, encoder, reporter or SilentReporter())
        files = {path.name: {"bytes": path.stat().st_size, "xxh3_128": hash_file(path)} for path in place.iterdir()}
        built = Built(
            len(laws), len(articles), counted["searchable"], sum(article.repealed for article in articles),
            counted["terms"], counted["postings"], len(expansion), tuple(absent), tuple(unknown),
            sum((place / name).stat().st_size for name in files),
        )  # fmt: skip
        counts = {**asdict(built), "absent": len(absent), "unknown": len(unknown)}
        manifest = {
            "name": NAME, "format": FORMAT, "package": __version__, "analyser": ANALYSER, "fields": list(FIELDS),
            "sources": {path.name: hash_file(path) for path in sources},
            "weights": asdict(weights), "newest": max(law.version for law in laws), "counts": counts,
            "encoder": None if encoder is None else dict(encoder.identity), "files": files,
        }  # fmt: skip
        (place / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        _swap(place, out)
    except (PermissionError, NotADirectoryError) as error:
        raise FidanError(
            f"--out {out}: cannot be written ({error.strerror}). Name a folder that you may write."
        ) from error
    except OSError as error:
        raise explain_disk_full(error, out) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return built


def _refuse_other(out: Path) -> None:
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file()):
        raise FidanError(f"--out {out}: there is something that is no index. Name a new folder, or remove that.")
    if (out / MANIFEST).is_file():
        manifest: Any = None
        with suppress(orjson.JSONDecodeError):
            manifest = orjson.loads((out / MANIFEST).read_bytes())
        if not isinstance(manifest, dict) or manifest.get("name") != NAME:
            raise FidanError(f"--out {out}: its {MANIFEST} is no index's. Name a new folder, or remove that one.")


def _swap(place: Path, out: Path) -> None:
    old = place.with_suffix(".old")
    if out.exists():
        out.rename(old)
    place.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _everyday(laws: Sequence[Law], folder: Path) -> tuple[dict[tuple[str, str], list[str]], list[str], list[str]]:
    """The everyday words by law and article label; the laws that are not there; and the lines that point nowhere."""
    names = Names({law.number: law.title for law in laws})
    labels = {(article.law, article.label) for law in laws for article in law.articles}
    numbers = {law.number for law in laws}
    words: dict[tuple[str, str], list[str]] = {}
    absent: dict[str, None] = {}
    unknown = []
    for entry in read_everyday(folder):
        number = entry.number(names)
        if number is None:
            unknown.append(f"{entry.where}: {entry.law} is no known law")
        elif number not in numbers:
            absent[entry.law] = None
        elif (number, entry.article) not in labels:
            unknown.append(f"{entry.where}: {entry.law} has no article {entry.article}")
        else:
            words.setdefault((number, entry.article), []).extend(entry.words)
    return words, list(absent), unknown


def _write_articles(place: Path, laws: Sequence[Law], articles: Sequence[Article]) -> None:
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    offsets = [0]
    with (place / "articles.zst").open("wb") as file:
        for start in range(0, len(articles), FRAME):
            frame = compressor.compress(orjson.dumps([_row(article) for article in articles[start : start + FRAME]]))
            file.write(frame)
            offsets.append(offsets[-1] + len(frame))
    np.save(place / "frames.npy", np.array(offsets, np.int64))
    table = {
        "laws": [asdict(replace(law, articles=())) for law in laws],
        "counts": [len(law.articles) for law in laws],
        "labels": [article.label for article in articles],
    }
    (place / "laws.json").write_bytes(orjson.dumps(table))
    np.save(place / "repealed.npy", np.array([article.repealed for article in articles], np.bool_))


def _row(article: Article) -> list[Any]:
    return [
        article.law, article.kind, article.number, article.heading, article.section, article.paragraphs,
        article.notes, article.repealed, article.amended,
    ]  # fmt: skip


def _write_postings(
    place: Path,
    laws: Sequence[Law],
    articles: Sequence[Article],
    expansion: Mapping[tuple[str, str], Sequence[str]],
    reporter: Reporter,
    weights: Weights,
) -> dict[str, int]:
    names = Names()
    titles = {law.number: f"{law.name} {names.short(law.number)}" for law in laws}
    vocabulary: dict[str, int] = {}
    term_of, document_of, counts = array("i"), array("i"), bytearray()
    lengths = np.zeros((len(articles), len(FIELDS)), np.int32)
    searchable = 0
    with reporter.task("index", total=len(articles)) as task:
        for position, article in enumerate(articles):
            if article.repealed or not article.paragraphs:
                continue
            searchable += 1
            texts = {
                "heading": article.heading,
                "title": titles[article.law],
                "section": article.section,
                "body": article.text,
                "everyday": "\n".join(expansion.get((article.law, article.label), ())),
            }
            row: dict[int, bytearray] = {}
            for column, name in enumerate(FIELDS):
                for line in texts[name].splitlines():  # pairs do not reach across lines
                    found = words(line)
                    lengths[position, column] += len(found)
                    for term in index_terms(found):
                        cell = row.setdefault(vocabulary.setdefault(term, len(vocabulary)), bytearray(len(FIELDS)))
                        cell[column] = min(cell[column] + 1, 255)
            term_of.extend(row)
            document_of.extend([position] * len(row))
            for cell in row.values():
                counts += cell
            if position % 1000 == 999:
                task.advance(1000)
    # Terms are found by a hash of theirs, so that nothing has to be read when the index is opened.
    names_of = list(vocabulary)
    keys = np.array([term_key(term) for term in names_of], np.uint64)
    rank = np.argsort(keys)
    place_of = np.empty(len(names_of), np.int64)
    place_of[rank] = np.arange(len(names_of))
    by_term = place_of[np.frombuffer(term_of, np.int32)] if len(term_of) else np.empty(0, np.int64)
    order = np.argsort(by_term, kind="stable")
    held = np.bincount(by_term, minlength=len(names_of))
    documents = np.frombuffer(document_of, np.int32)[order]
    by_field = np.frombuffer(counts, np.uint8).reshape(-1, len(FIELDS))[order]
    np.save(place / "keys.npy", keys[rank])
    np.save(place / "starts.npy", np.concatenate([[0], np.cumsum(held)]))
    np.save(place / "documents.npy", documents)
    np.save(place / "counts.npy", by_field)
    np.save(place / "impacts.npy", _impacts(documents, by_field, held, lengths, searchable, weights))
    np.save(place / "lengths.npy", lengths)
    (place / "vocabulary.txt").write_text("\n".join(names_of[index] for index in rank), encoding="utf-8")
    return {"searchable": searchable, "terms": len(names_of), "postings": len(order)}


def _impacts(
    documents: NDArray[np.int32],
    counts: NDArray[np.uint8],
    held: NDArray[np.int64],
    lengths: NDArray[np.int32],
    searchable: int,
    weights: Weights,
) -> NDArray[np.float16]:
    """What each posting adds to a score, so that a query has nothing to compute but sums."""
    scale = scales(lengths, searchable, weights)
    rarity = np.repeat(np.log1p((searchable - held + 0.5) / (held + 0.5)).astype(np.float32), held)
    impacts = np.empty(len(documents), np.float16)
    for start in range(0, len(documents), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        impacts[part] = impact(counts[part], scale[documents[part]], rarity[part], weights.k1)
    return impacts
