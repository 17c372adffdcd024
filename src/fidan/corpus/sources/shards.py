"""Raw text into shards: the sources are read once, in order, into files that tasks can work on side by side.

An interrupted run reads the sources again from their start but writes only the shards it has not finished: reading is
cheap next to what follows. What it leaves out: any change to the text.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from datatrove.data import Document

from fidan.artifact import read_json, write_json
from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.documents import shard_path, write_documents
from fidan.corpus.sources.named import read_source, size_hint, source_names, source_seeds
from fidan.progress import Reporter, Task


@dataclass(frozen=True)
class RawShard:
    """One file of raw documents: how many there are, and their bytes, by source."""

    documents: dict[str, int]
    bytes: dict[str, int]

    @property
    def total_bytes(self) -> int:
        """UTF-8 bytes of all its texts."""
        return sum(self.bytes.values())


def read_sources(config: CorpusConfig, seed: int, split: str, folder: Path, reporter: Reporter) -> list[RawShard]:
    """Read the sources of a split into `folder`, in shards of about `config.shard_bytes`.

    Args:
        config: names the sources.
        seed: of synthetic ones.
        split: `train` (`config.sources`) or `valid` (`config.valid_sources`, read without planted noise).
        folder: of the shards; finished ones are kept and not written again.
        reporter: shows the reading.

    Raises:
        SourceError: a source cannot be used.
        DiskFullError: no room.
    """
    complete = folder / "complete.json"
    if complete.is_file():
        return _finished(folder)
    every = (*config.sources, *config.valid_sources)
    described = list(zip(every, source_names(config), source_seeds(config, seed), strict=True))
    first = len(config.sources)
    numbered = described[:first] if split == "train" else described[first:]
    hints = [size_hint(source) for source, _, _ in numbered]
    total = None if None in hints else sum(hint or 0 for hint in hints)
    with reporter.task(f"corpus: reading {split}", total=total) as task:
        documents = _documents(numbered, config, config.noise if split == "train" else 0.0, task)
        _write_shards(documents, folder, config.shard_bytes)
    shards = _finished(folder)
    write_json(complete, {"shards": len(shards)})
    return shards


def _documents(
    numbered: list[tuple[Source, str, int]], config: CorpusConfig, noise: float, task: Task
) -> Iterator[Document]:
    for source, name, seed in numbered:

        def advance(amount: int, name: str = name) -> None:
            task.advance(amount, name)

        yield from read_source(source, name, config, seed, noise=noise, advance=advance)


def _write_shards(documents: Iterator[Document], folder: Path, shard_bytes: int) -> None:
    finished = _finished(folder)
    documents = islice(documents, sum(sum(shard.documents.values()) for shard in finished), None)
    number = len(finished)
    while (document := next(documents, None)) is not None:
        count: Counter[str] = Counter()
        size: Counter[str] = Counter()
        room = shard_bytes
        with write_documents(shard_path(folder, number), level=1) as write:
            while document is not None:
                source, length = document.metadata["source"], len(document.text.encode())
                write({"id": document.id, "text": document.text, **document.metadata})
                count[source] += 1
                size[source] += length
                room -= length
                document = next(documents, None) if room > 0 else None
        write_json(_note(folder, number), {"documents": count, "bytes": size})
        number += 1


def _finished(folder: Path) -> list[RawShard]:
    """The shards that are whole, by their notes, which are written after them."""
    found: list[RawShard] = []
    while (note := _note(folder, len(found))).is_file():
        data: dict[str, Any] = read_json(note)
        found.append(RawShard(data["documents"], data["bytes"]))
    return found


def _note(folder: Path, number: int) -> Path:
    return folder / f"{number:05d}.json"
