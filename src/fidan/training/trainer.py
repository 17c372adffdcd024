"""The training loop: batches in, weights out, and never a run lost.

One step: forward and backward over the step's sequences, judge the outcome, then move the weights. The state after
any pass depends on the recipe, the tokens and how far the run is, and on nothing else; so a run that was killed and
resumed is, on the same machine's CPU with the same threads, bit for bit the run that was not.

What it leaves out: what a step is (`learner`), and which of its settings may change on the way (`running`).
"""

import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fidan.artifact import differences, write_json
from fidan.errors import Stopped
from fidan.evaluation.heldout import HeldOutLoss, held_out_loss
from fidan.hardware import autocast, device_name, dtype_name, peak_flops
from fidan.model.decoder import Decoder
from fidan.progress import Reporter, SilentReporter
from fidan.recipe import Recipe
from fidan.settings import decisive
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.batches import Batches
from fidan.training.bigrams import count_bigrams, start_from_bigrams
from fidan.training.checkpoint import (
    checkpoint_name,
    latest_sound,
    prune,
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
from fidan.training.pace import Pace, training_note
from fidan.training.packed_tokens import PackedTokens
from fidan.training.report import write_report
from fidan.training.samples import check_prompts, write_samples
from fidan.training.tally import Tally
from fidan.weights import weights_of, write_weights

VERSION = 2
WEIGHTS, SHAPE = "model.safetensors", "model.json"
CHECKPOINTS = "checkpoints"


class Trainer:
    """Everything of one run that lives in memory.

    Args:
        recipe: its `model`, `train`, `generate` and `seed`.
        packed: the folder of token files.
        tokenizer: whose tokens they must be.
        folder: where checkpoints, metrics and the final weights go.
        reporter: shows progress.
        world: the processes that share the work.
        ends: the moment of `time.monotonic()` at which it saves and stops; None: when it is done.
    """

    def __init__(
        self,
        recipe: Recipe,
        packed: Path,
        tokenizer: Tokenizer,
        folder: Path,
        reporter: Reporter,
        world: World | None = None,
        ends: float | None = None,
    ) -> None:
        self.recipe, self.config, self.folder, self.tokenizer = recipe, recipe.train, folder, tokenizer
        self.world, self.ends = world or World(), ends
        self.reporter = reporter if self.world.main else SilentReporter()
        self.tokens = PackedTokens.open(packed, "train", tokenizer.hash)
        self.valid = PackedTokens.open(packed, "valid", tokenizer.hash)
        self.batches = Batches(self.tokens, self.config.sequence_length, recipe.seed)
        found, state = self._find_checkpoint()
        self.learner = Learner(
            recipe, tokenizer.vocab_size, tokenizer.bos_id, self.world, found, state, self._begin, self.reporter.say
        )
        self.course = Course(self.config, self.world, state)
        if self.config.sample_every:
            check_prompts(tokenizer, recipe.generate, recipe.model.context)
        self._seconds_before: float = state.get("seconds", 0.0)  # of training, in the sessions before this one
        self.tally = Tally(self.config, self.batches, self.learner.watch, self._left_out, state)
        self.best: tuple[float, str] | None = None  # bits per byte, and the checkpoint's name
        if state.get("best") and state["best_of_tokens"] == self.config.valid_tokens:
            self.best = (state["best"][0], state["best"][1])  # other documents would not compare
        self._settings_before = state.get("settings")

    def _begin(self, model: Decoder) -> None:
        if self.config.start == "bigrams":
            sequences = -(-self.config.tokens // self.config.sequence_length)
            bigrams = count_bigrams(self.batches, sequences, self.tokenizer.vocab_size)
            loss = start_from_bigrams(model, bigrams, self.recipe.seed)
            self.reporter.say(f"started from the bigrams of the text: loss {loss:.3f}")

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
        flops = self.recipe.model.flops_per_token(self.tokenizer.vocab_size, self.config.sequence_length)
        self.pace = Pace(flops, peak, self.learner.device, self._seconds_before)
        with (
            StopWish(self.ends) as wish,
            self._open_log() as self.log,
            self.reporter.task(
                "training", total=self.config.steps * self.config.tokens_per_step, done=self.course.tokens
            ) as self.task,
            Feed(self.batches, self.course.passes_to_come(), self.learner.device) as feed,
        ):
            if self.log.missing:
                self.reporter.say(self.log.missing)
            self._note_resumption()
            while not self.course.done:
                if not self._step(feed, wish):
                    self._stop(wish)
                self._tend()
                if self.world.largest(int(wish.wished)) and not self.course.done:
                    self._stop(wish)
        return self._finish()

    def _open_log(self) -> MetricsLog | NoLog:
        return MetricsLog(self.folder, self.course.step, self.config.tensorboard) if self.world.main else NoLog()

    def _step(self, feed: Feed, wish: StopWish) -> bool:
        """The passes that are left of one step, and its move; False where a wish to stop came between passes."""
        course = self.course
        passes, tokens = course.passes_of_step(), course.rows * self.config.sequence_length
        while course.passes < len(passes):
            last = course.passes == len(passes) - 1
            self.learner.accumulate(next(feed), passes[course.passes][0], tokens, last)
            course.passes += 1
            if wish.wished and not last and self.world.size == 1:
                return False
        self.tally.begun(course.step, course.sequences, course.rows)
        self.learner.move(course.step, course.rate)
        course.next_step()
        self.pace.step(tokens)
        self.task.advance(tokens)
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
        if self.course.step % config.checkpoint_every == 0 or overdue or improved or self.course.done:
            self._save()

    def _record(self) -> None:
        self.tally.hear(self.course.step - 1)
        loss, pace = self.tally.take_loss(), self.pace
        pace.measure()
        if loss is None:
            return  # every step since the last record was left out
        bits = loss / math.log(2) / (self.tokens.text_bytes / self.tokens.tokens)
        values = {
            "loss": loss,
            "bits_per_byte": bits,
            "learning_rate": self.learner.optimizer.rate,
            "gradient_norm": self.tally.gradient_norm,
            "tokens": self.course.tokens,
            "tokens_per_second": round(pace.tokens_per_second),
            "mfu": round(pace.mfu, 4),
            "memory_bytes": pace.memory_bytes,
            "seconds": round(pace.seconds, 1),
        }
        self.log.write(self.course.step, "train", values)
        self.task.advance(0, training_note(loss, bits, pace.tokens_per_second, pace.mfu, pace.memory_bytes))

    def _validate(self) -> bool:
        """Held-out loss on a sample of the validation documents; whether it is the best so far."""
        self.tally.hear(self.course.step - 1)
        with self.learner.plain_model() as model:
            result = self.validate(model) if self.world.main else None
        values: dict[str, float] = {}
        if result:
            values = {"bits_per_byte": result.bits_per_byte, "loss": result.loss}
        if self.learner.average:
            with self.learner.plain_model(average=True) as model:
                if self.world.main:
                    values["ema_bits_per_byte"] = self.validate(model).bits_per_byte
        self.log.write(self.course.step, "valid", values)
        bits = self.world.from_main(values.get("bits_per_byte"))
        improved = self.best is None or bits < self.best[0]
        if improved:
            self.best = (bits, checkpoint_name(self.course.step))
        self.reporter.say(
            f"  step {self.course.step:,}  {100 * self.course.progress:.0f}%  held out: {bits:.4f} bits/byte  "
            f"loss {values.get('loss', 0.0):.4f}"
            + (f"  average of weights {values['ema_bits_per_byte']:.4f}" if "ema_bits_per_byte" in values else "")
            + ("  (best so far)" if improved else "")
        )
        self.pace.restart()
        return improved

    def validate(self, model: Any) -> HeldOutLoss:
        """The loss on `valid_tokens` of whole held-out documents, evenly spread over them."""
        return held_out_loss(
            model,
            self.valid.spread(self.config.valid_tokens),
            stride=self.recipe.model.context,
            autocast=autocast(self.learner.device, self.learner.dtype),
            reporter=SilentReporter(),
        )

    def _sample(self) -> None:
        with self.learner.plain_model() as model:
            if self.world.main:
                for record in write_samples(model, self.tokenizer, self.recipe.generate, self.recipe.seed):
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
                "best": self.best,
                "best_of_tokens": self.config.valid_tokens,
                "settings": decisive(self.config),
                **self.tally.state(),
                **self.learner.state(),
            }
            folder = self.folder / CHECKPOINTS
            save_checkpoint(folder, checkpoint_name(self.course.step, self.course.passes), tensors, state)
            prune(folder, self.config.keep_checkpoints, self.best[1] if self.best else None)
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
        weights = weights_of(self.learner.model)
        average = self.learner.average.whole() if self.learner.average else {}
        if self.world.main:
            write_weights(self.folder / WEIGHTS, weights)
            if average:
                write_weights(self.folder / EMA_WEIGHTS, average)
            write_json(
                self.folder / SHAPE,
                {
                    "model": asdict(self.recipe.model),
                    "vocabulary": self.tokenizer.vocab_size,
                    "tokenizer": self.tokenizer.hash,
                    "parameters": self._parameters,
                    "tokens": self.course.tokens,
                },
            )
        self._report()
        return self.facts()

    def facts(self) -> dict[str, Any]:
        """What is known of the run so far: for its manifest and its report."""
        return {
            "steps": self.course.step,
            "tokens": self.course.tokens,
            "parameters": self._parameters,
            "epochs": round(self.course.tokens / self.tokens.tokens, 3),
            "initial_loss": self.tally.initial_loss,
            "best_bits_per_byte": self.best[0] if self.best else None,
            "bad_steps_left_out": self.tally.skipped,
            "device": str(self.learner.device),
            "hardware": device_name(self.learner.device),
            "precision": dtype_name(self.learner.dtype),
            "processes": self.world.size,
            "training_seconds": round(self.pace.seconds, 1),
        }

    def _report(self) -> None:
        if self.world.main:
            write_report(self.folder, self.facts())

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
        return self.learner.model.parameter_count()

    def _announce(self) -> None:
        available, length = self.tokens.tokens, self.config.sequence_length
        processes = f" in each of {self.world.size} processes" if self.world.size > 1 else ""
        self.reporter.say(
            f"{self._parameters:,} parameters on {self.learner.device} in {dtype_name(self.learner.dtype)}{processes}"
            f"; {self.config.tokens:,} tokens, {self.config.sequences_per_step * length:,} a step, = "
            f"{self.config.tokens / available:.2f} epochs of {available:,}"
        )
