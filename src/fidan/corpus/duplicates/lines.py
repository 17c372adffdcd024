"""Lines that stand in many documents: footers, notices, signatures that no list of phrases knows.

A line in many documents is not always in the way: minutes of a parliament say in hundreds of places "Önergeyi
oylarınıza sunuyorum". What tells a footer from a formula is its company: a footer stands at an end of its document,
or beside another line that repeats; a formula stands by itself in text that is found nowhere else. So a line goes
when it stands in at least `min_documents` documents and not mostly alone. (A stock sentence that always ends its page
goes, too.) The first document that has it keeps it, so nothing is lost from the corpus: neither a national anthem,
which stands on hundreds of pages, nor a text that was copied often. In a document of a single line that line counts
as alone: it is what the document says, and if it is a copy, then as a document.

Memory: the budget, of which one half sorts hashes and the other judges groups of them, and about 60 bytes for every
different line that stands in enough documents; where all later copies go, 1 bit a line, too. On disk: 8 bytes a line
for its hash, 1 for what becomes of it, and 4 a document for its number of lines. What it leaves out: when two lines
are equal (`line_hashes`), and lines that are known by what they say (`fidan.corpus.cleaning.boilerplate`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
from datatrove.data import DocumentsPipeline
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.base import Step
from fidan.corpus.config import RepeatedLinesConfig
from fidan.corpus.duplicates.grouping import Keys, Positions, forget, partitions, run_starts
from fidan.corpus.duplicates.line_hashes import NUMBERS_FOLDED, hash_lines
from fidan.corpus.ledger import Ledger
from fidan.errors import ArtifactMismatch

__all__ = ["DUPLICATE", "KEPT", "KINDS", "REPEATED", "RepeatedLines", "hash_lines", "judge_lines"]

KEPT, REPEATED, DUPLICATE = range(3)
SHOWN = 200  # of the frequent lines
KINDS = {REPEATED: "repeated", DUPLICATE: "duplicate_paragraph"}

Fates: TypeAlias = NDArray[np.uint8]  # (lines,): one of the three
Counts: TypeAlias = NDArray[np.uint32]  # (documents,): lines of each


@dataclass(frozen=True)
class FrequentLine:
    """A line that stands in at least `min_documents` documents.

    Attributes:
        documents: in how many.
        alone: share of its places where it stands between lines that are not frequent.
        repeated: whether it is taken out.
        shard, line: where it stands first.
    """

    documents: int
    alone: float
    repeated: bool
    shard: int
    line: int


def judge_lines(
    hashes: Sequence[Keys], counts: Sequence[Counts], config: RepeatedLinesConfig, memory: int
) -> "LineFates":
    """What becomes of every line.

    Args:
        hashes: (lines,) of every shard, as `hash_lines` gives them; usually memory-mapped.
        counts: (documents,) of every shard: lines of each.
        config: what a repeated line is; whether later copies of any line go, too.
        memory: bytes; see above.

    Returns:
        The fates, a shard at a time, and the frequent lines. Neither the memory nor where shards begin changes them,
        only the order of the documents does.

    Raises:
        ValueError: hashes and counts of different lines.
    """
    for number, (lines, documents) in enumerate(zip(hashes, counts, strict=True)):
        if int(documents.sum()) != len(lines):
            raise ValueError(f"shard {number}: {len(lines):,} hashes of {int(documents.sum()):,} lines.")
    starts = np.cumsum([0, *map(len, hashes)])
    copies = np.zeros(int(starts[-1]) // 8 + 1 if config.drop_duplicates else 0, dtype=np.uint8)
    found = [_no_lines()]
    if config.enabled:
        for keys, positions in partitions(hashes, memory // 2, least=1):
            first = run_starts(keys)
            if config.drop_duplicates:
                # Equal but for their numbers is not equal enough to be a copy.
                _set_bits(copies, positions[~first & (keys & NUMBERS_FOLDED == 0)])
            if config.min_documents:
                found.append(_frequent(keys, positions, first, starts, counts, config.min_documents))
    keys, firsts, documents = (np.concatenate(parts) for parts in zip(*found, strict=True))
    places, beside = np.zeros((2, len(keys)), dtype=np.int64)
    if len(keys):
        index = _index(keys)
        for lines, lengths in zip(hashes, counts, strict=True):
            _count_company(np.array(lines), np.array(lengths), *index, places, beside)
            forget(lines)
    alone = (places - beside) / np.maximum(places, 1)
    repeated = alone <= config.max_alone
    frequent = [
        FrequentLine(int(documents[line]), float(alone[line]), bool(repeated[line]), *_place(firsts[line], starts))
        for line in np.lexsort((firsts, -documents))[:SHOWN]
    ]
    return LineFates(hashes, frequent, keys[repeated], firsts[repeated], copies)


class LineFates:
    """What becomes of the lines of every shard, worked out when it is asked for.

    Attributes:
        frequent: the lines that stand in the most documents, whether they go or stay; at most `SHOWN`.
    """

    def __init__(
        self,
        hashes: Sequence[Keys],
        frequent: list[FrequentLine],
        repeated: Keys,
        firsts: Positions,
        copies: NDArray[np.uint8],
    ) -> None:
        self.frequent = frequent
        self._hashes, self._copies = hashes, copies
        self._index, self._firsts = _index(repeated), np.sort(firsts)

    def __len__(self) -> int:
        return len(self._hashes)

    def __iter__(self) -> Iterator[Fates]:
        """The fates of a shard's lines, (lines,), shard after shard."""
        start = 0
        for lines in self._hashes:
            fates = np.full(len(lines), KEPT, dtype=np.uint8)
            end = start + len(lines)
            if len(self._copies):
                bits = np.unpackbits(self._copies[start // 8 : end // 8 + 1], bitorder="little")
                fates[bits[start % 8 :][: len(lines)] == 1] = DUPLICATE
            _mark_repeated(np.array(lines), *self._index, fates)
            forget(lines)
            low, high = np.searchsorted(self._firsts, (start, end))
            fates[self._firsts[low:high] - start] = KEPT
            yield fates
            start = end


class RepeatedLines(Step):
    """Takes the lines out that were judged to go; a document that has no other goes on without text.

    Args:
        ledger: where they are noted.
        folder: of the verdicts, `<rank>.npy`.
    """

    type = "✂️ - FORMAT"
    name = "repeated lines"

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        super().__init__()
        self.ledger, self.folder = ledger, folder

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order, with the lines they keep.

        Raises:
            ArtifactMismatch: the verdicts are on other documents.
        """
        path = self.folder / f"{rank:05d}.npy"
        fates = np.load(path)
        place = 0
        for document in data:
            end = place + document.text.count("\n") + 1
            if fates[place:end].any():
                document.text = self._kept(document.text, fates[place:end].tolist())
            place = end
            yield document
        if place != len(fates):
            raise ArtifactMismatch(f"{path}: verdicts on {len(fates):,} lines, and the documents have {place:,}.")

    def _kept(self, text: str, fates: list[int]) -> str:
        kept = []
        for line, fate in zip(text.split("\n"), fates, strict=True):
            if fate == KEPT:
                kept.append(line)
            else:
                self.ledger.line(KINDS[fate], line)
        return "\n".join(kept)


def _frequent(
    keys: Keys,
    positions: Positions,
    first: NDArray[np.bool_],
    starts: Positions,
    counts: Sequence[Counts],
    min_documents: int,
) -> tuple[Keys, Positions, Positions]:
    """Of sorted keys those that stand in enough documents: key, where it stands first, in how many."""
    begins = np.flatnonzero(first)
    lengths = np.diff(begins, append=len(keys))
    candidates = lengths >= min_documents
    if not candidates.any():
        return _no_lines()
    rows = positions[np.repeat(candidates, lengths)]
    begins, lengths = begins[candidates], lengths[candidates]
    documents = _documents(rows, starts, counts)
    heads = np.cumsum(lengths) - lengths
    another = np.ones(len(rows), dtype=np.bool_)
    another[1:] = documents[1:] != documents[:-1]
    another[heads] = True
    found = np.add.reduceat(another, heads, dtype=np.int64)
    enough = found >= min_documents
    return keys[begins[enough]], positions[begins[enough]], found[enough]


def _no_lines() -> tuple[Keys, Positions, Positions]:
    return np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64)


def _documents(lines: Positions, starts: Positions, counts: Sequence[Counts]) -> Positions:
    """In which document each line stands, counted over all shards."""
    order = np.argsort(lines, kind="stable")
    ascending = lines[order]
    documents = np.empty(len(lines), dtype=np.int64)
    before = 0
    for lengths, start, (low, high) in zip(
        counts, starts[:-1], pairwise(np.searchsorted(ascending, starts)), strict=True
    ):
        if low < high:
            ends = np.cumsum(lengths, dtype=np.int64)
            documents[order[low:high]] = before + np.searchsorted(ends, ascending[low:high] - start, side="right")
        before += len(lengths)
    return documents


def _place(position: np.int64, starts: Positions) -> tuple[int, int]:
    """Shard, and line in it."""
    shard = int(np.searchsorted(starts, position, side="right")) - 1
    return shard, int(position - starts[shard])


def _index(keys: Keys) -> tuple[Keys, Positions, np.uint64]:
    """What `_find` needs: ascending keys, where each of their leading bits begins, and how far to shift for those."""
    bits = len(keys).bit_length()
    edges = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits) if bits else np.zeros(1, np.uint64)
    return keys, np.append(np.searchsorted(keys, edges), len(keys)), np.uint64(64 - bits)


@inlined
def _find(key: np.uint64, keys: Keys, edges: Positions, shift: np.uint64) -> int:
    """The number of a key among the keys, or -1."""
    bucket = np.int64(key >> shift)
    for number in range(edges[bucket], edges[bucket + 1]):
        if keys[number] == key:
            return number
    return -1


@compiled
def _mark_repeated(hashes: Keys, keys: Keys, edges: Positions, shift: np.uint64, fates: Fates) -> None:
    if keys.size:
        for line in range(hashes.size):
            if hashes[line] and _find(hashes[line], keys, edges, shift) >= 0:
                fates[line] = REPEATED


@compiled
def _count_company(
    hashes: Keys,
    counts: Counts,
    keys: Keys,
    edges: Positions,
    shift: np.uint64,
    places: Positions,
    beside: Positions,
) -> None:
    """Count the places of every key, and those beside another or at an end of a document that has more lines.

    Lines that have no hash are stepped over: a footer stands among short lines of a menu as often as not.
    """
    end = 0
    for count in counts:
        line, end = end, end + count
        judged, company = 0, True  # of the line before: whether it is frequent or there is none
        waiting, waiting_company = -1, False  # the line before, where it is frequent
        while line < end:
            if hashes[line]:
                judged += 1
                number = _find(hashes[line], keys, edges, shift)
                if waiting >= 0:
                    places[waiting] += 1
                    beside[waiting] += waiting_company or number >= 0
                waiting, waiting_company, company = number, company, number >= 0
            line += 1
        if waiting >= 0:
            places[waiting] += 1
            beside[waiting] += judged > 1


@compiled
def _set_bits(bits: NDArray[np.uint8], positions: Positions) -> None:
    for position in positions:
        bits[position >> 3] |= np.uint8(1 << (position & 7))
