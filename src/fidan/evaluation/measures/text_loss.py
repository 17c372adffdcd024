"""The held-out loss as figures with error bars: in all, by domain, by position; accuracy and calibration.

Errors are over documents, by bootstrap: tokens of one document are not independent. What it leaves out: how the loss
is computed (`heldout`).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray

from fidan.evaluation.baselines.kneser_ney import n_gram
from fidan.evaluation.baselines.simple import MAX_TOKENS, Baseline, gather, uniform, unigram, xz
from fidan.evaluation.heldout import HeldOutLoss, held_out_loss
from fidan.evaluation.measure import Json, Table, comparisons, must_be_finite
from fidan.evaluation.metrics.calibration import Bin, expected_calibration_error
from fidan.evaluation.metrics.statistics import compare_ratios, ratio
from fidan.evaluation.subject import Subject
from fidan.evaluation.texts import TextSet
from fidan.hardware import autocast, dtype_name
from fidan.progress import Reporter
from fidan.tokenizer.tokenizer import Tokenizer

_ENCODED = 512  # documents encoded at once
BITS = 1 / math.log(2)  # in a nat


@dataclass(frozen=True)
class TextLoss:
    """Of one set of texts.

    Attributes:
        text: the documents.
        stride: tokens a window moves on; 0: half the model's context.
        dtype: the number format to compute in.
        baselines: whether to tell what the text costs without a neural model.
    """

    text: TextSet
    stride: int
    dtype: torch.dtype
    baselines: bool = True

    section = "texts"
    version = 3

    def stride_of(self, subject: Subject) -> int:
        """Tokens a window of this model moves on, at most its context."""
        return min(self.stride, subject.context) or -(-subject.context // 2)

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        return [
            self.text.hash,
            self.stride_of(subject),
            dtype_name(self.dtype),
            subject.weights,
            subject.tokenizer.hash,
            # An exported model may have the very weights of its run, and no training text to count n-grams in.
            self.baselines and ("with training text" if subject.training_ids is not None else "without"),
        ]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`; the arrays of a `HeldOutLoss`, and the bits of the baselines."""
        ids = encoded(subject.tokenizer, self.text)
        device = subject.decoder.lm_head.weight.device
        result = held_out_loss(
            subject.decoder,
            zip(ids, self.text.sizes, strict=True),
            stride=self.stride_of(subject),
            autocast=autocast(device, self.dtype),
            reporter=reporter,
            token_bytes=padded(subject.tokenizer.token_bytes, subject.decoder.vocabulary),
            total_tokens=sum(map(len, ids)),
        )
        must_be_finite(subject, result.nats)
        return {"loss": asdict(result), "baselines": self._baselines(subject, ids, reporter)}

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`."""
        losses, text = [_loss(values) for values in figures], self.text
        return [
            {
                "name": text.name,
                "documents": len(text.documents),
                "bytes": text.bytes,
                "characters": text.characters,
                "hash": text.hash,
                "baselines": [
                    {"model": number, **_told(Baseline(*one), text, loss)}
                    for number, (values, loss) in enumerate(zip(figures, losses, strict=True))
                    for one in values["baselines"]
                ]
                + ([{"model": None, **_told(xz(self._texts), text)}] if self.baselines else []),
                "models": [
                    {
                        **_figures(loss, text),
                        "context": subject.context,
                        "stride": self.stride_of(subject),
                        "precision": dtype_name(self.dtype),
                    }
                    for subject, loss in zip(subjects, losses, strict=True)
                ],
                "comparisons": comparisons(
                    len(losses),
                    lambda a, b: compare_ratios(losses[a].nats * BITS, losses[b].nats * BITS, text.sizes, text.sizes),
                ),
            }
        ]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """See `Measure`; a row a document."""
        losses = [_loss(values) for values in figures]
        heads = [f"{subject.name} {what}" for subject in subjects for what in ("tokens", "nats", "bits per byte")]
        rows = (
            [document.id, document.source, size, *(cell for loss in losses for cell in _cells(loss, row, size))]
            for row, (document, size) in enumerate(zip(self.text.documents, self.text.sizes, strict=True))
        )
        yield Table(f"documents-{self.text.name}", ["document", "source", "bytes", *heads], rows)

    @property
    def _texts(self) -> list[str]:
        return [document.text for document in self.text.documents]

    def _baselines(self, subject: Subject, ids: list[NDArray[np.int64]], reporter: Reporter) -> list[Json]:
        if not self.baselines:
            return []
        vocabulary = subject.tokenizer.vocab_size
        held_out = gather(ids, vocabulary, None)
        found = [uniform(held_out, vocabulary)]
        if subject.training_ids is not None:
            reporter.say(f"{subject.name}: an n-gram model of its training text")
            training = gather(subject.training_ids(MAX_TOKENS), vocabulary)
            found += [unigram(training, held_out, vocabulary), n_gram(training, held_out, vocabulary)]
        return [list(one) for one in found]


def _told(baseline: Baseline, text: TextSet, loss: HeldOutLoss | None = None) -> Json:
    """A baseline, and how much the model is above it, where both are told document by document."""
    compared = None
    if loss is not None and len(text.documents) > 1:
        compared = compare_ratios(baseline.bits, loss.nats * BITS, text.sizes, text.sizes)._asdict()
    return {
        "name": baseline.name,
        "bits_per_byte": float(np.sum(baseline.bits)) / text.bytes,
        "about": baseline.about,
        "comparison": compared,
    }


def _cells(loss: HeldOutLoss, row: int, size: int) -> list[object]:
    nats = float(loss.nats[row])
    return [int(loss.tokens[row]), round(nats, 4), round(nats * BITS / size, 4)]


def encoded(tokenizer: Tokenizer, text: TextSet) -> list[NDArray[np.int64]]:
    """The ids of every document, `<s> … </s>`."""
    made: list[NDArray[np.int64]] = []
    for start in range(0, len(text.documents), _ENCODED):
        batch = [document.text for document in text.documents[start : start + _ENCODED]]
        made += [
            np.concatenate([[tokenizer.bos_id], ids, [tokenizer.eos_id]]) for ids in tokenizer.encode_batch(batch)
        ]
    return made


def padded(sizes: NDArray[np.int64], vocabulary: int) -> NDArray[np.int64]:
    """(V,) sizes of the tokenizer's ids; rows of the model beyond them stand for no text."""
    return np.concatenate([sizes, np.zeros(vocabulary - len(sizes), np.int64)])


def _loss(values: Json) -> HeldOutLoss:
    return HeldOutLoss(**{field.name: np.array(values["loss"][field.name]) for field in fields(HeldOutLoss)})


def _figures(loss: HeldOutLoss, text: TextSet) -> Json:
    bits, sizes = loss.nats * BITS, np.array(text.sizes)
    characters = [len(document.text) for document in text.documents]
    sources = np.array([document.source for document in text.documents])
    bins = [
        Bin(float(confidence / tokens), float(correct / tokens), int(tokens))
        for confidence, correct, tokens in zip(loss.bin_confidence, loss.bin_correct, loss.bin_tokens, strict=True)
        if tokens
    ]
    return {
        "bits_per_byte": ratio(bits, sizes)._asdict(),
        "bits_per_character": ratio(bits, characters)._asdict(),
        "loss": ratio(loss.nats, loss.tokens)._asdict(),
        "perplexity": loss.perplexity,
        "accuracy": ratio(loss.correct, loss.tokens)._asdict(),
        "top5": ratio(loss.in_top, loss.tokens)._asdict(),
        "ece": expected_calibration_error(bins),
        "documents": loss.documents,
        "tokens": int(loss.tokens.sum()),
        "by_position": [
            {
                "from": 2 ** (number - 1) if number else 0,
                "to": 2**number,
                "tokens": int(tokens),
                "bits_per_byte": float(loss.position_nats[number] * BITS / size) if size else None,
            }
            for number, (tokens, size) in enumerate(zip(loss.position_tokens, loss.position_bytes, strict=True))
        ],
        "by_domain": [
            {
                "name": source,
                "documents": int(chosen.sum()),
                "bytes": int(sizes[chosen].sum()),
                "bits_per_byte": ratio(bits[chosen], sizes[chosen])._asdict(),
            }
            for source in sorted(set(sources.tolist()))
            for chosen in [sources == source]
        ],
        "calibration": [part._asdict() for part in bins],
    }
