"""Rows of conversations: packed without loss, kept apart, weighed exactly, and a function of their number alone."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from fidan.corpus.conversations.conversation import Conversation, Message
from fidan.corpus.synthetic.generator import generate
from fidan.errors import FidanError
from fidan.model.build import body_of, build_model
from fidan.recipe import SftConfig, TrainConfig
from fidan.stages import Run
from fidan.tokenizer.conversations import EncodedConversations, encode_conversations
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.batches import Batch
from fidan.training.conversations.fitting import best_fit
from fidan.training.conversations.rows import ConversationRows
from fidan.training.loss import IGNORE, chunked_loss, plain_loss
from fidan.training.objective import Objective
from fidan.training.packed_tokens import PackedTokens

LENGTH = 64


@pytest.fixture(scope="module")
def tokenizer(tiny_run: Run) -> Tokenizer:
    return Tokenizer.load(tiny_run.folder("tokenizer"))


@pytest.fixture(scope="module")
def text(tiny_run: Run) -> PackedTokens:
    return PackedTokens.open(tiny_run.folder("pack"), "train")


@pytest.fixture(scope="module")
def encoded(tokenizer: Tokenizer) -> EncodedConversations:
    sentences = [line for document in generate(5, 8_000) for line in document.text.split("\n") if 5 < len(line) < 40]
    pairs = zip(sentences[::2], sentences[1::2], strict=False)
    talks: list[Conversation] = [(Message("user", a[: 2 + n % 20]), Message("assistant", b[: 2 + n % 11]))
                                 for n, (a, b) in enumerate(pairs)]  # fmt: skip
    return encode_conversations(tokenizer, talks[:30], LENGTH + 1)


def objective(tiny_run: Run, vocabulary: int, bos: int) -> Objective:
    torch.manual_seed(0)
    config = replace(tiny_run.recipe.train, document_mask=True, precision="fp32")
    model = build_model(tiny_run.recipe.model, vocabulary)
    return Objective(model, body_of(model), torch.float32, config, bos)


def loss_of(made: Objective, batch: Batch) -> Tensor:
    return made(batch).objective


@given(st.lists(st.integers(1, 20), max_size=60))
def test_best_fit_is_what_it_says(lengths: list[int]) -> None:
    rows = best_fit(lengths, 20)
    assert sorted(place for row in rows for place in row) == list(range(len(lengths)))
    naive: list[int] = []  # what is left in each row, by the definition
    for length in sorted(lengths, reverse=True):
        fitting = [left for left in naive if left >= length]
        if fitting:
            naive[naive.index(min(fitting))] -= length
        else:
            naive.append(20 - length)
    left = sorted(20 - sum(lengths[place] for place in row) for row in rows)
    assert left == sorted(naive)


def test_an_epoch_has_every_conversation_once_and_windows_spread_evenly(
    encoded: EncodedConversations, text: PackedTokens
) -> None:
    made = ConversationRows(encoded, LENGTH, 3, 2, replay=0.25, text=text)
    assert made.replayed == round(made.packed / 3)
    seen: list[int] = []
    for epoch in range(3):
        places = made.places(epoch * made.sequences, made.sequences)
        assert Counter(place.window for place in places) == {False: made.packed, True: made.replayed}
        assert sorted(place.number for place in places if not place.window) == list(range(made.packed))
        seen += [place.number for place in places if place.window]
        for start in range(made.sequences - 8):
            assert 1 <= sum(place.window for place in places[start : start + 8]) <= 3
    assert len(set(seen)) == len(seen), "windows come again only when all have come"
    orders = [[p.number for p in made.places(e * made.sequences, made.sequences) if not p.window] for e in (0, 1)]
    assert orders[0] != orders[1]
    assert made.documents(0, made.sequences) == list(range(len(encoded)))


@pytest.mark.parametrize("prompt_weight", [0.0, 0.25])
def test_a_row_is_a_function_of_its_number(
    encoded: EncodedConversations, text: PackedTokens, prompt_weight: float
) -> None:
    made = [ConversationRows(encoded, LENGTH, 3, 2, prompt_weight, 0.2, text) for _ in range(2)]
    whole = made[0].take(5, 20)
    parts = [made[1].take(first, rows) for first, rows in ((18, 7), (5, 1), (6, 12))]
    parts = [parts[1], parts[2], parts[0]]
    assert torch.equal(whole.inputs, torch.cat([part.inputs for part in parts]))
    assert torch.equal(whole.labels, torch.cat([part.labels for part in parts]))
    assert (whole.weights is None) == (prompt_weight == 0)
    if whole.weights is not None:
        assert torch.equal(whole.weights, torch.cat([part.weights for part in parts if part.weights is not None]))


def test_labels_are_what_the_assistant_writes(
    encoded: EncodedConversations, text: PackedTokens, tokenizer: Tokenizer
) -> None:
    made = ConversationRows(encoded, LENGTH, 3, tokenizer.eos_id, replay=0.2, text=text)
    batch, places = made.take(0, made.sequences), made.places(0, made.sequences)
    assert made.targets(0, made.sequences) == int((batch.labels != IGNORE).sum())
    said: list[list[int]] = []
    for inputs, labels, place in zip(batch.inputs, batch.labels, places, strict=True):
        if place.window:
            assert torch.equal(labels[:-1], inputs[1:])
            assert (labels != IGNORE).all()
            assert inputs.tolist() == text.window(place.number * LENGTH, LENGTH).tolist()
            continue
        assert inputs[0] == tokenizer.bos_id
        starts = [*torch.nonzero(inputs == tokenizer.bos_id).flatten().tolist(), LENGTH]
        for start, stop in pairwise(starts):
            said.append(labels[start:stop][labels[start:stop] != IGNORE].tolist())
    wanted = [ids[own].tolist() for ids, own in zip(encoded.ids, encoded.written, strict=True)]
    assert sorted(said) == sorted(wanted)
    assert made.filled == pytest.approx(sum(encoded.lengths - 1) / (made.packed * LENGTH))


def test_weights_are_those_of_the_recipe_and_add_up_to_the_targets(
    encoded: EncodedConversations, text: PackedTokens
) -> None:
    made = ConversationRows(encoded, LENGTH, 3, 2, 0.25, 0.2, text)
    plain = ConversationRows(encoded, LENGTH, 3, 2, 0.0, 0.2, text)
    batch, only = made.take(0, made.sequences), plain.take(0, made.sequences)
    assert batch.weights is not None
    own = only.labels != IGNORE
    assert torch.equal(batch.weights[own], torch.ones(int(own.sum())))
    others = (batch.labels != IGNORE) & ~own
    assert int(others.sum()) == int((encoded.lengths - 1 - encoded.answers).sum())
    assert torch.equal(batch.weights[others], torch.full((int(others.sum()),), 0.25))
    assert (batch.weights[batch.labels == IGNORE] == 0).all()
    assert made.targets(0, made.sequences) == pytest.approx(float(batch.weights.sum()), rel=1e-6)
    assert made.mean_targets == pytest.approx(float(batch.weights.sum()) / made.sequences, rel=1e-6)
    assert made.replayed_share == pytest.approx(made.replayed * LENGTH / float(batch.weights.sum()), rel=1e-6)


def test_a_conversation_in_a_row_has_the_loss_and_the_gradient_it_has_alone(
    tiny_run: Run, encoded: EncodedConversations, tokenizer: Tokenizer
) -> None:
    model = objective(tiny_run, tokenizer.vocab_size, tokenizer.bos_id)
    packed = ConversationRows(encoded, LENGTH, 3, tokenizer.eos_id)
    row = next(n for n in range(packed.sequences) if len(packed.documents(n, 1)) >= 2)
    batch, numbers = packed.take(row, 1), packed.documents(row, 1)
    alone = []
    for number in numbers:
        ids, written = encoded.ids[number], encoded.written[number]
        inputs = torch.from_numpy(ids[:-1])[None]
        labels = torch.from_numpy(np.where(written[1:], ids[1:], IGNORE))[None]
        alone.append(loss_of(model, Batch(inputs, labels)))
    assert loss_of(model, batch).item() == pytest.approx(sum(one.item() for one in alone), rel=1e-6)
    weights = list(model.parameters())
    together = torch.autograd.grad(loss_of(model, batch), weights)
    apart = torch.autograd.grad(sum(alone), weights)  # type: ignore[arg-type]
    for one, other in zip(together, apart, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
    # What one of them says changes nothing of another: only its own embedding rows hear of its loss.
    starts = torch.nonzero(batch.inputs[0] == tokenizer.bos_id).flatten().tolist()
    labels = torch.full_like(batch.labels, IGNORE)
    labels[0, starts[1] :] = batch.labels[0, starts[1] :]
    before, after = ({*batch.inputs[0, part].tolist()} for part in (slice(0, starts[1]), slice(starts[1], LENGTH)))
    only_before = sorted(before - after)
    assert only_before
    (gradient,) = torch.autograd.grad(
        loss_of(model, Batch(batch.inputs, labels)), [model.model.model.embed_tokens.weight]
    )
    assert not gradient[only_before].any()
    assert gradient[sorted(after)].any()


def test_passes_of_a_step_add_up_to_its_weighted_mean(
    tiny_run: Run, encoded: EncodedConversations, text: PackedTokens, tokenizer: Tokenizer
) -> None:
    """As over accumulated passes, so over processes: every share is divided by the targets of the whole step."""
    model = objective(tiny_run, tokenizer.vocab_size, tokenizer.bos_id)
    rows = ConversationRows(encoded, LENGTH, 3, tokenizer.eos_id, 0.1, 0.2, text)
    whole, weights = rows.take(0, 8), list(model.parameters())
    assert whole.weights is not None
    wanted = torch.autograd.grad(loss_of(model, whole) / float(whole.weights.sum()), weights)
    for parts in ([(0, 4), (4, 4)], [(0, 1), (1, 5), (6, 2)]):
        losses = [loss_of(model, rows.take(first, count)) / rows.targets(0, 8) for first, count in parts]
        found = torch.autograd.grad(sum(losses), weights)  # type: ignore[arg-type]
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_weighted_loss_is_the_plain_one_row_by_row(monkeypatch: pytest.MonkeyPatch, smoothing: float) -> None:
    monkeypatch.setattr("fidan.training.loss.CHUNK_ELEMENTS", 17 * 97)
    monkeypatch.setattr("fidan.training.loss.SOFTMAX_ELEMENTS", 7 * 97)
    torch.manual_seed(3)
    hidden = torch.randn(50, 24, dtype=torch.float64, requires_grad=True)
    head = torch.randn(97, 24, dtype=torch.float64, requires_grad=True)
    labels, weights = torch.randint(97, (50,)), torch.rand(50)
    labels[::7] = IGNORE
    weights[3] = 0
    by_hand = [
        float(weights[n]) * plain_loss(hidden[n : n + 1], head, labels[n : n + 1], 0.03, smoothing).objective
        for n in range(50)
        if labels[n] != IGNORE
    ]
    wanted = torch.autograd.grad(sum(by_hand), (hidden, head))  # type: ignore[arg-type]
    for function in (plain_loss, chunked_loss):
        found = function(hidden, head, labels, 0.03, smoothing, weights)
        assert found.objective.item() == pytest.approx(sum(one.item() for one in by_hand), rel=1e-12)
        for one, other in zip(torch.autograd.grad(found.objective, (hidden, head)), wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)
    ones = chunked_loss(hidden, head, labels, 0.03, smoothing, torch.ones(50))
    assert torch.equal(ones.objective, chunked_loss(hidden, head, labels, 0.03, smoothing).objective)


def test_too_little_text_to_replay_is_refused(encoded: EncodedConversations, text: PackedTokens) -> None:
    short = PackedTokens(
        text.folder, {"vocab_size": 800, "tokenizer": "", "dtype": "uint16", "splits": {"x": []}}, "x"
    )
    with pytest.raises(FidanError, match=r"fewer than one row of 64. Set replay = 0"):
        ConversationRows(encoded, LENGTH, 3, 2, replay=0.1, text=short)


def test_train_counts_rows_where_it_counts_tokens() -> None:
    config = SftConfig(sources=("synthetic:10",), epochs=2, batch_size=4, accumulate=2, warmup=0.1)
    learning = config.learning(TrainConfig(tokens=10**6, compile=True, z_loss=1e-4, batch_ramp=0.5), 100)
    assert (learning.tokens, learning.sequence_length, learning.steps) == (200, 1, 25)
    assert (learning.warmup_steps, learning.valid_every) == (2, 13)
    assert (learning.document_mask, learning.compile, learning.batch_ramp, learning.z_loss) == (True, True, 0.0, 0.0)
