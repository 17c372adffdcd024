"""The stage goes on after it was killed or the disk was full, and what it leaves is the same to the byte."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from fidan.corpus import pipeline
from fidan.corpus.config import CorpusConfig, LanguageConfig, NearDuplicatesConfig, RepeatedLinesConfig
from fidan.errors import DiskFullError, FidanError
from fidan.progress import SilentReporter, Task

# Killed and gone on with


def test_killed_after_every_file_it_writes(stage: Any, source: Path, tmp_path: Path) -> None:
    """The n-th attempt is killed while it writes its n-th file, before that is in its place."""
    made = stage.config(
        source, shard_bytes=40_000, repeated_lines=RepeatedLinesConfig(20), near_duplicates=NearDuplicatesConfig()
    )
    stage.build(made, tmp_path / "whole")
    attempts = 0
    while True:
        attempts += 1
        child = os.fork()
        if child == 0:
            _killed_at_write(attempts, stage, made, tmp_path / "killed")
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
            break
    assert attempts > 8
    assert stage.tree(tmp_path / "killed") == stage.tree(tmp_path / "whole")


def _killed_at_write(number: int, stage: Any, made: CorpusConfig, folder: Path) -> None:
    left, sync = iter(range(number - 1)), os.fsync

    def fsync(descriptor: int) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    os.fsync = fsync
    try:
        stage.build(made, folder)
    finally:
        os._exit(0)


KILLED = """
import os, signal, sys
from contextlib import contextmanager, suppress
from pathlib import Path
from fidan.corpus.pipeline import build_corpus
from fidan.progress import SilentReporter
from fidan.corpus.config import CorpusConfig, NearDuplicatesConfig, QualityConfig, RepeatedLinesConfig, Source

class Killer(SilentReporter):
    @contextmanager
    def task(self, description, total=None, done=0.0):
        class Task:
            def advance(self, amount, note=""):
                if description == sys.argv[3]:
                    print("now", flush=True)
                    signal.pause()
        yield Task()

if __name__ == "__main__":
    config = CorpusConfig(
        sources=(Source(sys.argv[1]),),
        valid_fraction=0.1,
        shard_bytes=15_000,
        quality=QualityConfig(enabled=False),
        near_duplicates=NearDuplicatesConfig(enabled=False),
        repeated_lines=RepeatedLinesConfig(min_documents=0),
    )
    build_corpus(config, 3, Path(sys.argv[2]), Killer(), 2)
"""


@pytest.mark.parametrize("phase", ["reading", "cleaning", "filtering", "writing"])
def test_killed_with_workers(stage: Any, source: Path, tmp_path: Path, phase: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(KILLED)
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, script, source, out, f"corpus: {phase} train"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
    assert (out / "work").is_dir()
    stage.build(stage.config(source), out, workers=2)
    stage.build(stage.config(source), tmp_path / "whole")
    assert stage.tree(out) == stage.tree(tmp_path / "whole")


def test_a_killed_worker_ends_the_run(stage: Any, source: Path, tmp_path: Path) -> None:
    class Killer(SilentReporter):
        @contextmanager
        def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator[Task]:
            class Bar:
                def advance(self, amount: float, note: str = "") -> None:
                    if "cleaning" in description:
                        for child in psutil.Process().children(recursive=True):
                            with suppress(psutil.NoSuchProcess):  # one may just have ended by itself
                                if child.ppid() != os.getpid():  # not the server that forks them
                                    child.kill()

            yield Bar()

    with pytest.raises(FidanError, match="a process was killed while cleaning the corpus"):
        pipeline.build_corpus(stage.config(source, shard_bytes=3000), 3, tmp_path / "out", Killer(), 2)
    stage.build(stage.config(source, shard_bytes=3000), tmp_path / "out")
    stage.build(stage.config(source, shard_bytes=3000), tmp_path / "whole")
    assert stage.tree(tmp_path / "out") == stage.tree(tmp_path / "whole")


# A full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs Linux and root")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("this system does not let a tmpfs be mounted")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("full_at", ["reading", "later"])
def test_full_disk(stage: Any, small_disk: Path, tmp_path: Path, workers: int, full_at: str) -> None:
    path = tmp_path / "a.jsonl"
    noise = [os.urandom(1500).hex() for _ in range(400 if full_at == "reading" else 110)]
    path.write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in noise))
    made = stage.config(path, language=LanguageConfig(code=""), shard_bytes=60_000)
    with pytest.raises(DiskFullError, match="the disk is full"):
        stage.build(made, small_disk / "out", workers)
    finished = sorted((small_disk / "out" / "work").rglob("*.zst"))
    assert finished
    assert not list(small_disk.rglob("*.tmp"))
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    times = {path: path.stat().st_mtime_ns for path in finished if path.parent.parent.name == "raw"}
    shards_again: list[Path] = []

    class Watch(SilentReporter):
        def say(self, text: str) -> None:
            shards_again.extend(path for path in times if path.stat().st_mtime_ns != times[path])

    pipeline.build_corpus(made, 3, small_disk / "out", Watch(), workers)
    assert not shards_again
    stage.build(made, tmp_path / "whole")
    assert stage.tree(small_disk / "out") == stage.tree(tmp_path / "whole")
