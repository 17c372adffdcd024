"""The start from bigrams: what is counted, how well it is fitted, and that a run then begins where it should."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from fidan.errors import RecipeError
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import load_recipe
from fidan.stages import Run
from fidan.training import bigrams as module
from fidan.training.batches import Batches
from fidan.training.bigrams import Bigrams, count_bigrams, start_from_bigrams
from fidan.training.packed_tokens import PackedTokens
from tests.training.conftest import Make


def test_pairs_are_counted_by_hand(tiny_run: Run) -> None:
    batches = Batches(PackedTokens.open(tiny_run.folder("pack"), "train"), 64, seed=3)
    counted = count_bigrams(batches, 30, 800)
    expected = np.zeros((800, 800))
    for number in range(30):
        batch = batches.take(number, 1)
        for before, after in zip(batch.inputs[0].tolist(), batch.labels[0].tolist(), strict=True):
            expected[before, after] += 1
    for context in range(800):
        row = slice(counted.starts[context], counted.starts[context + 1])
        dense = np.zeros(800)
        dense[counted.following[row]] = counted.counts[row]
        assert (dense == expected[context]).all()
    assert counted.counts.sum() == 30 * 64


def example(vocabulary: int) -> tuple[Bigrams, float]:
    """Each context is followed by three others; returns the counts and the entropy of the next token."""
    draw = np.random.default_rng(5)
    following = np.sort(np.stack([draw.permutation(vocabulary)[:3] for _ in range(vocabulary)]), axis=1).flatten()
    counts = np.tile(np.array([600.0, 300.0, 100.0], dtype=np.float32), vocabulary)
    shares = np.array([0.6, 0.3, 0.1])
    return Bigrams(np.arange(vocabulary + 1) * 3, following, counts), float(-(shares * np.log(shares)).sum())


@pytest.mark.parametrize("contexts", [40, 2048])  # some of them an iteration, or all
def test_the_fit_comes_close_to_the_entropy(monkeypatch: pytest.MonkeyPatch, contexts: int) -> None:
    monkeypatch.setattr(module, "CONTEXTS", contexts)
    bigrams, entropy = example(90)
    model = Decoder(ModelConfig(d_model=48, n_layers=2, n_heads=2, d_ff=64, context=16), 90)
    loss = start_from_bigrams(model, bigrams, seed=1)
    assert loss < entropy + 0.15  # of log 90 = 4.5; the smoothing alone takes 0.02
    with torch.no_grad():
        seen = model(torch.arange(90).unsqueeze(1))[:, 0].argmax(1)
    likeliest = torch.from_numpy(bigrams.following.reshape(90, 3)[:, 0])
    assert (seen == likeliest).float().mean() > 0.9, "the untrained blocks pass it on"


def test_a_context_that_never_came_has_the_unigram_distribution() -> None:
    bigrams = Bigrams(np.array([0, 0, 2]), np.array([0, 1]), np.array([3.0, 1.0], dtype=np.float32))
    target = module._Target(bigrams, torch.device("cpu"))
    _, probabilities, weights = target.draw(torch.Generator())
    torch.testing.assert_close(probabilities[0], torch.tensor([0.75, 0.25]))
    torch.testing.assert_close(probabilities[1], torch.tensor([(3 + 2 * 0.75) / 6, (1 + 2 * 0.25) / 6]))
    torch.testing.assert_close(weights, torch.tensor([0.0, 1.0]))


def test_a_run_begins_at_a_bigram_models_loss_and_the_same_seed_gives_the_same_start(
    make: Make, tmp_path: Path
) -> None:
    one, other = (make(tmp_path / name, start="bigrams") for name in ("one", "other"))
    for a, b in zip(one.learner.model.parameters(), other.learner.model.parameters(), strict=True):
        assert torch.equal(a, b)
    counts = one.run()
    assert counts["initial_loss"] < math.log(800.0) - 1.5


def test_a_tied_head_is_refused(tiny_file: Path) -> None:
    with pytest.raises(RecipeError, match="needs a head of its own"):
        load_recipe(tiny_file, ["train.start=bigrams", "model.tie_embeddings=true"])
