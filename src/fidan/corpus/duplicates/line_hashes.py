"""A 64-bit hash of every line of a text, equal where the lines are, read in one pass.

Lines are equal when their folded forms are (`fidan.turkish.fold`: casing, circumflex, apostrophes and white space do
not count). Digits count in a line that ends as a sentence does: with another number it says something else. In other
lines every run of digits counts as one: a page number, a date or a counter does not make it another line. Such a hash
is marked, for whoever must know that the lines may differ in numbers. Among a billion lines the chance of one false
match is about 1 in 20.

What it leaves out: how often a line stands where (`lines`).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from fidan import turkish
from fidan.compiled import compiled, inlined, mix
from fidan.corpus import characters
from fidan.corpus.characters import DECIMAL, FORM, KIND_MASK, KIND_SHIFT, LEANS, LETTER, NUMERIC, SPACE, Table, entry
from fidan.corpus.utf8 import Bytes, Whole, decode, encoded

NO_HASH = 0
"""Of a line that is not judged."""

NUMBERS_FOLDED = np.uint64(1)
"""This bit is set in the hash of a line that may differ from its equals in numbers."""

_UNSETTLED = 1  # while hashing: this line must be folded by `turkish.fold`
_NEWLINE, _SPACE, _ZERO = 0x0A, 0x20, 0x30
_STOP, _SHOUT, _QUESTION, _ELLIPSIS, _QUOTE, _APOSTROPHE, _ROUND, _SQUARE = map(ord, ".!?…\"')]")  # quotes: folded
_START, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)


def hash_lines(text: str, min_words: int) -> NDArray[np.uint64]:
    """The hash of every line.

    Args:
        text: lines parted by single line breaks.
        min_words: lines of fewer words get 0, which is no line's hash. A word is what stands between spaces and has
            a letter or a digit.

    Returns:
        (lines,), one for an empty text, too.
    """
    hashes = np.zeros(text.count("\n") + 1, dtype=np.uint64)
    if _hash(encoded(text), characters.table(), LEANS, min_words, hashes):
        lines = text.split("\n")
        for number in np.flatnonzero(hashes == _UNSETTLED).tolist():
            _hash(encoded(turkish.fold(lines[number])), _as_is(), 0, min_words, hashes[number : number + 1])
    return hashes


@cache
def _as_is() -> Table:
    """The table for text that is folded already: every character but space stands for itself."""
    table = characters.table()
    codes = np.arange(len(table), dtype=np.uint32)
    plain = (table & ~np.uint32(FORM | LEANS)) | codes
    return np.where(table & np.uint32(FORM) == _SPACE, table, plain).astype(np.uint32)


@compiled
def _hash(data: Bytes, table: Table, hard: int, min_words: int, hashes: NDArray[np.uint64]) -> bool:
    """Fill in the hashes; whether a line is `_UNSETTLED`, because an entry of it has the bit `hard`."""
    line, place, any_unsettled = 0, 0, False
    while place <= data.size:
        begin, words, seen, is_word = place, 0, 0, False
        key = _START
        after_space = True
        while place < data.size and data[np.uint64(place)] != _NEWLINE:
            code, width = decode(data, place)
            found = entry(table, code)
            kind = found >> KIND_SHIFT & KIND_MASK
            place += width
            if kind == SPACE:
                if not after_space:  # one behind every word, the last one, too, and none before the first
                    key = (key ^ np.uint64(_SPACE)) * _FACTOR
                    words += is_word
                after_space, is_word = True, False
                continue
            after_space = False
            is_word |= LETTER <= kind <= NUMERIC
            seen |= (found & hard) | (kind == DECIMAL)
            key = (key ^ np.uint64(found & FORM)) * _FACTOR
        if not after_space:
            key = (key ^ np.uint64(_SPACE)) * _FACTOR
            words += is_word
        if seen & hard:
            hashes[line] = _UNSETTLED
            any_unsettled = True
        elif words >= min_words:
            folded = seen and not _ends_sentence(data, table, place)
            if folded:
                key = _without_numbers(data, table, begin, place)
            hashes[line] = max(mix(key) & ~NUMBERS_FOLDED, np.uint64(2)) | np.uint64(folded)
        line, place = line + 1, place + 1
    return any_unsettled


@inlined
def _without_numbers(data: Bytes, table: Table, begin: Whole, end: Whole) -> np.uint64:
    """The hash of a line whose runs of digits are all one."""
    key, before = _START, SPACE
    place = begin
    while place < end:
        code, width = decode(data, place)
        place += width
        found = entry(table, code)
        kind = found >> KIND_SHIFT & KIND_MASK
        if kind == SPACE:
            if before != SPACE:
                key = (key ^ np.uint64(_SPACE)) * _FACTOR
        elif kind != DECIMAL:
            key = (key ^ np.uint64(found & FORM)) * _FACTOR
        elif before != DECIMAL:
            key = (key ^ np.uint64(_ZERO)) * _FACTOR
        before = kind
    return (key ^ np.uint64(_SPACE)) * _FACTOR if before != SPACE else key


@inlined
def _ends_sentence(data: Bytes, table: Table, end: Whole) -> bool:
    """Whether the line before `end` has a full stop or the like at its end, perhaps in quotes or brackets."""
    while end:
        end -= 1
        while end and data[end] & 0xC0 == 0x80:
            end -= 1
        code, _ = decode(data, end)
        form = entry(table, code) & FORM
        if form in (_STOP, _SHOUT, _QUESTION, _ELLIPSIS):
            return True
        if form not in (_QUOTE, _APOSTROPHE, _ROUND, _SQUARE, _SPACE):
            return False
    return False
