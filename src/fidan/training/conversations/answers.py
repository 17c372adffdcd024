"""What a model answers by itself, for the samples of a training and of a run."""

from collections.abc import Sequence
from dataclasses import replace

from fidan.corpus.conversations.conversation import Conversation, Message
from fidan.errors import FidanError
from fidan.evaluation.written_answers import GREEDY
from fidan.generation.engine import Engine
from fidan.generation.engines import plain_engine
from fidan.generation.generate import Written, write
from fidan.model.build import Model
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


def held_out_questions(
    tokenizer: Tokenizer, openings: Sequence[tuple[Conversation, str]], context: int, max_new_tokens: int, most: int
) -> list[tuple[Conversation, str]]:
    """The openings that are answered at each validation: at most so many of those that fit, evenly spread.

    Args:
        tokenizer: of the model.
        openings: conversations to be answered, each with the answer that is wanted; one without is passed over.
        context: of the model.
        max_new_tokens: of an answer.
        most: how many are answered; 0: none.
    """
    if not most:
        return []
    room = longest_prompt(context, max_new_tokens)
    fitting = [one for one in openings if one[1] and len(encode_prompt(tokenizer, one[0], 10**9).ids) <= room]
    count = min(most, len(fitting))
    return [fitting[number * len(fitting) // count] for number in range(count)]


def answer_held_out(
    model: Model, tokenizer: Tokenizer, asked: Sequence[tuple[Conversation, str]], max_new_tokens: int
) -> tuple[dict[str, str], ...]:
    """What the model answers to them, greedily, for the record; it is left in the mode in which it came."""
    training = model.training
    try:
        engine = plain_engine(model, tokenizer.bos_id)
        config = replace(GREEDY, max_new_tokens=max_new_tokens)
        written = write_answers(engine, tokenizer, [messages for messages, _ in asked], config)
    finally:
        model.train(training)
    return tuple(
        {"prompt": messages[-1].content, "expected": wanted, "text": answer.text}
        for (messages, wanted), answer in zip(asked, written, strict=True)
    )


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
