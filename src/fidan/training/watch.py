"""Looks at every step before the weights move, without making a GPU wait for the host.

The verdict (is anything not finite, has the loss jumped?) is computed on the device and given to the optimizer there,
which leaves everything as it was where the step is bad. The host hears of it through a copy that is on its way while
the device goes on: at once on a CPU, on a GPU when the trainer asks, a step or two later. What it leaves out: what
follows from a bad step (`tally`).
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

SMOOTHING = 0.98  # of the recent loss: it remembers about 50 steps
SETTLED = 20  # good steps before a loss can count as a spike
GOOD, BAD, OVERFLOW = 0, 1, 2


@dataclass(frozen=True)
class Outcome:
    """What became of one step.

    Attributes:
        step: which, counted from 0.
        loss: nats a token.
        norm: of the gradient, before clipping.
        verdict: GOOD; BAD: not finite, or a spike; OVERFLOW: of fp16's range, which a smaller loss scale mends.
        recent: the smoothed loss it was held against; 0 before there is one.
    """

    step: int
    loss: float
    norm: float
    verdict: int
    recent: float


class Watch:
    """Judges steps in their order.

    Args:
        device: where losses and norms are.
        spike: nats above the recent loss at which a step is bad; 0: no loss is too high.
    """

    def __init__(self, device: torch.device, spike: float) -> None:
        self.device, self.spike = device, spike
        self._sum = torch.zeros((), device=device)  # Σ (1 - SMOOTHING) SMOOTHINGⁱ lossᵢ over the good steps
        self._weight = torch.zeros((), device=device)  # the sum of those weights, which tends to 1
        self._good = torch.zeros((), device=device)  # how many
        self._waiting: deque[tuple[int, Tensor, torch.cuda.Event | None]] = deque()

    def judge(self, step: int, loss: Tensor, norm: Tensor, scaled: bool = False) -> Tensor:
        """Whether step `step` must not move the weights: 1.0, or 0.0, a scalar on the device.

        Args:
            step: counted from 0.
            loss: nats a token, a scalar on the device.
            norm: of the gradient, likewise.
            scaled: whether the loss was scaled up for fp16, so that an infinite gradient may be an overflow.
        """
        loss, norm = loss.detach().float(), norm.detach().float()
        recent = self._sum / self._weight.clamp(min=1e-9)
        jumped = (self._good >= SETTLED) & (loss > recent + self.spike) if self.spike else torch.zeros_like(loss) > 0
        bad = ~torch.isfinite(loss) | jumped
        infinite = ~torch.isfinite(norm)
        overflow = infinite & ~bad if scaled else torch.zeros_like(bad)
        skip = bad | infinite
        keep = torch.where(skip, 1.0, SMOOTHING)
        self._sum = keep * self._sum + (1.0 - keep) * torch.where(skip, 0.0, loss)
        self._weight = keep * self._weight + (1.0 - keep)
        self._good = self._good + (~skip).float()
        verdict = torch.where(overflow, OVERFLOW, skip.int()).float()
        self._send(step, torch.stack((loss, norm, verdict, recent)))
        return skip.float()

    def outcomes(self, through: int) -> list[Outcome]:
        """What became of the steps up to `through`, each told once. Waits where a device is not that far yet."""
        known = []
        while self._waiting and self._waiting[0][0] <= through:
            step, values, event = self._waiting.popleft()
            if event is not None:
                event.synchronize()
            loss, norm, verdict, recent = values.tolist()
            known.append(Outcome(step, loss, norm, int(verdict), recent))
        return known

    def state(self) -> dict[str, float]:
        """What a checkpoint must hold of it."""
        return {"sum": float(self._sum), "weight": float(self._weight), "good": float(self._good)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint's state."""
        self._sum, self._weight, self._good = (
            torch.tensor(state[key], dtype=torch.float32, device=self.device) for key in ("sum", "weight", "good")
        )

    def _send(self, step: int, values: Tensor) -> None:
        event = None
        if self.device.type == "cuda":
            host = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            values = host.copy_(values, non_blocking=True)
            event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            event.record()
        self._waiting.append((step, values, event))
