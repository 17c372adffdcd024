"""The learning rate by hand-computed values, and which weights decay."""

from dataclasses import replace

import pytest

from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import TrainConfig
from fidan.training.optimizer import parameter_groups
from fidan.training.schedule import learning_rate

CONFIG = TrainConfig(
    tokens=110 * 8, sequence_length=8, batch_size=1, learning_rate=1.0, warmup_steps=10, final_learning_rate=0.2
)


@pytest.mark.parametrize(
    ("step", "expected"),
    [(0, 0.1), (4, 0.5), (9, 1.0), (34, 0.2 + 0.8 * 0.853553), (59, 0.6), (109, 0.2), (500, 0.2)],
)
def test_values(step: int, expected: float) -> None:
    assert CONFIG.steps == 110
    assert learning_rate(CONFIG, step) == pytest.approx(expected, abs=1e-6)


def test_without_warm_up_it_starts_at_the_peak() -> None:
    assert learning_rate(replace(CONFIG, warmup_steps=0), 0) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("tied", [False, True])
def test_norms_and_embeddings_do_not_decay(tied: bool) -> None:
    model = Decoder(ModelConfig(d_model=16, n_layers=2, n_heads=2, d_ff=32, context=8, tie_embeddings=tied), 40)
    decayed, plain = parameter_groups(model, 0.1)
    names = {id(p): name for name, p in model.named_parameters()}
    plain_names = {names[id(p)] for p in plain["params"]}
    assert plain_names == {n for n in names.values() if "norm" in n or "embed" in n}
    assert ("lm_head.weight" in {names[id(p)] for p in decayed["params"]}) is not tied
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.1, 0.0)
    assert len(decayed["params"]) + len(plain["params"]) == len(names)
