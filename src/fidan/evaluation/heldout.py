"""Held-out loss: whole documents, in windows that overlap, every token counted once, padding never.

A document is `<s> ids </s>`. Its ids and its end are predicted, the `<s>` is given; the sum of their negative
log-probabilities is the length of a code for the document, so that divided by its UTF-8 bytes it compares models
with different tokenizers, and with a compressor. What it leaves out: where documents come from (`texts`), and the
spread over them (`metrics.statistics`).
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from fidan.evaluation.metrics.calibration import BINS
from fidan.evaluation.metrics.likelihood import bits_per_byte, perplexity
from fidan.evaluation.predictions import Predictions, predict
from fidan.model.decoder import Decoder
from fidan.progress import Reporter

# Positions in one forward pass, padding included. On a CPU more do not make products faster, and activations that
# leave the cache make all else slower.
BATCH_TOKENS = 1024
BATCH_TOKENS_GPU = 32768
PADDED = 1.125  # a batch of at least `FULL` positions takes no window so many times as long as its shortest
FULL = 256
GROUP_WINDOWS = 4096  # windows sorted by length together, so that a batch pads little
TOP = 5

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


class Document(NamedTuple):
    """A held-out document.

    Attributes:
        ids: `<s> … </s>`.
        text_bytes: UTF-8 bytes of its text.
    """

    ids: Ids
    text_bytes: int


@dataclass
class HeldOutLoss:
    """What the documents cost the model, and where. Of D documents, P ranges of positions, `BINS` bins of confidence.

    Attributes:
        text_bytes: (D,).
        tokens: (D,) that were predicted.
        nats: (D,) summed negative log-probabilities.
        correct: (D,) tokens that were the likeliest.
        in_top: (D,) tokens among the `TOP` likeliest.
        position_tokens: (P,) of all documents. Range 0 is the first token, range i ≥ 1 are those from 2^(i-1) on.
        position_nats: (P,).
        position_bytes: (P,) of the text; the space that encoding puts before a document counts as one.
        bin_tokens: (BINS,).
        bin_correct: (BINS,).
        bin_confidence: (BINS,) summed.
    """

    text_bytes: Ids = field(default_factory=lambda: np.zeros(0, np.int64))
    tokens: Ids = field(default_factory=lambda: np.zeros(0, np.int64))
    nats: Floats = field(default_factory=lambda: np.zeros(0))
    correct: Floats = field(default_factory=lambda: np.zeros(0))
    in_top: Floats = field(default_factory=lambda: np.zeros(0))
    position_tokens: Floats = field(default_factory=lambda: np.zeros(0))
    position_nats: Floats = field(default_factory=lambda: np.zeros(0))
    position_bytes: Floats = field(default_factory=lambda: np.zeros(0))
    bin_tokens: Floats = field(default_factory=lambda: np.zeros(BINS))
    bin_correct: Floats = field(default_factory=lambda: np.zeros(BINS))
    bin_confidence: Floats = field(default_factory=lambda: np.zeros(BINS))

    @property
    def documents(self) -> int:
        """D."""
        return len(self.nats)

    @property
    def bits_per_byte(self) -> float:
        """Bits to write one UTF-8 byte of text; lower is better."""
        return bits_per_byte(float(self.nats.sum()), int(self.text_bytes.sum()))

    @property
    def loss(self) -> float:
        """Nats a token."""
        return float(self.nats.sum()) / int(self.tokens.sum())

    @property
    def perplexity(self) -> float:
        """exp(loss); compares only models with the same tokenizer."""
        return perplexity(float(self.nats.sum()), int(self.tokens.sum()))


class _Window(NamedTuple):
    """Inputs and labels of one forward pass over a part of a document.

    Attributes:
        ids: of the part.
        skip: the first labels, which do not count.
        begin: the place of the part in the document.
        document: its number.
    """

    ids: Ids
    skip: int
    begin: int
    document: int = 0


class _Told(NamedTuple):
    """What a batch told: of n tokens, their documents, places and ids, each (n,), and the predictions."""

    documents: Ids
    positions: Ids
    ids: Ids
    predictions: Predictions


def windows(ids: Ids, context: int, stride: int) -> Iterator[_Window]:
    """Cut one document so that each token after the first is predicted once.

    The first window predicts all of its tokens; every later one moves on by `stride` and predicts only the tokens
    that are new, with at least `context - stride` tokens before them.
    """
    begin, predicted = 0, 0  # predicted: labels counted so far
    while predicted < len(ids) - 1:
        part = ids[begin : begin + context + 1]
        yield _Window(part, predicted - begin, begin)
        predicted = begin + len(part) - 1
        begin += stride


@torch.inference_mode()
def held_out_loss(
    model: Decoder,
    documents: Iterable[tuple[Ids, int]],
    *,
    stride: int,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
    token_bytes: Ids | None = None,
    total_tokens: int | None = None,
) -> HeldOutLoss:
    """The loss of `model` over documents.

    Args:
        model: any decoder; put into evaluation mode.
        documents: as `Document` has them.
        stride: tokens a window moves on, at most the context. The context itself is the cheapest and the most
            pessimistic.
        autocast: the number format to compute in.
        reporter: shows progress.
        token_bytes: (V,) UTF-8 bytes of each id, for the bytes by position; None: these are left at 0.
        total_tokens: of the documents, for the progress bar.
    """
    model.eval()
    most = BATCH_TOKENS if model.lm_head.weight.device.type == "cpu" else BATCH_TOKENS_GPU
    sizes = token_bytes if token_bytes is not None else np.zeros(model.vocabulary, np.int64)
    result = HeldOutLoss()
    group: list[_Window] = []
    lengths: list[tuple[int, int]] = []  # of the documents in the group: tokens, bytes
    with reporter.task("held-out loss", total=total_tokens) as task, autocast:  # weights are converted once

        def flush() -> None:
            first = result.documents
            result.tokens, result.text_bytes = (
                np.concatenate([known, np.array(new, np.int64)])
                for known, new in zip((result.tokens, result.text_bytes), zip(*lengths, strict=True), strict=True)
            )
            room = np.zeros(len(lengths))
            result.nats, result.correct, result.in_top = (
                np.concatenate([known, room]) for known in (result.nats, result.correct, result.in_top)
            )
            for batch in _batches(group, most):
                told = _predict(model, batch)
                _count(result, told._replace(documents=told.documents + first), sizes)
                task.advance(len(told.ids))
            group.clear()
            lengths.clear()

        for ids, size in documents:
            group.extend(
                window._replace(document=len(lengths)) for window in windows(ids, model.config.context, stride)
            )
            lengths.append((len(ids) - 1, size))
            if len(group) >= GROUP_WINDOWS:
                flush()
        if lengths:
            flush()
    return result


def _batches(group: list[_Window], most: int) -> Iterator[list[_Window]]:
    batch: list[_Window] = []
    for window in sorted(group, key=lambda w: len(w.ids)):
        length = len(window.ids)
        too_many = (len(batch) + 1) * length > most
        if batch and (too_many or (len(batch) * len(batch[-1].ids) >= FULL and length > PADDED * len(batch[0].ids))):
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _predict(model: Decoder, batch: list[_Window]) -> _Told:
    device = model.lm_head.weight.device
    length = max(len(window.ids) for window in batch) - 1
    inputs = np.zeros((len(batch), length), np.int64)
    for row, window in enumerate(batch):
        inputs[row, : len(window.ids) - 1] = window.ids[:-1]
    counted = [np.arange(window.skip, len(window.ids) - 1) for window in batch]  # places in the window
    places = np.concatenate([row * length + places for row, places in enumerate(counted)])
    ids = np.concatenate([window.ids[window.skip + 1 :] for window in batch])
    hidden = model.model(torch.from_numpy(inputs).to(device)).flatten(0, 1)
    hidden = hidden[torch.from_numpy(places).to(device)]
    predictions = predict(hidden, model.lm_head.weight, torch.from_numpy(ids).to(device))
    documents = np.repeat([window.document for window in batch], [len(part) for part in counted])
    positions = np.concatenate([window.begin + part for window, part in zip(batch, counted, strict=True)])
    return _Told(documents, positions, ids, predictions)


def _count(result: HeldOutLoss, told: _Told, sizes: Ids) -> None:
    nats, correct = -told.predictions.log_probability, told.predictions.rank == 1
    for total, amount in (
        (result.nats, nats),
        (result.correct, correct),
        (result.in_top, told.predictions.rank <= TOP),
    ):
        np.add.at(total, told.documents, amount)
    ranges = np.frexp(told.positions)[1]  # 0, then 1 for 1, 2 for 2 and 3, 3 for 4 to 7 …
    result.position_tokens = _added(result.position_tokens, np.bincount(ranges))
    result.position_nats = _added(result.position_nats, np.bincount(ranges, nats))
    result.position_bytes = _added(result.position_bytes, np.bincount(ranges, sizes[told.ids]))
    confidence = told.predictions.confidence
    # As `calibration.reliability` has them: ((m - 1)/M, m/M].
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    result.bin_tokens += np.bincount(bins, minlength=BINS)
    result.bin_correct += np.bincount(bins, correct, BINS)
    result.bin_confidence += np.bincount(bins, confidence, BINS)


def _added(known: Floats, more: Ids | Floats) -> Floats:
    longer = np.zeros(max(len(known), len(more)))
    longer[: len(known)] += known
    longer[: len(more)] += more
    return longer
