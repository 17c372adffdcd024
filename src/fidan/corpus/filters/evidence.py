"""What in a text speaks for Turkish and what against it, counted line by line in one pass.

The same words are shown to a language model: letters only, lowered by Turkish rules, without addresses and code. The
rules:

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
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan import turkish
from fidan.compiled import compiled, inlined
from fidan.corpus import characters
from fidan.corpus.characters import JOINER, LETTER, SIZE
from fidan.corpus.filters import turkish_marks
from fidan.corpus.filters.words import Measures
from fidan.corpus.tables import Table, build_table, place
from fidan.corpus.utf8 import Bytes, Whole, decode

Letters: TypeAlias = NDArray[np.uint32]  # (SIZE,), or the letters of a word

(WORDS, COMMON, OWN, SHARED, PROPER, ROUNDED, DECISIVE, DOUBTFUL, OTHER, COUNTS) = range(10)
"""Columns of the counts of a line: words; common words, and of these: with a mark of Turkish alone; with one shared
with relatives; with ı, ş or ğ; with ç, ö or ü; decisive against Turkish; doubtful; with a mark of a relative."""

# Flags of a character; `_TELLS` is of those letters that are looked at together with the one before them.
_UPPER, _PROPER, _ROUNDED, _SCHWA, _FOREIGN, _SCRIPT, _DOUBT, _TELLS = (1 << bit for bit in range(8))
_COLUMNS_SIZE = 0x260
_START, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a over code points
_MEMORY_BITS = 15  # of three in four words of running text it remembers the traits; 256 kB, to stay in a cache
_MEMORY_SHIFT, _GOLDEN = np.uint64(64 - _MEMORY_BITS), np.uint64(0x9E3779B97F4A7C15)
# An entry: the first 48 bits of a spelling, `_BALANCE` more than its capitals less its small letters, its traits. The
# place of an entry depends on all bits of the spelling, so of two words one in 2^63 are taken for each other.
_KEY = np.uint64((1 << 64) - (1 << 16))
_BALANCE, _BALANCE_SHIFT = 64, 9
# Traits of a word: in the lowest bits the column of its mark, or 0; then these.
_MARK = 15
_IS_WORD, _IS_COMMON, _HAS_PROPER, _HAS_ROUNDED, _HAS_SCHWA = (1 << bit for bit in range(4, 9))
_TRAITS = (1 << _BALANCE_SHIFT) - 1
_SMALL_MASK, _KIND_SHIFT, _FLAGS_SHIFT = 0x1FFFF, 17, 20  # of a number of `_letters`
_NEWLINE, _SPACE, _SLASH, _COLON, _DOT, _W = (ord(sign) for sign in "\n /:.w")
_JOINED = np.uint32(1 << 21)  # set in a letter that stands behind a joiner; Unicode ends below
_LETTER_MASK = np.uint32((1 << 21) - 1)
_IS_CODE, _IS_SLASH = 1, 2
_BYTES = np.zeros(256, np.uint8)  # what a byte says of the chunk it stands in
_AT, _LOW, _EQUAL, _OPEN, _CLOSE, _BACKSLASH, _LESS, _MORE = map(np.uint8, b"@_={}\\<>")
_BYTES[[_AT, _LOW, _EQUAL, _OPEN, _CLOSE, _BACKSLASH, _LESS, _MORE]] = _IS_CODE
_BYTES[_SLASH] = _IS_SLASH
_BYTES.setflags(write=False)
_B, _C, _D, _G, _H, _I, _O, _Q, _S, _T, _U, _UE, _CH, _SH = (ord(letter) for letter in "bcdghıoqstuüçş")


class Trie(NamedTuple):
    """Endings letter by letter. Node 0 is where the search begins, and where it cannot go on.

    Attributes:
        columns: (_COLUMNS_SIZE,), of small letters in `following`; 0 is of those that are in no ending.
        following: (nodes, letters), the next node.
        marks: (nodes,), what the ending that is read up to here is; 0: none.
    """

    columns: Bytes
    following: NDArray[np.int16]
    marks: Bytes


class Evidence(NamedTuple):
    """What `collect` found.

    Attributes:
        data: the text in UTF-8.
        counts: (lines, COUNTS).
    """

    data: Bytes
    counts: NDArray[np.int32]

    def plain(self, chosen: NDArray[np.bool_]) -> Bytes:
        """The words of some lines, lowered, with a space after each and a line break after each line; UTF-8.

        Args:
            chosen: (lines,), which ones.
        """
        plain = np.empty(2 * self.data.size + len(chosen) + 2, np.uint8)  # "I" grows to the two bytes of "ı"
        return plain[: _write_plain(self.data, _letters(), chosen, plain)]


def collect(measures: Measures) -> Evidence:
    """Count what speaks for and against Turkish.

    Args:
        measures: of lines parted by single line breaks.
    """
    counts = np.empty((measures.line_words.size, COUNTS), np.int32)
    words = measures.data, measures.hashes, measures.places, measures.line_words
    _collect(*words, _letters(), _words(), *_endings(), _case_endings(), _memory(), counts)
    return Evidence(measures.data, counts)


@cache
def _letters() -> Letters:
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
        if small in "qhd":
            flags[code] |= _TELLS
    kinds = characters.kinds().astype(np.uint32)
    return (small_letters | kinds << _KIND_SHIFT | flags << _FLAGS_SHIFT).astype(np.uint32)


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
def _endings() -> Trie:
    """The endings, read from their last letter to the first."""
    marks = dict.fromkeys(turkish_marks.SHARED_ENDINGS, SHARED) | dict.fromkeys(turkish_marks.OWN_ENDINGS, OWN)
    marks |= dict.fromkeys(turkish_marks.OTHER_ENDINGS, OTHER)
    nodes: dict[str, int] = {"": 0}
    for ending in sorted(marks):
        for taken in range(1, len(ending) + 1):
            nodes.setdefault(ending[-taken:], len(nodes))
    alphabet = sorted({letter for ending in marks for letter in ending})
    columns = np.zeros(_COLUMNS_SIZE, np.uint8)
    for column, letter in enumerate(alphabet, start=1):
        columns[ord(letter)] = column
    following = np.zeros((len(nodes), len(alphabet) + 1), np.int16)
    for ending, node in nodes.items():
        if ending:
            following[nodes[ending[1:]], columns[ord(ending[0])]] = node
    mark_of = np.array([marks.get(ending, 0) for ending in nodes], np.uint8)
    return Trie(columns, following, mark_of)


@cache
def _memory() -> NDArray[np.uint64]:
    """Spellings and traits of words that were met lately, by hash; the latest word of a place stays.

    Traits are the same for a word whenever they are worked out, so no text depends on those before it.
    """
    return np.zeros(1 << _MEMORY_BITS, np.uint64)


@cache
def _case_endings() -> Table:
    return _table(dict.fromkeys(turkish_marks.CASE_ENDINGS, OWN))


@inlined
def _letter(letters: Letters, code: Whole) -> tuple[Whole, Whole, Whole]:
    """The small letter, the kind and the flags of a character."""
    if code >= SIZE:
        return np.int64(code), np.int64(LETTER), np.int64(_SCRIPT)
    number = np.int64(letters[code])
    return number & _SMALL_MASK, number >> _KIND_SHIFT & 7, number >> _FLAGS_SHIFT


@inlined
def _chunk(data: Bytes, start: Whole) -> tuple[Whole, Whole]:
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
def _has_code(data: Bytes) -> Whole:
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
def _next_word(
    data: Bytes, position: Whole, chunk_end: Whole, letters: Letters
) -> tuple[Whole, Whole, Whole, Whole, Whole]:
    """The first word of a line from a position on, or the line's end.

    Args:
        data: the text.
        position: where to begin.
        chunk_end: of the chunk there; at first 0, or the size of the data where `_has_code` is false.
        letters: as `_letters` gives them.

    Returns:
        Where the word begins, the end of its chunk, its first character: small letter, width in bytes, flags. At the
        line's end the width is 0.
    """
    while position < data.size and data[position] != _NEWLINE:
        if position >= chunk_end:
            if data[position] <= _SPACE:
                position += 1
                continue
            chunk_end, is_code = _chunk(data, position)
            if is_code:
                position = chunk_end
                continue
        code, width = decode(data, position)
        small, kind, flag = _letter(letters, code)
        if kind == LETTER:
            return position, chunk_end, small, width, flag
        position += width
    return position, chunk_end, 0, 0, 0


class _Word(NamedTuple):
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
def _read(
    data: Bytes, position: Whole, letters: Letters, small: Whole, width: Whole, flag: Whole, word: Letters
) -> _Word:
    """Reads the word whose first letter is given into `word`, in small letters, with `_JOINED` behind joiners."""
    length, base, seen, capitals = 0, 0, 0, 0
    joined = np.uint32(0)
    key, suffix, first = _START, _START, flag
    mixed = uzbek = False
    while True:
        seen |= flag
        if flag & _UPPER:
            mixed |= capitals < length and base == 0
            capitals += 1
        word[length] = np.uint32(small) | joined
        joined = np.uint32(0)
        length += 1
        if base:
            suffix = (suffix ^ np.uint64(small)) * _FACTOR
        else:
            key = (key ^ np.uint64(small)) * _FACTOR
        last = small
        position += width
        if position >= data.size:
            break
        code, width = decode(data, position)
        small, kind, flag = _letter(letters, code)
        if kind == LETTER:
            continue
        if kind != JOINER or position + width >= data.size:
            break
        following, next_width = decode(data, position + width)
        small, kind, flag = _letter(letters, following)
        if kind != LETTER:
            break
        uzbek |= last in (_O, _G) and not first & _UPPER
        if base == 0:
            base = length
        joined = _JOINED
        position += width
        width = next_width
    return _Word(position, length, base, seen, capitals, mixed, key, suffix, uzbek)


@inlined
def _ending(word: Letters, length: Whole, columns: Bytes, following: NDArray[np.int16], marks: Bytes) -> Whole:
    """What the longest ending in the table is; 0: there is none. At least two letters come before it."""
    node, found = np.int64(0), np.int64(0)
    for at in range(length - 1, 1, -1):
        if word[at] >= _COLUMNS_SIZE:
            break
        node = np.int64(following[node, columns[word[at]]])
        if node == 0:
            break
        if marks[node]:
            found = np.int64(marks[node])
    return found


@inlined
def _pairs(word: Letters, length: Whole) -> tuple[Whole, Whole]:
    """Whether a word has pairs of letters that Turkish words do not, and whether it has a q without a u behind it."""
    doubtful = spells_q = False
    for at in range(1, length):
        before, letter = word[at - 1] & _LETTER_MASK, word[at] & _LETTER_MASK
        if before == _Q:
            spells_q |= letter not in (_U, _UE)
        elif letter == _H:
            doubtful |= before in (_S, _C)
        elif letter == _D:
            doubtful |= before in (_T, _CH, _SH)
    return doubtful, spells_q


@inlined
def _traits(
    word: Letters,
    read: _Word,
    capital: Whole,
    words: Table,
    columns: Bytes,
    following: NDArray[np.int16],
    marks: Bytes,
    case_endings: Table,
) -> Whole:
    """What a word counts as: 0 for one that does not count, or bits of `_IS_WORD` and those after it."""
    length, seen = read.length, read.seen
    if length < 2 or (read.mixed and read.capitals < length):  # TryFormat
        return np.int64(0)
    last = word[length - 1] & _LETTER_MASK
    doubtful, spells_q = _pairs(word, length) if seen & _TELLS else (False, False)
    other = last == _B and length > 2 and word[length - 2] & _LETTER_MASK in (_I, _UE)
    if length > 3:
        other |= spells_q or last == _Q  # not SQL, not amq
        doubtful |= read.base == 0 and last in (_B, _C, _D, _G)
    at = place(words, read.key)
    mark = np.int64(words[at + 1]) if words[at] == read.key else np.int64(0)
    common = not capital or mark > 0 or seen & (_SCRIPT | _SCHWA) != 0
    if mark == 0:
        mark = _ending(word, read.base if read.base else length, columns, following, marks)
    if read.base:
        at = place(case_endings, read.suffix)
        cased = read.base > 2 and case_endings[at] == read.suffix
        if cased and not read.uzbek:
            mark = np.int64(OWN)
        common |= cased
        other |= read.uzbek and not cased
    if other:
        mark = np.int64(OTHER)
    if mark == 0 and (doubtful or seen & (_DOUBT | _FOREIGN | _SCRIPT)):
        mark = np.int64(DOUBTFUL)
    traits = _IS_WORD | mark | (_IS_COMMON if common else 0)
    traits |= (_HAS_PROPER if seen & _PROPER else 0) | (_HAS_ROUNDED if seen & _ROUNDED else 0)
    traits |= _HAS_SCHWA if seen & _SCHWA else 0
    return traits


@inlined
def _add(found: NDArray[np.int64], traits: Whole, balance: Whole, columns: Whole) -> None:
    """Counts a word: in the first half of `found` those that are names, in the second half the common ones."""
    if traits == 0:
        return
    row = columns if traits & _IS_COMMON else 0
    found[row + WORDS] += 1
    found[row + COMMON] += 1
    if traits & _MARK:
        found[row + (traits & _MARK)] += 1
    found[row + PROPER] += traits & _HAS_PROPER != 0
    found[row + ROUNDED] += traits & _HAS_ROUNDED != 0
    found[row + DECISIVE] += traits & _HAS_SCHWA != 0
    found[2 * columns] += balance


@compiled
def _collect(
    data: Bytes,
    hashes: NDArray[np.uint64],
    places: NDArray[np.int32],
    line_words: NDArray[np.int32],
    letters: Letters,
    words: Table,
    columns: Bytes,
    following: NDArray[np.int16],
    marks: Bytes,
    case_endings: Table,
    memory: NDArray[np.uint64],
    counts: NDArray[np.int32],
) -> None:
    """Fills `counts`, a word at a time; what a word counts as is only worked out when it was not met lately."""
    spellings, starts, ends = hashes[2], places[1], places[2]
    width = counts.shape[1]
    found = np.zeros(2 * width + 1, np.int64)  # names, other words; capitals less small letters
    word = np.empty(0, np.uint32)
    has_code, is_code = _has_code(data), False
    number, chunk_end = 0, np.int64(0)
    for line in range(len(counts)):
        found[:] = 0
        for number in range(line_words[line - 1] if line else 0, line_words[line]):
            start, end = np.int64(starts[number]), np.int64(ends[number])
            if has_code:
                while chunk_end <= start:
                    if data[chunk_end] <= _SPACE:
                        chunk_end += 1
                    else:
                        chunk_end, is_code = _chunk(data, chunk_end)
                if is_code:
                    continue
            key = spellings[number]
            slot = (key * _GOLDEN) >> _MEMORY_SHIFT
            entry = memory[slot]
            if (entry ^ key) & _KEY == 0:
                known = np.int64(entry & ~_KEY)
                _add(found, known & _TRAITS, (known >> _BALANCE_SHIFT) - _BALANCE, width)
                continue
            if word.size < end - start:
                word = np.empty(2 * (end - start), np.uint32)
            position = start
            while position < end:
                position, _, small, bytes_, flag = _next_word(data, position, end, letters)
                if bytes_ == 0 or position >= end:
                    break
                begin = position
                read = _read(data, position, letters, small, bytes_, flag, word)
                position = read.end
                traits = _traits(word, read, flag & _UPPER, words, columns, following, marks, case_endings)
                balance = 2 * read.capitals - read.length
                _add(found, traits, balance, width)
                # Words that a digit parts are two or more, and are not kept; nor is what is too long to be one.
                if begin == start and position == end and -_BALANCE <= balance < _BALANCE:
                    memory[slot] = key & _KEY | np.uint64(balance + _BALANCE << _BALANCE_SHIFT | traits)
        in_capitals = found[2 * width] > 0
        for column in range(width):
            counts[line, column] = found[width + column]
            if in_capitals or column == WORDS:
                counts[line, column] += found[column]


@compiled
def _write_plain(data: Bytes, letters: Letters, chosen: NDArray[np.bool_], plain: Bytes) -> Whole:
    """Writes the chosen lines to `plain`; returns how many bytes that were."""
    word = np.empty(data.size + 1, np.uint32)
    position = size = 0
    chunk_end: Whole = 0 if _has_code(data) else data.size
    for line in range(len(chosen)):
        if not chosen[line]:
            while position < data.size and data[position] != _NEWLINE:
                position += 1
            position += 1
            continue
        while True:
            position, chunk_end, small, width, flag = _next_word(data, position, chunk_end, letters)
            if width == 0:
                break
            read = _read(data, position, letters, small, width, flag, word)
            position = read.end
            if read.mixed and read.capitals < read.length:
                continue
            for at in range(read.length):
                if word[at] & _JOINED:
                    plain[size] = _SPACE
                    size += 1
                size = _write(plain, size, np.int64(word[at] & _LETTER_MASK))
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
