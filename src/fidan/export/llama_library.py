"""One call into a llama.cpp library, as a program: `python -P llama_library.py LIBRARY SOURCE TARGET TYPE`.

It is a process of its own because foreign machine code may crash, and it imports nothing of ours. LIBRARY is the path
of a libllama, or `llama_cpp` for the module of that name. The exit code is that of `llama_model_quantize`. What it
leaves out: finding a library, and saying what went wrong (`quantize`).
"""

import ctypes
import sys
from pathlib import Path


class Parameters(ctypes.Structure):
    """`llama_model_quantize_params` with room to spare.

    Only its first two members are known here; the rest has grown over the versions, so the library fills it in and
    gets it back as it was.
    """

    _fields_ = (("threads", ctypes.c_int32), ("file_type", ctypes.c_int32), ("rest", ctypes.c_uint8 * 1016))


def by_library(path: Path, source: bytes, target: bytes, file_type: int) -> int:
    """Quantise by a libllama whose ggml lies beside it."""
    ggml = next(file for file in sorted(path.parent.iterdir()) if file.name.startswith(("libggml.", "ggml.")))
    backends = ctypes.CDLL(str(ggml), mode=ctypes.RTLD_GLOBAL)
    backends.ggml_backend_load_all_from_path(str(path.parent).encode())  # it has none built in
    library = ctypes.CDLL(str(path))
    library.llama_model_quantize_default_params.restype = Parameters
    parameters = library.llama_model_quantize_default_params()
    parameters.file_type = file_type
    library.llama_model_quantize.restype = ctypes.c_uint32
    return int(library.llama_model_quantize(source, target, ctypes.byref(parameters)))


def by_module(source: bytes, target: bytes, file_type: int) -> int:
    """Quantise by llama-cpp-python."""
    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = file_type
    return int(llama_cpp.llama_model_quantize(source, target, ctypes.byref(parameters)))


if __name__ == "__main__":
    library, *files, kind = sys.argv[1:]
    here, there = (file.encode() for file in files)
    if library == "llama_cpp":
        sys.exit(by_module(here, there, int(kind)))
    sys.exit(by_library(Path(library), here, there, int(kind)))
