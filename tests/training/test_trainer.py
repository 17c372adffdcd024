"""The trainer: learns, resumes bit for bit, survives damage, and stops before a bad step."""

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fidan.artifact import hash_file
from fidan.errors import ArtifactMismatch
from fidan.progress import SilentReporter
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training import trainer as trainer_module
from fidan.training.checkpoint import checkpoints, latest_sound, prune
from fidan.training.log import METRICS, read_metrics
from fidan.training.loss import Losses
from fidan.training.trainer import CHECKPOINTS, WEIGHTS, Trainer, TrainingError


def make(run: Run, folder: Path, **changes: object) -> Trainer:
    tokenizer = Tokenizer.load(run.folder("tokenizer"))
    recipe = replace(run.recipe, train=replace(run.recipe.train, **changes))
    return Trainer(recipe, run.folder("pack"), tokenizer.hash, tokenizer.vocab_size, folder, SilentReporter())


def curve(folder: Path) -> list[tuple[object, ...]]:
    """What of a run's records does not depend on the clock."""
    return [(r["step"], r["kind"], r["loss"], r.get("gradient_norm")) for r in read_metrics(folder)]


def test_it_starts_at_ln_vocabulary_and_learns(tiny_run: Run) -> None:
    records = read_metrics(tiny_run.folder("train"))
    manifest = json.loads((tiny_run.folder("train") / "manifest.json").read_text())
    assert manifest["counts"]["initial_loss"] == pytest.approx(torch.log(torch.tensor(800.0)).item(), rel=0.01)
    losses = [r["loss"] for r in records if r["kind"] == "train"]
    assert losses[-1] < losses[0] - 1.0
    held_out = [r["bits_per_byte"] for r in records if r["kind"] == "valid"]
    assert held_out[-1] < held_out[0]


@pytest.mark.parametrize("stop_after", [1, 5, 7, 14])
def test_interrupted_and_resumed_is_bit_equal(
    tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    plain_step = Trainer._step

    def step_then_signal(self: Trainer) -> float:
        norm = plain_step(self)
        if self.step == stop_after:
            os.kill(os.getpid(), signal.SIGTERM)
        return norm

    monkeypatch.setattr(Trainer, "_step", step_then_signal)
    with pytest.raises(KeyboardInterrupt):
        make(tiny_run, tmp_path).run()
    monkeypatch.undo()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    torch.manual_seed(999)  # whatever happened to the random state in between must not matter
    make(tiny_run, tmp_path).run()
    assert hash_file(tmp_path / WEIGHTS) == hash_file(tiny_run.folder("train") / WEIGHTS)
    assert curve(tmp_path) == curve(tiny_run.folder("train"))


def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(tiny_run: Run, tmp_path: Path) -> None:
    make(tiny_run, tmp_path).run()
    (tmp_path / WEIGHTS).unlink()
    newest = checkpoints(tmp_path / CHECKPOINTS)[-1]
    weights = newest / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-100] ^= 1
    weights.write_bytes(content)
    said: list[str] = []
    found = latest_sound(tmp_path / CHECKPOINTS, said.append)
    assert found is not None
    assert found < newest
    assert "model.safetensors is damaged" in said[0]
    make(tiny_run, tmp_path).run()
    assert hash_file(tmp_path / WEIGHTS) == hash_file(tiny_run.folder("train") / WEIGHTS)


def test_a_damaged_checkpoint_does_not_count_as_kept(tiny_run: Run, tmp_path: Path) -> None:
    make(tiny_run, tmp_path).run()
    (tmp_path / WEIGHTS).unlink()
    newest = checkpoints(tmp_path / CHECKPOINTS)[-1]
    (newest / "optimizer.safetensors").write_bytes(b"")
    make(tiny_run, tmp_path, keep_checkpoints=1).run()
    assert [path.name for path in checkpoints(tmp_path / CHECKPOINTS)] == ["step-000040"]
    assert latest_sound(tmp_path / CHECKPOINTS, pytest.fail) is not None


def test_checkpoints_are_ordered_by_number(tmp_path: Path) -> None:
    for name in ("step-999500", "step-1000000", "step-000250", "step-x", "damaged-step-000300"):
        (tmp_path / name).mkdir()
    assert [path.name for path in checkpoints(tmp_path)] == ["step-000250", "step-999500", "step-1000000"]
    prune(tmp_path, keep=1, best="step-000250")
    assert [path.name for path in checkpoints(tmp_path)] == ["step-000250", "step-1000000"]


def test_a_torn_line_of_metrics_is_dropped_and_a_damaged_one_is_named(tiny_run: Run, tmp_path: Path) -> None:
    path = shutil.copy(tiny_run.folder("train") / METRICS, tmp_path)
    whole = read_metrics(tmp_path)
    with Path(path).open("ab") as file:
        file.write(b'{"step": 41, "ki')
    assert read_metrics(tmp_path) == whole
    Path(path).write_bytes(b"\0\0\0\n")
    with pytest.raises(ArtifactMismatch, match="line 1 is damaged"):
        read_metrics(tmp_path)


def test_the_last_checkpoints_and_the_best_are_kept(
    tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([3.0, 1.0, 2.0, 2.5])
    real = Trainer.validate

    def scored(self: Trainer) -> object:
        result = real(self)
        return replace(result, nats=next(scores) * result.text_bytes * 0.6931471805599453)

    monkeypatch.setattr(Trainer, "validate", scored)
    make(tiny_run, tmp_path).run()
    names = [path.name for path in checkpoints(tmp_path / CHECKPOINTS)]
    assert names == ["step-000020", "step-000035", "step-000040"]


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_it_stops_before_a_step_that_is_not_finite(
    tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poison: float
) -> None:
    real = trainer_module.batch_loss
    calls = iter(range(10_000))

    def poisoned(*arguments: Any) -> Losses:
        factor = poison if next(calls) == 13 else 1.0  # the second batch of step 7
        return Losses(*(loss * factor for loss in real(*arguments)))

    monkeypatch.setattr(trainer_module, "batch_loss", poisoned)
    trainer = make(tiny_run, tmp_path)
    with pytest.raises(
        TrainingError, match=r"step 7: .*not finite.*Batches 12–13, windows \[.*training documents \["
    ):
        trainer.run()
    assert all(torch.isfinite(p).all() for p in trainer.model.parameters())
    monkeypatch.undo()
    make(tiny_run, tmp_path).run()  # from step 5
    assert hash_file(tmp_path / WEIGHTS) == hash_file(tiny_run.folder("train") / WEIGHTS)


def test_accumulation_is_a_larger_batch(tiny_run: Run, tmp_path: Path) -> None:
    whole = make(tiny_run, tmp_path / "a", batch_size=8, accumulate=1)
    parts = make(tiny_run, tmp_path / "b", batch_size=2, accumulate=4)
    for _ in range(3):
        assert whole._step() == pytest.approx(parts._step(), rel=1e-4)
    for (name, one), other in zip(whole.model.named_parameters(), parts.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-4, msg=name)


def test_tokens_of_another_tokenizer_are_refused(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match="0123"):
        Trainer(tiny_run.recipe, tiny_run.folder("pack"), "0123", 800, tmp_path, SilentReporter())


def test_a_checkpoint_of_another_shape_is_refused(tiny_run: Run, tmp_path: Path) -> None:
    make(tiny_run, tmp_path).run()
    other = replace(tiny_run, recipe=replace(tiny_run.recipe, model=replace(tiny_run.recipe.model, d_ff=80)))
    with pytest.raises(
        ArtifactMismatch, match=r"does not fit the model: model.layers.0.mlp.gate_proj.weight is \(96, 48\)"
    ):
        make(other, tmp_path).run()
