"""The average of the weights, by hand, and the loss scale of fp16."""

import pytest
import torch
from torch import nn

from fidan.training.ema import Average
from fidan.training.loss_scale import GROWTH_STEPS, START, LossScale

CPU = torch.device("cpu")
GOOD, BAD = torch.tensor(0.0), torch.tensor(1.0)


def test_the_average_by_hand() -> None:
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, 1.0)
    average = Average(model, decay=0.5)
    expected = 1.0
    for step, value in enumerate((2.0, 4.0, 8.0, 16.0, 32.0)):
        nn.init.constant_(model.weight, value)
        average.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
        assert float(average.tensors["weight"]) == pytest.approx(expected, rel=1e-6)


def test_the_model_gets_its_own_weights_back() -> None:
    model = nn.Linear(3, 3)
    average = Average(model, decay=0.9)
    with torch.no_grad():
        model.weight.add_(1.0)
    last, mean = model.weight.detach().clone(), average.tensors["weight"].clone()
    with average.in_model():
        assert torch.equal(model.weight, mean)
    assert torch.equal(model.weight, last)
    assert torch.equal(average.tensors["weight"], mean)


def test_the_scale_halves_at_an_overflow_and_doubles_after_a_long_time() -> None:
    scale = LossScale(CPU, torch.float16)
    scale.update(BAD, torch.tensor(float("inf")))
    assert float(scale.factor) == START / 2
    for _ in range(GROWTH_STEPS - 1):
        scale.update(GOOD, torch.tensor(1.0))
    assert float(scale.factor) == START / 2
    again = LossScale(CPU, torch.float16)
    again.restore(scale.state())
    again.update(GOOD, torch.tensor(1.0))
    assert float(again.factor) == START


def test_the_scale_never_falls_below_one_and_other_formats_have_none() -> None:
    scale = LossScale(CPU, torch.float16)
    for _ in range(40):
        scale.update(BAD, torch.tensor(float("nan")))
    assert float(scale.factor) == 1.0
    plain = LossScale(CPU, torch.bfloat16)
    plain.update(BAD, torch.tensor(float("inf")))
    assert float(plain.factor) == 1.0
