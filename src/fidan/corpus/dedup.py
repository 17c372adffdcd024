"""Exact duplicates over the whole corpus, and the split into train and valid.

Two documents are equal when their folded texts are (`fidan.turkish.fold`: casing, circumflex, apostrophes and white
space do not count), told by a 128-bit hash: among a billion documents the chance of one false match is about 1e-21.
The first in source order is kept. What it leaves out: near duplicates.

Memory: 16 bytes a document for the hashes and at most 48 while they are sorted, so 64 in all, whatever the length of
the documents: 64 MB for a million.
"""

from typing import TypeAlias

import numpy as np
import xxhash
from numpy.typing import NDArray

from fidan import turkish

Hashes: TypeAlias = NDArray[np.uint64]  # (documents, 2): high and low half
Verdicts: TypeAlias = NDArray[np.uint8]  # (documents,): one of the following

TRAIN, VALID, DUPLICATE, IN_VALIDATION = range(4)
REASONS = {DUPLICATE: "duplicate", IN_VALIDATION: "in_validation"}


def fingerprint(text: str) -> bytes:
    """128-bit xxh3 of the folded text: 16 bytes."""
    return xxhash.xxh3_128_digest(turkish.fold(text).encode())


def as_hashes(fingerprints: bytes) -> Hashes:
    """Fingerprints in a row, 16 bytes each, as an array."""
    return np.frombuffer(fingerprints, dtype=">u8").astype(np.uint64).reshape(-1, 2)


def judge(train: Hashes, valid: Hashes, drop_duplicates: bool = True) -> tuple[Verdicts, Verdicts]:
    """The verdict on every document where validation documents come from sources of their own.

    A training document that is also held out is dropped as `in_validation`, whether duplicates are dropped or not:
    figures on held-out text must mean something.

    Args:
        train: hashes of the training documents, in source order.
        valid: of the held-out documents.
        drop_duplicates: drop all but the first of equal documents within a split.

    Returns:
        Verdicts on `train` and on `valid`.
    """
    hashes = np.concatenate([valid, train])  # held-out documents first: the first of equal documents wins
    order, leads = _sorted_groups(hashes)
    verdicts = np.full(len(hashes), TRAIN, dtype=np.uint8)
    verdicts[: len(valid)] = VALID
    if len(hashes):
        held_out = (order[leads] < len(valid))[
            np.cumsum(leads) - 1
        ]  # for each in sorted order: is its first held out?
        if drop_duplicates:
            verdicts[order[~leads]] = DUPLICATE
        leaked = order[held_out]
        verdicts[leaked[leaked >= len(valid)]] = IN_VALIDATION
    return verdicts[len(valid) :], verdicts[: len(valid)]


def judge_and_split(hashes: Hashes, fraction: float, seed: int, drop_duplicates: bool = True) -> Verdicts:
    """The verdict on every document where a share of them is held out.

    Which ones follows from a document's hash and the seed alone, so equal documents fall on one side, and adding
    sources does not move a document from one side to the other.

    Args:
        hashes: in source order.
        fraction: share of the documents to hold out.
        seed: another one holds out others.
        drop_duplicates: drop all but the first of equal documents.
    """
    verdicts = np.where(_draw(hashes, seed) < fraction, VALID, TRAIN).astype(np.uint8)
    if drop_duplicates:
        order, leads = _sorted_groups(hashes)
        verdicts[order[~leads]] = DUPLICATE
    return verdicts


def _sorted_groups(hashes: Hashes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The order that brings equal hashes together, and for each place in it whether it is the first of its group."""
    order = np.lexsort((hashes[:, 1], hashes[:, 0]))  # stable: within a group, source order
    leads = np.ones(len(order), dtype=np.bool_)
    if len(order):
        leads[1:] = False
        for half in range(2):
            column = hashes[order, half]
            leads[1:] |= column[1:] != column[:-1]
    return order, leads


def _draw(hashes: Hashes, seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each hash: the hash and the seed through the finaliser of SplitMix64."""
    offset = np.uint64(xxhash.xxh3_64_intdigest(str(seed).encode()))
    mixed = hashes[:, 0] ^ offset
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
