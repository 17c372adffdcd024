"""Shared by the trainer's tests: trainers of the tiny run with other settings, and what of a run is compared."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from fidan.model.config import ModelConfig
from fidan.progress import SilentReporter
from fidan.recipe import FinetuneConfig, Recipe, TrainConfig
from fidan.running import run_all
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.log import read_metrics
from fidan.training.next_token import NextToken
from fidan.training.trainer import Trainer

Make = Callable[..., Trainer]


@pytest.fixture
def make(tiny_run: Run) -> Make:
    """Makes a trainer that works in a folder on the tiny run's tokens; settings of train or model may differ."""
    tokenizer = Tokenizer.load(tiny_run.folder("tokenizer"))
    of_model = set(ModelConfig.__dataclass_fields__) - set(TrainConfig.__dataclass_fields__)

    def build(folder: Path, **changes: object) -> Trainer:
        model = {name: value for name, value in changes.items() if name in of_model}
        train = {name: value for name, value in changes.items() if name not in of_model}
        recipe = replace(
            tiny_run.recipe,
            train=replace(tiny_run.recipe.train, **train),
            model=replace(tiny_run.recipe.model, **model),
        )
        task = NextToken(recipe, tiny_run.folder("pack"), tokenizer)
        return Trainer(task, folder, SilentReporter())

    return build


def curve(folder: Path) -> list[tuple[object, ...]]:
    """What of a run's records does not depend on the clock."""
    return [
        (r["step"], r["kind"], r["loss"], r.get("gradient_norm"))
        for r in read_metrics(folder)
        if r["kind"] in ("train", "valid")
    ]


WORDS = ("ev", "araba", "kira", "borç", "dava", "hakim", "tanık", "vergi", "ceza", "miras", "çocuk", "evlilik")


@pytest.fixture(scope="session")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions and answers, all different, of which the answer can be learnt."""
    rows = [f"{a} ile {b}: hangisi {n}?;{b} değil {a}, {n}." for n, (a, b) in enumerate(permutations(WORDS, 2))]
    path = tmp_path_factory.mktemp("pairs") / "pairs.csv"
    path.write_text("\n".join(["Soru;Cevap", *rows]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def denoising_recipe(tiny_recipe: Recipe, pairs_file: Path) -> Recipe:
    """A tiny encoder-decoder: restores the tiny run's text, then answers questions."""
    train = replace(tiny_recipe.train, objective="denoising", tokens=6000, sequence_length=48, checkpoint_every=10)
    return replace(
        tiny_recipe,
        tokenizer=replace(tiny_recipe.tokenizer, sentinels=6),
        model=replace(
            tiny_recipe.model, d_model=32, n_layers=1, encoder_layers=1, d_ff=64, norm_place="sandwich",
            tie_embeddings=True,
        ),
        train=replace(train, sample_every=8, valid_every=5),
        finetune=FinetuneConfig(
            sources=(str(pairs_file),), epochs=3, batch_size=4, accumulate=2, learning_rate=1e-2, valid_answers=3,
            max_new_tokens=6, max_source=32, max_target=32,
        ),
        generate=replace(tiny_recipe.generate, temperature=0.0, top_p=1.0),
    )  # fmt: skip


@pytest.fixture(scope="session")
def denoising_run(tiny_run: Run, denoising_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of it, on the tiny run's corpus. Tests read it."""
    run = Run(denoising_recipe, tmp_path_factory.mktemp("runs") / "denoising", SilentReporter())
    shutil.copytree(tiny_run.folder("corpus"), run.folder("corpus"))
    run_all(run)
    return run
