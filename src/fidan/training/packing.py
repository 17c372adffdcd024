"""Clean documents to packed tokens: every shard of the corpus becomes three files and a marker.

Shards are independent: they are encoded by as many processes as asked for, and neither their number nor their order
shows in the bytes. A shard's marker (`train-00000.json`) is written last and says from which documents and by which
tokenizer it was made, so that work that was interrupted, however roughly, goes on with the shards that lack one.
`index.json` comes at the very end. Reading is `packed_tokens`, which also says what the files hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from fidan.artifact import atomic_write, hash_file, read_json, size_faults, write_array, write_json
from fidan.corpus.documents import SPLITS, read_documents, shards
from fidan.errors import ArtifactMismatch, FidanError
from fidan.progress import Reporter
from fidan.recipe import PackConfig
from fidan.tokenizer.tokenizer import Tokenizer, round_trip
from fidan.training.packed_tokens import BYTES, INDEX, OFFSETS, TOKENS
from fidan.workers import cores, in_processes

VERSION = 1
_BATCH = 256  # documents encoded at once
_CHECK_EVERY = 32  # documents; each such one is decoded again and compared with its text


@dataclass(frozen=True)
class _Job:
    source: Path
    source_hash: str
    folder: Path
    name: str  # of the shard, e.g. train-00000


def pack(
    config: PackConfig, corpus_folder: Path, tokenizer_folder: Path, folder: Path, reporter: Reporter
) -> dict[str, Any]:
    """Encode both splits of a corpus into `folder`; shards that are already there are kept.

    Args:
        config: how many processes; 0 means as many as there are cores.
        corpus_folder: clean documents, as the corpus stage writes them.
        tokenizer_folder: holds `tokenizer.model`.
        folder: where the files go.
        reporter: told what happens.

    Returns:
        Counts: for each split shards, documents, tokens and text_bytes; documents whose round trip was checked.

    Raises:
        FidanError: no documents, a broken file, a document that does not come back as it was, a process killed.
    """
    tokenizer = Tokenizer.load(tokenizer_folder)
    jobs = {split: _jobs(corpus_folder, split, folder) for split in SPLITS}
    every = [job for of_split in jobs.values() for job in of_split]
    _clear(folder, {job.name for job in every})
    todo = [job for job in every if not _is_done(job, tokenizer)]
    if todo:
        (folder / INDEX).unlink(missing_ok=True)
    if len(todo) < len(every):
        reporter.say(f"  {len(every) - len(todo)} of {len(every)} shards are already packed")
    sizes = {job.name: job.source.stat().st_size for job in todo}
    with reporter.task("packing", total=float(sum(sizes.values()))) as task:
        for name in _run(todo, config.workers or cores(), tokenizer, tokenizer_folder):
            task.advance(sizes[name], name)
    splits = {split: [_read_marker(job) for job in of_split] for split, of_split in jobs.items()}
    write_json(
        folder / INDEX,
        {
            "version": VERSION,
            "tokenizer": tokenizer.hash,
            "vocab_size": tokenizer.vocab_size,
            "dtype": _dtype(tokenizer).name,
            "splits": {split: [_indexed(marker) for marker in markers] for split, markers in splits.items()},
        },
    )
    counts: dict[str, Any] = {
        split: {
            "shards": len(markers),
            **{key: sum(marker[key] for marker in markers) for key in ("documents", "tokens", "text_bytes")},
        }
        for split, markers in splits.items()
    }
    if not counts["train"]["tokens"]:
        raise FidanError(f"{corpus_folder}: the train split has no documents. Run the corpus stage, or add sources.")
    counts["round_trips_checked"] = sum(marker["checked"] for markers in splits.values() for marker in markers)
    return counts


def _jobs(corpus_folder: Path, split: str, folder: Path) -> list[_Job]:
    return [
        _Job(source, hash_file(source), folder, f"{split}-{number:05d}")
        for number, source in enumerate(shards(corpus_folder, split))
    ]


def _clear(folder: Path, names: set[str]) -> None:
    """Take away what a killed process left half-written, and shards the corpus no longer has."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        is_shard = path.name.startswith(tuple(f"{split}-" for split in SPLITS))
        if (is_shard and path.name.split(".")[0] not in names) or (
            path.name.startswith(".") and path.suffix == ".tmp"
        ):
            path.unlink()


def _is_done(job: _Job, tokenizer: Tokenizer) -> bool:
    if not _marker(job).is_file():
        return False
    try:
        marker = _read_marker(job)
    except ArtifactMismatch:
        return False
    expected = {"version": VERSION, "tokenizer": tokenizer.hash, "source": job.source_hash}
    return all(marker.get(key) == value for key, value in expected.items()) and not size_faults(
        job.folder, marker["files"]
    )


def _run(todo: list[_Job], workers: int, tokenizer: Tokenizer, tokenizer_folder: Path) -> Iterator[str]:
    """Pack the shards and yield their names as they get done."""
    processes = min(workers, len(todo))
    if processes <= 1:
        for job in todo:
            _pack_shard(job, tokenizer, workers)
            yield job.name
        return
    yield from in_processes(
        _work,
        todo,
        processes,
        doing="packing",
        advice=f"set pack.workers = {processes // 2}",
        preload="fidan.training.packing",
        setup=_start_worker,
        arguments=(tokenizer_folder,),
    )


_worker_tokenizer: Tokenizer  # of a worker process, loaded once


def _start_worker(tokenizer_folder: Path) -> None:
    global _worker_tokenizer
    _worker_tokenizer = Tokenizer.load(tokenizer_folder)


def _work(job: _Job) -> str:
    _pack_shard(job, _worker_tokenizer, threads=1)
    return job.name


def _pack_shard(job: _Job, tokenizer: Tokenizer, threads: int) -> None:
    dtype = _dtype(tokenizer)
    offsets: list[int] = [0]
    text_bytes: list[int] = []
    checked = 0
    files = {part: job.folder / f"{job.name}.{part}" for part in (TOKENS, OFFSETS, BYTES)}
    _marker(job).unlink(missing_ok=True)
    documents = read_documents(job.source)
    with atomic_write(files[TOKENS]) as file:
        while batch := list(islice(documents, _BATCH)):
            texts = [document["text"] for document in batch]
            row: list[np.ndarray[Any, np.dtype[Any]]] = []
            for document, text, ids in zip(batch, texts, tokenizer.encode_batch(texts, threads), strict=True):
                if len(text_bytes) % _CHECK_EVERY == 0:
                    checked += 1
                    if tokenizer.decode(ids.tolist()) != round_trip(text):
                        raise FidanError(
                            f"{job.source}: document {document['id']!r} does not come back from the tokenizer as it "
                            "was. Train the tokenizer again."
                        )
                row += [np.array([tokenizer.bos_id]), ids, np.array([tokenizer.eos_id])]
                offsets.append(offsets[-1] + len(ids) + 2)
                text_bytes.append(len(text.encode()))
            file.write(np.concatenate(row).astype(dtype).tobytes())
    for part, values in ((OFFSETS, offsets), (BYTES, text_bytes)):
        write_array(files[part], np.array(values, dtype="<u8"))
    write_json(
        _marker(job),
        {
            "name": job.name,
            "documents": len(text_bytes),
            "tokens": offsets[-1],
            "text_bytes": sum(text_bytes),
            "files": {path.name: path.stat().st_size for path in files.values()},
            "checked": checked,
            "version": VERSION,
            "tokenizer": tokenizer.hash,
            "source": job.source_hash,
        },
    )


def _marker(job: _Job) -> Path:
    return job.folder / f"{job.name}.json"


def _read_marker(job: _Job) -> dict[str, Any]:
    marker: dict[str, Any] = read_json(_marker(job))
    return marker


def _indexed(marker: dict[str, Any]) -> dict[str, Any]:
    return {key: marker[key] for key in ("name", "documents", "tokens", "text_bytes", "files")}


def _dtype(tokenizer: Tokenizer) -> np.dtype[Any]:
    """Two bytes an id where they suffice."""
    return np.dtype("<u2" if tokenizer.vocab_size <= 1 << 16 else "<u4")
