"""Conversations into train, validation and test, so that no opening and no answer is in two of them.

Conversations are one group where their first user message, or any of their answers, has the same normal form;
`corpus.splits` draws. Texts of fewer than `WORDS` words bind nothing by themselves: "Merhaba!" and "Rica ederim."
come everywhere, and would make one group of all. The first exchange, question and answer together, always binds. A
group too large for a held-out split goes to train.

Texts that say the same in other words are not found.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fidan.corpus.conversations.conversation import Conversation
from fidan.corpus.pairs.pair import normal_form
from fidan.corpus.splits import SPLITS, Drawn, draw_splits

# No answer of 3,206 about law is shorter, where the same answer elsewhere is a leak; of 11,378 in everyday talk 34 %.
WORDS = 5
# A group of more than this share of the smallest held-out split is not held out: its figures would hang on it.
LARGE = 0.25


class LargeGroup(NamedTuple):
    """A group that went to train because it is too large to be held out.

    Attributes:
        conversations: in it.
        answer: its most frequent first answer.
    """

    conversations: int
    answer: str


class ConversationSplit(NamedTuple):
    """The splits, each in the order in which the conversations were given.

    Attributes:
        train: to learn from.
        valid: to watch and to stop by.
        test: to judge by, once.
        groups: how many groups there are.
        large: groups that went to train for their size.
    """

    train: tuple[Conversation, ...]
    valid: tuple[Conversation, ...]
    test: tuple[Conversation, ...]
    groups: int
    large: tuple[LargeGroup, ...]


def split_conversations(
    conversations: Sequence[Conversation], valid_share: float, test_share: float, seed: int = 0
) -> ConversationSplit:
    """Split by groups.

    Args:
        conversations: with an answer each.
        valid_share: share of the groups for validation; 0: none.
        test_share: share for the test; 0: none.
        seed: of the draw.

    Raises:
        FidanError: a share is not from 0 to below 1, nothing is left to learn from, or a split that is asked for
            gets no conversation.
    """
    held_out = [share for share in (valid_share, test_share) if share]
    limit = LARGE * min(held_out) * len(conversations) if held_out else float(len(conversations))
    keys = [tuple(_keys(each)) for each in conversations]
    drawn = draw_splits(keys, valid_share, test_share, seed, "conversations", limit)
    train, valid, test = (
        tuple(each for each, own in zip(conversations, drawn.names, strict=True) if own == name) for name in SPLITS
    )
    return ConversationSplit(train, valid, test, drawn.groups, _large(conversations, drawn, limit))


def _keys(conversation: Conversation) -> Iterator[str]:
    opening = next((normal_form(message.content) for message in conversation if message.role == "user"), "")
    answers = [normal_form(message.content) for message in conversation if message.role == "assistant"]
    yield f"exchange {opening}\n{answers[0]}"
    if len(opening.split()) >= WORDS:
        yield f"opening {opening}"
    yield from (f"answer {answer}" for answer in answers if len(answer.split()) >= WORDS)


def _large(conversations: Sequence[Conversation], drawn: Drawn, limit: float) -> tuple[LargeGroup, ...]:
    found = []
    for number, size in drawn.large(limit):
        answers = Counter(
            next(message.content for message in each if message.role == "assistant")
            for each, own in zip(conversations, drawn.numbers, strict=True)
            if own == number
        )
        found.append(LargeGroup(size, answers.most_common(1)[0][0]))
    return tuple(found)
