"""A model's weights as named tensors: out of the model, to disk, and back with every name accounted for.

safetensors only: a file of weights must not be able to run code.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from fidan.artifact import atomic_write
from fidan.errors import ArtifactMismatch

TYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """The weights by their names, on the CPU; a tied head is left out, since it is the embedding."""
    return {name: whole(tensor) for name, tensor in _own(model).items()}


def _own(model: nn.Module) -> dict[str, Tensor]:
    tensors, seen = {}, set()
    for name, tensor in model.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            seen.add(id(tensor))
            tensors[name] = tensor
    return tensors


def gathered(tensor: Tensor) -> Tensor:
    """A tensor on its device; one that is spread over processes is gathered, so all of them must call this."""
    found: Tensor = tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
    return found


def whole(tensor: Tensor) -> Tensor:
    """The same on the CPU, apart from any gradient."""
    return gathered(tensor.detach()).cpu().contiguous()


def write_weights(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """A safetensors file, atomically.

    Tensor by tensor: the library's own `save` makes the whole file in memory first, twice over, and a checkpoint
    would then be the height of a training's memory. The format: https://huggingface.co/docs/safetensors#format.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    told = orjson.dumps(header)
    told += b" " * (-len(told) % 8)  # the tensors begin at a multiple of eight
    with atomic_write(path) as file:
        file.write(len(told).to_bytes(8, "little") + told)
        for tensor in tensors.values():
            file.write(tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, on the CPU.

    Raises:
        ArtifactMismatch: there is no such file, or it is damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ArtifactMismatch(f"{path}: cannot be read as safetensors ({error}).") from error


def load_weights(model: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Put weights into `model`: every name and shape must fit.

    Raises:
        ArtifactMismatch: a missing or unknown name, or another shape.
    """
    load_tensors(_own(model), tensors, where)


def load_tensors(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor], where: str) -> None:
    """Copy tensors into those of the same names: every name and shape must fit.

    Raises:
        ArtifactMismatch: a missing or unknown name, or another shape.
    """
    problems = [f"missing {name}" for name in own if name not in tensors]
    problems += [f"unknown {name}" for name in tensors if name not in own]
    problems += [
        f"{name} is {tuple(tensors[name].shape)}, not {tuple(target.shape)}"
        for name, target in own.items()
        if name in tensors and tensors[name].shape != target.shape
    ]
    if problems:
        raise ArtifactMismatch(f"{where}: does not fit the model: {'; '.join(problems[:5])}.")
    with torch.no_grad():
        for name, target in own.items():
            target.copy_(tensors[name])
