"""Set up `.venv` with everything `requirements.txt` pins. Needs Python 3.11+ and nothing else.

Called by `make`. The one decision it takes is which PyTorch: where there is no NVIDIA GPU, the CPU build from
PyTorch's own index, which is ten times smaller; where that index cannot be reached within seconds, whatever build
pip finds, and it says so.
"""

import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "ready"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_SECONDS = 4.0


def has_nvidia_gpu() -> bool:
    """Whether an NVIDIA driver answers on this machine."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    found = shutil.which("nvidia-smi")
    return found is not None and subprocess.run([found, "-L"], capture_output=True, check=False).returncode == 0


def reachable(url: str, seconds: float = PROBE_SECONDS) -> bool:
    """Whether a web address answers within a few seconds."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds):
            return True
    except urllib.error.HTTPError:
        return True  # it answered, if only to say no
    except (urllib.error.URLError, OSError, TimeoutError):
        return False


def has_pip(python: Path) -> bool:
    """Whether this interpreter is there and can install."""
    command = [str(python), "-m", "pip", "--version"]
    return python.exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0


def torch_index(system: str, gpu: bool, index_answers: bool) -> tuple[list[str], str]:
    """Extra arguments for pip to get the right PyTorch, and what to tell the user."""
    if gpu and system == "Windows":
        return (
            [],
            "PyPI's PyTorch for Windows uses no GPU: for yours, install another: https://pytorch.org/get-started",
        )
    if gpu:
        return [], "NVIDIA GPU found: installing PyTorch with CUDA"
    if system != "Linux":
        return [], "installing PyTorch's build for this system"  # PyPI's for macOS and Windows know no CUDA
    if index_answers:
        return ["--extra-index-url", CPU_INDEX], "no NVIDIA GPU: installing PyTorch's CPU build"
    return (
        [],
        f"{CPU_INDEX} does not answer: installing the PyTorch that pip finds, which may be the large CUDA build",
    )


def main() -> None:
    """Make `.venv`, or bring it up to date."""
    if sys.version_info < (3, 11):
        sys.exit(
            f"fidan needs Python 3.11 or newer; this is {platform.python_version()}. Try: make PYTHON=python3.12"
        )
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not has_pip(python):  # an interrupted creation leaves a Python without it
        print(f"making {VENV.name}", flush=True)
        venv.create(VENV, with_pip=True, clear=True)
    gpu = has_nvidia_gpu()
    probe = platform.system() == "Linux" and not gpu
    extra, message = torch_index(platform.system(), gpu, probe and reachable(CPU_INDEX + "/"))
    print(f"{message}\nthis takes a minute or a few", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    torch = next(line for line in requirements if line.startswith("torch=="))
    subprocess.run([*pip, *extra, torch], check=True)
    subprocess.run([*pip, "--requirement", str(ROOT / "requirements.txt")], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True)
    STAMP.touch()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"setting up failed (exit code {error.returncode}): {' '.join(map(str, error.cmd))}")
