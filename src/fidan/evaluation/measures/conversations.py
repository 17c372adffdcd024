"""The assistant's turns of held-out conversations: what they cost each model, the right beginning given."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch

from fidan.corpus.conversations.conversation import Conversation, conversations_hash
from fidan.evaluation.conversations import AssistantLoss, assistant_loss
from fidan.evaluation.measure import Json, Table, comparisons, must_be_finite
from fidan.evaluation.measures.text_loss import BITS
from fidan.evaluation.metrics.statistics import compare_ratios, ratio
from fidan.evaluation.subject import Subject
from fidan.hardware import autocast, dtype_name
from fidan.progress import Reporter
from fidan.tokenizer.conversations import encode_conversations


@dataclass(frozen=True)
class Conversations:
    """One set of conversations.

    Attributes:
        name: of the set, in the report.
        conversations: held out, at least one.
        longest: ids of one at most; what is longer is shortened as `encode_conversations` says.
        dtype: the number format to compute in.
    """

    name: str
    conversations: tuple[Conversation, ...]
    longest: int
    dtype: torch.dtype = torch.float32

    section = "conversations"
    version = 1

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        content = conversations_hash(self.conversations)
        return [content, self._longest(subject), dtype_name(self.dtype), subject.weights, subject.tokenizer.hash]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`; the arrays of an `AssistantLoss`, and which conversations they are of."""
        encoded = encode_conversations(subject.tokenizer, self.conversations, self._longest(subject))
        found = assistant_loss(
            subject.decoder,
            encoded,
            autocast=autocast(subject.decoder.lm_head.weight.device, self.dtype),
            reporter=reporter,
        )
        must_be_finite(subject, found.nats)
        told = {"shortened": encoded.shortened, "cut": encoded.cut, "left_out": encoded.left_out}
        return {"loss": asdict(found), "numbers": encoded.numbers, **told}

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`; models are compared where they were asked the same conversations."""
        losses = [_loss(values) for values in figures]
        same = len({tuple(values["numbers"]) for values in figures}) == 1
        return [
            {
                "name": self.name,
                "conversations": len(self.conversations),
                "hash": conversations_hash(self.conversations),
                "precision": dtype_name(self.dtype),
                "models": [
                    {
                        "loss": ratio(loss.nats, loss.tokens)._asdict(),
                        "accuracy": ratio(loss.correct, loss.tokens)._asdict(),
                        "bits_per_byte": ratio(loss.nats * BITS, loss.sizes)._asdict(),
                        "tokens": int(loss.tokens.sum()),
                        "bytes": int(loss.sizes.sum()),
                        **{name: values[name] for name in ("shortened", "cut", "left_out")},
                    }
                    for loss, values in zip(losses, figures, strict=True)
                ],
                "comparisons": comparisons(
                    len(losses),
                    lambda a, b: compare_ratios(
                        losses[a].nats * BITS, losses[b].nats * BITS, losses[a].sizes, losses[b].sizes
                    ),
                )
                if same
                else [],
            }
        ]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """See `Measure`; a row a conversation of each model."""
        rows = (
            [subject.name, number, int(loss.tokens[row]), round(float(loss.nats[row]), 4), int(loss.sizes[row])]
            for subject, values in zip(subjects, figures, strict=True)
            for loss in [_loss(values)]
            for row, number in enumerate(values["numbers"])
        )
        yield Table(f"conversations-{self.name}", ["model", "conversation", "tokens", "nats", "bytes"], rows)

    def _longest(self, subject: Subject) -> int:
        return min(self.longest, subject.context + 1)


def _loss(values: Json) -> AssistantLoss:
    return AssistantLoss(**{field.name: np.array(values["loss"][field.name]) for field in fields(AssistantLoss)})
