"""Weights on disk: what is written comes back bit for bit, and writing them takes no memory of its own."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from fidan.weights import TYPES, write_weights


def test_every_type_and_shape_comes_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    numbers = torch.randn(3, 5) * 10
    tensors = {str(dtype): numbers.to(dtype) for dtype in TYPES}
    tensors |= {"scalar": torch.tensor(3.5), "empty": torch.empty(0, 4), "turned": numbers.T, "ağırlık": numbers[0]}
    write_weights(tmp_path / "mine.safetensors", tensors)
    found = load_file(tmp_path / "mine.safetensors")
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)


def test_it_is_as_long_as_the_librarys_own_file(tmp_path: Path) -> None:
    tensors = {f"layer.{n}.weight": torch.full((n + 1, 7), float(n)) for n in range(9)}
    write_weights(tmp_path / "mine.safetensors", tensors)
    save_file(tensors, tmp_path / "theirs.safetensors", metadata={"format": "pt"})
    assert (tmp_path / "mine.safetensors").stat().st_size == (tmp_path / "theirs.safetensors").stat().st_size
