"""Picking a token: each rule by hand-computed values, and against Transformers' own."""

import pytest
import torch
from transformers import RepetitionPenaltyLogitsProcessor, TopKLogitsWarper, TopPLogitsWarper

from fidan.generation.sampling import LogitsError, keep_top_k, keep_top_p, next_tokens, penalise_repetition
from fidan.recipe import GenerateConfig

LOGITS = torch.log(torch.tensor([[0.5, 0.25, 0.15, 0.1]]))
SEEN = torch.tensor([[0]])


def kept(logits: torch.Tensor) -> list[bool]:
    return torch.isfinite(logits)[0].tolist()


def test_top_k_and_top_p_by_hand() -> None:
    assert kept(keep_top_k(LOGITS, 2)) == [True, True, False, False]
    assert kept(keep_top_k(LOGITS, 9)) == [True] * 4
    assert kept(keep_top_p(LOGITS, 0.5)) == [True, False, False, False]
    assert kept(keep_top_p(LOGITS, 0.51)) == [True, True, False, False]
    assert kept(keep_top_p(LOGITS, 0.01)) == [True, False, False, False]
    assert kept(keep_top_p(LOGITS.flip(1), 0.8)) == [False, True, True, True]


@pytest.mark.parametrize("seed", range(5))
def test_every_rule_equals_transformers(seed: int) -> None:
    torch.manual_seed(seed)
    logits, seen = torch.randn(3, 200) * 4, torch.randint(200, (3, 30))
    torch.testing.assert_close(keep_top_k(logits, 7), TopKLogitsWarper(7)(seen, logits))
    torch.testing.assert_close(keep_top_p(logits, 0.8), TopPLogitsWarper(0.8)(seen, logits))
    expected = RepetitionPenaltyLogitsProcessor(1.3)(seen, logits.clone())
    torch.testing.assert_close(penalise_repetition(logits, seen, 1.3), expected)


def test_draws_follow_the_distribution() -> None:
    config = GenerateConfig(temperature=1.0, top_p=1.0, repetition_penalty=1.0)
    generator = torch.Generator().manual_seed(0)
    many = LOGITS.expand(20_000, 4)
    drawn = next_tokens(many, SEEN.expand(20_000, 1), config, generator)
    shares = drawn.bincount(minlength=4) / 20_000
    torch.testing.assert_close(shares, LOGITS[0].exp(), atol=0.015, rtol=0)


def test_greedy_takes_the_likeliest_after_the_penalty() -> None:
    greedy = GenerateConfig(temperature=0.0, repetition_penalty=1.0)
    assert next_tokens(LOGITS, SEEN, greedy, None).tolist() == [0]
    penalised = GenerateConfig(temperature=0.0, repetition_penalty=3.0)
    assert next_tokens(LOGITS, SEEN, penalised, None).tolist() == [1]


@pytest.mark.parametrize("poison", [float("nan"), float("inf"), float("-inf")])
def test_logits_that_are_not_finite_are_an_error_with_their_place(poison: float) -> None:
    logits = LOGITS.clone()
    logits[0, 2] = poison
    with pytest.raises(LogitsError, match="token 2 in row 0"):
        next_tokens(logits, SEEN, GenerateConfig(), None)
