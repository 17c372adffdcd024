"""Shards through the steps on datatrove's local executor: in this process, or in several.

Taken from the executor: a task a shard, completion markers by which an interrupted run goes on, statistics a task.
Changed: one task or one worker starts no process; a worker that is killed ends the run with an error and not with
waiting for ever; workers end when this process does; nothing is logged to the terminal.
"""

from collections import deque
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.utils.stats import PipelineStats
from loguru import logger

from fidan.artifact import explain_disk_full
from fidan.corpus.base import Step
from fidan.workers import in_processes


def run_tasks(steps: list[Step], tasks: int, workers: int, logs: Path, finished: Callable[[int], None]) -> None:
    """Run the steps once for each task that is not finished yet.

    Args:
        steps: the first one reads the shard of its rank, the last one writes it.
        tasks: how many shards there are.
        workers: processes at once; 1 works in this one.
        logs: folder for completion markers and statistics.
        finished: called with the number of every task that is finished, those of earlier runs first.

    Raises:
        DiskFullError: no room; finished tasks are kept.
        FidanError: a worker was killed.
    """
    executor = _Executor(steps, tasks=tasks, workers=workers, logging_dir=str(logs))
    left = executor.get_incomplete_ranks()
    for rank in sorted(set(range(tasks)) - set(left)):
        finished(rank)
    _silence()
    try:
        if min(workers, len(left)) <= 1:
            for rank in left:
                _run(executor, rank)
                finished(rank)
        else:
            done = in_processes(
                partial(_run, executor),
                left,
                min(workers, len(left)),
                doing="cleaning the corpus",
                advice="use smaller shards (corpus.shard_bytes)",
                preload="fidan.corpus.steps",
                setup=_silence,
            )
            for rank in done:
                finished(rank)
    except OSError as error:
        raise explain_disk_full(error, logs) from error
    finally:
        logger.enable("datatrove")


class _Executor(LocalPipelineExecutor):  # type: ignore[misc]
    def _run_for_rank(self, rank: int, local_rank: int = 0, node_rank: int = -1) -> PipelineStats:
        # As the original, but without its loggers, which would take over those of the whole process.
        data: Any = None
        for step in self.pipeline:
            data = step(data, rank, self.world_size)
        deque(data, maxlen=0)
        stats = PipelineStats(self.pipeline)
        with self.logging_dir.open(f"stats/{rank:05d}.json", "w") as file:
            stats.save_to_disk(file)
        self.mark_rank_as_completed(rank)
        return stats


def _run(executor: _Executor, rank: int) -> int:
    task = deepcopy(executor)  # steps count as they go: every task begins with fresh ones
    task._run_for_rank(rank)
    return rank


def _silence() -> None:
    logger.disable("datatrove")
