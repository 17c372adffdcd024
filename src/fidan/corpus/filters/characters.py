"""What every character is to the filters, as tables that compiled loops look up: its kind, its folded form.

The tables follow Python's own `str.isalpha`, `isalnum`, `isdecimal` and `fidan.turkish.fold`. They reach to U+1FFFF;
of what lies beyond, the ideographs up to U+3FFFF are letters and the rest are symbols. What it leaves out: any rule
of what a word or a line is (`fidan.corpus.filters.words`).
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fidan import turkish

SIZE = 0x20000
SYMBOL, LETTER, DECIMAL, NUMERIC, JOINER, SPACE = range(6)
"""A character is one of these. `JOINER` holds a word together between two letters or digits: an apostrophe, a loose
accent. `DECIMAL` is a digit of any script; `NUMERIC` is what else `isalnum` says of numbers, such as `²`."""


@cache
def kinds() -> NDArray[np.uint8]:
    """The kind of every character, (SIZE,)."""
    table = np.full(SIZE, SYMBOL, dtype=np.uint8)
    for code in range(SIZE):
        character = chr(code)
        if character.isalpha():
            table[code] = LETTER
        elif character.isdecimal():
            table[code] = DECIMAL
        elif character.isalnum():
            table[code] = NUMERIC
        elif character.isspace():
            table[code] = SPACE
    joiners = (*map(ord, turkish.APOSTROPHES), 0xAD, *range(0x300, 0x370))
    table[[code for code in joiners if table[code] == SYMBOL]] = JOINER
    return table


@cache
def folded() -> NDArray[np.uint32]:
    """The folded form of every character, (SIZE,); one that folds to several stays as it is."""
    table = np.arange(SIZE, dtype=np.uint32)
    # Only capitals and the characters that folding names change; asking `fold` of every ideograph would take long.
    candidates = [code for code in range(SIZE) if unicodedata.category(chr(code)) in ("Lu", "Lt")]
    for code in (*candidates, *turkish.FOLDED):
        form = turkish.fold(chr(code))
        if len(form) == 1:
            table[code] = ord(form)
    return table


@cache
def ends_sentence() -> NDArray[np.bool_]:
    """Whether a line that ends in this character ends as sentences do, (SIZE,): datatrove's TERMINAL_PUNCTUATION."""
    from datatrove.utils.text import TERMINAL_PUNCTUATION

    table = np.zeros(SIZE, dtype=np.bool_)
    table[[ord(character) for character in TERMINAL_PUNCTUATION if ord(character) < SIZE]] = True
    return table
