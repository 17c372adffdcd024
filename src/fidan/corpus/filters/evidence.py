"""What in a text speaks for Turkish and what against it, counted line by line in one pass.

The same pass writes down the text as it is shown to a language model: words of letters only, lowered by Turkish
rules, without addresses and code. The rules:

- White space parts chunks. A chunk that is an address or code (`@`, `://`, `www.`, `_`, `=`, `{`, `}`, `\\`, `<`,
  `>`) and a word with a capital after a small letter (`TryFormat`) are in no language and are left out.
- A word begins with a capital letter where it is a name, in Turkish as elsewhere. Names say nothing about the
  language of a line, and so only the other words count, the *common* ones; a function word, a word with a case ending
  behind its apostrophe (Ankara'da), with ə or in another script is common however it is written. In a line with more
  capitals than small letters all words are.
- Decisive is a word with ə, the letter that every other Azerbaijani word has and no Turkish one.
- A mark of a relative is a word of its lists (`turkish_marks`), and a spelling that Turkish does not have: a q that
  no u follows (Azerbaijani, Uzbek; words of up to three letters, as `SQL`, aside); the converb in -ıb or -üb, because
  Turkish hardens a final b (-ıp); an apostrophe after o or g that is no case ending (Uzbek o'z, to'g'ri).
- Doubtful is a spelling that Turkish has in foreign words only: w, x, sh, ch; a final b, c, d or g; d behind ç, ş
  or t, where Turkish assimilates (gitti, Az. getdi); letters of other alphabets. A word that has a mark is not.

What it leaves out: what the counts amount to (`fidan.corpus.filters.language_odds`) and which words and endings
count as whose (`fidan.corpus.filters.turkish_marks`).
"""

from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan import turkish
from fidan.compiled import compiled
from fidan.corpus.filters import characters, turkish_marks
from fidan.corpus.filters.characters import JOINER, LETTER, SIZE
from fidan.corpus.filters.tables import Table, build_table, place
from fidan.corpus.filters.words import decode

Bytes: TypeAlias = NDArray[np.uint8]
Whole: TypeAlias = Any  # an int or one of NumPy's, which are the same to a compiled loop

(WORDS, COMMON, OWN, SHARED, PROPER, ROUNDED, DECISIVE, DOUBTFUL, OTHER, COUNTS) = range(10)
"""Columns of the counts of a line: words; common words, and of these: with a mark of Turkish alone; with one shared
with relatives; with ı, ş or ğ; with ç, ö or ü; decisive against Turkish; doubtful; with a mark of a relative."""

_UPPER, _PROPER, _ROUNDED, _SCHWA, _FOREIGN, _SCRIPT, _DOUBT = (1 << bit for bit in range(7))  # flags of a character
_START, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a over code points
_SMALL_MASK, _KIND_SHIFT, _FLAGS_SHIFT = 0x1FFFF, 17, 20  # of a number of `_letters`
_CODE = np.zeros(128, np.bool_)
_CODE[[ord(sign) for sign in "@_={}\\<>"]] = True
_CODE.setflags(write=False)
_B, _C, _D, _G, _H, _I, _O, _Q, _S, _T, _U, _UE, _CH, _SH = (ord(letter) for letter in "bcdghıoqstuüçş")


class Evidence(NamedTuple):
    """What `collect` found.

    Attributes:
        counts: (lines, COUNTS).
        plain: the words, lowered, with a space after each and a line break after each line; UTF-8.
        ends: (lines,), where the lines end in `plain`, behind their line breaks.
    """

    counts: NDArray[np.int32]
    plain: Bytes
    ends: NDArray[np.int64]

    def only(self, chosen: NDArray[np.bool_]) -> "Evidence":
        """The same of some of the lines; `chosen` is (lines,)."""
        return Evidence(*_only(self.counts, self.plain, self.ends, chosen))


def collect(text: str) -> Evidence:
    """Count what speaks for and against Turkish.

    Args:
        text: lines parted by single line breaks.
    """
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    counts = np.zeros((text.count("\n") + 1, COUNTS), np.int32)
    ends = np.empty(len(counts), np.int64)
    plain = np.empty(2 * data.size + len(counts) + 2, np.uint8)  # "I" grows to the two bytes of "ı"
    size = _collect(data, _letters(), _words(), _endings(), _case_endings(), plain, counts, ends)
    return Evidence(counts, plain[:size], ends)


@compiled
def _only(
    counts: NDArray[np.int32], plain: Bytes, ends: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], Bytes, NDArray[np.int64]]:
    some, some_ends = np.empty((chosen.sum(), counts.shape[1]), np.int32), np.empty(chosen.sum(), np.int64)
    some_plain = np.empty(plain.size, np.uint8)
    line = size = 0
    for number in range(len(counts)):
        if chosen[number]:
            start = ends[number - 1] if number else 0
            some_plain[size : size + ends[number] - start] = plain[start : ends[number]]
            size += ends[number] - start
            some[line], some_ends[line] = counts[number], size
            line += 1
    return some, some_plain[:size], some_ends


@cache
def _letters() -> NDArray[np.uint32]:
    """What every character is, (SIZE,), in one number: small letter, kind, flags. One look costs less than three."""
    small_letters = np.arange(SIZE, dtype=np.uint32)
    flags = np.zeros(SIZE, np.uint32)
    turkish_letters = "abcçdefgğhıijklmnoöprsştuüvyzâîû"
    for code in np.flatnonzero(characters.kinds() == LETTER).tolist():
        letter = chr(code)
        small = turkish.lower(letter)
        if len(small) == 1 and small != letter:
            small_letters[code] = ord(small)
            flags[code] |= _UPPER
        if small in "ışğ":
            flags[code] |= _PROPER
        elif small in "çöü":
            flags[code] |= _ROUNDED
        elif small in "wx":
            flags[code] |= _DOUBT
        elif small == "ə":
            flags[code] |= _SCHWA
        elif code > 0x24F:
            flags[code] |= _SCRIPT
        elif small not in turkish_letters and small not in "qþðý":  # þ ð ý: ş ğ ı in the wrong code page
            flags[code] |= _FOREIGN
    return (small_letters | characters.kinds().astype(np.uint32) << _KIND_SHIFT | flags << _FLAGS_SHIFT).astype(
        np.uint32
    )


def _table(words: dict[str, int]) -> Table:
    keys = []
    for word in words:
        key = int(_START)
        for letter in word:
            key = (key ^ ord(letter)) * int(_FACTOR) & (1 << 64) - 1
        keys.append(key)
    return build_table(np.array(keys, np.uint64), np.array(list(words.values()), np.uint64))


@cache
def _words() -> Table:
    found = dict.fromkeys(turkish_marks.SHARED_WORDS, SHARED)
    return _table(
        found | dict.fromkeys(turkish_marks.OWN_WORDS, OWN) | dict.fromkeys(turkish_marks.OTHER_WORDS, OTHER)
    )


@cache
def _endings() -> Table:
    """By their letters from the last to the first, and the beginnings of that, with 0: there a search goes on."""
    endings = dict.fromkeys(turkish_marks.SHARED_ENDINGS, SHARED) | dict.fromkeys(turkish_marks.OWN_ENDINGS, OWN)
    endings |= dict.fromkeys(turkish_marks.OTHER_ENDINGS, OTHER)
    found = {ending[-taken:][::-1]: 0 for ending in endings for taken in range(1, len(ending))}
    return _table(found | {ending[::-1]: mark for ending, mark in endings.items()})


@cache
def _case_endings() -> Table:
    return _table(dict.fromkeys(turkish_marks.CASE_ENDINGS, OWN))


@compiled
def _is_code(data: Bytes, start: Whole, end: Whole) -> Whole:
    """Whether a chunk is an address or code."""
    for at in range(start, end):
        byte = data[at]
        if byte < 128 and _CODE[byte]:
            return True
        if byte == 47 and start < at < end - 1 and data[at - 1] == 58 and data[at + 1] == 47:  # ://
            return True
    www = end - start > 4 and data[start] == data[start + 1] == data[start + 2] == 119
    return www and data[start + 3] == 46


@compiled
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


@compiled
def _ending(word: NDArray[np.uint32], length: Whole, endings: Table) -> Whole:
    """What the longest ending in the table is; 0: there is none. At least two letters come before it."""
    key, found = _START, np.int64(0)
    for at in range(length - 1, 1, -1):
        key = (key ^ np.uint64(word[at])) * _FACTOR
        entry = place(endings, key)
        if endings[entry] != key:
            break
        if endings[entry + 1]:
            found = np.int64(endings[entry + 1])
    return found


@compiled
def _letter(letters: NDArray[np.uint32], code: Whole) -> tuple[Whole, Whole, Whole]:
    """The small letter, the kind and the flags of a character."""
    if code >= SIZE:
        return np.int64(code), np.int64(LETTER), np.int64(_SCRIPT)
    number = np.int64(letters[code])
    return number & _SMALL_MASK, number >> _KIND_SHIFT & 7, number >> _FLAGS_SHIFT


@compiled
def _collect(
    data: Bytes,
    letters: NDArray[np.uint32],
    words: Table,
    endings: Table,
    case_endings: Table,
    plain: Bytes,
    counts: NDArray[np.int32],
    ends: NDArray[np.int64],
) -> Whole:
    """Fills `plain`, `counts` and `ends`; returns how many bytes of `plain` were written."""
    size, position, line, written = data.size, 0, 0, 0
    names, commons = 0, counts.shape[1]  # of the line, counted apart until its end tells whether it is in capitals
    found = np.zeros(2 * counts.shape[1], np.int32)
    word = np.empty(size + 1, np.uint32)  # small letters
    upper = lower = chunk_end = 0
    while position <= size:
        if position == size or data[position] == 10:
            for column in range(commons):
                counts[line, column] = found[commons + column]
                if upper > lower or column == WORDS:
                    counts[line, column] += found[names + column]
            found[:] = 0
            upper = lower = 0
            plain[written] = 10
            written += 1
            ends[line] = written
            line += 1
            position += 1
            continue
        if position >= chunk_end:
            chunk_end = position
            while chunk_end < size and data[chunk_end] > 32:
                chunk_end += 1
            if chunk_end == position:
                position += 1
                continue
            if _is_code(data, position, chunk_end):
                position = chunk_end
                continue
        code: Whole
        code, width = decode(data, position)
        small, kind, flag = _letter(letters, code)
        if kind != LETTER:
            position += width
            continue
        # A word begins here.
        begun, length, base, seen, capitals = written, 0, 0, 0, 0
        key, suffix, last = _START, _START, np.int64(0)
        capital = flag & _UPPER
        mixed = doubtful = other = uzbek = spells_q = False
        while True:
            seen |= flag
            if flag & _UPPER:
                mixed |= capitals < length and base == 0
                capitals += 1
            if last == _Q:
                spells_q |= small not in (_U, _UE)
            elif small == _H:
                doubtful |= last in (_S, _C)
            elif small == _D:
                doubtful |= last in (_T, _CH, _SH)
            word[length] = small
            length += 1
            last = small
            if base:
                suffix = (suffix ^ np.uint64(small)) * _FACTOR
            else:
                key = (key ^ np.uint64(small)) * _FACTOR
            written = _write(plain, written, small)
            position += width
            if position >= size:
                break
            code, width = decode(data, position)
            small, kind, flag = _letter(letters, code)
            if kind == JOINER and position + width < size:
                following, next_width = decode(data, position + width)
                small, kind, flag = _letter(letters, following)
                if kind != LETTER:
                    break
                uzbek |= last in (_O, _G) and not capital
                if base == 0:
                    base = length
                plain[written] = 32
                written += 1
                position += width
                width = next_width
            elif kind != LETTER:
                break
        if mixed and capitals < length:
            written = begun  # TryFormat
            continue
        plain[written] = 32
        written += 1
        if length < 2:
            continue
        stem = base if base else length
        upper += capitals
        lower += length - capitals
        if seen & (_DOUBT | _FOREIGN | _SCRIPT):
            doubtful = True
        if length > 3:
            other = spells_q or last == _Q  # not SQL, not amq
            doubtful |= base == 0 and last in (_B, _C, _D, _G)
        other |= last == _B and length > 2 and word[length - 2] in (_I, _UE)
        at = place(words, key)
        mark = np.int64(words[at + 1]) if words[at] == key else np.int64(0)
        common = not capital or mark > 0 or seen & (_SCRIPT | _SCHWA) != 0
        if mark == 0:
            mark = _ending(word, stem, endings)
        if base:
            at = place(case_endings, suffix)
            cased = base > 2 and case_endings[at] == suffix
            if cased and not uzbek:
                mark = np.int64(OWN)
            common |= cased
            other |= uzbek and not cased
        row = commons if common else names
        found[row + WORDS] += 1
        found[row + COMMON] += 1
        if other:
            mark = np.int64(OTHER)
        if mark:
            found[row + mark] += 1
        found[row + PROPER] += seen & _PROPER != 0
        found[row + ROUNDED] += seen & _ROUNDED != 0
        found[row + DECISIVE] += seen & _SCHWA != 0
        found[row + DOUBTFUL] += doubtful and mark == 0
    return written
