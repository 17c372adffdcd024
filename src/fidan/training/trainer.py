"""The training loop: batches in, weights out, and never a run lost.

One step: forward and backward over the step's sequences, judge the outcome, then move the weights. The state after
any pass depends on the recipe, the tokens and how far the run is, and on nothing else; so a run that was killed and
resumed is, on the same machine's CPU with the same threads, bit for bit the run that was not.

What it leaves out: what is learnt from what (`task`), what a step is (`learner`), and which settings may change on
the way (`running`).
"""

import time
from pathlib import Path
from typing import Any

from fidan.artifact import differences, write_json
from fidan.errors import Stopped
from fidan.hardware import device_name, dtype_name, peak_flops
from fidan.progress import Reporter, SilentReporter
from fidan.settings import decisive
from fidan.training.best import Best
from fidan.training.checkpoint import (
    checkpoint_name,
    latest_sound,
    prune,
    read_part,
    save_checkpoint,
    set_damaged_aside,
)
from fidan.training.course import Course
from fidan.training.distributed import World
from fidan.training.ema import EMA_WEIGHTS
from fidan.training.feed import Feed
from fidan.training.interrupt import StopWish
from fidan.training.learner import Learner
from fidan.training.log import MetricsLog, NoLog
from fidan.training.lora import ADAPTER
from fidan.training.pace import Pace, training_note
from fidan.training.report import write_report
from fidan.training.tally import Tally
from fidan.training.task import Judgement, Task
from fidan.weights import write_weights

VERSION = 2
WEIGHTS, SHAPE = "model.safetensors", "model.json"
CHECKPOINTS = "checkpoints"


class Trainer:
    """Everything of one run that lives in memory.

    Args:
        task: what it is for, with the recipe and the data.
        folder: where checkpoints, metrics and the final weights go.
        reporter: shows progress.
        world: the processes that share the work.
        ends: the moment of `time.monotonic()` at which it saves and stops; None: when it is done.
    """

    def __init__(
        self, task: Task, folder: Path, reporter: Reporter, world: World | None = None, ends: float | None = None
    ) -> None:
        self.task, self.recipe, self.config, self.folder = task, task.recipe, task.config, folder
        self.world, self.ends = world or World(), ends
        self.reporter = reporter if self.world.main else SilentReporter()
        self.batches, self.tokenizer = task.batches, task.tokenizer
        found, state = self._find_checkpoint()
        self.learner = Learner(
            self.recipe,
            self.config,
            self.tokenizer.vocab_size,
            task.objective,
            self.world,
            found,
            state,
            lambda model: task.begin(model, self.reporter.say),
            self.reporter.say,
            task.lora,
        )
        self.course = Course(self.config, self.world, state)
        self._seconds_before: float = state.get("seconds", 0.0)  # of training, in the sessions before this one
        watch = self.learner.watch
        self.tally = Tally(self.config, self.batches, watch, self._left_out, state, task.section, task.contents)
        self.best = Best(task, state)
        self.score_before: float | None = state.get("score_before")  # of the weights that the task began with
        self._settings_before = state.get("settings")

    def run(self) -> dict[str, Any]:
        """Train to the end, from the newest sound checkpoint if there is one; returns what was counted.

        Raises:
            TrainingError: a step was bad; the last checkpoint is kept.
            Stopped: a signal or the end of the time, after saving.
            DiskFullError: a checkpoint found no room; the one before is kept.
        """
        self._announce()
        self.saved = time.monotonic()
        peak = peak_flops(self.learner.device, self.learner.dtype)
        self.pace = Pace(self.task.flops, peak, self.learner.device, self._seconds_before)
        with (
            StopWish(self.ends) as wish,
            self._open_log() as self.log,
            self.reporter.task(
                "training", total=self.config.steps * self.config.tokens_per_step, done=self.course.tokens
            ) as self.bar,
            Feed(self.batches, self.course.passes_to_come(), self.learner.device) as feed,
        ):
            if self.log.missing:
                self.reporter.say(self.log.missing)
            self._note_resumption()
            self._judge_before()
            while not self.over:
                if not self._step(feed, wish):
                    self._stop(wish)
                self._tend()
                if self.world.largest(int(wish.wished)) and not self.over:
                    self._stop(wish)
        return self._finish()

    @property
    def over(self) -> bool:
        """Whether the run is at its end, or has not got better for too long."""
        return self.course.done or self.best.given_up

    def _open_log(self) -> MetricsLog | NoLog:
        if not self.world.main:
            return NoLog()
        kept = self.course.step if self._settings_before else -1  # without a checkpoint nothing happened yet
        return MetricsLog(self.folder, kept, self.config.tensorboard)

    def _step(self, feed: Feed, wish: StopWish) -> bool:
        """The passes that are left of one step, and its move; False where a wish to stop came between passes."""
        course = self.course
        passes, targets = course.passes_of_step(), self.batches.targets(course.sequences, course.rows)
        while course.passes < len(passes):
            last = course.passes == len(passes) - 1
            self.learner.accumulate(next(feed), passes[course.passes][0], targets, last)
            course.passes += 1
            if wish.wished and not last and self.world.size == 1:
                return False
        self.tally.begun(course.step, course.sequences, course.rows)
        self.learner.move(course.step, course.rate)
        before = course.tokens
        course.next_step()
        self.pace.step(round(targets * self.task.tokens_per_target))
        self.bar.advance(course.tokens - before)
        # On a GPU the host hears of a step two steps later, so that it never waits for one that is under way.
        self.tally.hear(course.step - 1 if self.learner.device.type == "cpu" else course.step - 3)
        return True

    def _tend(self) -> None:
        """What falls due between steps: records, validation, samples, checkpoints."""
        config, improved = self.config, False
        if self.course.step % config.log_every == 0 or self.course.done:
            self._record()
        if self.course.step % config.valid_every == 0 or self.course.done:
            improved = self._validate()
        if config.sample_every and (self.course.step % config.sample_every == 0 or self.course.done):
            self._sample()
        overdue = self.world.from_main(time.monotonic() - self.saved > 60 * config.checkpoint_minutes)
        if self.course.step % config.checkpoint_every == 0 or overdue or improved or self.over:
            self._save()

    def _record(self) -> None:
        self.tally.hear(self.course.step - 1)
        loss, pace = self.tally.take_loss(), self.pace
        pace.measure()
        if loss is None:
            return  # every step since the last record was left out
        told = self.task.of_loss(loss)
        values = {
            "loss": loss,
            **told,
            "learning_rate": self.learner.optimizer.rate,
            "gradient_norm": self.tally.gradient_norm,
            self.task.unit: self.course.tokens,
            "tokens_per_second": round(pace.tokens_per_second),
            "mfu": round(pace.mfu, 4),
            "memory_bytes": pace.memory_bytes,
            "seconds": round(pace.seconds, 1),
        }
        self.log.write(self.course.step, "train", values)
        note = training_note(loss, told.get("bits_per_byte"), pace.tokens_per_second, pace.mfu, pace.memory_bytes)
        self.bar.advance(0, note)

    def _validate(self) -> bool:
        """Judge the model on held-out data; whether it is the best so far."""
        self.tally.hear(self.course.step - 1)
        told, score = self._judge()
        improved = self.best.heard(score, self.course.step)
        if told:
            self.reporter.say(told + ("  (best so far)" if improved else ""))
        self.pace.restart()
        return improved

    def _judge_before(self) -> None:
        """Judge the model that nothing has moved yet, where the task wants it; a run that goes on knows it."""
        if self.task.judged_before and self.score_before is None and not self.course.step:
            told, self.score_before = self._judge()
            self.reporter.say(told)
            self.pace.restart()

    def _judge(self) -> tuple[str, float]:
        """What held-out data says of the model, recorded: in words in the main process, and the score in all."""
        step, score = self.course.step, self.task.score
        values, samples = Judgement({})
        with self.learner.plain_model() as model:
            if self.world.main:
                values, samples = self.task.judge(model)
        if self.learner.average:
            with self.learner.plain_model(average=True) as model:
                if self.world.main:
                    values[f"ema_{score}"] = self.task.judge(model, score_only=True).values[score]
        self.log.write(step, "valid", values)
        for sample in samples:
            self.log.write(step, "sample", sample)
        told = ""
        if values:
            told = f"  step {step:,}  {100 * self.course.progress:.0f}%  held out: {self.task.told(values)}"
            if f"ema_{score}" in values:
                told += f"  average of weights {values[f'ema_{score}']:.4f}"
        return told, self.world.from_main(values.get(score))

    def _sample(self) -> None:
        with self.learner.plain_model() as model:
            if self.world.main:
                for record in self.task.samples(model):
                    self.log.write(self.course.step, "sample", record)
        self.pace.restart()

    def _save(self) -> None:
        self.tally.hear(self.course.step - 1)
        self.log.sync()
        tensors = self.learner.tensors(self.course.passes)
        if self.world.main:
            state = {
                **self.course.state(),
                "seconds": self.pace.seconds,
                **self.best.state(),
                **({} if self.score_before is None else {"score_before": self.score_before}),
                "settings": decisive(self.config),
                **self.tally.state(),
                **self.learner.state(),
            }
            folder = self.folder / CHECKPOINTS
            save_checkpoint(folder, checkpoint_name(self.course.step, self.course.passes), tensors, state)
            prune(folder, self.config.keep_checkpoints, self.best.checkpoint)
        self.saved = time.monotonic()
        self.pace.restart()

    def _stop(self, wish: StopWish) -> None:
        reason = self.world.from_main(wish.reason) or "another process was stopped"
        where = f"step {self.course.step:,}"
        if self.course.passes:
            where += f" and {self.course.passes} passes of the next"
        self.log.write(self.course.step, "event", {"event": "stopped", "text": f"{reason}: saved at {where}"})
        self._save()
        self._report()
        raise Stopped(f"{reason}: saved at {where}")

    def _finish(self) -> dict[str, Any]:
        weights = self.learner.weights()
        average = self.learner.average.whole() if self.learner.average else {}
        if self.config.patience and self.best.checkpoint:
            best = self.folder / CHECKPOINTS / self.best.checkpoint
            weights, average = read_part(best, "model"), read_part(best, "ema") if average else {}
        if self.world.main:
            write_weights(self.folder / WEIGHTS, self.learner.result(weights))
            if average:
                write_weights(self.folder / EMA_WEIGHTS, self.learner.result(average))
            if self.learner.adapters:
                self.learner.adapters.save(self.folder / ADAPTER, weights)
            write_json(
                self.folder / SHAPE,
                {
                    "model": decisive(self.recipe.model),
                    "vocabulary": self.tokenizer.vocab_size,
                    "tokenizer": self.tokenizer.hash,
                    "parameters": self._parameters,
                    self.task.unit: self.course.tokens,
                    **self.task.shape(),
                },
            )
        self._report()
        return self.facts()

    def facts(self) -> dict[str, Any]:
        """What is known of the run so far: for its manifest and its report."""
        return {
            "steps": self.course.step,
            self.task.unit: self.course.tokens,
            "parameters": self._parameters,
            **({"adapter_parameters": self._learnt} if self.learner.adapters else {}),
            **self.task.facts(self.course.tokens),
            "initial_loss": self.tally.initial_loss,
            **({} if self.score_before is None else {f"valid_{self.task.score}_before": self.score_before}),
            f"best_{self.task.score}": self.best.score,
            **({"best_step": self.best.step, "stopped_early": not self.course.done} if self.config.patience else {}),
            "bad_steps_left_out": self.tally.skipped,
            "device": str(self.learner.device),
            "hardware": device_name(self.learner.device),
            "precision": dtype_name(self.learner.dtype),
            "processes": self.world.size,
            "training_seconds": round(self.pace.seconds, 1),
        }

    def _report(self) -> None:
        if self.world.main:
            write_report(self.folder, {**self.facts(), "finished": self.over})

    def _left_out(self, step: int, text: str) -> None:
        self.reporter.say(text)
        self.log.write(step, "event", {"event": "skipped", "text": text})

    def _find_checkpoint(self) -> tuple[Path | None, dict[str, Any]]:
        """The newest sound checkpoint and its state, as the main process sees them."""
        found = None
        if self.world.main:
            found = latest_sound(self.folder / CHECKPOINTS, self.reporter.say)
            if found:
                set_damaged_aside(found[0])
        path, state = self.world.from_main(found) or (None, {})
        return path, state

    def _note_resumption(self) -> None:
        if not self._settings_before:
            return
        self.reporter.say(f"going on from step {self.course.step:,}, {100 * self.course.progress:.0f}% of the run")
        changed = differences(self._settings_before, decisive(self.config))
        if changed:
            self.log.write(self.course.step, "event", {"event": "settings changed", "text": "; ".join(changed)})

    @property
    def _parameters(self) -> int:
        return self.learner.parameters

    @property
    def _learnt(self) -> int:
        return sum(p.numel() for p in self.learner.learnt.values())

    def _announce(self) -> None:
        processes = f" in each of {self.world.size} processes" if self.world.size > 1 else ""
        adapters = f", and {self._learnt:,} of adapters that learn" if self.learner.adapters else ""
        self.reporter.say(
            f"{self._parameters:,} parameters{adapters} on {self.learner.device} in "
            f"{dtype_name(self.learner.dtype)}{processes}; {self.task.announcement()}"
        )
