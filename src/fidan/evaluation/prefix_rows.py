"""Sequences that begin alike, laid out so that what they share is read once.

The sequences are sorted, so that each stands beside the one it shares most with, and written into rows as the nodes
of a forest: a node is a token after all that came before it, and a sequence adds only the nodes that the one before
it did not have. Attention goes from a node to its ancestors alone, so each gets the hidden state that it would have
in a row of its own. The two sentences of a minimal pair, which differ in one word, cost little more than one; the
choices of a question read it once.

What it leaves out: the model (`scoring`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


@dataclass
class Row:
    """Nodes in the order in which they are read, R of them.

    Attributes:
        tokens: of each node.
        positions: of each, counted from the beginning of its sequence.
        paths: for each sequence of the row, its number and its nodes from first to last.
        blocks: for each sequence, the nodes that it shares with the one before it, and how many it adds.
    """

    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    paths: list[tuple[int, Ids]] = field(default_factory=list)
    blocks: list[tuple[Ids, int]] = field(default_factory=list)

    def add(self, number: int, ids: Ids, common: int) -> None:
        """Write one more sequence, whose first `common` ids are those of the one before it."""
        kept = self.paths[-1][1][:common] if self.paths else np.empty(0, np.int64)
        first, new = len(self.tokens), len(ids) - len(kept)
        self.tokens.extend(ids[len(kept) :].tolist())
        self.positions.extend(range(len(kept), len(ids)))
        self.paths.append((number, np.concatenate([kept, np.arange(first, first + new)])))
        self.blocks.append((kept, new))

    def mask(self, size: int) -> NDArray[np.bool_]:
        """(size, size), True where a node may look: at itself and its ancestors. Rows beyond R see themselves."""
        seen = np.eye(size, dtype=np.bool_)
        start = 0
        for kept, new in self.blocks:
            block = slice(start, start + new)
            seen[block, kept] = True
            seen[block, block] = np.tri(new, dtype=np.bool_)
            start += new
        return seen


def prefix_rows(sequences: Sequence[Ids], size: int) -> Iterator[Row]:
    """Rows that hold all sequences.

    Args:
        sequences: ids, none of them empty.
        size: the most nodes of a row; but a row that begins with a long sequence may have twice the nodes of that, so
            that others which share it find room.
    """
    row, last, most = Row(), np.empty(0, np.int64), size
    # Big-endian bytes sort as the ids do.
    for number in sorted(range(len(sequences)), key=lambda i: sequences[i].astype(">i4").tobytes()):
        ids = sequences[number]
        common = shared(last, ids) if row.paths else 0
        if row.paths and len(row.tokens) + len(ids) - common > most:
            yield row
            row, common = Row(), 0
        if not row.paths:
            most = max(size, 2 * len(ids))
        row.add(number, ids, common)
        last = ids
    if row.paths:
        yield row


def shared(a: Ids, b: Ids) -> int:
    """How many ids two sequences have in common at their beginning."""
    length = min(len(a), len(b))
    differ = np.flatnonzero(a[:length] != b[:length])
    return int(differ[0]) if len(differ) else length
