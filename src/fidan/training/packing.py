"""Clean documents to packed tokens: every shard of the corpus becomes three files and a marker.

Shards are independent: they are encoded by as many processes as asked for, and neither their number nor their order
shows in the bytes. Nor does the encoder: the fast one is held against SentencePiece on every 32nd document and on
those with a literal ▁, which it rewrites; where one differs, SentencePiece packs all of them. A shard's marker
(`train-00000.json`) is written last and says from which documents and by which tokenizer and encoder it was made, so
that work that was interrupted, however roughly, goes on with the shards that lack one. `index.json` comes at the very
end. Reading is `packed_tokens`, which also says what the files hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from fidan.artifact import atomic_write, hash_file, read_json, size_faults, write_array, write_json
from fidan.corpus.documents import SPLITS, read_documents, shards
from fidan.errors import ArtifactMismatch, FidanError
from fidan.progress import Reporter
from fidan.recipe import PackConfig
from fidan.tokenizer.encoders import Encoder, EncoderDiffers, Name, Rows, check, choose_encoder, make_encoder
from fidan.tokenizer.tokenizer import SPACE, Tokenizer, round_trip
from fidan.training.packed_tokens import BYTES, INDEX, OFFSETS, TOKENS
from fidan.workers import cores, in_processes

VERSION = 1
_BATCH = 256  # documents encoded at once
_CHECK_EVERY = 32  # documents; each such one is decoded again and compared with its text, and encoded again


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
        config: how many processes, 0 means as many as there are cores; and which encoder.
        corpus_folder: clean documents, as the corpus stage writes them.
        tokenizer_folder: holds `tokenizer.model`.
        folder: where the files go.
        reporter: told what happens.

    Returns:
        Counts: for each split shards, documents, tokens and text_bytes; documents whose round trip was checked.

    Raises:
        FidanError: no documents, a broken file, a document that does not come back as it was, a process killed,
            an encoder that cannot take the tokenizer or (`encoder = "fast"`) gives other ids than SentencePiece.
    """
    tokenizer = Tokenizer.load(tokenizer_folder)
    jobs = {split: _jobs(corpus_folder, split, folder) for split in SPLITS}
    every = [job for of_split in jobs.values() for job in of_split]
    _clear(folder, {job.name for job in every})
    workers = config.workers or cores()
    try:
        _pack_all(every, config.encoder, workers, tokenizer, tokenizer_folder, reporter)
    except EncoderDiffers as error:
        if config.encoder != "auto":
            raise
        reporter.say(f"  {error} All shards are packed by SentencePiece instead.")
        _pack_all(every, "sentencepiece", workers, tokenizer, tokenizer_folder, reporter)
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


def _pack_all(
    every: list[_Job],
    setting: Literal["auto", "fast", "sentencepiece"],
    workers: int,
    tokenizer: Tokenizer,
    tokenizer_folder: Path,
    reporter: Reporter,
) -> None:
    """Pack the shards that are not there yet."""
    todo = [job for job in every if not _is_done(job, tokenizer, setting)]
    if len(todo) < len(every):
        reporter.say(f"  {len(every) - len(todo)} of {len(every)} shards are already packed")
    if not todo:
        return
    (todo[0].folder / INDEX).unlink(missing_ok=True)
    encoder = choose_encoder(setting, tokenizer, reporter)
    sizes = {job.name: job.source.stat().st_size for job in todo}
    with reporter.task("packing", total=float(sum(sizes.values()))) as task:
        for name in _run(todo, workers, tokenizer, tokenizer_folder, encoder):
            task.advance(sizes[name], name)


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


def _is_done(job: _Job, tokenizer: Tokenizer, setting: str) -> bool:
    if not _marker(job).is_file():
        return False
    try:
        marker = _read_marker(job)
    except ArtifactMismatch:
        return False
    expected = {"version": VERSION, "tokenizer": tokenizer.hash, "source": job.source_hash}
    if setting == "sentencepiece":  # the user's, or since the fast encoder failed
        expected["encoder"] = setting
    return all(marker.get(key) == value for key, value in expected.items()) and not size_faults(
        job.folder, marker["files"]
    )


def _run(
    todo: list[_Job], workers: int, tokenizer: Tokenizer, tokenizer_folder: Path, encoder: Name
) -> Iterator[str]:
    """Pack the shards and yield their names as they get done."""
    processes = min(workers, len(todo))
    if processes <= 1:
        made = make_encoder(encoder, tokenizer, workers)
        for job in todo:
            _pack_shard(job, tokenizer, made)
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
        arguments=(tokenizer_folder, encoder),
    )


_worker: tuple[Tokenizer, Encoder]  # of a worker process, made once


def _start_worker(tokenizer_folder: Path, encoder: Name) -> None:
    global _worker
    tokenizer = Tokenizer.load(tokenizer_folder)
    _worker = tokenizer, make_encoder(encoder, tokenizer)


def _work(job: _Job) -> str:
    _pack_shard(job, *_worker)
    return job.name


def _pack_shard(job: _Job, tokenizer: Tokenizer, encoder: Encoder) -> None:
    dtype = _dtype(tokenizer)
    counts, text_bytes = [np.zeros(1, np.int64)], [np.zeros(0, np.int64)]  # an empty shard has them, too
    documents = checked = 0
    files = {part: job.folder / f"{job.name}.{part}" for part in (TOKENS, OFFSETS, BYTES)}
    _marker(job).unlink(missing_ok=True)
    stream = read_documents(job.source)
    with atomic_write(files[TOKENS]) as file:
        while batch := list(islice(stream, _BATCH)):
            rows = encoder.rows([document["text"] for document in batch])
            picked = [
                number
                for number, document in enumerate(batch)
                if (documents + number) % _CHECK_EVERY == 0 or SPACE in document["text"]
            ]
            _check(job, tokenizer, encoder, batch, rows, picked)
            checked += len(picked)
            documents += len(batch)
            counts.append(rows.counts)
            text_bytes.append(rows.sizes)
            file.write(rows.ids.astype(dtype).tobytes())
    offsets = np.cumsum(np.concatenate(counts))
    sizes = np.concatenate(text_bytes)
    for part, values in ((OFFSETS, offsets), (BYTES, sizes)):
        write_array(files[part], values.astype("<u8"))
    write_json(
        _marker(job),
        {
            "name": job.name,
            "documents": documents,
            "tokens": int(offsets[-1]),
            "text_bytes": int(sizes.sum()),
            "files": {path.name: path.stat().st_size for path in files.values()},
            "checked": checked,
            "encoder": encoder.name,
            "version": VERSION,
            "tokenizer": tokenizer.hash,
            "source": job.source_hash,
        },
    )


def _check(
    job: _Job, tokenizer: Tokenizer, encoder: Encoder, batch: list[dict[str, Any]], rows: Rows, picked: list[int]
) -> None:
    """Hold some documents of a batch against their texts, and against SentencePiece's ids."""
    ends = np.cumsum(rows.counts)
    ids = [rows.ids[ends[number] - rows.counts[number] : ends[number]] for number in picked]
    names = [f"{job.source}: document {batch[number]['id']!r}" for number in picked]
    texts = [batch[number]["text"] for number in picked]
    if encoder.name != "sentencepiece":
        check(tokenizer, texts, ids, names)
    for name, text, row in zip(names, texts, ids, strict=True):
        if tokenizer.decode(row.tolist()) != round_trip(text):
            raise FidanError(f"{name} does not come back from the tokenizer as it was. Train the tokenizer again.")


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
