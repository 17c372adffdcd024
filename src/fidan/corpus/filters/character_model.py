"""A small model of good text that tells how well it predicts another text, in bits a character.

What is predicted is not the text as written but its folded form: Turkish lower case, every digit a 0, every run of
white space one space. A headline in capitals, a price list of other prices and a text wrapped at another width are
no worse Turkish for it. Characters are those of the Latin alphabets and the signs of Western print; any other is
"other", and which one it is costs log2 of how many there are, some 20 bits.

The model interpolates n-grams of all lengths by modified Kneser-Ney smoothing (Chen and Goodman 1998, TR-10-98):

    p(c | h) = (count(h c) - D) / N + (sum of D over all c) / N * p(c | h')      h' is h without its first character

where N is the sum of the counts of h c over c, D is 0.6, 1.05 or 1.45 for a count of 1, 2 or more, and the count of
all but the longest n-grams is that of the different characters before them. It ends at the alphabet, of which each
symbol is as likely. The discounts are constants, so that no reference is too small to estimate them: those estimated
on news, forum, parliament and law were 0.45 to 0.68, 0.93 to 1.13 and 1.38 to 1.80 at every length. (The rule of
Witten and Bell, which needs none, was 0.06 bits worse on text like the reference and 0.7 bits worse on other text.)
The model is kept as KenLM keeps its own (Heafield 2011): for every n-gram that was seen its cost, and what is added
when it is a context that a character never followed; so nine characters in ten take one look into one table.

What it leaves out: what is made of the figure (`fidan.corpus.filters.perplexity`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus import characters
from fidan.corpus.filters.words import Hashes
from fidan.corpus.tables import (
    Table,
    build_table,
    entries,
    has_room,
    load_table,
    new_table,
    place,
    save_table,
)
from fidan.corpus.utf8 import Whole
from fidan.errors import SourceError

MAX_NGRAMS = 4_000_000
"""Different n-grams of the full length at which reading of the reference ends. It bounds the memory."""

DISCOUNTS = np.array([0.0, 0.6, 1.05, 1.45])
"""Taken from a count of 0, 1, 2 and more, and shared out by the shorter context."""

_KIND = "character model"
_PIECE = 1 << 16  # characters that are counted at a time
_SYMBOL_BITS = np.uint64(8)
_ALL_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)

Symbols = NDArray[np.uint8]


@cache
def alphabet() -> tuple[Symbols, int]:
    """The symbol of every character, and how many symbols there are.

    Returns:
        (characters.SIZE,), from 1 on; 1 is white space, the last symbol is any other character. And their number.
    """
    folded, kinds = characters.forms(), characters.kinds()
    signs = map(ord, "əƏ–—‘’“”„…•′″‹›€₺™−")
    known = [code for code in (*range(0x21, 0x7F), *range(0xA1, 0x180), *signs) if kinds[code] != characters.SPACE]
    form = np.where(kinds == characters.DECIMAL, ord("0"), folded)
    order = sorted({int(form[code]) for code in known})
    symbol = np.full(characters.SIZE, len(order) + 2, dtype=np.uint8)
    for number, code in enumerate(order, start=2):
        symbol[form == code] = number
    symbol[kinds == characters.SPACE] = 1
    return symbol, len(order) + 2


@cache
def which_other() -> float:
    """Bits that say which character outside the alphabet one is, all being alike."""
    symbols, size = alphabet()
    return float(np.log2(0x110000 - np.count_nonzero(symbols != size)))


@dataclass(frozen=True)
class NGramModel:
    """Costs of n-grams of characters.

    An n-gram of up to eight symbols is itself the 64-bit key, the last one in the lowest byte, so none is taken for
    another. A value is two 32-bit floats in bits: the n-gram's cost, and what is added when it is a context that does
    not have the character. Memory: 27 bytes an n-gram of any length.

    Attributes:
        order: longest n-gram, in characters.
        characters: of the reference that were read.
        table: see `fidan.corpus.tables`.
    """

    order: int
    characters: int
    table: Table

    def bits_per_character(self, text: str) -> float:
        """The mean cost of a character of the folded text; NaN for a text with none but white space."""
        symbols, size = alphabet()
        state, costs = _beginning(self.order), self.table.view(np.float32)
        return float(_score(_codes(text), symbols, size, which_other(), state, self.order, self.table, costs))

    def save(self, path: Path) -> None:
        """Write the model to a file (.npy), whole or not at all."""
        save_table(path, _KIND, {"order": self.order, "characters": self.characters}, self.table)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The model in a file, mapped into memory: processes of one machine share it.

        Raises:
            ArtifactMismatch: the file is missing, damaged or not a model.
        """
        about, table = load_table(path, _KIND)
        return cls(about["order"], about["characters"], table)


def train(texts: Iterable[str], order: int, max_ngrams: int = MAX_NGRAMS) -> NGramModel:
    """Learn from good text. The same texts give the same model, byte for byte.

    Args:
        texts: cleaned as the documents are that it will score. Reading ends when the model is full.
        order: characters of an n-gram, 2 to 8.
        max_ngrams: of the full length, at which it is full. While it learns it takes about 200 bytes for each.

    Raises:
        SourceError: there is no text.
    """
    symbols, size = alphabet()
    counts, used, read = new_table(4 * _PIECE), 0, 0
    for text in texts:
        codes, state = _codes(text), _beginning(order)
        for start in range(0, len(codes), _PIECE):
            if not has_room(counts, used + _PIECE):
                counts = build_table(*entries(counts), room=2 * (used + _PIECE))
            state, added, seen = _count(codes[start : start + _PIECE], symbols, size, state, order, counts)
            state = np.uint64(state)  # it comes back as an int, which a compiled loop would take to have a sign
            used, read = used + added, read + seen
            if used >= max_ngrams:
                break
        if used >= max_ngrams:
            break
    if not read:
        raise SourceError("The reference of corpus.perplexity has no text to learn from. Name another one.")
    longest, times = entries(counts)
    ngrams, costs = _estimate(longest, times, order, size)
    # What is asked for most is put in first, so that it lies where the search begins: a fifth faster.
    shorter = len(ngrams) - len(longest)
    first = np.concatenate([shorter + np.argsort(-times.astype(np.int64), kind="stable"), np.arange(shorter)])
    return NGramModel(order, read, build_table(ngrams[first], costs.view(np.uint64).ravel()[first]))


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _beginning(order: int) -> np.uint64:
    """The context of a text's first character: spaces, which never stand together within one."""
    return np.uint64(int.from_bytes(b"\1" * (order - 1)))


def _estimate(keys: Hashes, counts: Hashes, order: int, size: int) -> tuple[Hashes, NDArray[np.float32]]:
    """Counts of the longest n-grams to the costs of all.

    Returns:
        The n-grams, (n,), the longest at the end as they came, and their two costs in bits, (n, 2).
    """
    levels = [(keys, counts.astype(np.int64))]
    for length in range(order - 1, 0, -1):
        levels.append(_shorter(*levels[-1], length))
    symbols, counted = levels.pop()
    grams = np.arange(1, size + 1, dtype=np.uint64)  # the alphabet is whole, so that every character has a cost
    found = np.zeros(size)
    found[symbols.astype(np.int64) - 1] = counted
    different = np.count_nonzero(found)
    likely = (found + different / size) / (found.sum() + different)
    all_grams, all_costs = [], []
    for length in range(2, order + 1):
        longer, counted = levels.pop()
        contexts, first, sizes = np.unique(longer >> _SYMBOL_BITS, return_index=True, return_counts=True)
        discounts = DISCOUNTS[np.minimum(counted, 3)]
        kept, total = np.add.reduceat(discounts, first), np.add.reduceat(counted, first)
        backoff = np.zeros(len(grams))  # nothing is added for what never was a context
        backoff[np.searchsorted(grams, contexts)] = np.log2(total / kept)
        all_grams.append(grams)
        all_costs.append(np.stack([-np.log2(likely), backoff], axis=1))
        lower = likely[np.searchsorted(grams, longer & _mask(length - 1))]
        likely = (counted - discounts + np.repeat(kept, sizes) * lower) / np.repeat(total, sizes)
        grams = longer
    all_grams.append(grams)
    all_costs.append(np.stack([-np.log2(likely), np.zeros(len(grams))], axis=1))
    return np.concatenate(all_grams), np.concatenate(all_costs).astype(np.float32)


def _shorter(keys: Hashes, counts: NDArray[np.int64], length: int) -> tuple[Hashes, NDArray[np.int64]]:
    """The n-grams of one character less, with the number of different characters before each.

    A context is among them even where it ends no n-gram, which only the spaces before a text do: nothing is counted.
    """
    suffixes, contexts = keys & _mask(length), np.unique(keys >> _SYMBOL_BITS)
    shorter = np.union1d(suffixes, contexts)
    before = np.bincount(np.searchsorted(shorter, suffixes), weights=counts > 0, minlength=len(shorter))
    return shorter, before.astype(np.int64)


@inlined
def _mask(length: Whole) -> np.uint64:
    """The bits of the last so many symbols, at least one."""
    return _ALL_BITS >> (np.uint64(64) - _SYMBOL_BITS * np.uint64(length))


@compiled
def _count(
    codes: NDArray[np.uint32], symbols: Symbols, size: int, state: np.uint64, order: int, counts: Table
) -> tuple[np.uint64, int, int]:
    """Count the n-grams of a piece of text; the state after it, how many were new, and its folded characters."""
    added = seen = 0
    for code in codes:
        symbol = np.uint64(symbols[code] if code < symbols.size else size)
        if symbol == 1 and state & np.uint64(0xFF) == 1:
            continue
        state = (state << _SYMBOL_BITS | symbol) & _mask(order)
        at = place(counts, state)
        added += counts[at] == 0
        counts[at] = state
        counts[at + 1] += np.uint64(1)
        seen += 1
    return state, added, seen


@compiled
def _score(
    codes: NDArray[np.uint32],
    symbols: Symbols,
    size: int,
    which: float,
    state: np.uint64,
    order: int,
    table: Table,
    costs: NDArray[np.float32],
) -> float:
    """Bits a character. `costs` is the same memory as `table`: the two of a place follow its key."""
    known, seen, bits = order - 1, 0, 0.0
    for code in codes:
        symbol = np.uint64(symbols[code] if code < symbols.size else size)
        if symbol == 1 and state & np.uint64(0xFF) == 1:
            continue
        seen += 1
        if symbol == size:
            bits += which
        state = state << _SYMBOL_BITS | symbol
        # Where the text so far has no n-gram of a length, no longer one can be there with this character.
        length = min(known + 1, order)
        key = state & _mask(length)
        at = place(table, key)
        while table[at] != key:
            length -= 1  # a single character is always there
            context = (state >> _SYMBOL_BITS) & _mask(length)
            at = place(table, context)
            if table[at] == context:
                bits += costs[2 * at + 3]
            key = state & _mask(length)
            at = place(table, key)
        bits += costs[2 * at + 2]
        known = length
    return bits / seen if seen else np.nan
