"""Muon: a matrix is moved by its momentum made orthogonal.

All singular directions move by the same amount, whatever the size of their gradients (Jordan et al. 2024,
https://kellerjordan.github.io/posts/muon/). The mathematics is that of `torch.optim.Muon`. Three things differ:
matrices of one shape are stacked and go through the products together, which on a CPU and for small models saves
most of its time; gradients may be divided and a step left out on the device, as with torch's fused optimizers; and
matrices may be spread over processes.
"""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from fidan.training.distributed import place
from fidan.weights import gathered

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # a quintic whose slope at zero is steep
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, with weight decay as in AdamW (arXiv 2502.16982).

    Args:
        params: matrices only.
        lr: of a square matrix; a taller one moves by √(rows/columns) more, so that what it does to a vector is as
            large.
        weight_decay: a step takes `lr · weight_decay` of each weight.
        momentum: of the running mean of the gradients; Nesterov's look-ahead is always on.
        dtype: of the matrix products.

    Attributes:
        grad_scale: gradients are divided by it; a scalar on the device, or None.
        found_inf: 1.0 leaves weights and momenta as they are; likewise.

    Raises:
        ValueError: a parameter is not a matrix.
    """

    def __init__(
        self, params: Iterable[nn.Parameter], lr: float, weight_decay: float, momentum: float, dtype: torch.dtype
    ) -> None:
        self.dtype = dtype
        self.grad_scale: Tensor | None = None
        self.found_inf: Tensor | None = None
        super().__init__(params, {"lr": lr, "base_lr": lr, "weight_decay": weight_decay, "momentum": momentum})
        for parameter in (p for group in self.param_groups for p in group["params"]):
            if parameter.ndim != 2:
                raise ValueError(f"Muon moves matrices; one parameter has the shape {tuple(parameter.shape)}.")

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for parameters in by_shape.values():
                self._move(parameters, group["lr"], group["weight_decay"], group["momentum"])

    def _move(self, parameters: list[Tensor], lr: float, weight_decay: float, momentum: float) -> None:
        means = [self._mean(parameter) for parameter in parameters]
        # The products need whole matrices, where these are spread over processes.
        gradients = torch.stack([gathered(parameter.grad) for parameter in parameters if parameter.grad is not None])
        old = torch.stack([gathered(mean) for mean in means])
        if self.grad_scale is not None:
            gradients = gradients / self.grad_scale
        new = old.lerp(gradients, 1 - momentum)
        rows, columns = parameters[0].shape
        step = orthogonalize(gradients.lerp(new, momentum), self.dtype).to(parameters[0].dtype)
        step = step * (lr * math.sqrt(max(1.0, rows / columns)))
        decay = lr * weight_decay
        if self.found_inf is not None:
            skip = self.found_inf > 0
            new, step = torch.where(skip, old, new), torch.where(skip, 0.0, step)
            kept: Tensor | float = 1 - decay * (1 - self.found_inf)
        else:
            kept = 1 - decay
        for parameter, mean, moved, renewed in zip(parameters, means, step, new, strict=True):
            mean.copy_(place(renewed, mean))
            parameter.mul_(kept).sub_(place(moved, parameter))

    def _mean(self, parameter: Tensor) -> Tensor:
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        mean: Tensor = state["momentum_buffer"]
        return mean


def orthogonalize(matrices: Tensor, dtype: torch.dtype) -> Tensor:
    """Each of (N, rows, columns) with its singular values moved near to one (about 0.7 to 1.2), in `dtype`.

    Five Newton–Schulz iterations x ← a·x + (b·s + c·s²)·x with s = x·xᵀ, on the side where s is smaller.
    """
    a, b, c = COEFFICIENTS
    # The first division is in the matrices' own type: a gradient may be too small for fp16.
    x = (matrices / matrices.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)).to(dtype)
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    for _ in range(ITERATIONS):
        s = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(s, s, s, beta=b, alpha=c), x, beta=a)
    out: Tensor = x.mT if tall else x
    return out
