"""Held-out loss: every token once, padding never, exact bytes."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from fidan.evaluation import heldout, predictions
from fidan.evaluation.heldout import HeldOutLoss, held_out_loss, windows
from fidan.hardware import autocast
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter

CPU = torch.device("cpu")


def measure(
    model: Decoder, documents: list[tuple[np.ndarray, int]], stride: int, sizes: np.ndarray | None = None
) -> HeldOutLoss:
    context = autocast(CPU, torch.float32)
    return held_out_loss(
        model, iter(documents), stride=stride, autocast=context, reporter=SilentReporter(), token_bytes=sizes
    )


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


def naive(model: Decoder, ids: np.ndarray, stride: int) -> Iterator[tuple[int, float, int, float]]:
    """Position, nats, rank and confidence token by token, without batches, padding or chunks."""
    for window in windows(ids, model.config.context, stride):
        tokens = torch.from_numpy(window.ids)[None]
        with torch.inference_mode():
            logits = model(tokens[:, :-1])[0].log_softmax(-1)
        for place in range(window.skip, len(window.ids) - 1):
            target = int(window.ids[place + 1])
            rank = 1 + int((logits[place] > logits[place, target]).sum())
            yield window.begin + place, -float(logits[place, target]), rank, float(logits[place].exp().max())


@pytest.mark.parametrize("stride", [4, 16])
def test_batched_equals_one_by_one(
    model: Decoder, documents: list[tuple[np.ndarray, int]], stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heldout, "BATCH_TOKENS", 40)
    monkeypatch.setattr(heldout, "GROUP_WINDOWS", 5)
    monkeypatch.setattr(predictions, "PRODUCT_ELEMENTS", 50 * 16)
    monkeypatch.setattr(predictions, "CACHED_ELEMENTS", 50 * 5)
    sizes = np.arange(50)
    result = measure(model, documents, stride, sizes)
    told = [list(naive(model, ids, stride)) for ids, _ in documents]
    assert result.nats == pytest.approx([sum(nats for _, nats, _, _ in tokens) for tokens in told], rel=1e-6)
    assert result.tokens.tolist() == [len(ids) - 1 for ids, _ in documents]
    assert result.text_bytes.tolist() == [size for _, size in documents]
    assert result.correct.tolist() == [sum(rank == 1 for _, _, rank, _ in tokens) for tokens in told]
    assert result.in_top.tolist() == [sum(rank <= 5 for _, _, rank, _ in tokens) for tokens in told]
    every = [token for tokens in told for token in tokens]
    for number, (first, end) in enumerate([(0, 1), (1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 64)]):
        inside = [token for token in every if first <= token[0] < end]
        assert result.position_tokens[number] == len(inside)
        assert result.position_nats[number] == pytest.approx(sum(nats for _, nats, _, _ in inside), rel=1e-6)
        spoken = sum(sizes[ids[1:][first:end]].sum() for ids, _ in documents)
        assert result.position_bytes[number] == spoken
    assert result.bin_tokens.sum() == len(every)
    assert result.bin_correct.sum() == result.correct.sum()
    assert result.bin_confidence.sum() == pytest.approx(sum(confidence for *_, confidence in every), rel=1e-6)
    for number in range(15):
        inside = [token for token in every if number < token[3] * 15 <= number + 1]
        assert result.bin_tokens[number] == len(inside)


def test_nothing_held_out_is_an_empty_result(model: Decoder) -> None:
    assert measure(model, [], 8).documents == 0


def test_units_by_hand() -> None:
    halves = math.log(2) * np.array([30.0, 50.0])
    result = HeldOutLoss(nats=halves, tokens=np.array([8, 12]), text_bytes=np.array([10, 30]))
    assert result.bits_per_byte == pytest.approx(2.0)
    assert result.loss == pytest.approx(4 * math.log(2))
    assert result.perplexity == pytest.approx(16.0)


def test_a_uniform_model_costs_ln_vocabulary_a_token(documents: list[tuple[np.ndarray, int]]) -> None:
    model = Decoder(ModelConfig(d_model=32, n_layers=1, n_heads=2, d_ff=64, context=16), 50)
    torch.nn.init.zeros_(model.lm_head.weight)
    assert measure(model, documents, 8).loss == pytest.approx(math.log(50), rel=1e-6)
