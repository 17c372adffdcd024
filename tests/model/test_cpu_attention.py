"""Causal attention from products is attention: as close to that in fp64 as PyTorch's own kernel is in bf16."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from fidan.model import cpu_attention
from fidan.model.cpu_attention import causal_attention, suits


def with_gradients(function: object, inputs: list[Tensor], grad: Tensor, dtype: torch.dtype) -> list[Tensor]:
    leaves = [x.to(dtype).requires_grad_() for x in inputs]
    out = function(*leaves)
    return [out.detach(), *torch.autograd.grad(out, leaves, grad.to(dtype))]


def sdpa(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    gqa = queries.shape[1] != keys.shape[1]
    return F.scaled_dot_product_attention(queries, keys, values, is_causal=True, enable_gqa=gqa)


def error(found: Tensor, exact: Tensor) -> float:
    return float((found.double() - exact).norm() / exact.norm())


@pytest.mark.parametrize("kept", [True, False], ids=["probabilities kept", "computed again"])
@pytest.mark.parametrize("together", [1, 4, 1000])
@pytest.mark.parametrize(("length", "heads", "kv_heads"), [(2, 2, 2), (37, 4, 2), (256, 3, 3), (600, 2, 1)])
def test_it_is_attention(
    monkeypatch: pytest.MonkeyPatch, kept: bool, together: int, length: int, heads: int, kv_heads: int
) -> None:
    monkeypatch.setattr(cpu_attention, "KEPT_ELEMENTS", 1 << 24 if kept else 0)
    monkeypatch.setattr(cpu_attention, "WORKING_ELEMENTS", together * cpu_attention.QUERIES * length)
    torch.manual_seed(0)
    shapes = [(3, heads, length, 16)] + 2 * [(3, kv_heads, length, 16)]
    # Rounded beforehand, so that all three start from the same numbers.
    inputs = [torch.randn(shape).bfloat16() for shape in shapes]
    grad = torch.randn(shapes[0]).bfloat16()
    exact = with_gradients(sdpa, inputs, grad, torch.float64)
    theirs = with_gradients(sdpa, inputs, grad, torch.bfloat16)
    ours = with_gradients(causal_attention, inputs, grad, torch.bfloat16)
    for name, mine, other, truth in zip(("out", "queries", "keys", "values"), ours, theirs, exact, strict=True):
        assert mine.dtype == torch.bfloat16
        assert error(mine, truth) < max(0.01, 2 * error(other, truth)), name


def test_no_position_sees_a_later_one() -> None:
    queries, keys, values = (torch.randn(1, 2, 300, 8).bfloat16() for _ in range(3))
    before = causal_attention(queries, keys, values)
    keys[:, :, 280:], values[:, :, 280:] = 9.0, -9.0
    after = causal_attention(queries, keys, values)
    assert torch.equal(before[:, :, :280], after[:, :, :280])
    assert not torch.equal(before[:, :, 280:], after[:, :, 280:])


def test_only_what_it_is_for_goes_there() -> None:
    bf16, fp32 = torch.zeros(1, 2, 5, 8, dtype=torch.bfloat16), torch.zeros(1, 2, 5, 8)
    assert suits(bf16, bf16)
    assert not suits(fp32, fp32)
    assert not suits(bf16[:, :, :1], bf16)
    assert not suits(bf16[:, :, :1], bf16[:, :, :1])
