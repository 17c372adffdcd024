"""What makes a training step fast and is set once a process: the compiled model, and memory that is kept.

The trainer and the benchmark both call this, so that what is measured is what is run. What it leaves out: what the
step itself does.
"""

import ctypes
import platform
from collections.abc import Callable

import torch
from torch import Tensor

from fidan.model.build import Model, body_of

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def compiled_body(model: Model) -> Callable[..., Tensor]:
    """The model but for its head, compiled at its first call; on a CPU, sums are ordered in the whole process.

    Ask `fidan.hardware.compile_problem` first whether there is a compiler.
    """
    if next(model.parameters()).device.type == "cpu":
        # The compiler adds up an embedding's gradient from several threads in any order; a resumed run would then
        # differ in its last bits. With this flag it leaves such sums to PyTorch's own, ordered ones.
        order_sums(True)
    body: Callable[..., Tensor] = torch.compile(body_of(model))
    return body


def order_sums(on: bool) -> None:
    """Whether sums that may be added up in any order are ordered, in the whole process; last bits depend on it."""
    torch.use_deterministic_algorithms(on)
    # The flag also fills every new tensor, as a debugging aid for kernels that read what they did not write.
    torch.utils.deterministic.fill_uninitialized_memory = not on  # type: ignore[attr-defined]


def keep_freed_memory() -> bool:
    """Let this process keep the memory of tensors that are freed; whether it could be set (glibc alone can).

    A step allocates and frees the same gigabytes every time. By default glibc maps each large block and gives it
    back at once, so the kernel has to find and clear every page of it anew.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    return bool(libc.mallopt(_M_MMAP_MAX, 0) and libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1))
