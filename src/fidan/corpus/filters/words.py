"""The words and lines of a text, split once and counted once; every filter reads its figures from here.

A token is, by this rule (written as a regular expression, and tested against it):

    \\d+(?:[.,]\\d+)+                             a number with its separators: 1.250,5
    | [^\\W_]+(?:[joiner][^\\W_]+)*               a word, with the suffix after its apostrophe: Ankara'da
    | \\.\\.+                                      dots in a row
    | [^\\w\\s] | _                                any other sign by itself

The first two are words, as `fidan.turkish.words` has them; the others are symbols. Words are told apart by a 64-bit
hash of their folded form (`fidan.turkish.fold`), so that BİR and bir are one. What it leaves out: what the counts
should be (`fidan.corpus.filters.quality`) and runs of words that repeat (`repetition`).
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, mix
from fidan.corpus.filters import characters
from fidan.corpus.filters.characters import DECIMAL, JOINER, LETTER, SIZE, SPACE, SYMBOL

(
    TOKENS, WORDS, WORD_CHARS, ALPHABETIC, CHARS, LINES, HASH_SIGNS, ELLIPSES, BULLET_LINES, ELLIPSIS_LINES,
    SENTENCE_LINES, DUPLICATE_LINES, DUPLICATE_LINE_CHARS, LINE_CHARS, COUNTS,
) = range(15)  # fmt: skip

Bytes: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int32]
Whole: TypeAlias = Any  # an int or one of NumPy's, which are the same to a compiled loop

_START = np.uint64(0xCBF29CE484222325)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_NEWLINE, _DOT, _COMMA, _HASH, _DASH, _BULLET, _ELLIPSIS, _UNDERSCORE = (ord(sign) for sign in "\n.,#-•…_")


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of a text.

    Attributes:
        text: it.
        counts: see the names in this module: `counts[WORDS]` and so on.
        token_hashes: (tokens,), folded; words and symbols in order.
        token_chars: (tokens,), length in characters.
        word_hashes: (words,), those of the words alone.
        word_starts: (words,), offsets in the text's UTF-8 bytes.
        word_ends: (words,).
    """

    text: str
    counts: NDArray[np.int64]
    token_hashes: Hashes
    token_chars: Places
    word_hashes: Hashes
    word_starts: Places
    word_ends: Places


def measure(text: str) -> Measures:
    """Split and count a text.

    Args:
        text: lines of a document, parted by single line breaks.
    """
    data = text.encode("utf-8", "surrogatepass")
    size = len(data) + 1
    # Room for as many tokens as there are bytes is touched only as far as there are tokens.
    hashes, chars = np.empty(size, np.uint64), np.empty(size, np.int32)
    words, starts, ends = np.empty(size, np.uint64), np.empty(size, np.int32), np.empty(size, np.int32)
    counts = np.zeros(COUNTS, np.int64)
    lines = np.empty(2 * (text.count("\n") + 1), np.uint64)
    tables = characters.kinds(), characters.folded(), characters.ends_sentence()
    _scan(np.frombuffer(data, np.uint8), *tables, counts, hashes, chars, words, starts, ends, lines)
    tokens, found = counts[TOKENS], counts[WORDS]
    return Measures(text, counts, hashes[:tokens], chars[:tokens], words[:found], starts[:found], ends[:found])


def word_hash(word: str) -> int:
    """The hash that `measure` gives a word."""
    (found,) = measure(word).word_hashes
    return int(found)


@compiled
def decode(data: Bytes, position: Whole) -> tuple[Whole, Whole]:
    """The code point at a position of well-formed UTF-8, and its length in bytes."""
    first = np.int64(data[position])
    if first < 0x80:
        return first, 1
    second = np.int64(data[position + 1]) & 0x3F
    if first < 0xE0:
        return (first & 0x1F) << 6 | second, 2
    third = np.int64(data[position + 2]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third, 3
    return (first & 0x07) << 18 | second << 12 | third << 6 | (np.int64(data[position + 3]) & 0x3F), 4


@compiled
def _kind(kinds: Bytes, code: Whole) -> Whole:
    if code < SIZE:
        return np.int64(kinds[code])
    return np.int64(LETTER if code < 0x40000 else SYMBOL)


@compiled
def _scan(
    data: Bytes,
    kinds: Bytes,
    folded: NDArray[np.uint32],
    ends_sentence: NDArray[np.bool_],
    counts: NDArray[np.int64],
    hashes: Hashes,
    chars: Places,
    words: Hashes,
    starts: Places,
    ends: Places,
    lines: Hashes,
) -> None:
    """One pass over the bytes; fills the arrays from their beginnings and the counts."""
    size, position = data.size, 0
    tokens = found = word_chars = alphabetic = signs = ellipses = characters_seen = 0
    line_chars = 0  # of the line under way
    bullets = ellipsis_lines = line_count = all_line_chars = 0
    sentence_lines: Whole = 0
    line_hash, dots = _START, 0
    last: Whole = 0  # the last character of the line that is no space
    first_sign: Whole = -1  # the first character of the line, where that is a symbol
    while position <= size:
        at_end = position == size
        code, width = (np.int64(_NEWLINE), 1) if at_end else decode(data, position)
        if code == _NEWLINE:
            if line_chars:
                bullets += first_sign in (_BULLET, _DASH)
                ellipsis_lines += last == _ELLIPSIS or dots >= 3
                sentence_lines += last < SIZE and ends_sentence[last]
                lines[2 * line_count] = mix(line_hash)
                lines[2 * line_count + 1] = np.uint64(line_chars)
                line_count += 1
                all_line_chars += line_chars
            line_hash, last, dots, first_sign, line_chars = _START, 0, 0, -1, 0
            characters_seen += not at_end
            position += 1
            continue
        kind = _kind(kinds, code)
        if kind == SPACE:
            line_hash = (line_hash ^ np.uint64(code)) * _FACTOR
            line_chars += 1
            characters_seen += 1
            position += width
            continue
        # A token begins here.
        begin, length, letters = position, 0, 0
        token = _START
        if kind in (SYMBOL, JOINER):
            first_code = code
            run = code == _DOT
            while True:
                line_hash = (line_hash ^ np.uint64(code)) * _FACTOR
                token = (token ^ np.uint64(folded[code] if code < SIZE else code)) * _FACTOR
                position += width
                length += 1
                if not run or position == size or data[position] != _DOT:
                    break
            signs += first_code == _HASH
            ellipses += first_code == _ELLIPSIS
            if first_code == _DOT:
                ellipses += length // 3
                dots = length
            else:
                dots = 0
            if first_sign < 0:
                first_sign = first_code
            last = first_code
        else:
            if first_sign < 0:
                first_sign = 0
            number = _number_end(data, kinds, position) if kind == DECIMAL else 0
            while True:
                line_hash = (line_hash ^ np.uint64(code)) * _FACTOR
                token = (token ^ np.uint64(folded[code] if code < SIZE else code)) * _FACTOR
                letters += kind == LETTER
                last = code
                position += width
                length += 1
                if position == size:
                    break
                if number:
                    if position == number:
                        break
                    code, width = decode(data, position)
                    kind = _kind(kinds, code)
                    continue
                code, width = decode(data, position)
                kind = _kind(kinds, code)
                if kind == JOINER:
                    after = position + width
                    if after >= size:
                        break
                    next_code, _ = decode(data, after)
                    next_kind = _kind(kinds, next_code)
                    if next_kind in (SYMBOL, JOINER, SPACE):
                        break
                elif kind in (SYMBOL, SPACE):
                    break
            dots = 0
            words[found] = mix(token)
            starts[found] = begin
            ends[found] = position
            found += 1
            word_chars += length
            alphabetic += letters > 0
        hashes[tokens] = mix(token)
        chars[tokens] = length
        tokens += 1
        line_chars += length
        characters_seen += length
    repeated, repeated_chars = _repeated_lines(lines[: 2 * line_count])
    for index, value in (
        (TOKENS, tokens), (WORDS, found), (WORD_CHARS, word_chars), (ALPHABETIC, alphabetic),
        (CHARS, characters_seen), (LINES, line_count), (HASH_SIGNS, signs), (ELLIPSES, ellipses),
        (BULLET_LINES, bullets), (ELLIPSIS_LINES, ellipsis_lines), (SENTENCE_LINES, sentence_lines),
        (DUPLICATE_LINES, repeated), (DUPLICATE_LINE_CHARS, repeated_chars), (LINE_CHARS, all_line_chars),
    ):  # fmt: skip
        counts[index] = value


@compiled
def _number_end(data: Bytes, kinds: Bytes, position: Whole) -> Whole:
    """Where a number with separators ends that begins here; 0: it has none."""
    size, end, separated = data.size, 0, False
    while position < size:
        code, width = decode(data, position)
        if _kind(kinds, code) == DECIMAL:
            position += width
            if separated:
                end = position
        elif code in (_DOT, _COMMA) and position + 1 < size:
            following, _ = decode(data, position + 1)
            if _kind(kinds, following) != DECIMAL:
                break
            separated = True
            position += 1
        else:
            break
    return end


@compiled
def _repeated_lines(lines: Hashes) -> tuple[Whole, Whole]:
    """How many lines stand earlier in the text, too, and their characters; `lines` is hash, length, hash, length."""
    count = lines.size // 2
    if count < 2:
        return 0, 0
    capacity = 4
    while capacity < 2 * count:
        capacity *= 2
    table = np.zeros(capacity, np.uint64)
    repeated = 0
    chars: Whole = 0
    for line in range(count):
        key = lines[2 * line] | np.uint64(1)  # 0 marks a free place
        place = np.int64(key >> np.uint64(1)) & (capacity - 1)
        while table[place] != 0 and table[place] != key:
            place = (place + 1) & (capacity - 1)
        if table[place] == key:
            repeated += 1
            chars += np.int64(lines[2 * line + 1])
        table[place] = key
    return repeated, chars
