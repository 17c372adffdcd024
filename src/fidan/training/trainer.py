"""The training loop: batches in, weights out, and never a run lost.

One step: forward and backward over `accumulate` batches, clip the gradient, look whether everything is finite, then
move the weights. The state after step n depends on the recipe, the tokens and n alone, so a run that was killed and
resumed is, on the same machine's CPU with the same threads, bit for bit the run that was not.

What it leaves out: several processes, other optimizers, EMA.
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fidan.artifact import write_json
from fidan.errors import FidanError
from fidan.evaluation.heldout import HeldOutLoss, held_out_loss
from fidan.hardware import autocast, compile_problem, dtype_name, peak_flops, pick_device, pick_precision
from fidan.model.decoder import Decoder
from fidan.progress import Reporter, SilentReporter, Task
from fidan.recipe import Recipe
from fidan.training.batches import Batch, Batches
from fidan.training.checkpoint import (
    latest_sound,
    load_checkpoint,
    prune,
    save_checkpoint,
    set_damaged_aside,
)
from fidan.training.interrupt import InterruptWish
from fidan.training.log import MetricsLog
from fidan.training.loss import batch_loss
from fidan.training.optimizer import build_optimizer
from fidan.training.packed_tokens import PackedTokens
from fidan.training.schedule import learning_rate
from fidan.weights import weights_of, write_weights

VERSION = 1
WEIGHTS, SHAPE = "model.safetensors", "model.json"
CHECKPOINTS = "checkpoints"


class TrainingError(FidanError):
    """The run cannot go on: a loss or a gradient that is not finite."""


class Trainer:
    """Everything of one run that lives in memory.

    Args:
        recipe: its `model`, `train` and `seed`.
        packed: the folder of token files.
        tokenizer_hash: of the tokenizer whose tokens they must be.
        vocabulary: V.
        folder: where checkpoints, metrics and the final weights go.
        reporter: shows progress.
    """

    def __init__(
        self, recipe: Recipe, packed: Path, tokenizer_hash: str, vocabulary: int, folder: Path, reporter: Reporter
    ) -> None:
        self.recipe, self.config, self.folder, self.reporter = recipe, recipe.train, folder, reporter
        self.tokenizer_hash = tokenizer_hash
        self.device = pick_device(self.config.device)
        self.dtype = pick_precision(self.config.precision, self.device)
        torch.manual_seed(recipe.seed)
        self.model = Decoder(recipe.model, vocabulary).to(self.device)
        self.forward = self._compiled() if self.config.compile else self.model.model
        self.optimizer = build_optimizer(self.model, self.config)
        tokens = PackedTokens.open(packed, "train", tokenizer_hash)
        self.batches = Batches(tokens, self.config.sequence_length, self.config.batch_size, recipe.seed)
        self.valid = PackedTokens.open(packed, "valid", tokenizer_hash)
        self.step = 0  # optimizer steps done
        self.best: tuple[float, str] | None = None  # bits per byte, and the checkpoint's name
        self.pending: list[float] = []  # losses since the last record
        self.initial_loss = 0.0  # of the first batch, before any step: close to ln(vocabulary)

    def run(self) -> dict[str, Any]:
        """Train to the end, from the newest sound checkpoint if there is one; returns what was counted.

        Raises:
            TrainingError: a loss or gradient was not finite; the last checkpoint is kept.
            KeyboardInterrupt: Ctrl-C or SIGTERM, after saving.
            DiskFullError: a checkpoint found no room; the one before is kept.
        """
        self._announce()
        peak = peak_flops(self.device, self.dtype)
        self._resume()
        began, saved = time.monotonic(), time.monotonic()
        with (
            MetricsLog(self.folder, self.step, self.config.tensorboard) as log,
            InterruptWish() as interrupt,
            self.reporter.task("training", total=self.config.steps, done=self.step) as task,
        ):
            if log.missing:
                self.reporter.say(log.missing)
            pace = _Pace(self.config.tokens_per_step, self._flops_per_token(), peak)
            while self.step < self.config.steps:
                gradient_norm = self._step()
                pace.step(task, self.pending[-1])
                last = self.step == self.config.steps
                if self.step % self.config.log_every == 0 or last:
                    self._record(log, gradient_norm, pace)
                improved = False
                if self.step % self.config.valid_every == 0 or last:
                    improved = self._validate(log)
                    pace.restart()
                due = self.step % self.config.checkpoint_every == 0
                overdue = time.monotonic() - saved > 60 * self.config.checkpoint_minutes
                if due or overdue or improved or last or interrupt.wished:
                    log.sync()
                    self._save()
                    saved = time.monotonic()
                    pace.restart()
                if interrupt.wished:
                    raise KeyboardInterrupt(f"{interrupt.wished.name}: saved at step {self.step}")
        self._write_result()
        return {
            "steps": self.step,
            "tokens": self.step * self.config.tokens_per_step,
            "parameters": self.model.parameter_count(),
            "epochs": round(self.step * self.config.tokens_per_step / self.batches.tokens.tokens, 3),
            "initial_loss": self.initial_loss,
            "best_bits_per_byte": self.best[0] if self.best else None,
            "device": str(self.device),
            "precision": dtype_name(self.dtype),
            "seconds_this_session": round(time.monotonic() - began, 1),
        }

    def _step(self) -> float:
        """One optimizer step; returns the gradient's norm before clipping."""
        self.model.train()
        numbers = range(self.step * self.config.accumulate, (self.step + 1) * self.config.accumulate)
        loss = 0.0
        seen: list[Batch] = []
        for number in numbers:
            batch = self.batches[number]
            seen.append(batch)
            inputs, labels = batch.inputs.to(self.device), batch.labels.to(self.device)
            summed, _ = batch_loss(self.forward, self.model.lm_head.weight, inputs, labels, self.dtype)
            part = summed / self.config.tokens_per_step
            part.backward()  # type: ignore[no-untyped-call]
            loss += float(part.detach())
        limit = self.config.clip or float("inf")
        norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), limit))
        if not (np.isfinite(loss) and np.isfinite(norm)):
            raise TrainingError(self._explain_not_finite(loss, norm, seen))
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, self.step)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.step == 0:
            self.initial_loss = loss
        self.step += 1
        self.pending.append(loss)
        return norm

    def _validate(self, log: MetricsLog) -> bool:
        """Held-out loss on a sample of the validation documents; whether it is the best so far."""
        result = self.validate()
        log.write(self.step, "valid", {"bits_per_byte": result.bits_per_byte, "loss": result.loss})
        improved = self.best is None or result.bits_per_byte < self.best[0]
        if improved:
            self.best = (result.bits_per_byte, f"step-{self.step:06d}")
        self.reporter.say(
            f"  step {self.step:,}/{self.config.steps:,}  held out: {result.bits_per_byte:.4f} bits/byte  "
            f"loss {result.loss:.4f}{'  (best so far)' if improved else ''}"
        )
        return improved

    def validate(self) -> HeldOutLoss:
        """The loss on `valid_tokens` of whole held-out documents, evenly spread over them."""
        return held_out_loss(
            self.model,
            self.valid.spread(self.config.valid_tokens),
            stride=self.recipe.model.context,
            autocast=autocast(self.device, self.dtype),
            reporter=SilentReporter(),
        )

    def _record(self, log: MetricsLog, gradient_norm: float, pace: "_Pace") -> None:
        log.write(
            self.step,
            "train",
            {
                "loss": sum(self.pending) / len(self.pending),
                "learning_rate": self.optimizer.param_groups[0]["lr"],
                "gradient_norm": gradient_norm,
                "tokens_per_second": round(pace.tokens_per_second),
                "mfu": round(pace.mfu, 4),
            },
        )
        self.pending = []

    def _save(self) -> None:
        state = {
            "best": self.best,
            "best_of_tokens": self.config.valid_tokens,
            "pending": self.pending,
            "initial_loss": self.initial_loss,
        }
        checkpoints = self.folder / CHECKPOINTS
        save_checkpoint(checkpoints, self.step, self.model, self.optimizer, state)
        prune(checkpoints, self.config.keep_checkpoints, self.best[1] if self.best else None)

    def _resume(self) -> None:
        found = latest_sound(self.folder / CHECKPOINTS, self.reporter.say)
        if found is None:
            return
        set_damaged_aside(found)
        state = load_checkpoint(found, self.model, self.optimizer)
        self.step, self.pending = state["step"], state["pending"]
        self.initial_loss = state["initial_loss"]
        if state["best"] and state["best_of_tokens"] == self.config.valid_tokens:
            self.best = (state["best"][0], state["best"][1])  # other documents would not compare
        self.reporter.say(f"going on from step {self.step:,} of {self.config.steps:,} ({found.name})")

    def _write_result(self) -> None:
        write_weights(self.folder / WEIGHTS, weights_of(self.model))
        write_json(
            self.folder / SHAPE,
            {
                "model": asdict(self.recipe.model),
                "vocabulary": self.model.vocabulary,
                "tokenizer": self.tokenizer_hash,
                "parameters": self.model.parameter_count(),
                "tokens": self.step * self.config.tokens_per_step,
            },
        )

    def _compiled(self) -> Any:
        problem = compile_problem(self.device)
        if problem:
            self.reporter.say(f"torch.compile does not work here, training without it: {problem}")
            return self.model.model
        if self.device.type == "cpu":
            # The compiler adds up an embedding's gradient from several threads in any order; a resumed run would then
            # differ in its last bits. With this flag it leaves such sums to PyTorch's own, ordered ones.
            torch.use_deterministic_algorithms(True)
        return torch.compile(self.model.model)

    def _flops_per_token(self) -> int:
        return self.recipe.model.flops_per_token(self.model.vocabulary, self.config.sequence_length)

    def _announce(self) -> None:
        per_step, available = self.config.tokens_per_step, self.batches.tokens.tokens
        self.reporter.say(
            f"{self.model.parameter_count():,} parameters on {self.device} in {dtype_name(self.dtype)}; "
            f"{self.config.steps:,} steps of {per_step:,} tokens = "
            f"{self.config.steps * per_step / available:.2f} epochs of {available:,}"
        )

    def _explain_not_finite(self, loss: float, norm: float, seen: list[Batch]) -> str:
        windows = [window for batch in seen for window in batch.windows]
        length = self.config.sequence_length
        documents = sorted(
            {
                document
                for window in windows
                for document in self.batches.tokens.documents_in(window * length, length + 1)
            }
        )
        return (
            f"step {self.step + 1}: loss {loss}, gradient norm {norm}: not finite, so the weights were not moved. "
            f"Batches {self.step * self.config.accumulate}–{(self.step + 1) * self.config.accumulate - 1}, windows "
            f"{windows}, training documents {documents[:20]}{'…' if len(documents) > 20 else ''}. The last "
            f"checkpoint is whole. Set train.learning_rate lower (now {self.config.learning_rate}), or "
            "train.precision=fp32, and run again."
        )


class _Pace:
    """How fast it goes: smoothed tokens a second and their share of the machine's peak."""

    def __init__(self, tokens_per_step: int, flops_per_token: int, peak: float) -> None:
        self.tokens_per_step, self.flops_per_token, self.peak = tokens_per_step, flops_per_token, peak
        self.seconds = 0.0  # a step, smoothed
        self.restart()

    def restart(self) -> None:
        """Forget the time since the last step: it went into something else."""
        self.since = time.perf_counter()

    def step(self, task: Task, loss: float) -> None:
        """Count one step and show it."""
        now = time.perf_counter()
        took, self.since = now - self.since, now
        self.seconds = took if not self.seconds else 0.9 * self.seconds + 0.1 * took
        task.advance(1, f"loss {loss:.3f}  {self.tokens_per_second:,.0f} tokens/s  MFU {100 * self.mfu:.0f}% of peak")

    @property
    def tokens_per_second(self) -> float:
        return self.tokens_per_step / self.seconds if self.seconds else 0.0

    @property
    def mfu(self) -> float:
        """Model FLOPs utilisation: operations the model needs a second, over the peak of the matrix product."""
        return self.tokens_per_second * self.flops_per_token / self.peak
