"""The files of documents: JSON lines in Zstandard, written whole or not at all, read as a stream.

A record has `id`, `text` and `source`. The same records give the same bytes: no clock, no order of a dictionary and
no number of threads enters a file. What it leaves out: what the records mean.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import zstandard

from fidan.artifact import atomic_write
from fidan.corpus.sources.streams import read_blocks
from fidan.errors import ArtifactMismatch

SPLITS = ("train", "valid")
ENDING = ".jsonl.zst"

Write = Callable[[Mapping[str, Any]], None]


def shards(folder: Path, split: str) -> list[Path]:
    """The document files of a split, in order.

    Args:
        folder: of a finished corpus stage.
        split: `train` or `valid`.

    Raises:
        ArtifactMismatch: there are none.
    """
    found = sorted((folder / split).glob(f"*{ENDING}"))
    if not found:
        raise ArtifactMismatch(f"{folder / split}: no documents (*{ENDING}). Run the corpus stage first.")
    return found


def shard_path(folder: Path, number: int) -> Path:
    """The file of one shard; five digits keep the order of names the order of shards."""
    return folder / f"{number:05d}{ENDING}"


def read_documents(path: Path) -> Iterator[dict[str, Any]]:
    """The records of one file, in order, decompressed as they are asked for.

    Raises:
        SourceError: the file is missing, truncated or damaged.
    """
    rest = b""
    for block in read_blocks(path):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield orjson.loads(line)
    if rest:
        raise ArtifactMismatch(f"{path}: its last line has no end: not a file of this package.")


@contextmanager
def write_documents(path: Path, level: int = 3) -> Iterator[Write]:
    """A function that appends a record to `path`, which appears when the context is left without an error.

    Args:
        path: its folder is made where needed.
        level: of compression. 3 is Zstandard's default; 1 is for files that soon go away.

    Raises:
        DiskFullError: no room.
    """
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=True)
    with atomic_write(path) as file, compressor.stream_writer(file, closefd=False) as stream:
        buffer: list[bytes] = []
        size = 0

        def write(record: Mapping[str, Any]) -> None:
            nonlocal size
            line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
            buffer.append(line)
            size += len(line)
            if size >= 1 << 18:  # a call into the compressor a document would cost more than the compression
                stream.write(b"".join(buffer))
                buffer.clear()
                size = 0

        yield write
        stream.write(b"".join(buffer))
