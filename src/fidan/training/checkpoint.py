"""Checkpoints: everything the next pass depends on, written so that a kill at any moment loses nothing.

A checkpoint is a folder `step-000250/` (or `step-000250-pass-003`, in the middle of a step) of safetensors files and
`state.json`, which carries their hashes and its own. It is written under another name, synced and renamed, so it
exists whole or not at all; a damaged one is noticed by its hashes, named, and the one before it is used. Tensors are
whole whatever number of processes they were spread over, so any other number goes on from them. No pickle anywhere:
a checkpoint cannot run code (that of `torch.distributed.checkpoint` has pickled metadata, and is not used).
"""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fidan.artifact import explain_disk_full, hash_file, hash_json, read_json, write_json
from fidan.errors import ArtifactMismatch
from fidan.weights import write_weights

STATE = "state.json"
_NAME = re.compile(r"step-(\d+)(?:-pass-(\d+))?")


def checkpoint_name(step: int, passes: int = 0) -> str:
    """What the checkpoint after `step` steps, and `passes` passes of the next one, is called."""
    return f"step-{step:06d}" + (f"-pass-{passes:03d}" if passes else "")


def save_checkpoint(
    folder: Path, name: str, tensors: Mapping[str, Mapping[str, Tensor]], state: Mapping[str, Any]
) -> Path:
    """Write `folder/name`, atomically.

    Args:
        folder: where checkpoints live.
        name: from `checkpoint_name`.
        tensors: for each file (`model`, `optimizer`, …) its tensors by name.
        state: JSON values the trainer wants back.

    Raises:
        DiskFullError: no room; the checkpoints before are untouched.
    """
    target = folder / name
    temporary = folder / f".{name}.{os.getpid()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(folder)
        temporary.mkdir()
        hashes = {}
        for part, contents in tensors.items():
            file = f"{part}.safetensors"
            write_weights(temporary / file, dict(contents))
            hashes[file] = hash_file(temporary / file)
        whole = {**state, "hashes": hashes}
        write_json(temporary / STATE, {**whole, "own_hash": hash_json(whole)})
        if target.exists():  # left by a run that was killed between two renames, or a damaged one
            shutil.rmtree(target)
        temporary.rename(target)
        _sync(folder)
    except OSError as error:
        raise explain_disk_full(error, target) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def read_part(folder: Path, part: str) -> dict[str, Tensor]:
    """The tensors of one file of a checkpoint, on the CPU.

    Raises:
        ArtifactMismatch: the checkpoint does not have it.
    """
    try:
        return load_file(folder / f"{part}.safetensors")
    except (OSError, SafetensorError) as error:
        raise ArtifactMismatch(f"{folder}: {part}.safetensors cannot be read ({error}).") from error


def check(folder: Path) -> dict[str, Any]:
    """The state of a checkpoint whose files are whole.

    Raises:
        ArtifactMismatch: a file is missing or its hash is not the recorded one.
    """
    if not (folder / STATE).is_file():
        raise ArtifactMismatch(f"{folder}: {STATE} is missing.")
    state: dict[str, Any] = read_json(folder / STATE)
    own = state.pop("own_hash", None) if isinstance(state, dict) else None
    if own != hash_json(state):
        raise ArtifactMismatch(f"{folder}: {STATE} is damaged (its hash is not the recorded one).")
    for name, digest in state["hashes"].items():
        if not (folder / name).is_file():
            raise ArtifactMismatch(f"{folder}: {name} is missing.")
        if hash_file(folder / name) != digest:
            raise ArtifactMismatch(f"{folder}: {name} is damaged (its hash is not the recorded one).")
    return state


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoint folders, oldest first; by number, since a run may pass a million steps."""
    found = (path for path in folder.glob("step-*") if _NAME.fullmatch(path.name) and path.is_dir())
    return sorted(found, key=_place)


def latest_sound(folder: Path, say: Callable[[str], None]) -> tuple[Path, dict[str, Any]] | None:
    """The newest checkpoint whose files are whole, and its state; `say` is told of damaged ones passed over."""
    for candidate in reversed(checkpoints(folder)):
        try:
            return candidate, check(candidate)
        except ArtifactMismatch as error:
            say(f"checkpoint passed over: {error}")
    return None


def set_damaged_aside(sound: Path) -> None:
    """Rename every checkpoint newer than `sound`, so that they are neither counted as kept nor tried again."""
    for newer in checkpoints(sound.parent):
        if _place(newer) > _place(sound):
            aside = newer.with_name(f"damaged-{newer.name}")
            shutil.rmtree(aside, ignore_errors=True)
            newer.rename(aside)


def prune(folder: Path, keep: int, best: str | None) -> None:
    """Delete all but the newest `keep` checkpoints and the one named `best`."""
    for old in checkpoints(folder)[:-keep]:
        if old.name != best:
            shutil.rmtree(old)


def _place(path: Path) -> tuple[int, int]:
    found = _NAME.fullmatch(path.name)
    return (int(found[1]), int(found[2] or 0)) if found else (-1, 0)


def _remove_leftovers(folder: Path) -> None:
    for leftover in folder.glob(".step-*.tmp"):
        shutil.rmtree(leftover)


def _sync(path: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder to sync it
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
