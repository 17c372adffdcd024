"""Runs of words by one 64-bit hash each, and the search for known ones in a text.

The hash of a run is a polynomial in the hashes of its words: from sums over the text that of any run at any
place follows by a product and a difference, whatever its length. What it leaves out: what the runs are of
(`fidan.corpus.filters.decontamination`).
"""

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined, mix
from fidan.corpus.filters.words import Hashes
from fidan.corpus.tables import Table, place
from fidan.corpus.utf8 import Whole

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@compiled
def _sums(words: Hashes) -> Hashes:
    """One hash for all words before each place, from which that of any run follows: (words + 1,)."""
    sums = np.empty(words.size + 1, np.uint64)
    sums[0] = 0
    for index in range(words.size):
        sums[index + 1] = sums[index] * _FACTOR + words[index]
    return sums


@inlined
def _power(length: Whole) -> np.uint64:
    power = np.uint64(1)
    for _ in range(length):
        power *= _FACTOR
    return power


@inlined
def _key(sums: Hashes, first: Whole, length: Whole, power: np.uint64) -> np.uint64:
    """The hash of a run of words. Runs of two lengths differ by the length, and 0 is left to the table."""
    key = sums[first + length] - sums[first] * power + np.uint64(length)
    return key if key != 0 else np.uint64(1)


@compiled
def run_keys(words: Hashes, length: int) -> Hashes:
    """The hashes of all runs of a length, (words - length + 1,), given those of the words."""
    sums, power = _sums(words), _power(length)
    keys = np.empty(words.size - length + 1, np.uint64)
    for first in range(keys.size):
        keys[first] = _key(sums, first, length, power)
    return keys


@compiled
def mark_beginnings(words: Hashes, length: int, shortest: int, beginnings: Hashes) -> None:
    """Set the bits of the beginnings of all runs of a length.

    Args:
        words: hashes of the words of a text, (words,).
        length: of the runs, in words.
        shortest: words of a beginning.
        beginnings: bits, changed in place.
    """
    sums, power = _sums(words), _power(shortest)
    for first in range(words.size - length + 1):
        word, bit = _bit(_key(sums, first, shortest, power), beginnings.size)
        beginnings[word] |= bit


@inlined
def _bit(key: np.uint64, size: int) -> tuple[Whole, np.uint64]:
    """The word among so many, and the bit of it, that a key picks."""
    mixed = mix(key)
    word = ((mixed >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)
    return np.int64(word), np.uint64(1) << (mixed & np.uint64(63))


@compiled
def find_runs(
    words: Hashes, lengths: NDArray[np.int64], table: Table, beginnings: Hashes, found: NDArray[np.int64]
) -> int:
    """Look for the runs of a text.

    Args:
        words: hashes of its words, (words,).
        lengths: of the runs, in words, rising.
        table: of the runs that are looked for, each with a value.
        beginnings: bits, of their first `lengths[0]` words; see `mark_beginnings`.
        found: (room, 3), filled from its beginning, in the order of the text: first word, length, value of a run.

    Returns:
        How many there are, which may be more than there is room for.
    """
    shortest, number = lengths[0], 0
    if words.size < shortest:
        return 0
    sums, power = _sums(words), _power(shortest)
    for first in range(words.size - shortest + 1):
        word, bit = _bit(_key(sums, first, shortest, power), beginnings.size)
        if beginnings[word] & bit == 0:
            continue
        for length in lengths:
            if first + length > words.size:
                break
            key = _key(sums, first, length, _power(length))
            at = place(table, key)
            if table[at] == key:
                if number < found.shape[0]:
                    found[number, 0], found[number, 1], found[number, 2] = first, length, np.int64(table[at + 1])
                number += 1
    return number
