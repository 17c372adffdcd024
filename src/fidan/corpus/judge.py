"""What can only be said of all documents together, and is said once: which lines repeat, which documents are copies,
which text is head, middle or tail, and which documents are held out.

It reads the arrays that tasks left beside their shards and leaves verdicts for the tasks that follow, within
`config.memory_mb`. It runs in this process; what it is asked again after a kill it does again, unless it had ended.
What it leaves out: how groups are found (`duplicates/`).
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fidan.artifact import read_json, write_array, write_json
from fidan.corpus.config import CorpusConfig
from fidan.corpus.documents import read_documents, shard_path
from fidan.corpus.duplicates import exact
from fidan.corpus.duplicates.clusters import cluster, cluster_sizes, copies, size_table
from fidan.corpus.duplicates.lines import judge_lines
from fidan.corpus.filters.perplexity import BUCKETS, buckets, cut_offs

_OUTCOME = "outcome.json"
_LARGEST, _SHOWN_CHARS = 10, 500
_MEGABYTE = 1_000_000
_MACOS_OPEN_MAX = 10_240  # more is refused there, although its hard limit is said to be infinite


@dataclass(frozen=True)
class Outcome:
    """What was decided.

    Attributes:
        counts: documents by what becomes of them: `train`, `valid`, or the reason why they are dropped.
        clusters: how many clusters of near duplicates there are of which size, and the largest; None: not looked for.
        perplexity: where head and middle end, and how many documents are in each; None: no model.
    """

    counts: dict[str, int]
    clusters: dict[str, Any] | None
    perplexity: dict[str, Any] | None


def lines(config: CorpusConfig, work: Path, shards: Mapping[str, int]) -> None:
    """Judge the lines of the training documents; leaves `lines/<shard>.npy`, a fate a line.

    Args:
        config: what a repeated line is.
        work: folder of the phases.
        shards: how many, by split.
    """
    folder, done = work / "lines", work / "lines" / "complete.json"
    if not config.repeated_lines.enabled or done.is_file():
        return
    hashes, counts = (_columns(work / "clean" / "train", shards["train"], name) for name in ("lines", "counts"))
    fates = judge_lines(hashes, counts, config.repeated_lines, config.memory_mb * _MEGABYTE)
    for number, part in enumerate(fates):
        write_array(folder / f"{number:05d}.npy", part)
    write_json(done, {"shards": len(fates)})


def documents(config: CorpusConfig, seed: int, work: Path, shards: Mapping[str, int]) -> Outcome:
    """Judge the documents; leaves `verdicts/<split>/<shard>.verdicts.npy` and `.copies.npy`, a row a document.

    Args:
        config: what a duplicate is, and what is held out.
        seed: of the choice of held-out documents.
        work: folder of the phases.
        shards: how many, by split.
    """
    done = work / "verdicts" / _OUTCOME
    if done.is_file():
        return Outcome(**read_json(done))
    memory = config.memory_mb * _MEGABYTE
    _allow_many_files()
    # Held-out documents come first, so that of equal documents it is the held-out one that stays.
    places = [(split, number) for split in ("valid", "train") for number in range(shards.get(split, 0))]

    def columns(name: str) -> list[NDArray[Any]]:
        return [_open(work / "filter" / split / f"{number:05d}.{name}.npy") for split, number in places]

    hashes = columns("hashes")
    lengths = [len(part) for part in hashes]
    held_out = sum(length for (split, _), length in zip(places, lengths, strict=True) if split == "valid")
    near = None
    if config.near_duplicates.enabled:
        near = cluster(columns("keys"), columns("checks"), config.near_duplicates.threshold, memory)
    verdicts = exact.judge(
        hashes,
        exact.HeldOut(held_out, None if config.valid_sources else config.valid_fraction, seed),
        memory,
        drop_duplicates=config.drop_duplicates,
        near=near,
    )
    perplexity = _perplexity(config, np.concatenate([np.empty(0, np.float32), *columns("scores")]), verdicts)
    times = np.ones(len(verdicts), np.uint32)
    clusters = None
    if near is not None:
        clusters = _clusters(near, places, lengths, work)
        if config.near_duplicates.rehydrate:
            trained = verdicts == exact.TRAIN
            times[trained] = copies(cluster_sizes(near)[trained], config.near_duplicates.rehydrate)
    ends = np.cumsum(lengths)[:-1]
    for (split, number), verdict, time in zip(places, np.split(verdicts, ends), np.split(times, ends), strict=True):
        write_array(work / "verdicts" / split / f"{number:05d}.verdicts.npy", verdict)
        write_array(work / "verdicts" / split / f"{number:05d}.copies.npy", time)
    names = {exact.TRAIN: "train", exact.VALID: "valid", **exact.REASONS}
    found = np.bincount(verdicts, minlength=max(names) + 1)
    outcome = Outcome({name: int(found[number]) for number, name in names.items()}, clusters, perplexity)
    write_json(done, asdict(outcome))
    return outcome


def _perplexity(config: CorpusConfig, scores: NDArray[np.float32], verdicts: exact.Verdicts) -> dict[str, Any] | None:
    """Cut the scores of documents that would be kept; drops, in `verdicts`, those of a bucket that is not kept."""
    if not config.perplexity.reference:
        return None
    judged = np.isin(verdicts, (exact.TRAIN, exact.VALID)) & ~np.isnan(scores)
    if not judged.any():
        return None
    first, second = config.perplexity.cuts
    cuts = cut_offs(scores[judged], (first, second))
    bucket = buckets(scores, cuts)
    for number, name in enumerate(BUCKETS):
        if name not in config.perplexity.keep:
            verdicts[judged & (bucket == number)] = exact.PERPLEXITY
    found = np.bincount(bucket[judged], minlength=len(BUCKETS))
    return {"cuts": list(cuts), "buckets": dict(zip(BUCKETS, found.tolist(), strict=True))}


def _clusters(
    roots: NDArray[np.int64], places: Sequence[tuple[str, int]], lengths: Sequence[int], work: Path
) -> dict[str, Any]:
    """The table of cluster sizes, and the first documents of the largest clusters."""
    sizes = np.bincount(roots, minlength=len(roots))
    several = np.flatnonzero(sizes > 1)
    order = several[np.lexsort((several, -sizes[several]))[:_LARGEST]].tolist()
    largest = [{"size": int(sizes[root]), **_document(root, places, lengths, work)} for root in order]
    return {"sizes": size_table(roots), "documents": len(roots), "largest": largest}


def _document(position: int, places: Sequence[tuple[str, int]], lengths: Sequence[int], work: Path) -> dict[str, str]:
    """Identifier and beginning of the document at a position."""
    ends = np.cumsum(lengths)
    shard = int(np.searchsorted(ends, position, side="right"))
    split, number = places[shard]
    row = position - int(ends[shard]) + lengths[shard]
    for index, record in enumerate(read_documents(shard_path(work / "filter" / split, number))):
        if index == row:
            return {"id": record["id"], "text": record["text"][:_SHOWN_CHARS]}
    raise AssertionError(f"shard {number} of {split} has fewer documents than rows")


def _allow_many_files() -> None:
    """Every mapped array keeps a file open; many systems let a process raise its own limit, which is low."""
    with suppress(ImportError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = max(soft, min(hard, _MACOS_OPEN_MAX)) if sys.platform == "darwin" else hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _columns(folder: Path, shards: int, name: str) -> list[NDArray[Any]]:
    return [_open(folder / f"{number:05d}.{name}.npy") for number in range(shards)]


def _open(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r")
    return array
