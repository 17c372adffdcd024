"""How the words of a text are spelled: its letters, small and with their flags, what joins them, and where they end.

White space parts chunks. A chunk that is an address or code (`@`, `://`, `www.`, `_`, `=`, `{`, `}`, `\\`, `<`, `>`)
is in no language and is stepped over. What is left of a text so, lowered by Turkish rules, is what a language model
is shown. What it leaves out: what a word counts as (`word_traits`).
"""

from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan import turkish
from fidan.compiled import compiled, inlined
from fidan.corpus import characters
from fidan.corpus.characters import JOINER, LETTER, SIZE
from fidan.corpus.utf8 import Bytes, Whole, decode

Letters: TypeAlias = NDArray[np.uint32]  # (SIZE,), or the letters of a word

# Flags of a character; `TELLS` is of those letters that are looked at together with the one before them.
UPPER, PROPER_LETTER, ROUNDED_LETTER, SCHWA, FOREIGN_LETTER, SCRIPT, DOUBTED_LETTER, TELLS = (
    1 << bit for bit in range(8)
)
JOINED = np.uint32(1 << 21)  # set in a letter of a word that stands behind a joiner; Unicode ends below
LETTER_MASK = np.uint32((1 << 21) - 1)
START, FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a over code points

_SMALL_MASK, _KIND_SHIFT, _FLAGS_SHIFT = 0x1FFFF, 17, 20  # of a number of `letter_table`
_NEWLINE, _SPACE, _SLASH, _COLON, _DOT, _W = (ord(sign) for sign in "\n /:.w")
_O, _G = ord("o"), ord("g")
_IS_CODE, _IS_SLASH = 1, 2
_BYTES = np.zeros(256, np.uint8)  # what a byte says of the chunk it stands in
_AT, _LOW, _EQUAL, _OPEN, _CLOSE, _BACKSLASH, _LESS, _MORE = map(np.uint8, b"@_={}\\<>")
_BYTES[[_AT, _LOW, _EQUAL, _OPEN, _CLOSE, _BACKSLASH, _LESS, _MORE]] = _IS_CODE
_BYTES[_SLASH] = _IS_SLASH
_BYTES.setflags(write=False)


@cache
def letter_table() -> Letters:
    """What every character is, (SIZE,), in one number: small letter, kind, flags. One look costs less than three."""
    small_letters = np.arange(SIZE, dtype=np.uint32)
    flags = np.zeros(SIZE, np.uint32)
    turkish_letters = "abcçdefgğhıijklmnoöprsştuüvyzâîû"
    for code in np.flatnonzero(characters.kinds() == LETTER).tolist():
        letter = chr(code)
        small = turkish.lower(letter)
        if len(small) == 1 and small != letter:
            small_letters[code] = ord(small)
            flags[code] |= UPPER
        if small in "ışğ":
            flags[code] |= PROPER_LETTER
        elif small in "çöü":
            flags[code] |= ROUNDED_LETTER
        elif small in "wx":
            flags[code] |= DOUBTED_LETTER
        elif small == "ə":
            flags[code] |= SCHWA
        elif code > 0x24F:
            flags[code] |= SCRIPT
        elif small not in turkish_letters and small not in "qþðý":  # þ ð ý: ş ğ ı in the wrong code page
            flags[code] |= FOREIGN_LETTER
        if small in "qhd":
            flags[code] |= TELLS
    kinds = characters.kinds().astype(np.uint32)
    return (small_letters | kinds << _KIND_SHIFT | flags << _FLAGS_SHIFT).astype(np.uint32)


@inlined
def look_up(letters: Letters, code: Whole) -> tuple[Whole, Whole, Whole]:
    """The small letter, the kind and the flags of a character."""
    if code >= SIZE:
        return np.int64(code), np.int64(LETTER), np.int64(SCRIPT)
    number = np.int64(letters[code])
    return number & _SMALL_MASK, number >> _KIND_SHIFT & 7, number >> _FLAGS_SHIFT


@inlined
def chunk(data: Bytes, start: Whole) -> tuple[Whole, Whole]:
    """Where a chunk ends, and whether it is an address or code."""
    end = start
    says: Whole = 0
    while end < data.size and data[end] > _SPACE:
        says |= _BYTES[data[end]]
        end += 1
    if says & _IS_CODE:
        return end, True
    if says & _IS_SLASH:
        for at in range(start + 1, end - 1):
            if data[at] == _SLASH and data[at - 1] == _COLON and data[at + 1] == _SLASH:
                return end, True
    www = end - start > 4 and data[start] | 32 == data[start + 1] | 32 == data[start + 2] | 32 == _W
    return end, www and data[start + 3] == _DOT


@compiled
def has_code(data: Bytes) -> Whole:
    """Whether any chunk can be an address or code."""
    sign = slash = letter_w = False
    for byte in data:  # without branches, so that 32 bytes are looked at at once
        sign |= (byte == _AT) | (byte == _LOW) | (byte == _EQUAL) | (byte == _LESS) | (byte == _MORE)
        sign |= (byte == _OPEN) | (byte == _BACKSLASH) | (byte == _CLOSE)
        slash |= byte == _SLASH
        letter_w |= byte | 32 == _W
    if sign or not (slash or letter_w):
        return sign
    for at in range(2, data.size):
        if data[at] == _SLASH and data[at - 1] == _SLASH and data[at - 2] == _COLON:
            return True
        if data[at] | 32 == data[at - 1] | 32 == data[at - 2] | 32 == _W:
            return True
    return False


@inlined
def next_word(
    data: Bytes, position: Whole, chunk_end: Whole, letters: Letters
) -> tuple[Whole, Whole, Whole, Whole, Whole]:
    """The first word of a line from a position on, or the line's end.

    Args:
        data: the text.
        position: where to begin.
        chunk_end: of the chunk there; at first 0, or the size of the data where `has_code` is false.
        letters: as `letter_table` gives them.

    Returns:
        Where the word begins, the end of its chunk, its first character: small letter, width in bytes, flags. At the
        line's end the width is 0.
    """
    while position < data.size and data[position] != _NEWLINE:
        if position >= chunk_end:
            if data[position] <= _SPACE:
                position += 1
                continue
            chunk_end, is_code = chunk(data, position)
            if is_code:
                position = chunk_end
                continue
        code, width = decode(data, position)
        small, kind, flag = look_up(letters, code)
        if kind == LETTER:
            return position, chunk_end, small, width, flag
        position += width
    return position, chunk_end, 0, 0, 0


class Word(NamedTuple):
    """A word that was read."""

    end: Whole  # in the text
    length: Whole  # in letters; joiners are none
    base: Whole  # letters before the first joiner; 0: there is none
    seen: Whole  # flags of any of its letters
    capitals: Whole
    mixed: Whole  # a capital after a small letter
    key: np.uint64  # hash of the letters before the first joiner
    suffix: np.uint64  # of those behind it
    uzbek: Whole  # an apostrophe after a small word's o or g


@inlined
def read_word(
    data: Bytes, position: Whole, letters: Letters, small: Whole, width: Whole, flag: Whole, word: Letters
) -> Word:
    """Reads the word whose first letter is given into `word`, in small letters, with `JOINED` behind joiners."""
    length, base, seen, capitals = 0, 0, 0, 0
    joined = np.uint32(0)
    key, suffix, first = START, START, flag
    mixed = uzbek = False
    while True:
        seen |= flag
        if flag & UPPER:
            mixed |= capitals < length and base == 0
            capitals += 1
        word[length] = np.uint32(small) | joined
        joined = np.uint32(0)
        length += 1
        if base:
            suffix = (suffix ^ np.uint64(small)) * FACTOR
        else:
            key = (key ^ np.uint64(small)) * FACTOR
        last = small
        position += width
        if position >= data.size:
            break
        code, width = decode(data, position)
        small, kind, flag = look_up(letters, code)
        if kind == LETTER:
            continue
        if kind != JOINER or position + width >= data.size:
            break
        following, next_width = decode(data, position + width)
        small, kind, flag = look_up(letters, following)
        if kind != LETTER:
            break
        uzbek |= last in (_O, _G) and not first & UPPER
        if base == 0:
            base = length
        joined = JOINED
        position += width
        width = next_width
    return Word(position, length, base, seen, capitals, mixed, key, suffix, uzbek)


@compiled
def write_plain(data: Bytes, letters: Letters, chosen: NDArray[np.bool_], plain: Bytes) -> Whole:
    """Writes the chosen lines to `plain`; returns how many bytes that were."""
    word = np.empty(data.size + 1, np.uint32)
    position = size = 0
    chunk_end: Whole = 0 if has_code(data) else data.size
    for line in range(len(chosen)):
        if not chosen[line]:
            while position < data.size and data[position] != _NEWLINE:
                position += 1
            position += 1
            continue
        while True:
            position, chunk_end, small, width, flag = next_word(data, position, chunk_end, letters)
            if width == 0:
                break
            read = read_word(data, position, letters, small, width, flag, word)
            position = read.end
            if read.mixed and read.capitals < read.length:
                continue
            for at in range(read.length):
                if word[at] & JOINED:
                    plain[size] = _SPACE
                    size += 1
                size = _write(plain, size, np.int64(word[at] & LETTER_MASK))
            plain[size] = _SPACE
            size += 1
        plain[size] = _NEWLINE
        size += 1
        position += 1
    return size


@inlined
def _write(plain: Bytes, size: Whole, code: Whole) -> Whole:
    """Appends a character in UTF-8; returns the new size."""
    if code < 0x80:
        plain[size] = code
        return size + 1
    if code < 0x800:
        plain[size] = 0xC0 | code >> 6
        plain[size + 1] = 0x80 | code & 0x3F
        return size + 2
    if code < 0x10000:
        plain[size] = 0xE0 | code >> 12
        plain[size + 1] = 0x80 | code >> 6 & 0x3F
        plain[size + 2] = 0x80 | code & 0x3F
        return size + 3
    plain[size] = 0xF0 | code >> 18
    plain[size + 1] = 0x80 | code >> 12 & 0x3F
    plain[size + 2] = 0x80 | code >> 6 & 0x3F
    plain[size + 3] = 0x80 | code & 0x3F
    return size + 4
