"""What a task is wherever it runs: the steps, once, on the shard of its number; then a marker that it is finished.

Each executor is one of datatrove's with `TaskRunner` in front of it. What it leaves out: where and when tasks run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from datatrove.executor.base import PipelineExecutor
from datatrove.utils.stats import PipelineStats
from loguru import logger

from fidan.corpus.base import Step
from fidan.corpus.config import CorpusConfig
from fidan.corpus.flow import flow_path, run_steps, write_flow


@dataclass(frozen=True)
class Work:
    """Tasks that are to be run."""

    steps: list[Step]  # the first one reads the shard of its task, the last one writes it
    tasks: int  # how many there are
    left: list[int]  # those not finished, ascending, at least one
    config: CorpusConfig
    logs: Path  # absolute: folder for completion markers, statistics and the executor's own notes
    workers: int  # tasks at once; 0: the executor's choice


class TaskRunner(PipelineExecutor):  # type: ignore[misc]
    """Put in front of an executor of datatrove: how it runs one task."""

    def _run_for_rank(self, rank: int, local_rank: int = 0, node_rank: int = -1) -> PipelineStats:
        # As the original, but it measures what goes through every step; without its loggers, which would take over
        # those of the whole process; and with steps of its own, for they count as they go.
        if self.is_rank_completed(rank):
            return PipelineStats()
        steps = deepcopy(self.pipeline)
        flow = run_steps(steps, rank, self.world_size)
        write_flow(flow_path(Path(self.logging_dir.resolve_paths("")), rank), flow)
        stats = PipelineStats(steps)
        with self.logging_dir.open(f"stats/{rank:05d}.json", "w") as file:
            stats.save_to_disk(file)
        self.mark_rank_as_completed(rank)
        return stats


def finished_ranks(logs: Path) -> set[int]:
    """The numbers of the tasks that have left their marker."""
    return {int(path.name) for path in (logs / "completions").glob("[0-9]*")}


def silence() -> None:
    """Keep datatrove's log off this process's terminal."""
    logger.disable("datatrove")


@contextmanager
def silenced() -> Iterator[None]:
    """Keep datatrove's log off the terminal within the context."""
    silence()
    try:
        yield
    finally:
        logger.enable("datatrove")
