"""A 64-bit hash of every line of a text, equal where the lines are, read in one pass.

Lines are equal when their folded forms are (`fidan.turkish.fold`: casing, circumflex, apostrophes and white space do
not count). Digits count in a line that ends as a sentence does: with another number it says something else. In other
lines every run of digits counts as one: a page number, a date or a counter does not make it another line. Such a hash
is marked, for whoever must know that the lines may differ in numbers. Among a billion lines the chance of one false
match is about 1 in 20.

What it leaves out: how often a line stands where (`lines`).
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fidan import turkish
from fidan.compiled import compiled, mix

NO_HASH = 0
"""Of a line that is not judged."""

NUMBERS_FOLDED = np.uint64(1)
"""This bit is set in the hash of a line that may differ from its equals in numbers."""

_UNSETTLED = 1  # while hashing: this line must be folded by `turkish.fold`
_SIZE = 0x20000
_WORD, _DIGIT, _HARD = np.uint32(1 << 21), np.uint32(1 << 22), np.uint32(1 << 23)  # Unicode ends below 1 << 21
_CODE = np.uint32((1 << 21) - 1)
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
    table, as_is = _tables()
    if _hash(_codes(text), table, _HARD, min_words, hashes):
        lines = text.split("\n")
        for number in np.flatnonzero(hashes == _UNSETTLED).tolist():
            _hash(_codes(turkish.fold(lines[number])), as_is, np.uint32(0), min_words, hashes[number : number + 1])
    return hashes


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """For every character its folded form, and whether that is part of a word or a digit; (_SIZE,).

    The second table is for text that is folded already: every character but space stands for itself. A character is
    hard where folding it depends on what stands around it (loose accents, Hangul letters, the Greek sigma), or where
    it folds to several.
    """
    characters = [character for character in map(chr, range(_SIZE)) if not character.isspace() and character != "|"]
    # All at once, each between bars, which join with nothing: one by one it would take a second.
    folded = turkish.fold("|".join(characters)).split("|")
    table = np.full(_SIZE, _SPACE, dtype=np.uint32)
    table[ord("|")] = ord("|")
    for character, form in zip(characters, folded, strict=True):
        hard = len(form) != 1 or _leans(character)
        form = character if hard else form
        entry = ord(form) | hard * int(_HARD) | form.isalnum() * int(_WORD) | form.isdecimal() * int(_DIGIT)
        table[ord(character)] = entry
    codes = np.arange(_SIZE, dtype=np.uint32)
    return table, np.where(table == _SPACE, table, table & ~_CODE | codes)


def _leans(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f"  # says that an emoji follows; a mark, but joins with nothing
    jamo = "\u1100" <= character <= "\u11ff"
    return (unicodedata.category(character)[0] == "M" and not selector) or jamo or character == "Σ"


@compiled
def _hash(
    codes: NDArray[np.uint32],
    table: NDArray[np.uint32],
    hard: np.uint32,
    min_words: int,
    hashes: NDArray[np.uint64],
) -> bool:
    """Fill in the hashes; whether a line is `_UNSETTLED`, because it has a character with the bit `hard`."""
    line, place, any_unsettled = 0, 0, False
    while place <= codes.size:
        words, seen = 0, np.uint32(0)  # what is true of any character of the line
        exact, loose = _START, _START  # hashes so far, digits as they are and folded
        while place < codes.size and codes[place] != _NEWLINE:
            begin, kinds, in_number = place, np.uint32(0), False
            while place < codes.size:  # a word, to the next space
                code = codes[place]
                entry = table[code] if code < _SIZE else code | _HARD
                form = entry & _CODE
                if form == _SPACE:  # a line break, too: the table knows them as space
                    break
                kinds |= entry
                exact = (exact ^ np.uint64(form)) * _FACTOR
                if entry & _DIGIT:
                    if not in_number:
                        loose = (loose ^ np.uint64(_ZERO)) * _FACTOR
                    in_number = True
                else:
                    loose = (loose ^ np.uint64(form)) * _FACTOR
                    in_number = False
                place += 1
            if place > begin:
                # A space behind every word, the last one, too, and none before the first.
                exact = (exact ^ np.uint64(_SPACE)) * _FACTOR
                loose = (loose ^ np.uint64(_SPACE)) * _FACTOR
                words += kinds & _WORD != 0
                seen |= kinds
            if place < codes.size and codes[place] != _NEWLINE:
                place += 1
        if seen & hard:
            hashes[line] = _UNSETTLED
            any_unsettled = True
        elif words >= min_words:
            folded = seen & _DIGIT and not _ends_sentence(codes, table, place)
            key = mix(loose if folded else exact) & ~NUMBERS_FOLDED
            hashes[line] = max(key, np.uint64(2)) | (NUMBERS_FOLDED if folded else np.uint64(0))
        line, place = line + 1, place + 1
    return any_unsettled


@compiled
def _ends_sentence(codes: NDArray[np.uint32], table: NDArray[np.uint32], end: int) -> bool:
    """Whether the line before `end` has a full stop or the like at its end, perhaps in quotes or brackets."""
    while end:
        end -= 1
        code = codes[end]
        form = table[code] & _CODE if code < _SIZE else code
        if form in (_STOP, _SHOUT, _QUESTION, _ELLIPSIS):
            return True
        if form not in (_QUOTE, _APOSTROPHE, _ROUND, _SQUARE, _SPACE):
            return False
    return False
