"""What a model answers by itself, for the samples of a training and of a run."""

from collections.abc import Sequence

from fidan.corpus.conversations.conversation import Conversation, Message
from fidan.errors import FidanError
from fidan.generation.engine import Engine
from fidan.generation.generate import Written, write
from fidan.recipe import GenerateConfig
from fidan.tokenizer.chat import chat_ends, encode_prompt
from fidan.tokenizer.tokenizer import Tokenizer


def write_answers(
    engine: Engine,
    tokenizer: Tokenizer,
    conversations: Sequence[Sequence[Message]],
    config: GenerateConfig,
    seeds: Sequence[int] | None = None,
) -> list[Written]:
    """The assistant's answer to the last message of each conversation, all of them in one batch.

    Raises:
        FidanError: a last message does not fit beside half of the answer; a tokenizer that cannot chat.
    """
    if not conversations:
        return []
    room = longest_prompt(engine.context, config.max_new_tokens)
    prompts = [encode_prompt(tokenizer, messages, room).ids for messages in conversations]
    return write(engine, tokenizer, prompts, config, seeds, chat_ends(tokenizer))


def answer_questions(
    engine: Engine, tokenizer: Tokenizer, questions: Sequence[str], config: GenerateConfig, seed: int
) -> list[dict[str, str]]:
    """An answer to each question, as a conversation that begins with it, each with a seed of its own."""
    seeds = [seed + number for number in range(len(questions))]
    written = write_answers(engine, tokenizer, list(map(as_question, questions)), config, seeds)
    return [{"prompt": asked, "answer": one.text} for asked, one in zip(questions, written, strict=True)]


def longest_prompt(context: int, max_new_tokens: int) -> int:
    """How long a conversation may be, in ids, for an answer to have room: the context less it, at least half."""
    return max(context - max_new_tokens, context // 2)


def check_questions(tokenizer: Tokenizer, questions: Sequence[str], context: int, max_new_tokens: int) -> None:
    """Refuse questions that no answer can follow, before a training has begun.

    Raises:
        FidanError: one is too long.
    """
    for question in questions:
        try:
            encode_prompt(tokenizer, as_question(question), longest_prompt(context, max_new_tokens))
        except FidanError as error:
            raise FidanError(f"prompts: {question[:40]!r}: {error}") from error


def as_question(text: str) -> Conversation:
    """A conversation that begins with this text."""
    return (Message("user", text),)
