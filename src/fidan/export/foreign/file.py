"""A foreign checkpoint, opened without running it: its tensors by name, and the settings saved beside them.

A `.pt` is a pickle, which may ask Python to call anything. It is opened with `weights_only=True`, which builds
tensors and plain values and refuses the rest; a safetensors file cannot ask. The weights may lie bare or below
`state_dict`, `model` and the like. What it leaves out: what the names mean (`names`), what the settings mean
(`settings`).
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor
from torch.serialization import get_unsafe_globals_in_checkpoint

from fidan.errors import ArtifactMismatch, SourceError
from fidan.weights import read_weights

WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "weights")
SETTINGS = ("config", "model_config", "args", "model_args", "params", "hparams", "hyper_parameters")
DEEPEST = 4  # tables below one another; a hostile file may hold a table that contains itself
HOW = "If the file is your own, save model.state_dict()"
ZIP, PICKLE = b"PK\x03\x04", b"\x80"


@dataclass(frozen=True)
class Foreign:
    """What a checkpoint holds.

    Attributes:
        tensors: the weights and buffers, by the file's names.
        settings: where in the file to the plain values that were found there.
        left_out: entries beside the weights that are no settings (an optimizer's state, a step).
    """

    tensors: Mapping[str, Tensor]
    settings: Mapping[str, Mapping[str, Any]]
    left_out: tuple[str, ...]


def open_foreign(path: Path) -> Foreign:
    """Open a `.pt` or safetensors file. The tensors stay on disk until they are read, where the format allows it.

    Raises:
        SourceError: missing, empty, truncated, no checkpoint, or one that asks for more than tensors and values.
        ArtifactMismatch: it opens, but holds no weights, or several sets of them.
    """
    if not path.is_file():
        raise SourceError(f"{path}: no such file. Name the checkpoint itself, a .pt or .safetensors file.")
    with path.open("rb") as file:
        start = file.read(9)
    if not start:
        raise SourceError(f"{path}: empty (0 bytes). Save or copy it again.")
    if start[8:] == b"{":  # of safetensors' header, after its length
        return Foreign(read_weights(path), {}, ())
    if start.startswith(ZIP) and not zipfile.is_zipfile(path):
        raise SourceError(f"{path}: truncated ({path.stat().st_size:,} bytes): its end is missing. Copy it again.")
    if not start.startswith((ZIP, PICKLE)):
        raise SourceError(f"{path}: neither a PyTorch checkpoint nor safetensors (it begins with {start!r}).")
    return unwrap(_load(path, mmap=start.startswith(ZIP)), path)


def _load(path: Path, mmap: bool) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except Exception as error:  # torch raises six types for what a broken or hostile file can be
        if asked := _asked(path, error):
            raise SourceError(
                f"{path}: asks Python for {', '.join(asked)} when it is opened, which could run anything. Only "
                f"tensors and plain values are opened; nothing was run. {HOW}, and settings as a dict of numbers and "
                "strings (vars(args), say)."
            ) from error
        reason = str(error).strip().splitlines() or ["it ends too early"]
        if "weights_only" in str(error):  # torch's words would advise to run the file all the same
            reason = ["TorchScript, or a pickle that torch.save did not make"]
        raise SourceError(
            f"{path}: cannot be opened as tensors and plain values ({type(error).__name__}: {reason[0]}). Nothing in "
            "it was run. Copy or save it again."
        ) from error


def _asked(path: Path, error: Exception) -> list[str]:
    """What a refused file wanted to import: from its text where that can be read, else from torch's first refusal."""
    try:
        asked = get_unsafe_globals_in_checkpoint(str(path))
    except (ValueError, RuntimeError, UnpicklingError, EOFError, KeyError):  # of the format before 2020, or broken
        asked = re.findall(r"GLOBAL ([\w.]+)", str(error))
    return sorted(set(asked))


def unwrap(content: Any, path: Path) -> Foreign:
    """Find the weights in what a file holds, and the settings around them.

    Raises:
        ArtifactMismatch: there are none, several, or some in tables of their own.
    """
    settings: dict[str, Mapping[str, Any]] = {}
    left_out: list[str] = []
    where = ""
    while isinstance(content, Mapping):
        inner = [key for key in WRAPPERS if _holds_tensors(content.get(key))]
        if len(inner) > 1:
            raise ArtifactMismatch(
                f"{path}: holds several sets of weights: {', '.join(where + key for key in inner)}. "
                "Save the one that is meant in a file of its own."
            )
        rest = {key: value for key, value in content.items() if key not in inner}
        plain = {key: value for key, value in rest.items() if isinstance(value, bool | int | float | str)}
        if plain:
            settings[where.rstrip(".") or "the file"] = plain
        for key in (*SETTINGS, *WRAPPERS):
            if isinstance(rest.get(key), Mapping) and not _holds_tensors(rest[key]):
                _gather(rest.pop(key), f"{where}{key}", settings)
        if not inner:
            return _bare(rest, settings, left_out, path)
        left_out += [f"{where}{key}" for key in rest if key not in plain]
        content, where = content[inner[0]], f"{where}{inner[0]}."
    raise ArtifactMismatch(f"{path}: holds {type(content).__name__}, not weights by their names. {HOW}.")


def _bare(
    content: Mapping[Any, Any], settings: Mapping[str, Mapping[str, Any]], left_out: list[str], path: Path
) -> Foreign:
    tensors = {key: value for key, value in content.items() if isinstance(value, Tensor)}
    if not tensors:
        shown = ", ".join(repr(key) for key in list(content)[:5]) or "nothing"
        raise ArtifactMismatch(f"{path}: holds no weights (it holds {shown}). {HOW}.")
    odd = [key for key, value in content.items() if _holds_tensors(value) or not isinstance(key, str)]
    if odd:
        raise ArtifactMismatch(f"{path}: {odd[0]!r} is not the name of one tensor. {HOW}.")
    return Foreign(tensors, settings, tuple(left_out))


def _holds_tensors(value: Any, depth: int = DEEPEST) -> bool:
    if not isinstance(value, Mapping) or not depth:
        return False
    return any(isinstance(item, Tensor) or _holds_tensors(item, depth - 1) for item in value.values())


def _gather(
    value: Mapping[str, Any], where: str, settings: dict[str, Mapping[str, Any]], depth: int = DEEPEST
) -> None:
    """Put a table of settings, and the tables of the model's within it, under the place each was found."""
    settings[where] = value
    for key in (*SETTINGS, *WRAPPERS):
        if depth and isinstance(value.get(key), Mapping):
            _gather(value[key], f"{where}.{key}", settings, depth - 1)
