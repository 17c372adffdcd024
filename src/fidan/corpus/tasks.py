"""Shards through the steps, a task a shard, on the executor that the recipe names; going on where a run ended.

A task that is finished has left a marker and is not run again. The files that tasks write do not depend on where
they run, nor in which order. What it leaves out: how each executor runs them (`fidan.corpus.executors`) and what
went through every step (`fidan.corpus.flow`).
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from fidan.artifact import explain_disk_full
from fidan.corpus.base import Step
from fidan.corpus.config import CorpusConfig
from fidan.corpus.executors import local, ray, slurm
from fidan.corpus.executors.task import Work, finished_ranks, silenced


def run_tasks(
    steps: list[Step],
    tasks: int,
    config: CorpusConfig,
    logs: Path,
    finished: Callable[[int], None],
    workers: int = 0,
) -> None:
    """Run the steps once for each task that is not finished yet.

    Args:
        steps: the first one reads the shard of its number, the last one writes it.
        tasks: how many shards there are.
        config: `executor` says where they run, `slurm` with which options of sbatch.
        logs: folder for completion markers and statistics. With a cluster it must be, as must all that the steps
            read and write, on a file system that every node sees at the same place.
        finished: called with the number of every task that is finished, those of earlier runs first.
        workers: tasks at once; 0: as `config.workers` says.

    Raises:
        DiskFullError: no room; finished tasks are kept.
        FidanError: a worker was killed, or the cluster cannot be used.
        KeyboardInterrupt: Ctrl-C. Its text says what goes on without this process, where something does.
    """
    logs = logs.absolute()
    done = sorted(finished_ranks(logs) & set(range(tasks)))
    for rank in done:
        finished(rank)
    left = sorted(set(range(tasks)) - set(done))
    if not left:
        return
    run: Callable[[Work], Generator[int]] = {"local": local.run, "ray": ray.run, "slurm": slurm.run}[config.executor]
    work = Work(steps, tasks, left, config, logs, workers or config.workers)
    try:
        logs.mkdir(parents=True, exist_ok=True)  # by which a worker sees whether it shares our file system
        with silenced(), closing(run(work)) as ranks:  # closed at once when `finished` raises, and not some day
            for rank in ranks:
                finished(rank)
    except OSError as error:
        raise explain_disk_full(error, logs) from error


def check_executor(config: CorpusConfig) -> None:
    """Whether tasks can be run as the recipe wants, before any work is done.

    Raises:
        FidanError: Ray is not installed; an option of Slurm is missing or wrong; Slurm's commands are not there.
    """
    if config.executor == "ray":
        ray.check()
    elif config.executor == "slurm":
        slurm.check(config.slurm)


def executor_session(config: CorpusConfig, workers: int = 0) -> AbstractContextManager[None]:
    """A context in which several calls of `run_tasks` share what takes long to start: Ray's processes.

    Raises:
        FidanError: Ray is not installed, or its cluster cannot be reached.
    """
    return ray.connected(workers or config.workers) if config.executor == "ray" else nullcontext()


def refuse_running_jobs(folder: Path) -> None:
    """To be called before `folder`, which holds the logs of several calls of `run_tasks`, is removed.

    Raises:
        FidanError: a Slurm job of an earlier run still works towards what is about to be removed.
    """
    slurm.refuse_running(folder)
