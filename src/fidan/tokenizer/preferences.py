"""Preferences to ids: the conversation with the chosen answer, and with the rejected one.

A row ends with the `<|im_end|>` of its answer; what counts in it are the ids of that answer, `<|im_end|>` among them.
A preference of which a row is too long is left out and counted: a cut answer is not the one that was judged. What
this leaves out: the template (`chat`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.conversations.conversation import Message
from fidan.corpus.preferences.preference import Preference
from fidan.errors import FidanError
from fidan.tokenizer.chat import encode_conversation
from fidan.tokenizer.pairs import IGNORE
from fidan.tokenizer.tokenizer import Tokenizer

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class EncodedPreferences:
    """N preferences.

    Attributes:
        rows: 2 N of them: row 2 n is preference n with its chosen answer, row 2 n + 1 with the rejected one.
        answers: (2 N,) ids of each answer; they are the last ones of its row.
        numbers: (N,) of each in the order in which they were given; those that are left out are missing.
        left_out: how many are too long.
    """

    rows: tuple[Ids, ...]
    answers: Ids
    numbers: Ids
    left_out: int

    def __len__(self) -> int:
        """N."""
        return len(self.rows) // 2

    @property
    def lengths(self) -> Ids:
        """(2 N,) positions that each row takes: its ids but one, since each predicts the next."""
        return np.array([len(row) - 1 for row in self.rows], dtype=np.int64)

    def padded(self, places: Iterable[int], padding: int) -> tuple[Ids, Ids]:
        """Some rows side by side: (R, T) ids to read, and (R, T) labels, which are `IGNORE` outside of answers.

        Args:
            places: which rows.
            padding: the id behind the shorter ones.
        """
        chosen = list(places)
        width = max(len(self.rows[place]) for place in chosen) - 1
        inputs = np.full((len(chosen), width), padding, dtype=np.int64)
        labels = np.full((len(chosen), width), IGNORE, dtype=np.int64)
        for row, place in enumerate(chosen):
            ids, answer = self.rows[place], int(self.answers[place])
            inputs[row, : len(ids) - 1] = ids[:-1]
            labels[row, len(ids) - 1 - answer : len(ids) - 1] = ids[-answer:]
        return inputs, labels


def encode_preferences(tokenizer: Tokenizer, preferences: Iterable[Preference], longest: int) -> EncodedPreferences:
    """The ids of preferences.

    Args:
        tokenizer: of the model.
        preferences: in any order.
        longest: the most ids of a row.

    Raises:
        FidanError: none is short enough, or the tokenizer cannot chat.
    """
    rows: list[Ids] = []
    answers: list[int] = []
    numbers: list[int] = []
    left_out = 0
    for number, preference in enumerate(preferences):
        pair = [_row(tokenizer, preference, answer) for answer in (preference.chosen, preference.rejected)]
        if max(len(ids) for ids, _ in pair) > longest:
            left_out += 1
            continue
        numbers.append(number)
        for ids, answer in pair:
            rows.append(np.array(ids, dtype=np.int64))
            answers.append(answer)
    if not rows:
        raise FidanError(f"{left_out:,} preferences: all of them are longer than {longest:,} ids. Give shorter ones.")
    return EncodedPreferences(tuple(rows), np.array(answers), np.array(numbers), left_out)


def _row(tokenizer: Tokenizer, preference: Preference, answer: str) -> tuple[list[int], int]:
    """The ids up to the end of the answer, and how many of them are the answer's."""
    encoded = encode_conversation(tokenizer, [*preference.prompt, Message("assistant", answer)])
    end = len(encoded.written) - encoded.written[::-1].index(True)
    start = end - 1
    while encoded.written[start - 1]:
        start -= 1
    return encoded.ids[:end], end - start
