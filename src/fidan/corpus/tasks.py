"""Shards through the steps on datatrove's local executor: in this process, or in several.

Taken from the executor: a task a shard, completion markers by which an interrupted run goes on, statistics a task.
Changed: one task or one worker starts no process; a worker that is killed ends the run with an error and not with
waiting for ever; workers end when this process does; nothing is logged to the terminal.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from copy import deepcopy
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from datatrove.executor.local import LocalPipelineExecutor
from datatrove.utils.stats import PipelineStats
from loguru import logger

from fidan.artifact import explain_disk_full
from fidan.corpus.base import Step
from fidan.errors import FidanError


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    logger.disable("datatrove")
    try:
        if min(workers, len(left)) <= 1:
            for rank in left:
                _run(executor, rank)
                finished(rank)
        else:
            _run_in_processes(executor, left, min(workers, len(left)), finished)
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


def _run_in_processes(executor: _Executor, ranks: list[int], workers: int, finished: Callable[[int], None]) -> None:
    pool = ProcessPoolExecutor(workers, mp_context=_context(), initializer=_prepare_worker)
    try:
        for future in as_completed([pool.submit(_run, executor, rank) for rank in ranks]):
            finished(future.result())
    except BrokenProcessPool as error:
        raise FidanError(
            "a worker process of the corpus stage died. Most often the memory ran out: use fewer workers or smaller "
            "shards (corpus.shard_bytes) and run the same command again; finished shards are kept. "
            '(A script that calls this must do so below `if __name__ == "__main__":`.)'
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    # Not "fork": a bar that redraws itself is a thread, and a fork in a process with threads may hang.
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fidan.corpus.steps"])
    return context


def _prepare_worker() -> None:
    logger.disable("datatrove")
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # Ctrl-C is answered once, by the parent
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent cannot stop its workers; without this they would wait, and write, for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    multiprocessing.connection.wait([parent.sentinel])
    os._exit(1)
