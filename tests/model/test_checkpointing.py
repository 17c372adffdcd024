"""Blocks computed again in the backward pass: the same gradients, less kept in memory."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from fidan.generation.cache import KeyValueCache
from fidan.hardware import compile_problem
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder

Lively = Callable[[ModelConfig], Decoder]
SMALL = ModelConfig(d_model=64, n_layers=4, n_heads=4, d_ff=160, context=64)
SHAPES = {"plain": SMALL, "dropping": replace(SMALL, n_kv_heads=2, dropout=0.1, drop_path=0.3)}
TOKENS = torch.arange(3 * 60).view(3, 60)
DOCUMENTS = (TOKENS % 17 == 0).cumsum(1)


def gradients(body: nn.Module, documents: Tensor | None) -> list[Tensor]:
    """Of a loss that touches every parameter but the head's."""
    torch.manual_seed(5)
    hidden = body(TOKENS, documents=documents)
    return list(torch.autograd.grad(hidden.square().mean(), list(body.parameters())))


def saved_bytes(body: nn.Module, documents: Tensor | None = None) -> int:
    """What a forward pass keeps for the backward pass, each piece of memory once, the parameters not counted."""
    own = {parameter.untyped_storage().data_ptr() for parameter in body.parameters()}
    kept: dict[int, int] = {}
    alive: list[Tensor] = []  # so that no address is given out twice

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        body(TOKENS, documents=documents)
    return sum(kept.values())


@pytest.mark.parametrize("documents", [None, DOCUMENTS], ids=["one document", "documents"])
@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
def test_the_gradients_keep_their_bits(config: ModelConfig, documents: Tensor | None, lively: Lively) -> None:
    body = lively(config).model
    plain = gradients(body, documents)
    calls = []
    body.layers[0].register_forward_pre_hook(lambda *_: calls.append(1))
    body.checkpoint_blocks()
    again = gradients(body, documents)
    assert len(calls) == 2, "once forward, once more on the way back"
    assert all(torch.equal(one, other) for one, other in zip(plain, again, strict=True))
    body.checkpoint_blocks(False)
    gradients(body, documents)
    assert len(calls) == 3


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
def test_less_is_kept(config: ModelConfig, lively: Lively) -> None:
    body = lively(config).model
    plain = saved_bytes(body)
    body.checkpoint_blocks()
    kept = saved_bytes(body)
    stream = TOKENS.numel() * config.d_model * 4
    assert kept < plain / 4
    assert kept < (config.n_layers + 6) * stream, "a stream a block, and the last norm's"


@pytest.mark.parametrize("documents", [None, DOCUMENTS], ids=["one document", "documents"])
def test_compiled_blocks_are_computed_again_too(documents: Tensor | None, lively: Lively) -> None:
    problem = compile_problem(torch.device("cpu"))
    if problem:
        pytest.skip(f"torch.compile does not work here: {problem}")
    body = lively(SMALL).model
    exact = gradients(body, documents)
    kept = {}
    for again in (False, True):
        body.checkpoint_blocks(again)
        torch._dynamo.reset()
        compiled = torch.compile(body, fullgraph=True)
        for one, other in zip(exact, gradients(compiled, documents), strict=True):
            torch.testing.assert_close(other, one, atol=1e-5, rtol=1e-4)
        kept[again] = saved_bytes(compiled, documents)
    assert kept[True] < kept[False] / 2, kept


def test_a_cache_is_filled_once(lively: Lively) -> None:
    model = lively(SMALL)
    model.model.checkpoint_blocks()
    cache = KeyValueCache(SMALL, 1, 20, torch.float32, torch.device("cpu"))
    with torch.inference_mode():
        pieces = [model(part, cache.length, cache) for part in TOKENS[:1, :20].split([12, 8], dim=1)]
        torch.testing.assert_close(torch.cat(pieces, dim=1), model(TOKENS[:1, :20]), atol=1e-5, rtol=1e-5)
    assert cache.length == 20
