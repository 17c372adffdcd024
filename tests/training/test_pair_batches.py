"""Pairs as ids and in batches: the shift by one, padding, what is cut, and an order that a run can go on with."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fidan.corpus.pairs.pair import Pair
from fidan.errors import FidanError
from fidan.tokenizer.pairs import IGNORE, EncodedPairs, encode_pairs, encode_source
from fidan.training.batches import Sequences
from fidan.training.pairs.batches import PairBatches


class Letters:
    """A tokenizer of letters: a is 10, b is 11 …; capitals are unknown."""

    hash, vocab_size, unk_id, bos_id, eos_id, pad_id = "letters", 40, 0, 1, 2, 3

    def encode(self, text: str) -> list[int]:
        return [ord(letter) - 87 if letter.islower() else self.unk_id for letter in text]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(chr(token + 87) for token in ids if token >= 10)


@pytest.fixture(scope="module")
def pairs() -> EncodedPairs:
    """1,003 pairs of many lengths; each source tells its number, so that none is taken for another."""
    random = np.random.default_rng(0)
    lengths = random.integers(1, 60, (1003, 2))
    rows = [Pair("bcdefghijk"[n % 10] * q, "a" * a) for n, (q, a) in enumerate(lengths)]
    return encode_pairs(Letters(), rows)


def test_the_target_is_shifted_once_and_padding_never_counts() -> None:
    padded = encode_pairs(Letters(), [Pair("ab", "c"), Pair("a", "bcd")]).padded([0, 1])
    assert padded.source.tolist() == [[10, 11, 2], [10, 2, 3]]
    assert padded.source_lengths.tolist() == [3, 2]
    assert padded.inputs.tolist() == [[1, 12, 3, 3], [1, 11, 12, 13]]
    assert padded.labels.tolist() == [[12, 2, IGNORE, IGNORE], [11, 12, 13, 2]]
    wide = encode_pairs(Letters(), [Pair("ab", "c"), Pair("a", "bcd")]).padded([1, 0], multiple=8)
    assert wide.source.shape == wide.inputs.shape == wide.labels.shape == (2, 8)
    assert wide.labels[0].tolist() == [11, 12, 13, 2, *[IGNORE] * 4]
    assert wide.inputs[0].tolist() == [1, 11, 12, 13, *[3] * 4]


def test_a_context_follows_the_question_and_is_cut_before_it() -> None:
    assert encode_source(Letters(), "ab", "cd") == ([10, 11, 2, 12, 13, 2], 0)
    assert encode_source(Letters(), "ab", "cd", max_source=5) == ([10, 11, 2, 12, 2], 1)
    assert encode_source(Letters(), "abcd", "cd", max_source=4) == ([10, 11, 12, 2], 4)


def test_what_is_cut_or_cannot_be_written_is_counted_and_a_cut_answer_has_no_end() -> None:
    found = encode_pairs(Letters(), [Pair("abcdef", "abcdef"), Pair("a", "Ab")], max_source=4, max_target=3)
    assert found.padded([0, 1]).labels.tolist() == [[10, 11, 12], [0, 11, 2]]
    assert found.counts() == {
        "pairs": 2,
        "source_tokens": 6,
        "target_tokens": 6,
        "longest_source": 4,
        "longest_target": 3,
        "cut_sources": 1,
        "cut_targets": 1,
        "unknown_tokens": 1,
    }


def test_what_cannot_be_encoded_is_refused() -> None:
    class Endless(Letters):
        pad_id = 2

    class Bare(Letters):
        bos_id = pad_id = -1

    with pytest.raises(FidanError, match="no pairs of questions and answers to encode"):
        encode_pairs(Letters(), [])
    with pytest.raises(FidanError, match="the question is empty"):
        encode_source(Letters(), " ")
    with pytest.raises(FidanError, match="max_target = 1: at least 2"):
        encode_pairs(Letters(), [Pair("a", "b")], max_target=1)
    with pytest.raises(FidanError, match="max_source = 1: at least 2"):
        encode_pairs(Letters(), [Pair("a", "b")], max_source=1)
    with pytest.raises(FidanError, match="padding and its end are one id, 2"):
        encode_pairs(Endless(), [Pair("a", "b")])
    with pytest.raises(FidanError, match="has no id for start and padding"):
        encode_pairs(Bare(), [Pair("a", "b")])


def test_every_epoch_has_every_pair_once_in_another_order(pairs: EncodedPairs) -> None:
    batches: Sequences = PairBatches(pairs, batch_size=16, seed=5)
    assert batches.sequences == 1003
    epochs = [PairBatches(pairs, 16, 5).places(1003 * epoch, 1003) for epoch in range(3)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(1003))
    assert epochs[0] != epochs[1] != epochs[2]
    assert PairBatches(pairs, 16, seed=6).places(0, 1003) != epochs[0]


def test_a_batch_is_a_function_of_its_number_and_so_a_run_goes_on(pairs: EncodedPairs) -> None:
    whole = PairBatches(pairs, 16, 5).places(0, 3000)
    for first, rows in ((0, 7), (1000, 40), (2016, 16), (1, 1)):
        assert PairBatches(pairs, 16, 5).places(first, rows) == whole[first : first + rows]


def test_labels_that_count_are_told_without_making_the_batch(pairs: EncodedPairs) -> None:
    batches = PairBatches(pairs, 16, 5)
    for first in (0, 992, 1600):
        batch = batches.take(first, 16)
        assert batch.source is not None
        assert batches.targets(first, 16) == int((batch.labels != IGNORE).sum())
        assert batch.inputs.shape == batch.labels.shape
        assert batch.inputs.dtype == batch.source.dtype == torch.int64
        assert batches.documents(first, 16) == sorted(set(batches.places(first, 16)))


def waste(batches: PairBatches, rows: int, first: int, count: int) -> float:
    """The share of positions that is padding."""
    made = [batches.take(start, rows) for start in range(first, first + count * rows, rows)]
    size = sum(batch.labels.numel() for batch in made)
    return 1 - sum(int((batch.labels != IGNORE).sum()) for batch in made) / size


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_batches_are_of_like_length_in_every_epoch(pairs: EncodedPairs, epoch: int) -> None:
    """The cuts stay where the batches of the run are, though an epoch is no whole number of them."""
    batches = PairBatches(pairs, 16, 5)
    first = -(-epoch * 1003 // 16) * 16
    assert waste(batches, 16, first, 62) < 0.12
    assert waste(PairBatches(pairs, 1, 5), 16, first, 62) > 0.4
    lengths = [batches.take(first + 16 * n, 16).labels.shape[1] for n in range(62)]
    assert abs(np.corrcoef(lengths, range(62))[0, 1]) < 0.4  # they come in no order


@hypothesis_settings(max_examples=30)
@given(count=st.integers(1, 40), batch=st.integers(1, 50), epoch=st.integers(0, 9))
def test_no_size_of_set_or_batch_loses_a_pair(count: int, batch: int, epoch: int) -> None:
    pairs = encode_pairs(Letters(), [Pair("a" * (1 + n % 7), "b" * (1 + n % 5)) for n in range(count)])
    places = PairBatches(pairs, batch, 0).places(count * epoch, count)
    assert sorted(places) == list(range(count))


def test_processes_that_share_the_work_read_what_one_would(pairs: EncodedPairs) -> None:
    shares = [PairBatches(pairs, 8, 1).places(first, 8) for first in (0, 8, 16, 24)]
    assert list(itertools.chain.from_iterable(shares)) == PairBatches(pairs, 8, 1).places(0, 32)


def test_a_batch_of_no_rows_is_refused(pairs: EncodedPairs) -> None:
    with pytest.raises(FidanError, match="batch_size = 0, multiple = 1: both must be at least 1"):
        PairBatches(pairs, 0, 0)
