"""What became of the steps: losses for the record, and what a bad step means for the run.

What it leaves out: the verdict itself, which is passed on the device (`watch`).
"""

import math
from collections.abc import Callable
from typing import Any

from fidan.errors import FidanError
from fidan.recipe import TrainConfig
from fidan.training.batches import Sequences
from fidan.training.watch import BAD, OVERFLOW, Outcome, Watch

MOST_OVERFLOWS = 20  # of fp16 in a row: the loss scale is down by a million, so the range is not what is wrong


class TrainingError(FidanError):
    """The run cannot go on: a loss or gradient that is not finite, or a loss that jumped."""


class Tally:
    """Hears of each step once, in order.

    Args:
        config: how many bad steps may be left out.
        batches: whose sequences a bad step is explained by.
        watch: passes the verdicts.
        skipped_one: told of a bad step that was left out: the steps done then, and why.
        state: of a checkpoint; empty at the beginning of a run.
        section: of the recipe that has the learning rate, to name it in an error.
        contents: what `batches.documents` numbers.

    Attributes:
        pending: losses of the good steps since they were last taken, nats a token.
        gradient_norm: of the last good step.
        initial_loss: of the first step, close to ln(vocabulary).
        skipped: bad steps that were left out.
    """

    def __init__(
        self,
        config: TrainConfig,
        batches: Sequences,
        watch: Watch,
        skipped_one: Callable[[int, str], None],
        state: dict[str, Any],
        section: str = "train",
        contents: str = "documents",
    ) -> None:
        self._section, self._contents = section, contents
        self._config, self._batches, self._watch, self._skipped_one = config, batches, watch, skipped_one
        self._under_way: dict[int, tuple[int, int]] = {}  # step → its sequences, until it is heard of
        self.pending: list[float] = state.get("pending", [])
        self.gradient_norm: float = state.get("gradient_norm", 0.0)
        self.initial_loss: float = state.get("initial_loss", 0.0)
        self.skipped: int = state.get("skipped", 0)
        self._overflows: int = state.get("overflows", 0)  # in a row

    def begun(self, step: int, first: int, rows: int) -> None:
        """Step `step`, of sequences `first` to `first + rows`, is under way."""
        self._under_way[step] = (first, rows)

    def hear(self, through: int) -> None:
        """Take in what became of the steps up to `through`, waiting for it where need be.

        Raises:
            TrainingError: one was bad, and no more may be left out.
        """
        for outcome in self._watch.outcomes(through):
            first, rows = self._under_way.pop(outcome.step)
            self._overflows = self._overflows + 1 if outcome.verdict == OVERFLOW else 0
            if outcome.step == 0:
                self.initial_loss = outcome.loss
            if outcome.verdict == BAD or self._overflows > MOST_OVERFLOWS:
                self._heed(outcome, first, rows)
            elif outcome.verdict != OVERFLOW:
                self.pending.append(outcome.loss)
                self.gradient_norm = outcome.norm

    def take_loss(self) -> float | None:
        """The mean loss of the good steps since the last call; None where there were none."""
        losses, self.pending = self.pending, []
        return sum(losses) / len(losses) if losses else None

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold of it."""
        return {
            "pending": self.pending,
            "gradient_norm": self.gradient_norm,
            "initial_loss": self.initial_loss,
            "skipped": self.skipped,
            "overflows": self._overflows,
        }

    def _heed(self, outcome: Outcome, first: int, rows: int) -> None:
        config, finite = self._config, math.isfinite(outcome.loss) and math.isfinite(outcome.norm)
        why = f"more than {config.spike:g} above the recent loss, {outcome.recent:.4g}" if finite else "not finite"
        documents = self._batches.documents(first, rows)
        text = (
            f"step {outcome.step + 1}: loss {outcome.loss:.4g}, gradient norm {outcome.norm:.4g}: {why}, so the "
            f"weights were not moved. Sequences {first}–{first + rows - 1}, training {self._contents} "
            f"{documents[:20]}{'…' if len(documents) > 20 else ''}."
        )
        if self.skipped >= config.skip_bad_steps:
            raise TrainingError(
                f"{text} The last checkpoint is whole. To leave such a step out and go on, set train.skip_bad_steps="
                f"{self.skipped + 1}; if they come again, set {self._section}.learning_rate lower (now "
                f"{config.learning_rate:g}) or train.precision=fp32."
            )
        self.skipped += 1
        self._skipped_one(outcome.step + 1, f"left out, {self.skipped} of at most {config.skip_bad_steps}: {text}")
