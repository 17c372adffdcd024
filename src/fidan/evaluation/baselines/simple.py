"""Documents in a row, and three baselines: uniform, unigram and xz.

As for a model, a document is `<s> ids </s>`: the `<s>` is given, all after it is predicted, and every id of the
vocabulary could be next, `<s>` and those never used among them. What it leaves out: contexts (`kneser_ney`).
"""

import lzma
import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError

MAX_TOKENS = 10_000_000  # of training text; for 8 million the n-gram model takes 1.0 GB and 10 s of a core


class Rows(NamedTuple):
    """Documents, one after the other.

    Attributes:
        ids: (tokens,), each document `<s> … </s>`.
        lengths: (documents,), ids of each.
    """

    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]

    def places(self) -> NDArray[np.int64]:
        """(tokens,): how many ids of its document stand before each."""
        starts = np.cumsum(self.lengths) - self.lengths
        return np.arange(len(self.ids)) - np.repeat(starts, self.lengths)

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(documents,): the sum of each document's values, of which there is one an id."""
        owners = np.repeat(np.arange(len(self.lengths)), self.lengths)
        return np.bincount(owners, weights=values, minlength=len(self.lengths)).astype(np.float64)


class Baseline(NamedTuple):
    """What held-out documents cost by a simple means.

    Attributes:
        name: `uniform`, `unigram`, `5-gram` or `xz -9`.
        bits: (documents,), or of all together where documents are not told apart.
        about: how it was computed, in a sentence.
    """

    name: str
    bits: NDArray[np.float64] | float
    about: str


def gather(documents: Iterable[NDArray[np.integer]], vocabulary: int, max_tokens: int | None = MAX_TOKENS) -> Rows:
    """Documents in a row, as many as fit whole.

    Args:
        documents: ids of each, `<s>` first. To bound them, let them be spread over the whole corpus: it is the first
            that are taken.
        vocabulary: every id is below it.
        max_tokens: ids at most, but for the first document, which is always taken; None: all.

    Raises:
        FidanError: no document, an empty one, or an id outside the vocabulary.
    """
    taken: list[NDArray[np.int32]] = []
    tokens = 0
    for document in documents:
        if taken and max_tokens is not None and tokens + len(document) > max_tokens:
            break
        if not len(document):
            raise FidanError(f"document {len(taken)}: no ids, not even <s>. Pack the corpus again.")
        if int(document.min()) < 0 or int(document.max()) >= vocabulary:
            wrong = int(document.min()) if int(document.min()) < 0 else int(document.max())
            raise FidanError(
                f"document {len(taken)}: the id {wrong} is outside a vocabulary of {vocabulary}. "
                "Use the tokenizer that packed the documents."
            )
        taken.append(document.astype(np.int32))
        tokens += len(document)
    if not taken:
        raise FidanError("no documents to measure on. Give the valid split some text.")
    return Rows(np.concatenate(taken), np.array([len(document) for document in taken], dtype=np.int64))


def uniform(held_out: Rows, vocabulary: int) -> Baseline:
    """log2 V bits a token: what a model costs that has learnt nothing."""
    bits = (held_out.lengths - 1).astype(np.float64) * math.log2(vocabulary)
    return Baseline("uniform", bits, f"log2({vocabulary}) bits a token, all ids of the vocabulary alike")


def unigram(training: Rows, held_out: Rows, vocabulary: int) -> Baseline:
    """How often each id is in training text, one added to every count (Laplace), so that none is impossible."""
    predicted = training.ids[training.places() > 0]
    counts = np.bincount(predicted, minlength=vocabulary)
    costs = np.log2(len(predicted) + vocabulary) - np.log2(counts + 1.0)
    bits = held_out.sums(np.where(held_out.places() > 0, costs[held_out.ids], 0.0))
    return Baseline("unigram", bits, f"counts of {len(predicted):,} training tokens, one added to each")


def xz(texts: Iterable[str]) -> Baseline:
    """The size of `xz -9` of the texts, a line break after each.

    It has no training text and learns from the very text that it is measured on, so it falls with the amount of
    text. The line breaks stand for the ends of documents, which a model predicts too. Preset 9 looks back over 64 MiB
    and takes 674 MiB of memory (xz(1)).
    """
    compressor = lzma.LZMACompressor(format=lzma.FORMAT_XZ, preset=9)
    size = sum(len(compressor.compress(f"{text}\n".encode())) for text in texts) + len(compressor.flush())
    return Baseline(
        "xz -9", 8.0 * size, "the texts as one .xz file, a line break after each; it adapts to them alone"
    )
