"""Which parameter is treated how, and Muon against PyTorch's own."""

import copy
from typing import Literal, cast

import pytest
import torch
from torch import nn

from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import TrainConfig
from fidan.training.muon import Muon, orthogonalize
from fidan.training.optimizer import build_optimizers
from fidan.training.update import Update

SHAPES = [(24, 24), (16, 48), (48, 16), (24, 24), (16, 48)]


def config(optimizer: Literal["adamw", "muon"] = "muon") -> TrainConfig:
    return TrainConfig(
        tokens=10**9, optimizer=optimizer, learning_rate=0.001, muon_learning_rate=0.01, embedding_decay=0.05
    )


def decoder(tied: bool = False) -> Decoder:
    torch.manual_seed(0)
    return Decoder(ModelConfig(d_model=16, n_layers=2, n_heads=2, d_ff=32, context=8, tie_embeddings=tied), 40)


def set_gradients(model: nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator) * 1e-3


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
@pytest.mark.parametrize("tied", [False, True])
def test_rates_and_decays(optimizer: Literal["adamw", "muon"], tied: bool) -> None:
    model = decoder(tied)
    optimizers = build_optimizers(model, config(optimizer), torch.float32)
    groups = [group for part in optimizers for group in part.param_groups]
    treated = {id(p): (group["base_lr"], group["weight_decay"]) for group in groups for p in group["params"]}
    assert sum(len(group["params"]) for group in groups) == len(treated)
    for name, parameter in model.named_parameters():
        if "norm" in name:
            expected = (0.001, 0.0)
        elif "embed" in name:
            expected = (0.001, 0.05)
        elif name == "lm_head.weight":
            expected = (0.001, 0.1)
        else:
            expected = (0.01 if optimizer == "muon" else 0.001, 0.1)
        assert treated[id(parameter)] == expected, name


@pytest.fixture
def unrounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's Muon, which always computes in bf16, in fp32."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


def farthest(ours: list[nn.Parameter], theirs: list[nn.Parameter]) -> float:
    return max(float((a - b).abs().max().detach()) for a, b in zip(ours, theirs, strict=True))


def run_both(dtype: torch.dtype) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    torch.manual_seed(3)
    ours = [nn.Parameter(torch.randn(shape)) for shape in SHAPES]
    theirs = copy.deepcopy(ours)
    optimizers = (
        Muon(ours, lr=0.02, weight_decay=0.1, momentum=0.9, dtype=dtype),
        torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, momentum=0.9),
    )
    for _ in range(5):
        for own, other in zip(ours, theirs, strict=True):
            own.grad = torch.randn(own.shape) * 1e-3
            other.grad = own.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    return ours, theirs


@pytest.mark.usefixtures("unrounded")
def test_muon_is_pytorchs_in_fp32() -> None:
    assert farthest(*run_both(torch.float32)) < 2e-6


def test_muon_is_pytorchs_in_bf16() -> None:
    # Five steps of at most 0.02 · √3 · 1.2 an element: they differ by less than bf16's 2⁻⁸ of that in each.
    assert farthest(*run_both(torch.bfloat16)) < 5 * 0.02 * 3**0.5 * 1.2 * 2**-7


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("size", [1.0, 1e-6, 1e6])
def test_singular_values_become_one(dtype: torch.dtype, size: float) -> None:
    torch.manual_seed(1)
    matrices = torch.randn(3, 20, 50) * size
    for batch in (matrices, matrices.mT):
        values = torch.linalg.svdvals(orthogonalize(batch, dtype).float())
        assert values.min() > 0.6
        assert values.max() < 1.25


def test_a_vector_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(5,\)"):
        Muon([nn.Parameter(torch.zeros(5))], 0.02, 0.1, 0.95, torch.float32)


NOW, LATER = torch.tensor(0.0), torch.tensor(1.0)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_gradients_are_divided_and_a_bad_step_changes_nothing(optimizer: Literal["adamw", "muon"]) -> None:
    model = decoder()
    plain = copy.deepcopy(model)
    updates = [Update(build_optimizers(m, config(optimizer), torch.float32)) for m in (model, plain)]
    for seed in range(3):
        for update, of, factor in zip(updates, (model, plain), (4.0, 1.0), strict=True):
            set_gradients(of, seed)
            for parameter in of.parameters():
                parameter.grad = cast(torch.Tensor, parameter.grad) * factor
            update.set_rate(0.5)
            update.step(torch.tensor(factor), NOW)
        set_gradients(model, seed + 100)
        for parameter in model.parameters():
            parameter.grad = cast(torch.Tensor, parameter.grad) * float("nan")
        updates[0].step(torch.tensor(1.0), LATER)
    for (name, one), other in zip(model.named_parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other), name
    updates[0].zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_rates_are_shares_of_their_peaks() -> None:
    update = Update(build_optimizers(decoder(), config(), torch.float32))
    update.set_rate(0.25)
    rates = {group["lr"] for part in update.optimizers for group in part.param_groups}
    assert rates == {0.00025, 0.0025}
    assert update.rate == 0.00025


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_it_learns(optimizer: Literal["adamw", "muon"]) -> None:
    model = decoder()
    tokens = torch.randint(40, (4, 8), generator=torch.Generator().manual_seed(5))

    def loss() -> torch.Tensor:
        return nn.functional.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())

    update = Update(build_optimizers(model, config(optimizer), torch.float32))
    before = float(loss().detach())
    for _ in range(30):
        update.zero_grad()
        loss().backward()
        update.step(torch.tensor(1.0), NOW)
    assert float(loss().detach()) < before - 0.5
