"""Held-out loss: whole documents, in windows that overlap, every token counted once, padding never.

A document is `<s> ids </s>`. Its ids and its end are predicted, the `<s>` is given; the sum of their negative
log-probabilities is the length of a code for the document, so that divided by its UTF-8 bytes it compares models
with different tokenizers, and with a compressor. What it leaves out: the spread over documents and domains.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from fidan.model.decoder import Decoder
from fidan.progress import Reporter

BATCH_TOKENS = 8192  # positions in one forward pass, padding included
LOGIT_ELEMENTS = 1 << 22  # logits held at once
GROUP_WINDOWS = 4096  # windows sorted by length together, so that a batch pads little


@dataclass(frozen=True)
class HeldOutLoss:
    """What the documents cost the model."""

    nats: float
    tokens: int
    text_bytes: int
    documents: int

    @property
    def bits_per_byte(self) -> float:
        """Bits to write one UTF-8 byte of text; lower is better."""
        return self.nats / math.log(2) / self.text_bytes

    @property
    def loss(self) -> float:
        """Nats a token."""
        return self.nats / self.tokens

    @property
    def perplexity(self) -> float:
        """exp(loss); compares only models with the same tokenizer."""
        return math.exp(self.loss)


@dataclass(frozen=True)
class _Window:
    """Inputs and labels of one forward pass over a part of a document; the first `skip` labels do not count."""

    ids: np.ndarray
    skip: int


def windows(ids: np.ndarray, context: int, stride: int) -> Iterator[_Window]:
    """Cut one document so that each token after the first is predicted once.

    The first window predicts all of its tokens; every later one moves on by `stride` and predicts only the tokens
    that are new, with at least `context - stride` tokens before them.
    """
    begin, predicted = 0, 0  # predicted: labels counted so far
    while predicted < len(ids) - 1:
        part = ids[begin : begin + context + 1]
        yield _Window(part, predicted - begin)
        predicted = begin + len(part) - 1
        begin += stride


@torch.inference_mode()
def held_out_loss(
    model: Decoder,
    documents: Iterable[tuple[np.ndarray, int]],
    *,
    stride: int,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
    total_tokens: int | None = None,
) -> HeldOutLoss:
    """The loss of `model` over documents.

    Args:
        model: any decoder; put into evaluation mode.
        documents: pairs of ids (`<s> … </s>`) and the UTF-8 bytes of the text they stand for.
        stride: tokens a window moves on, at most the context. The context itself is the cheapest and the most
            pessimistic.
        autocast: the number format to compute in.
        reporter: shows progress.
        total_tokens: of the documents, for the progress bar.
    """
    model.eval()
    nats, tokens, text_bytes, count = 0.0, 0, 0, 0
    group: list[_Window] = []
    with reporter.task("evaluation", total=total_tokens) as task:

        def flush() -> None:
            nonlocal nats, tokens
            for batch in _batches(group):
                batch_nats, batch_tokens = _batch_loss(model, batch, autocast)
                nats, tokens = nats + batch_nats, tokens + batch_tokens
                task.advance(batch_tokens)
            group.clear()

        for ids, size in documents:
            text_bytes, count = text_bytes + size, count + 1
            group.extend(windows(ids, model.config.context, stride))
            if len(group) >= GROUP_WINDOWS:
                flush()
        flush()
    return HeldOutLoss(nats, tokens, text_bytes, count)


def _batches(group: list[_Window]) -> Iterator[list[_Window]]:
    batch: list[_Window] = []
    for window in sorted(group, key=lambda w: len(w.ids)):
        if batch and (len(batch) + 1) * len(window.ids) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _batch_loss(model: Decoder, batch: list[_Window], autocast: AbstractContextManager[object]) -> tuple[float, int]:
    device = model.lm_head.weight.device
    length = max(len(window.ids) for window in batch) - 1
    inputs = torch.zeros(len(batch), length, dtype=torch.int64)
    labels = torch.full((len(batch), length), -1, dtype=torch.int64)
    for row, window in enumerate(batch):
        ids = torch.from_numpy(window.ids.astype(np.int64))
        inputs[row, : len(ids) - 1] = ids[:-1]
        labels[row, window.skip : len(ids) - 1] = ids[window.skip + 1 :]
    with autocast:
        hidden = model.model(inputs.to(device)).flatten(0, 1)
        wanted = (labels.flatten() >= 0).nonzero().squeeze(1)
        hidden, targets = hidden[wanted.to(device)], labels.flatten()[wanted].to(device)
        nats = sum(
            float(_nats(part, target, model.lm_head.weight))
            for part, target in _chunks(hidden, targets, model.vocabulary)
        )
    return nats, len(wanted)


def _chunks(hidden: Tensor, targets: Tensor, vocabulary: int) -> Iterator[tuple[Tensor, Tensor]]:
    rows = max(16, LOGIT_ELEMENTS // vocabulary)
    for start in range(0, len(targets), rows):
        yield hidden[start : start + rows], targets[start : start + rows]


def _nats(hidden: Tensor, targets: Tensor, head: Tensor) -> Tensor:
    return F.cross_entropy(F.linear(hidden, head).float(), targets, reduction="sum")
