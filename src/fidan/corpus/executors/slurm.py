"""Tasks on a Slurm cluster: submitted as one array job, then waited for.

Taken from datatrove's Slurm executor: the script for `sbatch`, the pickled executor that every job loads, completion
markers. Changed: this program waits until all tasks are finished, and ends with an error that names the log when one
fails; jobs use the Python that submitted them, without `srun`, as each is one process on one node; no job is added
that sums up statistics.

A job outlives this program: after Ctrl-C or a kill it goes on, and the same command waits for it before it submits
what is still missing. Everything a task reads or writes must be on a file system that all nodes see.
"""

import os
import re
import shlex
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import xxhash
from datatrove.executor.slurm import SlurmPipelineExecutor

from fidan.artifact import read_json, write_json
from fidan.corpus.executors.slurm_job import Job
from fidan.corpus.executors.slurm_options import parse_options
from fidan.corpus.executors.slurm_queue import Queue, check_commands
from fidan.corpus.executors.task import TaskRunner, Work, finished_ranks
from fidan.errors import FidanError

MAX_ELEMENTS = 1000  # of an array job; Slurm's own limit is 1001 where it is not set (MaxArraySize)
_NOTE = "job.json"  # in the folder of logs: which job was submitted for which tasks


class SlurmExecutor(TaskRunner, SlurmPipelineExecutor):  # type: ignore[misc]
    """datatrove's, with our way of running one task.

    Args:
        left: the tasks to run.
        settings: as the original's.
    """

    def __init__(self, left: list[int], **settings: Any) -> None:
        super().__init__(**settings)
        self.left = left

    def get_incomplete_ranks(self, ranks: Any = None, skip_completed: bool | None = None) -> list[int]:
        """Those that were given: a marker that is seen late must not change which element runs which tasks."""
        return self.left

    def launch_merge_stats(self) -> None:
        """Nothing: the job that would do it waits for ever when a task fails."""

    def save_executor_as_json(self, indent: int = 4) -> None:
        """Nothing: not every step is JSON, and nothing reads it."""

    def get_sbatch_args(self, max_array: int = 1) -> dict[str, Any]:
        """As the original, but what the recipe says goes before defaults that contradict it."""
        arguments: dict[str, Any] = super().get_sbatch_args(max_array)
        for given, default in (("mem", "mem-per-cpu"), ("mem-per-gpu", "mem-per-cpu"), ("no-requeue", "requeue")):
            if given in self._sbatch_args and default not in self._sbatch_args:
                arguments.pop(default, None)
        return {name: f'"{value}"' if " " in str(value) else value for name, value in arguments.items()}

    def get_launch_file_contents(self, sbatch_args: dict[str, Any], run_script: str) -> str:
        """As the original, but with the Python that runs this, which knows its own environment."""
        pickled = shlex.quote(self.logging_dir.resolve_paths("executor.pik"))
        launch = f"{shlex.quote(sys.executable)} -m datatrove.tools.launch_pickled_pipeline {pickled}"
        script: str = super().get_launch_file_contents(sbatch_args, launch)
        return script


def check(options: tuple[str, ...]) -> None:
    """Whether jobs can be submitted from here.

    Raises:
        FidanError: an option is missing or wrong, or Slurm's commands are not there.
    """
    parse_options(options)
    check_commands()


def refuse_running(folder: Path) -> None:
    """Whether the folders of logs in `folder` may be removed, with all that their tasks write.

    Raises:
        FidanError: a job of an earlier run still works there.
    """
    for note in sorted(folder.glob(f"*/{_NOTE}")):
        check_commands()
        active = _queue(note.parent).active()
        tasks = {rank for share in read_json(note)["shares"] for rank in share}
        if active and not tasks <= finished_ranks(note.parent):  # a job that has done all may just not have ended
            raise FidanError(
                f"Slurm job {active[0].job} of an earlier run, with other settings or sources, still works in "
                f"{folder.parent}. Wait for it, or cancel it (scancel {active[0].job}); then run this again."
            )


def run(work: Work) -> Generator[int]:
    """Run the tasks; yields the number of each as it is finished.

    Raises:
        FidanError: a task failed, or Slurm refused the job.
        KeyboardInterrupt: Ctrl-C; it says how to cancel the job, which goes on.
    """
    check(work.config.slurm)
    return _Submission(work).run()


def _queue(logs: Path) -> Queue:
    return Queue(f"fidan-{xxhash.xxh3_64_hexdigest(os.fsencode(logs.resolve()))}")  # by which a job is found again


class _Submission:
    """What this run waits for."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.left = set(work.left)
        self.queue = _queue(work.logs)
        self.note = work.logs / _NOTE

    def run(self) -> Generator[int]:
        if (job := self._submitted_before()) is not None:
            yield from job.wait(self.left)
        if self.left:
            yield from self._submit().wait(self.left)

    def _submitted_before(self) -> Job | None:
        """A job of an earlier run that is still in the queue."""
        active = self.queue.active()
        if not active:
            return None
        # Its number is taken from the queue: the program may have been killed before it could be noted.
        jobs = sorted({element.job for element in active})
        note: dict[str, Any] = read_json(self.note) if self.note.is_file() else {"job": "unknown"}
        if len(jobs) > 1 or note["job"] not in (None, jobs[0]):
            raise FidanError(
                f"Slurm jobs {', '.join(jobs)} work in {self.work.logs}, and not all were submitted by this run. "
                f"Cancel them (scancel {' '.join(jobs)}) and run the same command again."
            )
        return self._job(jobs[0], {element.number: note["shares"][element.number] for element in active})

    def _submit(self) -> Job:
        left = sorted(self.left)
        elements = min(len(left), self.work.workers or MAX_ELEMENTS, MAX_ELEMENTS)
        size = -(-len(left) // elements)
        shares = [left[start : start + size] for start in range(0, len(left), size)]
        write_json(self.note, {"job": None, "shares": shares})
        options = parse_options(self.work.config.slurm)
        executor = SlurmExecutor(
            left,
            pipeline=self.work.steps,
            tasks=self.work.tasks,
            time=options.pop("time"),
            partition=options.pop("partition"),
            qos=options.pop("qos", None),
            job_name=self.queue.name,
            sbatch_args=options,
            job_id_retriever=_job_number,
            max_array_size=MAX_ELEMENTS,
            tasks_per_job=size,
            logging_dir=str(self.work.logs),
        )
        try:
            with _outside_of_jobs():
                executor.launch_job()
        except CalledProcessError as error:
            raise FidanError(
                f"sbatch refused the job (exit code {error.returncode}); its words are above. Its options come from "
                f"corpus.slurm = {list(self.work.config.slurm)}."
            ) from error
        write_json(self.note, {"job": executor.job_id, "shares": shares})
        return self._job(executor.job_id, dict(enumerate(shares)))

    def _job(self, number: str, shares: dict[int, list[int]]) -> Job:
        return Job(number, shares, self.work.logs, self.queue)


def _job_number(output: str) -> str:
    found = re.search(r"Submitted batch job (\d+)", output)
    if found is None:
        raise FidanError(f"sbatch answered {output.strip()!r}, without the number of a job. Look for it with squeue.")
    return found[1]


@contextmanager
def _outside_of_jobs() -> Iterator[None]:
    """Hide what Slurm tells a job of itself: this program may run in one, and another job must not inherit it."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SLURM_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
