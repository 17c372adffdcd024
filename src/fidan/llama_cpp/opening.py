"""A GGUF file opened in the llama.cpp that is installed.

`native` goes through llama-cpp-python's C functions: fast, and able to go on token by token, but it is compiled while
it is installed. `server` talks to xllamacpp's llama-server in this process: a wheel that installs in seconds.

Both compute on the CPU, with keys and values kept in F32 and without flash attention: there llama.cpp differs from
another correct program by rounding alone, 1e-4 in a logit of an F32 model of 110M parameters, where its own defaults
(an F16 cache, flash attention) are off by 1e-2.
"""

from pathlib import Path

from fidan.errors import FidanError
from fidan.llama_cpp.model import INSTALL, GgufModel, NotInstalled
from fidan.llama_cpp.native import NativeModel
from fidan.llama_cpp.server import ServedModel


def open_gguf(path: Path, *, context: int | None = None, threads: int = 1) -> GgufModel:
    """A GGUF file in llama-cpp-python or, where that is not installed, in xllamacpp.

    Args:
        path: the file.
        context: how many tokens to keep room for; None: as many as the file says.
        threads: of the computation. They wait in loops, so more of them than free cores are very slow.

    Raises:
        NotInstalled: neither is there; the message says how to get one.
        FidanError: no such file, or llama.cpp cannot load it.
    """
    if not path.is_file():
        raise FidanError(f"{path}: no such file. Name a GGUF file.")
    try:
        return NativeModel(path, context, threads)
    except NotInstalled:
        pass
    try:
        return ServedModel(path, context, threads)
    except NotInstalled as error:
        raise NotInstalled(f"{path}: to open it, llama.cpp is needed: {INSTALL}.") from error
