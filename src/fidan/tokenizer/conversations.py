"""Conversations to learn from, as ids that fit: what is too long loses its oldest turns, and last its end.

A conversation shows the model what it will see when it is used, where the oldest turns are dropped too
(`chat.encode_prompt`). Only where its system message and its last question with the answer do not fit is the end
cut off; the cut stands for no end, since the label of the last id that is left is an id of the answer. What it leaves
out: the template (`chat`), and rows of several conversations (`fidan.training.conversations`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.conversations.conversation import Conversation
from fidan.errors import FidanError
from fidan.tokenizer.chat import Encoded, encode_conversation
from fidan.tokenizer.tokenizer import Tokenizer

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class EncodedConversations:
    """N conversations of which the assistant says something.

    Attributes:
        ids: of each, `<s>` first.
        written: for each id, whether the assistant writes it.
        numbers: (N,) of each in the order in which they were given; those that are left out are missing.
        sizes: (N,) UTF-8 bytes of the assistant's texts.
        shortened: how many lost their oldest turns.
        cut: how many lost their end.
        left_out: how many are not here, since nothing of an answer is left in them.
    """

    ids: tuple[Ids, ...]
    written: tuple[NDArray[np.bool_], ...]
    numbers: Ids
    sizes: Ids
    shortened: int
    cut: int
    left_out: int

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def lengths(self) -> Ids:
        """(N,) ids of each."""
        return np.array([len(one) for one in self.ids], dtype=np.int64)

    @cached_property
    def answers(self) -> Ids:
        """(N,) ids that the assistant writes."""
        return np.array([int(one.sum()) for one in self.written], dtype=np.int64)


def encode_conversations(
    tokenizer: Tokenizer, conversations: Iterable[Conversation], longest: int
) -> EncodedConversations:
    """The ids of conversations.

    Args:
        tokenizer: with the control symbols of a chat.
        conversations: in the order of `disorder`.
        longest: ids of one at most.

    Raises:
        FidanError: in none of them is anything left that the assistant says, or the tokenizer cannot chat.
    """
    ids: list[Ids] = []
    written: list[NDArray[np.bool_]] = []
    numbers: list[int] = []
    sizes: list[int] = []
    shortened = cut = left_out = number = 0
    for number, conversation in enumerate(conversations, 1):
        dropped, found = _fit(tokenizer, _answered(conversation), longest)
        own, some = np.array(found.written[:longest], dtype=np.bool_), np.array(found.ids[:longest], dtype=np.int64)
        size = int(tokenizer.token_bytes[some[own]].sum())
        if not size:
            left_out += 1
            continue
        shortened += dropped
        cut += len(found.ids) > longest
        ids.append(some)
        written.append(own)
        numbers.append(number - 1)
        sizes.append(size)
    if not ids:
        raise FidanError(
            f"{number:,} conversations: in none of them is an answer within {longest:,} tokens. Give others, or set "
            "sequence_length higher."
        )
    return EncodedConversations(
        tuple(ids), tuple(written), np.array(numbers), np.array(sizes), shortened, cut, left_out
    )


def opening(conversation: Conversation) -> tuple[Conversation, str]:
    """A conversation up to its first answer, and that answer; empty where there is none."""
    for place, message in enumerate(conversation):
        if message.role == "assistant":
            return conversation[:place], message.content
    return conversation, ""


def _answered(conversation: Conversation) -> Conversation:
    """Without a question at the end that nobody answers."""
    while conversation and conversation[-1].role != "assistant":
        conversation = conversation[:-1]
    return conversation


def _fit(tokenizer: Tokenizer, conversation: Conversation, longest: int) -> tuple[bool, Encoded]:
    """Whether the oldest turns are left out, and the ids of the rest, which may still be too many."""
    if not conversation:
        return False, Encoded([], [])
    whole = encode_conversation(tokenizer, conversation)
    if len(whole.ids) <= longest:
        return False, whole
    lead = int(conversation[0].role == "system")
    sizes = [len(encode_conversation(tokenizer, [message]).ids) - 1 for message in conversation]  # without `<s>`
    first, left = lead, len(whole.ids)
    while left > longest and first + 2 < len(conversation):
        left -= sum(sizes[first : first + 2])  # a question and its answer
        first += 2
    if first == lead:
        return False, whole
    return True, encode_conversation(tokenizer, (*conversation[:lead], *conversation[first:]))
