"""A fastText classifier's way from the bytes of a text to sums of vectors.

It is that of the library's `Dictionary::getLine`, `Dictionary::computeSubwords` and `Model::computeHidden`. What it
leaves out: what becomes of the sums (`fasttext_labels`), and where the numbers come from (`fasttext`).
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.utf8 import Bytes, Whole

Floats: TypeAlias = NDArray[np.float32]

_LABEL_BYTES = np.frombuffer(b"__label__", np.uint8)  # a word that begins so is no word of the text
END = np.frombuffer(b"</s>", np.uint8)  # the end of a line, a word of its own
_END_HASH = np.uint32(3617362777)  # what `_hash` makes of it

_START, _FACTOR = np.uint32(2166136261), np.uint32(16777619)  # FNV-1a, 32 bits
_START_64, _FACTOR_64 = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a, 64 bits
_WORD_NGRAM_FACTOR = np.uint64(116049371)


class Weights(NamedTuple):
    """What the loops look up."""

    inputs: Floats
    # Of a pruned model a bit a bucket, 1 for those with a vector, whose rows are in the order of the buckets; and for
    # every 64 buckets how many come before. Two small tables instead of a row a bucket: they stay in the cache.
    kept_bits: NDArray[np.uint64]
    kept_before: NDArray[np.uint32]
    data: Bytes  # the file, for the spelling of words
    words: NDArray[np.int64]
    table: NDArray[np.int32]  # by hash: a word's number; -1: free
    bucket: np.uint32
    minn: int
    maxn: int
    word_ngrams: int


class Kept(NamedTuple):
    """Sums of frequent words, by hash; the latest word of a hash stays."""

    keys: NDArray[np.uint64]
    counts: NDArray[np.int32]
    sums: Floats


@inlined
def _step(value: Whole, byte: Whole) -> Whole:
    """A byte into a hash, by FNV-1a as fastText does it: bytes are signed, so one above 127 changes all its bits."""
    return np.uint32((value ^ np.uint32(np.int8(byte))) * _FACTOR)


@inlined
def _hash(data: Bytes, start: Whole, end: Whole) -> Whole:
    value = _START
    for place in range(start, end):
        value = _step(value, data[place])
    return value


@compiled
def fill(data: Bytes, words: NDArray[np.int64], table: NDArray[np.int32]) -> None:
    """Enters the words into the table, which is all -1 and at least twice as long, a power of two."""
    mask = table.size - 1
    for word in range(len(words)):
        place = np.int64(_hash(data, words[word, 0], words[word, 1])) & mask
        while table[place] >= 0:
            place = (place + 1) & mask
        table[place] = word


@inlined
def word_number(
    word: Bytes, start: Whole, end: Whole, data: Bytes, words: NDArray[np.int64], table: NDArray[np.int32]
) -> Whole:
    """Which word of the model this is; -1: none."""
    mask = table.size - 1
    place = np.int64(_hash(word, start, end)) & mask
    while table[place] >= 0:
        found = table[place]
        first = words[found, 0]
        if words[found, 1] - first == end - start:
            same = True
            for offset in range(end - start):
                if data[first + offset] != word[start + offset]:
                    same = False
                    break
            if same:
                return np.int64(found)
        place = (place + 1) & mask
    return np.int64(-1)


@inlined
def _row(bucket: Whole, kept_bits: NDArray[np.uint64], kept_before: NDArray[np.uint32]) -> Whole:
    """The row of an n-gram behind the words'; -1: it was pruned."""
    if kept_bits.size == 0:
        return np.int64(bucket)
    block = np.uint64(bucket) >> np.uint64(6)
    bits, bit = kept_bits[block], np.uint64(1) << (np.uint64(bucket) & np.uint64(63))
    if not bits & bit:
        return np.int64(-1)
    return np.int64(kept_before[block]) + _ones(bits & (bit - np.uint64(1)))


@inlined
def _ones(bits: np.uint64) -> np.int64:
    """How many bits are set (Warren, Hacker's Delight, section 5-1)."""
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))


@inlined
def _add_ngrams(
    bracketed: Bytes,
    size: Whole,
    inputs: Floats,
    first_row: Whole,
    kept_bits: NDArray[np.uint64],
    kept_before: NDArray[np.uint32],
    bucket: Whole,
    minn: Whole,
    maxn: Whole,
    total: Floats,
) -> Whole:
    """Adds the vectors of the character n-grams of "<word>", which is given with its `size`; returns how many."""
    added = 0
    for first in range(size if maxn else 0):
        if bracketed[first] & 0xC0 == 0x80:
            continue  # inside a character
        value, place = _START, first
        for length in range(1, maxn + 1):
            if place == size:
                break
            value = _step(value, bracketed[place])
            place += 1
            while place < size and bracketed[place] & 0xC0 == 0x80:
                value = _step(value, bracketed[place])
                place += 1
            if length < minn or (length == 1 and (first == 0 or place == size)):
                continue  # too short, or a bracket alone
            row = _row(value % bucket, kept_bits, kept_before)
            if row >= 0:
                added += 1
                for column in range(total.size):
                    total[column] += inputs[first_row + row, column]
    return added


@compiled
def sum_lines(data: Bytes, weights: Weights, kept: Kept, sums: Floats, counts: NDArray[np.int64]) -> None:
    """Adds up every line; a line also ends in the word "</s>", as in the library."""
    # Taken out of their tuples once: that is dear in Numba.
    inputs, kept_bits, kept_before, spelling, words, table, bucket, minn, maxn, word_ngrams = weights
    keys, kept_counts, kept_sums = kept
    slots, first_row = np.uint64(keys.size - 1), len(words)
    chains = np.zeros(word_ngrams - 1, np.uint64)
    one = np.zeros(sums.shape[1], np.float32)
    word = np.empty(data.size + 2, np.uint8)  # "<word>"
    word[0] = 60
    size, place, line, seen, closed = data.size, 0, 0, 0, False
    while line < len(counts):
        byte = data[place] if place < size else np.uint8(10)
        if _is_space(byte) and byte != 10:
            place += 1
            continue
        length, value, key = 0, _START, _START_64
        while byte != 10 and not _is_space(byte):
            value = _step(value, byte)
            key = (key ^ np.uint64(byte)) * _FACTOR_64
            length += 1
            word[length] = byte
            place += 1
            byte = data[place] if place < size else np.uint8(10)
        ends = length == 0 or (value == _END_HASH and _begins(word, length, END))
        if length == 0:
            place += 1
            value = _END_HASH
        if not closed and not _begins(word, length, _LABEL_BYTES):
            if not ends:
                key |= np.uint64(1)  # 0 marks a free slot
                slot = (key >> np.uint64(32)) & slots
                if keys[slot] != key:
                    one[:] = 0.0
                    word[length + 1] = 62
                    added = _add_ngrams(
                        word, length + 2, inputs, first_row, kept_bits, kept_before, bucket, minn, maxn, one
                    )
                    number = word_number(word, 1, length + 1, spelling, words, table)
                    if number >= 0:
                        added += 1
                        for column in range(one.size):
                            one[column] += inputs[number, column]
                    keys[slot], kept_counts[slot] = key, added
                    kept_sums[slot] = one
                for column in range(one.size):
                    sums[line, column] += kept_sums[slot, column]
                counts[line] += kept_counts[slot]
            # n-grams of words: those that end with this one
            signed = np.uint64(np.int64(np.int32(value)))
            for chain in range(min(seen, chains.size)):
                chains[chain] = chains[chain] * _WORD_NGRAM_FACTOR + signed
                row = _row(chains[chain] % np.uint64(bucket), kept_bits, kept_before)
                if row >= 0:
                    counts[line] += 1
                    for column in range(one.size):
                        sums[line, column] += inputs[first_row + row, column]
            if chains.size:
                chains[seen % chains.size] = signed
            seen += 1
            closed = ends
        if length == 0:
            line += 1
            seen, closed = 0, False


@inlined
def _is_space(byte: Whole) -> Whole:
    return byte == 32 or 9 <= byte <= 13 or byte == 0


@inlined
def _begins(bracketed: Bytes, length: Whole, text: Bytes) -> Whole:
    """Whether a word, which begins at 1 and is so long, begins with a text."""
    if length < text.size:
        return False
    for offset in range(text.size):  # noqa: SIM110 - Numba has no generators
        if bracketed[1 + offset] != text[offset]:
            return False
    return True
