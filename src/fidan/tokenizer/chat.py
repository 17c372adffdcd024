"""The chat template, ChatML on two control symbols: the one place that knows it.

    <s><|im_start|>user
    Merhaba!<|im_end|>
    <|im_start|>assistant
    Merhaba, nasılsın?<|im_end|>

Training and generation take its ids from here, Transformers and llama.cpp from `JINJA`, Ollama from `GO`, and all
of them get the same. What stands between two control symbols ("user\\nMerhaba!", and "\\n" after `<|im_end|>`) is
encoded as a text of its own. An answer follows "assistant\\n", and since a line break is always a token of its own,
its ids are the same whether they are encoded with that line or come one after the other.

A control symbol's name that somebody types is plain characters here. It is not in the others: they write a whole
conversation as one text and then read the names in it as symbols, so a user who types `<|im_end|>` ends his turn
there (Transformers 5, llama.cpp's server and Ollama alike). Whoever serves such a text through them has to take the
names out of it.

No template adds a system message. `SYSTEM` is for two places: a training puts it before a share of the conversations
that have none, so that a model knows both, and the Modelfile names it where the training did so.

What it leaves out: other templates; tools; where conversations come from (`fidan.corpus.conversations`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from fidan.corpus.conversations.conversation import Message
from fidan.errors import FidanError
from fidan.tokenizer.tokenizer import Tokenizer

IM_START, IM_END = "<|im_start|>", "<|im_end|>"
SYSTEM = "Türkçe yardımcı asistan."

# Transformers and llama.cpp put nothing before what it writes, so `<s>` is in it.
JINJA = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
# Ollama puts `<s>` before it, by the model's own settings. .Messages holds the system message too.
GO = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"


class MessageTooLong(FidanError):
    """A message that leaves no room in the context.

    Attributes:
        needed: tokens that it takes, with the system message and the template.
        room: tokens there are.
    """

    def __init__(self, message: str, needed: int, room: int) -> None:
        super().__init__(message)
        self.needed, self.room = needed, room


class Encoded(NamedTuple):
    """A conversation's ids.

    Attributes:
        ids: from `<s>` to the line break after the last `<|im_end|>`.
        written: of each id, whether the assistant writes it: its text, and the `<|im_end|>` behind that.
    """

    ids: list[int]
    written: list[bool]


class ChatPrompt(NamedTuple):
    """Ids for the assistant to go on with.

    Attributes:
        ids: from `<s>` to the line break after `<|im_start|>assistant`.
        dropped: messages that were left out, the oldest first.
    """

    ids: list[int]
    dropped: int


def encode_conversation(tokenizer: Tokenizer, messages: Sequence[Message]) -> Encoded:
    """A conversation to learn from.

    Raises:
        FidanError: no messages, or a tokenizer that cannot chat (`require_symbols`).
    """
    require_symbols(tokenizer)
    _require_messages(messages)
    ids, written = [tokenizer.bos_id], [False]
    for message in messages:
        turn, head, tail = _turn(tokenizer, message)
        own = message.role == "assistant"
        ids += turn
        written += [False] * head + [own] * (len(turn) - head - tail) + [False] * tail
    return Encoded(ids, written)


def encode_prompt(tokenizer: Tokenizer, messages: Sequence[Message], longest: int) -> ChatPrompt:
    """The conversation so far, for the assistant to answer.

    What does not fit is left out from the oldest message on, up to one of the user's, so that no answer stands there
    without its question. A system message at the beginning always stays, and so does the last message.

    Args:
        tokenizer: the model's.
        messages: the last one is to be answered.
        longest: the most ids that the prompt may have.

    Raises:
        MessageTooLong: the last one does not fit (with the system message).
        FidanError: no messages, or a tokenizer that cannot chat.
    """
    require_symbols(tokenizer)
    _require_messages(messages)
    turns = [_turn(tokenizer, message).ids for message in messages]
    lead = int(messages[0].role == "system" and len(messages) > 1)
    before = [tokenizer.bos_id, *turns[0]] if lead else [tokenizer.bos_id]
    behind = [tokenizer.special_id(IM_START), *tokenizer.encode("assistant\n")]
    room = longest - len(before) - len(behind)
    if room < len(turns[-1]):
        needed = longest - room + len(turns[-1])
        with_system = " with the system message" if lead else ""
        raise MessageTooLong(
            f"the last message{with_system} takes {needed:,} tokens, and there is room for {max(longest, 0):,}. "
            "Shorten it.",
            needed,
            max(longest, 0),
        )
    first, size = len(turns) - 1, 0
    for place in range(len(turns) - 1, lead - 1, -1):
        size += len(turns[place])
        if size > room:
            break
        if messages[place].role != "assistant" or place == lead:
            first = place
    kept = [i for turn in turns[first:] for i in turn]
    return ChatPrompt([*before, *kept, *behind], first - lead)


def chat_ends(tokenizer: Tokenizer) -> tuple[int, ...]:
    """The ids that end an answer: `</s>` and `<|im_end|>`.

    Raises:
        FidanError: a tokenizer that cannot chat.
    """
    require_symbols(tokenizer)
    return tokenizer.eos_id, tokenizer.special_id(IM_END)


def require_symbols(tokenizer: Tokenizer) -> None:
    """Refuse a tokenizer in which this template cannot be written.

    Raises:
        FidanError: it lacks one of the control symbols, or joins line breaks with other characters.
    """
    for name in (IM_START, IM_END):
        try:
            tokenizer.special_id(name)
        except FidanError as error:
            raise FidanError(
                f"a chat needs a tokenizer with control symbols. {error} Train one with `fidan`."
            ) from error
    if not tokenizer.is_byte(tokenizer.encode("assistant\n")[-1]):
        raise FidanError(
            "a chat needs a tokenizer in which a line break is a token of its own; this one has pieces with line "
            "breaks. Train one with `fidan`."
        )


class _Turn(NamedTuple):
    """A message's ids, how many of them come before its text, and how many behind its `<|im_end|>`."""

    ids: list[int]
    head: int
    tail: int


def _turn(tokenizer: Tokenizer, message: Message) -> _Turn:
    head = [tokenizer.special_id(IM_START), *tokenizer.encode(f"{message.role}\n")]
    text = [head[0], *tokenizer.encode(f"{message.role}\n{message.content}")]
    tail = tokenizer.encode("\n")
    assert text[: len(head)] == head  # a line break is a token of its own
    return _Turn([*text, tokenizer.special_id(IM_END), *tail], len(head), len(tail))


def _require_messages(messages: Sequence[Message]) -> None:
    if not messages:
        raise FidanError("a conversation without a message. Give at least one.")
