"""Rules that look at the text so far: against Transformers where it has them, else by hand."""

from dataclasses import replace

import pytest
import torch
from transformers import NoRepeatNGramLogitsProcessor, RepetitionPenaltyLogitsProcessor

from fidan.generation.penalties import History, penalise_repetition
from fidan.recipe import GenerateConfig

OFF = GenerateConfig(repetition_penalty=1.0)
CPU = torch.device("cpu")


def after(config: GenerateConfig, prompt: list[int], written: list[int], logits: torch.Tensor) -> torch.Tensor:
    history = History(config, [prompt], logits.shape[1], CPU)
    for token in written:
        history.note([token])
    return history.apply(logits)


@pytest.mark.parametrize("penalty", [0.7, 1.3])
def test_repetition_equals_transformers(penalty: float) -> None:
    torch.manual_seed(0)
    logits, text = torch.randn(1, 50) * 4, torch.randint(50, (1, 30))
    expected = RepetitionPenaltyLogitsProcessor(penalty)(text, logits.clone())
    found = after(replace(OFF, repetition_penalty=penalty), text[0, :20].tolist(), text[0, 20:].tolist(), logits)
    torch.testing.assert_close(found, expected)


def test_repetition_by_hand() -> None:
    seen = torch.tensor([[True, True, False]])
    assert penalise_repetition(torch.tensor([[2.0, -2.0, 2.0]]), seen, 2.0).tolist() == [[1.0, -4.0, 2.0]]


def test_frequency_and_presence_count_what_was_written_and_not_the_prompt() -> None:
    config = replace(OFF, frequency_penalty=0.5, presence_penalty=0.25)
    found = after(config, [0, 0, 3], [1, 1, 2], torch.zeros(1, 4))
    assert found.tolist() == [[0.0, -1.25, -0.75, 0.0]]


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_ngrams_equal_transformers(n: int) -> None:
    torch.manual_seed(n)
    for _ in range(20):
        text = torch.randint(4, (1, 12))
        logits = torch.randn(1, 6)
        expected = NoRepeatNGramLogitsProcessor(n)(text, logits.clone())
        found = after(replace(OFF, no_repeat_ngram=n), text[0, :5].tolist(), text[0, 5:].tolist(), logits)
        torch.testing.assert_close(found, expected)


def test_selected_rows_keep_their_histories_and_go_their_own_ways() -> None:
    config = replace(OFF, repetition_penalty=2.0, frequency_penalty=1.0, no_repeat_ngram=2)
    history = History(config, [[0], [1]], 4, CPU)
    history.note([1, 2])
    history.select([1, 1, 0])
    history.note([3, 0, 0])
    found = history.apply(torch.ones(3, 4))
    alone = [after(config, [p], w, torch.ones(1, 4)) for p, w in ((1, [2, 3]), (1, [2, 0]), (0, [1, 0]))]
    assert torch.equal(found, torch.cat(alone))


def test_without_rules_the_logits_are_left_alone() -> None:
    logits = torch.randn(1, 5)
    assert after(OFF, [0], [1], logits) is logits
