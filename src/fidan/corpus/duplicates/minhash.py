"""MinHash signatures: a few hundred bytes that tell how much of two documents is the same.

A document is the set of its shingles, the runs of `ngram` consecutive words. Two documents have the Jaccard
similarity J = shared shingles / shingles of either. Put the shingles into a random order, and the first of all comes
from a shared one with probability J (Broder 1997); so the share of many orders in which two documents agree estimates
J, with a standard error of sqrt(J (1 - J) / orders): 0.038 at J = 0.8 with 112 orders.

Which documents to compare at all is found by bands (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4):
the minima of `rows` orders make one key, and documents meet where one of `bands` keys is the same, which happens with
probability 1 - (1 - J^rows)^bands. That curve is too flat by itself to join nearly all pairs at J >= 0.8 and nearly
none at J <= 0.5, so those who meet are confirmed: the similarity estimated from all orders must reach a threshold.
`join_probability` has both; for some settings, and the threshold of 0.7 where one is given:

    bands x rows      J = 0.4    0.5     0.6     0.7     0.75    0.8     0.85    0.9     mean over 0.8 … 1
    14 x 8            0.009    0.053   0.211   0.565   0.772   0.924   0.988   1.000   0.989
    14 x 8, 0.7       0.000    0.00001 0.009   0.357   0.717   0.921   0.988   1.000   0.989
    16 x 7            0.026    0.118   0.365   0.747   0.899   0.977   0.998   1.000   0.997
    16 x 7, 0.7       0.000    0.00001 0.011   0.437   0.820   0.973   0.998   1.000   0.997
    20 x 7, 0.7       0.000    0.000   0.008   0.496   0.887   0.990   1.000   1.000   0.999

Numbers a document, with the default of 14 x 8: 112 minima of 4 bytes (the signature, which need not be kept), 14 keys
of 8 bytes (112 bytes) and 112 checks of 1 byte, a digest of each minimum, which confirm as well as the minima do:
unequal minima have equal checks once in 256 times, and the estimate allows for that.

What it leaves out: splitting text into words (`fidan.corpus.filters.words`), and who is near whom (`clusters`).
"""

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined, mix
from fidan.corpus.config import NearDuplicatesConfig

Words: TypeAlias = NDArray[np.uint64]
Signatures: TypeAlias = NDArray[np.uint32]
Keys: TypeAlias = NDArray[np.uint64]
Checks: TypeAlias = NDArray[np.uint8]

NO_KEY = 0  # the key of a document without words, in every band; no other document has it
_NOTHING = np.uint32(0xFFFFFFFF)  # the minimum of no shingles
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, the step of SplitMix64
_FACTOR = np.uint64(0xD6E8FEB86659FD93)  # odd, and otherwise any number of mixed bits


class MinHash:
    """The hashes of one setting. They are the same on every machine and in every run.

    Args:
        config: how many bands and rows, and words of a shingle.

    Attributes:
        size: minima of a signature, bands * rows.
    """

    def __init__(self, config: NearDuplicatesConfig) -> None:
        self.bands, self.rows, self.ngram = config.bands, config.rows, config.ngram
        self.size = config.bands * config.rows
        draws = _draws(self.size)
        # x -> a x + b modulo 2^32 with odd a is a permutation of the 32-bit numbers.
        self._factors = (draws >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
        self._offsets = draws.astype(np.uint32)

    def sign(self, word_hashes: Words) -> Signatures:
        """The signature of a document.

        Args:
            word_hashes: (words,), a 64-bit hash of each word, in order.

        Returns:
            (size,): the minimum of each permutation over the document's shingles. Fewer words than `ngram` are one
            shingle. Without any word every minimum is 2^32 - 1, which means: near to nothing.
        """
        signature = np.empty(self.size, np.uint32)
        _sign(word_hashes, self.ngram, self._factors, self._offsets, signature)
        return signature

    def keys(self, signatures: Signatures) -> Keys:
        """The band keys of documents.

        Args:
            signatures: (documents, size).

        Returns:
            (bands, documents), so that a band lies in one piece of a file. A document without words has `NO_KEY` in
            every band.

        Raises:
            ValueError: the signatures are of another setting.
        """
        if signatures.ndim != 2 or signatures.shape[1] != self.size:
            raise ValueError(f"signatures of shape {signatures.shape}: it must be (documents, {self.size}).")
        keys = np.empty((self.bands, len(signatures)), np.uint64)
        _key(np.ascontiguousarray(signatures).reshape(-1, self.bands, self.rows), keys)
        return keys


def checks(signatures: Signatures) -> Checks:
    """A byte for each minimum, by which pairs are confirmed; of the same shape as the signatures."""
    # The last bits of a minimum depend on the last bits of a shingle's hash alone, the same ones in every
    # permutation; the product's first bits depend on all of them.
    digest: Checks = ((signatures * np.uint32(0x9E3779B1)) >> np.uint32(24)).astype(np.uint8)
    return digest


def similarity(first: NDArray[Any], second: NDArray[Any]) -> float:
    """The Jaccard similarity of two documents, estimated from their signatures, or from their checks.

    Unequal minima look equal with the probability c = 2^-bits, so a share e of equal places means (e - c) / (1 - c);
    it is a little below 0 where next to nothing is equal.

    Args:
        first: (size,), of uint32 or uint8.
        second: the same of another document.
    """
    chance = _chance(first.dtype)
    return float((np.mean(first == second) - chance) / (1.0 - chance))


def least_equal(threshold: float, size: int, kind: np.dtype[Any]) -> int:
    """How many places must be equal for `similarity` to reach a threshold.

    Args:
        threshold: of the similarity; 0 is reached by any two documents.
        size: places of a signature.
        kind: of what is compared, signatures or checks.
    """
    if not threshold:
        return 0
    chance = _chance(kind)
    return math.ceil((threshold * (1.0 - chance) + chance) * size - 1e-6)  # 0.7 * 10 is a little above 7


def join_probability(jaccard: float, bands: int, rows: int, threshold: float = 0.0) -> float:
    """How probably a pair of documents meets in a band, and is confirmed.

    Args:
        jaccard: the true similarity of the pair.
        bands: as in `NearDuplicatesConfig`.
        rows: as in `NearDuplicatesConfig`.
        threshold: least share of equal minima; with 0 this is 1 - (1 - jaccard^rows)^bands.
    """
    equal = np.arange(rows + 1)
    ways = np.array([math.comb(rows, count) for count in equal])
    band = ways * jaccard**equal * (1.0 - jaccard) ** (rows - equal)  # how probable each count of equal rows is
    short = np.where(equal == rows, 0.0, band)  # and that it does not make a key
    all_counts, unmet = np.ones(1), np.ones(1)
    for _ in range(bands):
        all_counts, unmet = np.convolve(all_counts, band), np.convolve(unmet, short)
    return float((all_counts - unmet)[math.ceil(threshold * bands * rows - 1e-6) :].sum())


def _chance(kind: np.dtype[Any]) -> float:
    return float(2.0 ** (-8 * kind.itemsize))


@compiled
def _draws(count: int) -> NDArray[np.uint64]:
    """Random 64-bit numbers: SplitMix64 from a fixed seed, which no version of a library can change."""
    draws = np.empty(count, np.uint64)
    for number in range(count):
        draws[number] = mix(np.uint64(number + 1) * _GOLDEN)
    return draws


@compiled
def _sign(
    words: Words, ngram: int, factors: NDArray[np.uint32], offsets: NDArray[np.uint32], minima: Signatures
) -> None:
    shingles = _shingles(words, ngram)
    for order in range(minima.size):
        factor, offset, least = factors[order], offsets[order], _NOTHING
        for place in range(shingles.size):  # as every value is cast to 32 bits, AVX2 does eight at once
            least = min(least, np.uint32(factor * shingles[place] + offset))
        minima[order] = least


@inlined
def _shingles(words: Words, ngram: int) -> NDArray[np.uint32]:
    """A 32-bit hash of each run of words: of the polynomial sum of their hashes, so that their order matters."""
    if words.size == 0:
        return np.empty(0, np.uint32)
    length = min(ngram, words.size)
    shingles = np.empty(words.size - length + 1, np.uint32)
    total, power = np.uint64(0), np.uint64(1)
    for place in range(length):
        total = total * _FACTOR + words[place]
        power *= _FACTOR
    shingles[0] = np.uint32(mix(total) >> np.uint64(32))
    for place in range(1, shingles.size):
        total = total * _FACTOR + words[place + length - 1] - power * words[place - 1]
        shingles[place] = np.uint32(mix(total) >> np.uint64(32))
    return shingles


@compiled
def _key(signatures: NDArray[np.uint32], keys: Keys) -> None:
    """Keys (bands, documents) of signatures (documents, bands, rows)."""
    documents, bands, rows = signatures.shape
    for document in range(documents):
        has_words = False
        for band in range(bands):
            total = np.uint64(0)
            for row in range(rows):
                minimum = signatures[document, band, row]
                has_words |= minimum != _NOTHING
                total = mix(total + np.uint64(minimum) + _GOLDEN)
            keys[band, document] = max(total, np.uint64(1))  # 0 is for those without words
        if not has_words:
            keys[:, document] = np.uint64(NO_KEY)
