"""Held-out answers with the right beginning given: loss, accuracy, top-k, perplexity, padding never among them.

"Teacher-forced": every token of an answer is predicted from the question and from the reference before it, never from
what the model wrote itself. That is what training minimises, it is cheap, and it compares models of one tokenizer. It
is no measure of answers: a model that never wrote a right one can be right about half the tokens. What a model
answers by itself is `written_answers`. What it leaves out: reading pairs, and their ids (`fidan.tokenizer.pairs`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fidan.evaluation.heldout import BATCH_TOKENS, BATCH_TOKENS_GPU, TOP
from fidan.evaluation.metrics.likelihood import perplexity
from fidan.evaluation.predictions import predict
from fidan.progress import Reporter
from fidan.tokenizer.pairs import IGNORE, EncodedPairs

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


class EncoderDecoderModel(Protocol):
    """What is needed of a model, such as `fidan.model.encoder_decoder.EncoderDecoder`."""

    @property
    def lm_head(self) -> nn.Linear:
        """Its weight is (V, D)."""

    def body(self, source: Tensor, inputs: Tensor, source_mask: Tensor | None = None) -> Tensor:
        """(B, S) and (B, T) ids, and where the source is no padding → (B, T, D)."""

    def eval(self) -> object:
        """Into evaluation mode."""


@dataclass(frozen=True)
class AnswerLoss:
    """What the answers cost the model. Of N pairs.

    Attributes:
        tokens: (N,) that were predicted, `</s>` among them.
        nats: (N,) summed negative log-probabilities.
        correct: (N,) tokens that were the likeliest.
        in_top: (N,) tokens among the `top` likeliest.
        top: k of the top-k accuracy.
    """

    tokens: Ids
    nats: Floats
    correct: Ids
    in_top: Ids
    top: int = TOP

    @property
    def loss(self) -> float:
        """Nats a token; every token counts the same, so that a long answer weighs more."""
        return float(self.nats.sum()) / int(self.tokens.sum())

    @property
    def perplexity(self) -> float:
        """exp(loss); compares only models with the same tokenizer."""
        return perplexity(float(self.nats.sum()), int(self.tokens.sum()))

    @property
    def accuracy(self) -> float:
        """The share of tokens that were the likeliest."""
        return int(self.correct.sum()) / int(self.tokens.sum())

    @property
    def top_k_accuracy(self) -> float:
        """The share of tokens among the `top` likeliest."""
        return int(self.in_top.sum()) / int(self.tokens.sum())


@torch.inference_mode()
def answer_loss(
    model: EncoderDecoderModel,
    pairs: EncodedPairs,
    *,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
    top: int = TOP,
    batch_tokens: int = 0,
) -> AnswerLoss:
    """The loss of a model over answers.

    Args:
        model: put into evaluation mode.
        pairs: by the model's tokenizer.
        autocast: the number format to compute in.
        reporter: shows progress.
        top: k of the top-k accuracy.
        batch_tokens: positions of a pass, of source and target; 0: what suits the device. Decides the speed alone.
    """
    model.eval()
    head = model.lm_head.weight
    device = head.device
    most = batch_tokens or (BATCH_TOKENS if device.type == "cpu" else BATCH_TOKENS_GPU)
    nats, correct, in_top = np.zeros(len(pairs)), np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    with reporter.task("held-out answers", total=len(pairs)) as task, autocast:  # weights are converted once
        for places in _batches(pairs, most):
            padded = pairs.padded(places)
            source, inputs, labels = (torch.from_numpy(ids).to(device) for ids in padded[:3])
            lengths = torch.from_numpy(padded.source_lengths).to(device)
            mask = torch.arange(source.shape[1], device=device) < lengths[:, None]
            counts = labels != IGNORE
            told = predict(model.body(source, inputs, mask)[counts], head, labels[counts])
            owners = np.repeat(places, (padded.labels != IGNORE).sum(1))
            np.add.at(nats, owners, -told.log_probability)
            np.add.at(correct, owners, told.rank == 1)
            np.add.at(in_top, owners, told.rank <= top)
            task.advance(len(places))
    return AnswerLoss(pairs.target_lengths, nats, correct, in_top, top)


def _batches(pairs: EncodedPairs, most: int) -> Iterator[Ids]:
    """Places of pairs of like length, in passes of about `most` positions."""
    sources, targets = pairs.source_lengths, pairs.target_lengths
    batch: list[int] = []
    width = 0
    for place in np.lexsort((sources, targets)):
        wider = max(width, int(sources[place] + targets[place]))
        if batch and (len(batch) + 1) * wider > most:
            yield np.array(batch)
            batch, wider = [], int(sources[place] + targets[place])
        batch.append(int(place))
        width = wider
    yield np.array(batch)
