"""What in a text speaks for Turkish and what against it, counted line by line, a word at a time.

In a line with more capitals than small letters names cannot be told from other words, and all words count as common.
What it leaves out: what a word counts as (`word_traits`), and what the counts amount to (`language_odds`).
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.filters.spelling import (
    UPPER,
    Letters,
    chunk,
    has_code,
    letter_table,
    next_word,
    read_word,
    write_plain,
)
from fidan.corpus.filters.word_traits import (
    COMMON,
    COUNTS,
    DECISIVE,
    HAS_PROPER,
    HAS_ROUNDED,
    HAS_SCHWA,
    IS_COMMON,
    MARK,
    PROPER,
    ROUNDED,
    TRAIT_BITS,
    WORDS,
    case_endings,
    endings,
    function_words,
    traits_of,
)
from fidan.corpus.filters.words import Measures
from fidan.corpus.tables import Table
from fidan.corpus.utf8 import Bytes, Whole

_MEMORY_BITS = 15  # of three in four words of running text it remembers the traits; 256 kB, to stay in a cache
_MEMORY_SHIFT, _GOLDEN = np.uint64(64 - _MEMORY_BITS), np.uint64(0x9E3779B97F4A7C15)
# An entry: the first 48 bits of a spelling, `_BALANCE` more than its capitals less its small letters, its traits. The
# place of an entry depends on all bits of the spelling, so of two words one in 2^63 are taken for each other.
_KEY = np.uint64((1 << 64) - (1 << 16))
_BALANCE = 64
_TRAITS = (1 << TRAIT_BITS) - 1
_SPACE = ord(" ")


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
        return plain[: write_plain(self.data, letter_table(), chosen, plain)]


def collect(measures: Measures) -> Evidence:
    """Count what speaks for and against Turkish.

    Args:
        measures: of lines parted by single line breaks.
    """
    counts = np.empty((measures.line_words.size, COUNTS), np.int32)
    words = measures.data, measures.hashes, measures.places, measures.line_words
    _collect(*words, letter_table(), function_words(), *endings(), case_endings(), _memory(), counts)
    return Evidence(measures.data, counts)


@cache
def _memory() -> NDArray[np.uint64]:
    """Spellings and traits of words that were met lately, by hash; the latest word of a place stays.

    Traits are the same for a word whenever they are worked out, so no text depends on those before it.
    """
    return np.zeros(1 << _MEMORY_BITS, np.uint64)


@inlined
def _add(found: NDArray[np.int64], traits: Whole, balance: Whole, columns: Whole) -> None:
    """Counts a word: in the first half of `found` those that are names, in the second half the common ones."""
    if traits == 0:
        return
    row = columns if traits & IS_COMMON else 0
    found[row + WORDS] += 1
    found[row + COMMON] += 1
    if traits & MARK:
        found[row + (traits & MARK)] += 1
    found[row + PROPER] += traits & HAS_PROPER != 0
    found[row + ROUNDED] += traits & HAS_ROUNDED != 0
    found[row + DECISIVE] += traits & HAS_SCHWA != 0
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
    coded, is_code = has_code(data), False
    chunk_end = np.int64(0)
    for line in range(len(counts)):
        found[:] = 0
        for number in range(line_words[line - 1] if line else 0, line_words[line]):
            start, end = np.int64(starts[number]), np.int64(ends[number])
            if coded:
                while chunk_end <= start:
                    if data[chunk_end] <= _SPACE:
                        chunk_end += 1
                    else:
                        chunk_end, is_code = chunk(data, chunk_end)
                if is_code:
                    continue
            key = spellings[number]
            slot = (key * _GOLDEN) >> _MEMORY_SHIFT
            entry = memory[slot]
            if (entry ^ key) & _KEY == 0:
                known = np.int64(entry & ~_KEY)
                _add(found, known & _TRAITS, (known >> TRAIT_BITS) - _BALANCE, width)
                continue
            if word.size < end - start:
                word = np.empty(2 * (end - start), np.uint32)
            position = start
            while position < end:
                position, _, small, bytes_, flag = next_word(data, position, end, letters)
                if bytes_ == 0 or position >= end:
                    break
                begin = position
                read = read_word(data, position, letters, small, bytes_, flag, word)
                position = read.end
                traits = traits_of(word, read, flag & UPPER, words, columns, following, marks, case_endings)
                balance = 2 * read.capitals - read.length
                _add(found, traits, balance, width)
                # Words that a digit parts are two or more, and are not kept; nor is what is too long to be one.
                if begin == start and position == end and -_BALANCE <= balance < _BALANCE:
                    memory[slot] = key & _KEY | np.uint64(balance + _BALANCE << TRAIT_BITS | traits)
        in_capitals = found[2 * width] > 0
        for column in range(width):
            counts[line, column] = found[width + column]
            if in_capitals or column == WORDS:
                counts[line, column] += found[column]
