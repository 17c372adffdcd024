"""What was built, from what, and whether it still holds: hashes, atomic writes, manifests.

Every stage owns a folder. While it works the folder holds `plan.json` (what is being made, from which inputs);
when it is done, `manifest.json` joins it (the same, with the outputs' hashes and the counts). A folder without a
manifest is unfinished work: the stage goes on from it when the plan still matches and starts afresh when not.

What it leaves out: what stages there are and in which order (`fidan.stages`).
"""

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import numpy as np
import orjson
import xxhash
from numpy.typing import NDArray

from fidan import __version__
from fidan.errors import ArtifactMismatch, DiskFullError

PLAN, MANIFEST = "plan.json", "manifest.json"
_NOT_OUTPUT = {PLAN, MANIFEST}


def hash_file(path: Path) -> str:
    """128-bit xxh3 of a file's bytes, as 32 hex digits. Finds accidents, not forgeries."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def hash_json(value: Any) -> str:
    """128-bit xxh3 of a JSON value, independent of the order of keys."""
    return xxhash.xxh3_128(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A place beside `path` to write a file to; it is synced and takes its name when it is whole.

    For writers that want a path; one that takes a file is given `atomic_write`.

    Raises:
        DiskFullError: no room; the unfinished file is removed and an older one is left as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise explain_disk_full(error, path) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path, mode: str = "wb") -> Iterator[IO[Any]]:
    """A file that appears whole or not at all: written beside its place, synced, then renamed.

    Raises:
        DiskFullError: as `atomic_path`.
    """
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")  # the same bytes on every system
    with atomic_path(path) as temporary, temporary.open(mode, encoding=encoding, newline=newline) as file:
        yield file


def explain_disk_full(error: OSError, path: Path) -> Exception:
    """The same error, or, where it says that the disk is full, one that tells a user what to do."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    there = next(folder for folder in path.absolute().parents if folder.is_dir())
    return DiskFullError(
        f"{path}: the disk is full ({shutil.disk_usage(there).free:,} bytes free). What was finished is kept: make "
        "room and run the same command again. To begin on another disk, name it with --out."
    )


def remove_leftovers(folder: Path) -> None:
    """Remove the files that `atomic_write` was in the middle of when its process was killed."""
    for path in folder.rglob(".*.tmp"):
        if path.is_file():
            path.unlink()


def write_array(path: Path, array: NDArray[Any]) -> None:
    """An array as a `.npy` file, atomically.

    Raises:
        DiskFullError: no room. NumPy's own way to the disk would not say why a write failed, so it is given `write`
            alone.
    """
    with atomic_write(path) as file:
        np.save(SimpleNamespace(write=file.write), array)


def write_json(path: Path, value: Any) -> None:
    """Indented JSON, atomically."""
    with atomic_write(path) as file:
        file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY))


def read_json(path: Path) -> Any:
    """The JSON value in a file.

    Raises:
        ArtifactMismatch: the file is not JSON.
    """
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise ArtifactMismatch(f"{path}: not valid JSON ({error}). Delete it and run the stage again.") from error


@cache
def source_commit() -> str:
    """The commit of the checkout this package runs from (`+` when it has changes); empty for an installed one."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        described = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # no git on this machine, or a checkout without commits: the version still identifies it
    return described.stdout.strip()


@dataclass(frozen=True)
class Plan:
    """What a stage is about to make. Two equal plans make equal outputs."""

    stage: str
    version: int  # of the stage's output format and algorithm; raised when either changes
    settings: Mapping[str, Any]  # the decisive ones (see fidan.settings)
    inputs: Mapping[str, str]  # name to hash
    seed: int

    def differences(self, other: Mapping[str, Any]) -> list[str]:
        """Why a plan or manifest on disk is not this one, in words; empty when it is."""
        mine = asdict(self)
        found = [
            f"{key} {other.get(key)!r} → {mine[key]!r}" for key in ("version", "seed") if other.get(key) != mine[key]
        ]
        for part in ("settings", "inputs"):
            found += [f"{part[:-1]} {change}" for change in differences(other.get(part, {}), mine[part])]
        return found


@dataclass(frozen=True)
class Manifest:
    """What a stage made: its plan, its outputs with their sizes and hashes, and what it counted."""

    plan: Plan
    outputs: Mapping[str, Mapping[str, Any]]  # path below the folder to {"bytes", "xxh3_128"}
    counts: Mapping[str, Any]
    seconds: float
    package: str = field(default_factory=lambda: __version__)
    commit: str = field(default_factory=source_commit)
    finished: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%S%z"))

    @property
    def output_hash(self) -> str:
        """One hash for all outputs: what the next stage names as its input."""
        return hash_json({name: output["xxh3_128"] for name, output in self.outputs.items()})


def start(folder: Path, plan: Plan) -> None:
    """Mark a folder as work towards `plan`."""
    write_json(folder / PLAN, asdict(plan))


def finish(
    folder: Path, plan: Plan, counts: Mapping[str, Any], seconds: float, outputs: Mapping[str, Path]
) -> Manifest:
    """Hash the outputs and write the manifest, which makes the stage done."""
    described = {
        name: {"bytes": path.stat().st_size, "xxh3_128": hash_file(path)} for name, path in sorted(outputs.items())
    }
    manifest = Manifest(plan, described, dict(counts), round(seconds, 3))
    write_json(folder / MANIFEST, asdict(manifest))
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a finished stage.

    Raises:
        ArtifactMismatch: there is none, or it is not one.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ArtifactMismatch(f"{folder}: not a finished stage (no {MANIFEST}). Run its stage first.")
    data = read_json(path)
    try:
        return Manifest(**{**data, "plan": Plan(**data["plan"])})
    except (TypeError, KeyError) as error:
        raise ArtifactMismatch(f"{path}: not a manifest of this version ({error}). Run its stage again.") from error


def missing_outputs(folder: Path, manifest: Manifest) -> list[str]:
    """Outputs that are gone or have another size than recorded, in words."""
    return size_faults(folder, {name: output["bytes"] for name, output in manifest.outputs.items()})


def size_faults(folder: Path, sizes: Mapping[str, int]) -> list[str]:
    """Files below a folder that are missing or have another size in bytes than theirs, in words."""
    found = []
    for name, size in sizes.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif path.stat().st_size != size:
            found.append(f"{name} has {path.stat().st_size:,} bytes, not {size:,}")
    return found


def all_files(folder: Path) -> dict[str, Path]:
    """Every file below a folder but the plan and the manifest, by its relative name."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path for name, path in files.items() if name not in _NOT_OUTPUT}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Which values of two nested mappings are not the same, as `key old → new`."""
    before, after = _flatten(old), _flatten(new)
    return [
        f"{key} {_short(before.get(key))} → {_short(after.get(key))}"
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]


def _flatten(value: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {prefix: value}
    return {
        k: v for key, item in value.items() for k, v in _flatten(item, f"{prefix}.{key}" if prefix else key).items()
    }


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
