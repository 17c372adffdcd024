"""Clusters of near duplicates: documents that share a band, confirmed by their checks, joined by union-find.

Band by band, the documents with the same key are a group. In document order each is compared with the group's first,
then with the next that was not joined to any before it, and so on, with at most `LEADERS` of them; where enough of
their checks are equal, the two are joined. Comparing all with all would cost the square of a group's size, and the
group of a web shop's product pages has thousands; who matches none of the leaders may still be found by another band.
Documents that are in one cluster already are not compared again, so nearly all work is done in the first bands.

Joins are transitive: where a is near b, and b near c, all three are one cluster, though a and c may be less alike
than the threshold. The root of a cluster is its first document. Neither the budget nor the number of shards or of
workers changes a cluster, only the order of the documents does.

Memory: 8 bytes a document for the roots, and the budget, of which one half sorts the keys of a band, a range of keys
at a time, and the other holds the checks that are compared. On disk, for 14 bands of 8: 112 bytes a document of keys
and 112 of checks. Pages of mapped files that an operating system shows as used by the process can be taken back at
any time. What it leaves out: which document of a cluster is kept (`exact`).
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.duplicates.grouping import partitions, run_starts, take
from fidan.corpus.duplicates.minhash import NO_KEY, least_equal

LEADERS = 8

Roots: TypeAlias = NDArray[np.int64]

_STEPS = (1, 2, 3, 4, 5, 10, 100, 1000)  # where the rows of a table of sizes begin


def cluster(
    keys: Sequence[NDArray[np.uint64]], checks: Sequence[NDArray[Any]], threshold: float, memory: int
) -> Roots:
    """The cluster of every document.

    Args:
        keys: (bands, documents) of every shard, as `MinHash.keys` gives them; usually memory-mapped.
        checks: (documents, size) of every shard, as `fidan.corpus.duplicates.minhash.checks` gives them (or whole
            signatures, four times as large); usually memory-mapped. Not looked at where the threshold is 0.
        threshold: least similarity, estimated from the checks; 0: a common band is enough.
        memory: bytes, see above.

    Returns:
        (documents,): the position of the first document of its cluster, counted over all shards in order; its own
        where it is alone.

    Raises:
        ValueError: shards of different settings, or keys and checks of different documents.
    """
    _require_fit(keys, checks if threshold else None)
    roots = np.arange(sum(part.shape[1] for part in keys), dtype=np.int64)
    comparison = _Comparison(checks, threshold, memory // 2) if threshold and len(roots) else None
    for band in range(len(keys[0]) if keys else 0):
        # 0 marks a document without words, and no other key is less than 1.
        for sorted_keys, positions in partitions([part[band] for part in keys], memory // 2, least=NO_KEY + 1):
            leads = run_starts(sorted_keys)
            undecided = np.zeros(len(positions), np.bool_)
            _find_undecided(leads, positions, roots, undecided)
            members, leads = positions[undecided], leads[undecided]
            if comparison:
                comparison.join(members, leads, roots)
            else:
                _join_all(members, leads, roots)
    _flatten(roots)
    return roots


def cluster_sizes(roots: Roots) -> NDArray[np.int64]:
    """For every document how many there are in its cluster; (documents,), and as much again while it is made."""
    counts: NDArray[np.int64] = np.bincount(roots, minlength=len(roots))[roots]
    return counts


def size_table(roots: Roots) -> dict[str, int]:
    """How many clusters there are of each size, in steps: `{"1": …, "2": …, "5–9": …, "1000+": …}`."""
    counts = np.bincount(roots, minlength=len(roots)) if len(roots) else np.zeros(0, np.int64)
    found = np.histogram(counts, bins=[*_STEPS, np.inf])[0].tolist()
    names = [
        f"{low}+" if following is None else str(low) if following == low + 1 else f"{low}–{following - 1}"
        for low, following in zip(_STEPS, (*_STEPS[1:], None), strict=True)
    ]
    return dict(zip(names, found, strict=True))


def copies(sizes: NDArray[np.int64], rehydrate: Sequence[Sequence[int]]) -> NDArray[np.uint32]:
    """How often the document that stands for a cluster is written.

    Args:
        sizes: (documents,), of their clusters.
        rehydrate: steps `[size, copies]`, sizes ascending; the last one whose size is not above the cluster's counts.
            Without steps, or below the first, it is once. FineWeb-2 chose its own by how good the text of each size
            was (Penedo et al. 2025, arXiv:2506.20920).

    Returns:
        (documents,).
    """
    table = np.array([[0, 1], *rehydrate])
    times: NDArray[np.uint32] = table[np.searchsorted(table[:, 0], sizes, side="right") - 1, 1].astype(np.uint32)
    return times


class _Comparison:
    """Compares the members of groups, as many at a time as there is memory for their checks.

    Args:
        checks: of all shards.
        threshold: above 0.
        memory: bytes.
    """

    def __init__(self, checks: Sequence[NDArray[Any]], threshold: float, memory: int) -> None:
        self.kind, self.size = checks[0].dtype, checks[0].shape[1]
        row = np.dtype((np.void, self.size * self.kind.itemsize))  # a document's checks as a single value
        self.rows = [np.ascontiguousarray(part).view(row).reshape(-1) for part in checks]
        self.least = least_equal(threshold, self.size, self.kind)
        self.room = max(1, memory // (row.itemsize + 32))  # 32: what `take` needs to read a file front to back
        # The leaders of the group under way; a group may go on in the next piece.
        self.leaders, self.count = np.zeros(LEADERS, np.int64), 0
        self.leader_checks = np.zeros((LEADERS, self.size), self.kind)

    def join(self, members: NDArray[np.int64], leads: NDArray[np.bool_], roots: Roots) -> None:
        """Join what is near.

        Args:
            members: (rows,), the documents of groups, one group after the other.
            leads: (rows,), where a group begins.
            roots: (documents,); changed in place.
        """
        for start in range(0, len(members), self.room):
            piece = members[start : start + self.room]
            rows = take(self.rows, piece).view(self.kind).reshape(-1, self.size)
            self.count = _join_near(
                piece,
                leads[start : start + self.room],
                rows,
                self.least,
                roots,
                self.leaders,
                self.leader_checks,
                self.count,
            )


def _require_fit(keys: Sequence[NDArray[np.uint64]], checks: Sequence[NDArray[Any]] | None) -> None:
    """Refuse shards that do not belong together."""
    bands = {part.shape[0] for part in keys}
    if len(bands) > 1:
        raise ValueError(f"shards with {sorted(bands)} bands: they are of different settings.")
    if checks is None:
        return
    if len({(part.shape[1], part.dtype) for part in checks}) > 1:
        raise ValueError("shards with checks of different sizes: they are of different settings.")
    wrong = [part.shape[1] for part in keys] != [len(part) for part in checks]
    if wrong:
        raise ValueError("keys and checks of different documents: give those of the same shards, in the same order.")


@inlined
def _find(roots: Roots, document: int) -> int:
    """The first document of a cluster; halves the way for the next search."""
    while roots[document] != document:
        roots[document] = roots[roots[document]]
        document = roots[document]
    return document


@compiled
def _flatten(roots: Roots) -> None:
    for document in range(roots.size):
        roots[document] = roots[roots[document]]  # which comes before it, and so is flat already


@compiled
def _find_undecided(
    leads: NDArray[np.bool_], positions: NDArray[np.int64], roots: Roots, undecided: NDArray[np.bool_]
) -> None:
    """Mark the rows of groups whose documents are not in one cluster yet."""
    start = 0
    while start < leads.size:
        first, several = _find(roots, positions[start]), False
        end = start + 1
        while end < leads.size and not leads[end]:
            several |= _find(roots, positions[end]) != first
            end += 1
        undecided[start:end] = several
        start = end


@compiled
def _join_all(members: NDArray[np.int64], leads: NDArray[np.bool_], roots: Roots) -> None:
    for row in range(members.size):
        if not leads[row]:
            one, other = _find(roots, members[row - 1]), _find(roots, members[row])
            roots[max(one, other)] = min(one, other)


@compiled
def _join_near(
    members: NDArray[np.int64],
    leads: NDArray[np.bool_],
    checks: NDArray[Any],
    least: int,
    roots: Roots,
    leaders: NDArray[np.int64],
    leader_checks: NDArray[Any],
    count: int,
) -> int:
    """Join a piece of the groups; `count` leaders are of the group it begins in, returned are those of its last."""
    for row in range(members.size):
        if leads[row]:
            count = 0
        own, joined = _find(roots, members[row]), False
        for number in range(count):
            other = _find(roots, leaders[number])
            if other != own:
                equal = 0
                for place in range(checks.shape[1]):
                    equal += checks[row, place] == leader_checks[number, place]
                if equal < least:
                    continue
                roots[max(own, other)] = min(own, other)
            joined = True
            break
        if not joined and count < leaders.size:
            leaders[count] = members[row]
            leader_checks[count] = checks[row]
            count += 1
    return count
