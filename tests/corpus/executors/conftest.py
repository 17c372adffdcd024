"""What the tests of the executors share: the small steps, importable in every worker, and how they are run."""

import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fidan.artifact import remove_leftovers
from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.flow import total_flow
from fidan.corpus.tasks import run_tasks

HERE = Path(__file__).resolve().parent


def local_config() -> CorpusConfig:
    return CorpusConfig(sources=(Source("a.txt"),))


@pytest.fixture(scope="session")
def task_steps() -> Iterator[ModuleType]:
    """The module `task_steps`, here and in processes that are started from here."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), *([before] if before else [])])
    sys.path.insert(0, str(HERE))
    yield importlib.import_module("task_steps")
    sys.path.remove(str(HERE))
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.fixture
def run(task_steps: ModuleType) -> Callable[..., list[int]]:
    """Run the small steps in a folder on an executor; the finished tasks in the order they were reported."""

    def run_in(folder: Path, executor: Any = "local", tasks: int = 4, workers: int = 2, **settings: Any) -> list[int]:
        folder.mkdir(exist_ok=True)
        config = CorpusConfig(sources=(Source("a.txt"),), executor=executor, workers=workers, **settings)
        finished: list[int] = []
        run_tasks(task_steps.all_steps(folder), tasks, config, folder / "logs", finished.append)
        return finished

    return run_in


@pytest.fixture
def same() -> Callable[[Path, Path], None]:
    """Assert that two folders hold the same files, and that the same went through every step."""

    def check(one: Path, other: Path, tasks: int = 4) -> None:
        for folder in (one, other):
            remove_leftovers(folder)  # what a killed task was writing; the stage does so when it begins
        files = [{path.name: path.read_bytes() for path in (folder / "out").iterdir()} for folder in (one, other)]
        assert files[0] == files[1]
        assert files[0].keys() == {f"{rank}.txt" for rank in range(tasks)}
        flows = [[step.counts for step in total_flow(folder / "logs", tasks)] for folder in (one, other)]
        assert flows[0] == flows[1]
        assert [flow[1] for flow in flows[0]] == [10 * tasks] * 4

    return check


@pytest.fixture(scope="session")
def reference(task_steps: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of four tasks that were run in this process."""
    folder = tmp_path_factory.mktemp("reference")
    run_tasks(task_steps.all_steps(folder), 4, local_config(), folder / "logs", lambda rank: None, workers=1)
    return folder


@pytest.fixture
def cluster(task_steps: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of state of a Slurm cluster of this machine, whose commands are on PATH."""
    state = tmp_path / "cluster"
    importlib.import_module("slurm_commands").install(state / "bin")
    monkeypatch.setenv("PATH", f"{state / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TEST_SLURM", str(state))
    yield state
    for path in [*state.glob("job-*/controller"), *state.glob("job-*/process-*")]:  # what a failed test has left
        with suppress(ProcessLookupError):
            os.killpg(int(path.read_text()), signal.SIGKILL)
