"""How a step moves the weights: one or two of torch's optimizers behind one face that never waits for a GPU.

Gradients are divided (by the clipping factor, by fp16's loss scale) and bad steps are left out on the device, in the
pass over memory that the fused optimizer makes anyway. What it leaves out: which weights go to which optimizer
(`optimizer`), and the rate as a function of the step (`schedule`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from fidan.errors import ArtifactMismatch


class Update:
    """Some optimizers as one.

    Args:
        optimizers: each of their groups has its peak rate under `base_lr`; they take `grad_scale` and `found_inf`
            as torch's fused ones do.
    """

    def __init__(self, optimizers: list[torch.optim.Optimizer]) -> None:
        self.optimizers = optimizers

    def set_rate(self, share: float) -> None:
        """Every group's learning rate: `share` of its peak."""
        for group in self._groups():
            group["lr"] = group["base_lr"] * share

    @property
    def rate(self) -> float:
        """The first group's learning rate."""
        return float(next(self._groups())["lr"])

    @torch.no_grad()
    def step(self, divisor: Tensor, skip: Tensor) -> None:
        """Move the weights.

        Args:
            divisor: of all gradients, a scalar on the device.
            skip: 1.0 to leave weights and moments as they are, likewise.
        """
        for optimizer in self.optimizers:
            optimizer.grad_scale, optimizer.found_inf = divisor, skip  # type: ignore[attr-defined]
            optimizer.step()

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> dict[Tensor, dict[str, Any]]:
        """Each parameter's moments by their names."""
        return {p: values for optimizer in self.optimizers for p, values in optimizer.state.items()}

    def restore(
        self,
        parameters: Mapping[str, Tensor],
        tensors: Mapping[str, Tensor],
        place: Callable[[Tensor, Tensor], Tensor],
        where: str,
    ) -> None:
        """Go on from a checkpoint.

        Args:
            parameters: the model's, by name.
            tensors: the moments, as `parameter/moment`.
            place: puts a whole tensor where, and as, the second one is.
            where: the checkpoint, for an error.

        Raises:
            ArtifactMismatch: moments of parameters that this optimizer does not have.
        """
        owners = {p: optimizer for optimizer in self.optimizers for g in optimizer.param_groups for p in g["params"]}
        for key, tensor in tensors.items():
            name, _, part = key.rpartition("/")
            parameter = parameters.get(name)
            if parameter is None:
                raise ArtifactMismatch(f"{where}: has moments of {name}, which the model does not have.")
            # A step count is a scalar, the moments have the parameter's shape and are spread as it is.
            moment = place(tensor, parameter) if tensor.shape == parameter.shape else tensor.to(parameter.device)
            owners[parameter].state[parameter][part] = moment

    def _groups(self) -> Iterator[dict[str, Any]]:
        for optimizer in self.optimizers:
            yield from optimizer.param_groups
