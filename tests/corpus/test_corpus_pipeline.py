"""The whole stage: what is kept, that it goes on after being killed, and that nothing but its input decides it."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from fidan import turkish
from fidan.corpus import documents, pipeline
from fidan.corpus.synthetic.generator import SyntheticDocument, generate
from fidan.errors import DiskFullError, FidanError, SourceError
from fidan.progress import SilentReporter, Task
from fidan.recipe import CorpusConfig, Source

SENTENCES = (
    "Sabah erkenden kalkıp bahçedeki çiçekleri sulayan kadın, komşusuyla uzun uzun konuştu.",
    "Belediye, yeni otobüs hatlarının gelecek hafta çalışmaya başlayacağını duyurdu.",
    "Öğretmen sınıfa girince çocuklar sessizleşti ve ders başladı.",
    "Yağmur dinince balıkçılar yeniden denize açıldı, akşama kadar çalıştılar.",
    "Bu kitabı okuyan herkes, yazarın çocukluğunu geçirdiği köyü merak ediyor.",
)


def text_of(number: int) -> str:
    lines = [f"{SENTENCES[(number * k) % 5]} Sayı {number}." for k in (1, 2, 3)]
    return "\n".join(lines)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three hundred documents, some of them doubled in capitals, some short, some foreign, one broken."""
    texts = [text_of(n) for n in range(250)]
    texts += [turkish.upper(text_of(n)) for n in range(0, 30)]
    texts += [f"kısa {n}" for n in range(10)]
    texts += [
        f"The children played in the park for hours before going home in the evening, {n} times." for n in range(9)
    ]
    path = tmp_path / "source.txt"
    path.write_bytes("\n\n".join(texts).encode() + b"\n\nbozuk " + b"\xff" * 60)
    return path


def config(*sources: object, **settings: Any) -> CorpusConfig:
    settings = {"valid_fraction": 0.1, "shard_bytes": 15_000, **settings}
    return CorpusConfig(sources=tuple(Source(str(path)) for path in sources), **settings)


def build(made: CorpusConfig, folder: Path, workers: int = 1, seed: int = 3) -> dict[str, Any]:
    return pipeline.build_corpus(made, seed, folder, SilentReporter(), workers)


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def read(folder: Path, split: str) -> list[dict[str, Any]]:
    return [record for path in documents.shards(folder, split) for record in documents.read_documents(path)]


def test_counts_and_files(source: Path, tmp_path: Path) -> None:
    counts = build(config(source), tmp_path / "out")
    train, valid = (read(tmp_path / "out", split) for split in ("train", "valid"))
    assert counts["read"]["documents"] == 300
    assert {reason: tally["documents"] for reason, tally in counts["dropped"].items()} == {
        "duplicate": 30,
        "foreign": 9,
        "invalid_utf8": 1,
        "too_short": 10,
    }
    assert len(train) + len(valid) == 250
    assert (counts["train"]["documents"], counts["valid"]["documents"]) == (len(train), len(valid))
    assert counts["train"]["bytes"] == sum(len(record["text"].encode()) for record in train)
    assert {record["text"] for record in train + valid} == {text_of(n) for n in range(250)}
    assert not {record["text"] for record in train} & {record["text"] for record in valid}
    assert 5 < len(valid) < 60
    assert train[0].keys() == {"id", "text", "source"}
    assert [int(record["id"].removeprefix("source/")) for record in train] == sorted(
        int(record["id"].removeprefix("source/")) for record in train
    )
    assert orjson.loads((tmp_path / "out" / "report.json").read_bytes()) == counts
    assert counts["details"] == {"foreign": {"en": 9}}
    assert counts["notes"] == {"cut": 0, "invalid_bytes": 1, "repaired": 0}
    assert not (tmp_path / "out" / "work").exists()
    assert sum(1 for path in (tmp_path / "out" / "train").iterdir()) > 3
    dropped = {p.stem: p.read_bytes().splitlines() for p in (tmp_path / "out" / "dropped").iterdir()}
    assert dropped.keys() == counts["dropped"].keys()
    assert orjson.loads(dropped["too_short"][0])["reason"] == "too_short"


def test_workers_do_not_change_a_byte(source: Path, tmp_path: Path) -> None:
    build(config(source), tmp_path / "one", workers=1)
    build(config(source), tmp_path / "two", workers=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_again_changes_nothing_and_other_settings_start_afresh(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    counts = build(config(source), out)
    before, written = tree(out), (out / "report.json").stat().st_mtime_ns
    assert build(config(source), out) == counts
    assert (out / "report.json").stat().st_mtime_ns == written
    build(config(source, min_chars=5), out)
    build(config(source, min_chars=5), tmp_path / "fresh")
    assert tree(out) == tree(tmp_path / "fresh") != before
    next((out / "train").iterdir()).unlink()
    build(config(source, min_chars=5), out)
    assert tree(out) == tree(tmp_path / "fresh")


def test_other_files_in_the_folder_are_left_alone(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "train").mkdir(parents=True)
    for name in ("plan.json", "train/notes.txt"):
        (out / name).write_text("{}")
    build(config(source), out)
    build(config(source, min_chars=5), out)
    assert (out / "plan.json").read_text() == (out / "train" / "notes.txt").read_text() == "{}"


def test_a_source_that_is_gone_does_not_cost_the_outputs(source: Path, tmp_path: Path) -> None:
    build(config(source), tmp_path / "out")
    before = tree(tmp_path / "out")
    source.unlink()
    with pytest.raises(SourceError, match="no such file"):
        build(config(source), tmp_path / "out")
    assert tree(tmp_path / "out") == before


def test_held_out_text_of_its_own(source: Path, tmp_path: Path) -> None:
    valid = tmp_path / "valid.txt"
    texts = [
        text_of(5),
        turkish.upper(text_of(6)),
        "kısa",
        "Not in Turkish at all, but kept.",
        "a\xa0\ufeff  b",
        "kısa",
    ]
    valid.write_text("\n\n".join(texts), encoding="utf-8")
    made = config(source, valid_sources=(Source(str(valid)),))
    counts = build(made, tmp_path / "out", workers=2)
    assert [record["text"] for record in read(tmp_path / "out", "valid")] == [*texts[:4], "a b"]
    trained = {record["text"] for record in read(tmp_path / "out", "train")}
    assert trained == {text_of(n) for n in range(250) if n not in (5, 6)}
    assert counts["dropped"]["in_validation"]["documents"] == 4  # two documents, and their doubles in capitals
    assert counts["sources"]["valid"]["dropped"] == {"duplicate": {"documents": 1, "bytes": 5}}
    assert counts["sources"]["valid"]["split"] == "valid"


def test_repaired_and_unsplit(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [b'{"text": "%s"}' % (text_of(n).replace("\n", " ").encode() + b"\xff") for n in range(40)]
    path.write_bytes(b"\n".join(lines))
    counts = build(config(path), tmp_path / "out")
    assert counts["notes"]["repaired"] == 40
    assert not any("\ufffd" in record["text"] for record in read(tmp_path / "out", "train"))


def test_nothing_left_is_explained(source: Path, tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"left for train: 300 read.*too_short 29.*To keep more: lower corpus.min_chars"
    ):
        build(config(source, min_chars=5000), tmp_path / "a")
    with pytest.raises(SourceError, match=r"dropped: foreign \d+.*corpus.language_threshold"):
        build(config(source, language="fi"), tmp_path / "b")
    with pytest.raises(SourceError, match=r"left for valid.*Raise corpus.valid_fraction \(1e-09\)"):
        build(config(source, valid_fraction=1e-9), tmp_path / "c")
    same = config(source, valid_sources=(Source(str(source)),), min_chars=5)
    with pytest.raises(SourceError, match=r"in_validation.*corpus.valid_sources"):
        build(same, tmp_path / "d")


def test_source_hashes(source: Path) -> None:
    made = config(source, "synthetic:1KB", valid_sources=(Source("synthetic:1KB"),), noise=0.5)
    hashes = pipeline.source_hashes(made, 3)
    assert list(hashes) == ["source", "synthetic", "synthetic#2", "language model"]
    assert len(set(hashes.values())) == 4
    assert pipeline.source_hashes(made, 3) == hashes
    assert "language model" not in pipeline.source_hashes(config(source, language=""), 3)


# Planted noise


def planted(document: SyntheticDocument) -> set[str]:
    return {label.kind for label in document.labels}


def test_planted_noise_is_found(tmp_path: Path) -> None:
    size, noise, seed = 3_000_000, 0.2, 11
    made = config(f"synthetic:{size}", noise=noise, shard_bytes=1_000_000)
    counts = build(made, tmp_path / "out", workers=2, seed=seed)
    kept = {
        int(record["id"].rpartition("/")[2])
        for split in ("train", "valid")
        for record in read(tmp_path / "out", split)
    }
    total: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for number, document in enumerate(generate(seed, size, noise=noise)):
        for kind in planted(document) or {"clean"}:
            total[kind] += 1
            left[kind] += number in kept
    assert counts["read"]["documents"] == sum(1 for _ in generate(seed, size, noise=noise))
    assert left["clean"] >= 0.995 * total["clean"]
    for kind in ("foreign", "exact_duplicate", "too_short"):
        assert total[kind] > 10
        assert left[kind] == 0, kind


# Killed and gone on with


def test_killed_after_every_file_it_writes(source: Path, tmp_path: Path) -> None:
    """The n-th attempt is killed while it writes its n-th file, before that is in its place."""
    made = config(source, shard_bytes=40_000)
    build(made, tmp_path / "whole")
    attempts = 0
    while True:
        attempts += 1
        child = os.fork()
        if child == 0:
            _killed_at_write(attempts, made, tmp_path / "killed")
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
            break
    assert attempts > 8
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def _killed_at_write(number: int, made: CorpusConfig, folder: Path) -> None:
    left, sync = iter(range(number - 1)), os.fsync

    def fsync(descriptor: int) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    os.fsync = fsync
    try:
        build(made, folder)
    finally:
        os._exit(0)


KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from fidan.corpus.pipeline import build_corpus
from fidan.progress import SilentReporter
from fidan.recipe import CorpusConfig, Source

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
    config = CorpusConfig(sources=(Source(sys.argv[1]),), valid_fraction=0.1, shard_bytes=15_000)
    build_corpus(config, 3, Path(sys.argv[2]), Killer(), 2)
"""


@pytest.mark.parametrize("phase", ["corpus: reading train", "corpus: cleaning train", "corpus: writing train"])
def test_killed_with_workers(source: Path, tmp_path: Path, phase: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(KILLED)
    out = tmp_path / "out"
    with subprocess.Popen([sys.executable, script, source, out, phase], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
    assert (out / "work").is_dir()
    build(config(source), out, workers=2)
    build(config(source), tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")


def test_a_killed_worker_ends_the_run(source: Path, tmp_path: Path) -> None:
    class Killer(SilentReporter):
        @contextmanager
        def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator[Task]:
            class Bar:
                def advance(self, amount: float, note: str = "") -> None:
                    if "cleaning" in description:
                        for child in psutil.Process().children(recursive=True):
                            if child.ppid() != os.getpid():  # not the server that forks them
                                child.kill()

            yield Bar()

    with pytest.raises(FidanError, match="a worker process of the corpus stage died"):
        pipeline.build_corpus(config(source, shard_bytes=3000), 3, tmp_path / "out", Killer(), 2)
    build(config(source, shard_bytes=3000), tmp_path / "out")
    build(config(source, shard_bytes=3000), tmp_path / "whole")
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


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
def test_full_disk(small_disk: Path, tmp_path: Path, workers: int, full_at: str) -> None:
    path = tmp_path / "a.jsonl"
    noise = [os.urandom(1500).hex() for _ in range(400 if full_at == "reading" else 110)]
    path.write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in noise))
    made = config(path, language="", shard_bytes=60_000)
    with pytest.raises(DiskFullError, match="the disk is full"):
        build(made, small_disk / "out", workers)
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
    build(made, tmp_path / "whole")
    assert tree(small_disk / "out") == tree(tmp_path / "whole")


def test_real_text(real_data: Path, tmp_path: Path) -> None:
    counts = build(
        config(real_data / "web" / "tr-web.valid.txt.xz", shard_bytes=1_000_000), tmp_path / "out", workers=2
    )
    assert counts["read"]["documents"] == 3390
    assert counts["train"]["documents"] + counts["valid"]["documents"] > 2800
    assert counts["dropped"]["foreign"]["documents"] < 0.02 * 3390


def test_a_small_corpus_takes_no_pool_and_little_time(source: Path, tmp_path: Path) -> None:
    start = time.monotonic()
    build(config(source, shard_bytes=10_000_000), tmp_path / "out", workers=2)
    assert time.monotonic() - start < 2
