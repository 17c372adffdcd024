"""What a server answers with, without HTTP: a model, the decoding loop, a law assistant, and the limits they stand in.

A request of a client becomes a `batcher.Request` here: its settings on top of the model's own, its messages by the
chat template, the oldest turns left out where they do not fit. What it leaves out: routes and errors of HTTP
(`fidan.serving.api`), the decoding itself (`fidan.serving.batcher`).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from fidan.errors import FidanError
from fidan.generation.generate import prompt_ids
from fidan.law.assistant import Assistant
from fidan.recipe import GenerateConfig
from fidan.serving.batcher import Batcher, Piece, Request
from fidan.settings import build, decisive
from fidan.tokenizer.chat import ChatPrompt, chat_ends, encode_prompt
from fidan.trained import Writer

ANSWER_SHARE = 4  # of the context, one part in so many is kept free for an answer before old turns are left out


@dataclass(frozen=True)
class Limits:
    """What one request, and all of them together, may take.

    Attributes:
        body_bytes: of a request's body.
        body_seconds: until a body has come whole.
        unread_seconds: that a client may leave what it was sent unread.
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
            if value < (0 if field.name in ("queue", "top_logprobs") else 1):
                raise FidanError(f"{field.name} = {value}: must be positive.")


class DoesNotChat(FidanError):
    """The model continues text and was not taught to answer."""


class Answering:
    """The pieces of one request, from the loop's thread into the caller's event loop.

    Made by `Service.begin`. Whoever stops reading calls `cancel`, which frees the slot; after the last piece it does
    nothing.
    """

    def __init__(self, batcher: Batcher, request: Request) -> None:
        self._batcher = batcher
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[Piece] = asyncio.Queue()  # bounded by the tokens that the request may write
        self._done = False
        self._ticket = batcher.submit(request, self._deliver)

    def _deliver(self, piece: Piece) -> None:
        try:
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)
        except RuntimeError:  # the caller's event loop is closed: nobody reads any more
            if not self._loop.is_closed():
                raise

    def __aiter__(self) -> AsyncIterator[Piece]:
        """Itself."""
        return self

    async def __anext__(self) -> Piece:
        """The next piece; the last one has `finish` or `error`."""
        if self._done:
            raise StopAsyncIteration
        piece = await self._pieces.get()
        self._done = bool(piece.finish or piece.error)
        return piece

    async def aclose(self) -> None:
        """The same as `cancel`, for `contextlib.aclosing`."""
        self.cancel()

    def cancel(self) -> None:
        """Free the slot, or the place in the queue."""
        if not self._done:
            self._done = True
            self._batcher.cancel(self._ticket)


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
            raise DoesNotChat(
                f"{self.name} continues text and was not taught to chat. Ask it for a completion, or teach it with "
                "`fidan sft`."
            )
        longest = self.writer.engine.longest_prompt
        room = longest - min(max_new_tokens, max(1, self.writer.engine.context // ANSWER_SHARE))
        try:
            return encode_prompt(self.writer.tokenizer, messages, max(1, room))
        except FidanError:
            return encode_prompt(self.writer.tokenizer, messages, longest)

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
        config = self.config({"max_new_tokens": self.writer.engine.context, **settings})
        prompt = self.chat_prompt(messages, config.max_new_tokens)
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

    def begin(self, request: Request) -> Answering:
        """Submit a request at once, from inside an event loop.

        Raises:
            QueueFull: as many wait as may.
            FidanError: the prompt is empty or too long.
        """
        return Answering(self.batcher, request)

    async def stream(self, request: Request) -> AsyncIterator[Piece]:
        """The pieces of a request's text; a consumer that goes away frees its slot.

        Raises:
            QueueFull, FidanError: as of `begin`, when the first piece is asked for.
        """
        async with aclosing(self.begin(request)) as answering:
            async for piece in answering:
                yield piece
