"""What every character is to compiled loops, as one table that they look up: folded form, kind, flags.

An entry is a number whose bits are, from the lowest:

    0 … 20     the folded form (`fidan.turkish.fold`); white space folds to a space
    21 … 23    the kind, see `SYMBOL` and those after it; as Python's `str.isalpha`, `isalnum`, `isdecimal` say
    24         a line that ends in this character ends as sentences do
    25         folding depends on what stands around the character, or gives several; the form is the character itself

The table reaches to U+1FFFF; of what lies beyond, the ideographs up to U+3FFFF are letters and the rest are symbols,
and whether folding changes it is left open, as in bit 25. What it leaves out: any rule of what a word or a line is
(`fidan.corpus.filters.words`).
"""

import unicodedata
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan import turkish
from fidan.compiled import inlined
from fidan.corpus.utf8 import Whole

Table: TypeAlias = NDArray[np.uint32]  # (SIZE,)

SIZE = 0x20000
SYMBOL, LETTER, DECIMAL, NUMERIC, JOINER, SPACE = range(6)
"""A character is one of these. `JOINER` holds a word together between two letters or digits: an apostrophe, a loose
accent. `DECIMAL` is a digit of any script; `NUMERIC` is what else `isalnum` says of numbers, such as `²`."""

FORM, KIND_SHIFT, KIND_MASK = 0x1FFFFF, 21, 7
ENDS_SENTENCE, LEANS = 1 << 24, 1 << 25
_IDEOGRAPHS_END = 0x40000


@cache
def table() -> Table:
    """The entries of all characters."""
    entries = _folded() | _kinds().astype(np.uint32) << KIND_SHIFT
    entries[_sentence_ends()] |= np.uint32(ENDS_SENTENCE)
    return entries.astype(np.uint32)


@inlined
def entry(entries: Table, code: Whole) -> Whole:
    """The entry of a character, of those beyond the table too."""
    if code < SIZE:
        return np.int64(entries[np.uint64(code)])
    return np.int64(code) | (LETTER if code < _IDEOGRAPHS_END else SYMBOL) << KIND_SHIFT | LEANS


def kinds() -> NDArray[np.uint8]:
    """The kind of every character, (SIZE,)."""
    return (table() >> KIND_SHIFT & KIND_MASK).astype(np.uint8)


def forms() -> NDArray[np.uint32]:
    """The folded form of every character, (SIZE,)."""
    return table() & np.uint32(FORM)


def _kinds() -> NDArray[np.uint8]:
    found = np.full(SIZE, SYMBOL, dtype=np.uint8)
    for code in range(SIZE):
        character = chr(code)
        if character.isalpha():
            found[code] = LETTER
        elif character.isdecimal():
            found[code] = DECIMAL
        elif character.isalnum():
            found[code] = NUMERIC
        elif character.isspace():
            found[code] = SPACE
    joiners = (*map(ord, turkish.APOSTROPHES), 0xAD, *range(0x300, 0x370))
    found[[code for code in joiners if found[code] == SYMBOL]] = JOINER
    return found


def _folded() -> Table:
    """Folded forms, and `LEANS`."""
    characters = [character for character in map(chr, range(SIZE)) if not character.isspace() and character != "|"]
    # All at once, each between bars, which join with nothing: one by one it would take a second.
    folded = turkish.fold("|".join(characters)).split("|")
    found = np.full(SIZE, ord(" "), dtype=np.uint32)
    found[ord("|")] = ord("|")
    for character, form in zip(characters, folded, strict=True):
        leans = len(form) != 1 or _leans(character)
        found[ord(character)] = ord(character) | LEANS if leans else ord(form)
    return found


def _leans(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f"  # says that an emoji follows; a mark, but joins with nothing
    jamo = "\u1100" <= character <= "\u11ff"
    return (unicodedata.category(character)[0] == "M" and not selector) or jamo or character == "Σ"


def _sentence_ends() -> list[int]:
    """datatrove's TERMINAL_PUNCTUATION."""
    from datatrove.utils.text import TERMINAL_PUNCTUATION

    return [ord(character) for character in TERMINAL_PUNCTUATION if ord(character) < SIZE]
