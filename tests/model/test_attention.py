"""Attention, self and cross, against its formula, PyTorch's and Transformers'; masks; reading the weights."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaModuleConfig
from transformers.models.t5gemma.modeling_t5gemma import T5GemmaCrossAttention, T5GemmaSelfAttention

from fidan.model import scaled_dot_product
from fidan.model.attention import MultiHeadAttention, SelfAttention, attention_weights
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.cross_attention import CrossAttention, Source
from fidan.model.decoder import Decoder
from fidan.model.masks import Mask, causal_mask, causal_padding_mask, padding_mask
from fidan.model.rope import rope_table
from fidan.model.scaled_dot_product import attend

Lively = Callable[[ModelConfig], Decoder]
SHAPE = ModelConfig(d_model=32, n_layers=2, n_heads=4, d_ff=48, context=16)
GROUPED = replace(SHAPE, n_kv_heads=2)
BOTH = replace(GROUPED, encoder_layers=3, norm_place="sandwich")
PRESENT = torch.tensor([[True] * 7, [True] * 4 + [False] * 3, [False] * 2 + [True] * 5])  # three rows, S = 7


def queries_keys_values(kv_heads: int, length: int = 5) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.randn(3, 4, length, 8), torch.randn(3, kv_heads, 7, 8), torch.randn(3, kv_heads, 7, 8)


@pytest.mark.parametrize("kv_heads", [4, 2, 1])
@pytest.mark.parametrize("case", ["all", "padding", "causal", "causal mask", "both"])
def test_weights_times_values_is_the_fast_path(kv_heads: int, case: str) -> None:
    q, k, v = queries_keys_values(kv_heads, length=7)
    masks = {"padding": padding_mask(PRESENT), "causal mask": causal_mask(7), "both": causal_padding_mask(PRESENT)}
    mask, causal = masks.get(case), case == "causal"
    weights = scaled_dot_product.attention_weights(q, k, mask, causal)
    out = weights @ v.repeat_interleave(4 // kv_heads, dim=1)
    torch.testing.assert_close(attend(q, k, v, mask, causal), out, atol=1e-6, rtol=1e-6)
    if case != "both":  # whose first queries of the last row see nothing
        torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4, 7))


def test_the_masks_say_who_sees_whom() -> None:
    assert causal_mask(2, past=3).allowed.tolist() == [[True, True, True, True, False], [True] * 5]
    assert padding_mask(PRESENT[1:2]).allowed.tolist() == [[[[True] * 4 + [False] * 3]]]
    both = causal_padding_mask(torch.tensor([[False, True, True]]))
    assert both.blind is not None
    assert both.blind.flatten().tolist() == [True, False, False]
    assert both.allowed[0, 0, 1:].tolist() == [[False, True, False], [False, True, True]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", ["by row", "by query"])
def test_a_query_that_sees_nothing_gets_zeros_and_gives_no_gradient(dtype: torch.dtype, shape: str) -> None:
    present = PRESENT.clone()
    present[1] = False
    mask = padding_mask(present) if shape == "by row" else causal_padding_mask(present)
    q, k, v = (x.to(dtype).requires_grad_() for x in queries_keys_values(2, length=7))
    out = attend(q, k, v, mask)
    assert (out[1] == 0).all()
    assert (out[0] != 0).all()
    assert (scaled_dot_product.attention_weights(q, k, mask)[1] == 0).all()
    for gradient in torch.autograd.grad(out.float().square().sum() + out.float().sum(), [q, k, v]):
        assert torch.isfinite(gradient).all()
        assert (gradient[1] == 0).all()
        assert (gradient[0] != 0).any()


def torchs(attention: MultiHeadAttention) -> nn.MultiheadAttention:
    """PyTorch's layer with the same weights; it has as many heads of keys as of queries."""
    theirs = nn.MultiheadAttention(32, 4, bias=False, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(
            torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight])
        )
        theirs.out_proj.weight.copy_(attention.o_proj.weight)
    return theirs


@pytest.mark.parametrize("causal", [False, True])
def test_self_attention_is_pytorchs(causal: bool) -> None:
    torch.manual_seed(1)
    attention, x = SelfAttention(SHAPE, 0, causal), torch.randn(3, 7, 32)
    mask = causal_mask(7) if causal else padding_mask(PRESENT)
    expected, weights = torchs(attention)(
        x,
        x,
        x,
        key_padding_mask=None if causal else ~PRESENT,
        attn_mask=~mask.allowed if causal else None,
        average_attn_weights=False,
    )
    with attention_weights(attention) as seen:
        found = attention(x, None, None, None if causal else mask)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(seen[0, "self" if causal else "encoder"], weights, atol=1e-6, rtol=1e-5)


def test_cross_attention_is_pytorchs() -> None:
    torch.manual_seed(1)
    attention, x, memory = CrossAttention(SHAPE, 0), torch.randn(3, 5, 32), torch.randn(3, 7, 32)
    source = Source(memory, padding_mask(PRESENT))
    expected, _ = torchs(attention)(x, memory, memory, key_padding_mask=~PRESENT)
    torch.testing.assert_close(attention(x, source), expected, atol=1e-6, rtol=1e-5)
    beforehand = source._replace(keys_values=[attention.keys_values(memory)])
    assert torch.equal(attention(x, beforehand), attention(x, source))


def t5gemma(causal: bool) -> T5GemmaModuleConfig:
    config = T5GemmaModuleConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
        query_pre_attn_scalar=8, attn_logit_softcapping=None, layer_types=["full_attention"], is_decoder=causal,
    )  # fmt: skip
    config._attn_implementation = "eager"
    config.cross_attention_hidden_size = 32
    return config


def added(mask: Mask) -> Tensor:
    return torch.zeros(mask.allowed.shape).masked_fill(~mask.allowed, torch.finfo(torch.float32).min)


@pytest.mark.parametrize("causal", [False, True])
def test_self_attention_is_t5gemmas(causal: bool) -> None:
    torch.manual_seed(2)
    attention, x = SelfAttention(GROUPED, 0, causal), torch.randn(3, 7, 32)
    theirs = T5GemmaSelfAttention(t5gemma(causal), 0)
    theirs.load_state_dict(attention.state_dict(), strict=True)
    cos, sin = rope_table(7, 8, 10_000.0)
    mask = causal_mask(7) if causal else padding_mask(PRESENT)
    expected, _ = theirs(x, (cos[None], sin[None]), added(mask))
    found = attention(x, cos, sin, None if causal else mask)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_cross_attention_is_t5gemmas() -> None:
    torch.manual_seed(2)
    attention, x, memory = CrossAttention(GROUPED, 0), torch.randn(3, 5, 32), torch.randn(3, 7, 32)
    theirs = T5GemmaCrossAttention(t5gemma(True), 0)
    theirs.load_state_dict(attention.state_dict(), strict=True)
    mask = padding_mask(PRESENT)
    expected, _ = theirs(x, added(mask), memory)
    torch.testing.assert_close(attention(x, Source(memory, mask)), expected, atol=1e-6, rtol=1e-5)


def test_the_weights_of_a_whole_model_can_be_read() -> None:
    torch.manual_seed(3)
    model = build_model(BOTH, 50).eval()
    source, text = torch.randint(50, (3, 7)), torch.randint(50, (3, 5))
    unread = model(source, text, PRESENT)
    with attention_weights(model) as seen:
        assert torch.equal(model(source, text, PRESENT), unread), "the fast path goes on unchanged"
    assert set(seen) == {(n, "encoder") for n in range(3)} | {
        (n, kind) for n in range(2) for kind in ("self", "cross")
    }
    assert seen[0, "encoder"].shape == (3, 4, 7, 7)
    assert seen[1, "cross"].shape == (3, 4, 5, 7)
    for (_, kind), weights in seen.items():
        torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))
        if kind == "self":
            assert (weights.triu(1) == 0).all()
        else:
            assert (weights[1, :, :, 4:] == 0).all()
            assert (weights[1, :, :, :4] > 0).all()
    seen.clear()
    model(source, text, PRESENT)
    assert not seen, "nothing is written down outside the context"


def test_the_weights_of_packed_documents_are_not_read(lively: Lively) -> None:
    model, tokens = lively(SHAPE), torch.arange(14).view(2, 7)
    with attention_weights(model) as seen:
        model(tokens)
        assert set(seen) == {(0, "self"), (1, "self")}
        with pytest.raises(ValueError, match="give no documents"):
            model(tokens, documents=torch.zeros_like(tokens))
    model(tokens, documents=torch.zeros_like(tokens))
