"""An index of the runs of words of known texts, and what of them stands in a document.

A run is of `ngram` words, or a shorter text whole. What it leaves out: whose runs they are, and what a run in common
means (`decontamination`, `fidan.evaluation.contamination`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.filters.word_runs import find_runs, mark_beginnings
from fidan.corpus.filters.words import Hashes
from fidan.corpus.tables import Table, build_table

_ROOM = 16  # runs that are asked for at first; more are rare
_FILTER_BITS = 16  # for each run; then one place in 16 that begins no run must be looked at closer


@dataclass(frozen=True)
class RunIndex:
    """The runs of words of known texts. Memory: 29 bytes a run.

    Attributes:
        lengths: of the runs, in words, (n,), rising.
        table: a run's hash to its value.
        beginnings: (words,), bits; those are set that the beginning of a run picks, in as many words as the shortest
            run has. At nearly every place of a document one look at them says that no run of any length begins there.
    """

    lengths: NDArray[np.int64]
    table: Table
    beginnings: Hashes

    def find(self, words: Hashes) -> NDArray[np.int64]:
        """The runs in a text, in its order: (n, 3), first word, length and value of each.

        Args:
            words: hashes of the text's words, (words,).
        """
        found = np.empty((_ROOM, 3), np.int64)
        while (number := find_runs(words, self.lengths, self.table, self.beginnings, found)) > len(found):
            found = np.empty((number, 3), np.int64)
        return found[:number]


def index_runs(texts: Sequence[Hashes], ngram: int, keys: Hashes, values: Hashes) -> RunIndex:
    """An index of texts, at least one of them.

    Args:
        texts: hashes of the words of each, (words,); none has fewer than one.
        ngram: words of a run.
        keys: (n,), hashes of all their runs, each once; see `word_runs.run_keys`.
        values: (n,), what `find` tells of each.
    """
    lengths = np.unique([min(len(words), ngram) for words in texts]).astype(np.int64)
    beginnings = np.zeros(1 + _FILTER_BITS * len(keys) // 64, np.uint64)
    for words in texts:
        mark_beginnings(words, min(len(words), ngram), lengths[0], beginnings)
    return RunIndex(lengths, build_table(keys, values), beginnings)


def merge_runs(runs: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Runs of one value that overlap as one: value, first word, last word, in the order of the text.

    Args:
        runs: first word, length and value of each, in the order of the text.
    """
    merged: list[tuple[int, int, int]] = []
    latest: dict[int, int] = {}  # the place in `merged` of a value's latest one
    for first, length, value in runs:
        last, place = first + length - 1, latest.get(value, -1)
        if place >= 0 and first <= merged[place][2]:
            merged[place] = value, merged[place][1], max(last, merged[place][2])
        else:
            latest[value] = len(merged)
            merged.append((value, first, last))
    return merged
