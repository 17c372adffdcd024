"""A text as compiled loops see it: its bytes in UTF-8, made once, and read a character at a time.

What it leaves out: what a character is (`fidan.corpus.characters`), and bytes that are not UTF-8, which are seen to
where sources are read.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import inlined

Bytes: TypeAlias = NDArray[np.uint8]
Whole: TypeAlias = Any  # an int or one of NumPy's, which are the same to a compiled loop

_latest: tuple[str, Bytes] = ("", np.empty(0, np.uint8))


def encoded(text: str) -> Bytes:
    """The bytes of a text, not to be written to.

    Every step of a task is given the same text before any is given the next one, so the latest one is kept.
    """
    global _latest
    latest = _latest
    if latest[0] is not text:
        # A lone surrogate is the writer's fault to report.
        latest = _latest = text, np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    return latest[1]


@inlined
def decode(data: Bytes, position: Whole) -> tuple[Whole, Whole]:
    """The code point at a position of well-formed UTF-8, and its length in bytes."""
    at = np.uint64(position)  # Numba does not ask whether an unsigned index counts from the end
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    second = np.int64(data[at + np.uint64(1)]) & 0x3F
    if first < 0xE0:
        return (first & 0x1F) << 6 | second, 2
    third = np.int64(data[at + np.uint64(2)]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third, 3
    return (first & 0x07) << 18 | second << 12 | third << 6 | (np.int64(data[at + np.uint64(3)]) & 0x3F), 4
