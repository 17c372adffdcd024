"""Denoising damages text so that nothing is lost: source and target together are the window, noise is as asked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan.errors import FidanError
from fidan.recipe import TrainConfig
from fidan.stages import Run
from fidan.tokenizer.pairs import Ids
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.denoising import Damaged, Denoising, with_gaps
from fidan.training.packed_tokens import PackedTokens

CONFIG = TrainConfig(
    tokens=10**6, objective="denoising", sequence_length=48, warmup_steps=0, noise_share=0.15, noise_span=3.0
)


def restored(damaged: Damaged, sentinels: list[int]) -> Ids:
    """The window that was damaged: every sentinel of the source gives way to what follows it in the target."""
    places = {int(mark): at for at, mark in enumerate(damaged.target) if mark in sentinels}
    ends = [*list(places.values())[1:], len(damaged.target)]
    gaps = {mark: damaged.target[at + 1 : end] for (mark, at), end in zip(places.items(), ends, strict=True)}
    parts = [gaps[int(one)] if int(one) in gaps else np.array([one]) for one in damaged.source]
    return np.concatenate(parts)


@given(st.data())
def test_what_was_taken_out_fits_back_in(data: st.DataObject) -> None:
    length = data.draw(st.integers(2, 60))
    taken = data.draw(st.integers(1, length - 1))
    gaps = data.draw(st.integers(1, min(taken, length - taken)))
    window, sentinels = np.arange(100, 100 + length), list(range(gaps))
    damaged = with_gaps(window, taken, sentinels, np.random.default_rng(data.draw(st.integers(0, 99))))
    assert restored(damaged, sentinels).tolist() == window.tolist()
    assert len(damaged.source) == length - taken + gaps
    assert len(damaged.target) == taken + gaps
    assert [int(i) for i in damaged.source if i < 100] == [int(i) for i in damaged.target if i < 100] == sentinels
    assert damaged.source[0] == 100, "text comes first"
    assert damaged.source[-1] == sentinels[-1], "a gap comes last"


def test_the_gaps_lie_anywhere_alike() -> None:
    chance = np.random.default_rng(0)
    lost = np.zeros(40)
    for _ in range(4000):
        damaged = with_gaps(np.arange(100, 140), 6, [0, 1], chance)
        lost[damaged.target[damaged.target >= 100] - 100] += 1
    lost /= 4000
    assert lost.sum() == pytest.approx(6)
    assert (lost[0], lost[39]) == (0, 1), "the window's ends are text and gap"
    assert lost[3:33].min() > 0.07
    assert lost[3:33].max() < 0.11


@pytest.fixture(scope="module")
def tokens(denoising_run: Run) -> PackedTokens:
    return PackedTokens.open(denoising_run.folder("pack"), "train")


@pytest.fixture(scope="module")
def tokenizer(denoising_run: Run) -> Tokenizer:
    return Tokenizer.load(denoising_run.folder("tokenizer"))


def test_the_tokenizer_has_the_sentinels_that_were_asked_for(tokenizer: Tokenizer) -> None:
    assert [tokenizer.piece(i) for i in tokenizer.sentinel_ids] == [f"<|mask_{n}|>" for n in range(6)]
    assert tokenizer.decode(tokenizer.encode("<|mask_0|>")) == "<|mask_0|>", "a text cannot hold one"
    assert not set(tokenizer.encode("<|mask_0|>")) & set(tokenizer.sentinel_ids)


def test_noise_is_as_asked_and_every_sequence_has_one_shape(tokens: PackedTokens, tokenizer: Tokenizer) -> None:
    assert CONFIG.noise == (7, 2)
    assert replace(CONFIG, sequence_length=512, tokens=10**7).noise == (77, 26)
    denoising = Denoising(tokens, CONFIG, 3, tokenizer)
    batch = denoising.take(0, 64)
    assert batch.source is not None
    assert batch.source.shape == (64, CONFIG.source_length) == (64, 48 - 7 + 2 + 1)
    assert batch.inputs.shape == batch.labels.shape == (64, CONFIG.target_length) == (64, 7 + 2 + 1)
    assert denoising.targets(5, 64) == batch.labels.numel()
    assert (batch.source[:, -1] == tokenizer.eos_id).all()
    assert (batch.labels[:, -1] == tokenizer.eos_id).all()
    assert (batch.inputs[:, 0] == tokenizer.bos_id).all()
    assert (batch.inputs[:, 1:] == batch.labels[:, :-1]).all()
    first = tokenizer.sentinel_ids[0]
    shown = float((batch.source == first).any(1).float().mean())
    assert shown == pytest.approx(0.75, abs=0.15), "the others are to be continued"
    assert not (Denoising(tokens, replace(CONFIG, continuation=1.0), 3, tokenizer).take(0, 64).source == first).any()


def test_a_continuation_is_text_that_goes_on(tokens: PackedTokens, tokenizer: Tokenizer) -> None:
    damaged = Denoising(tokens, replace(CONFIG, continuation=1.0), 3, tokenizer)
    for number in (0, 1, 17):
        one = damaged.damaged(number)
        whole = np.concatenate([one.source, one.target])
        (place,) = damaged._order.places(number, 1)
        assert whole.tolist() == tokens.window(place * 48, 48 + 2 * 2).tolist()


def test_a_sequence_follows_from_its_number_alone(tokens: PackedTokens, tokenizer: Tokenizer) -> None:
    config = replace(CONFIG, continuation=0.0)
    whole, parts = (Denoising(tokens, config, 3, tokenizer) for _ in range(2))
    late = parts.take(5, 3)
    for name in ("source", "inputs", "labels"):
        assert (getattr(whole.take(0, 8), name)[5:] == getattr(late, name)).all()
    other = Denoising(tokens, config, 4, tokenizer).take(5, 3)
    assert (other.labels != late.labels).any()
    epoch = whole.sequences
    seen = {tuple(restored(whole.damaged(n), tokenizer.sentinel_ids)[:30].tolist()) for n in range(epoch)}
    assert len(seen) > 0.9 * epoch, "an epoch shows every window"
    again = [n for n in range(epoch, 2 * epoch) if whole._order.places(n, 1) == whole._order.places(0, 1)]
    assert len(again) == 1
    assert whole.damaged(0).target.tolist() != whole.damaged(again[0]).target.tolist(), "damaged anew"


def test_documents_are_those_of_the_windows(tokens: PackedTokens, tokenizer: Tokenizer) -> None:
    denoising = Denoising(tokens, replace(CONFIG, continuation=0.0), 3, tokenizer)
    (document, *_) = denoising.documents(9, 1)
    shown = restored(denoising.damaged(9), tokenizer.sentinel_ids)
    text = tokens.document(document).tolist()
    assert any(text[at : at + 2] == shown[:2].tolist() for at in range(len(text)))


def test_too_few_sentinels_or_too_little_text_are_refused(
    tokens: PackedTokens, tokenizer: Tokenizer, tiny_run: Run, tmp_path: Path
) -> None:
    with pytest.raises(FidanError, match=r"has 6 sentinels, and a sequence 13 gaps\. Set tokenizer\.sentinels = 13"):
        Denoising(tokens, replace(CONFIG, sequence_length=256), 3, tokenizer)
    with pytest.raises(FidanError, match="has 0 sentinels"):
        Denoising(tokens, CONFIG, 3, Tokenizer.load(tiny_run.folder("tokenizer")))
    with pytest.raises(FidanError, match="fewer than one sequence of 9000000"):
        Denoising(tokens, replace(CONFIG, sequence_length=9_000_000, noise_span=1e6, tokens=10**8), 3, tokenizer)
