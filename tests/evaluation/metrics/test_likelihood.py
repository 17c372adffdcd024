"""Likelihood: by hand, by Transformers' loss, by scikit-learn, and padding that never counts."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import top_k_accuracy_score
from torch.nn import functional as F
from transformers.loss.loss_utils import ForCausalLMLoss

from fidan.errors import FidanError
from fidan.evaluation.metrics.likelihood import (
    IGNORE,
    bits_per_byte,
    bits_per_character,
    cross_entropy,
    perplexity,
    ranks,
    token_accuracy,
    top_k_accuracy,
)

# p = 1/2, 1/4, 1/4 at the first place, 1/8, 1/8, 3/4 at the second.
LOGITS = torch.tensor([[[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]]]).log()


def random_batch(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    logits, labels = 4 * torch.randn(3, 7, 20), torch.randint(0, 20, (3, 7))
    labels[0, 5:] = labels[2, :2] = IGNORE
    return logits, labels


def test_by_hand() -> None:
    labels = torch.tensor([[1, 2]])
    assert cross_entropy(LOGITS, labels, reduction="sum") == pytest.approx(math.log(4) + math.log(4 / 3))
    assert cross_entropy(LOGITS, labels) == pytest.approx(math.log(16 / 3) / 2)
    assert ranks(LOGITS, labels).tolist() == [2, 1]
    assert token_accuracy(LOGITS, labels) == 0.5
    assert top_k_accuracy(LOGITS, labels, 2) == 1.0
    assert perplexity(math.log(16 / 3), 2) == pytest.approx(math.sqrt(16 / 3))
    assert bits_per_byte(math.log(2) * 80, 40) == pytest.approx(2)
    assert bits_per_character(math.log(2) * 80, 32) == pytest.approx(2.5)


def test_the_mean_is_transformers_causal_loss() -> None:
    torch.manual_seed(1)
    logits, ids = 3 * torch.randn(4, 9, 30), torch.randint(0, 30, (4, 9))
    ids[1, 6:] = -100
    theirs = ForCausalLMLoss(logits, ids, vocab_size=30)
    assert cross_entropy(logits[:, :-1], ids[:, 1:]) == pytest.approx(float(theirs), abs=1e-6)


def test_the_sum_is_a_plain_loop() -> None:
    logits, labels = random_batch()
    nats = 0.0
    for row, wanted in zip(logits.flatten(0, 1).tolist(), labels.flatten().tolist(), strict=True):
        if wanted != IGNORE:
            nats += math.log(sum(math.exp(x) for x in row)) - row[wanted]
    assert cross_entropy(logits, labels, reduction="sum") == pytest.approx(nats, rel=1e-6)


@pytest.mark.parametrize("k", [1, 3, 5, 19])
def test_top_k_is_scikit_learns(k: int) -> None:
    logits, labels = random_batch(k)
    counts = labels != IGNORE
    theirs = top_k_accuracy_score(labels[counts].numpy(), logits[counts].numpy(), k=k, labels=np.arange(20))
    assert top_k_accuracy(logits, labels, k) == pytest.approx(theirs, abs=1e-12)
    if k == 1:
        assert token_accuracy(logits, labels) == pytest.approx(theirs, abs=1e-12)


def test_padding_never_counts() -> None:
    logits, labels = random_batch()
    counts = labels != IGNORE
    short, wanted = logits[counts][None], labels[counts][None]
    wild = torch.where(counts[..., None], logits, torch.nan)  # what stands at padding is never looked at
    assert cross_entropy(wild, labels) == pytest.approx(cross_entropy(short, wanted), rel=1e-12)
    assert perplexity(cross_entropy(wild, labels, reduction="sum"), int(counts.sum())) == pytest.approx(
        math.exp(float(F.cross_entropy(short[0], wanted[0]))), rel=1e-6
    )
    assert top_k_accuracy(wild, labels, 5) == top_k_accuracy(short, wanted, 5)


def test_another_label_can_be_the_one_that_does_not_count() -> None:
    logits, labels = random_batch()
    other = torch.where(labels == IGNORE, 3, torch.where(labels == 3, IGNORE, labels))
    kept = torch.where(labels == 3, IGNORE, labels)
    assert cross_entropy(logits, torch.where(other == IGNORE, 3, other), ignore=3) == pytest.approx(
        cross_entropy(logits, kept)
    )


def test_equal_logits_do_not_push_each_other_back() -> None:
    logits = torch.tensor([[[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]]])
    assert ranks(logits, torch.tensor([[1, 0]])).tolist() == [1, 2]
    assert ranks(logits, torch.tensor([[0, 1]])).tolist() == [1, 2]


def test_bf16_logits_are_computed_in_fp32() -> None:
    logits, labels = random_batch()
    half = logits.bfloat16()
    assert cross_entropy(half, labels) == pytest.approx(cross_entropy(half.double(), labels), rel=1e-6)


def test_a_hopeless_model_has_infinite_perplexity() -> None:
    assert perplexity(1000.0, 1) == math.inf


def test_bad_values_are_named() -> None:
    logits, labels = random_batch()
    with pytest.raises(FidanError, match="All 21 labels are -100"):
        cross_entropy(logits, torch.full_like(labels, IGNORE))
    with pytest.raises(FidanError, match="All 21 labels"):
        token_accuracy(logits, torch.full_like(labels, IGNORE))
    with pytest.raises(FidanError, match=r"\(3, 6\)"):
        cross_entropy(logits, labels[:, :6])
    with pytest.raises(FidanError, match="label 20 is no id of a vocabulary of 20"):
        cross_entropy(logits, torch.full_like(labels, 20))
    with pytest.raises(FidanError, match="label -1"):
        ranks(logits, torch.full_like(labels, -1))
    with pytest.raises(FidanError, match="NaN"):
        token_accuracy(logits * math.nan, labels)
    with pytest.raises(FidanError, match="k = 0"):
        top_k_accuracy(logits, labels, 0)
    with pytest.raises(FidanError, match="0 tokens"):
        perplexity(1.0, 0)
    with pytest.raises(FidanError, match="0 bytes"):
        bits_per_byte(1.0, 0)
    with pytest.raises(FidanError, match="-1 characters"):
        bits_per_character(1.0, -1)
