"""The programs that run an encoder-decoder, behind the same few methods: Transformers, and CTranslate2.

What it leaves out: what is compared, and how far apart may be (`answers`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from fidan.export.ctranslate2 import Converted
from fidan.export.proof.runtimes import TransformersFolder
from fidan.tokenizer.tokenizer import Tokenizer


class AnswerRuntime(Protocol):
    """A program that answers sources.

    Attributes:
        name: of the program.
    """

    name: str

    def greedy(self, sources: Sequence[Sequence[int]], count: int) -> list[list[int]]:
        """The likeliest tokens, one after the other, of each source, all in one batch; `</s>` is the last one."""

    def logits(self, sources: Sequence[Sequence[int]], texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """(T, V) fp32 of each source: of what follows `<s>`, and each token of its greedy text but the last one."""


class TransformersAnswers(TransformersFolder):
    """The folder in Transformers' `AutoModelForSeq2SeqLM`; an `AnswerRuntime`. Sources are padded.

    Args:
        folder: to load.
        tokenizer: ours, for ids of special tokens.

    Raises:
        FidanError: Transformers cannot load it.
    """

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        super().__init__(folder, "AutoModelForSeq2SeqLM")
        self._tokenizer = tokenizer

    def greedy(self, sources: Sequence[Sequence[int]], count: int) -> list[list[int]]:
        """As `AnswerRuntime.greedy` says; where a text starts and ends is the folder's own to say."""
        batch, mask = self._padded(sources)
        rows = self._model.generate(
            batch,
            attention_mask=mask.long(),
            max_new_tokens=count,
            do_sample=False,
            num_beams=1,
            repetition_penalty=1.0,
            no_repeat_ngram_size=0,
        )
        return [until(row[1:], self._tokenizer.eos_id) for row in rows.tolist()]

    def logits(self, sources: Sequence[Sequence[int]], texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """As `AnswerRuntime.logits` says, of any texts."""
        batch, mask = self._padded(sources)
        inputs, _ = self._padded([[self._tokenizer.bos_id, *text[:-1]] for text in texts])
        with torch.inference_mode():
            found = self._model(batch, attention_mask=mask.long(), decoder_input_ids=inputs).logits
        return [row[: len(text)] for row, text in zip(found, texts, strict=True)]

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[self._tokenizer.pad_id] * (width - len(row))] for row in rows])
        return ids, torch.arange(width) < torch.tensor([[len(row)] for row in rows])


class CTranslate2Answers:
    """A converted model in CTranslate2; an `AnswerRuntime`.

    Args:
        folder: of the converted model.
        tokenizer: ours.

    Raises:
        FidanError: CTranslate2 cannot load it.
    """

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        self._opened = Converted(folder)
        self.name = self._opened.name
        self._pieces = [tokenizer.piece(i) for i in range(tokenizer.vocab_size)]
        self._numbers = {piece: i for i, piece in enumerate(self._pieces)}

    def greedy(self, sources: Sequence[Sequence[int]], count: int) -> list[list[int]]:
        """As `AnswerRuntime.greedy` says."""
        answers = self._answers(sources, count)
        return [[self._numbers[piece] for piece in answer.hypotheses[0]] for answer in answers]

    def logits(self, sources: Sequence[Sequence[int]], texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """As `AnswerRuntime.logits` says."""
        answers = self._answers(sources, max(map(len, texts)))
        return [torch.from_numpy(np.stack([np.array(step) for step in answer.logits[0]])) for answer in answers]

    def _answers(self, sources: Sequence[Sequence[int]], count: int) -> Any:
        return self._opened.answers([[self._pieces[i] for i in source] for source in sources], count)


def until(ids: Sequence[int], end: int) -> list[int]:
    """A text's ids up to its end, which is kept; what follows is padding."""
    ids = list(ids)
    return ids[: ids.index(end) + 1] if end in ids else ids
