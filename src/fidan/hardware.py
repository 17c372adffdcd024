"""What this machine can do: device, number formats, compiler, memory, and the matrix product's peak.

Used by the trainer to choose and to express its speed as a share of the peak (MFU), and by `fidan doctor`.
"""

import platform
import shutil
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch

from fidan.errors import FidanError
from fidan.workers import cores

# Dense peaks of bf16 and fp16 in TFLOP/s, from NVIDIA's data sheets (without sparsity); the first match counts.
# Cards whose names are a part of other cards' names (A10, L4) are left to measurement.
HALF_TFLOPS = (
    ("B200", 2250.0),
    ("H200", 989.0),
    ("H100 PCIe", 756.0),
    ("H100", 989.0),
    ("A100", 312.0),
    ("L40S", 362.0),
    ("RTX 5090", 209.5),
    ("RTX 4090", 165.2),
    ("RTX 3090", 71.0),
    ("V100", 125.0),
    ("Tesla T4", 65.0),
)


def pick_device(name: str = "auto") -> torch.device:
    """The device to work on; "auto" takes CUDA, then Apple's MPS, then the CPU.

    Raises:
        FidanError: the device named is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise FidanError(f"device = {name!r}: not on this machine ({str(error).splitlines()[0]}).") from error
    return device


def device_name(device: torch.device) -> str:
    """What the device is called by its maker."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "Apple GPU (MPS)" if device.type == "mps" else _cpu_name()


def has_fast_bf16(device: torch.device) -> bool:
    """Whether bf16 products run in hardware; emulated ones are slower than fp32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        flags = _cpu_flags()
        return "avx512_bf16" in flags or "amx_bf16" in flags or "bf16" in flags
    return False


def pick_precision(setting: str, device: torch.device) -> torch.dtype:
    """The type of the matrix products: "auto" is bf16 where the hardware has it, fp32 elsewhere."""
    if setting == "auto":
        return torch.bfloat16 if has_fast_bf16(device) else torch.float32
    return {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[setting]


def dtype_name(dtype: torch.dtype) -> str:
    """As a user writes it: `bfloat16`."""
    return str(dtype).removeprefix("torch.")


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[Any]:
    """Matrix products in `dtype` within this context; does nothing for fp32."""
    return torch.autocast(device.type, dtype, enabled=dtype != torch.float32)


def peak_flops(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of the matrix product: a known card's data sheet, or else measured here."""
    if device.type == "cuda" and dtype in (torch.bfloat16, torch.float16):
        name = torch.cuda.get_device_name(device)
        for part, tera in HALF_TFLOPS:
            if part in name:
                return tera * 1e12
    return measure_matmul(device, dtype)


def measure_matmul(device: torch.device, dtype: torch.dtype, seconds: float = 0.5) -> float:
    """Operations a second of a square matrix product, the best of several runs."""
    size = 2048 if device.type == "cpu" else 8192  # large enough to fill the device
    while size > 256 and 64 * _product_seconds(size // 4, device, dtype, 0.0) > 8 * seconds:
        size //= 2  # without hardware for it, as fp16 on most CPUs, a large one takes half a minute
    return 2 * size**3 / _product_seconds(size, device, dtype, seconds)


def _product_seconds(size: int, device: torch.device, dtype: torch.dtype, seconds: float) -> float:
    """Of one square product, the best of as many as fit into `seconds`, at least two: the first warms up."""
    # Filled without the global random state, which belongs to the training.
    a, b = (torch.linspace(-1, 1, size * size, device=device).view(size, size).to(dtype) for _ in range(2))
    times: list[float] = []
    began = time.perf_counter()
    while len(times) < 2 or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        float((a @ b)[0, 0])  # reading a value waits for the device
        times.append(time.perf_counter() - start)
    return min(times)


def compile_problem(device: torch.device) -> str | None:
    """Why `torch.compile` does not work here (no C++ compiler, no Triton); None when it does."""
    compiled = torch.compile(lambda x: torch.sin(x) + 1)
    try:
        compiled(torch.zeros(8, device=device))
    except (RuntimeError, OSError, ImportError) as error:
        return str(error).strip().splitlines()[0]
    return None


@dataclass(frozen=True)
class Machine:
    """The facts of a machine that `fidan doctor` shows."""

    system: str
    processor: str
    cores: int
    memory_bytes: int
    free_memory_bytes: int
    free_disk_bytes: int
    accelerator: str
    accelerator_memory_bytes: int
    bf16: bool
    torch_version: str
    threads: int


def inspect(folder: Path) -> Machine:
    """Look at this machine; `folder` says which disk is meant."""
    device = pick_device()
    memory = psutil.virtual_memory()
    accelerator, accelerator_memory = "none", 0
    if device.type == "cuda":
        accelerator = device_name(device)
        accelerator_memory = torch.cuda.get_device_properties(device).total_memory
    elif device.type == "mps":
        accelerator = device_name(device)
    return Machine(
        system=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        processor=_cpu_name(),
        cores=cores(),
        memory_bytes=memory.total,
        free_memory_bytes=memory.available,
        free_disk_bytes=shutil.disk_usage(folder).free,
        accelerator=accelerator,
        accelerator_memory_bytes=accelerator_memory,
        bf16=has_fast_bf16(device),
        torch_version=torch.__version__,
        threads=torch.get_num_threads(),
    )


def _cpu_info() -> str:
    path = Path("/proc/cpuinfo")  # Linux; elsewhere we know less and say less
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _cpu_flags() -> set[str]:
    for line in _cpu_info().splitlines():
        if line.startswith(("flags", "Features")):
            return set(line.partition(":")[2].split())
    return set()


def _cpu_name() -> str:
    for line in _cpu_info().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
