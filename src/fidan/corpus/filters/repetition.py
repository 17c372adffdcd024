"""How much of a text is runs of words that it repeats, as Gopher counts it (Rae et al. 2021, table A1).

Two figures. The top n-gram: the most frequent run of n tokens, its characters (with one for each space between)
times how often it stands there; of equally frequent ones, the first. Duplicate n-grams: reading from the start, a run
that was met before counts with its characters and is stepped over. Both are shares of the text's characters.

What it leaves out: repeated lines (`words`), and how much is too much (`quality`).
"""

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.filters.words import CHARS, TOKENS, Hashes, Places
from fidan.corpus.utf8 import Whole

TOP = (2, 3, 4)
DUPLICATE = (5, 6, 7, 8, 9, 10)

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@compiled
def repetition(counts: NDArray[np.int64], hashes: Hashes, places: Places, shares: NDArray[np.float64]) -> None:
    """Fills in the shares for each n of `TOP`, then for each n of `DUPLICATE`: (9,).

    A text without characters has zeros. The other arguments are those of the text's `Measures`.
    """
    shares[:] = 0.0
    tokens = counts[TOKENS]
    if tokens:
        _count(hashes[0, :tokens], places[0, :tokens], shares)
        shares /= counts[CHARS]


@compiled
def _count(hashes: Hashes, chars: Places, shares: NDArray[np.float64]) -> None:
    tokens = hashes.size
    capacity = 16
    while capacity < 2 * tokens:
        capacity *= 2
    keys = np.zeros(capacity, np.uint64)
    marks = np.zeros(capacity, np.int32)  # which n a place was last used for; saves clearing the table
    counts = np.zeros(capacity, np.int32)
    runs = hashes.copy()  # the hash of the run of n tokens from each place
    before = np.zeros(tokens + 1, np.int64)  # characters before each place
    for place in range(tokens):
        before[place + 1] = before[place] + chars[place]
    repeats = True
    for n in range(2, 11):
        last = tokens - n
        if last < 0:
            return
        for place in range(last + 1):
            runs[place] = runs[place] * _FACTOR + hashes[place + n - 1]
        if n <= 4:
            best, best_place = 1, 0
            if repeats:  # where no shorter run repeats, no longer one does
                for place in range(last + 1):
                    slot = _find(keys, marks, runs[place], n)
                    if marks[slot] == n:
                        counts[slot] += 1
                    else:
                        keys[slot], marks[slot], counts[slot] = runs[place], n, 1
                    best = max(best, counts[slot])
                repeats = best > 1
                if repeats:
                    best_place = _first_with(keys, marks, counts, runs, last, n, best)
            length = before[best_place + n] - before[best_place] + n - 1
            shares[n - 2] = length * best
        elif repeats:
            repeated, place, found = 0, 0, False
            while place <= last:
                slot = _find(keys, marks, runs[place], n)
                if marks[slot] == n:
                    repeated += before[place + n] - before[place]
                    place += n
                    found = True
                else:
                    keys[slot], marks[slot] = runs[place], n
                    place += 1
            shares[n - 2] = repeated
            repeats = found


@inlined
def _find(keys: Hashes, marks: Places, key: np.uint64, mark: int) -> Whole:
    """The place of a key in the table, or the free place where it belongs."""
    wrap = np.uint64(keys.size - 1)
    slot = (key >> np.uint64(20)) & wrap
    while marks[slot] == mark and keys[slot] != key:
        slot = (slot + np.uint64(1)) & wrap
    return slot


@compiled
def _first_with(keys: Hashes, marks: Places, counts: Places, runs: Hashes, last: int, n: int, best: int) -> int:
    """The first place whose run occurs `best` times."""
    for place in range(last + 1):
        if counts[_find(keys, marks, runs[place], n)] == best:
            return place
    return 0
