"""Texts to evaluate on: the documents that a run held out, or files of the user's.

A document keeps the label of its source, so that the loss can be told for each. What it leaves out: any change to a
text. A model is asked about the very bytes, since bits a byte are to be compared.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import xxhash
from datatrove.data import Document

from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.documents import read_documents, shards
from fidan.corpus.sources.named import DOCUMENT_BYTES, read_source, source_format
from fidan.corpus.sources.readers import column_text, read_records, text_files
from fidan.corpus.sources.streams import ignore_progress, read_blocks
from fidan.errors import FidanError, SourceError
from fidan.evaluation.names import short_names

HELD_OUT = "held out"  # the name of what a run held out


@dataclass(frozen=True)
class Text:
    """One document: what it is called, what it says, and the label of where it is from."""

    id: str
    text: str
    source: str


@dataclass(frozen=True)
class TextSet:
    """Documents that are evaluated together.

    Attributes:
        name: of the set, as the report calls it.
        documents: at least one, none of them empty.
    """

    name: str
    documents: tuple[Text, ...]

    @cached_property
    def sizes(self) -> list[int]:
        """UTF-8 bytes of each document."""
        return [len(document.text.encode()) for document in self.documents]

    @property
    def bytes(self) -> int:
        """UTF-8 bytes in all."""
        return sum(self.sizes)

    @property
    def characters(self) -> int:
        """Code points in all."""
        return sum(len(document.text) for document in self.documents)

    @cached_property
    def hash(self) -> str:
        """Of the texts, in order; their labels decide no figure of a model."""
        digest = xxhash.xxh3_128()
        for document in self.documents:
            digest.update(document.text.encode() + b"\0")
        return digest.hexdigest()


def held_out_text(corpus: Path, max_bytes: int = 0) -> TextSet:
    """What a finished corpus stage held out.

    Args:
        corpus: the stage's folder.
        max_bytes: about how much of it, whole documents evenly spread; 0: all.

    Raises:
        ArtifactMismatch: there is none.
    """
    records = (record for shard in shards(corpus, "valid") for record in read_documents(shard))
    documents = (Text(record["id"], record["text"], record["source"]) for record in records)
    return _text_set(HELD_OUT, documents, max_bytes, str(corpus / "valid"))


def read_text(path: Path, max_bytes: int = 0) -> TextSet:
    """The documents of a file or folder, in any form that a recipe's `corpus.sources` takes.

    A field `source` of a JSON line is the document's label; elsewhere the file's name is.

    Args:
        path: where they are.
        max_bytes: as of `held_out_text`.

    Raises:
        SourceError: it is missing, empty, damaged, not UTF-8 or what its name says, or a document is very long.
        FidanError: all of its documents are empty.
    """
    source = Source(str(path))
    kind = source_format(source)
    for file in text_files(path) if kind == "folder" else [path] if kind in ("cc100", "jsonl") else []:
        if kind != "folder" or file.stat().st_size:  # an empty file of a folder is an empty document
            _require_utf8(file)
    if kind == "jsonl":
        labelled = _labelled(path)
    else:
        documents = read_source(source, path.name, CorpusConfig(sources=(source,)), 0)
        labelled = ((_whole(document), "") for document in documents)
    named = (Text(f"{path.name}:{n}", text, label or path.name) for n, (text, label) in enumerate(labelled, 1))
    return _text_set(short_names([path])[0], named, max_bytes, str(path))


def _require_utf8(path: Path) -> None:
    """The corpus stage reads on where bytes are wrong; here they would be measured."""
    decoder, done = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        for block in read_blocks(path):
            decoder.decode(block)
            done += len(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: not UTF-8 near byte {done + error.start:,}. Convert it first, for instance with "
            "iconv -f iso-8859-9 -t utf-8."
        ) from error


def _whole(document: Document) -> str:
    if document.metadata.get("cut"):
        raise SourceError(f"{document.id}: a document of more than {DOCUMENT_BYTES:,} bytes. Cut it in parts.")
    return str(document.text)


def _labelled(path: Path) -> Iterator[tuple[str, str]]:
    for where, row in read_records(path, DOCUMENT_BYTES, ignore_progress):
        if row is None:
            raise SourceError(f"{where}: a document of more than {DOCUMENT_BYTES:,} bytes. Cut it in parts.")
        yield column_text(row, "text", where), column_text({"source": None, **row}, "source", where)


def _text_set(name: str, documents: Iterable[Text], max_bytes: int, where: str) -> TextSet:
    kept = [document for document in documents if document.text]
    if not kept:
        raise FidanError(f"{where}: no document with a text in it.")
    size = sum(len(document.text.encode()) for document in kept)
    if 0 < max_bytes < size:
        # The first one, and then each with which the share that is wanted reaches another whole document.
        whole = [n * max_bytes // size for n in range(len(kept))]
        kept = [document for n, document in enumerate(kept) if not n or whole[n] > whole[n - 1]]
    return TextSet(name, tuple(kept))
