"""Two processes train what one trains, stop as one, and go on as one or as two."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fidan.progress import SilentReporter
from fidan.recipe import load_recipe
from fidan.running import run_one
from fidan.stages import Run
from fidan.training.log import read_metrics
from tests.preloaded import QUIET, fidan, start
from tests.training.conftest import curve

ENVIRONMENT = {**os.environ, **QUIET}


def command(recipe: Path, out: Path, *more: str) -> list[str]:
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    return [*start, "fidan.cli", "train", str(recipe), "--out", str(out), *more]


class Listener(SilentReporter):
    """A reporter that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def places(count: int) -> list[dict[str, str]]:
    """What torchrun puts into the environment of each of so many processes, for them to find each other."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    common = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [{**common, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]


def train(processes: int, recipe: Path, out: Path, settings: Sequence[str] = (), accept_changes: bool = False) -> str:
    """Two processes get the places that torchrun gives; one is this one. Returns what was said."""
    if processes == 1:
        listener = Listener()
        run_one("train", Run(load_recipe(recipe, settings), out, listener, accept_changes=accept_changes))
        return "\n".join(listener.said)
    more = [word for setting in settings for word in ("--set", setting)] + ["--accept-changes"] * accept_changes
    started = [start("train", recipe, "--out", out, *more, environment=place) for place in places(processes)]
    results = [process.result() for process in started]
    assert [result.returncode for result in results] == [0] * processes, [result.stderr for result in results]
    return "".join(result.stderr for result in results)


@pytest.fixture
def out(tiny_run: Run, tmp_path: Path) -> Path:
    """A run's folder that lacks only its training."""
    for stage in ("corpus", "tokenizer", "pack"):
        shutil.copytree(tiny_run.folder(stage), tmp_path / "run" / stage)
    return tmp_path / "run"


def same_curve(one: Path, other: Path) -> None:
    pairs = list(zip(curve(one), curve(other), strict=True))
    assert len(pairs) > 10
    for mine, theirs in pairs:
        assert mine[:2] == theirs[:2]
        assert mine[2] == pytest.approx(theirs[2], rel=1e-6), mine
        if mine[3] is not None:
            assert mine[3] == pytest.approx(theirs[3], rel=1e-5), mine


@pytest.mark.parametrize(("mode", "optimizer"), [("ddp", "adamw"), ("fsdp", "adamw"), ("fsdp", "muon")])
def test_two_processes_are_one(
    tiny_file: Path, tiny_run: Run, out: Path, tmp_path: Path, mode: str, optimizer: str
) -> None:
    settings = [f"train.distributed={mode}", f"train.optimizer={optimizer}"]
    alone = tiny_run.out
    if optimizer != "adamw":
        alone = shutil.copytree(out, tmp_path / "alone")
        train(1, tiny_file, alone, settings)
    said = train(2, tiny_file, out, settings)
    assert "in each of 2 processes" in said
    same_curve(out / "train", alone / "train")


def test_a_checkpoint_of_two_is_gone_on_with_by_one_and_the_other_way_round(
    tiny_file: Path, out: Path, tmp_path: Path
) -> None:
    """Half of the way by (2, 1, 1), the rest by (1, 2, 1) processes."""
    spread = ["train.distributed=fsdp", "train.ema=0.9"]
    folders = {name: tmp_path / name for name in ("from two", "from one", "alone")}
    for (name, folder), first, second in zip(folders.items(), (2, 1, 1), (1, 2, 1), strict=True):
        shutil.copytree(out, folder)
        train(first, tiny_file, folder, ["train.tokens=10_240", *spread])
        said = train(second, tiny_file, folder, ["train.tokens=20_000", *spread], accept_changes=True)
        assert "runs again (setting train.tokens 10240 → 20000)" in said, name
        assert "going on from step 20" in said
    for name in ("from two", "from one"):
        same_curve(folders[name] / "train", folders["alone"] / "train")


def test_a_signal_stops_both_and_a_killed_one_stops_the_other(tiny_file: Path, tiny_run: Run, out: Path) -> None:
    def started() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(tiny_file, out), stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, start_new_session=True
        )
        known = set((out / "train").glob("checkpoints/step-*"))
        while not set((out / "train").glob("checkpoints/step-*")) - known:
            assert process.poll() is None
            time.sleep(0.01)
        return process

    with started() as process:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
    assert "SIGTERM: saved at step" in said
    with started() as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            pytest.skip("this system does not list a process's children")
        os.kill(int(children.read_text().split()[-1]), signal.SIGKILL)
        process.communicate(timeout=120)
        assert process.returncode != 0
    result = subprocess.run(command(tiny_file, out), capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert result.returncode == 0, result.stderr
    same_curve(out / "train", tiny_run.folder("train"))
    counts = json.loads((out / "train" / "manifest.json").read_text())["counts"]
    assert counts["processes"] == 2
    assert [r for r in read_metrics(out / "train") if r["kind"] == "event" and r["event"] == "stopped"]


def test_other_stages_are_done_by_one(tiny_file: Path, out: Path) -> None:
    result = fidan("evaluate", tiny_file, "--out", out, environment=places(2)[0])
    assert result.returncode != 0
    assert "one process does this. Start only `fidan train` with torchrun" in result.stderr
