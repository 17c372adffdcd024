"""The order of the data: every window once an epoch, from the number of the batch alone."""

from collections import Counter

import pytest
import torch

from fidan.errors import FidanError
from fidan.stages import Run
from fidan.training.batches import Batches
from fidan.training.packed_tokens import PackedTokens


@pytest.fixture
def tokens(tiny_run: Run) -> PackedTokens:
    return PackedTokens.open(tiny_run.folder("pack"), "train")


def test_every_window_comes_once_an_epoch(tokens: PackedTokens) -> None:
    batches = Batches(tokens, 64, 3, seed=1)
    epochs = 2
    numbers = range(-(-epochs * batches.windows // 3))
    drawn = [w for number in numbers for w in batches[number].windows][: epochs * batches.windows]
    assert Counter(drawn) == dict.fromkeys(range(batches.windows), epochs)
    assert drawn[: batches.windows] != drawn[batches.windows :]
    assert drawn[: batches.windows] != sorted(drawn[: batches.windows])


def test_a_batch_is_a_function_of_its_number(tokens: PackedTokens) -> None:
    first, again = Batches(tokens, 64, 3, seed=1), Batches(tokens, 64, 3, seed=1)
    list(map(first.__getitem__, range(20)))
    assert torch.equal(first[17].inputs, again[17].inputs)
    assert first[17].windows != Batches(tokens, 64, 3, seed=2)[17].windows


def test_labels_are_the_next_tokens_of_the_text(tokens: PackedTokens) -> None:
    batch = Batches(tokens, 64, 2, seed=1)[5]
    for row, window in enumerate(batch.windows):
        stretch = torch.from_numpy(tokens.window(window * 64, 65))
        assert torch.equal(batch.inputs[row], stretch[:-1])
        assert torch.equal(batch.labels[row], stretch[1:])


def test_too_little_text_is_refused(tokens: PackedTokens) -> None:
    with pytest.raises(FidanError, match="fewer than one sequence of 9999999"):
        Batches(tokens, 9_999_999, 1, seed=1)
