"""The decoder against its definition: parameter counts, parity with Transformers, cache, initial loss."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from fidan.export.llama import llama_shape
from fidan.generation.cache import KeyValueCache
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.rope import rope_table, rotate
from fidan.weights import weights_of

SMALL = ModelConfig(d_model=64, n_layers=3, n_heads=4, d_ff=160, context=64, rope_theta=50_000.0)
SHAPES = {
    "plain": SMALL,
    "grouped keys and values": replace(SMALL, n_kv_heads=2),
    "one key/value head": replace(SMALL, n_kv_heads=1),
    "tied": replace(SMALL, tie_embeddings=True),
    "wide heads": replace(SMALL, head_dim=32),
}
VOCABULARY = 301
Lively = Callable[[ModelConfig], Decoder]


def llama(config: ModelConfig, model: Decoder) -> LlamaForCausalLM:
    """Transformers' model with the same weights, every one of them."""
    theirs = LlamaForCausalLM(LlamaConfig(**llama_shape(config, VOCABULARY)))
    theirs.load_state_dict(model.state_dict(), strict=True)
    return theirs.eval()


def test_the_two_claims_of_134m_and_110m() -> None:
    untied = ModelConfig()
    assert untied.parameters(32_000) == 134_105_856
    assert replace(untied, tie_embeddings=True).parameters(32_000) == 109_529_856


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
def test_parameters_are_counted_as_they_are(config: ModelConfig) -> None:
    model = Decoder(config, VOCABULARY)
    assert config.parameters(VOCABULARY) == model.parameter_count()
    assert sum(t.numel() for t in weights_of(model).values()) == model.parameter_count()


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
def test_logits_and_gradients_equal_transformers(config: ModelConfig, lively: Lively) -> None:
    model = lively(config)
    theirs = llama(config, model)
    tokens = torch.randint(VOCABULARY, (3, 41))
    ours, expected = model(tokens), theirs(tokens).logits
    assert expected.std() > 0.5, "the weights are too tame to tell a mistake"
    torch.testing.assert_close(ours, expected, atol=1e-5, rtol=1e-5)

    labels = torch.randint(VOCABULARY, (3 * 41,))
    F.cross_entropy(ours.flatten(0, 1), labels).backward()
    F.cross_entropy(expected.flatten(0, 1), labels).backward()
    theirs_gradients = {name: p.grad for name, p in theirs.named_parameters()}
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, theirs_gradients[name], atol=1e-5, rtol=1e-5, msg=name)


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("pieces", [[20], [1] * 20, [7, 1, 1, 11], [19, 1]])
def test_cached_equals_uncached(config: ModelConfig, pieces: list[int], lively: Lively) -> None:
    model = lively(config).eval()
    tokens = torch.randint(VOCABULARY, (2, 20))
    cache = KeyValueCache(config, 2, 20, torch.float32, torch.device("cpu"))
    with torch.inference_mode():
        whole = model(tokens)
        parts = [model(part, cache.length, cache) for part in tokens.split(pieces, dim=1)]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-5, rtol=1e-5)


def test_no_position_sees_a_later_one(lively: Lively) -> None:
    model = lively(SMALL).eval()
    tokens = torch.randint(VOCABULARY, (1, 30))
    changed = tokens.clone()
    changed[0, 17:] = (changed[0, 17:] + 1) % VOCABULARY
    with torch.inference_mode():
        before, after = model(tokens), model(changed)
    torch.testing.assert_close(before[:, :17], after[:, :17], atol=0, rtol=0)
    assert (before[:, 17:] - after[:, 17:]).abs().max() > 0.1


def test_loss_at_step_zero_is_ln_vocabulary() -> None:
    torch.manual_seed(1)
    model = Decoder(ModelConfig(d_model=128, n_layers=4, n_heads=4, d_ff=256, context=64), 4000)
    tokens = torch.randint(4000, (8, 65))
    loss = F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
    assert float(loss.detach()) == pytest.approx(math.log(4000), rel=0.01)


def test_scores_depend_on_distance_alone() -> None:
    cos, sin = rope_table(40, 16, 10_000.0)
    torch.manual_seed(0)
    query, key = torch.randn(16), torch.randn(16)

    def score(at: int, to: int) -> float:
        q = rotate(query.expand(1, 1, 1, 16), cos[at : at + 1], sin[at : at + 1])
        k = rotate(key.expand(1, 1, 1, 16), cos[to : to + 1], sin[to : to + 1])
        return float((q * k).sum())

    assert score(12, 5) == pytest.approx(score(37, 30), abs=1e-4)
    assert score(12, 5) != pytest.approx(score(12, 6), abs=1e-2)


def test_the_rope_table_keeps_its_precision_in_bf16() -> None:
    model = Decoder(SMALL, VOCABULARY).to(torch.bfloat16)
    assert model.model.cos.dtype == torch.float32


def test_positions_beyond_the_context_are_refused() -> None:
    with pytest.raises(ValueError, match="65 positions: the model's context is 64"):
        Decoder(SMALL, VOCABULARY)(torch.zeros(1, 65, dtype=torch.int64))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"d_model": 100, "n_heads": 12}, "d_model = 100 cannot be split among n_heads = 12"),
        ({"n_kv_heads": 3}, "n_kv_heads = 3"),
        ({"head_dim": 15}, "head width = 15"),
        ({"n_layers": 0}, "n_layers = 0"),
    ],
)
def test_impossible_shapes_are_refused(change: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **change)
