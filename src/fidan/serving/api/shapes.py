"""The two forms an answer has: a chat's messages, and texts that continue prompts."""

import secrets
import time
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from fidan.serving.api.answers import (
    REASONS,
    Answer,
    ChatChoice,
    ChatChunk,
    ChatChunkChoice,
    ChatCompletion,
    Delta,
    Reason,
    TextChoice,
    TextCompletion,
    Usage,
    chat_logprobs,
    text_logprobs,
)  # fmt: skip
from fidan.serving.api.respond import Text
from fidan.serving.batcher import Piece
from fidan.tokenizer.tokenizer import Tokenizer


def _reason(text: Text) -> Reason:
    assert text.piece is not None
    assert text.piece.finish is not None
    return REASONS[text.piece.finish]


class ChatShape:
    """Of `POST /v1/chat/completions`.

    Args:
        tokenizer: the model's.
        model: its name.
        logprobs: whether they are told.
        usage: whether chunks have the field.
    """

    def __init__(self, tokenizer: Tokenizer, model: str, logprobs: bool, usage: bool) -> None:
        self._tokenizer, self._logprobs = tokenizer, logprobs
        self._same: dict[str, Any] = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": model,
        }
        self._empty: dict[str, Any] = {"usage": None} if usage else {}

    def first(self, number: int) -> list[BaseModel]:
        """See `Shape`: whose message it is."""
        return [self._chunk(ChatChunkChoice(index=number, delta=Delta(role="assistant", content="")))]

    def chunks(self, number: int, text: Text, piece: Piece) -> list[BaseModel]:
        """See `Shape`."""
        found: list[BaseModel] = []
        if piece.text or piece.tokens:
            logprobs = chat_logprobs(self._tokenizer, list(piece.tokens)) if self._logprobs else None
            delta = Delta(content=piece.text)
            found.append(
                self._chunk(ChatChunkChoice(index=number, delta=delta, logprobs=logprobs, finish_reason=None))
            )
        if piece.finish:
            end = ChatChunkChoice(index=number, delta=Delta(), logprobs=None, finish_reason=_reason(text))
            found.append(self._chunk(end))
        return found

    def used(self, usage: Usage) -> BaseModel:
        """See `Shape`."""
        return ChatChunk(object="chat.completion.chunk", choices=[], usage=usage, **self._same)

    def whole(self, texts: Sequence[Text], usage: Usage) -> BaseModel:
        """See `Shape`."""
        choices = [
            ChatChoice(
                index=number,
                message=Answer(role="assistant", content="".join(text.parts)),
                logprobs=chat_logprobs(self._tokenizer, text.tokens) if self._logprobs else None,
                finish_reason=_reason(text),
            )
            for number, text in enumerate(texts)
        ]
        return ChatCompletion(choices=choices, usage=usage, **self._same)

    def _chunk(self, choice: ChatChunkChoice) -> BaseModel:
        return ChatChunk(object="chat.completion.chunk", choices=[choice], **self._same, **self._empty)


class TextShape:
    """Of `POST /v1/completions`.

    Args:
        tokenizer: the model's.
        model: its name.
        logprobs: whether they are told.
        usage: whether chunks have the field.
        echo: of each text, what comes before it.
    """

    def __init__(self, tokenizer: Tokenizer, model: str, logprobs: bool, usage: bool, echo: Sequence[str]) -> None:
        self._tokenizer, self._logprobs, self._echo = tokenizer, logprobs, echo
        self._before = list(map(len, echo))  # characters of each text so far
        self._same: dict[str, Any] = {
            "id": f"cmpl-{secrets.token_hex(12)}",
            "created": int(time.time()),
            "model": model,
        }
        self._empty: dict[str, Any] = {"usage": None} if usage else {}

    def first(self, number: int) -> list[BaseModel]:
        """See `Shape`: the prompt, where it is wanted."""
        if not self._echo[number]:
            return []
        return [self._chunk(TextChoice(index=number, text=self._echo[number], logprobs=None, finish_reason=None))]

    def chunks(self, number: int, text: Text, piece: Piece) -> list[BaseModel]:
        """See `Shape`."""
        if not (piece.text or piece.tokens or piece.finish):
            return []
        logprobs = None
        if self._logprobs:
            logprobs = text_logprobs(self._tokenizer, list(piece.tokens), self._before[number])
            self._before[number] += sum(map(len, logprobs.tokens))
        reason = _reason(text) if piece.finish else None
        return [self._chunk(TextChoice(index=number, text=piece.text, logprobs=logprobs, finish_reason=reason))]

    def used(self, usage: Usage) -> BaseModel:
        """See `Shape`."""
        return TextCompletion(object="text_completion", choices=[], usage=usage, **self._same)

    def whole(self, texts: Sequence[Text], usage: Usage) -> BaseModel:
        """See `Shape`."""
        choices = [
            TextChoice(
                index=number,
                text=self._echo[number] + "".join(text.parts),
                logprobs=text_logprobs(self._tokenizer, text.tokens, 0) if self._logprobs else None,
                finish_reason=_reason(text),
            )
            for number, text in enumerate(texts)
        ]
        return TextCompletion(choices=choices, usage=usage, **self._same)

    def _chunk(self, choice: TextChoice) -> BaseModel:
        return TextCompletion(object="text_completion", choices=[choice], **self._same, **self._empty)
