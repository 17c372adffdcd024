"""Tasks on a Ray cluster: the user's, or one on this machine that is started for the purpose.

The user's cluster is reached by the environment variable RAY_ADDRESS, as all programs of Ray are: `auto` for the one
that `ray start` began on this machine, `host:6379` for another one. Its nodes need this package, the same version of
Python and of Ray, and the folders of the run at the same place. A cluster that is protected by a token also wants
RAY_AUTH_MODE=token and that token where Ray looks for it. Without RAY_ADDRESS a cluster of this machine alone is
started, without a dashboard and without Ray's statistics of usage, and stopped when the work is done.

Taken from datatrove's Ray executor: completion markers, one processor a task. Changed: a task runs in the process of
a Ray worker. The original forks it once more, and waits for ever when that fork is killed; it also starts Python anew
for every task, and says nothing when one fails. Here the first error ends the run, after what was running has ended.
"""

import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from datatrove.executor.ray import RayPipelineExecutor

from fidan.corpus.executors.task import TaskRunner, Work, silence
from fidan.errors import FidanError
from fidan.workers import cores

_AT_ONCE = 1000  # tasks handed to Ray ahead of being run, when as many as the cluster takes may run
_STORE_BYTES = 80_000_000  # shared memory of our own cluster, near Ray's least: documents never go through it
_SECONDS_TO_STOP = 10.0  # until a task that was told to stop is killed


class RayExecutor(TaskRunner, RayPipelineExecutor):  # type: ignore[misc]
    """datatrove's, with our way of running one task and of waiting for all."""

    def run(self) -> None:
        """Run every task that is not finished, on the cluster this process is connected with."""
        deque(self.finished(self.get_incomplete_ranks()), maxlen=0)

    def finished(self, left: list[int]) -> Generator[int]:
        """Run some tasks; yields the number of each as it is finished.

        Raises:
            FidanError: a worker died.
        """
        import ray

        remote = ray.remote(_run).options(num_cpus=self.cpus_per_task, max_retries=0, scheduling_strategy="SPREAD")
        shared, folder, logs = ray.put(self), str(Path.cwd()), self.logging_dir.resolve_paths("")
        waiting = deque(left)
        running: list[Any] = []
        try:
            while waiting or running:
                while waiting and len(running) < self.workers:
                    running.append(remote.remote(shared, waiting.popleft(), folder, logs))
                ended, running = ray.wait(running, num_returns=1, fetch_local=False)
                yield _result(ended[0])
        finally:
            _stop(running)


def check() -> None:
    """Whether Ray is there.

    Raises:
        FidanError: it is not installed.
    """
    if find_spec("ray") is None:
        raise FidanError(
            'corpus.executor = "ray": Ray is not installed. Install it (pip install "fidan[ray]"), or set '
            'corpus.executor = "local".'
        )


def run(work: Work) -> Generator[int]:
    """Run the tasks; yields the number of each as it is finished.

    Raises:
        FidanError: Ray is not installed, its cluster cannot be reached, or a worker died.
    """
    with connected(work.workers):
        at_once = min(work.workers or _AT_ONCE, len(work.left))
        executor = RayExecutor(work.steps, tasks=work.tasks, workers=at_once, logging_dir=str(work.logs))
        yield from executor.finished(work.left)


@contextmanager
def connected(workers: int) -> Iterator[None]:
    """A context with a connection to a cluster: one that is already there, or a new one that ends with the context.

    Args:
        workers: processors of the cluster where one is started; 0: all of this machine.

    Raises:
        FidanError: Ray is not installed, or its cluster cannot be reached.
    """
    check()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray is imported
    import ray

    if ray.is_initialized():
        yield
        return
    with _sigterm_handed_back():
        _connect(workers)
        try:
            yield
        finally:
            ray.shutdown()


def _connect(workers: int) -> None:
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address := os.environ.get("RAY_ADDRESS"):
        try:
            _knock(address)
            ray.init(address, **quiet)
        except (OSError, RuntimeError, ValueError) as error:
            raise FidanError(
                f"RAY_ADDRESS = {address}: cannot work with a Ray cluster there ({error}). Start one with `ray start "
                "--head`, set RAY_AUTH_MODE=token if it asks for its token, or unset RAY_ADDRESS to use this machine "
                "alone."
            ) from error
    else:
        store = {"object_store_memory": _STORE_BYTES, "include_dashboard": False}
        ray.init("local", num_cpus=workers or cores(), **store, **quiet)


@contextmanager
def _sigterm_handed_back() -> Iterator[None]:
    """Ray takes SIGTERM for itself and never gives it back; a training in the same process needs it afterwards."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        # Elsewhere than in the main thread neither Ray nor we may set a handler; None was not set from Python.
        if threading.current_thread() is threading.main_thread() and handler is not None:
            signal.signal(signal.SIGTERM, handler)


def _knock(address: str) -> None:
    """Ray itself would try for minutes to reach a cluster that is not there."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()


def _run(executor: RayExecutor, rank: int, folder: str, logs: str) -> int:
    """One task, in a worker. Relative paths mean there what they mean where the run was started."""
    silence()
    for needed in (folder, logs):
        if not Path(needed).is_dir():
            raise FidanError(
                f"{needed} is not there on {socket.gethostname()}, a node of the Ray cluster. The folder that the "
                "run is started in, and the run's own, must be on a file system that every node sees at the same "
                "place."
            )
    os.chdir(folder)
    executor._run_for_rank(rank)
    return rank


def _result(task: Any) -> int:
    import ray
    from ray.exceptions import NodeDiedError, RayError, RayTaskError

    try:
        rank: int = ray.get(task)
    except RayTaskError as error:
        raise error.cause from error  # what the task itself raised
    except RayError as error:
        if isinstance(error, NodeDiedError):
            why = "its node was lost. Run"
        else:
            why = (
                "most likely for want of memory. Use smaller shards (corpus.shard_bytes) or fewer workers "
                "(corpus.workers) and run"
            )
        raise FidanError(
            f"a worker of Ray died while cleaning the corpus ({type(error).__name__}), {why} the same command again; "
            "what is finished is kept."
        ) from error
    return rank


def _stop(tasks: list[Any]) -> None:
    """Nothing may still be written when the caller hears of an error."""
    import ray

    for force in (False, True):
        for task in tasks:
            ray.cancel(task, force=force)
        if tasks:
            _, tasks = ray.wait(tasks, num_returns=len(tasks), timeout=_SECONDS_TO_STOP, fetch_local=False)
