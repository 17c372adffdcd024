"""What a server answers with, without HTTP: a model, the decoding loop, a law assistant, and the limits.

A request of a client becomes a `batcher.Request` here: its settings on top of the model's own, its messages by the
chat template, the oldest turns left out where they do not fit. What it leaves out: routes and errors of HTTP
(`fidan.serving.api`), the decoding itself (`fidan.serving.batcher`).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from fidan.errors import FidanError
from fidan.generation.chat import chat_prompt
from fidan.generation.generate import prompt_ids
from fidan.law.assistant import Assistant
from fidan.recipe import GenerateConfig
from fidan.serving.batcher import Batcher, Piece, Request, Ticket
from fidan.settings import build, decisive
from fidan.tokenizer.chat import ChatPrompt, chat_ends
from fidan.trained import Writer


@dataclass(frozen=True)
class Limits:
    """What one request, and all of them together, may take.

    Attributes:
        body_bytes: of a request's body.
        body_seconds: until a body has come whole.
        unread_seconds: that a client may leave what it was sent unread.
        max_tokens: that a request may name; a text ends where the context does, so this only catches mistakes.
        slots: rows that are decoded together.
        queue: requests that wait for a slot.
        choices: texts that one request may ask for, over all its prompts.
        messages: of a conversation.
        stops: stop strings of a request.
        stop_characters: of one stop string.
        top_logprobs: alternatives that are told of a token.
    """

    body_bytes: int = 1_000_000
    body_seconds: float = 20.0
    unread_seconds: float = 60.0
    max_tokens: int = 100_000
    slots: int = 8
    queue: int = 64
    choices: int = 8
    messages: int = 512
    stops: int = 4
    stop_characters: int = 256
    top_logprobs: int = 20

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value < 0 or (value == 0 and field.name not in ("queue", "top_logprobs")):
                raise FidanError(f"{field.name} = {value}: must be positive.")


class DoesNotChat(FidanError):
    """The model continues text and was not taught to answer."""


class Answering:
    """The pieces of requests that belong together, from the loop's thread into the caller's event loop.

    Made by `Service.begin`. Whoever stops reading calls `cancel`, which frees the slots; once every request has its
    last piece it does nothing.
    """

    def __init__(self, batcher: Batcher, requests: Sequence[Request]) -> None:
        self._batcher = batcher
        self._loop = asyncio.get_running_loop()
        # Bounded by the tokens that the requests may write.
        self._pieces: asyncio.Queue[tuple[int, Piece]] = asyncio.Queue()
        self._tickets: dict[int, Ticket] = {}
        try:
            for number, request in enumerate(requests):
                self._tickets[number] = batcher.submit(request, partial(self._deliver, number))
        except FidanError:
            self.cancel()  # all of them or none
            raise

    def _deliver(self, number: int, piece: Piece) -> None:
        try:
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, (number, piece))
        except RuntimeError:  # the caller's event loop is closed: nobody reads any more
            if not self._loop.is_closed():
                raise

    async def pieces(self) -> AsyncIterator[list[tuple[int, Piece]]]:
        """All pieces that are there, as soon as there is one, each with the number of its request.

        The last one of each request has `finish` or `error`.
        """
        while self._tickets:
            found = [await self._pieces.get()]
            while not self._pieces.empty():
                found.append(self._pieces.get_nowait())
            for number, piece in found:
                if piece.finish or piece.error:
                    self._tickets.pop(number, None)
            yield found

    def cancel(self) -> None:
        """Free the slots, or the places in the queue, of what has not ended."""
        for ticket in self._tickets.values():
            self._batcher.cancel(ticket)
        self._tickets.clear()


@dataclass(frozen=True)
class Service:
    """Everything that answers a request.

    Attributes:
        writer: the model.
        name: the id that clients know it by.
        batcher: decodes for all requests.
        assistant: answers from laws; None: there is no index.
        run: the run's folder, where the model is one's; its curves and samples are there.
        limits: of requests.
    """

    writer: Writer
    name: str
    batcher: Batcher
    assistant: Assistant | None = None
    run: Path | None = None
    limits: Limits = Limits()

    @cached_property
    def defaults(self) -> GenerateConfig:
        """How to write where a request does not say: the model's own sampling, without beams, which take turns."""
        return replace(self.writer.sampling, beams=1, length_penalty=1.0, prompts=(), samples=1)

    def config(self, settings: Mapping[str, Any]) -> GenerateConfig:
        """The model's own settings with a request's on top.

        Args:
            settings: keys as in a recipe's `[generate]`.

        Raises:
            RecipeError: one of them cannot be.
        """
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in settings.items()}
        return build(GenerateConfig, {**decisive(self.defaults), **plain}, "request")

    def chat_prompt(self, messages: Sequence[Any], max_new_tokens: int) -> ChatPrompt:
        """The ids that the model answers from, and how many of the oldest messages had to be left out.

        A part of the context is kept for the answer, unless the last message alone needs it.

        Args:
            messages: `Message`s, the last one of a user.
            max_new_tokens: that the answer may have.

        Raises:
            DoesNotChat: the model was not taught to.
            FidanError: the messages are none to answer, or the last one is longer than the context.
        """
        if not self.writer.chats:
            raise DoesNotChat(f"{self.name}: {self.writer.no_chat} Completions (/v1/completions) it can write.")
        return chat_prompt(self.writer.engine, self.writer.tokenizer, messages, max_new_tokens)

    def chat_request(
        self, messages: Sequence[Any], settings: Mapping[str, Any], seed: int | None, logprobs: int | None = None
    ) -> Request:
        """A request for the next answer in a conversation.

        Args:
            messages: as of `chat_prompt`.
            settings: as of `config`. Without `max_new_tokens` the answer may fill the context.
            seed: of the draws; None leaves them to chance.
            logprobs: None: no log-probabilities; k: with k alternatives a token.

        Raises:
            FidanError: as of `chat_prompt` and `config`.
        """
        config = self.chat_config(settings)
        return self.answer_request(self.chat_prompt(messages, config.max_new_tokens), config, seed, logprobs)

    def chat_config(self, settings: Mapping[str, Any]) -> GenerateConfig:
        """The same as `config`, of an answer: it may fill the context where its length is not set."""
        return self.config({"max_new_tokens": self.writer.engine.context, **settings})

    def answer_request(
        self, prompt: ChatPrompt, config: GenerateConfig, seed: int | None, logprobs: int | None = None
    ) -> Request:
        """The request for an answer to a prompt of `chat_prompt`."""
        return Request(prompt.ids, config, chat_ends(self.writer.tokenizer), seed, logprobs)

    def text_request(
        self, prompt: str | Sequence[int], settings: Mapping[str, Any], seed: int | None, logprobs: int | None = None
    ) -> Request:
        """A request for the continuation of a text, or of an encoder-decoder's answer to it.

        Args:
            prompt: a text, or the ids themselves, to which nothing is added.
            settings: as of `config`.
            seed: of the draws; None leaves them to chance.
            logprobs: None: no log-probabilities; k: with k alternatives a token.

        Raises:
            FidanError: a setting or an id that cannot be, or a prompt that is empty or too long.
        """
        config = self.config(settings)
        ids = prompt_ids(self.writer.engine, self.writer.tokenizer, prompt) if isinstance(prompt, str) else prompt
        size = self.writer.tokenizer.vocab_size
        outside = [one for one in ids if not 0 <= one < size]
        if outside:
            raise FidanError(f"prompt: no token has the id {outside[0]}; the model's are 0 to {size - 1:,}.")
        return Request(ids, config, (self.writer.tokenizer.eos_id,), seed, logprobs)

    def begin(self, requests: Sequence[Request]) -> Answering:
        """Submit requests at once, all of them or none, from inside an event loop.

        Raises:
            QueueFull: as many wait as may.
            FidanError: a prompt is empty or too long.
        """
        return Answering(self.batcher, requests)

    async def stream(self, request: Request) -> AsyncGenerator[Piece, None]:
        """The pieces of a request's text; a consumer that goes away frees its slot.

        Raises:
            QueueFull, FidanError: as of `begin`, when the first piece is asked for.
        """
        answering = self.begin([request])
        try:
            async for found in answering.pieces():
                for _, piece in found:
                    yield piece
        finally:
            answering.cancel()
