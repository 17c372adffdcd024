"""Tasks on this machine: each once, going on where a run ended, the same files whatever the number of workers."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import psutil
import pytest
from loguru import logger

from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.executors import local
from fidan.corpus.tasks import check_executor, executor_session, run_tasks
from fidan.errors import DiskFullError, FidanError, SourceError

Run = Callable[..., list[int]]
Same = Callable[..., None]


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_workers_change_nothing(run: Run, same: Same, reference: Path, tmp_path: Path, workers: int) -> None:
    assert sorted(run(tmp_path, workers=workers)) == [0, 1, 2, 3]
    same(tmp_path, reference)


def test_finished_tasks_are_reported_first_and_not_run_again(run: Run, tmp_path: Path) -> None:
    run(tmp_path, tasks=3)
    assert run(tmp_path, tasks=5, workers=1) == [0, 1, 2, 3, 4]
    (tmp_path / "logs" / "completions" / "00001").unlink()
    assert run(tmp_path, tasks=5) == [0, 2, 3, 4, 1]
    assert run(tmp_path, tasks=5) == [0, 1, 2, 3, 4]
    assert sorted((tmp_path / "runs").read_text().split()) == ["0", "1", "1", "2", "3", "4"]
    assert run(tmp_path, tasks=0) == []


def test_a_relative_folder(
    run: Run, same: Same, reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(Path("run"))
    same(tmp_path / "run", reference)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("order", "error"), [("fail", SourceError), ("full", DiskFullError)])
def test_an_error_of_a_step_is_raised_and_the_rest_goes_on_later(
    run: Run, same: Same, reference: Path, tmp_path: Path, workers: int, order: str, error: type[FidanError]
) -> None:
    (tmp_path / "trouble-2").write_text(order)
    with pytest.raises(error):
        run(tmp_path, workers=workers)
    assert not (tmp_path / "logs" / "completions" / "00002").exists()
    (tmp_path / "trouble-2").unlink()
    assert run(tmp_path, workers=workers)[-1] in (2, 3)
    same(tmp_path, reference)


def test_a_killed_worker_ends_the_run(run: Run, same: Same, reference: Path, tmp_path: Path) -> None:
    (tmp_path / "trouble-1").write_text("die")
    with pytest.raises(FidanError, match="a process was killed while cleaning the corpus"):
        run(tmp_path)
    (tmp_path / "trouble-1").unlink()
    run(tmp_path)
    same(tmp_path, reference)


@pytest.mark.parametrize(("tasks", "workers"), [(4, 1), (1, 4)])
def test_one_worker_or_one_task_starts_no_process(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tasks: int, workers: int
) -> None:
    monkeypatch.setattr(local, "in_processes", None)
    assert run(tmp_path, tasks=tasks, workers=workers) == list(range(tasks))


def test_workers_end_when_the_caller_of_a_finished_task_raises(task_steps: ModuleType, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def finished(rank: int) -> None:
        raise Enough

    config = CorpusConfig(sources=(Source("a.txt"),))
    with pytest.raises(Enough):
        run_tasks(task_steps.all_steps(tmp_path), 4, config, tmp_path / "logs", finished, workers=2)
    assert not multiprocessing.active_children()


def test_the_log_of_datatrove_is_on_again_afterwards(run: Run, tmp_path: Path) -> None:
    (tmp_path / "trouble-0").write_text("fail")
    with pytest.raises(SourceError):
        run(tmp_path, workers=1)
    heard: list[str] = []
    handler = logger.add(heard.append, format="{message}", filter="datatrove")
    try:
        logger.patch(lambda record: record.update(name="datatrove")).info("hello")
    finally:
        logger.remove(handler)
    assert heard == ["hello\n"]


DRIVER = """
import sys
from pathlib import Path
from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.tasks import run_tasks
from task_steps import all_steps

if __name__ == "__main__":
    folder, executor = Path(sys.argv[1]), sys.argv[2]
    config = CorpusConfig(sources=(Source("a.txt"),), executor=executor, workers=2)
    run_tasks(all_steps(folder), 4, config, folder / "logs", lambda rank: print(rank, flush=True))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_or_interrupted_run_leaves_no_process_and_goes_on(
    run: Run, same: Same, reference: Path, tmp_path: Path, how: signal.Signals
) -> None:
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    for rank in (2, 3):
        (tmp_path / f"trouble-{rank}").write_text("wait")
    command = [sys.executable, script, tmp_path, "local"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert {process.stdout.readline(), process.stdout.readline()} == {b"0\n", b"1\n"}
        while not ((tmp_path / "waiting-2").exists() and (tmp_path / "waiting-3").exists()):
            assert process.poll() is None
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 2
        if how == signal.SIGKILL:
            process.kill()
        else:
            os.killpg(process.pid, how)  # as Ctrl-C does: to every process of the terminal
    assert process.returncode != 0
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not alive
    for rank in (2, 3):
        (tmp_path / f"trouble-{rank}").unlink()
    assert run(tmp_path)[:2] == [0, 1]
    same(tmp_path, reference)


def test_nothing_to_check_or_to_start() -> None:
    config = CorpusConfig(sources=(Source("a.txt"),))
    check_executor(config)
    with executor_session(config):
        pass
