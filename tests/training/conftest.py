"""Shared by the trainer's tests: trainers of the tiny run with other settings, and what of a run is compared."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fidan.model.config import ModelConfig
from fidan.progress import SilentReporter
from fidan.recipe import TrainConfig
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
