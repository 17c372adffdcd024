"""Bring equal hashes together, over any number of shards, within a stated amount of memory.

What is compared over all documents (fingerprints, bands of MinHash, lines) is one question: which rows have the same
key? `partitions` answers it a range of keys at a time. A first pass over the columns counts keys by their leading
bits and cuts the range of keys into parts that fit; then every part takes one pass, which drops its rows into
buckets, and every bucket is sorted where it lies. With a memory for m rows and n rows in all that is n / m + 1 passes
of reading; nothing is written to disk. Keys should be hashes, which spread evenly, but need not: a part that is too
full is cut again, down to a single key.

What it leaves out: what is done with the groups (`exact`, `clusters`, `lines`).

Memory: 48 bytes are allowed for each row of a partition. 16 are its key and position; 16 more the partition before,
which the caller may still hold; the rest is for sorting, of which keys that are spread like hashes use next to
nothing. While a caller works on a partition, 32 bytes a row are free for its own arrays. Counters, a block of rows
and the buffers of the sort (2 MB) come on top. Columns that are mapped from files (read-only, as
`numpy.load(mmap_mode="r")` gives them) do not count: their pages are handed back after every pass.
"""

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined

Keys: TypeAlias = NDArray[np.uint64]
Positions: TypeAlias = NDArray[np.int64]
Counts: TypeAlias = NDArray[np.int64]
Whole: TypeAlias = Any  # an int or one of NumPy's, which are the same to a compiled loop

ROW_BYTES = 48
_COUNTED_BITS = 16  # of a key, by which rows are counted to cut the range of keys into parts
_BUCKETS = 2048  # of a part; more places to write to at once than this slow a processor down
_BLOCK = 1 << 16  # rows: half a megabyte, small enough for the second-level cache
_FEW = 24  # rows: as many are sorted by insertion
_LARGEST = 2**64 - 1


@dataclass(frozen=True)
class _Part:
    """A range of keys, both ends included, and how many rows each 2^shift keys of it have."""

    low: int
    high: int
    shift: int
    counts: Counts


def partitions(columns: Sequence[Keys], memory: int, least: int = 0) -> Iterator[tuple[Keys, Positions]]:
    """The rows of all columns, in parts: every part has all rows of a range of keys, the ranges ascend.

    Args:
        columns: 1-D arrays of uint64, a shard each; memory-mapped or strided ones are read a block at a time.
        memory: bytes, at most `ROW_BYTES` a row of a partition. A single key that has more rows than that is a
            partition by itself, of 16 bytes a row.
        least: rows with a smaller key are left out; 1 leaves out a key of 0 that marks "no key".

    Yields:
        Keys (rows,), ascending, and the positions of their rows (rows,), ascending among equal keys. A position is
        the number of a row, counted over all columns in order. Equal keys never part. Columns without a row give no
        partition.

    Raises:
        ValueError: a column that is not 1-D of uint64.
    """
    for column in columns:
        if column.ndim != 1 or column.dtype != np.uint64:
            raise ValueError(f"a column of {column.dtype} with shape {column.shape}: it must be uint64, and 1-D.")
    rows, limit = sum(map(len, columns)), max(1, memory // ROW_BYTES)
    # What fits in one part needs no more counters than its sort has buckets.
    bits = _COUNTED_BITS if rows > limit else min(_BUCKETS.bit_length() - 1, rows.bit_length())
    for part in _parts(columns, least, _LARGEST, limit, bits):
        yield _sorted(columns, part)


def groups(columns: Sequence[NDArray[np.uint64]], memory: int) -> Iterator[tuple[Positions, NDArray[np.bool_]]]:
    """The same for keys of 128 bits: rows with equal keys stand side by side.

    Rows are parted and sorted by the first half of the key; the second half is fetched only for rows that share the
    first with another.

    Args:
        columns: (rows, 2) of uint64, a shard each.
        memory: bytes, at most 64 a row of a part; those above `ROW_BYTES` are for the second halves.

    Yields:
        Positions (rows,) and whether each is the first of its group (rows,). Within a group positions ascend; the
        groups are in no order that means anything.
    """
    seconds = [column[:, 1] for column in columns]
    for keys, positions in partitions([column[:, 0] for column in columns], memory * ROW_BYTES // 64):
        leads = run_starts(keys)
        del keys
        shared = ~leads
        shared[:-1] |= shared[1:]  # the first of a run shares its key with the one behind it
        if shared.any():
            _part_by_second(seconds, positions, leads, np.flatnonzero(shared))
        yield positions, leads


def run_starts(keys: Keys) -> NDArray[np.bool_]:
    """For sorted keys (rows,): whether each is the first of those that are equal."""
    starts = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=starts[1:])
    return starts


def take(columns: Sequence[NDArray[Any]], positions: Positions) -> NDArray[Any]:
    """The values at some positions, counted over all columns in order.

    Args:
        columns: at least one, of one type.
        positions: (rows,), in any order; read in ascending order, so that a file is gone through from front to back.

    Returns:
        (rows,): the values, in the order of `positions`.
    """
    order = np.argsort(positions, kind="stable")
    ascending = positions[order]
    starts = np.cumsum([0, *map(len, columns)])
    values = np.empty(len(positions), dtype=columns[0].dtype)
    cuts = pairwise(np.searchsorted(ascending, starts))
    for column, start, (low, high) in zip(columns, starts[:-1], cuts, strict=True):
        values[order[low:high]] = column[ascending[low:high] - start]
        forget(column)
    return values


def forget(column: Keys) -> None:
    """Hand back the pages of a file that reading a mapped column took; they come back when it is read again."""
    owner: Any = column
    while isinstance(owner, np.ndarray):
        owner = owner.base
    # A mapping that may be written to could hold changes of its own, which letting go would undo.
    if isinstance(owner, mmap.mmap) and not column.flags.writeable and hasattr(owner, "madvise"):
        owner.madvise(mmap.MADV_DONTNEED)


def _part_by_second(
    seconds: Sequence[Keys], positions: Positions, leads: NDArray[np.bool_], shared: Positions
) -> None:
    """Mend the order of rows that share the first half of their key, in place, where they differ in the second."""
    values = take(seconds, positions[shared])
    if np.array_equal(run_starts(values) | leads[shared], leads[shared]):
        return  # all that share the first half share the second, too: always, but for one pair in 2^64
    run = np.cumsum(leads[shared])
    order = np.lexsort((values, run))  # stable: positions ascend within a group
    positions[shared] = positions[shared][order]
    leads[shared] = run_starts(run.astype(np.uint64)) | run_starts(values[order])


def _parts(columns: Sequence[Keys], low: int, high: int, limit: int, bits: int) -> Iterator[_Part]:
    """Parts of at most `limit` rows, unless it is a single key; those without a row are left out."""
    shift = max(0, (high - low).bit_length() - bits)
    counts = np.zeros(((high - low) >> shift) + 1, dtype=np.int64)
    for block, _ in _blocks(columns):
        _count(block, np.uint64(low), np.uint64(high), np.uint64(shift), counts)
    totals = np.cumsum(counts)
    start = seen = 0
    while seen < totals[-1]:
        end = max(int(np.searchsorted(totals, seen + limit, side="right")), start + 1)
        first, last = low + (start << shift), min(low + (end << shift) - 1, high)
        if totals[end - 1] - seen > limit and shift:
            yield from _parts(columns, first, last, limit, _COUNTED_BITS)
        elif totals[end - 1] > seen:
            yield _Part(first, last, shift, counts[start:end])
        start, seen = end, int(totals[end - 1])


def _sorted(columns: Sequence[Keys], part: _Part) -> tuple[Keys, Positions]:
    """The rows of a part, by key and position."""
    counts, shift = part.counts, part.shift
    while len(counts) > _BUCKETS:
        counts = np.pad(counts, (0, len(counts) % 2)).reshape(-1, 2).sum(axis=1)
        shift += 1
    ends = np.cumsum(counts)
    keys, positions = np.empty(ends[-1], dtype=np.uint64), np.empty(ends[-1], dtype=np.int64)
    places = ends - counts
    for block, position in _blocks(columns):
        _place(block, position, np.uint64(part.low), np.uint64(part.high), np.uint64(shift), places, keys, positions)
    if shift:  # else every bucket is a single key, and its rows came in order
        spare = int(counts.max())
        _sort_buckets(
            keys,
            positions,
            ends,
            np.empty(spare, dtype=np.uint64),
            np.empty(spare, dtype=np.int64),
            np.empty(min(spare, _BLOCK), dtype=np.int64),
        )
    return keys, positions


def _blocks(columns: Sequence[Keys]) -> Iterator[tuple[Keys, int]]:
    """All columns in blocks of contiguous memory, each with the position of its first row."""
    position = 0
    for column in columns:
        for start in range(0, len(column), _BLOCK):
            block = np.array(column[start : start + _BLOCK])
            yield block, position
            position += len(block)
        forget(column)


@compiled
def _count(block: Keys, low: np.uint64, high: np.uint64, shift: np.uint64, counts: Counts) -> None:
    for key in block:
        if low <= key <= high:
            counts[np.int64((key - low) >> shift)] += 1


@inlined
def _place(
    block: Keys,
    position: Whole,
    low: np.uint64,
    high: np.uint64,
    shift: np.uint64,
    places: Positions,
    keys: Keys,
    positions: Positions,
) -> None:
    """Write the rows of a range into their buckets, in order; `places` is where each bucket goes on."""
    for row in range(block.size):
        key = block[row]
        if low <= key <= high:
            bucket = np.int64((key - low) >> shift)
            place = places[bucket]
            places[bucket] = place + 1
            keys[place] = key
            positions[place] = position + row


@compiled
def _sort_buckets(
    keys: Keys, positions: Positions, ends: Positions, spare_keys: Keys, spare_positions: Positions, counts: Counts
) -> None:
    start = np.int64(0)
    for end in ends:
        if start < end:
            _sort(keys, positions, start, end, spare_keys, spare_positions, counts)
        start = end


@compiled
def _insertion_sort(keys: Keys, positions: Positions, start: Whole, end: Whole) -> None:
    for row in range(start + 1, end):
        key, position = keys[row], positions[row]
        place = row
        while place > start and keys[place - 1] > key:
            keys[place], positions[place] = keys[place - 1], positions[place - 1]
            place -= 1
        keys[place], positions[place] = key, position


@compiled
def _sort(
    keys: Keys,
    positions: Positions,
    start: Whole,
    end: Whole,
    spare_keys: Keys,
    spare_positions: Positions,
    counts: Counts,
) -> None:
    """Sort rows from `start` to `end` by key; equal keys keep their order.

    They are spread over as many buckets as there are rows, by the leading bits of what their keys differ in. Of
    hashes one or two fall into each; where many do, they are spread again.
    """
    low, high = keys[start], keys[start]
    for row in range(start, end):
        low, high = min(low, keys[row]), max(high, keys[row])
    if low == high:
        return
    rows, shift = end - start, np.uint64(0)
    while (high - low) >> shift >= np.uint64(min(rows, counts.size)):
        shift += np.uint64(1)
    counts[: np.int64((high - low) >> shift) + 1] = 0
    for row in range(start, end):
        counts[np.int64((keys[row] - low) >> shift)] += 1
    total = np.int64(0)
    for number in range(np.int64((high - low) >> shift) + 1):  # from numbers of rows to where each bucket begins
        count = counts[number]
        counts[number] = total
        total += count
    for row in range(start, end):
        bucket = np.int64((keys[row] - low) >> shift)
        place = counts[bucket]
        counts[bucket] = place + 1
        spare_keys[place], spare_positions[place] = keys[row], positions[row]
    keys[start:end], positions[start:end] = spare_keys[:rows], spare_positions[:rows]
    if shift == np.uint64(0):
        return
    while start < end:
        bucket = np.int64((keys[start] - low) >> shift)
        stop = start + 1
        while stop < end and np.int64((keys[stop] - low) >> shift) == bucket:
            stop += 1
        if stop - start <= _FEW:
            _insertion_sort(keys, positions, start, stop)
        else:
            _sort(keys, positions, start, stop, spare_keys, spare_positions, counts)
        start = stop
