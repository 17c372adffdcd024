"""The trainer: learns, resumes bit for bit, survives damage, and does what the recipe asks."""

import json
import math
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fidan.artifact import hash_file
from fidan.errors import ArtifactMismatch, FidanError, Stopped
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.checkpoint import checkpoints, latest_sound
from fidan.training.ema import EMA_WEIGHTS
from fidan.training.learner import Learner
from fidan.training.log import METRICS, read_metrics
from fidan.training.next_token import NextToken
from fidan.training.trainer import CHECKPOINTS, WEIGHTS
from tests.training.conftest import Make, curve


def stopping(monkeypatch: pytest.MonkeyPatch, passes: int) -> None:
    """A SIGTERM comes during the pass after so many passes."""
    plain, done = Learner.accumulate, iter(range(1, 10_000))

    def accumulate(self: Learner, *arguments: Any) -> None:
        plain(self, *arguments)
        if next(done) == passes:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Learner, "accumulate", accumulate)


def stopped_after(make: Make, folder: Path, passes: int, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Train until a signal after so many passes."""
    with monkeypatch.context() as patch:
        stopping(patch, passes)
        with pytest.raises(Stopped, match="SIGTERM"):
            make(folder, **changes).run()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    torch.manual_seed(999)  # whatever happens to the random state in between must not matter


def test_it_starts_at_ln_vocabulary_and_learns(tiny_run: Run) -> None:
    records = read_metrics(tiny_run.folder("train"))
    manifest = json.loads((tiny_run.folder("train") / "manifest.json").read_text())
    assert manifest["counts"]["initial_loss"] == pytest.approx(math.log(800.0), rel=0.01)
    losses = [r["loss"] for r in records if r["kind"] == "train"]
    assert losses[-1] < losses[0] - 1.0
    held_out = [r["bits_per_byte"] for r in records if r["kind"] == "valid"]
    assert held_out[-1] < held_out[0]


# The recipe has two passes a step: an odd number stops in the middle of one.
@pytest.mark.parametrize("passes", [1, 2, 9, 10, 27])
def test_interrupted_and_resumed_is_bit_equal(
    make: Make, tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes: int
) -> None:
    stopped_after(make, tmp_path, passes, monkeypatch)
    saved = checkpoints(tmp_path / CHECKPOINTS)[-1].name
    assert saved == f"step-{passes // 2:06d}" + ("-pass-001" if passes % 2 else "")
    make(tmp_path).run()
    assert hash_file(tmp_path / WEIGHTS) == hash_file(tiny_run.folder("train") / WEIGHTS)
    assert curve(tmp_path) == curve(tiny_run.folder("train"))


FEATURES: dict[str, dict[str, Any]] = {
    "muon and wsd": {"optimizer": "muon", "schedule": "wsd", "decay": 0.4},
    "noise": {"dropout": 0.1, "drop_path": 0.1},
    "average": {"ema": 0.9},
    "bigrams": {"start": "bigrams", "embedding_learning_rate": 1e-2, "embedding_std": 0.5},
    "ramp": {"batch_ramp": 0.6, "batch_size": 8},
    "document mask": {"document_mask": True, "z_loss": 1e-4},
    "checkpointing": {"activation_checkpointing": True, "dropout": 0.1},
    "bf16": {"precision": "bf16"},
    "fp16": {"precision": "fp16", "tokens": 5000, "batch_size": 2, "valid_tokens": 500},  # slow on most processors
}


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_learns_and_resumes_bit_for_bit(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings = FEATURES[name]
    make(tmp_path / "whole", **settings).run()
    stopped_after(make, tmp_path / "parts", 13, monkeypatch, **settings)
    make(tmp_path / "parts", **settings).run()
    for file in (WEIGHTS, EMA_WEIGHTS) if "ema" in settings else (WEIGHTS,):
        assert hash_file(tmp_path / "parts" / file) == hash_file(tmp_path / "whole" / file)
    assert curve(tmp_path / "parts") == curve(tmp_path / "whole")
    losses = [r["loss"] for r in read_metrics(tmp_path / "whole") if r["kind"] == "train"]
    if "start" in settings:  # what the bigrams of so short a text know is known at the start
        assert losses[0] < math.log(800.0) - 1.5
    else:
        assert losses[-1] < losses[0] - 0.5


def test_a_changed_schedule_goes_on_from_where_it_was_bit_for_bit(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_after(make, tmp_path / "first", 20, monkeypatch)  # ten steps by the old schedule
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    changed = {"tokens": 15_000, "schedule": "linear", "learning_rate": 2e-3, "batch_size": 2}
    make(tmp_path / "first", **changed).run()
    stopped_after(make, tmp_path / "second", 7, monkeypatch, **changed)
    make(tmp_path / "second", **changed).run()
    assert hash_file(tmp_path / "first" / WEIGHTS) == hash_file(tmp_path / "second" / WEIGHTS)
    assert curve(tmp_path / "first") == curve(tmp_path / "second")
    events = [r for r in read_metrics(tmp_path / "first") if r["kind"] == "event"]
    assert "tokens 20000 → 15000" in next(r["text"] for r in events if r["event"] == "settings changed")
    before, after = (r for r in read_metrics(tmp_path / "first") if r["kind"] == "train" and r["step"] in (9, 12))
    assert after["tokens"] - before["tokens"] == 1 * 512 + 2 * 256


def test_the_time_may_be_over(make: Make, tmp_path: Path) -> None:
    trainer = make(tmp_path)
    trainer.ends = 0.0
    with pytest.raises(Stopped, match="the time is over: saved at step 0 and 1 passes of the next"):
        trainer.run()
    assert [path.name for path in checkpoints(tmp_path / CHECKPOINTS)] == ["step-000000-pass-001"]


def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(make: Make, tiny_run: Run, tmp_path: Path) -> None:
    make(tmp_path).run()
    (tmp_path / WEIGHTS).unlink()
    newest = checkpoints(tmp_path / CHECKPOINTS)[-1]
    weights = newest / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-100] ^= 1
    weights.write_bytes(content)
    said: list[str] = []
    found = latest_sound(tmp_path / CHECKPOINTS, said.append)
    assert found is not None
    assert found[0] < newest
    assert "model.safetensors is damaged" in said[0]
    make(tmp_path).run()
    assert hash_file(tmp_path / WEIGHTS) == hash_file(tiny_run.folder("train") / WEIGHTS)


def test_a_damaged_checkpoint_does_not_count_as_kept(make: Make, tmp_path: Path) -> None:
    make(tmp_path).run()
    (tmp_path / WEIGHTS).unlink()
    newest = checkpoints(tmp_path / CHECKPOINTS)[-1]
    (newest / "optimizer.safetensors").write_bytes(b"")
    make(tmp_path, keep_checkpoints=1).run()
    assert [path.name for path in checkpoints(tmp_path / CHECKPOINTS)] == ["step-000040"]
    assert latest_sound(tmp_path / CHECKPOINTS, pytest.fail) is not None


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
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([3.0, 1.0, 2.0, 2.5])
    real = NextToken.validate

    def scored(self: NextToken, model: Any) -> object:
        result = real(self, model)
        return replace(result, nats=next(scores) * result.text_bytes * math.log(2))

    monkeypatch.setattr(NextToken, "validate", scored)
    make(tmp_path).run()
    names = [path.name for path in checkpoints(tmp_path / CHECKPOINTS)]
    assert names == ["step-000020", "step-000035", "step-000040"]


def test_accumulation_is_a_larger_batch(make: Make, tmp_path: Path) -> None:
    whole = make(tmp_path / "a", batch_size=8, accumulate=1, tokens=1500, warmup_steps=1)
    parts = make(tmp_path / "b", batch_size=2, accumulate=4, tokens=1500, warmup_steps=1)
    assert whole.run()["steps"] == parts.run()["steps"] == 3
    models = (whole.learner.model, parts.learner.model)
    for (name, one), other in zip(models[0].named_parameters(), models[1].parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-4, msg=name)


def test_the_average_is_evaluated_and_written(make: Make, tmp_path: Path) -> None:
    make(tmp_path, ema=0.95).run()
    valid = [r for r in read_metrics(tmp_path) if r["kind"] == "valid"]
    assert all(r["ema_bits_per_byte"] != r["bits_per_byte"] for r in valid)
    assert (tmp_path / EMA_WEIGHTS).stat().st_size == (tmp_path / WEIGHTS).stat().st_size


def test_tokens_of_another_tokenizer_are_refused(tiny_run: Run, tmp_path: Path) -> None:
    tokenizer = Tokenizer.load(tiny_run.folder("tokenizer"))
    tokenizer.hash = "0123"
    with pytest.raises(ArtifactMismatch, match="0123"):
        NextToken(tiny_run.recipe, tiny_run.folder("pack"), tokenizer)


def test_a_checkpoint_of_another_shape_is_refused(make: Make, tmp_path: Path) -> None:
    make(tmp_path).run()
    with pytest.raises(
        ArtifactMismatch, match=r"does not fit the model: model.layers.0.mlp.gate_proj.weight is \(96, 48\)"
    ):
        make(tmp_path, d_ff=80)


def test_a_step_that_cannot_be_divided_is_refused(make: Make, tmp_path: Path) -> None:
    from fidan.training.course import Course
    from fidan.training.distributed import World

    with pytest.raises(FidanError, match="= 8 sequences a step cannot be divided among 3 processes"):
        Course(make(tmp_path).config, World(0, 3), {})
