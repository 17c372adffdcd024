"""A row of a set to a conversation, by the form its columns tell.

The forms, in the order in which they are looked for:

    messages      a list of {"role": "system" | "user" | "assistant", "content": text}
    conversations the same as {"from": "system" | "human" | "gpt", "value": text} (ShareGPT)
    instruction   with `output` and perhaps `input`, which follows the instruction after an empty line (Alpaca)
    question      and answer: two columns named in the config, perhaps with a context, which comes first

In CSV a list of messages may be JSON in a cell. Texts are NFC and stripped; an empty system message is none. What it
leaves out: roles of tools, and parts of messages that are no text; which conversations are kept (`read`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fidan.corpus.conversations.conversation import Conversation, Message, Role
from fidan.corpus.pairs.read import Columns
from fidan.corpus.rows import Row, clean_text, text_of
from fidan.errors import SourceError

# Names that datasets use for a speaker.
_SPEAKERS: Mapping[str, Role] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
}
_TURNS = (("messages", "role", "content"), ("conversations", "from", "value"))


def conversation_of(row: Row, columns: Columns) -> Conversation:
    """What a row says; its order and its empty texts are not judged here.

    Raises:
        SourceError: a row of no known form, or with something else than text.
    """
    for column, role, content in _TURNS:
        if column in row.cells:
            return turns_of(row, column, role, content)
    if {"instruction", "output"} <= row.cells.keys():
        given = text_of(row, "input") if "input" in row.cells else ""
        return _exchange([text_of(row, "instruction"), given], text_of(row, "output"))
    if {columns.question, columns.answer} <= row.cells.keys():
        context = [text_of(row, columns.context)] if columns.context else []
        return _exchange([*context, text_of(row, columns.question)], text_of(row, columns.answer))
    raise SourceError(
        f"{row.where}: no conversation in the columns {', '.join(map(repr, row.cells)) or '(none)'}. Wanted are "
        f"messages, conversations, instruction and output, or {columns.question} and {columns.answer}; name the last "
        "two as the file does."
    )


def _exchange(asked: Sequence[str], answer: str) -> Conversation:
    return Message("user", "\n\n".join(filter(None, asked))), Message("assistant", answer)


def turns_of(row: Row, column: str, role: str = "role", content: str = "content") -> Conversation:
    """The messages in a column; an empty system message is none.

    Args:
        row: that has the column.
        column: a list of objects, which may be written as JSON.
        role: the key of who speaks.
        content: the key of the text.

    Raises:
        SourceError: it is no such list, or holds something else than text.
    """
    where, turns = f"{row.where}: {column}", row.cells[column]
    if isinstance(turns, str):
        try:
            turns = json.loads(turns)
        except ValueError as error:
            raise SourceError(f"{where}: not valid JSON ({error}). Write a list of messages.") from error
    if not isinstance(turns, list):
        raise SourceError(f"{where} holds {type(turns).__name__}, where a list of messages is wanted.")
    found = [_message(turn, role, content, f"{where}, message {place}") for place, turn in enumerate(turns, start=1)]
    return tuple(message for message in found if message.content or message.role != "system")


def _message(turn: Any, role: str, content: str, where: str) -> Message:
    if not isinstance(turn, dict) or not {role, content} <= turn.keys():
        raise SourceError(f"{where}: an object with {role!r} and {content!r} is wanted.")
    speaker = turn[role]
    if not isinstance(speaker, str) or speaker not in _SPEAKERS:
        known = ", ".join(_SPEAKERS)
        raise SourceError(f"{where}: {role} = {speaker!r}. Known are {known}; take the others out.")
    return Message(_SPEAKERS[speaker], clean_text(turn[content], f"{where}: {content!r}"))
