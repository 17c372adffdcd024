"""Many texts to one row of ids, by the fast encoder or by SentencePiece: the choice, said aloud, and the proof.

Both give the same ids; `check` holds those of the fast one (`fast_encoder`) against SentencePiece's. What it leaves
out: which texts are checked, and what becomes of a run in which they differ (`fidan.training.packing`).
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.progress import Reporter
from fidan.tokenizer.tokenizer import Tokenizer

Name = Literal["fast", "sentencepiece"]


class EncoderDiffers(FidanError):
    """The fast encoder gave other ids than SentencePiece: a fault of this package."""


class Rows(NamedTuple):
    """Texts, encoded.

    Attributes:
        ids: (sum of counts,), the texts one after the other, `<s>` before and `</s>` after each.
        counts: (texts,), ids of each text, with its two marks.
        sizes: (texts,), bytes of each text in UTF-8.
    """

    ids: NDArray[np.int32]
    counts: NDArray[np.int64]
    sizes: NDArray[np.int64]


class Encoder(Protocol):
    """What makes rows of texts. Not for several threads at once."""

    name: Name

    def rows(self, texts: Sequence[str]) -> Rows:
        """The ids of texts.

        Raises:
            FidanError: a text holds half a surrogate pair, which no UTF-8 can say.
        """


class SentencePieceEncoder:
    """SentencePiece's own encoding, in `threads` threads."""

    name: Name = "sentencepiece"

    def __init__(self, tokenizer: Tokenizer, threads: int = 1) -> None:
        self._tokenizer, self._threads = tokenizer, threads

    def rows(self, texts: Sequence[str]) -> Rows:
        """As `Encoder.rows` says."""
        first, last = np.array([self._tokenizer.bos_id], np.int32), np.array([self._tokenizer.eos_id], np.int32)
        encoded = self._tokenizer.encode_batch(texts, self._threads)
        parts = [part for ids in encoded for part in (first, ids, last)]
        return Rows(
            np.concatenate(parts) if parts else np.empty(0, np.int32),
            np.array([len(ids) + 2 for ids in encoded], dtype=np.int64),
            np.array([len(text.encode()) for text in texts], dtype=np.int64),
        )


def make_encoder(name: Name, tokenizer: Tokenizer, threads: int = 1) -> Encoder:
    """The encoder of this name; the fast one takes one thread.

    Raises:
        FidanError: the fast encoder cannot take the tokenizer.
    """
    if name == "sentencepiece":
        return SentencePieceEncoder(tokenizer, threads)
    from fidan.tokenizer.fast_encoder import FastEncoder  # imports Numba, which only this needs

    return FastEncoder(tokenizer)


def choose_encoder(
    setting: Literal["auto", "fast", "sentencepiece"], tokenizer: Tokenizer, reporter: Reporter
) -> Name:
    """Which encoder a run takes, told to `reporter`; its loops are compiled then, for all processes to come.

    Args:
        setting: auto takes the fast one wherever it can take the tokenizer.
        tokenizer: to encode by.
        reporter: told the choice, and the reason where auto is SentencePiece.

    Raises:
        FidanError: the setting is fast, and the fast encoder cannot take the tokenizer.
    """
    if setting != "sentencepiece":
        try:
            make_encoder("fast", tokenizer).rows([""])
        except FidanError as error:
            if setting == "fast":
                raise FidanError(f'pack.encoder = "fast": {error} Set pack.encoder = "sentencepiece".') from error
            reporter.say(f"  encoding with SentencePiece: {error}")
            return "sentencepiece"
        reporter.say("  encoding with the fast encoder, held against SentencePiece on a sample")
        return "fast"
    reporter.say("  encoding with SentencePiece")
    return "sentencepiece"


def check(
    tokenizer: Tokenizer, texts: Sequence[str], rows: Sequence[NDArray[np.int32]], names: Sequence[str]
) -> None:
    """Hold rows against SentencePiece.

    Args:
        tokenizer: whose ids they should be.
        texts: that were encoded.
        rows: the ids of each text, between `<s>` and `</s>`.
        names: what to call each text in the error.

    Raises:
        EncoderDiffers: the ids of a text differ.
    """
    for name, row, ids in zip(names, rows, tokenizer.encode_batch(texts), strict=True):
        if not np.array_equal(row, np.concatenate([[tokenizer.bos_id], ids, [tokenizer.eos_id]])):
            raise EncoderDiffers(
                f"{name}: the fast encoder gives other ids than SentencePiece, which is a fault of this package: "
                "please report it with the document."
            )
