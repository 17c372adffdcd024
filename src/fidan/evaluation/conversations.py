"""What the assistant's turns of held-out conversations cost a model: loss, accuracy, bits a byte.

Every id that the assistant writes is predicted from all that comes before it in its conversation, the right answers
among that ("teacher-forced"): its text, and the `<|im_end|>` behind it. So a model that was never taught the template
pays for not knowing when to stop. Divided by the UTF-8 bytes of the answers it compares models of different
tokenizers. What it leaves out: what a model answers by itself, and ids (`fidan.tokenizer.conversations`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fidan.evaluation.heldout import BATCH_TOKENS, BATCH_TOKENS_GPU
from fidan.evaluation.metrics.likelihood import bits_per_byte
from fidan.evaluation.predictions import predict
from fidan.model.build import body_of
from fidan.model.decoder import Decoder
from fidan.progress import Reporter
from fidan.tokenizer.conversations import EncodedConversations

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class AssistantLoss:
    """Of N conversations.

    Attributes:
        tokens: (N,) that the assistant writes.
        nats: (N,) summed negative log-probabilities.
        correct: (N,) tokens that were the likeliest.
        sizes: (N,) UTF-8 bytes of the assistant's texts.
    """

    tokens: Ids
    nats: Floats
    correct: Ids
    sizes: Ids

    @property
    def loss(self) -> float:
        """Nats a token; every token counts the same, so that a long answer weighs more."""
        return float(self.nats.sum()) / int(self.tokens.sum())

    @property
    def accuracy(self) -> float:
        """The share of tokens that were the likeliest."""
        return int(self.correct.sum()) / int(self.tokens.sum())

    @property
    def bits_per_byte(self) -> float:
        """Of the assistant's texts, their ends among the bits."""
        return bits_per_byte(float(self.nats.sum()), int(self.sizes.sum()))


@torch.inference_mode()
def assistant_loss(
    model: Decoder,
    conversations: EncodedConversations,
    *,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
    batch_tokens: int = 0,
) -> AssistantLoss:
    """The loss of a model over the assistant's turns.

    Args:
        model: put into evaluation mode.
        conversations: by the model's tokenizer, of one id more than its context at most.
        autocast: the number format to compute in.
        reporter: shows progress.
        batch_tokens: positions of a pass; 0: what suits the device. Decides the speed alone.
    """
    model.eval()
    body, head = body_of(model), model.lm_head.weight
    device, count = head.device, len(conversations)
    most = batch_tokens or (BATCH_TOKENS if device.type == "cpu" else BATCH_TOKENS_GPU)
    nats, correct = np.zeros(count), np.zeros(count, np.int64)
    with reporter.task("held-out conversations", total=count) as task, autocast:  # weights are converted once
        for places in _batches(conversations.lengths - 1, most):
            width = int(conversations.lengths[places].max())
            ids = np.zeros((len(places), width), dtype=np.int64)  # what pads the end is seen by nothing that counts
            written = np.zeros((len(places), width), dtype=np.bool_)
            for row, place in enumerate(places):
                length = len(conversations.ids[place])
                ids[row, :length], written[row, :length] = conversations.ids[place], conversations.written[place]
            given, asked = torch.from_numpy(ids).to(device), torch.from_numpy(written[:, 1:]).to(device)
            hidden: Tensor = body(given[:, :-1])
            told = predict(hidden[asked], head, given[:, 1:][asked])
            owners = np.repeat(places, written.sum(1))
            np.add.at(nats, owners, -told.log_probability)
            np.add.at(correct, owners, told.rank == 1)
            task.advance(len(places))
    return AssistantLoss(conversations.answers, nats, correct, conversations.sizes)


def _batches(lengths: Ids, most: int) -> Iterator[Ids]:
    """Places of conversations of like length, in passes of about `most` positions."""
    batch: list[int] = []
    for place in np.argsort(lengths, kind="stable"):
        if batch and (len(batch) + 1) * int(lengths[place]) > most:
            yield np.array(batch)
            batch = []
        batch.append(int(place))
    yield np.array(batch)
