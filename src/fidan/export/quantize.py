"""K-quants of a GGUF file (Q4_K_M, Q5_K_M, Q6_K) by a llama.cpp that is found on this machine.

Their blocks are chosen by a search that only llama.cpp has, so it does the work, always in a process of its own: a
crash there is an error here. Looked for in this order:

1. `llama-quantize` on PATH;
2. the module `llama_cpp` (llama-cpp-python);
3. a built libllama in the folder that FIDAN_LLAMA_CPP names;
4. one that npm put below the current folder, in node_modules/@node-llama-cpp.

Rows that are no multiple of 256 cannot be K-quants; llama.cpp gives such a matrix another format, and it is said
which. What it leaves out: writing the file that is quantised (`gguf`).
"""

import errno
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gguf

from fidan.artifact import atomic_path, explain_disk_full
from fidan.errors import FidanError
from fidan.export.gguf import matrices

# llama.h, enum llama_ftype
FILE_TYPES = {"Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18}
BLOCK = 256
FOLDER_VARIABLE = "FIDAN_LLAMA_CPP"
_NPM = Path("node_modules") / "@node-llama-cpp"
# libllama.so, libllama.v0.5.0.so, libllama.dylib, llama.dll; not libllama-common.so
_LIBRARY = re.compile(r"(lib)?llama(\.v?[\d.]+)?\.(so|dylib|dll)(\.\d+)*")


@dataclass(frozen=True)
class Backend:
    """A llama.cpp that can quantise.

    Attributes:
        name: what it is.
        place: where it was found.
        command: source, target and kind to the command that does it.
    """

    name: str
    place: str
    command: Callable[[Path, Path, str], list[str]]


def find_backend() -> Backend:
    """The first llama.cpp in the order above.

    Raises:
        FidanError: there is none, or FIDAN_LLAMA_CPP names a folder without one.
    """
    if program := shutil.which("llama-quantize"):
        return Backend("llama-quantize", program, lambda source, to, kind: [program, str(source), str(to), kind])
    if importlib.util.find_spec("llama_cpp"):
        return Backend("llama-cpp-python", "module llama_cpp", _by_library("llama_cpp"))
    if named := os.environ.get(FOLDER_VARIABLE):
        if not (library := _library_below(Path(named))):
            raise FidanError(f"{FOLDER_VARIABLE} = {named!r}: there is no libllama in that folder. Name one with it.")
        return Backend("libllama", str(library), _by_library(str(library)))
    if library := _library_below(_NPM):
        return Backend("libllama", str(library), _by_library(str(library)))
    raise FidanError(
        "K-quants are made by llama.cpp, and none was found on this machine. Install one of:\n"
        "  llama-quantize on PATH: https://github.com/ggml-org/llama.cpp/releases, or brew install llama.cpp\n"
        "  pip install 'fidan[llama-cpp]'   (compiles for some minutes)\n"
        "  npm install @node-llama-cpp/linux-x64   (or win-x64, mac-arm64-metal, …; no compiler needed)\n"
        f"or name the folder of a built libllama in {FOLDER_VARIABLE}. Without it: --quantize Q8_0 or Q4_0."
    )


def quantize(source: Path, kind: str, target: Path, say: Callable[[str], None]) -> str:
    """Make a K-quant of a GGUF file that has all its precision still.

    Args:
        source: F32, F16 or BF16.
        kind: one of `FILE_TYPES`.
        target: the file to write; appears whole or not at all.
        say: is told what does it, and which matrices it gave another format.

    Returns:
        The name of what did it.

    Raises:
        FidanError: no llama.cpp, or it failed; the end of what it said is shown.
        DiskFullError: no room.
    """
    backend = find_backend()
    say(f"{target.name}: by {backend.name} ({backend.place})")
    with atomic_path(target) as temporary:
        command = backend.command(source.absolute(), temporary.absolute(), kind)
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if result.returncode or not temporary.is_file():
            if shutil.disk_usage(target.parent).free < source.stat().st_size:  # it does not say so itself
                raise explain_disk_full(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), target)
            said = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
            raise FidanError(
                f"{backend.name} ({backend.place}) could not make {kind}: {_how_it_ended(result.returncode)}. "
                f"It said: {' | '.join(said[-3:]) or 'nothing'}. Try another llama.cpp, or Q8_0."
            )
    for line in other_formats(target):
        say(f"{target.name}: {line}")
    return backend.name


def other_formats(path: Path) -> list[str]:
    """Which matrices of a K-quant file are none, and what they are instead; a line a format."""
    found: dict[str, dict[str, int]] = {}
    for tensor in gguf.GGUFReader(path).tensors:
        if len(tensor.shape) > 1 and tensor.shape[0] % BLOCK:
            found.setdefault(tensor.tensor_type.name, {})[tensor.name] = int(tensor.shape[0])
    return [
        f"{kind} instead of a K-quant, as their rows are no multiple of {BLOCK}: {matrices(rows)}"
        for kind, rows in sorted(found.items())
    ]


def _by_library(library: str) -> Callable[[Path, Path, str], list[str]]:
    # -P: its folder must not come first on its path, where our gguf.py would stand for the package of that name.
    worker = [sys.executable, "-P", str(Path(__file__).with_name("llama_library.py")), library]
    return lambda source, to, kind: [*worker, str(source), str(to), str(FILE_TYPES[kind])]


def _library_below(folder: Path) -> Path | None:
    found = (path for path in sorted(folder.rglob("*llama*")) if _LIBRARY.fullmatch(path.name))
    return next((path.absolute() for path in found), None)


def _how_it_ended(code: int) -> str:
    return f"it was ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
