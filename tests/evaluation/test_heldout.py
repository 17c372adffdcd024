"""Held-out loss: every token once, padding never, exact bytes."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from fidan.evaluation import heldout
from fidan.evaluation.heldout import HeldOutLoss, held_out_loss, windows
from fidan.hardware import autocast
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter

CPU = torch.device("cpu")


def measure(model: Decoder, documents: list[tuple[np.ndarray, int]], stride: int) -> HeldOutLoss:
    context = autocast(CPU, torch.float32)
    return held_out_loss(model, iter(documents), stride=stride, autocast=context, reporter=SilentReporter())


@pytest.fixture(scope="module")
def model() -> Decoder:
    torch.manual_seed(0)
    model = Decoder(ModelConfig(d_model=32, n_layers=2, n_heads=2, d_ff=64, context=16), 50)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    return model


@pytest.fixture(scope="module")
def documents() -> list[tuple[np.ndarray, int]]:
    draw = np.random.default_rng(0)
    return [(draw.integers(0, 50, size), int(size) * 3) for size in (2, 3, 16, 17, 18, 33, 50, 2, 41)]


@pytest.mark.parametrize("length", [2, 3, 9, 16, 17, 18, 24, 25, 33, 100])
@pytest.mark.parametrize("stride", [1, 5, 8, 15, 16])
def test_windows_predict_every_token_once_with_enough_before_it(length: int, stride: int) -> None:
    ids = np.arange(length)
    predicted: list[int] = []
    for window in windows(ids, 16, stride):
        assert len(window.ids) <= 17
        new = window.ids[window.skip + 1 :].tolist()
        if predicted:
            assert window.skip >= 16 - stride
        predicted += new
    assert predicted == list(range(1, length))


def naive(model: Decoder, documents: list[tuple[np.ndarray, int]], stride: int) -> Iterator[float]:
    """Token by token, without batches, padding or chunks."""
    for ids, _ in documents:
        for window in windows(ids, model.config.context, stride):
            tokens = torch.from_numpy(window.ids)[None]
            with torch.inference_mode():
                logits = model(tokens[:, :-1])[0, window.skip :]
            yield float(F.cross_entropy(logits, tokens[0, window.skip + 1 :], reduction="sum"))


@pytest.mark.parametrize("stride", [4, 16])
def test_batched_equals_one_by_one(
    model: Decoder, documents: list[tuple[np.ndarray, int]], stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heldout, "BATCH_TOKENS", 40)
    monkeypatch.setattr(heldout, "GROUP_WINDOWS", 5)
    monkeypatch.setattr(heldout, "LOGIT_ELEMENTS", 50 * 16)
    result = measure(model, documents, stride)
    assert result.nats == pytest.approx(sum(naive(model, documents, stride)), rel=1e-6)
    assert result.tokens == sum(len(ids) - 1 for ids, _ in documents)
    assert result.text_bytes == sum(size for _, size in documents)
    assert result.documents == len(documents)


def test_units_by_hand() -> None:
    result = HeldOutLoss(nats=math.log(2) * 80, tokens=20, text_bytes=40, documents=2)
    assert result.bits_per_byte == pytest.approx(2.0)
    assert result.loss == pytest.approx(4 * math.log(2))
    assert result.perplexity == pytest.approx(16.0)


def test_a_uniform_model_costs_ln_vocabulary_a_token(documents: list[tuple[np.ndarray, int]]) -> None:
    model = Decoder(ModelConfig(d_model=32, n_layers=1, n_heads=2, d_ff=64, context=16), 50)
    torch.nn.init.zeros_(model.lm_head.weight)
    assert measure(model, documents, 8).loss == pytest.approx(math.log(50), rel=1e-6)
