"""Loss scaling for fp16, whose smallest numbers are larger than many gradients.

After Micikevicius et al., arXiv 1710.03740: the loss is multiplied by a large power of two, the gradients with it,
and the optimizer divides them again. An overflow leaves the step out and halves the scale; a long time without one
doubles it. All of it stays on the device, since torch's own GradScaler reads a flag on the host for every optimizer
that is not fused.
"""

import torch
from torch import Tensor

GROWTH_STEPS = 2000  # without overflow before the scale doubles; with START as in torch.amp.GradScaler
START = 65536.0
LEAST = 1.0


class LossScale:
    """The factor, and how it changes. For other number formats it stays 1.

    Args:
        device: where losses are.
        dtype: of the matrix products.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self.enabled = dtype == torch.float16
        self.factor = torch.tensor(START if self.enabled else 1.0, device=device)
        self._good = torch.zeros((), device=device)  # steps since the last change

    def update(self, skip: Tensor, norm: Tensor) -> None:
        """Count a step.

        Args:
            skip: 1.0 where the step was left out.
            norm: the gradient's; an infinite one is an overflow.
        """
        if not self.enabled:
            return
        overflow = ~torch.isfinite(norm)
        good = self._good + (1.0 - skip)
        grown = good >= GROWTH_STEPS
        factor = torch.where(overflow, (self.factor / 2).clamp(min=LEAST), self.factor)
        self.factor = torch.where(grown & ~overflow, factor * 2, factor)
        self._good = torch.where(grown | overflow, torch.zeros_like(good), good)

    def state(self) -> dict[str, float]:
        """What a checkpoint must hold of it."""
        return {"factor": float(self.factor), "good": float(self._good)}

    def restore(self, state: dict[str, float]) -> None:
        """Go on from a checkpoint's state."""
        if self.enabled:
            self.factor = torch.full_like(self.factor, state["factor"] if state["factor"] > 1 else START)
            self._good = torch.full_like(self._good, state["good"])
