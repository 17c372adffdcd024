"""The encoder-decoder against Transformers' T5Gemma, and against what its masks promise; every shape that builds."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from fidan.errors import FidanError
from fidan.export.llama import llama_shape
from fidan.generation.fast_step import FastStep
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.model.masks import Mask, causal_mask
from fidan.model.scaled_dot_product import attend
from fidan.weights import load_weights, weights_of
from tests.model.t5gemma import T5GEMMA, V, lively, t5gemma

CLASSICAL = replace(T5GEMMA, norm_place="pre", norm="layernorm", feedforward="gelu", positions="sinusoidal")
SHAPES = {
    "T5Gemma": T5GEMMA,
    "GeGLU, grouped keys": replace(T5GEMMA, feedforward="geglu", n_kv_heads=2),
    "head of its own": replace(T5GEMMA, tie_embeddings=False, head_dim=16, rope_theta=500.0),
}
ALL = {**SHAPES, "classical": CLASSICAL, "learnt, scaled": replace(CLASSICAL, positions="learnt", layer_scale=0.3)}


def batch() -> tuple[Tensor, Tensor, Tensor]:
    """Sources of 11, 7 and 3 tokens, and texts of 9."""
    torch.manual_seed(1)
    mask = torch.arange(11) < torch.tensor([11, 7, 3])[:, None]
    return torch.randint(3, V, (3, 11)), torch.randint(3, V, (3, 9)), mask


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
def test_logits_equal_t5gemmas(config: ModelConfig) -> None:
    model = lively(config)
    source, text, mask = batch()
    with torch.inference_mode():
        expected = t5gemma(model)(
            input_ids=source, attention_mask=mask.long(), decoder_input_ids=text,
            decoder_attention_mask=torch.ones_like(text),
        ).logits  # fmt: skip
        found = model(source, text, mask)
    assert expected.std() > 0.3, "the weights are too tame to tell a mistake"
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("config", ALL.values(), ids=ALL.keys())
def test_padding_in_the_source_changes_nothing(config: ModelConfig) -> None:
    model = lively(config)
    source, text, mask = batch()
    with torch.inference_mode():
        together = model(source, text, mask)
        other = model(torch.where(mask, source, 5), text, mask)
        for row, length in enumerate((11, 7, 3)):
            alone = model(source[row : row + 1, :length], text[row : row + 1])
            torch.testing.assert_close(together[row : row + 1], alone, atol=1e-5, rtol=1e-5)
    assert torch.equal(together, other), "whatever stands in the padding"


def test_a_source_that_is_all_padding_harms_nobody() -> None:
    model = lively(T5GEMMA)
    source, text, mask = batch()
    alone = model(source[:1], text[:1], mask[:1])
    mask[1] = False
    logits = model(source, text, mask)
    assert torch.isfinite(logits).all()
    torch.testing.assert_close(logits[:1], alone, atol=1e-5, rtol=1e-5)
    assert torch.equal(logits[1], model((source + 1) % V, text, mask)[1]), "nothing of it is seen"
    logits.square().sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())


def first_changes(model: EncoderDecoder) -> Iterator[tuple[int, int]]:
    """Change every token of a text in turn: where it is, and the first position whose logits notice."""
    source, text, mask = batch()
    with torch.inference_mode():
        before = model(source, text, mask)
        for place in range(1, text.shape[1]):
            changed = text.clone()
            changed[:, place] = (changed[:, place] + 1) % V
            different = (model(source, changed, mask) - before).abs().amax((0, 2)) > 1e-6
            yield place, int(different.nonzero()[0])


@pytest.mark.parametrize("config", ALL.values(), ids=ALL.keys())
def test_no_position_sees_a_later_one(config: ModelConfig) -> None:
    assert all(place == first for place, first in first_changes(lively(config)))


def test_a_planted_leak_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_ahead(q: Tensor, k: Tensor, v: Tensor, mask: Mask | None = None, causal: bool = False) -> Tensor:
        length = q.shape[2]
        seen = causal_mask(length, past=1).allowed[:, :length]
        return attend(q, k, v, Mask(seen)) if causal else attend(q, k, v, mask)

    monkeypatch.setattr("fidan.model.attention.attend", one_ahead)
    assert all(first < place for place, first in first_changes(lively(T5GEMMA)))


def test_the_source_is_read_in_both_directions() -> None:
    model = lively(T5GEMMA)
    source, _, _ = batch()
    changed = source.clone()
    changed[:, -1] += 1
    with torch.inference_mode():
        assert ((model.encode(source) - model.encode(changed)).abs().amax((0, 2)) > 1e-4).all()


@pytest.mark.parametrize(
    "choices",
    [
        *product(
            ("rmsnorm", "layernorm"), ("pre", "sandwich"), ("geglu", "gelu"), ("rope", "learnt"), (0.0, 0.1), (0, 2)
        )
    ],
    ids=str,
)
def test_every_shape_is_counted_and_learns(choices: tuple[str, str, str, str, float, int]) -> None:
    names = ("norm", "norm_place", "feedforward", "positions", "layer_scale", "encoder_layers")
    config = replace(T5GEMMA, n_layers=1, n_kv_heads=2, **dict(zip(names, choices, strict=True)))
    model = build_model(config, V)
    assert model.parameter_count() == config.parameters(V)
    tokens = torch.randint(V, (2, 9))
    logits = model(tokens, tokens[:, :5]) if isinstance(model, EncoderDecoder) else model(tokens)
    logits.logsumexp(-1).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("config", [T5GEMMA, replace(CLASSICAL, encoder_layers=0)], ids=["both", "decoder"])
def test_operations_are_counted_as_pytorch_counts_them(config: ModelConfig) -> None:
    model, source = build_model(config, V), torch.zeros(1, 7, dtype=torch.long)
    text = torch.zeros(1, 14, dtype=torch.long)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(source, text) if isinstance(model, EncoderDecoder) else model(text)
    told = config.flops_per_token(V, 14, 7 if config.encoder_layers else None)
    assert told * 14 == 3 * counter.get_total_flops(), "the backward pass takes twice the forward one"


def test_a_classical_decoder_learns() -> None:
    torch.manual_seed(0)
    config = replace(CLASSICAL, encoder_layers=0, n_layers=1, embedding_std=0.18)
    model, tokens = build_model(config, V), torch.arange(24).repeat(4, 1)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    losses = []
    for _ in range(40):
        losses.append(F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten()))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert float(losses[-1].detach()) < 0.1 < 4 < float(losses[0].detach())


def test_weights_are_stored_once_and_come_back() -> None:
    model, other = lively(T5GEMMA), build_model(T5GEMMA, V).eval()
    weights = weights_of(model)
    assert sum(t.numel() for t in weights.values()) == model.parameter_count() == T5GEMMA.parameters(V)
    load_weights(other, weights, "here")
    source, text, mask = batch()
    assert torch.equal(other(source, text, mask), model(source, text, mask))


def test_blocks_computed_again_give_the_same_gradients() -> None:
    model = lively(replace(T5GEMMA, dropout=0.1, drop_path=0.2)).train()
    source, text, mask = batch()
    found = []
    for again in (False, True):
        model.checkpoint_blocks(again)
        torch.manual_seed(4)
        found.append(torch.autograd.grad(model(source, text, mask).square().mean(), list(model.parameters())))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_what_keeps_a_model_from_being_another_is_named() -> None:
    assert ModelConfig().llama_shaped() == []
    assert T5GEMMA.t5gemma_shaped() == replace(T5GEMMA, feedforward="geglu").t5gemma_shaped() == []
    assert ModelConfig().t5gemma_shaped() == ["encoder_layers = 0", "norm_place = 'pre'"]
    assert CLASSICAL.llama_shaped() == [
        "encoder_layers = 2", "norm = 'layernorm'", "feedforward = 'gelu'", "positions = 'sinusoidal'",
    ]  # fmt: skip
    classical = replace(CLASSICAL, encoder_layers=0)
    with pytest.raises(FidanError, match="cannot be exported: norm = 'layernorm', feedforward = 'gelu', positions"):
        llama_shape(classical, V)
    with pytest.raises(ValueError, match="loops are for a Llama, and this model has norm = 'layernorm'"):
        FastStep(Decoder(classical, V))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"norm": "batchnorm"}, "norm = 'batchnorm': must be one of rmsnorm, layernorm"),
        ({"norm_place": "post"}, "norm_place = 'post': must be one of pre, sandwich"),
        ({"feedforward": "relu"}, "feedforward = 'relu': must be one of swiglu, geglu, gelu"),
        ({"positions": "alibi"}, "positions = 'alibi': must be one of rope, sinusoidal, learnt"),
        ({"encoder_layers": -1}, "encoder_layers = -1: must be at least 0"),
        ({"layer_scale": -0.1}, "layer_scale = -0.1: from above 0 to 1"),
        (
            {"d_model": 33, "n_heads": 3, "positions": "sinusoidal"},
            "d_model = 33: sinusoidal positions come in pairs",
        ),
        ({"head_dim": 5}, "head width = 5: rotary positions need an even one"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(T5GEMMA, **change)


def test_an_odd_head_is_only_rotations_trouble() -> None:
    assert replace(T5GEMMA, head_dim=5, positions="learnt").head_width == 5


def test_what_does_not_belong_together_is_refused() -> None:
    source, text, _ = batch()
    model, decoder = lively(T5GEMMA), Decoder(replace(T5GEMMA, encoder_layers=0), V)
    with pytest.raises(ValueError, match="a source of 33 positions: the model's context is 24"):
        model(source.repeat(1, 3), text)
    with pytest.raises(ValueError, match="27 positions: the model's context is 24"):
        model(source, text.repeat(1, 3))
    with pytest.raises(ValueError, match="a source is for an encoder-decoder"):
        decoder.model(text, source=model.source(source))
    with pytest.raises(ValueError, match="a source is for an encoder-decoder"):
        model.decoder(text)
    with pytest.raises(ValueError, match="this is a decoder's shape"):
        EncoderDecoder(decoder.config, V)
    with pytest.raises(ValueError, match="this is an encoder-decoder's shape"):
        Decoder(T5GEMMA, V)
    with pytest.raises(ValueError, match="source_length = 5: the model has no encoder"):
        decoder.config.flops_per_token(V, 9, 5)
