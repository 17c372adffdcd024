"""Checkpoints: everything the next step depends on, written so that a kill at any moment loses nothing.

A checkpoint is a folder `step-000250/` of `model.safetensors`, `optimizer.safetensors`, `random.safetensors` and
`state.json`, which carries the hashes of the other three. It is written under another name, synced and renamed, so
it exists whole or not at all; a damaged one is noticed by its hashes, named, and the one before it is used. No
pickle anywhere: a checkpoint cannot run code.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from fidan.artifact import explain_disk_full, hash_file, read_json, write_json
from fidan.errors import ArtifactMismatch
from fidan.weights import load_weights, weights_of, write_weights

FILES = ("model.safetensors", "optimizer.safetensors", "random.safetensors")
STATE = "state.json"


def save_checkpoint(
    folder: Path, step: int, model: nn.Module, optimizer: torch.optim.Optimizer, state: Mapping[str, Any]
) -> Path:
    """Write `folder/step-NNNNNN`, atomically.

    Args:
        folder: where checkpoints live.
        step: optimizer steps done.
        model: its weights are saved.
        optimizer: its moments are saved, by parameter name.
        state: JSON values the trainer wants back.

    Raises:
        DiskFullError: no room; the checkpoints before are untouched.
    """
    target = folder / f"step-{step:06d}"
    temporary = folder / f".{target.name}.{os.getpid()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(folder)
        temporary.mkdir()
        contents = (weights_of(model), _optimizer_tensors(model, optimizer), _random_tensors(_device(model)))
        for name, tensors in zip(FILES, contents, strict=True):
            write_weights(temporary / name, tensors)
        hashes = {name: hash_file(temporary / name) for name in FILES}
        write_json(temporary / STATE, {"step": step, "hashes": hashes, **state})
        if target.exists():  # left by a run that was killed between two renames, or a damaged one
            shutil.rmtree(target)
        temporary.rename(target)
        _sync(folder)
    except OSError as error:
        raise explain_disk_full(error, target) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def load_checkpoint(folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Restore model, optimizer and random state from one checkpoint folder; returns its state.

    Raises:
        ArtifactMismatch: a file is missing, damaged, or does not fit the model.
    """
    state: dict[str, Any] = check(folder)
    weights, moments, random = (load_file(folder / name) for name in FILES)
    load_weights(model, weights, str(folder))
    _load_optimizer(model, optimizer, moments)
    torch.set_rng_state(random["cpu"])
    if "cuda" in random and _device(model).type == "cuda":
        torch.cuda.set_rng_state(random["cuda"], _device(model))
    return state


def check(folder: Path) -> dict[str, Any]:
    """The state of a checkpoint whose files are whole.

    Raises:
        ArtifactMismatch: a file is missing or its hash is not the recorded one.
    """
    if not (folder / STATE).is_file():
        raise ArtifactMismatch(f"{folder}: {STATE} is missing.")
    state: dict[str, Any] = read_json(folder / STATE)
    for name in FILES:
        if not (folder / name).is_file():
            raise ArtifactMismatch(f"{folder}: {name} is missing.")
        if hash_file(folder / name) != state.get("hashes", {}).get(name):
            raise ArtifactMismatch(f"{folder}: {name} is damaged (its hash is not the recorded one).")
    return state


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoint folders, oldest first; by number, since a run may pass a million steps."""
    found = [path for path in folder.glob("step-*") if _step(path) is not None and path.is_dir()]
    return sorted(found, key=lambda path: _step(path) or 0)


def latest_sound(folder: Path, say: Callable[[str], None]) -> Path | None:
    """The newest checkpoint whose files are whole; damaged ones are named through `say` and passed over."""
    for candidate in reversed(checkpoints(folder)):
        try:
            check(candidate)
        except ArtifactMismatch as error:
            say(f"checkpoint passed over: {error}")
            continue
        return candidate
    return None


def set_damaged_aside(sound: Path) -> None:
    """Rename every checkpoint newer than `sound`, so that they are neither counted as kept nor tried again."""
    for newer in checkpoints(sound.parent):
        if (_step(newer) or 0) > (_step(sound) or 0):
            aside = newer.with_name(f"damaged-{newer.name}")
            shutil.rmtree(aside, ignore_errors=True)
            newer.rename(aside)


def prune(folder: Path, keep: int, best: str | None) -> None:
    """Delete all but the newest `keep` checkpoints and the one named `best`."""
    for old in checkpoints(folder)[:-keep]:
        if old.name != best:
            shutil.rmtree(old)


def _optimizer_tensors(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    names = {id(p): name for name, p in model.named_parameters()}
    return {
        f"{names[id(p)]}/{key}": value.detach().cpu().contiguous()
        for p, values in optimizer.state.items()
        for key, value in values.items()
    }


def _load_optimizer(model: nn.Module, optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    parameters = dict(model.named_parameters())
    for key, tensor in tensors.items():
        name, _, part = key.rpartition("/")
        parameter = parameters[name]
        # AdamW's step count stays a scalar on the parameter's device when fused; the moments have its shape.
        optimizer.state[parameter][part] = tensor.to(parameter.device)


def _random_tensors(device: torch.device) -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":  # only then: asking opens a context on the GPU
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def _step(path: Path) -> int | None:
    number = path.name.removeprefix("step-")
    return int(number) if number.isdecimal() else None


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


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
