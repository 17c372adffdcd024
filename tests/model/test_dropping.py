"""Dropout and stochastic depth: right on average, gone in evaluation, absent when the setting is 0."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from fidan.model.block import Block
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.drop_path import drop_path, drop_path_rate
from fidan.model.rope import rope_table

Lively = Callable[[ModelConfig], Decoder]
SMALL = ModelConfig(d_model=64, n_layers=3, n_heads=4, d_ff=160, context=64)
DROPPING = {
    "dropout": replace(SMALL, dropout=0.2),
    "drop path": replace(SMALL, drop_path=0.4),
    "both": replace(SMALL, dropout=0.1, drop_path=0.3),
}
TOKENS = torch.arange(2 * 40).view(2, 40)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_whole_rows_are_dropped_and_the_mean_stays(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    rows, rate = 20_000, 0.3
    out = drop_path(torch.ones(rows, 2, 3, dtype=dtype), rate)
    assert out.dtype == dtype
    kept = out[:, 0, 0] != 0
    assert torch.equal(out, (kept[:, None, None] / torch.tensor(0.7)).to(dtype).expand(-1, 2, 3))
    spread = (rate * (1 - rate) / rows) ** 0.5
    assert abs(float(kept.double().mean()) - (1 - rate)) < 4 * spread


def test_the_rate_grows_with_depth() -> None:
    assert [drop_path_rate(0.4, layer, 4) for layer in range(4)] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    model = Decoder(replace(SMALL, drop_path=0.3), 301)
    assert [block.drop_path for block in model.model.layers] == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize("change", [{"dropout": 0.2}, {"drop_path": 0.2}])
def test_a_block_adds_on_average_what_it_adds_plainly(change: dict[str, float]) -> None:
    # Attention alone: what the feed-forward adds depends on what the attention left, and not linearly.
    torch.manual_seed(0)
    block = Block(replace(SMALL, n_layers=1, **change), 0)
    torch.nn.init.zeros_(block.mlp.down_proj.weight)
    rows = 8000
    x, (cos, sin) = torch.randn(1, 4, 64), rope_table(4, 16, 10_000.0)
    with torch.no_grad():
        added = block(x.expand(rows, -1, -1), cos, sin) - x
        plain = block.eval()(x, cos, sin) - x
    # A value a is a / 0.8 with chance 0.8, else 0: its standard deviation is a / 2.
    error = (added.mean(0) - plain[0]).abs() / (plain[0].abs() / 2 / rows**0.5 + 1e-6)
    assert error.max() < 5
    assert (added == 0).any()


def test_dropout_is_on_the_embeddings_too(lively: Lively) -> None:
    model = lively(replace(SMALL, dropout=0.5)).model
    seen: list[torch.Tensor] = []
    model.layers[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    for mode in (True, False):
        model.train(mode)(TOKENS)
    dropped, plain = seen
    kept = dropped != 0
    assert 0.4 < float(kept.float().mean()) < 0.6
    torch.testing.assert_close(dropped[kept], 2 * plain[kept], atol=0, rtol=0)


@pytest.mark.parametrize("config", DROPPING.values(), ids=DROPPING.keys())
def test_evaluation_drops_nothing(config: ModelConfig, lively: Lively) -> None:
    model, plain = lively(config), lively(SMALL)
    assert list(model.state_dict()) == list(plain.state_dict())
    with torch.no_grad():
        assert not torch.allclose(model(TOKENS), plain(TOKENS), atol=0.1)
        assert torch.equal(model.eval()(TOKENS), plain(TOKENS))


@pytest.mark.parametrize("config", DROPPING.values(), ids=DROPPING.keys())
def test_the_seed_decides_what_is_dropped(config: ModelConfig, lively: Lively) -> None:
    model = lively(config)
    outputs = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        outputs.append(model(TOKENS).detach())
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])


def test_nothing_is_drawn_where_nothing_is_dropped(lively: Lively) -> None:
    model = lively(SMALL)
    before = torch.get_rng_state()
    training = model(TOKENS).detach()
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(training, model.eval()(TOKENS).detach())
