"""A conversation: messages of a system, a user and an assistant.

What it leaves out: where conversations come from (`read`), and ids (`fidan.tokenizer.chat`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from fidan.artifact import hash_json
from fidan.corpus.pairs.pair import normal_form
from fidan.errors import FidanError

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Message:
    """What one of them says.

    Attributes:
        role: who says it; `system` is how the assistant shall be.
        content: the text, as it was written: control symbols' names in it are plain characters.
    """

    role: Role
    content: str

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise FidanError(f"role = {self.role!r}: a message is of {', '.join(ROLES)}.")


Conversation = tuple[Message, ...]


def disorder(messages: Sequence[Message]) -> str:
    """What is wrong with the order of the roles; empty: nothing.

    A conversation to learn from has a system message first or none, then user and assistant by turns, the user first;
    it may end with either. A message without text is no fault of the order.
    """
    if any(message.role == "system" for message in messages[1:]):
        return "a system message that is not the first"
    turns = [message.role for message in messages if message.role != "system"]
    for place, role in enumerate(turns):
        if role != ("user", "assistant")[place % 2]:
            return f"the {role} speaks first" if place == 0 else f"the {role} speaks twice in a row"
    return ""


def normal_forms(messages: Sequence[Message]) -> tuple[str, ...]:
    """Who says what, each text in its normal form: equal for conversations that say the same."""
    return tuple(f"{message.role} {normal_form(message.content)}" for message in messages)


def conversations_hash(conversations: Iterable[Conversation]) -> str:
    """What identifies conversations and their order, for a manifest or a key."""
    return hash_json([[[message.role, message.content] for message in each] for each in conversations])
