"""Tasks on this machine: in this process, or in several.

Taken from datatrove's local executor: a task a shard, completion markers, statistics. Changed: one task or one worker
starts no process; a worker that is killed ends the run with an error and not with waiting for ever; workers end when
this process does.
"""

from collections.abc import Generator

from datatrove.executor.local import LocalPipelineExecutor

from fidan.corpus.executors.task import TaskRunner, Work, silence
from fidan.workers import cores, in_processes


class LocalExecutor(TaskRunner, LocalPipelineExecutor):  # type: ignore[misc]
    """datatrove's, with our way of running one task."""


_shared: list[LocalExecutor] = []  # in a worker process: the one executor, which is sent once and not with every task


def run(work: Work) -> Generator[int]:
    """Run the tasks; yields the number of each as it is finished.

    Raises:
        FidanError: a worker was killed.
    """
    workers = min(work.workers or cores(), len(work.left))
    executor = LocalExecutor(work.steps, tasks=work.tasks, workers=workers, logging_dir=str(work.logs))
    if workers == 1:
        for rank in work.left:
            executor._run_for_rank(rank)
            yield rank
        return
    yield from in_processes(
        _run_shared,
        work.left,
        workers,
        doing="cleaning the corpus",
        advice="use smaller shards (corpus.shard_bytes)",
        preload="fidan.corpus.steps",
        setup=_begin,
        arguments=(executor,),
    )


def _begin(executor: LocalExecutor) -> None:
    silence()
    _shared.append(executor)


def _run_shared(rank: int) -> int:
    _shared[0]._run_for_rank(rank)
    return rank
