"""Packing that is killed, interrupted or loses a process: nothing is lost, nothing is left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import psutil
import pytest

from fidan.corpus.documents import shard_path, write_documents
from fidan.corpus.synthetic.generator import generate
from fidan.errors import DiskFullError
from fidan.progress import SilentReporter
from fidan.recipe import PackConfig, TokenizerConfig
from fidan.tokenizer.train import train_tokenizer
from fidan.training.packed_tokens import PackedTokens
from fidan.training.packing import pack

PACK = """
import sys
from pathlib import Path
from fidan.errors import FidanError
from fidan.progress import SilentReporter
from fidan.recipe import PackConfig
from fidan.training.packing import pack

if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[2:]]
    try:
        pack(PackConfig(int(sys.argv[1]), encoder="sentencepiece"), *folders, SilentReporter())
    except FidanError as error:
        sys.exit(f"FidanError: {error}")
"""


@pytest.fixture(scope="module")
def long_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve shards, each of a tenth of a second by SentencePiece: long enough to be killed in the middle."""
    folder = tmp_path_factory.mktemp("long")
    texts = [made.text for made in islice(generate(5, 2_000_000), 1000)]
    shards = {"train": [texts[number:] + texts[:number] for number in range(12)], "valid": [texts[:20]]}
    for split, of_split in shards.items():
        for number, shard in enumerate(of_split):
            with write_documents(shard_path(folder / split, number)) as write:
                for i, text in enumerate(shard):
                    write({"id": f"{split}-{number}-{i}", "text": text, "source": "synthetic"})
    return folder


@pytest.fixture(scope="module")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory, long_corpus: Path) -> Path:
    folder = tmp_path_factory.mktemp("long_tokenizer")
    train_tokenizer(TokenizerConfig(vocab_size=400, sample_bytes=200_000), 1, long_corpus, folder, SilentReporter())
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def start_packing(workers: int, *folders: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", PACK, str(workers), *map(str, folders)]
    return subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_killed_and_called_again_gives_the_same_bytes(
    tmp_path: Path, long_corpus: Path, tokenizer_folder: Path
) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    process = start_packing(2, long_corpus, tokenizer_folder, out)
    wait_for(lambda: list(out.glob("train-*.json")))
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    psutil.wait_procs(workers, timeout=30)
    assert not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers)
    assert len(list(out.glob("train-*.json"))) < 12
    assert not (out / "index.json").exists()
    pack(PackConfig(2, encoder="sentencepiece"), long_corpus, tokenizer_folder, out, SilentReporter())
    pack(PackConfig(1, encoder="sentencepiece"), long_corpus, tokenizer_folder, whole, SilentReporter())
    assert contents(out) == contents(whole)


def test_a_killed_worker_is_explained(tmp_path: Path, long_corpus: Path, tokenizer_folder: Path) -> None:
    out = tmp_path / "out"
    process = start_packing(2, long_corpus, tokenizer_folder, out)
    half_written: list[Path] = []
    wait_for(lambda: half_written or half_written.extend(out.glob(".*.tmp")))
    owner = int(half_written[0].name.split(".")[-2])  # the name says who writes it
    assert owner != process.pid
    os.kill(owner, signal.SIGKILL)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "set pack.workers = 1" in message


@pytest.mark.parametrize("workers_first", [False, True])
def test_an_interrupt_from_the_keyboard_ends_it_at_once(
    tmp_path: Path, long_corpus: Path, tokenizer_folder: Path, workers_first: bool
) -> None:
    out = tmp_path / "out"
    process = start_packing(2, long_corpus, tokenizer_folder, out)
    wait_for(lambda: list(out.glob("train-*.json")))
    workers = psutil.Process(process.pid).children(recursive=True)
    if workers_first:  # a busy machine may hand the signal to them before their parent has it
        for worker in workers:
            worker.send_signal(signal.SIGINT)
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the process and its workers
    _, message = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "SpawnProcess" not in message  # no traceback of a worker
    assert "KeyboardInterrupt" in message
    psutil.wait_procs(workers, timeout=30)
    assert not any(worker.is_running() for worker in workers)
    pack(PackConfig(workers=2), long_corpus, tokenizer_folder, out, SilentReporter())
    assert PackedTokens.open(out, "train").documents == 12_000


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_told_and_loses_nothing(
    tmp_path: Path, long_corpus: Path, tokenizer_folder: Path, workers: int
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1400k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        out = small / "out"
        with pytest.raises(DiskFullError, match="the disk is full"):
            pack(PackConfig(workers=workers), long_corpus, tokenizer_folder, out, SilentReporter())
        assert list(out.glob("train-*.json"))
        assert not (out / "index.json").exists()
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        pack(PackConfig(workers=workers), long_corpus, tokenizer_folder, out, SilentReporter())
        assert PackedTokens.open(out, "train").documents == 12_000
    finally:
        subprocess.run(["umount", str(small)], check=True)
