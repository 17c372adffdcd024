"""Samples on the way leave the training as it was."""

from dataclasses import replace

import pytest
import torch

from fidan.errors import FidanError
from fidan.recipe import GenerateConfig
from fidan.stages import Run
from fidan.trained import open_trained
from fidan.training.samples import MAX_TOKENS, check_prompts, write_samples

CONFIG = GenerateConfig(prompts=("Bugün hava", "Ali"), samples=3, max_new_tokens=500)


@pytest.mark.parametrize("training", [True, False])
def test_mode_and_random_state_stay(tiny_run: Run, training: bool) -> None:
    opened = open_trained(tiny_run.out, torch.device("cpu"))
    opened.model.train(training)
    before = torch.get_rng_state()
    first = write_samples(opened.model, opened.tokenizer, CONFIG, 7)
    assert torch.equal(torch.get_rng_state(), before)
    assert opened.model.training is training
    assert all(module.training is training for module in opened.model.modules())
    torch.manual_seed(123)
    assert write_samples(opened.model, opened.tokenizer, CONFIG, 7) == first
    assert [one["prompt"] for one in first] == ["Bugün hava", "Ali"]
    assert all(0 < len(opened.tokenizer.encode(one["text"])) <= 2 * MAX_TOKENS for one in first)


def test_the_mode_is_put_back_after_an_error(tiny_run: Run) -> None:
    opened = open_trained(tiny_run.out, torch.device("cpu"))
    opened.model.train()
    with pytest.raises(FidanError):
        write_samples(opened.model, opened.tokenizer, replace(CONFIG, prompts=("uzun " * 200,)), 7)
    assert opened.model.training


def test_a_prompt_without_room_is_refused_beforehand(tiny_run: Run) -> None:
    tokenizer = open_trained(tiny_run.out, torch.device("cpu")).tokenizer
    check_prompts(tokenizer, CONFIG, 64)
    with pytest.raises(FidanError, match=r"generate.prompts: 'uzun uzun.* tokens, and the model's context is 64"):
        check_prompts(tokenizer, replace(CONFIG, prompts=("Ali", "uzun " * 200)), 64)
