"""The chunked loss is the plain loss, gradients too."""

import math

import pytest
import torch
from torch.nn import functional as F

from fidan.training import loss
from fidan.training.loss import IGNORE, chunked_loss, plain_loss


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("z_loss", [0.0, 0.03])
@pytest.mark.parametrize("chunk_rows", [16, 17, 50, 1000])
@pytest.mark.parametrize("softmax_rows", [1, 7, 1000])
@pytest.mark.parametrize("ignored", [0, 5, 50])
def test_chunked_equals_plain(
    monkeypatch: pytest.MonkeyPatch,
    ignored: int,
    softmax_rows: int,
    chunk_rows: int,
    z_loss: float,
    dtype: torch.dtype,
) -> None:
    monkeypatch.setattr(loss, "CHUNK_ELEMENTS", chunk_rows * 97)
    monkeypatch.setattr(loss, "SOFTMAX_ELEMENTS", softmax_rows * 97)
    torch.manual_seed(3)
    hidden = torch.randn(50, 24, dtype=dtype, requires_grad=True)
    head = torch.randn(97, 24, dtype=dtype, requires_grad=True)
    labels = torch.randint(97, (50,))
    labels[torch.randperm(50)[:ignored]] = IGNORE
    results = []
    for function in (plain_loss, chunked_loss):
        losses = function(hidden, head, labels, z_loss)
        gradients = torch.autograd.grad(3.0 * losses.objective, (hidden, head))
        results.append((losses.objective.detach(), losses.cross_entropy, *gradients))
        assert not losses.cross_entropy.requires_grad
    for plain, chunked in zip(*results, strict=True):
        assert chunked.dtype == dtype
        # To 1e-6 of the largest entry in fp32: the order of additions may differ. In fp64 that is no excuse.
        largest = float(plain.abs().max())
        torch.testing.assert_close(chunked, plain, atol=(1e-6 if dtype == torch.float32 else 1e-14) * largest, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("z_loss", [0.0, 0.03])
@pytest.mark.parametrize("smoothing", [0.1, 0.9])
def test_label_smoothing_is_that_of_torch(
    monkeypatch: pytest.MonkeyPatch, smoothing: float, z_loss: float, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(loss, "CHUNK_ELEMENTS", 17 * 97)
    monkeypatch.setattr(loss, "SOFTMAX_ELEMENTS", 7 * 97)
    torch.manual_seed(3)
    hidden = torch.randn(50, 24, dtype=dtype, requires_grad=True)
    head = torch.randn(97, 24, dtype=dtype, requires_grad=True)
    labels = torch.randint(97, (50,))
    labels[torch.randperm(50)[:9]] = IGNORE
    logits = hidden @ head.T
    wanted = F.cross_entropy(logits, labels, label_smoothing=smoothing, ignore_index=IGNORE, reduction="sum")
    wanted = wanted + z_loss * (logits.logsumexp(1).square() * (labels != IGNORE)).sum()
    plain = F.cross_entropy(logits, labels, ignore_index=IGNORE, reduction="sum")
    found = chunked_loss(hidden, head, labels, z_loss, smoothing)
    assert float(found.cross_entropy) == pytest.approx(float(plain), rel=1e-6), "what is told is not smoothed"
    assert float(found.objective) == pytest.approx(float(wanted), rel=1e-6)
    pairs = zip(*(torch.autograd.grad(one, (hidden, head)) for one in (found.objective, wanted)), strict=True)
    for mine, theirs in pairs:
        limit = (1e-6 if dtype == torch.float32 else 1e-14) * float(theirs.abs().max())
        torch.testing.assert_close(mine, theirs, atol=limit, rtol=0)


def test_z_loss_by_hand() -> None:
    hidden, head = torch.zeros(3, 8), torch.zeros(50, 8)
    losses = chunked_loss(hidden, head, torch.tensor([4, IGNORE, 6]), z_loss=0.5)
    assert float(losses.cross_entropy) == pytest.approx(2 * math.log(50), rel=1e-6)
    assert float(losses.objective) == pytest.approx(2 * math.log(50) + 0.5 * 2 * math.log(50) ** 2, rel=1e-6)


@pytest.mark.parametrize("z_loss", [0.0, 1e-4])
def test_in_bf16_it_is_as_exact_as_the_plain_loss(monkeypatch: pytest.MonkeyPatch, z_loss: float) -> None:
    monkeypatch.setattr(loss, "CHUNK_ELEMENTS", 64 * 300)
    torch.manual_seed(0)
    hidden, head = torch.randn(200, 32), 0.3 * torch.randn(300, 32)
    labels = torch.randint(300, (200,))

    def run(function: object, dtype: torch.dtype) -> list[torch.Tensor]:
        # From the same rounded numbers; the head's own type is fp32, as in a training.
        h = hidden.bfloat16().to(dtype).requires_grad_()
        m = head.bfloat16().float().to(torch.float64 if dtype == torch.float64 else torch.float32).requires_grad_()
        matrix = m.to(dtype) if function is plain_loss else m
        losses = function(h, matrix, labels, z_loss)
        return [losses.objective.detach(), *torch.autograd.grad(losses.objective, (h, m))]

    exact = run(plain_loss, torch.float64)
    errors = [
        [float((found.double() - truth).norm() / truth.norm()) for found, truth in zip(run(f, t), exact, strict=True)]
        for f, t in ((plain_loss, torch.bfloat16), (chunked_loss, torch.bfloat16))
    ]
    for plain, chunked in zip(*errors, strict=True):
        assert chunked < max(1.5 * plain, 1e-4)


def test_uniform_logits_cost_ln_vocabulary() -> None:
    losses = chunked_loss(torch.zeros(7, 8), torch.randn(50, 8), torch.arange(7))
    assert float(losses.objective) == pytest.approx(7 * math.log(50), rel=1e-6)


def test_large_logits_do_not_overflow() -> None:
    hidden = torch.full((4, 8), 100.0, requires_grad=True)
    head = torch.randn(50, 8, requires_grad=True)
    objective, _ = chunked_loss(hidden, head, torch.tensor([1, 2, 3, IGNORE]))
    objective.backward()
    assert torch.isfinite(objective)
    assert torch.isfinite(hidden.grad).all()
    assert (hidden.grad[3] == 0).all()


def test_without_gradients_it_is_the_same_number() -> None:
    hidden, head, labels = torch.randn(9, 8), torch.randn(20, 8), torch.randint(20, (9,))
    torch.testing.assert_close(chunked_loss(hidden, head, labels), plain_loss(hidden, head, labels))


def test_a_second_backward_pass_is_refused() -> None:
    hidden = torch.randn(9, 8, requires_grad=True)
    objective, _ = chunked_loss(hidden, torch.randn(20, 8), torch.randint(20, (9,)))
    objective.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="taken already"):
        objective.backward()


def test_the_logits_of_a_batch_are_never_held_whole() -> None:
    largest = 0

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            nonlocal largest
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                largest = max(largest, result.numel())
            return result

    vocabulary = 8192
    hidden = torch.randn(3 * loss.CHUNK_ELEMENTS // vocabulary, 4, requires_grad=True)
    with Watch():
        chunked_loss(
            hidden, torch.randn(vocabulary, 4, requires_grad=True), torch.zeros(len(hidden), dtype=torch.int64)
        )
    assert vocabulary < largest <= loss.CHUNK_ELEMENTS
