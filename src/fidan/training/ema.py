"""An exponential moving average of the weights, which is often better than the weights at its end (Polyak averaging).

It costs one copy of the weights and a pass over them a step. What it leaves out: who evaluates or exports it
(`evaluate.weights`, `export.weights`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from fidan.weights import whole

EMA_WEIGHTS = "ema.safetensors"


class Average:
    """average ← decay · average + (1 - decay) · weights, after every step.

    The decay of step n is at most (1 + n) / (10 + n), so that the weights of the beginning are soon forgotten.

    Args:
        model: whose weights, as far as they learn; those at the time of this call are the first average.
        decay: a step.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self._parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.tensors: dict[str, Tensor] = {name: p.detach().clone() for name, p in self._parameters.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the weights after step `step`, counted from 0, into the average."""
        decay = min(self.decay, (1 + step) / (10 + step))
        weights = [p.detach() for p in self._parameters.values()]
        torch._foreach_lerp_(list(self.tensors.values()), weights, 1.0 - decay)

    def whole(self) -> dict[str, Tensor]:
        """The average on the CPU; where it is spread over processes, all of them must call this."""
        return {name: whole(tensor) for name, tensor in self.tensors.items()}

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint's average."""
        for name, own in self.tensors.items():
            own.copy_(tensors[name])

    @contextmanager
    def in_model(self) -> Iterator[None]:
        """The model has the average for its weights within this context."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, parameter in self._parameters.items():
            held = parameter.detach().clone()
            parameter.copy_(self.tensors[name])
            self.tensors[name].copy_(held)
