"""Loops over bytes and hashes as machine code, by Numba; compiled at first use and kept beside the source.

Numba's cache looks at the file a function stands in, and not at the files of what it calls: after a change of `mix`
the `__pycache__` folders must go. What it leaves out: which loops there are.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code: nothing but numbers and arrays in and out, whole numbers wrap around."""
    return njit(cache=True, nogil=True)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """The same for a part of a loop, which becomes a part of its caller.

    A call that stays a call counts the references to every array it is given, with instructions that lock the memory.
    """
    return njit(cache=True, nogil=True, forceinline=True)(function)


@inlined
def mix(value: np.uint64) -> np.uint64:
    """A 64-bit hash of a 64-bit number, one to one: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
