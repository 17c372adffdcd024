"""The doctor times what fits, and says what to change of what does not."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

from fidan import doctor
from fidan.recipe import Recipe
from fidan.training.memory import training_memory
from fidan.training.packed_tokens import PackedTokens

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PROBE_SECONDS", 0.1)


def test_it_times_a_recipe_that_fits(tiny_recipe: Recipe) -> None:
    cost = doctor.estimate(tiny_recipe, pytest.fail)
    assert cost.tokens_per_second is not None
    assert cost.hours is not None
    assert cost.valid_tokens == 4 * 2000  # 40 steps, one validation every 10
    assert cost.hours * 3600 * cost.tokens_per_second == pytest.approx(40 * 512 + 8000 / 3)
    told = dict(doctor.cost_table(cost))
    assert "tokens/s measured" in told["speed"]
    assert "does not fit" not in told


def test_a_recipe_that_does_not_fit_is_not_timed(tiny_recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = replace(tiny_recipe, train=replace(tiny_recipe.train, batch_size=64, accumulate=1))
    free = training_memory(recipe, CPU, torch.float32).total - 1
    monkeypatch.setattr(doctor, "_free_bytes", lambda device: free)
    monkeypatch.setattr(doctor, "_tokens_per_second", lambda *arguments: pytest.fail("timed"))
    cost = doctor.estimate(recipe, pytest.fail)
    assert cost.hours is None
    assert [change for change, _ in cost.savings] == [
        "--set train.batch_size=32 --set train.accumulate=2",
        "--set train.activation_checkpointing=true",
    ]
    assert all(total <= free for _, total in cost.savings)
    told = " ".join(value for row in doctor.cost_table(cost) for value in row)
    assert "no step was timed" in told
    assert "--set train.activation_checkpointing=true: fits" in told


def test_where_nothing_helps_it_says_so(tiny_recipe: Recipe) -> None:
    found = doctor.savings(tiny_recipe, CPU, torch.float32, free=1000)
    assert len(found) == 1
    change, total = found[0]
    assert change == ("--set train.batch_size=1 --set train.accumulate=8 --set train.activation_checkpointing=true")
    assert total > 1000


def test_the_benchmark_measures_a_training(
    tiny_recipe: Recipe, tmp_path: Path, load_script: Callable[[str], ModuleType]
) -> None:
    benchmark = load_script("benchmarks/doctor.py")
    recipe = benchmark.short(tiny_recipe, 3)
    assert recipe.train.steps == 3
    benchmark.write_tokens(tmp_path, recipe)
    tokens = PackedTokens.open(tmp_path, "train", "random")
    assert tokens.tokens > recipe.train.tokens
    assert tokens.window(0, tokens.tokens).max() < recipe.tokenizer.vocab_size
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("reads /proc")
    measured = benchmark.measure(recipe)
    assert math.isfinite(measured["memory"])
    assert measured["tokens_per_second"] > 0
