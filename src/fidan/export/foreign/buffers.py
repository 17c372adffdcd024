"""Tensors that a checkpoint carries although they are computed: rotary tables and causal masks.

They are not written anywhere; the model computes its own. But they tell what shapes of weights cannot (the width of a
head, theta, which coordinates are paired), and one that says something else than the model will do is an error.
Known by the last part of the name. What it leaves out: settings told in words (`settings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from fidan.errors import ArtifactMismatch

# What the last part of a name says of the content, with f the frequencies theta^(-2i/K) and t the positions.
FREQUENCIES = {"inv_freq", "freqs"}  # f, (K/2,)
TURNS = {"freqs_cis"}  # exp(i·t·f), complex (T, K/2), or (T, K/2, 2) real numbers
COSINES = {"freqs_cos", "cos_cached", "cos"}  # cos(t·f), (…, T, K/2), or (…, T, K) with each value twice
SINES = {"freqs_sin", "sin_cached", "sin"}
MASKS = {"mask", "causal_mask", "attn_mask", "tril"}
ROWS = 256  # of a table that are compared; a wrong theta shows in the first ones
HALF_SPLIT, INTERLEAVED = "half-split", "interleaved"
CUSTOM = {"freqs_cis": INTERLEAVED, "inv_freq": HALF_SPLIT}  # what code with such a table usually pairs


@dataclass(frozen=True)
class Rotary:
    """A rotary table.

    Attributes:
        name: the file's.
        kind: the last part of it.
        table: (K/2,) or (T, K/2).
        width: K.
        positions: T; None for frequencies.
        layout: which coordinates are paired, where the table proves it.
    """

    name: str
    kind: str
    table: Tensor
    width: int
    positions: int | None
    layout: str | None

    def theta(self) -> float | None:
        """The base of the frequencies; None where it cannot be told exactly enough.

        Raises:
            ArtifactMismatch: they are not powers of one base: scaled positions.
        """
        if self.kind in FREQUENCIES:
            found = self.table.double()
        elif self.kind in TURNS and self.table.shape[0] > 1:
            found = self.table[1].angle().double()
        else:
            return None
        place = int((found > torch.finfo(_real(self.table)).tiny).sum()) - 1
        if place < 1:
            return None
        estimate = float(found[place]) ** (-self.width / (2 * place))
        for digits in range(8):  # the roundest number that gives the table: 10000, not 10000.01
            rounded = float(f"{estimate:.{digits}e}")
            if self.agrees(rounded):
                return rounded
        raise ArtifactMismatch(
            f"{self.name}: its frequencies are not powers of one rope_theta: scaled rotary positions, which the "
            "model exported here does not have."
        )

    def agrees(self, theta: float) -> bool:
        """Whether this is the table of `theta`, as exactly as its number format can say it."""
        steps = torch.arange(0, self.width, 2, dtype=torch.float64) / self.width
        frequencies = theta**-steps
        slack = 1e-4 + 2 * torch.finfo(_real(self.table)).eps
        if self.kind in FREQUENCIES:
            apart = (self.table.double() - frequencies).abs()
            return bool((apart <= slack * frequencies + torch.finfo(self.table.dtype).tiny).all())
        rows = self.table[:ROWS]
        angles = torch.outer(torch.arange(len(rows), dtype=torch.float64), frequencies)
        if self.kind in TURNS:
            return bool(((rows - torch.polar(torch.ones_like(angles), angles)).abs() <= slack).all())
        expected = angles.cos() if self.kind in COSINES else angles.sin()
        return bool(((rows.double() - expected).abs() <= slack).all())


def is_buffer(name: str) -> bool:
    """Whether a tensor of this name is computed and not learnt."""
    return _kind(name) in FREQUENCIES | TURNS | COSINES | SINES | MASKS


def read_buffers(buffers: Mapping[str, Tensor]) -> tuple[list[Rotary], list[int]]:
    """The rotary tables, and the sizes of the masks.

    Raises:
        ArtifactMismatch: one of them is not what its name says.
    """
    rotary, masks = [], []
    for name, tensor in buffers.items():
        if _kind(name) in MASKS:
            masks.append(_causal_size(name, tensor))
        else:
            rotary.append(_rotary(name, tensor))
    return rotary, masks


def _kind(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _real(tensor: Tensor) -> torch.dtype:
    """The number format of the values, also of complex ones."""
    return tensor.dtype.to_real() if tensor.is_complex() else tensor.dtype


def _rotary(name: str, tensor: Tensor) -> Rotary:
    kind = _kind(name)
    if kind in TURNS:
        if not tensor.is_complex() and tensor.is_floating_point() and tensor.ndim and tensor.shape[-1] == 2:
            tensor = torch.view_as_complex(tensor.float().contiguous())
        if tensor.is_complex() and tensor.ndim == 2 and tensor.numel():
            return Rotary(name, kind, tensor, 2 * tensor.shape[1], tensor.shape[0], None)
    elif tensor.is_floating_point() and tensor.numel():
        if kind in FREQUENCIES and tensor.ndim == 1:
            return Rotary(name, kind, tensor, 2 * len(tensor), None, None)
        if kind in COSINES | SINES and tensor.squeeze().ndim == 2:
            return _table(name, kind, tensor.squeeze())
    raise ArtifactMismatch(f"{name}: {tuple(tensor.shape)} of {tensor.dtype} is no rotary table of that name.")


def _table(name: str, kind: str, table: Tensor) -> Rotary:
    """Cosines or sines: every value once, twice side by side, or twice half a width apart."""
    positions, columns = table.shape
    if columns % 2 == 0 and columns > 2:
        if torch.equal(table[:, : columns // 2], table[:, columns // 2 :]):
            return Rotary(name, kind, table[:, : columns // 2], columns, positions, HALF_SPLIT)
        if torch.equal(table[:, ::2], table[:, 1::2]):
            return Rotary(name, kind, table[:, ::2], columns, positions, INTERLEAVED)
    return Rotary(name, kind, table, 2 * columns, positions, None)


def _causal_size(name: str, mask: Tensor) -> int:
    """T of a (…, T, T) mask that lets every position see itself and what came before, nothing else."""
    square = mask.reshape(mask.shape[-2:]) if mask.ndim >= 2 and mask.numel() == mask.shape[-1] ** 2 else None
    if square is not None and square.shape[0] == square.shape[1] and len(square):
        seen = square == square[0, 0]
        if torch.equal(seen, torch.ones_like(seen).tril()):
            return len(square)
    raise ArtifactMismatch(
        f"{name}: {tuple(mask.shape)} of {mask.dtype} is no causal mask, and the model exported here has no other."
    )
