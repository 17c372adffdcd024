"""The memory that is foretold is what a real model, its optimizer and its backward pass hold."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from fidan.hardware import autocast
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import Recipe, TrainConfig
from fidan.training.loss import batch_loss
from fidan.training.memory import _activations, framework_bytes, optimizer_bytes, training_memory
from fidan.training.optimizer import build_optimizers

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
SHAPE = ModelConfig(d_model=64, n_layers=3, n_heads=4, n_kv_heads=2, d_ff=160, context=64)
TRAIN = TrainConfig(tokens=10**6, batch_size=3, sequence_length=48)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("tied", [False, True])
def test_activations_are_what_autograd_keeps(dtype: torch.dtype, tied: bool) -> None:
    config = replace(SHAPE, tie_embeddings=tied)
    model = Decoder(config, 500)
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor), autocast(CPU, dtype):
        hidden = model.model(torch.randint(500, (3, 48)))
    assert hidden.requires_grad
    assert sum(storage.nbytes() for storage in kept.values()) == _activations(config, 500, TRAIN, dtype)


@pytest.mark.parametrize("tied", [False, True])
def test_adamws_state_is_as_large_as_foretold(tied: bool) -> None:
    config = replace(SHAPE, tie_embeddings=tied)
    model = Decoder(config, 500)
    (optimizer,) = build_optimizers(model, TRAIN, torch.float32)
    tokens = torch.randint(500, (3, 48))
    batch_loss(model.model, model.lm_head.weight, tokens, tokens, torch.float32).objective.backward()
    optimizer.step()
    held = sum(v.nbytes for state in optimizer.state.values() for v in state.values() if v.ndim)
    assert held == optimizer_bytes(config, 500, TRAIN)


def with_train(recipe: Recipe, **changes: object) -> Recipe:
    return replace(recipe, train=replace(recipe.train, warmup_steps=0, **changes))


def test_what_each_setting_costs(tiny_recipe: Recipe) -> None:
    recipe = with_train(tiny_recipe, batch_size=64, accumulate=1)
    fp32 = torch.float32
    plain = training_memory(recipe, CPU, fp32)
    parameters = recipe.model.parameters(recipe.tokenizer.vocab_size)
    assert plain.weights == 4 * parameters
    assert training_memory(with_train(recipe, ema=0.99), CPU, fp32).total == plain.total + 4 * parameters
    blocks = recipe.model.n_layers * (recipe.model.layer_parameters() - 2 * recipe.model.d_model)
    muon = training_memory(with_train(recipe, optimizer="muon"), CPU, fp32)
    assert plain.optimizer - muon.optimizer == 4 * blocks
    twice = training_memory(with_train(recipe, batch_size=128), CUDA, fp32).work
    once = training_memory(recipe, CUDA, fp32).work
    assert twice == pytest.approx(2 * once, rel=1e-3)
    assert training_memory(with_train(recipe, accumulate=2), CUDA, fp32).work == once + 4 * parameters
    assert training_memory(with_train(recipe, compile=True), CPU, fp32).work < 0.7 * plain.work
    assert training_memory(with_train(recipe, activation_checkpointing=True), CPU, fp32).work < 0.7 * plain.work
    small = with_train(recipe, batch_size=1, sequence_length=8)
    assert training_memory(small, CUDA, fp32).work == 4 * parameters  # the gradients, when the batch is tiny


def test_pytorch_itself_takes_memory() -> None:
    assert framework_bytes(TRAIN, CPU, torch.float32) > 100e6
