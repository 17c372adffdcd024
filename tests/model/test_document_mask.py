"""Documents packed into one sequence, against each of them alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention.flex_attention import create_mask, flex_attention

from fidan.generation.cache import KeyValueCache
from fidan.hardware import compile_problem
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.document_mask import (
    added_mask,
    attend_within_documents,
    block_mask,
    document_mask,
    documents_of,
    sight,
)

Lively = Callable[[ModelConfig], Decoder]
VOCABULARY, BOS = 301, 1
SMALL = ModelConfig(d_model=64, n_layers=3, n_heads=4, d_ff=160, context=64)
SHAPES = {"plain": SMALL, "grouped": replace(SMALL, n_kv_heads=2), "one key/value head": replace(SMALL, n_kv_heads=1)}
LENGTHS = [[5, 40, 1, 14], [60], [1, 1, 29, 29]]  # of the documents of each row; each row has 60 positions


def documents(lengths: list[int]) -> list[Tensor]:
    """Random documents, each beginning with `<s>`."""
    made = [torch.randint(BOS + 1, VOCABULARY, (length,)) for length in lengths]
    for ids in made:
        ids[0] = BOS
    return made


def rows_of(lengths: list[list[int]]) -> tuple[list[list[Tensor]], Tensor]:
    """Documents row by row, and the rows they are packed into."""
    rows = [documents(row) for row in lengths]
    return rows, torch.stack([torch.cat(row) for row in rows])


def labels_of(ids: Tensor) -> Tensor:
    """The next ids; the last position of a document predicts nothing."""
    return torch.cat((ids[1:], torch.tensor([-100])))


def summed_loss(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="sum")


def test_documents_are_counted_by_their_beginnings() -> None:
    tokens = torch.tensor([[7, 8, 1, 5, 1, 1, 9], [1, 3, 3, 3, 3, 3, 3]])
    assert documents_of(tokens, 1).tolist() == [[0, 0, 1, 1, 2, 3, 3], [1] * 7]


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
def test_packed_equals_separate(config: ModelConfig, lively: Lively) -> None:
    model = lively(config)
    rows, tokens = rows_of(LENGTHS)
    logits = model(tokens, documents=documents_of(tokens, BOS))
    each = [ids for row in rows for ids in row]
    alone = [model(ids[None])[0] for ids in each]
    torch.testing.assert_close(logits.flatten(0, 1), torch.cat(alone), atol=1e-5, rtol=1e-5)
    assert (logits - model(tokens)).abs().max() > 0.1, "without the mask it should differ"

    loss = summed_loss(logits, torch.stack([torch.cat([labels_of(ids) for ids in row]) for row in rows]))
    loss.backward()
    packed = {name: p.grad for name, p in model.named_parameters()}
    model.zero_grad()
    separate = sum(summed_loss(out, labels_of(ids)) for out, ids in zip(alone, each, strict=True))
    separate.backward()
    torch.testing.assert_close(loss, separate, atol=1e-5, rtol=1e-5)
    for name, parameter in model.named_parameters():
        scale = float(parameter.grad.abs().max())  # sums over 180 positions: compared by their own size
        torch.testing.assert_close(packed[name], parameter.grad, atol=1e-5 * scale, rtol=1e-5, msg=name)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_packed_equals_separate_under_autocast(dtype: torch.dtype, lively: Lively) -> None:
    model = lively(SMALL).eval()
    rows, tokens = rows_of(LENGTHS)
    with torch.no_grad(), torch.autocast("cpu", dtype):
        logits = model(tokens, documents=documents_of(tokens, BOS)).float()
        alone = torch.cat([model(ids[None])[0].float() for row in rows for ids in row])
    exact = model(tokens, documents=documents_of(tokens, BOS)).detach()
    error = (alone.view_as(exact) - exact).abs().max()  # what the number format costs
    assert error > 0
    assert (logits - exact).abs().max() < 2 * error


def test_a_sequence_of_one_document_keeps_its_bits(lively: Lively) -> None:
    model = lively(SMALL).eval()
    tokens = torch.randint(VOCABULARY, (2, 60))
    with torch.no_grad():
        assert torch.equal(model(tokens, documents=torch.zeros_like(tokens)), model(tokens))


def test_both_forms_of_the_mask_say_the_same() -> None:
    numbers = documents_of(rows_of(LENGTHS)[1], BOS)
    seen = create_mask(sight(numbers), 3, None, 60, 60, device="cpu")
    torch.testing.assert_close(seen, added_mask(numbers, torch.float32) == 0)
    for row in range(3):
        for query, key in ((4, 0), (5, 4), (5, 5), (5, 6), (44, 5), (45, 44), (59, 46)):
            same = bool(numbers[row, query] == numbers[row, key])
            assert bool(seen[row, 0, query, key]) == (same and key <= query)


@pytest.mark.parametrize("kv_heads", [4, 2])
@pytest.mark.parametrize("length", [60, 700])
def test_every_form_attends_alike(kv_heads: int, length: int) -> None:
    problem = compile_problem(torch.device("cpu"))
    if problem:
        pytest.skip(f"torch.compile does not work here: {problem}")
    torch.manual_seed(0)
    q = torch.randn(2, 4, length, 16)
    k, v = torch.randn(2, kv_heads, length, 16), torch.randn(2, kv_heads, length, 16)
    numbers = (torch.rand(2, length) < 0.02).cumsum(1)
    expected = F.scaled_dot_product_attention(
        q, k, v, attn_mask=create_mask(sight(numbers), 2, None, length, length, device="cpu"), enable_gqa=True
    )
    torch.testing.assert_close(attend_within_documents(q, k, v, document_mask(numbers, q.dtype)), expected)
    torch.testing.assert_close(attend_within_documents(q, k, v, block_mask(numbers)), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("make", ["added", "blocks"])
def test_new_documents_compile_nothing_anew(make: str, lively: Lively, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = compile_problem(torch.device("cpu"))
    if problem:
        pytest.skip(f"torch.compile does not work here: {problem}")
    if make == "blocks":  # what a GPU gets; on a CPU its kernel has a forward pass only
        monkeypatch.setattr("fidan.model.decoder.document_mask", lambda numbers, dtype: block_mask(numbers))
    model = lively(replace(SMALL, n_kv_heads=2))
    torch._dynamo.reset()
    body = torch.compile(model.model, fullgraph=True)
    with torch._dynamo.config.patch(error_on_recompile=True), torch.set_grad_enabled(make == "added"):
        for lengths in (LENGTHS, [[10] * 6, [30, 30], [60]], [[60]] * 3):
            _, tokens = rows_of(lengths)
            numbers = documents_of(tokens, BOS)
            hidden, expected = body(tokens, documents=numbers), model.model(tokens, documents=numbers)
            torch.testing.assert_close(hidden, expected, atol=1e-5, rtol=1e-5)
            if make == "added":
                gradients = [
                    torch.autograd.grad(out.square().sum(), model.model.norm.weight) for out in (hidden, expected)
                ]
                torch.testing.assert_close(*gradients, atol=1e-3, rtol=1e-5)


@pytest.mark.parametrize("again", [False, True], ids=["kept", "computed again"])
@pytest.mark.parametrize("whole", [False, True], ids=["attention compiled", "all compiled"])
def test_the_gpu_form_has_the_same_gradients(
    whole: bool, again: bool, lively: Lively, monkeypatch: pytest.MonkeyPatch
) -> None:
    # FlexAttention has a backward pass for CPUs, but no fast one, and so refuses. Here it is only to be right: traced
    # as for a GPU, then run operator by operator.
    monkeypatch.setattr("torch.nn.attention.flex_attention._validate_device", lambda *_: None)
    body = lively(replace(SMALL, n_kv_heads=2)).model
    _, tokens = rows_of(LENGTHS)
    weights = torch.randn(3, 60, 64)

    def gradients(module: nn.Module) -> list[Tensor]:
        hidden = module(tokens, documents=documents_of(tokens, BOS))
        return list(torch.autograd.grad((hidden * weights).sum(), list(body.parameters())))

    expected = gradients(body)
    torch._dynamo.reset()
    compiled = torch.compile(flex_attention, backend="aot_eager", dynamic=False)
    monkeypatch.setattr("fidan.model.document_mask._compiled_flex_attention", lambda: compiled)
    monkeypatch.setattr("fidan.model.decoder.document_mask", lambda numbers, dtype: block_mask(numbers))
    body.checkpoint_blocks(again)
    found = gradients(torch.compile(body, backend="aot_eager", fullgraph=True) if whole else body)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5 * float(other.abs().max()), rtol=1e-5)


def test_documents_and_a_cache_exclude_each_other(lively: Lively) -> None:
    tokens = torch.zeros(1, 4, dtype=torch.int64)
    cache = KeyValueCache(SMALL, 1, 4, torch.float32, torch.device("cpu"))
    with pytest.raises(ValueError, match="give no cache beside them"):
        lively(SMALL)(tokens, 0, cache, documents=tokens)
