"""The order of the data: every window once an epoch, from the number of the batch alone."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
import torch

from fidan.errors import FidanError
from fidan.stages import Run
from fidan.training.batches import Batches
from fidan.training.feed import AHEAD, Feed
from fidan.training.packed_tokens import PackedTokens


@pytest.fixture
def tokens(tiny_run: Run) -> PackedTokens:
    return PackedTokens.open(tiny_run.folder("pack"), "train")


def test_every_window_comes_once_an_epoch(tokens: PackedTokens) -> None:
    batches = Batches(tokens, 64, seed=1)
    epochs = 2
    drawn = [w for first in range(0, epochs * batches.windows, 3) for w in batches.places(first, 3)]
    drawn = drawn[: epochs * batches.windows]
    assert Counter(drawn) == dict.fromkeys(range(batches.windows), epochs)
    assert drawn[: batches.windows] != drawn[batches.windows :]
    assert drawn[: batches.windows] != sorted(drawn[: batches.windows])


def test_a_sequence_is_a_function_of_its_number(tokens: PackedTokens) -> None:
    first, again = Batches(tokens, 64, seed=1), Batches(tokens, 64, seed=1)
    parts = [first.take(number, 2).inputs for number in range(0, 20, 2)]
    assert torch.equal(torch.cat(parts[5:8]), again.take(10, 6).inputs)
    assert first.places(17, 5) != Batches(tokens, 64, seed=2).places(17, 5)


def test_labels_are_the_next_tokens_of_the_text(tokens: PackedTokens) -> None:
    batches = Batches(tokens, 64, seed=1)
    batch = batches.take(10, 2)
    for row, window in enumerate(batches.places(10, 2)):
        stretch = torch.from_numpy(tokens.window(window * 64, 65))
        assert torch.equal(batch.inputs[row], stretch[:-1])
        assert torch.equal(batch.labels[row], stretch[1:])


def test_too_little_text_is_refused(tokens: PackedTokens) -> None:
    with pytest.raises(FidanError, match="fewer than one sequence of 9999999"):
        Batches(tokens, 9_999_999, seed=1)


def test_the_feed_gives_the_batches_in_order_ahead_of_time(tokens: PackedTokens) -> None:
    batches, asked = Batches(tokens, 64, seed=1), []

    def wanted() -> Iterator[tuple[int, int]]:
        for first in range(0, 40, 2):
            asked.append(first)
            yield first, 2

    with Feed(batches, wanted(), torch.device("cpu")) as feed:
        for first in range(0, 40, 2):
            assert torch.equal(next(feed).labels, batches.take(first, 2).labels)
        assert asked == list(range(0, 40, 2))
        with pytest.raises(StopIteration):
            next(feed)


def test_the_feed_stays_a_few_batches_ahead_and_can_be_left(tokens: PackedTokens) -> None:
    asked: list[int] = []

    def endless() -> Iterator[tuple[int, int]]:
        while True:
            asked.append(len(asked))
            yield len(asked), 2

    with Feed(Batches(tokens, 64, seed=1), endless(), torch.device("cpu")) as feed:
        next(feed)
    assert len(asked) <= AHEAD + 3
    assert not [thread for thread in threading.enumerate() if thread.name == "feed"]


def test_an_error_while_reading_ahead_is_the_trainings_error(tokens: PackedTokens) -> None:
    def broken() -> Iterator[tuple[int, int]]:
        yield 0, 2
        raise OSError("the disk is gone")

    with Feed(Batches(tokens, 64, seed=1), broken(), torch.device("cpu")) as feed:
        next(feed)
        with pytest.raises(OSError, match="the disk is gone"):
            next(feed)
