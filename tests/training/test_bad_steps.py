"""A step that is not finite, or whose loss jumps, never moves the weights: it stops the run or is left out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from fidan.artifact import hash_file
from fidan.stages import Run
from fidan.training import objective
from fidan.training.learner import Learner
from fidan.training.log import read_metrics
from fidan.training.tally import TrainingError
from fidan.training.trainer import WEIGHTS
from fidan.training.watch import BAD, GOOD, OVERFLOW, SETTLED, Watch
from tests.training.conftest import Make

CPU = torch.device("cpu")


def poison(monkeypatch: pytest.MonkeyPatch, call: int, spoil: Callable[[Tensor], Tensor]) -> None:
    """The loss of one pass, counted from 0, is spoilt."""
    real, calls = objective.batch_loss, iter(range(10_000))

    def poisoned(*arguments: Any, **named: Any) -> Any:
        found = real(*arguments, **named)
        if next(calls) != call:
            return found
        return tuple(map(spoil, found)) if isinstance(found, tuple) else spoil(found)

    monkeypatch.setattr(objective, "batch_loss", poisoned)


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_it_stops_before_a_step_that_is_not_finite(
    make: Make, tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    trainer = make(tmp_path)
    with monkeypatch.context() as patch:
        poison(patch, 13, lambda loss: loss * factor)  # the second pass of step 7
        with pytest.raises(
            TrainingError,
            match=r"step 7: loss (nan|inf).*not finite.*Sequences 48–55, training documents \[\d.*skip_bad_steps=1",
        ):
            trainer.run()
    assert all(torch.isfinite(p).all() for p in trainer.learner.model.parameters())
    make(tmp_path).run()  # from step 5
    assert hash_file(tmp_path / WEIGHTS) == hash_file(tiny_run.folder("train") / WEIGHTS)


def test_the_documents_named_are_those_of_the_batch(
    make: Make, tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(tmp_path)
    poison(monkeypatch, 13, lambda loss: loss * float("nan"))
    with pytest.raises(TrainingError) as raised:
        trainer.run()
    named = eval(str(raised.value).split("training documents ")[1].split("]")[0].rstrip("…") + "]")  # noqa: S307
    shown = trainer.batches.take(48, 8).inputs
    for row in shown:
        window = row.numpy()
        found = any(
            any(
                (trainer.batches.tokens.document(d)[i : i + 3] == window[1:4]).all()
                for i in range(len(trainer.batches.tokens.document(d)) - 3)
            )
            for d in trainer.batches.documents(48, 8)
        )
        assert found
    assert named == trainer.batches.documents(48, 8)[:20]


@pytest.mark.parametrize("kind", ["nan", "spike"])
@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_bad_step_may_be_left_out_and_is_counted(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, optimizer: str
) -> None:
    spoil = (lambda loss: loss * float("nan")) if kind == "nan" else (lambda loss: loss * 3.0)
    before: dict[str, Tensor] = {}
    plain = Learner.move

    def moved(self: Learner, step: int, rate: float) -> None:
        if step == 30:
            before.update({f"{part}/{n}": t.clone() for part, ts in self.tensors(0).items() for n, t in ts.items()})
        plain(self, step, rate)
        if step == 30:
            after = {f"{part}/{n}": t for part, ts in self.tensors(0).items() for n, t in ts.items()}
            for name, tensor in after.items():
                assert torch.equal(tensor, before[name]), name

    monkeypatch.setattr(Learner, "move", moved)
    poison(monkeypatch, 60, spoil)  # the first pass of step 31
    counts = make(tmp_path, skip_bad_steps=1, optimizer=optimizer).run()
    assert counts["bad_steps_left_out"] == 1
    assert counts["steps"] == 40
    assert before
    (event,) = (r for r in read_metrics(tmp_path) if r["kind"] == "event" and r["event"] == "skipped")
    assert event["step"] == 31
    assert ("not finite" if kind == "nan" else "more than 2 above the recent loss") in event["text"]


def test_a_second_bad_step_stops_where_one_may_be_left_out(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = objective.batch_loss, iter(range(10_000))

    def poisoned(*arguments: Any, **named: Any) -> Any:
        found, bad = real(*arguments, **named), next(calls) in (20, 40)
        factor = float("nan") if bad else 1.0
        return tuple(part * factor for part in found) if isinstance(found, tuple) else found * factor

    monkeypatch.setattr(objective, "batch_loss", poisoned)
    with pytest.raises(TrainingError, match=r"step 21: .*skip_bad_steps=2"):
        make(tmp_path, skip_bad_steps=1).run()


def judged(watch: Watch, losses: list[float], norms: list[float] | None = None, scaled: bool = False) -> list[int]:
    for step, loss in enumerate(losses):
        watch.judge(step, torch.tensor(loss), torch.tensor(norms[step] if norms else 1.0), scaled)
    return [outcome.verdict for outcome in watch.outcomes(len(losses))]


def test_a_spike_is_held_against_the_recent_loss() -> None:
    losses = [9.0 - 0.1 * i for i in range(SETTLED)]
    assert judged(Watch(CPU, 2.0), [*losses, 9.9, 8.0]) == [GOOD] * (SETTLED + 2)
    assert judged(Watch(CPU, 1.0), [*losses, 9.9, 8.0]) == [GOOD] * SETTLED + [BAD, GOOD]
    assert judged(Watch(CPU, 0.0), [*losses, 99.0]) == [GOOD] * (SETTLED + 1)
    assert judged(Watch(CPU, 1.0), [5.0, 5.0, 50.0]) == [GOOD] * 3, "too early to know what is usual"


def test_a_spike_does_not_raise_what_is_usual() -> None:
    watch = Watch(CPU, 1.0)
    verdicts = judged(watch, [5.0] * SETTLED + [7.0] * 200)
    assert verdicts == [GOOD] * SETTLED + [BAD] * 200


def test_an_overflow_of_fp16_is_no_bad_step() -> None:
    infinite = float("inf")
    assert judged(Watch(CPU, 2.0), [5.0, 5.0], [infinite, 1.0], scaled=True) == [OVERFLOW, GOOD]
    assert judged(Watch(CPU, 2.0), [5.0, 5.0], [infinite, 1.0]) == [BAD, GOOD]
    assert judged(Watch(CPU, 2.0), [float("nan")], [infinite], scaled=True) == [BAD]


def test_what_is_usual_survives_a_checkpoint() -> None:
    watch, other = Watch(CPU, 1.0), Watch(CPU, 1.0)
    judged(watch, [3.0 + 0.01 * i for i in range(30)])
    other.restore(watch.state())
    assert other.state() == watch.state()
    assert judged(other, [4.4]) == [BAD]
