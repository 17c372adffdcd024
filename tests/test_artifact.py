"""Manifests, hashes and atomic writes: nothing half-written, nothing mismatched."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from fidan import artifact
from fidan.artifact import (
    Plan,
    all_files,
    atomic_write,
    explain_disk_full,
    finish,
    hash_file,
    missing_outputs,
    read_json,
    read_manifest,
    start,
    write_array,
    write_json,
)
from fidan.errors import ArtifactMismatch, DiskFullError

PLAN = Plan("tokenizer", 1, {"tokenizer": {"vocab_size": 8000}}, {"corpus": "abc"}, 42)


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def stop_half_way() -> None:
        with atomic_write(path) as file:
            file.write(b"half of the ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_array_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy's own error has no number, and no path: "2376 requested and 1520 written"."""
    path, array = tmp_path / "a.npy", np.arange(100_000)
    write_array(path, array)
    assert (np.load(path) == array).all()
    monkeypatch.setattr(artifact, "atomic_write", full_disk)
    with pytest.raises(OSError, match="No space left") as raised:
        write_array(path, array)
    assert raised.value.errno == errno.ENOSPC


@contextmanager
def full_disk(path: Path) -> Iterator[IO[bytes]]:
    with Path("/dev/full").open("wb") as file:
        yield file
        file.flush()


def test_a_full_disk_is_explained() -> None:
    full = explain_disk_full(OSError(errno.ENOSPC, "No space left on device"), Path(__file__))
    assert isinstance(full, DiskFullError)
    assert "make room and run the same command again" in str(full)
    other = OSError(errno.EACCES, "Permission denied")
    assert explain_disk_full(other, Path(__file__)) is other


def test_manifest_round_trip_and_checks(tmp_path: Path) -> None:
    start(tmp_path, PLAN)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_text("inhalt")
    written = finish(tmp_path, PLAN, {"documents": 3}, 1.5, all_files(tmp_path))
    assert list(written.outputs) == ["sub/a"]
    manifest = read_manifest(tmp_path)
    assert manifest == written
    assert PLAN.differences(read_json(tmp_path / "plan.json")) == []
    assert missing_outputs(tmp_path, manifest) == []
    (tmp_path / "sub" / "a").write_text("inha")
    assert missing_outputs(tmp_path, manifest) == ["sub/a has 4 bytes, not 6"]
    (tmp_path / "sub" / "a").unlink()
    assert missing_outputs(tmp_path, manifest) == ["sub/a is missing"]


def test_differences_are_said_in_words() -> None:
    other = Plan("tokenizer", 2, {"tokenizer": {"vocab_size": 16000}}, {"corpus": "abd"}, 1)
    write = other.__dict__
    assert PLAN.differences(write) == [
        "version 2 → 1",
        "seed 1 → 42",
        "setting tokenizer.vocab_size 16000 → 8000",
        "input corpus 'abd' → 'abc'",
    ]


def test_the_output_hash_follows_the_contents_alone(tmp_path: Path) -> None:
    def made(name: str, text: str) -> str:
        folder = tmp_path / name
        start(folder, PLAN)
        (folder / "a").write_text(text)
        return finish(folder, PLAN, {}, 0.0, all_files(folder)).output_hash

    assert made("one", "x") == made("two", "x") != made("three", "y")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"plan": {}}'])
def test_a_broken_manifest_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactMismatch, match="manifest"):
        read_manifest(tmp_path)


def test_hash_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    assert (
        hash_file(path) == "99aa06d3014798d86001c324468d497f"
    )  # XXH3-128 of nothing, from the algorithm's own tests
    write_json(path, {"a": 1})
    assert read_json(path) == {"a": 1}
