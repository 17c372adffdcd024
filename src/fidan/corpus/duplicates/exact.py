"""Who is kept of equal and of near documents, over the whole corpus, and the split into train and valid.

Two documents are equal when their words and signs are (`fidan.corpus.filters.words`), in order and folded
(`fidan.turkish.fold`): casing, circumflex, the kind of apostrophe and white space do not count. They are told by a
128-bit hash of the words' 64-bit ones: two that differ in a single word are taken for equal once in 2^64.
The first in source order is kept. What it leaves out: which documents are near (`clusters`), and how often one that
stands for a cluster is written.

Memory: 1 byte a document for its verdict, one more while near duplicates are looked at (their roots, 8 bytes a
document, come from `clusters`), and the budget, in which hashes are sorted, a range at a time. On disk: 16 bytes a
document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import xxhash
from numpy.typing import NDArray

from fidan.compiled import compiled, mix
from fidan.corpus.duplicates.grouping import forget, groups

Hashes: TypeAlias = NDArray[np.uint64]  # (documents, 2): high and low half
Verdicts: TypeAlias = NDArray[np.uint8]  # (documents,): one of the following

TRAIN, VALID, DUPLICATE, IN_VALIDATION, NEAR_DUPLICATE, NEAR_VALIDATION, PERPLEXITY = range(7)
REASONS = {
    DUPLICATE: "duplicate",
    IN_VALIDATION: "in_validation",
    NEAR_DUPLICATE: "near_duplicate",
    NEAR_VALIDATION: "near_validation",
    PERPLEXITY: "perplexity",
}


@dataclass(frozen=True)
class HeldOut:
    """Which documents are for validation.

    Attributes:
        named: so many documents, the first ones, come from sources that are named as held out.
        fraction: share of the documents to draw instead; None: none. Which ones follows from a document's hash and
            the seed alone, so equal documents fall on one side, and adding sources does not move a document from one
            side to the other.
        seed: of the draw; another one holds out others.
    """

    named: int = 0
    fraction: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.named and self.fraction is not None:
            raise ValueError("held-out documents are either named or drawn, not both.")


def fingerprint(token_hashes: NDArray[np.uint64]) -> bytes:
    """128-bit xxh3 of the words and signs of a document: 16 bytes.

    Args:
        token_hashes: (tokens,), as in `fidan.corpus.filters.words.Measures`.
    """
    return xxhash.xxh3_128_digest(token_hashes.data)


def as_hashes(fingerprints: bytes) -> Hashes:
    """Fingerprints in a row, 16 bytes each, as an array."""
    return np.frombuffer(fingerprints, dtype=">u8").astype(np.uint64).reshape(-1, 2)


def judge(
    hashes: Sequence[Hashes],
    held_out: HeldOut,
    memory: int,
    drop_duplicates: bool = True,
    near: NDArray[np.int64] | None = None,
) -> Verdicts:
    """The verdict on every document.

    A training document that is also held out by name is dropped as `in_validation`, whether duplicates are dropped or
    not: figures on held-out text must mean something. Near duplicates are told in `drop_near`; where they are looked
    for, equal documents that duplicates may stay for go as near ones.

    Args:
        hashes: (documents, 2) of every shard, those named as held out first, then the training documents, each in
            source order; usually memory-mapped.
        held_out: which are for validation.
        memory: bytes for sorting; see `grouping.groups`.
        drop_duplicates: drop all but the first of equal documents within a split.
        near: (documents,), for every document a number that its near duplicates share; None: not looked for.

    Returns:
        (documents,), over all shards in order.

    Raises:
        ValueError: `near` is of other documents.
    """
    verdicts = np.full(sum(map(len, hashes)), TRAIN, dtype=np.uint8)
    verdicts[: held_out.named] = VALID
    if held_out.fraction is not None:
        start = 0
        for part in hashes:
            verdicts[start : start + len(part)][_draw(part, held_out.seed) < held_out.fraction] = VALID
            start += len(part)
            forget(part)
    if drop_duplicates or held_out.named:
        for positions, leads in groups(hashes, memory):
            if drop_duplicates:
                verdicts[positions[~leads]] = DUPLICATE
            # In document order the first of equal documents is the held-out one, where there is one.
            leaked = (positions[leads] < held_out.named)[np.cumsum(leads) - 1] & (positions >= held_out.named)
            verdicts[positions[leaked]] = IN_VALIDATION
    if near is not None:
        drop_near(verdicts, near, held_out.named)
    return verdicts


def drop_near(verdicts: Verdicts, clusters: NDArray[np.int64], named: int) -> None:
    """Drop near duplicates, in place: of every cluster one training document stays, or none.

    The rule, for documents that nothing else has dropped:

    * Where a cluster holds a document that is held out by name, its training documents are dropped as
      `near_validation`. Documents held out by name never are, so that figures compare with those of others on the
      same file.
    * Of any other cluster the first in source order stays and stands for it; the others are dropped as
      `near_duplicate`.
    * Held-out documents that are drawn are drawn before, each by itself, and then the same holds: of a cluster only
      its first document is left, on whichever side it fell. So a cluster never stands on both sides, also when the
      one that stands for it is written several times.

    Args:
        verdicts: (documents,), on equal documents; changed.
        clusters: (documents,), the same number for all documents of a cluster, between 0 and the number of documents.
        named: so many documents, the first ones, are held out by name.

    Raises:
        ValueError: the clusters are of other documents.
    """
    if len(clusters) != len(verdicts):
        raise ValueError(f"clusters of {len(clusters):,} documents, and {len(verdicts):,} verdicts.")
    if len(clusters) and not (clusters.min() >= 0 and clusters.max() < len(clusters)):
        raise ValueError("a cluster's number must be that of a document.")
    _drop_near(verdicts, clusters, named, np.zeros(len(verdicts), dtype=np.uint8))


@compiled
def _drop_near(verdicts: Verdicts, clusters: NDArray[np.int64], named: int, marks: NDArray[np.uint8]) -> None:
    """`marks` is zeros, one for each number that a cluster may have."""
    held_out, taken = 1, 2
    for document in range(named):
        marks[clusters[document]] = held_out
    for document in range(named, verdicts.size):
        if verdicts[document] == TRAIN or verdicts[document] == VALID:
            mark = marks[clusters[document]]
            if mark == held_out:
                verdicts[document] = NEAR_VALIDATION
            elif mark == taken:
                verdicts[document] = NEAR_DUPLICATE
            else:
                marks[clusters[document]] = taken


def _draw(hashes: Hashes, seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each hash: the hash and the seed mixed."""
    offset = np.uint64(xxhash.xxh3_64_intdigest(str(seed).encode()))
    mixed: NDArray[np.uint64] = mix(hashes[:, 0] ^ offset)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
