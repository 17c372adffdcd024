"""Picking a token: each rule by hand-computed values, and against Transformers' own."""

from dataclasses import replace

import pytest
import torch
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

from fidan.generation.sampling import (
    HEAD,
    LogitsError,
    check_finite,
    draw,
    filtered,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    keep_typical,
    pick,
)
from fidan.recipe import GenerateConfig

LOGITS = torch.log(torch.tensor([[0.5, 0.25, 0.15, 0.1]]))
PLAIN = GenerateConfig(temperature=1.0, top_p=1.0)


def kept(logits: torch.Tensor) -> list[bool]:
    return torch.isfinite(logits)[0].tolist()


def generators(count: int, seed: int = 0) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed + i) for i in range(count)]


def test_filters_by_hand() -> None:
    assert kept(keep_top_k(LOGITS, 2)) == [True, True, False, False]
    assert kept(keep_top_k(LOGITS, 9)) == [True] * 4
    assert kept(keep_top_p(LOGITS, 0.5)) == [True, False, False, False]
    assert kept(keep_top_p(LOGITS, 0.51)) == [True, True, False, False]
    assert kept(keep_top_p(LOGITS, 0.01)) == [True, False, False, False]
    assert kept(keep_top_p(LOGITS.flip(1), 0.8)) == [False, True, True, True]
    assert kept(keep_min_p(LOGITS, 0.4)) == [True, True, False, False]
    assert kept(keep_min_p(LOGITS, 1.0)) == [True, False, False, False]
    # Entropy 1.2080; surprises 0.693, 1.386, 1.897, 2.303: the second is nearest, then the first.
    assert kept(keep_typical(LOGITS, 0.2)) == [False, True, False, False]
    assert kept(keep_typical(LOGITS, 0.3)) == [True, True, False, False]


@pytest.mark.parametrize("vocabulary", [200, 3 * HEAD])
@pytest.mark.parametrize("spread", [0.01, 4.0])  # nearly flat: top-p goes beyond the first `HEAD`
def test_every_filter_equals_transformers(vocabulary: int, spread: float) -> None:
    torch.manual_seed(0)
    logits, seen = torch.randn(3, vocabulary) * spread, torch.randint(vocabulary, (3, 30))
    torch.testing.assert_close(keep_top_k(logits, 7), TopKLogitsWarper(7)(seen, logits))
    torch.testing.assert_close(keep_top_p(logits, 0.8), TopPLogitsWarper(0.8)(seen, logits))
    torch.testing.assert_close(keep_min_p(logits, 0.1), MinPLogitsWarper(0.1)(seen, logits))
    torch.testing.assert_close(keep_typical(logits, 0.7), TypicalLogitsWarper(0.7)(seen, logits))


def test_all_filters_together_come_in_transformers_order() -> None:
    torch.manual_seed(1)
    logits, seen = torch.randn(4, 500) * 3, torch.randint(500, (4, 9))
    config = replace(PLAIN, temperature=0.7, top_k=40, top_p=0.9, min_p=0.02, typical_p=0.8)
    theirs = LogitsProcessorList(
        [
            TemperatureLogitsWarper(0.7),
            TopKLogitsWarper(40),
            TopPLogitsWarper(0.9),
            MinPLogitsWarper(0.02),
            TypicalLogitsWarper(0.8),
        ]
    )
    torch.testing.assert_close(filtered(logits, config), theirs(seen, logits))


def test_draws_follow_the_distribution() -> None:
    drawn = draw(LOGITS.expand(20_000, 4), generators(20_000))
    shares = torch.tensor(drawn).bincount(minlength=4) / 20_000
    torch.testing.assert_close(shares, LOGITS[0].exp(), atol=0.015, rtol=0)


def test_what_is_filtered_out_is_never_drawn() -> None:
    logits = torch.full((5_000, 50), -torch.inf)
    logits[:, [7, 30]] = 0.0
    assert set(draw(logits, generators(5_000))) == {7, 30}


def test_a_row_draws_the_same_alone_and_in_company() -> None:
    logits = torch.randn(4, 100, generator=torch.Generator().manual_seed(0))
    together = pick(logits, PLAIN, generators(4))
    alone = [pick(logits[row : row + 1], PLAIN, [generators(4)[row]])[0] for row in range(4)]
    assert together == alone


def test_greedy_takes_the_likeliest_and_draws_nothing() -> None:
    assert pick(LOGITS, replace(PLAIN, temperature=0.0), []) == [0]


@pytest.mark.parametrize("poison", [float("nan"), float("inf"), float("-inf")])
def test_logits_that_are_not_finite_are_an_error_with_their_place(poison: float) -> None:
    logits = LOGITS.clone()
    logits[0, 2] = poison
    with pytest.raises(LogitsError, match="text 5: the model's logit of token 2 is"):
        check_finite(logits, ["text 5"])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"top_p": 0.0}, "top_p = 0.0: above 0"),
        ({"top_p": 1.5}, "top_p = 1.5"),
        ({"temperature": -1.0}, "temperature = -1.0: must not be negative"),
        ({"top_k": -1}, "top_k = -1"),
        ({"min_p": 2.0}, "min_p = 2.0"),
        ({"typical_p": 0.0}, "typical_p = 0.0"),
        ({"no_repeat_ngram": -2}, "no_repeat_ngram = -2"),
        ({"beams": 0}, "beams = 0"),
        ({"beams": 4}, "beam search draws nothing"),
        ({"stop": ("",)}, "stop: an empty string"),
        ({"repetition_penalty": 0.0}, "repetition_penalty = 0.0"),
    ],
)
def test_settings_without_sense_are_refused(setting: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GenerateConfig(**setting)  # type: ignore[arg-type]


@pytest.mark.parametrize("p", [5e-324, 1e-45, 1e-40])
def test_the_likeliest_token_stays_however_small_top_p_is(p: float) -> None:
    """Nothing to choose from would be drawn as a token that there is not."""
    logits = torch.tensor([[0.0, 2.0, 1.0]])
    assert keep_top_p(logits, p).isfinite().tolist() == [[False, True, False]]
