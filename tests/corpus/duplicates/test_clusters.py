"""Near documents come together, others do not, and only the order of the documents decides how."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fidan.corpus.config import NearDuplicatesConfig
from fidan.corpus.duplicates.clusters import LEADERS, cluster, cluster_sizes, copies, size_table
from fidan.corpus.duplicates.minhash import MinHash, checks

MEMORY = 1 << 20
CONFIG = NearDuplicatesConfig()


def pair(generator: np.random.Generator, jaccard: float) -> tuple[NDArray[np.uint64], NDArray[np.uint64], float]:
    """A document, another that has a run of other words in its midst, and the similarity they have exactly."""
    words = int(generator.integers(100, 500))
    one = generator.integers(1, 2**64, words, dtype=np.uint64)
    all_shingles = words - 4
    lost = round(all_shingles * (1 - jaccard) / (1 + jaccard))
    other = one.copy()
    if lost > 4:  # a run of r words stands in r + 4 shingles
        start = int(generator.integers(4, words - lost))
        other[start : start + lost - 4] += np.uint64(1)
    else:
        other[:lost] += np.uint64(1)
    return one, other, (all_shingles - lost) / (all_shingles + lost)


def joined(config: NearDuplicatesConfig, low: float, high: float, pairs: int, seed: int) -> NDArray[np.float64]:
    """Pairs of a similarity between `low` and `high`, in one corpus; (pairs, 2): that, and if they are joined."""
    generator = np.random.default_rng(seed)
    drawn = [pair(generator, jaccard) for jaccard in generator.uniform(low, high, pairs)]
    minhash = MinHash(config)
    signatures = np.stack([minhash.sign(document) for one in drawn for document in one[:2]])
    roots = cluster([minhash.keys(signatures)], [checks(signatures)], config.threshold, MEMORY)
    assert np.all(roots[::2] == np.arange(0, 2 * pairs, 2)), "the first of a pair is near to none before it"
    return np.column_stack([[exact for _, _, exact in drawn], roots[::2] == roots[1::2]])


def test_nearly_all_near_documents_are_found() -> None:
    """0.989 by the formula: 2,000 pairs have a standard error of 0.0023."""
    found = joined(CONFIG, 0.8, 1.0, 2000, seed=1)
    found = found[found[:, 0] >= 0.8]
    assert found[:, 1].mean() > 0.98
    assert found[found[:, 0] > 0.9, 1].mean() > 0.997


def test_hardly_any_others_are_joined() -> None:
    """1 in 100,000 by the formula at 0.5, where bands alone would join 1 in 20."""
    assert joined(CONFIG, 0.3, 0.5, 3000, seed=2)[:, 1].sum() == 0
    assert joined(NearDuplicatesConfig(threshold=0.0), 0.48, 0.5, 1000, seed=2)[:, 1].sum() > 20


def corpus(seed: int, documents: int = 300) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Keys and checks of documents that are drawn from few parts, so that there are groups of all kinds."""
    generator = np.random.default_rng(seed)
    parts = generator.integers(1, 2**64, (12, 30), dtype=np.uint64)
    minhash = MinHash(NearDuplicatesConfig(bands=6, rows=2))
    texts = [parts[np.sort(generator.choice(12, 6, replace=False))].reshape(-1) for _ in range(documents)]
    texts[7] = texts[70] = parts[0, :0]
    signatures = np.stack([minhash.sign(text) for text in texts])
    return minhash.keys(signatures), checks(signatures)


def plain(keys: NDArray[np.uint64], digests: NDArray[np.uint8], least: float) -> list[int]:
    """The same rule, written down plainly."""
    roots = list(range(keys.shape[1]))

    def find(document: int) -> int:
        return document if roots[document] == document else find(roots[document])

    for band in keys:
        for key in sorted(set(band.tolist()) - {0}):
            leaders: list[int] = []
            for member in np.flatnonzero(band == key).tolist():
                for leader in leaders:
                    if find(leader) == find(member) or np.sum(digests[leader] == digests[member]) >= least:
                        first, second = sorted((find(leader), find(member)))
                        roots[second] = first
                        break
                else:
                    leaders = [*leaders, member][:LEADERS]
    return [find(document) for document in range(len(roots))]


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.6, 0.8])
def test_clusters_are_those_of_the_plain_rule(threshold: float) -> None:
    keys, digests = corpus(seed=4)
    least = (threshold * 255 / 256 + 1 / 256) * 12 if threshold else 0
    expected = plain(keys, digests, least)
    assert cluster([keys], [digests], threshold, MEMORY).tolist() == expected
    assert 1 < len(set(expected)) < 300
    assert (expected[7], expected[70]) == (7, 70)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 3),
    st.lists(st.integers(0, 300), max_size=5),
    st.sampled_from([0.0, 0.4, 0.7]),
    st.integers(1, 40_000),
)
def test_neither_shards_nor_memory_change_a_cluster(
    seed: int, cuts: list[int], threshold: float, memory: int
) -> None:
    """A budget of a byte has every group in a partition of its own and every document in a piece of its own."""
    keys, digests = corpus(seed)
    places = sorted(cuts)
    parts = np.split(keys, places, axis=1), np.split(digests, places)
    expected = cluster([keys], [digests], threshold, MEMORY)
    assert np.array_equal(cluster(*parts, threshold, memory), expected)


def test_files_are_mapped(tmp_path: Path) -> None:
    keys, digests = corpus(seed=5)
    mapped = []
    for name, part in (("keys", keys), ("checks", digests)):
        np.save(tmp_path / f"{name}.npy", part)
        mapped.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
    assert np.array_equal(cluster(mapped[:1], mapped[1:], 0.4, 1000), cluster([keys], [digests], 0.4, MEMORY))


def test_joins_are_transitive_and_the_first_document_is_the_root() -> None:
    """a and c share no band, but b shares one with each; d shares b's key in a band, and is unlike it."""
    keys = np.array([[1, 1, 2, 1], [3, 4, 4, 5]], dtype=np.uint64)
    digests = np.zeros((4, 10), np.uint8)
    digests[0, :3], digests[2, 7:], digests[3] = 1, 1, 9
    assert cluster([keys], [digests], 0.6, MEMORY).tolist() == [0, 0, 0, 3]
    assert cluster([keys], [], 0.0, MEMORY).tolist() == [0, 0, 0, 0]


def test_who_is_unlike_the_first_may_be_like_the_next() -> None:
    """And who comes after too many unlike ones is compared with none of them."""
    unlike = np.arange(2 * LEADERS + 2, dtype=np.uint8)
    digests = np.repeat(np.concatenate([unlike, unlike])[:, None], 10, axis=1)
    keys = np.ones((1, len(digests)), np.uint64)
    roots = cluster([keys], [digests], 0.5, MEMORY)
    assert roots[len(unlike) :].tolist() == [
        *range(LEADERS),
        *range(len(unlike) + LEADERS, len(digests)),
    ]


def test_nothing_to_compare() -> None:
    assert cluster([], [], 0.7, MEMORY).tolist() == []
    nothing = np.empty((14, 0), np.uint64), np.empty((0, 112), np.uint8)
    assert cluster([nothing[0]], [nothing[1]], 0.7, MEMORY).tolist() == []
    one = np.ones((14, 1), np.uint64), np.ones((1, 112), np.uint8)
    roots = cluster([nothing[0], one[0], nothing[0], one[0]], [nothing[1], one[1], nothing[1], one[1]], 0.7, MEMORY)
    assert roots.tolist() == [0, 0]
    empty = np.zeros((14, 3), np.uint64), np.ones((3, 112), np.uint8)
    assert cluster([empty[0]], [empty[1]], 0.7, MEMORY).tolist() == [0, 1, 2]


def test_shards_that_do_not_belong_together_are_refused() -> None:
    keys, digests = np.ones((3, 2), np.uint64), np.ones((2, 6), np.uint8)
    with pytest.raises(ValueError, match="bands"):
        cluster([keys, keys[:2]], [digests, digests], 0.5, MEMORY)
    with pytest.raises(ValueError, match="different sizes"):
        cluster([keys, keys], [digests, digests[:, :5]], 0.5, MEMORY)
    with pytest.raises(ValueError, match="different documents"):
        cluster([keys], [digests[:1]], 0.5, MEMORY)
    with pytest.raises(ValueError, match="different documents"):
        cluster([keys, keys], [digests], 0.5, MEMORY)


def test_sizes() -> None:
    roots = np.array([0, 1, 0, 3, 0, 3, 6], dtype=np.int64)
    assert cluster_sizes(roots).tolist() == [3, 1, 3, 2, 3, 2, 1]
    table = size_table(roots)
    assert table == {"1": 2, "2": 1, "3": 1, "4": 0, "5–9": 0, "10–99": 0, "100–999": 0, "1000+": 0}
    assert sum(size_table(np.zeros(1000, np.int64)).values()) == size_table(np.zeros(1000, np.int64))["1000+"] == 1
    assert sum(size_table(np.empty(0, np.int64)).values()) == 0


def test_copies() -> None:
    sizes = np.array([1, 2, 3, 4, 5, 99, 100, 999, 1000, 10**6])
    fineweb = ((1, 1), (2, 2), (3, 3), (5, 5), (100, 8), (1000, 1))
    assert copies(sizes, fineweb).tolist() == [1, 2, 3, 3, 5, 5, 8, 8, 1, 1]
    assert copies(sizes, ()).tolist() == [1] * 10
    assert copies(sizes, ((3, 0),)).tolist() == [1, 1, *[0] * 8]
