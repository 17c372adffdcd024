"""Tasks on a Ray cluster of two workers, really run: the same files, errors that speak, no process left behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.executors import ray as ray_executor
from fidan.corpus.tasks import check_executor, executor_session
from fidan.errors import DiskFullError, FidanError, SourceError

ray = pytest.importorskip("ray", reason='Ray is not installed (pip install "fidan[ray]")')

Run = Callable[..., list[int]]
Same = Callable[..., None]

CONFIG = CorpusConfig(sources=(Source("a.txt"),), executor="ray")


@pytest.fixture(scope="module")
def session(task_steps: ModuleType) -> Iterator[None]:
    """A cluster of this machine with two workers, started once."""
    handler = signal.getsignal(signal.SIGTERM)
    with executor_session(CONFIG, workers=2):
        assert signal.getsignal(signal.SIGTERM) is not handler
        yield
    assert not ray.is_initialized()
    assert signal.getsignal(signal.SIGTERM) is handler


@pytest.mark.usefixtures("session")
def test_the_same_files_as_here(run: Run, same: Same, reference: Path, tmp_path: Path) -> None:
    assert ray.cluster_resources()["CPU"] == 2
    assert sorted(run(tmp_path, "ray")) == [0, 1, 2, 3]
    same(tmp_path, reference)
    assert run(tmp_path, "ray", tasks=5) == [0, 1, 2, 3, 4]
    assert sorted((tmp_path / "runs").read_text().split()) == ["0", "1", "2", "3", "4"]
    assert ray.is_initialized()  # a session that was there before is left alone


@pytest.mark.usefixtures("session")
def test_as_many_at_once_as_the_cluster_takes(
    run: Run, same: Same, reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(Path("relative"), "ray", workers=0)
    same(tmp_path / "relative", reference)


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(("order", "error"), [("fail", SourceError), ("full", DiskFullError)])
def test_an_error_of_a_step_is_raised_as_it_is(
    run: Run, same: Same, reference: Path, tmp_path: Path, order: str, error: type[FidanError]
) -> None:
    (tmp_path / "trouble-1").write_text(order)
    with pytest.raises(error) as raised:
        run(tmp_path, "ray", workers=1)
    assert type(raised.value) is error
    assert [path.name for path in (tmp_path / "logs" / "completions").iterdir()] == ["00000"]
    (tmp_path / "trouble-1").unlink()
    assert run(tmp_path, "ray")[0] == 0
    same(tmp_path, reference)


@pytest.mark.usefixtures("session")
def test_a_worker_that_dies_ends_the_run_and_nothing_goes_on(
    run: Run, same: Same, reference: Path, tmp_path: Path
) -> None:
    (tmp_path / "trouble-0").write_text("wait")  # runs when the other one dies, and must not when we hear of it
    (tmp_path / "trouble-1").write_text("die")
    with pytest.raises(FidanError, match=r"a worker of Ray died.*WorkerCrashedError.*what is finished is kept"):
        run(tmp_path, "ray")
    for rank in (0, 1):
        (tmp_path / f"trouble-{rank}").unlink()
    run(tmp_path, "ray")
    same(tmp_path, reference)
    assert sorted((tmp_path / "runs").read_text().split()) == ["0", "1", "2", "3"]


@pytest.mark.usefixtures("session")
def test_a_node_without_the_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(FidanError, match=r"nowhere is not there on .* a node of the Ray cluster"):
        ray_executor._run(None, 0, str(tmp_path / "nowhere"), str(tmp_path))  # type: ignore[arg-type]


DRIVER = """
import sys
from pathlib import Path
from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.tasks import run_tasks
from task_steps import all_steps

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    config = CorpusConfig(sources=(Source("a.txt"),), executor="ray", workers=2)
    run_tasks(all_steps(folder), 4, config, folder / "logs", lambda rank: print(rank, flush=True))
"""


def test_a_killed_run_leaves_no_process_and_goes_on(
    run: Run, same: Same, reference: Path, tmp_path: Path, session: None
) -> None:
    """The program starts its own cluster, is killed, and the run is gone on with on another one."""
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    for rank in (2, 3):
        (tmp_path / f"trouble-{rank}").write_text("wait")
    with subprocess.Popen(
        [sys.executable, script, tmp_path], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert {process.stdout.readline(), process.stdout.readline()} == {b"0\n", b"1\n"}
        while not ((tmp_path / "waiting-2").exists() and (tmp_path / "waiting-3").exists()):
            assert process.poll() is None
            time.sleep(0.01)
        started = {child: child.name() for child in psutil.Process(process.pid).children(recursive=True)}
        assert "ray::_run" in started.values()
        process.kill()
    # Ray's two agents of a node, which have nothing of ours, end a minute after the node.
    agents = [child for child, name in started.items() if name.endswith("Agent")]
    _, alive = psutil.wait_procs([child for child in started if child not in agents], timeout=60)
    assert not alive
    for agent in agents:
        agent.kill()
    for rank in (2, 3):
        (tmp_path / f"trouble-{rank}").unlink()
    assert run(tmp_path, "ray")[:2] == [0, 1]
    same(tmp_path, reference)


def test_ray_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_executor, "find_spec", lambda name: None)
    with pytest.raises(FidanError, match=r'pip install "fidan\[ray\]"'):
        check_executor(CONFIG)
