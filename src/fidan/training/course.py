"""How far a run is, and which sequences come next: counted in sequences, whatever the batch and the processes.

Everything here follows from the position and the recipe, so a checkpoint needs three numbers of it. What it leaves
out: the sequences' contents (`batches`), and rates and sizes as functions of the progress (`schedule`).
"""

from collections.abc import Iterator
from typing import Any

from fidan.errors import FidanError
from fidan.recipe import TrainConfig
from fidan.training import schedule
from fidan.training.distributed import World


class Course:
    """A position in the run.

    Args:
        config: its length, batch and schedule.
        world: the processes that share each step.
        state: of a checkpoint; empty at the beginning.

    Attributes:
        step: optimizer steps done.
        sequences: of the whole run, in the steps done.
        passes: done by this process of the step under way.

    Raises:
        FidanError: a step cannot be divided among the processes.
    """

    def __init__(self, config: TrainConfig, world: World, state: dict[str, Any]) -> None:
        self._config, self._world = config, world
        self.step: int = state.get("step", 0)
        self.sequences: int = state.get("sequences", 0)
        self.passes: int = state.get("passes", 0)
        if config.sequences_per_step % world.size:
            raise FidanError(
                f"batch_size × accumulate = {config.sequences_per_step} sequences a step cannot be divided among "
                f"{world.size} processes. Set train.accumulate to a multiple of {world.size}."
            )

    @property
    def tokens(self) -> int:
        """Tokens predicted in the steps done."""
        return self.sequences * self._config.sequence_length

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self.tokens >= self._config.tokens

    @property
    def progress(self) -> float:
        """The share of the run that is done."""
        return self._progress(self.sequences)

    @property
    def rows(self) -> int:
        """Sequences of the step under way, over all processes."""
        return self._rows(self.sequences)

    @property
    def rate(self) -> float:
        """The share of the peak learning rate of the step under way."""
        return schedule.rate(self._config, self.step, self._progress(self.sequences + self.rows))

    def passes_of_step(self) -> list[tuple[int, int]]:
        """(first sequence, rows) of each of this process's passes in the step under way."""
        return self._passes(self.sequences, self.rows)

    def passes_to_come(self) -> Iterator[tuple[int, int]]:
        """The same for all passes that are left of the run."""
        sequences, skip = self.sequences, self.passes
        while sequences * self._config.sequence_length < self._config.tokens:
            rows = self._rows(sequences)
            yield from self._passes(sequences, rows)[skip:]
            sequences, skip = sequences + rows, 0

    def next_step(self) -> None:
        """The step under way is done."""
        self.sequences += self.rows
        self.step, self.passes = self.step + 1, 0

    def state(self) -> dict[str, int]:
        """What a checkpoint must hold of it."""
        return {"step": self.step, "sequences": self.sequences, "passes": self.passes}

    def _progress(self, sequences: int) -> float:
        return min(1.0, sequences * self._config.sequence_length / self._config.tokens)

    def _rows(self, sequences: int) -> int:
        rows = schedule.rows(self._config, self._progress(sequences))
        return max(1, rows // self._world.size) * self._world.size

    def _passes(self, first: int, rows: int) -> list[tuple[int, int]]:
        begin, mine = self._world.share(first, rows)
        size = self._config.batch_size
        return [(begin + done, min(size, mine - done)) for done in range(0, mine, size)]
