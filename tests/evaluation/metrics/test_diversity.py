"""Diversity: by hand, and what the two measures say of the same text."""

import random

import pytest

from fidan.errors import FidanError
from fidan.evaluation.metrics.diversity import distinct, repetition


def test_distinct_by_hand() -> None:
    texts = ["kedi eve geldi", "kedi eve gitti sonra"]
    # Pairs: kedi eve, eve geldi, eve gitti, gitti sonra; words: 7, different ones 5.
    assert distinct(texts) == pytest.approx(4 / 7)
    assert distinct(texts, 1) == pytest.approx(5 / 7)


def test_no_pair_runs_over_the_end_of_a_text() -> None:
    assert distinct(["kedi", "eve"], 2) == 0
    assert distinct(["kedi eve"], 2) == 0.5


def test_repetition_by_hand() -> None:
    # abcd bcda cdab dabc abcd: five runs of four, one of them met before.
    assert repetition("a b c d a b c d") == pytest.approx(1 / 5)
    assert repetition("git git git git", 1) == pytest.approx(3 / 4)
    assert repetition("git git git git", 4) == 0


def test_repetition_is_the_share_that_occurred_before() -> None:
    draw = random.Random(0)
    for n in (1, 2, 3):
        found = draw.choices("abcde", k=60)
        seen, again = set(), 0
        for start in range(len(found) - n + 1):
            gram = " ".join(found[start : start + n])
            again += gram in seen
            seen.add(gram)
        assert repetition(" ".join(found), n) == pytest.approx(again / (len(found) - n + 1))


def test_a_capital_or_another_apostrophe_makes_no_other_word() -> None:
    assert repetition("IŞIK ışık İzmir'de izmir’de", 1) == 0.5
    assert distinct(["IŞIK söndü", "ışık söndü"], 2) == 0.25


def test_short_and_empty_texts_repeat_nothing() -> None:
    assert repetition("") == repetition("üç kısa söz") == 0
    assert distinct(["", "!?"]) == 0


def test_bad_values_are_named() -> None:
    with pytest.raises(FidanError, match="n = 0"):
        repetition("kedi", 0)
    with pytest.raises(FidanError, match="n = -1"):
        distinct(["kedi"], -1)
    with pytest.raises(FidanError, match="No texts"):
        distinct([])
