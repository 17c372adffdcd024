"""The rows of a training on conversations, by number: several of them in each, or a window of the pretraining text.

A conversation of n ids takes n - 1 positions, of which each predicts the next id; no label is of another one.
Labels that do not count are -100: padding, and without a prompt weight all that the assistant does not write. Each
conversation begins with `<s>`, by which the objective keeps attention apart (`model.document_mask`).

A share of the rows are windows of T tokens of the text that the model was pretrained on, of which every label counts:
a model that sees only conversations forgets what it knew of other text ("experience replay"; Scialom et al., arXiv
2205.12393, found 1 % of earlier data enough for instructions). Each epoch has all conversations and other windows,
and the windows stand evenly among the other rows, so that one step is like the next.

The n-th row of a run is a function of n and settings alone: to resume is to go on counting.
"""

from typing import NamedTuple

import numpy as np
import torch

from fidan.errors import FidanError
from fidan.tokenizer.conversations import EncodedConversations
from fidan.training.batches import Batch, WindowOrder
from fidan.training.conversations.fitting import best_fit
from fidan.training.loss import IGNORE
from fidan.training.packed_tokens import PackedTokens


class Place(NamedTuple):
    """What a sequence is.

    Attributes:
        window: whether it is a window of text.
        number: of the window, or of the row of conversations.
    """

    window: bool
    number: int


class ConversationRows:
    """`Sequences` of a trainer.

    Args:
        conversations: to learn from, of at most T + 1 ids.
        length: T.
        seed: of the order.
        padding: the id that fills a row; nothing is learnt from it.
        prompt_weight: of a label that the assistant does not write; 0: none of them counts.
        replay: share of the rows that are windows of `text`; 0: none.
        text: what the model was pretrained on.

    Attributes:
        packed: rows of conversations in an epoch.
        replayed: windows in an epoch.

    Raises:
        FidanError: there is not one window of text.
    """

    def __init__(
        self,
        conversations: EncodedConversations,
        length: int,
        seed: int,
        padding: int,
        prompt_weight: float = 0.0,
        replay: float = 0.0,
        text: PackedTokens | None = None,
    ) -> None:
        self.conversations, self.length, self._padding = conversations, length, padding
        self._prompt_weight, self._text = prompt_weight, text
        self._rows = best_fit(conversations.lengths - 1, length)
        self.packed = len(self._rows)
        self.replayed = max(round(self.packed * replay / (1 - replay)), 1) if replay and text else 0
        self._order = WindowOrder(self.packed, seed)
        if text and self.replayed:
            windows = (text.tokens - 1) // length
            if windows < 1:
                raise FidanError(
                    f"{text.tokens:,} tokens of pretraining text: fewer than one row of {length}. Set replay = 0, or "
                    "sequence_length lower."
                )
            self._windows = WindowOrder(windows, seed)
        written = conversations.answers
        weights = written + prompt_weight * (conversations.lengths - 1 - written)
        self._targets = [float(weights[row].sum()) for row in self._rows]

    @property
    def sequences(self) -> int:
        """Of one epoch."""
        return self.packed + self.replayed

    def take(self, first: int, rows: int) -> Batch:
        """Sequences `first` to `first + rows` of the run."""
        inputs = np.full((rows, self.length), self._padding, dtype=np.int64)
        labels = np.full((rows, self.length), IGNORE, dtype=np.int64)
        weights = np.zeros((rows, self.length), dtype=np.float32)
        for row, place in enumerate(self.places(first, rows)):
            if place.window:
                ids = self._window(place.number)
                inputs[row], labels[row], weights[row] = ids[:-1], ids[1:], 1
            else:
                self._fill(place.number, inputs[row], labels[row], weights[row])
        weighted = torch.from_numpy(weights) if self._prompt_weight else None
        return Batch(torch.from_numpy(inputs), torch.from_numpy(labels), weights=weighted)

    def targets(self, first: int, rows: int) -> float:
        """The weights of the labels of those sequences, added up; without a prompt weight their number."""
        places = self.places(first, rows)
        return sum(float(self.length) if place.window else self._targets[place.number] for place in places)

    def documents(self, first: int, rows: int) -> list[int]:
        """The numbers of the conversations in those sequences, in order; windows of text have none."""
        packed = (self._rows[place.number] for place in self.places(first, rows) if not place.window)
        return sorted({int(self.conversations.numbers[number]) for row in packed for number in row})

    @property
    def filled(self) -> float:
        """The share of the positions in rows of conversations that are no padding."""
        return float((self.conversations.lengths - 1).sum()) / (self.packed * self.length)

    @property
    def replayed_share(self) -> float:
        """The share of windows in what counts, by weight: greater than that of the rows, of which little counts."""
        return self.replayed * self.length / (self.mean_targets * self.sequences)

    @property
    def mean_targets(self) -> float:
        """Labels that count in a sequence, by their weight, in the mean of an epoch."""
        return (sum(self._targets) + self.replayed * self.length) / self.sequences

    def places(self, first: int, rows: int) -> list[Place]:
        """What sequences `first` to `first + rows` of the run are."""
        return [self._place(number) for number in range(first, first + rows)]

    def _place(self, number: int) -> Place:
        epoch, inside = divmod(number, self.sequences)
        before, after = (n * self.replayed // self.sequences for n in (inside, inside + 1))  # windows
        if after > before:
            (window,) = self._windows.places(epoch * self.replayed + before, 1)
            return Place(True, window)
        (row,) = self._order.places(epoch * self.packed + inside - before, 1)
        return Place(False, row)

    def _window(self, number: int) -> np.ndarray:
        """T + 1 tokens of text."""
        assert self._text is not None
        return self._text.window(number * self.length, self.length + 1)

    def _fill(self, place: int, inputs: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        """Write the conversations of a row into (T,) inputs, labels and weights."""
        start = 0
        for number in self._rows[place]:
            ids, written = self.conversations.ids[number], self.conversations.written[number][1:]
            part = slice(start, start + len(ids) - 1)
            inputs[part] = ids[:-1]
            labels[part] = ids[1:] if self._prompt_weight else np.where(written, ids[1:], IGNORE)
            weights[part] = np.where(written, 1, self._prompt_weight)
            start = part.stop
