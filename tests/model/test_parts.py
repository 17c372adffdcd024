"""Each small part of a block against its counterpart in PyTorch or Transformers, or against its formula."""

import math

import pytest
import torch
from torch import nn
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaModuleConfig
from transformers.models.t5gemma.modeling_t5gemma import T5GemmaMLP, T5GemmaRMSNorm

from fidan.model.block import Block
from fidan.model.config import ModelConfig
from fidan.model.feedforward import GELU, GeGLU, SwiGLU, build_feedforward
from fidan.model.layer_scale import LayerScale
from fidan.model.norm import LayerNorm, RMSNorm, build_norm
from fidan.model.positions import sinusoids

X = 3.0 * torch.randn(5, 7, 24, generator=torch.Generator().manual_seed(0)) + 0.7


def test_rmsnorm_is_t5gemmas_whose_gain_is_less_by_one() -> None:
    ours, theirs = RMSNorm(24, 1e-5), T5GemmaRMSNorm(24, 1e-5)
    with torch.no_grad():
        ours.weight.add_(0.3 * torch.randn(24))
        theirs.weight.copy_(ours.weight - 1)
    torch.testing.assert_close(ours(X), theirs(X), atol=1e-6, rtol=1e-6)


def test_layernorm_is_pytorchs() -> None:
    ours, theirs = LayerNorm(24, 1e-5), nn.LayerNorm(24, 1e-5)
    with torch.no_grad():
        ours.weight.add_(0.3 * torch.randn(24))
        ours.bias.add_(torch.randn(24))
    theirs.load_state_dict(ours.state_dict(), strict=True)
    torch.testing.assert_close(ours(X), theirs(X), atol=1e-6, rtol=1e-6)
    assert ours(X.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize(("kind", "activation"), [(SwiGLU, "silu"), (GeGLU, "gelu_pytorch_tanh")])
def test_gated_feedforward_is_t5gemmas(kind: type[SwiGLU | GeGLU], activation: str) -> None:
    torch.manual_seed(0)
    ours = kind(24, 40)
    config = T5GemmaModuleConfig(hidden_size=24, intermediate_size=40, hidden_activation=activation, dropout_rate=0.0)
    theirs = T5GemmaMLP(config)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    torch.testing.assert_close(ours(X), theirs(X), atol=1e-6, rtol=1e-6)


def test_plain_feedforward_bends_by_the_normal_distribution() -> None:
    torch.manual_seed(0)
    ours, torchs = (
        GELU(24, 40),
        nn.Sequential(nn.Linear(24, 40, bias=False), nn.GELU(), nn.Linear(40, 24, bias=False)),
    )
    torchs.load_state_dict({"0.weight": ours.up_proj.weight, "2.weight": ours.down_proj.weight}, strict=True)
    torch.testing.assert_close(ours(X), torchs(X), atol=1e-6, rtol=1e-6)
    wide = X @ ours.up_proj.weight.T
    bent = wide * 0.5 * (1 + torch.erf(wide / math.sqrt(2)))
    torch.testing.assert_close(ours(X), bent @ ours.down_proj.weight.T, atol=1e-6, rtol=1e-5)


def test_sinusoids_are_marians_whose_sines_stand_before_the_cosines() -> None:
    theirs = MarianSinusoidalPositionalEmbedding(50, 24)
    theirs.weight.data = theirs.create_weight()
    expected = theirs(torch.Size((1, 50)))
    ours = sinusoids(50, 24)
    torch.testing.assert_close(torch.cat((ours[:, 0::2], ours[:, 1::2]), dim=1), expected, atol=1e-5, rtol=0)


def test_distances_can_be_read_off_sinusoids() -> None:
    table = sinusoids(60, 24)
    assert float(table[3] @ table[11]) == pytest.approx(float(table[40] @ table[48]), abs=1e-4)
    assert float(table[3] @ table[11]) != pytest.approx(float(table[3] @ table[12]), abs=1e-2)


def test_a_layer_scale_begins_small_and_is_learnt_by_value() -> None:
    scale = LayerScale(24, 0.1)
    torch.testing.assert_close(scale(X), 0.1 * X)
    torch.testing.assert_close(torch.autograd.grad(scale(X).sum(), scale.weight)[0], X.sum((0, 1)))


def test_a_config_chooses_the_parts() -> None:
    kinds = {"swiglu": SwiGLU, "geglu": GeGLU, "gelu": GELU}
    for name, kind in kinds.items():
        assert type(build_feedforward(ModelConfig(feedforward=name))) is kind
    assert type(build_norm(ModelConfig(norm="layernorm"))) is LayerNorm
    assert type(build_norm(ModelConfig())) is RMSNorm


@pytest.mark.parametrize("place", ["pre", "sandwich"])
def test_what_a_sub_layer_adds(place: str) -> None:
    """Pre-norm adds what comes out; sandwich norm brings it to one size first; a layer scale makes it smaller."""
    torch.manual_seed(0)
    config = ModelConfig(
        d_model=24, n_layers=1, n_heads=2, d_ff=40, context=8, positions="learnt", norm_place=place, layer_scale=0.5
    )
    block = Block(config, 0)
    torch.nn.init.zeros_(block.self_attn.o_proj.weight)  # so that the feed-forward layer alone adds
    with torch.no_grad():
        added = block(X, None, None) - X
        plain = block.mlp(X / X.square().mean(-1, keepdim=True).add(1e-5).sqrt())
        if place == "sandwich":
            plain = plain / plain.square().mean(-1, keepdim=True).add(1e-5).sqrt()
    torch.testing.assert_close(added, 0.5 * plain, atol=1e-5, rtol=1e-4)
