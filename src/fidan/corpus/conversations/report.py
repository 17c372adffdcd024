"""What there is of a set of conversations, in figures for a manifest and lines for a terminal.

What it leaves out: lengths in tokens, which are a tokenizer's.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fidan.corpus.conversations.conversation import Conversation, conversations_hash
from fidan.corpus.conversations.read import FAULTS, ConversationSet
from fidan.corpus.conversations.split import ConversationSplit
from fidan.corpus.pairs.report import left_out_lines, lengths
from fidan.corpus.splits import SPLITS


def counts_of(read: ConversationSet, split: ConversationSplit) -> dict[str, Any]:
    """Counts for a manifest: conversations, what was left out, groups, and of each split its hash, size, lengths."""
    return {
        "conversations": len(read.conversations),
        "left_out": {fault: getattr(read.left_out, fault) for fault in FAULTS},
        "groups": split.groups,
        "large": [group._asdict() for group in split.large],
        **{name: _of_split(getattr(split, name)) for name in SPLITS},
    }


def lines_of(read: ConversationSet, split: ConversationSplit) -> Iterator[str]:
    """The same for a person: a line of what there is, then one of each thing to know."""
    sizes = ", ".join(f"{len(getattr(split, name)):,} {name}" for name in SPLITS)
    yield f"{len(read.conversations):,} conversations in {split.groups:,} groups: {sizes}"
    yield from left_out_lines(read.left_out)
    if split.large:
        together = sum(group.conversations for group in split.large)
        yield (
            f"{len(split.large):,} groups of {together:,} conversations are too large to be held out and went to "
            f"train; most of the largest are answered “{split.large[0].answer}”"
        )


def _of_split(conversations: Sequence[Conversation]) -> dict[str, Any]:
    if not conversations:
        return {"conversations": 0}
    answers = [message.content for each in conversations for message in each if message.role == "assistant"]
    return {
        "conversations": len(conversations),
        "hash": conversations_hash(conversations),
        "turns": sum(len(each) for each in conversations),
        "answers": len(answers),
        "answer_words": lengths(answers),
        "with_system": sum(each[0].role == "system" for each in conversations),
    }
