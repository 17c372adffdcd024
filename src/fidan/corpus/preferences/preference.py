"""A preference: what was said so far, and two ways to go on, of which one is better."""

from collections.abc import Iterable
from typing import NamedTuple

from fidan.artifact import hash_json
from fidan.corpus.conversations.conversation import Conversation


class Preference(NamedTuple):
    """Two answers to one prompt.

    Attributes:
        prompt: ends with a message of the user.
        chosen: the better answer; in Unicode's form C, without white space around it; never empty.
        rejected: the worse one, likewise.
    """

    prompt: Conversation
    chosen: str
    rejected: str


def preferences_hash(preferences: Iterable[Preference]) -> str:
    """What identifies preferences and their order."""
    return hash_json([[[[m.role, m.content] for m in p.prompt], p.chosen, p.rejected] for p in preferences])
