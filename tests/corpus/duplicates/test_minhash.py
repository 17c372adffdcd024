"""Signatures estimate the similarity that documents have; bands meet as their formula says."""

import copy
import math
import pickle

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fidan.corpus.config import NearDuplicatesConfig
from fidan.corpus.duplicates.minhash import (
    NO_KEY,
    MinHash,
    checks,
    join_probability,
    least_equal,
    similarity,
)

DEFAULT = MinHash(NearDuplicatesConfig())
BYTE = np.dtype(np.uint8)


def hashes(text: str) -> NDArray[np.uint64]:
    return np.array([xxhash.xxh3_64_intdigest(word.encode()) for word in text.split()], dtype=np.uint64)


def shingles(text: str, ngram: int = 5) -> set[tuple[str, ...]]:
    words = text.split()
    return (
        {tuple(words[start : start + ngram]) for start in range(max(1, len(words) - ngram + 1))} if words else set()
    )


def sets_of(jaccard: float, size: int, pairs: int, seed: int) -> tuple[list[NDArray[np.uint64]], float]:
    """Pairs of sets of random hashes, one after the other, and the similarity they have exactly."""
    shared = round(2 * size * jaccard / (1 + jaccard))
    drawn = np.random.default_rng(seed).integers(0, 2**64, (pairs, 2 * size - shared), dtype=np.uint64)
    both = [half for row in drawn for half in (row[:size], row[size - shared :])]
    return both, shared / (2 * size - shared)


def test_a_signature_is_the_same_on_every_machine() -> None:
    signature = DEFAULT.sign(hashes("bir varmış bir yokmuş evvel zaman içinde"))
    assert signature[:4].tolist() == [93756279, 191068725, 847133207, 55496423]
    assert DEFAULT.keys(signature[None])[:2, 0].tolist() == [3795856091188857379, 4769419886308301421]
    assert checks(signature)[:4].tolist() == [229, 219, 63, 142]


@pytest.mark.parametrize("ngram", [1, 2, 5])
def test_minima_are_over_the_set_of_shingles(ngram: int) -> None:
    """Against a plain loop: as many equal minima as documents of the same shingles have, and no more."""
    minhash = MinHash(NearDuplicatesConfig(ngram=ngram))
    text = "a b c d e f g h a b c d e f g h a b c d"
    same, swapped = "c d e f g h a b c d e f g h a b c d e f g h", "b a d c f e h g"
    assert shingles(text, ngram) == shingles(same, ngram)
    assert np.array_equal(minhash.sign(hashes(text)), minhash.sign(hashes(same)))
    disjoint = not shingles(text, ngram) & shingles(swapped, ngram)
    assert disjoint == (ngram > 1)
    assert np.any(minhash.sign(hashes(text)) == minhash.sign(hashes(swapped))) == (not disjoint)


def test_fewer_words_than_a_shingle_are_one() -> None:
    short, longer = DEFAULT.sign(hashes("iki kelime")), DEFAULT.sign(hashes("iki kelime daha"))
    assert similarity(short, DEFAULT.sign(hashes("iki kelime"))) == 1.0
    assert similarity(short, longer) == pytest.approx(0.0, abs=1e-6)
    assert similarity(short, DEFAULT.sign(hashes("kelime iki"))) == pytest.approx(0.0, abs=1e-6)


def test_documents_without_words_are_marked() -> None:
    signatures = np.stack([DEFAULT.sign(hashes(text)) for text in ("", "bir", "")])
    keys = DEFAULT.keys(signatures)
    assert keys.shape == (14, 3)
    assert np.all(keys[:, [0, 2]] == NO_KEY)
    assert not np.any(keys[:, 1] == NO_KEY)
    assert DEFAULT.keys(np.empty((0, 112), np.uint32)).shape == (14, 0)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 8), st.integers(0, 3))
def test_equal_documents_have_equal_keys(words: list[int], ngram: int, repeats: int) -> None:
    """Also where the hashes lie in memory otherwise, and where parts of the document stand in it twice."""
    minhash = MinHash(NearDuplicatesConfig(bands=3, rows=2, ngram=ngram))
    one = np.array(words, dtype=np.uint64)
    signature = minhash.sign(one)
    assert np.array_equal(signature, minhash.sign(np.repeat(one, 2)[::2]))
    whole = np.concatenate([one] * (repeats + 2))  # from two copies on, more of them add no new shingle
    if len(words) >= ngram:
        assert np.array_equal(minhash.sign(np.concatenate([one] * 2)), minhash.sign(whole))
    assert np.array_equal(minhash.keys(signature[None]), minhash.keys(minhash.sign(one)[None]))


def test_only_rows_of_a_band_make_its_key() -> None:
    signatures = np.repeat(DEFAULT.sign(hashes("a b c d e f g"))[None], 2, axis=0)
    signatures[1, 8] += 1
    first, second = DEFAULT.keys(signatures).T
    assert np.flatnonzero(first != second).tolist() == [1]
    assert len(set(first.tolist())) == 14


@pytest.mark.parametrize("size", [5, 40, 300])
@pytest.mark.parametrize("jaccard", [0.5, 0.7, 0.8])
def test_bands_meet_as_the_formula_says(jaccard: float, size: int) -> None:
    """Within 3.5 standard errors; permutations that depend on each other would meet too often or too seldom."""
    minhash, pairs = MinHash(NearDuplicatesConfig(ngram=1)), 1500
    sets, exact = sets_of(jaccard, size, pairs, seed=size)
    signatures = np.stack([minhash.sign(one) for one in sets])
    keys = minhash.keys(signatures)
    met = np.any(keys[:, ::2] == keys[:, 1::2], axis=0).mean()
    formula = join_probability(exact, 14, 8)
    assert formula == pytest.approx(1 - (1 - exact**8) ** 14)
    assert abs(met - formula) < 3.5 * math.sqrt(formula * (1 - formula) / pairs)
    for kind in (signatures, checks(signatures)):
        estimates = np.array([similarity(*pair) for pair in zip(kind[::2], kind[1::2], strict=True)])
        variance = exact * (1 - exact) / 112
        assert abs(estimates.mean() - exact) < 3.5 * math.sqrt(variance / pairs)
        assert 0.85 < estimates.var() / variance < 1.15


def test_confirmed_pairs_are_those_of_the_formula() -> None:
    config, pairs = NearDuplicatesConfig(ngram=1), 1500
    minhash = MinHash(config)
    sets, exact = sets_of(0.75, 200, pairs, seed=3)
    signatures = np.stack([minhash.sign(one) for one in sets])
    keys, digests = minhash.keys(signatures), checks(signatures)
    met = np.any(keys[:, ::2] == keys[:, 1::2], axis=0)
    equal = np.sum(digests[::2] == digests[1::2], axis=1) >= least_equal(config.threshold, minhash.size, BYTE)
    formula = join_probability(exact, 14, 8, config.threshold)
    assert abs((met & equal).mean() - formula) < 3.5 * math.sqrt(formula * (1 - formula) / pairs)


@pytest.mark.parametrize("kind", [np.uint8, np.uint32])
@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.7, 0.75, 1.0])
@pytest.mark.parametrize("size", [1, 10, 112])
def test_least_equal_is_where_the_estimate_reaches_the_threshold(kind: type, threshold: float, size: int) -> None:
    zeros = np.zeros(size, kind)
    least = least_equal(threshold, size, zeros.dtype)
    estimates = [similarity(zeros, (np.arange(size) >= equal).astype(kind)) for equal in range(size + 1)]
    assert [estimate >= threshold - 1e-6 for estimate in estimates].index(True) == least


def test_no_threshold_needs_nothing_equal() -> None:
    assert least_equal(0.0, 112, BYTE) == 0


def test_signatures_of_another_setting_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(documents, 112\)"):
        DEFAULT.keys(np.zeros((2, 111), np.uint32))


def test_copies_for_other_processes_sign_alike() -> None:
    words = hashes("bir iki üç dört beş altı")
    for other in (copy.deepcopy(DEFAULT), pickle.loads(pickle.dumps(DEFAULT))):
        assert np.array_equal(other.sign(words), DEFAULT.sign(words))
