"""The best validation of a run so far, and for how long there has been no better one.

It decides which checkpoint is kept besides the last ones, and, where the recipe has `patience`, when to stop: after
so many validations without a better score the run ends, and the best checkpoint's weights are its result. What it
leaves out: what the score is (`task`).
"""

from typing import Any

from fidan.training.checkpoint import checkpoint_name
from fidan.training.task import Task


class Best:
    """Hears of each validation once, in order.

    Args:
        task: whose score it is; its config has the patience.
        state: of a checkpoint; empty at the beginning. A best on other held-out data is forgotten.

    Attributes:
        score: of the best; None before the first validation.
        checkpoint: the name of that of the best.
        worse: validations since then.
    """

    def __init__(self, task: Task, state: dict[str, Any]) -> None:
        self._task, self.patience = task, task.config.patience
        self.score: float | None = None
        self.checkpoint: str | None = None
        self.worse = 0
        if state.get("best") and all(state.get(name) == value for name, value in task.judged_on.items()):
            self.score, self.checkpoint = state["best"]
            self.worse = state.get("worse", 0)

    def heard(self, score: float, step: int) -> bool:
        """Whether `score`, after `step` steps, is the best so far."""
        known = self.score
        improved = known is None or (score > known if self._task.higher else score < known)
        if improved:
            self.score, self.checkpoint, self.worse = score, checkpoint_name(step), 0
        else:
            self.worse += 1
        return improved

    @property
    def step(self) -> int | None:
        """Steps done at the best."""
        return None if self.checkpoint is None else int(self.checkpoint.removeprefix("step-"))

    @property
    def given_up(self) -> bool:
        """Whether there was none better for `patience` validations; never without patience."""
        return 0 < self.patience <= self.worse

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold of it."""
        best = None if self.score is None else (self.score, self.checkpoint)
        return {"best": best, **self._task.judged_on, **({"worse": self.worse} if self.patience else {})}
