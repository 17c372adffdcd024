"""The chunked loss is the plain loss, gradients too."""

import math

import pytest
import torch

from fidan.training import loss
from fidan.training.loss import IGNORE, chunked_loss, plain_loss


@pytest.mark.parametrize("chunk_rows", [16, 17, 50, 1000])
@pytest.mark.parametrize("ignored", [0, 5, 50])
def test_chunked_equals_plain(monkeypatch: pytest.MonkeyPatch, chunk_rows: int, ignored: int) -> None:
    monkeypatch.setattr(loss, "CHUNK_ELEMENTS", chunk_rows * 97)
    torch.manual_seed(3)
    hidden = torch.randn(50, 24, dtype=torch.float64, requires_grad=True)
    head = torch.randn(97, 24, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(97, (50,))
    labels[torch.randperm(50)[:ignored]] = IGNORE
    results = []
    for function in (plain_loss, chunked_loss):
        value = function(hidden.float(), head.float(), labels)
        results.append((value.detach(), *torch.autograd.grad(3.0 * value, (hidden, head))))
    for plain, chunked in zip(*results, strict=True):
        torch.testing.assert_close(chunked, plain, atol=1e-5, rtol=1e-6)


def test_uniform_logits_cost_ln_vocabulary() -> None:
    value = chunked_loss(torch.zeros(7, 8), torch.randn(50, 8), torch.arange(7))
    assert float(value) == pytest.approx(7 * math.log(50), rel=1e-6)


def test_large_logits_do_not_overflow() -> None:
    hidden = torch.full((4, 8), 100.0, requires_grad=True)
    head = torch.randn(50, 8, requires_grad=True)
    value = chunked_loss(hidden, head, torch.tensor([1, 2, 3, IGNORE]))
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(hidden.grad).all()
    assert (hidden.grad[3] == 0).all()


def test_without_gradients_it_is_the_same_number() -> None:
    hidden, head, labels = torch.randn(9, 8), torch.randn(20, 8), torch.randint(20, (9,))
    torch.testing.assert_close(chunked_loss(hidden, head, labels), plain_loss(hidden, head, labels))
