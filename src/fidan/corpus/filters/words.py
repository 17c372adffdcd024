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
from typing import TypeAlias

import numpy as np
from datatrove.data import Document
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined, mix
from fidan.corpus import characters
from fidan.corpus.characters import (
    DECIMAL,
    ENDS_SENTENCE,
    FORM,
    JOINER,
    KIND_MASK,
    KIND_SHIFT,
    LETTER,
    NUMERIC,
    SPACE,
    SYMBOL,
    Table,
    entry,
)
from fidan.corpus.utf8 import Bytes, Whole, decode, encoded

(
    TOKENS, WORDS, WORD_CHARS, ALPHABETIC, CHARS, LINES, HASH_SIGNS, ELLIPSES, BULLET_LINES, ELLIPSIS_LINES,
    SENTENCE_LINES, DUPLICATE_LINES, DUPLICATE_LINE_CHARS, LINE_CHARS, COUNTS,
) = range(15)  # fmt: skip

Hashes: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int32]

_START = np.uint64(0xCBF29CE484222325)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_NEWLINE, _DOT, _COMMA, _HASH, _DASH, _BULLET, _ELLIPSIS = (ord(sign) for sign in "\n.,#-•…")


@dataclass(slots=True, eq=False)
class Measures:
    """What is known of a text.

    Attributes:
        text: it.
        data: (bytes,), in UTF-8.
        counts: see the names in this module: `counts[WORDS]` and so on.
        line_words: (lines,), words up to the end of each line; empty lines count.
        hashes: (3, room): rows `token_hashes`, `word_hashes`, `spellings`, as far as there are any.
        places: (3, room): rows `token_chars`, `word_starts`, `word_ends`.
    """

    text: str
    data: Bytes
    counts: NDArray[np.int64]
    line_words: Places
    hashes: Hashes
    places: Places

    @property
    def token_hashes(self) -> Hashes:
        """(tokens,), folded; words and symbols in order."""
        return self.hashes[0, : self.counts[TOKENS]]

    @property
    def word_hashes(self) -> Hashes:
        """(words,), those of the words alone."""
        return self.hashes[1, : self.counts[WORDS]]

    @property
    def spellings(self) -> Hashes:
        """(words,), hashes of the words as they are written."""
        return self.hashes[2, : self.counts[WORDS]]

    @property
    def token_chars(self) -> Places:
        """(tokens,), length in characters."""
        return self.places[0, : self.counts[TOKENS]]

    @property
    def word_starts(self) -> Places:
        """(words,), offsets in `data`."""
        return self.places[1, : self.counts[WORDS]]

    @property
    def word_ends(self) -> Places:
        """(words,), likewise."""
        return self.places[2, : self.counts[WORDS]]


def measure(text: str) -> Measures:
    """Split and count a text.

    Args:
        text: lines of a document, parted by single line breaks.
    """
    data = encoded(text)
    counts, line_words = np.empty(COUNTS, np.int64), np.empty(text.count("\n") + 1, np.int32)
    # Running text has a token in six bytes, and no text has more than one in each.
    for room in (data.size // 3, data.size):
        hashes, places = np.empty((3, room), np.uint64), np.empty((3, room), np.int32)
        if _scan(data, characters.table(), counts, line_words, hashes, places):
            break
    return Measures(text, data, counts, line_words, hashes, places)


def measured(document: Document) -> Measures:
    """The measures of a document, taken once for as long as its text stays the same."""
    known: Measures | None = document.metadata.get("measures")
    if known is None or known.text is not document.text:
        known = document.metadata["measures"] = measure(document.text)
    return known


def word_hash(word: str) -> int:
    """The hash that `measure` gives a word."""
    (found,) = measure(word).word_hashes
    return int(found)


@compiled
def _scan(
    data: Bytes, table: Table, counts: NDArray[np.int64], line_words: Places, hashes: Hashes, places: Places
) -> bool:
    """One pass over the bytes; fills the rows from their beginnings and the counts. False: there was no room."""
    tokens_of, words_of, spellings = hashes[0], hashes[1], hashes[2]
    chars, starts, ends = places[0], places[1], places[2]
    line, line_table = 0, np.empty(2 * line_words.size, np.uint64)
    size, position = data.size, 0
    tokens = found = word_chars = alphabetic = signs = ellipses = characters_seen = 0
    line_chars = 0  # of the line under way
    bullets = ellipsis_lines = line_count = all_line_chars = 0
    sentence_lines: Whole = 0
    line_hash, dots = _START, 0
    last: Whole = 0  # the last character of the line that is no space
    first_sign: Whole = -1  # the first character of the line, where that is a symbol
    code: Whole
    while position <= size:
        at_end = position == size
        code, width = (np.int64(_NEWLINE), 1) if at_end else decode(data, position)
        if code == _NEWLINE:
            if line_chars:
                bullets += first_sign in (_BULLET, _DASH)
                ellipsis_lines += last == _ELLIPSIS or dots >= 3
                sentence_lines += entry(table, last) & ENDS_SENTENCE != 0
                line_table[2 * line_count] = mix(line_hash)
                line_table[2 * line_count + 1] = np.uint64(line_chars)
                line_count += 1
                all_line_chars += line_chars
            line_hash, last, dots, first_sign, line_chars = _START, 0, 0, -1, 0
            line_words[line] = found
            line += 1
            characters_seen += not at_end
            position += 1
            continue
        known = entry(table, code)
        kind = known >> KIND_SHIFT & KIND_MASK
        if kind == SPACE:
            line_hash = (line_hash ^ np.uint64(code)) * _FACTOR
            line_chars += 1
            characters_seen += 1
            position += width
            continue
        # A token begins here.
        if tokens == tokens_of.size:
            return False
        begin, length, letters = position, 0, 0
        token, spelling = _START, _START
        if kind in (SYMBOL, JOINER):
            first_code = code
            run = code == _DOT
            while True:
                spelling = (spelling ^ np.uint64(code)) * _FACTOR
                token = (token ^ np.uint64(known & FORM)) * _FACTOR
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
            number = _number_end(data, table, position) if kind == DECIMAL else 0
            while True:
                spelling = (spelling ^ np.uint64(code)) * _FACTOR
                token = (token ^ np.uint64(known & FORM)) * _FACTOR
                letters += kind == LETTER
                last = code
                position += width
                length += 1
                if position in (size, number):
                    break
                code, width = decode(data, position)
                known = entry(table, code)
                kind = known >> KIND_SHIFT & KIND_MASK
                if LETTER <= kind <= NUMERIC or number:
                    continue
                if kind != JOINER or position + width >= size:
                    break
                following, _ = decode(data, position + width)
                if not LETTER <= entry(table, following) >> KIND_SHIFT & KIND_MASK <= NUMERIC:
                    break
            dots = 0
            words_of[found], spellings[found] = mix(token), spelling
            starts[found] = begin
            ends[found] = position
            found += 1
            word_chars += length
            alphabetic += letters > 0
        line_hash = (line_hash ^ spelling) * _FACTOR
        tokens_of[tokens] = mix(token)
        chars[tokens] = length
        tokens += 1
        line_chars += length
        characters_seen += length
    repeated, repeated_chars = _repeated_lines(line_table[: 2 * line_count])
    for index, value in (
        (TOKENS, tokens), (WORDS, found), (WORD_CHARS, word_chars), (ALPHABETIC, alphabetic),
        (CHARS, characters_seen), (LINES, line_count), (HASH_SIGNS, signs), (ELLIPSES, ellipses),
        (BULLET_LINES, bullets), (ELLIPSIS_LINES, ellipsis_lines), (SENTENCE_LINES, sentence_lines),
        (DUPLICATE_LINES, repeated), (DUPLICATE_LINE_CHARS, repeated_chars), (LINE_CHARS, all_line_chars),
    ):  # fmt: skip
        counts[index] = value
    return True


@inlined
def _number_end(data: Bytes, table: Table, position: Whole) -> Whole:
    """Where a number with separators ends that begins here; 0: it has none."""
    size, end, separated = data.size, 0, False
    while position < size:
        code, width = decode(data, position)
        if entry(table, code) >> KIND_SHIFT & KIND_MASK == DECIMAL:
            position += width
            if separated:
                end = position
        elif code in (_DOT, _COMMA) and position + 1 < size:
            following, _ = decode(data, position + 1)
            if entry(table, following) >> KIND_SHIFT & KIND_MASK != DECIMAL:
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
