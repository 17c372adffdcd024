"""Work spread over processes: results as they come, an error when one is killed, no orphans when the parent is.

A plain pool waits for ever for a worker that the system killed, and leaves its workers behind when it is killed
itself. What it leaves out: what the work is, and remembering what is finished.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from fidan.errors import FidanError

_GRACE = 0.2  # seconds

Job = TypeVar("Job")
Result = TypeVar("Result")


def cores() -> int:
    """Processors this process may use: those it is bound to. A container's time quota is not looked at."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(
    function: Callable[[Job], Result],
    jobs: Iterable[Job],
    workers: int,
    *,
    doing: str,
    advice: str,
    preload: str,
    setup: Callable[..., None] | None = None,
    arguments: tuple[Any, ...] = (),
) -> Iterator[Result]:
    """Call `function` on every job in `workers` processes; yields the results as they come.

    Args:
        function: of a module's top level, as are `setup` and the jobs' types.
        jobs: each is sent to one process.
        workers: how many processes.
        doing: what the work is, for the error.
        advice: what to change when a process is killed.
        preload: a module that every process needs; imported once where processes can be forked from one another.
        setup: called first in every process.
        arguments: of `setup`.

    Raises:
        FidanError: a process was killed.
    """
    pool = ProcessPoolExecutor(workers, _context(preload), initializer=_begin, initargs=(setup, arguments))
    try:
        for future in as_completed([pool.submit(function, job) for job in jobs]):
            yield future.result()
    except BrokenProcessPool as error:
        time.sleep(_GRACE)  # a Ctrl-C ends the workers, too, and where they are the first it is raised here
        raise FidanError(
            f"a process was killed while {doing}, most likely for want of memory: {advice} and run the same "
            "command again; what is finished is kept. (A script that calls this must do so below "
            '`if __name__ == "__main__":`.)'
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _context(preload: str) -> BaseContext:
    # Never "fork": a progress bar and torch have threads, and a fork of a process with threads may hang.
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([preload])
    return context


def _begin(setup: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # Ctrl-C reaches every process; only the first one speaks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if setup is not None:
        setup(*arguments)


def _end_with_parent() -> None:
    """A killed parent cannot stop its workers; without this they would wait, and write, for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
