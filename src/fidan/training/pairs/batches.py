"""The pairs of a training run, by number: source, inputs and labels as tensors.

The n-th pair of a run is a function of n, the seed and the batch size alone, however many processes share the work:
to resume is to go on counting. What it leaves out: ids and the shift by one (`fidan.tokenizer.pairs`), and the order
itself (`order`).
"""

from functools import lru_cache

import torch

from fidan.errors import FidanError
from fidan.tokenizer.pairs import EncodedPairs
from fidan.training.batches import Batch
from fidan.training.pairs.order import Ids, draw_order


class PairBatches:
    """The pairs of a run, epoch after epoch; `Sequences` of a trainer.

    Args:
        pairs: to learn from.
        batch_size: rows that are asked for together, of like length. Any other number of rows gives the same pairs in
            the same order, with more padding.
        seed: of the order.
        multiple: source and target are padded to a multiple of this.

    Attributes:
        sequences: of an epoch.

    Raises:
        FidanError: the batch size or the multiple is below 1.
    """

    def __init__(self, pairs: EncodedPairs, batch_size: int, seed: int, multiple: int = 1) -> None:
        if batch_size < 1 or multiple < 1:
            raise FidanError(f"batch_size = {batch_size}, multiple = {multiple}: both must be at least 1.")
        self.pairs, self.batch_size, self.seed, self.multiple = pairs, batch_size, seed, multiple
        self.sequences = len(pairs)
        self._sources, self._targets = pairs.source_lengths, pairs.target_lengths
        self._order = lru_cache(maxsize=2)(self._draw_order)

    def places(self, first: int, rows: int) -> list[int]:
        """Which pairs sequences `first` to `first + rows` of the run are."""
        numbers = range(first, first + rows)
        return [int(self._order(n // self.sequences)[n % self.sequences]) for n in numbers]

    def take(self, first: int, rows: int) -> Batch:
        """Sequences `first` to `first + rows` of the run."""
        padded = self.pairs.padded(self.places(first, rows), self.multiple)
        inputs, labels, source = map(torch.from_numpy, (padded.inputs, padded.labels, padded.source))
        return Batch(inputs, labels, source)

    def targets(self, first: int, rows: int) -> int:
        """How many labels of those sequences count."""
        return int(self._targets[self.places(first, rows)].sum())

    def documents(self, first: int, rows: int) -> list[int]:
        """The numbers of the pairs that those sequences are, in order."""
        return sorted(set(self.places(first, rows)))

    def _draw_order(self, epoch: int) -> Ids:
        return draw_order(self._sources, self._targets, self.batch_size, self.seed, epoch)
