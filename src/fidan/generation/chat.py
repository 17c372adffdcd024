"""Answering in a conversation: messages become a prompt that leaves room, and the answer comes as it is written.

The one way of the terminal, the page and the API from messages to a prompt. What it leaves out: the template
(`tokenizer.chat`), who asks and what is kept of it (`serving`).
"""

from collections.abc import Iterator, Sequence

from fidan.corpus.conversations.conversation import Message
from fidan.generation.engine import Engine
from fidan.generation.generate import Finish, Stream
from fidan.recipe import GenerateConfig
from fidan.tokenizer.chat import ChatPrompt, MessageTooLong, chat_ends, encode_prompt
from fidan.tokenizer.tokenizer import Tokenizer

ANSWER_SHARE = 4  # of the context, one part in so many is kept for an answer before old messages are left out


def chat_prompt(engine: Engine, tokenizer: Tokenizer, messages: Sequence[Message], max_new_tokens: int) -> ChatPrompt:
    """The ids that a model answers after; the oldest messages are left out where they do not fit.

    A part of the context is kept for the answer, unless the last message alone needs it.

    Args:
        engine: the model.
        tokenizer: the model's.
        messages: the last one is to be answered.
        max_new_tokens: that the answer may have.

    Raises:
        MessageTooLong: the last message, with the system's, is longer than the context.
        FidanError: no messages, or a tokenizer that cannot chat.
    """
    room = min(max_new_tokens, max(1, engine.context // ANSWER_SHARE))
    try:
        return encode_prompt(tokenizer, messages, engine.longest_prompt - room)
    except MessageTooLong:
        return encode_prompt(tokenizer, messages, engine.longest_prompt)


class Reply:
    """The answer to a conversation's last message, written as it is read: iterating gives pieces, some empty.

    Args:
        engine: a model that chats.
        tokenizer: the model's.
        messages: the conversation, its last one the user's.
        config: how to pick and how long.
        seed: of the draws; None leaves them to chance.

    Attributes:
        dropped: how many of the oldest messages the model does not see, since they do not fit.

    Raises:
        FidanError: as `chat_prompt`.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        messages: Sequence[Message],
        config: GenerateConfig,
        seed: int | None = None,
    ) -> None:
        prompt = chat_prompt(engine, tokenizer, messages, config.max_new_tokens)
        self.dropped = prompt.dropped
        self._stream = Stream(engine, tokenizer, prompt.ids, config, seed, chat_ends(tokenizer))

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)

    @property
    def finish(self) -> Finish | None:
        """Why it ended; None while it goes on, or where nobody read it to its end."""
        return self._stream.finish
