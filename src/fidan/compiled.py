"""Loops over bytes and hashes as machine code, by Numba; compiled at first use and kept for the next process.

Numba's cache asks whether the file has changed that a function stands in, and not whether those have that it calls,
so after an upgrade old code could run. Here the cache is in a folder that is named by a hash of all files with
compiled loops: in `__pycache__` of this package, or in the user's cache folder where that cannot be written to.
Folders of other versions are removed. What it leaves out: which loops there are.
"""

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numba import config, njit

_NAME = "compiled-"
REORDERED = {"reassoc", "contract", "nsz"}


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code: nothing but numbers and arrays in and out, whole numbers wrap around."""
    return _kept(function)


def inlined(function: Callable[..., Any]) -> Any:
    """The same for a part of a loop, which becomes a part of its caller.

    A call that stays a call counts the references to every array it is given, with instructions that lock the memory.
    """
    return _kept(function, forceinline=True)


def reordered(function: Callable[..., Any]) -> Any:
    """The same with sums in any order, so that they are taken many at a time.

    Numbers that are not finite stay what they are: of LLVM's liberties only those that reorder are taken.
    """
    return _kept(function, fastmath=REORDERED)


def parallel(function: Callable[..., Any]) -> Any:
    """`reordered`, with the rounds of each `prange` spread over the cores."""
    return _kept(function, fastmath=REORDERED, parallel=True)


def _kept(function: Callable[..., Any], **options: Any) -> Any:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(_folder())  # looked at while a function is decorated, and by others' functions too
    try:
        return njit(cache=True, nogil=True, **options)(function)
    finally:
        config.CACHE_DIR = before


@cache
def _folder() -> Path:
    package = Path(__file__).parent
    if config.CACHE_DIR:
        base = Path(config.CACHE_DIR) / "fidan"
    elif os.access(package, os.W_OK):
        base = package / "__pycache__"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fidan"
    folder = base / f"{_NAME}{source_key(package)}"
    if not folder.is_dir():
        for other in base.glob(f"{_NAME}*"):
            shutil.rmtree(other, ignore_errors=True)  # another process may be at it, too
    return folder


def source_key(package: Path) -> str:
    """A hash of all files of a package that have compiled loops, or make code for them."""
    digest = xxhash.xxh3_64()
    for path in sorted(package.rglob("*.py")):
        text = path.read_bytes()
        if b"fidan.compiled" in text or b"numba" in text:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(text)
    return digest.hexdigest()


@inlined
def mix(value: np.uint64) -> np.uint64:
    """A 64-bit hash of a 64-bit number, one to one: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
