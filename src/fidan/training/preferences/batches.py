"""The pairs of a run on preferences, by number: rows of chosen and of rejected answers side by side.

The n-th pair of a run is a function of n, the seed and the batch size alone: to resume is to go on counting. What it
leaves out: ids (`fidan.tokenizer.preferences`), and the order by length (`training.pairs.order`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

from fidan.tokenizer.preferences import EncodedPreferences, Ids
from fidan.training.batches import Batch
from fidan.training.pairs.order import draw_order


@dataclass(frozen=True)
class PreferenceBatch(Batch):
    """B pairs as 2 B rows of `inputs` and `labels`: the chosen answers of all, then the rejected ones.

    Attributes:
        reference: (2 B,) fp32, the log-probability of each row's answer by the weights that the training starts from.
    """

    reference: Tensor = field(kw_only=True)


class PreferenceBatches:
    """`Sequences` of a trainer: pairs.

    Args:
        preferences: to learn from, N of them.
        reference: (2 N,) as of a batch, in the order of `preferences.rows`.
        batch_size: pairs that are read together, of like length.
        seed: of the order.
        padding: the id behind shorter rows; nothing is learnt from it.
    """

    def __init__(
        self, preferences: EncodedPreferences, reference: Tensor, batch_size: int, seed: int, padding: int
    ) -> None:
        assert len(reference) == len(preferences.rows)
        self.preferences, self.reference = preferences, reference
        self._batch_size, self._seed, self._padding = batch_size, seed, padding
        self._longest = preferences.lengths.reshape(-1, 2).max(1)
        self._order = lru_cache(maxsize=2)(self._draw_order)

    @property
    def sequences(self) -> int:
        """Of one epoch."""
        return len(self.preferences)

    def places(self, first: int, rows: int) -> list[int]:
        """Which pairs sequences `first` to `first + rows` of the run are."""
        count = len(self.preferences)
        return [int(self._order(n // count)[n % count]) for n in range(first, first + rows)]

    def take(self, first: int, rows: int) -> PreferenceBatch:
        """Sequences `first` to `first + rows` of the run."""
        places = rows_of(self.places(first, rows))
        inputs, labels = map(torch.from_numpy, self.preferences.padded(places, self._padding))
        return PreferenceBatch(inputs, labels, reference=self.reference[places])

    def targets(self, first: int, rows: int) -> float:
        """How many pairs they are: the loss is a mean over pairs."""
        return float(rows)

    def documents(self, first: int, rows: int) -> list[int]:
        """The numbers of those pairs among all that were given to learn from, in order."""
        return sorted({int(self.preferences.numbers[place]) for place in self.places(first, rows)})

    def _draw_order(self, epoch: int) -> Ids:
        return draw_order(self._longest, self._longest, self._batch_size, self._seed, epoch)


def rows_of(pairs: Iterable[int]) -> list[int]:
    """The rows of pairs: those of the chosen answers, then those of the rejected ones."""
    places = list(pairs)
    return [2 * n for n in places] + [2 * n + 1 for n in places]
