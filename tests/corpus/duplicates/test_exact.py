"""Equal documents are found whatever their casing; the first stays; held-out documents win."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan import turkish
from fidan.corpus.duplicates import exact
from fidan.corpus.duplicates.exact import (
    DUPLICATE,
    IN_VALIDATION,
    NEAR_DUPLICATE,
    NEAR_VALIDATION,
    PERPLEXITY,
    TRAIN,
    VALID,
    HeldOut,
)
from fidan.corpus.filters.words import measure

MEMORY = 1_000_000
DRAWN = [0, 89, 100, 122, 157, 175, 182, 226, 231, 246, 250, 296]  # of the numbers below 300, with seed 7, a fiftieth


def fingerprint(text: str) -> bytes:
    return exact.fingerprint(measure(turkish.nfc(text)).token_hashes)


def hashes(*texts: str) -> exact.Hashes:
    return exact.as_hashes(b"".join(map(fingerprint, texts)))


def judge(
    train: exact.Hashes, valid: exact.Hashes, drop: bool = True, near: list[int] | None = None
) -> tuple[list[int], list[int]]:
    """Verdicts on training documents and on those held out by name; `near` has the latter first."""
    clusters = None if near is None else np.array(near, dtype=np.int64)
    verdicts = exact.judge([valid, train], HeldOut(len(valid)), MEMORY, drop, clusters).tolist()
    return verdicts[len(valid) :], verdicts[: len(valid)]


def draw(documents: exact.Hashes, fraction: float, seed: int = 0, drop: bool = True) -> exact.Verdicts:
    return exact.judge(np.array_split(documents, 3), HeldOut(0, fraction, seed), MEMORY, drop)


def drop_near(verdicts: list[int], clusters: list[int], named: int = 0) -> list[int]:
    found = np.array(verdicts, dtype=np.uint8)
    exact.drop_near(found, np.array(clusters, dtype=np.int64), named)
    return found.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul'da IŞIK", "istanbul'da ışık"),
        ("İSTANBUL’DA\nIŞIK", "istanbul'da ışık"),
        ("I\u0307zmir", "izmir"),
        ("kâğıt, îman, lûgat", "KAĞIT, İMAN, LUGAT"),
        ("a  b\tc", "a b c"),
        ("Evet , öyle .", "evet, öyle."),
    ],
)
def test_equal_but_for_casing(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


def test_dotted_and_dotless_are_different_letters() -> None:
    assert fingerprint("kır") != fingerprint("kir")
    assert fingerprint("KIR") != fingerprint("KİR")


@pytest.mark.parametrize(
    ("one", "other"),
    [("ab c", "a bc"), ("a b", "b a"), ("evet.", "evet"), ("evet.", "evet!"), ("3 elma", "4 elma"), ("a", "a a")],
)
def test_other_words_or_signs(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_first_is_kept() -> None:
    train, valid = judge(hashes("a", "b", "A", "c", "b", "a"), hashes())
    assert train == [TRAIN, TRAIN, DUPLICATE, TRAIN, DUPLICATE, DUPLICATE]
    assert valid == []


def test_held_out_documents_win() -> None:
    train, valid = judge(hashes("x", "a", "y", "a", "x"), hashes("a", "b", "A"))
    assert valid == [VALID, VALID, DUPLICATE]
    assert train == [TRAIN, IN_VALIDATION, TRAIN, IN_VALIDATION, DUPLICATE]


def test_duplicates_may_stay_but_not_across_the_split() -> None:
    train, valid = judge(hashes("x", "a", "x"), hashes("a", "a"), drop=False)
    assert train == [TRAIN, IN_VALIDATION, TRAIN]
    assert valid == [VALID, VALID]
    assert draw(hashes("x", "x"), 1e-9, drop=False).tolist() == [TRAIN, TRAIN]


def test_nothing_to_judge() -> None:
    assert judge(hashes(), hashes()) == ([], [])
    assert judge(hashes(), hashes(), near=[]) == ([], [])
    assert exact.judge([], HeldOut(0, 0.5), MEMORY).tolist() == []


def test_named_and_drawn_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="not both"):
        HeldOut(3, 0.1)


def test_halves_of_the_hash_both_count() -> None:
    pairs = np.array([[1, 2], [1, 3], [2, 2], [1, 2]], dtype=np.uint64)
    assert judge(pairs, hashes())[0] == [TRAIN, TRAIN, TRAIN, DUPLICATE]


def test_split_is_by_document_and_seed() -> None:
    texts = [f"belge {n}" for n in range(20_000)]
    first = draw(hashes(*texts), 0.05, seed=1)
    assert 0.04 < (first == VALID).mean() < 0.06
    assert (draw(hashes(*texts[::-1]), 0.05, seed=1)[::-1] == first).all()
    other = draw(hashes(*texts), 0.05, seed=2)
    assert 0.0 < ((first == VALID) & (other == VALID)).mean() < 0.01


def test_the_draw_is_that_of_earlier_versions() -> None:
    """Another corpus from the same recipe would need a higher version of the stage."""
    assert np.flatnonzero(draw(hashes(*map(str, range(300))), 0.02, seed=7) == VALID).tolist() == DRAWN


def test_equal_documents_fall_on_one_side() -> None:
    texts = [f"Belge {n}" for n in range(1000)]
    verdicts = draw(hashes(*texts, *(text.replace("B", "b") for text in texts)), 0.3)
    assert set(verdicts[1000:].tolist()) == {DUPLICATE}
    assert set(verdicts[:1000].tolist()) == {TRAIN, VALID}


@given(st.lists(st.integers(0, 6)), st.lists(st.integers(0, 6)), st.booleans(), st.integers(1, 70))
def test_against_the_plain_way(train: list[int], valid: list[int], drop: bool, rows: int) -> None:
    columns = [hashes(*map(str, valid)), *np.array_split(hashes(*map(str, train)), 3)]
    found = exact.judge(columns, HeldOut(len(valid)), 64 * rows, drop).tolist()
    seen: set[int] = set()
    expected = []
    for item in valid:
        expected.append(DUPLICATE if drop and item in seen else VALID)
        seen.add(item)
    seen = set()
    for item in train:
        fate = DUPLICATE if drop and item in seen else TRAIN
        expected.append(IN_VALIDATION if item in valid else fate)
        seen.add(item)
    assert found == expected


def test_first_of_a_cluster_stays() -> None:
    assert drop_near([TRAIN] * 6, [0, 1, 0, 3, 1, 0]) == [
        TRAIN, TRAIN, NEAR_DUPLICATE, TRAIN, NEAR_DUPLICATE, NEAR_DUPLICATE,
    ]  # fmt: skip


def test_first_that_is_left_stands_for_its_cluster() -> None:
    """A cluster does not go with its first document, when that is dropped for something else."""
    for reason in (DUPLICATE, IN_VALIDATION, PERPLEXITY):
        assert drop_near([reason, TRAIN, TRAIN], [0, 0, 0]) == [reason, TRAIN, NEAR_DUPLICATE]


def test_training_documents_near_a_named_one_are_dropped() -> None:
    verdicts = [VALID, VALID, DUPLICATE, TRAIN, TRAIN, DUPLICATE, TRAIN, IN_VALIDATION]
    assert drop_near(verdicts, [0, 1, 0, 0, 4, 0, 1, 1], named=3) == [
        VALID, VALID, DUPLICATE, NEAR_VALIDATION, TRAIN, DUPLICATE, NEAR_VALIDATION, IN_VALIDATION,
    ]  # fmt: skip


def test_named_documents_are_never_near_duplicates() -> None:
    assert drop_near([VALID, VALID, VALID, TRAIN], [0, 0, 0, 3], named=3) == [VALID, VALID, VALID, TRAIN]


def test_a_cluster_is_never_on_both_sides_of_a_drawn_split() -> None:
    random = np.random.default_rng(0)
    documents = hashes(*map(str, random.integers(0, 3000, 5000)))
    clusters = random.integers(0, 500, 5000)
    found = exact.judge([documents], HeldOut(0, 0.3, seed=1), MEMORY, True, clusters)
    kept = np.flatnonzero(np.isin(found, (TRAIN, VALID)))
    assert len(np.unique(clusters[kept])) == len(kept)
    assert set(found[kept].tolist()) == {TRAIN, VALID}
    alone = exact.judge([documents], HeldOut(0, 0.3, seed=1), MEMORY, True)
    assert (found[kept] == alone[kept]).all()  # near duplicates move no document to the other side


def test_equal_documents_that_may_stay_go_as_near_ones() -> None:
    assert judge(hashes("a", "a", "b"), hashes(), drop=False, near=[0, 0, 2])[0] == [TRAIN, NEAR_DUPLICATE, TRAIN]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from([TRAIN, DUPLICATE, IN_VALIDATION])), max_size=30),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from([VALID, DUPLICATE])), max_size=10),
)
def test_clusters_against_the_plain_way(train: list[tuple[int, int]], valid: list[tuple[int, int]]) -> None:
    everything = [*valid, *train]
    size = len(everything)
    clusters = [cluster % size for cluster, _ in everything]
    expected = [verdict for _, verdict in everything]
    held_out, taken = set(clusters[: len(valid)]), set()
    for document in range(len(valid), size):
        if expected[document] == TRAIN:
            if clusters[document] in held_out:
                expected[document] = NEAR_VALIDATION
            elif clusters[document] in taken:
                expected[document] = NEAR_DUPLICATE
            taken.add(clusters[document])
    assert drop_near([verdict for _, verdict in everything], clusters, len(valid)) == expected


def test_clusters_of_other_documents() -> None:
    with pytest.raises(ValueError, match="clusters of 2 documents, and 3 verdicts"):
        drop_near([TRAIN] * 3, [0, 1])
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match="that of a document"):
            drop_near([TRAIN] * 3, [0, wrong, 1])


def test_every_verdict_has_a_reason_or_is_kept() -> None:
    assert set(exact.REASONS) | {TRAIN, VALID} == set(range(7))
    assert len(set(exact.REASONS.values())) == 5
