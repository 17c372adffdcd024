"""Repeated runs of words, against the definition written out with strings."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.corpus.filters.repetition import DUPLICATE, TOP, repetition
from fidan.corpus.filters.words import measure


def shares(text: str) -> list[float]:
    measures, found = measure(text), np.empty(len(TOP) + len(DUPLICATE))
    repetition(measures.counts, measures.hashes, measures.places, found)
    return found.tolist()


def top(tokens: list[str], n: int) -> int:
    runs = [" ".join(tokens[place : place + n]) for place in range(len(tokens) - n + 1)]
    if not runs:
        return 0
    (run, times) = Counter(runs).most_common(1)[0]
    return len(run) * times


def duplicate(tokens: list[str], n: int) -> int:
    met, chars, place = set(), 0, 0
    while place + n <= len(tokens):
        run = tuple(tokens[place : place + n])
        if run in met:
            chars += len("".join(run))
            place += n
        else:
            met.add(run)
            place += 1
    return chars


def expected(tokens: list[str], length: int) -> list[float]:
    return [top(tokens, n) / length for n in TOP] + [duplicate(tokens, n) / length for n in DUPLICATE]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(["a", "bb", "ccc", "ç"]), max_size=60))
def test_agrees_with_the_definition(tokens: list[str]) -> None:
    text = " ".join(tokens)
    assert shares(text) == pytest.approx(expected(tokens, max(len(text), 1)))


def test_long_runs_without_short_ones_do_not_exist() -> None:
    tokens = [f"k{number}" for number in range(400)] * 2
    text = " ".join(tokens)
    assert shares(text) == pytest.approx(expected(tokens, len(text)))


def test_one_word_over_and_over() -> None:
    assert max(shares("ha " * 100_000)) > 0.6
