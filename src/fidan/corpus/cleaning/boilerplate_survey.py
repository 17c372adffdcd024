"""Which lines of a text may be boilerplate at all, and for which reason, in one pass over its bytes.

A line of prose is told from a menu or a notice by its first and its last word, and by a few signs; nearly every line
passes here. What it leaves out: whether a line that does not pass is boilerplate (`boilerplate`).
"""

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus import characters
from fidan.corpus.characters import DECIMAL, KIND_MASK, KIND_SHIFT, entry
from fidan.corpus.cleaning import boilerplate_tables
from fidan.corpus.cleaning.boilerplate_tables import (
    BEGINS_LABEL,
    CLOSES,
    CLOSES_WITH,
    IN_VOCABULARY,
    OPENS,
    OPENS_WITH,
    word_key,
)
from fidan.corpus.tables import Table, place
from fidan.corpus.utf8 import Bytes, Whole, decode, encoded

LABELS, RULES, NOTICE, CELLS, LINKS = (1 << bit for bit in range(5))
"""What a line may be: made of labels, shaped like a notice, about cookies, of cells, of links or one word alone."""

_NEWLINE, _SPACE, _QUOTE, _SLASH, _COLON, _DOT, _HASH, _BAR, _MORE, _W, _Z = (ord(sign) for sign in '\n "/:.#|>wz')
_SMALL = 0x20  # the bit that makes a capital small
_NOTICES = tuple(word.encode() for word in ("erez", "EREZ", "verileriniz", "VERİLERİNİZ"))
_COPYRIGHT, _BULLET, _ARROW = "©".encode(), "•".encode(), "»".encode()
# Bytes at which a closer look is taken: the last ones of the notices' words, and of each sign.
_LOOK = np.zeros(256, np.bool_)
_LOOK[list(b'zZ"/.#|>:' + bytes([_COPYRIGHT[-1], _BULLET[-1], _ARROW[-1]]))] = True
_LOOK.setflags(write=False)
_EREZ, _EREZ_CAPITALS, _DATA, _DATA_CAPITALS = (np.frombuffer(word, np.uint8) for word in _NOTICES)
_COPYRIGHT_BYTES, _BULLET_BYTES, _ARROW_BYTES = (
    np.frombuffer(sign, np.uint8) for sign in (_COPYRIGHT, _BULLET, _ARROW)
)


def survey(text: str, longest: int) -> NDArray[np.uint8] | None:
    """What every line may be, (lines,): bits of `LABELS` to `LINKS`; None where none may be anything.

    Args:
        text: lines parted by single line breaks.
        longest: characters; a longer line is none of it.
    """
    data = encoded(text)
    found = np.zeros(text.count("\n") + 1, np.uint8)
    tables = characters.table(), boilerplate_tables.edge(), boilerplate_tables.says()
    return found if _survey(data, *tables, longest, found) else None


@compiled
def _survey(
    data: Bytes, kinds: characters.Table, edge: NDArray[np.bool_], says: Table, longest: int, found: Bytes
) -> Whole:
    """Fills `found`; returns whether there is anything in it."""
    position = 0
    any_found = False
    for line in range(found.size):
        start, signs, colon, copyright_sign, continued = position, 0, False, False, 0
        while position < data.size and data[np.uint64(position)] != _NEWLINE:
            byte = data[np.uint64(position)]
            continued += byte & 0xC0 == 0x80
            if _LOOK[byte]:
                if byte == _COLON:
                    colon = True
                elif _stands_before(data, start, position + 1, _COPYRIGHT_BYTES):
                    copyright_sign = True
                else:
                    signs |= _sign(data, start, position)
            position += 1
        if position - start - continued <= longest:
            found[line] = _ends_of_line(data, start, position, kinds, edge, says, colon, copyright_sign, signs)
            any_found |= found[line] != 0
        position += 1
    return any_found


@inlined
def _sign(data: Bytes, start: Whole, at: Whole) -> Whole:
    """What the byte of `_LOOK` at a place says of its line, which begins at `start`."""
    byte, end = data[at], at + 1
    if byte in (_HASH, _BAR, _MORE):
        return LINKS if byte == _HASH else CELLS
    if byte == _QUOTE:
        alone = at > start and data[at - 1] == _SPACE and end < data.size and data[end] == _SPACE
        return CELLS if alone else 0
    if byte == _SLASH:
        return LINKS if at - start >= 2 and data[at - 1] == _SLASH and data[at - 2] == _COLON else 0
    if byte == _DOT:
        w = at - start >= 3 and data[at - 1] | _SMALL == data[at - 2] | _SMALL == data[at - 3] | _SMALL == _W
        return LINKS if w else 0
    if byte | _SMALL == _Z:
        notice = _stands_before(data, start, end, _EREZ) or _stands_before(data, start, end, _EREZ_CAPITALS)
        personal = _stands_before(data, start, end, _DATA) or _stands_before(data, start, end, _DATA_CAPITALS)
        return NOTICE if notice or personal else 0
    cells = _stands_before(data, start, end, _BULLET_BYTES) or _stands_before(data, start, end, _ARROW_BYTES)
    return CELLS if cells else 0


@inlined
def _stands_before(data: Bytes, start: Whole, end: Whole, word: Bytes) -> Whole:
    """Whether a word ends at `end`, and does not begin before `start`."""
    if end - start < word.size:
        return False
    for back in range(word.size):  # noqa: SIM110 - Numba has no generators
        if data[end - 1 - back] != word[word.size - 1 - back]:
            return False
    return True


@inlined
def _ends_of_line(
    data: Bytes,
    start: Whole,
    end: Whole,
    kinds: characters.Table,
    edge: NDArray[np.bool_],
    says: Table,
    colon: Whole,
    copyright_sign: Whole,
    signs: Whole,
) -> Whole:
    """What a line may be, by its first and its last word, of which neither has anything of `EDGE` at the ends."""
    while start < end:
        code, width = decode(data, start)
        if not _is_edge(edge, code):
            break
        start += width
    if start == end:
        return 0
    begins = entry(kinds, code) >> KIND_SHIFT & KIND_MASK == DECIMAL
    last_code, end = _last_of_core(data, start, end, edge)
    ends = entry(kinds, last_code) >> KIND_SHIFT & KIND_MASK == DECIMAL
    first_end, last_start = start, end
    while first_end < end and data[first_end] != _SPACE:
        first_end += 1
    while last_start > start and data[last_start - 1] != _SPACE:
        last_start -= 1
    if first_end == end:
        signs |= LINKS
    else:
        _, first_end = _last_of_core(data, start, first_end, edge)
    first, last = _says(says, word_key(data, start, first_end)), _says(says, word_key(data, last_start, end))
    if (first & BEGINS_LABEL or begins) and (ends or last & IN_VOCABULARY):
        signs |= LABELS
    opened = first & OPENS or (first & OPENS_WITH and (ends or last & CLOSES_WITH))
    numbered = begins and (last & CLOSES_WITH or (ends and colon))
    if opened or last & CLOSES or numbered or copyright_sign:
        signs |= RULES
    return signs


@inlined
def _last_of_core(data: Bytes, start: Whole, end: Whole, edge: NDArray[np.bool_]) -> tuple[Whole, Whole]:
    """The last character that is none of `EDGE`, and where it ends."""
    while True:
        place_of = end - 1
        while place_of > start and data[place_of] & 0xC0 == 0x80:
            place_of -= 1
        code, _ = decode(data, place_of)
        if place_of == start or not _is_edge(edge, code):
            return code, end
        end = place_of


@inlined
def _is_edge(edge: NDArray[np.bool_], code: Whole) -> Whole:
    return code < edge.size and edge[code]


@inlined
def _says(says: Table, key: np.uint64) -> Whole:
    at = place(says, key)
    return np.int64(says[at + 1]) if says[at] == key else np.int64(0)
