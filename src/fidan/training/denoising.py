"""Denoising of packed text: an encoder reads a damaged window, the decoder writes what is missing.

    gaps          source  a b <|mask_0|> e f g <|mask_1|> </s>     target  <|mask_0|> c d <|mask_1|> h i j </s>
    continuation  source  a b c d e f </s>                         target  g h i </s>

Gaps are the span corruption of T5 (Raffel et al., arXiv 1910.10683, section 3.1.4): tokens and gaps are as many in
every window, where they lie is drawn; a window begins with text and ends with a gap. The continuation asks for as
many ids as gaps would, from a window that is longer by two ids a gap, so that all sequences have one shape and no
batch holds padding. The n-th sequence of a run is a function of (seed, n) alone. What it leaves out: how the target
is shifted for the decoder (`fidan.tokenizer.pairs`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.recipe import TrainConfig
from fidan.tokenizer.pairs import EncodedPairs
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.batches import Batch, WindowOrder
from fidan.training.packed_tokens import PackedTokens

Ids = NDArray[np.int64]
_DRAWS = (0, 0, 0, 1)  # where the generator's counter starts: its other numbers are the order's


class Damaged(NamedTuple):
    """What of a window the encoder reads, and what the decoder is to write; neither with its `</s>`."""

    source: Ids
    target: Ids


def with_gaps(window: Ids, taken: int, sentinels: Sequence[int], random: np.random.Generator) -> Damaged:
    """Take tokens out of a window.

    Args:
        window: (L,) ids.
        taken: how many tokens are taken out, at least one a sentinel.
        sentinels: an id for each gap.
        random: draws how long the gaps and the text between them are, all ways alike.
    """
    gaps = len(sentinels)
    kept = _parts(len(window) - taken, gaps, random)
    lost = _parts(taken, gaps, random)
    cuts = np.cumsum(np.stack([kept, lost], 1).reshape(-1))[:-1]  # text, gap, text, gap …
    pieces = np.split(window, cuts)
    marks = np.array(sentinels, np.int64)[:, None]
    source = [part for text, mark in zip(pieces[::2], marks, strict=True) for part in (text, mark)]
    target = [part for mark, gap in zip(marks, pieces[1::2], strict=True) for part in (mark, gap)]
    return Damaged(np.concatenate(source), np.concatenate(target))


def _parts(total: int, count: int, random: np.random.Generator) -> Ids:
    """(count,) positive numbers that sum to `total`, every such row equally likely."""
    cuts = 1 + np.sort(random.choice(total - 1, count - 1, replace=False))
    return np.diff(np.concatenate([[0], cuts, [total]])).astype(np.int64)


class Denoising:
    """The sequences of a denoising run, by number; see `Sequences`.

    Args:
        tokens: packed text.
        config: `sequence_length`, the ids of a window, and the noise.
        seed: of the order, and of what is damaged where.
        tokenizer: of the text, with a sentinel for every gap.

    Raises:
        FidanError: there are too few sentinels, or there is not one window of text.
    """

    def __init__(self, tokens: PackedTokens, config: TrainConfig, seed: int, tokenizer: Tokenizer) -> None:
        self.tokens, self.config, self.seed, self.tokenizer = tokens, config, seed, tokenizer
        self.taken, gaps = config.noise
        self.sentinels = tokenizer.sentinel_ids[:gaps]
        if len(self.sentinels) < gaps:
            raise FidanError(
                f"the tokenizer has {len(self.sentinels)} sentinels, and a sequence {gaps} gaps. Set "
                f"tokenizer.sentinels = {gaps} or more, or train.noise_span higher."
            )
        windows = (tokens.tokens - 2 * gaps) // config.sequence_length
        if windows < 1:
            raise FidanError(
                f"{tokens.tokens:,} {tokens.split} tokens: fewer than one sequence of {config.sequence_length}. "
                "Give more text, or set train.sequence_length lower."
            )
        self._order = WindowOrder(windows, seed)

    @property
    def sequences(self) -> int:
        """Of one epoch: every window once."""
        return self._order.windows

    def damaged(self, number: int) -> Damaged:
        """Sequence `number` of the run."""
        (place,) = self._order.places(number, 1)
        random = np.random.Generator(np.random.Philox(key=[self.seed, number], counter=_DRAWS))
        if random.random() >= self.config.continuation:
            return with_gaps(self._window(place, 0), self.taken, self.sentinels, random)
        cut = self.config.source_length - 1
        window = self._window(place, 2 * len(self.sentinels))
        return Damaged(window[:cut], window[cut:])

    def take(self, first: int, rows: int) -> Batch:
        """See `Sequences`; S and T are the same in every batch."""
        padded = self.encoded(first, rows).padded(range(rows))
        return Batch(*map(torch.from_numpy, (padded.inputs, padded.labels, padded.source)))

    def encoded(self, first: int, rows: int) -> EncodedPairs:
        """Sequences `first` to `first + rows` of the run as sources and targets."""
        damaged = [self.damaged(number) for number in range(first, first + rows)]
        end = np.array([self.tokenizer.eos_id], np.int64)
        return EncodedPairs(
            np.concatenate([part for one in damaged for part in (one.source, end)]),
            self.config.source_length * np.arange(rows + 1),
            np.concatenate([part for one in damaged for part in (one.target, end)]),
            self.config.target_length * np.arange(rows + 1),
            self.tokenizer.bos_id,
            self.tokenizer.pad_id,
        )

    def targets(self, first: int, rows: int) -> int:
        """See `Sequences`."""
        return rows * self.config.target_length

    def documents(self, first: int, rows: int) -> list[int]:
        """See `Sequences`."""
        found: set[int] = set()
        for place in self._order.places(first, rows):
            found.update(self.tokens.documents_in(place * self.config.sequence_length, self.config.sequence_length))
        return sorted(found)

    def _window(self, place: int, more: int) -> Ids:
        return self.tokens.window(place * self.config.sequence_length, self.config.sequence_length + more)
