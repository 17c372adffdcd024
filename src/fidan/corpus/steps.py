"""The list of steps a document walks through, in one place, and the two ends of it: a shard in, a shard out.

A new filter is one line in `train_steps`. What it leaves out: what a filter decides (`fidan.corpus.filters`) and how
tasks are run (`fidan.corpus.tasks`).
"""

from contextlib import ExitStack
from pathlib import Path

import numpy as np
from datatrove.data import Document, DocumentsPipeline

from fidan.artifact import atomic_write, write_json
from fidan.corpus import dedup
from fidan.corpus.base import Filter, Step, Verdict
from fidan.corpus.documents import Write, read_documents, shard_path, write_documents
from fidan.corpus.filters import LanguageFilter, LengthFilter, Utf8Filter
from fidan.corpus.ledger import Ledger
from fidan.corpus.normalize import Normalizer
from fidan.recipe import CorpusConfig


def train_steps(config: CorpusConfig, ledger: Ledger) -> list[Step]:
    """What training documents go through, in order: cheap steps first."""
    steps: list[Step] = [
        Utf8Filter(ledger),
        Normalizer(),
        LengthFilter(ledger, config.min_chars, config.max_chars),
    ]
    if config.language:
        steps.append(LanguageFilter(ledger, config.language, config.language_threshold))
    return steps


def valid_steps(ledger: Ledger) -> list[Step]:
    """What held-out documents of their own sources go through: normalised, and none dropped that has any text.

    Nothing else is filtered, so that figures compare with those of others on the same file.
    """
    return [Utf8Filter(ledger, max_share=1.0), Normalizer(), LengthFilter(ledger, 0, None)]


class ReadShard(Step):
    """The documents of shard number `rank`.

    Args:
        folder: of shards.
    """

    type = "📖 - READER"
    name = "shard"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data: DocumentsPipeline = None, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order."""
        for record in read_documents(shard_path(self.folder, rank)):
            identifier, text = record.pop("id"), record.pop("text")
            yield Document(text=text, id=identifier, metadata=record)


class WriteClean(Step):
    """Writes what is left of a shard: documents, their hashes (`.npy`) and the ledger (`.json`).

    Args:
        folder: to write to.
        ledger: shared with the filters before.
    """

    type = "💽 - WRITER"
    name = "clean shard"

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        super().__init__()
        self.folder, self.ledger = folder, ledger

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The same documents, written on the way."""
        path = shard_path(self.folder, rank)
        fingerprints = bytearray()
        with write_documents(path, level=1) as write:
            for document in data:
                source = document.metadata["source"]
                write({"id": document.id, "text": document.text, "source": source})
                fingerprints += dedup.fingerprint(document.text)
                self.ledger.add(source, "clean", len(document.text.encode()))
                if document.metadata.get("cut"):
                    self.ledger.note("cut")
                yield document
        with atomic_write(self.folder / f"{rank:05d}.npy") as file:
            np.save(file, dedup.as_hashes(bytes(fingerprints)))
        write_json(self.folder / f"{rank:05d}.json", self.ledger.as_json())


class VerdictFilter(Filter):
    """Drops duplicates by the verdicts on the shard, which were passed over all shards at once.

    Args:
        folder: of verdicts, `<rank>.npy`.
        ledger: where drops are noted.
    """

    name = "duplicates"

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        super().__init__(ledger)
        self.folder = folder

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents that are kept, each with the split it belongs to."""
        verdicts = np.load(self.folder / f"{rank:05d}.npy")
        return super().run(self._with_verdicts(data, verdicts), rank, world_size)

    @staticmethod
    def _with_verdicts(data: DocumentsPipeline, verdicts: dedup.Verdicts) -> DocumentsPipeline:
        for document, verdict in zip(data, verdicts.tolist(), strict=True):
            document.metadata["verdict"] = verdict
            yield document

    def filter(self, doc: Document) -> Verdict:
        """By the verdict that came with the document."""
        verdict = doc.metadata["verdict"]
        return (False, dedup.REASONS[verdict]) if verdict in dedup.REASONS else True


class WriteFinal(Step):
    """Writes the documents of a shard to their splits; a split that gets none gets no file.

    Args:
        folder: of the stage; shards go to its `train/` and `valid/`.
        notes: folder for the ledger.
        ledger: shared with the filter before.
    """

    type = "💽 - WRITER"
    name = "final shard"

    def __init__(self, folder: Path, notes: Path, ledger: Ledger) -> None:
        super().__init__()
        self.folder, self.notes, self.ledger = folder, notes, ledger

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The same documents, written on the way."""
        splits = {dedup.TRAIN: "train", dedup.VALID: "valid"}
        with ExitStack() as stack:
            writers: dict[str, Write] = {}
            for document in data:
                split, source = splits[document.metadata["verdict"]], document.metadata["source"]
                if split not in writers:
                    writers[split] = stack.enter_context(write_documents(shard_path(self.folder / split, rank)))
                writers[split]({"id": document.id, "text": document.text, "source": source})
                self.ledger.add(source, split, len(document.text.encode()))
                yield document
        write_json(self.notes / f"{rank:05d}.json", self.ledger.as_json())
