"""The two ends of every phase: a shard in, a shard out, with the arrays of which all documents are compared.

What it leaves out: the steps between (`fidan.corpus.steps`).
"""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from datatrove.data import Document, DocumentsPipeline
from numpy.typing import NDArray

from fidan.artifact import write_array, write_json
from fidan.corpus.base import Filter, Step, Verdict
from fidan.corpus.config import RepeatedLinesConfig
from fidan.corpus.documents import Write, read_documents, shard_path, write_documents
from fidan.corpus.duplicates import exact
from fidan.corpus.duplicates.line_hashes import hash_lines
from fidan.corpus.duplicates.minhash import MinHash, checks
from fidan.corpus.filters.words import measured
from fidan.corpus.ledger import Ledger
from fidan.corpus.utf8 import encoded


class ReadShard(Step):
    """The documents of shard number `rank`.

    Args:
        folder: of shards.
    """

    type = "📖 - READER"
    name = "read"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data: DocumentsPipeline = None, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order."""
        for record in read_documents(shard_path(self.folder, rank)):
            identifier, text = record.pop("id"), record.pop("text")
            yield Document(text=text, id=identifier, metadata=record)


class WriteShard(Step):
    """Writes the documents of a shard, the arrays that go with them, and the ledger (`.json`).

    Args:
        folder: to write to.
        ledger: shared with the steps before.
    """

    type = "💽 - WRITER"
    name = "write"

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        super().__init__()
        self.folder, self.ledger = folder, ledger

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The same documents, written on the way."""
        with write_documents(shard_path(self.folder, rank), level=1) as write:
            for document in data:
                kept = {name: value for name, value in document.metadata.items() if name in ("source", "cut")}
                write({"id": document.id, "text": document.text, **kept})
                self.gather(document)
                yield document
        for name, array in self.arrays():
            write_array(self.folder / f"{rank:05d}.{name}.npy", array)
        write_json(self.folder / f"{rank:05d}.json", self.ledger.as_json())

    @abstractmethod
    def gather(self, document: Document) -> None:
        """Take note of a document for the arrays."""

    @abstractmethod
    def arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """Name and rows of every array, a row a document or a line."""


class WriteClean(WriteShard):
    """Cleaned documents; `lines`: a hash a line of all documents; `counts`: lines a document."""

    def __init__(self, folder: Path, ledger: Ledger, config: RepeatedLinesConfig) -> None:
        super().__init__(folder, ledger)
        self.config = config
        self.lines: list[NDArray[np.uint64]] = []

    def gather(self, document: Document) -> None:
        """Hash its lines, count its characters."""
        self.lines.append(hash_lines(document.text, self.config.min_words))
        self.ledger.length("read", len(document.text))
        if document.metadata.get("cut"):
            self.ledger.note("cut")

    def arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """`lines` and `counts`."""
        yield "lines", np.concatenate([np.empty(0, np.uint64), *self.lines])
        yield "counts", np.array([len(hashes) for hashes in self.lines], dtype=np.uint32)


class WriteFiltered(WriteShard):
    """Documents that the filters left; `hashes` for equal ones, `keys` and `checks` for near ones, `scores`."""

    def __init__(self, folder: Path, ledger: Ledger, minhash: MinHash | None) -> None:
        super().__init__(folder, ledger)
        self.minhash = minhash
        self.fingerprints = bytearray()
        self.signatures: list[NDArray[np.uint32]] = []
        self.scores: list[float] = []

    def gather(self, document: Document) -> None:
        """Take its fingerprint, signature and score."""
        measures = measured(document)
        self.fingerprints += exact.fingerprint(measures.token_hashes)
        if self.minhash:
            self.signatures.append(self.minhash.sign(measures.word_hashes))
        self.scores.append(document.metadata.get("bits_per_character", np.nan))

    def arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """`hashes`, `scores`, and for near duplicates `checks` and `keys`."""
        yield "hashes", exact.as_hashes(bytes(self.fingerprints))
        yield "scores", np.array(self.scores, dtype=np.float32)
        if self.minhash:
            signatures = np.array(self.signatures, dtype=np.uint32).reshape(-1, self.minhash.size)
            yield "checks", checks(signatures)
            yield "keys", self.minhash.keys(signatures)


class VerdictFilter(Filter):
    """Drops what the comparison of all documents has decided to drop, and says how often the others are written.

    Args:
        folder: of verdicts and copies, `<rank>.verdicts.npy` and `<rank>.copies.npy`.
        ledger: where drops are noted.
    """

    name = "duplicates"

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        super().__init__(ledger)
        self.folder = folder

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents that are kept, each with the split it belongs to."""
        verdicts, copies = (np.load(self.folder / f"{rank:05d}.{name}.npy") for name in ("verdicts", "copies"))
        return super().run(self._judged(data, verdicts, copies), rank, world_size)

    @staticmethod
    def _judged(data: DocumentsPipeline, verdicts: exact.Verdicts, copies: NDArray[np.uint32]) -> DocumentsPipeline:
        for document, verdict, times in zip(data, verdicts.tolist(), copies.tolist(), strict=True):
            document.metadata["verdict"], document.metadata["copies"] = verdict, times
            yield document

    def filter(self, doc: Document) -> Verdict:
        """By the verdict that came with the document."""
        verdict = doc.metadata["verdict"]
        return (False, exact.REASONS[verdict]) if verdict in exact.REASONS else True


class WriteFinal(Step):
    """Writes the documents of a shard to their splits; a split that gets none gets no file.

    A document that stands for many near duplicates may be written several times: the copies' identifiers end in `#2`
    and so on.

    Args:
        folder: of the stage; shards go to its `train/` and `valid/`.
        notes: folder for the ledger.
        ledger: shared with the filter before.
    """

    type = "💽 - WRITER"
    name = "write"

    def __init__(self, folder: Path, notes: Path, ledger: Ledger) -> None:
        super().__init__()
        self.folder, self.notes, self.ledger = folder, notes, ledger

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The same documents, written on the way."""
        splits = {exact.TRAIN: "train", exact.VALID: "valid"}
        with ExitStack() as stack:
            writers: dict[str, Write] = {}
            for document in data:
                split, source = splits[document.metadata["verdict"]], document.metadata["source"]
                if split not in writers:
                    writers[split] = stack.enter_context(write_documents(shard_path(self.folder / split, rank)))
                for copy in range(1, document.metadata["copies"] + 1):
                    identifier = document.id if copy == 1 else f"{document.id}#{copy}"
                    writers[split]({"id": identifier, "text": document.text, "source": source})
                    self.ledger.add(source, split, encoded(document.text).size)
                self.ledger.length("kept", len(document.text))
                yield document
        write_json(self.notes / f"{rank:05d}.json", self.ledger.as_json())
