"""How fast a training goes and how much memory it takes, without holding it up.

A GPU works behind the program's back: the time of one step says nothing until a value has been read from the device.
So steps are counted when they are sent off, and time is taken when a record is made, which reads the loss.
"""

import time
from collections.abc import Callable

import psutil
import torch

HALF_LIFE = 20.0  # seconds after which a stretch of training counts half in the speed
MEMORY_SECONDS = 1.0  # between two questions to the system for the process's memory


class Pace:
    """Tokens a second, their share of the machine's peak, memory, and the seconds of training.

    The first step of a session is left out of the speed: it compiles and warms up.

    Args:
        flops_per_token: `ModelConfig.flops_per_token`.
        peak: operations a second of the matrix product on this device.
        device: whose memory is asked for.
        seconds: of training before this session.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        flops_per_token: float,
        peak: float,
        device: torch.device,
        seconds: float = 0.0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.flops_per_token, self.peak, self.device, self.seconds = flops_per_token, peak, device, seconds
        self._clock = clock
        self._warm = False
        self._new_tokens, self._new_seconds = 0.0, 0.0  # since the last `measure`
        self._tokens, self._seconds = 0.0, 0.0  # of this session, the older the less they count
        self._memory, self._asked = 0, -MEMORY_SECONDS
        self.restart()

    def restart(self) -> None:
        """Forget the time since the last step: it went into something else (a validation, a checkpoint)."""
        self._since = self._clock()

    def step(self, tokens: float) -> None:
        """Count a step of so many tokens, by their weight."""
        took = self._lap()
        if self._warm:
            self._new_tokens, self._new_seconds = self._new_tokens + tokens, self._new_seconds + took
        self._warm = True

    def measure(self) -> None:
        """Bring speed and memory up to date; call it when the device has just been waited for."""
        took = self._lap()
        if self._new_tokens:
            took += self._new_seconds
            keep = 0.5 ** (took / HALF_LIFE)
            self._tokens = keep * self._tokens + self._new_tokens
            self._seconds = keep * self._seconds + took
            self._new_tokens, self._new_seconds = 0.0, 0.0
        if self._clock() - self._asked >= MEMORY_SECONDS:
            self._memory, self._asked = memory_in_use(self.device), self._clock()

    @property
    def tokens_per_second(self) -> float:
        """Of the last minute or so; 0 before the second step."""
        return self._tokens / self._seconds if self._seconds else 0.0

    @property
    def mfu(self) -> float:
        """Model FLOPs utilisation: operations the model needs a second, over the peak of the matrix product."""
        return self.tokens_per_second * self.flops_per_token / self.peak

    @property
    def memory_bytes(self) -> int:
        """As `memory_in_use` said at the last `measure`, at most about a second before it."""
        return self._memory

    def _lap(self) -> float:
        now = self._clock()
        took, self._since = now - self._since, now
        self.seconds += took
        return took


def memory_in_use(device: torch.device) -> int:
    """Bytes: on a GPU the most that tensors have held so far, on a CPU what the process holds now.

    On a CPU the two are nearly the same after the first steps, since freed memory is kept for the next step.
    """
    if device.type == "cpu":
        return int(psutil.Process().memory_info().rss)
    if device.type == "mps":
        return int(torch.mps.driver_allocated_memory())
    return int(torch.get_device_module(device).max_memory_allocated(device))


def training_note(
    loss: float, bits_per_byte: float | None, tokens_per_second: float, mfu: float, memory_bytes: int
) -> str:
    """How it goes, in one line: `loss 3.412  1.23 bits/byte  18,300 tokens/s  MFU 37% of peak  1.2 GB`.

    Args:
        loss: nats a token.
        bits_per_byte: the same by the tokenizer's bytes a token; None where that is not known.
        tokens_per_second: 0 where no step has been timed yet; speed and MFU are then left out.
        mfu: share of the peak.
        memory_bytes: 0 leaves it out.
    """
    told = [f"loss {loss:.3f}"]
    if bits_per_byte is not None:
        told.append(f"{bits_per_byte:.2f} bits/byte")
    if tokens_per_second:
        told += [f"{tokens_per_second:,.0f} tokens/s", f"MFU {100 * mfu:.0f}% of peak"]
    if memory_bytes:
        told.append(f"{memory_bytes / 1e9:.1f} GB")
    return "  ".join(told)
