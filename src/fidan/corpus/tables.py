"""A hash table of 64-bit keys and 64-bit values that compiled loops look into, and its file.

The table is one array, key beside value, with open addressing; key 0 marks a free place. Keys are compared whole, so
two of them are never taken for each other. The file is an array too (.npy), which processes of a machine map into
their memory and so share:

    word 0         bytes of a JSON text that says what the table is and belongs to
    word 1         64-bit xxh3 of all that follows
    words 2 to …   the JSON text, filled up with spaces to a whole number of cache lines
    then           the table

What it leaves out: what keys and values mean (`perplexity`, `decontamination`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import orjson
import xxhash
from numpy.typing import NDArray

from fidan.artifact import write_array
from fidan.compiled import compiled, inlined, mix
from fidan.corpus.filters.words import Hashes
from fidan.corpus.utf8 import Whole
from fidan.errors import ArtifactMismatch

Table: TypeAlias = NDArray[np.uint64]  # (2 * places,): key, value, key, value, …

FILL = 0.6  # of the places that hold a key: 27 bytes a key, and a search looks at 1.8 places of the same cache line

_FREE = np.uint64(0)
_HALF = np.uint64(32)
_LINE = 64  # bytes of a cache line, to which the table is aligned


def new_table(keys: int) -> Table:
    """An empty table with room for so many keys, at most 2^31."""
    return np.zeros(2 * (int(keys / FILL) + 1), dtype=np.uint64)


def has_room(table: Table, keys: int) -> bool:
    """Whether a table may hold so many keys."""
    return keys <= FILL * (len(table) // 2)


def build_table(keys: Hashes, values: Hashes, room: int = 0) -> Table:
    """A table of the given keys and values.

    Args:
        keys: (n,), none of them 0 and no two alike.
        values: (n,).
        room: for so many keys in all; 0: for these.
    """
    table = new_table(max(room, len(keys)))
    _fill(table, keys, values)
    return table


def entries(table: Table) -> tuple[Hashes, Hashes]:
    """The keys of a table in rising order, and their values."""
    keys, values = table[::2], table[1::2]
    used = np.flatnonzero(keys)
    used = used[np.argsort(keys[used])]
    return keys[used], values[used]


@inlined
def place(table: Table, key: np.uint64) -> Whole:
    """Where a key stands in the table, or the free place where it belongs; its value stands at the next index."""
    # The product picks an evenly spread place without a division (Lemire 2019, arXiv:1805.10941).
    at: Whole = np.int64(((mix(key) >> _HALF) * np.uint64(table.size >> 1)) >> _HALF) << 1
    while table[at] != key and table[at] != _FREE:
        at += 2
        if at == table.size:
            at = 0
    return at


@compiled
def _fill(table: Table, keys: Hashes, values: Hashes) -> None:
    for index in range(keys.size):
        at = place(table, keys[index])
        table[at], table[at + 1] = keys[index], values[index]


def save_table(path: Path, kind: str, about: Mapping[str, Any], table: Table) -> None:
    """Write a table, whole or not at all.

    Args:
        path: of the file, `.npy`.
        kind: what sort of table this is, in words; asked for again when it is read.
        about: JSON values that belong to it.
        table: as `build_table` makes it.

    Raises:
        DiskFullError: no room.
    """
    told = orjson.dumps({"kind": kind, "about": about}, option=orjson.OPT_SORT_KEYS)
    padded = told.ljust(len(told) + -(len(told) + 16) % _LINE)
    body = np.concatenate([np.frombuffer(padded, np.uint64), table])
    head = np.array([len(told), _digest(body)], dtype=np.uint64)
    write_array(path, np.concatenate([head, body]))


def load_table(path: Path, kind: str) -> tuple[dict[str, Any], Table]:
    """What belongs to a table, and the table itself, mapped into memory and not to be written to.

    Raises:
        ArtifactMismatch: the file is missing, damaged or not a table of this kind.
    """
    advice = "Delete it and run the corpus stage again."
    try:
        words = np.load(path, mmap_mode="r").view(np.ndarray)
    except FileNotFoundError:
        raise ArtifactMismatch(
            f"{path}: no such file; a {kind} should be there. Run the corpus stage again."
        ) from None
    except (ValueError, EOFError, OSError) as error:
        raise ArtifactMismatch(f"{path}: not a {kind}, or cut short ({error}). {advice}") from error
    whole = words.ndim == 1 and words.dtype == np.uint64 and words.size > 2
    if not whole or _digest(words[2:]) != words[1]:
        raise ArtifactMismatch(f"{path}: not a {kind}, or damaged: its checksum is wrong. {advice}")
    size = int(words[0])
    told = orjson.loads(words[2:].view(np.uint8)[:size].tobytes())
    if told["kind"] != kind:
        raise ArtifactMismatch(f"{path}: a {told['kind']}, where a {kind} is needed. {advice}")
    start = 2 + (size + -(size + 16) % _LINE) // 8
    return told["about"], words[start:]


def _digest(words: NDArray[np.uint64]) -> int:
    return xxhash.xxh3_64_intdigest(words.data)
