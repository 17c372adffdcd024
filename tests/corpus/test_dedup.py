"""Equal documents are found whatever their casing; the first stays; held-out documents win."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan.corpus import dedup
from fidan.corpus.dedup import DUPLICATE, IN_VALIDATION, TRAIN, VALID


def hashes(*texts: str) -> dedup.Hashes:
    return dedup.as_hashes(b"".join(map(dedup.fingerprint, texts)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul'da IŞIK", "istanbul'da ışık"),
        ("İSTANBUL’DA\nIŞIK", "istanbul'da ışık"),
        ("I\u0307zmir", "izmir"),
        ("kâğıt, îman, lûgat", "KAĞIT, İMAN, LUGAT"),
        ("a  b\tc", "a b c"),
    ],
)
def test_equal_but_for_casing(one: str, other: str) -> None:
    assert dedup.fingerprint(one) == dedup.fingerprint(other)


def test_dotted_and_dotless_are_different_letters() -> None:
    assert dedup.fingerprint("kır") != dedup.fingerprint("kir")
    assert dedup.fingerprint("KIR") != dedup.fingerprint("KİR")


def test_first_is_kept() -> None:
    train, valid = dedup.judge(hashes("a", "b", "A", "c", "b", "a"), hashes())
    assert train.tolist() == [TRAIN, TRAIN, DUPLICATE, TRAIN, DUPLICATE, DUPLICATE]
    assert valid.tolist() == []


def test_held_out_documents_win() -> None:
    train, valid = dedup.judge(hashes("x", "a", "y", "a", "x"), hashes("a", "b", "A"))
    assert valid.tolist() == [VALID, VALID, DUPLICATE]
    assert train.tolist() == [TRAIN, IN_VALIDATION, TRAIN, IN_VALIDATION, DUPLICATE]


def test_duplicates_may_stay_but_not_across_the_split() -> None:
    train, valid = dedup.judge(hashes("x", "a", "x"), hashes("a", "a"), drop_duplicates=False)
    assert train.tolist() == [TRAIN, IN_VALIDATION, TRAIN]
    assert valid.tolist() == [VALID, VALID]
    assert dedup.judge_and_split(hashes("x", "x"), 1e-9, 0, drop_duplicates=False).tolist() == [TRAIN, TRAIN]


def test_halves_of_the_hash_both_count() -> None:
    pairs = np.array([[1, 2], [1, 3], [2, 2], [1, 2]], dtype=np.uint64)
    assert dedup.judge(pairs, hashes())[0].tolist() == [TRAIN, TRAIN, TRAIN, DUPLICATE]


def test_split_is_by_document_and_seed() -> None:
    texts = [f"belge {n}" for n in range(20_000)]
    first = dedup.judge_and_split(hashes(*texts), 0.05, seed=1)
    assert 0.04 < (first == VALID).mean() < 0.06
    assert (dedup.judge_and_split(hashes(*texts[::-1]), 0.05, seed=1)[::-1] == first).all()
    other = dedup.judge_and_split(hashes(*texts), 0.05, seed=2)
    assert 0.0 < ((first == VALID) & (other == VALID)).mean() < 0.01


def test_equal_documents_fall_on_one_side() -> None:
    texts = [f"Belge {n}" for n in range(1000)]
    verdicts = dedup.judge_and_split(hashes(*texts, *(text.replace("B", "b") for text in texts)), 0.3, seed=0)
    assert set(verdicts[1000:].tolist()) == {DUPLICATE}
    assert set(verdicts[:1000].tolist()) == {TRAIN, VALID}


@given(st.lists(st.integers(0, 6)), st.lists(st.integers(0, 6)), st.booleans())
def test_against_the_plain_way(train: list[int], valid: list[int], drop: bool) -> None:
    found_train, found_valid = dedup.judge(hashes(*map(str, train)), hashes(*map(str, valid)), drop)
    seen: set[int] = set()
    expected = []
    for item in valid:
        expected.append(DUPLICATE if drop and item in seen else VALID)
        seen.add(item)
    assert found_valid.tolist() == expected
    expected, seen = [], set()
    for item in train:
        fate = DUPLICATE if drop and item in seen else TRAIN
        expected.append(IN_VALIDATION if item in valid else fate)
        seen.add(item)
    assert found_train.tolist() == expected
