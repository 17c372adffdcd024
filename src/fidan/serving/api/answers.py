"""What the API answers with, in the form of OpenAI's: texts whole or in chunks, log-probabilities, tokens used.

Fields that have no value are left out where OpenAI leaves them out (`exclude_unset`). What it leaves out: how texts
come about (`respond`).
"""

from typing import Any, Literal

from pydantic import BaseModel

from fidan.generation.generate import Finish
from fidan.serving.batcher import TokenInfo
from fidan.tokenizer.tokenizer import Tokenizer

Reason = Literal["stop", "length"]
REASONS: dict[Finish, Reason] = {"end": "stop", "stop": "stop", "length": "length", "context": "length"}


class Usage(BaseModel):
    """Tokens read and written; a prompt counts once, however many texts follow from it."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Alternative(BaseModel):
    """A token and its natural log-probability, from the model's own distribution."""

    token: str
    logprob: float
    bytes: list[int]


class ChatToken(Alternative):
    """A written token, and the likeliest ones in its place."""

    top_logprobs: list[Alternative]


class ChatLogprobs(BaseModel):
    """Of the tokens of an answer, or of a chunk of it."""

    content: list[ChatToken]


class Answer(BaseModel):
    """The assistant's message."""

    role: Literal["assistant"]
    content: str
    refusal: None = None


class ChatChoice(BaseModel):
    """One answer."""

    index: int
    message: Answer
    logprobs: ChatLogprobs | None
    finish_reason: Reason


class ChatCompletion(BaseModel):
    """Of `POST /v1/chat/completions`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage


class Delta(BaseModel):
    """What a chunk adds to an answer."""

    role: Literal["assistant"] | None = None
    content: str | None = None


class ChatChunkChoice(BaseModel):
    """One answer's part of a chunk."""

    index: int
    delta: Delta
    logprobs: ChatLogprobs | None = None
    finish_reason: Reason | None = None


class ChatChunk(BaseModel):
    """An event of a chat's stream."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChatChunkChoice]
    usage: Usage | None = None


class TextLogprobs(BaseModel):
    """Of the tokens of a text, or of a chunk of it; offsets count characters of the whole text."""

    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]


class TextChoice(BaseModel):
    """One text, or its part of a chunk."""

    index: int
    text: str
    logprobs: TextLogprobs | None
    finish_reason: Reason | None


class TextCompletion(BaseModel):
    """Of `POST /v1/completions`, and an event of its stream."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[TextChoice]
    usage: Usage | None = None


class Model(BaseModel):
    """What is served."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["fidan"] = "fidan"


class Models(BaseModel):
    """Of `GET /v1/models`."""

    object: Literal["list"] = "list"
    data: list[Model]


class Fault(BaseModel):
    """What was wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorAnswer(BaseModel):
    """Of every request that is not answered."""

    error: Fault


def chat_logprobs(tokenizer: Tokenizer, tokens: list[TokenInfo]) -> ChatLogprobs:
    """The log-probabilities of an answer's tokens."""
    return ChatLogprobs(
        content=[
            ChatToken(
                **_named(tokenizer, one.id, one.logprob),
                top_logprobs=[Alternative(**_named(tokenizer, *other)) for other in one.top],
            )
            for one in tokens
        ]
    )


def text_logprobs(tokenizer: Tokenizer, tokens: list[TokenInfo], before: int) -> TextLogprobs:
    """The log-probabilities of a text's tokens.

    Args:
        tokenizer: of the tokens.
        tokens: of this part of the text.
        before: characters of the text so far.
    """
    names = [_name(tokenizer, one.id) for one in tokens]
    offsets, place = [], before
    for name in names:
        offsets.append(place)
        place += len(name)
    return TextLogprobs(
        tokens=names,
        token_logprobs=[one.logprob for one in tokens],
        top_logprobs=[{_name(tokenizer, other): value for other, value in one.top} for one in tokens],
        text_offset=offsets,
    )


def _name(tokenizer: Tokenizer, token: int) -> str:
    """A token as text; half a character is written as OpenAI does it, `bytes:\\xc4`."""
    if token in tokenizer.special_ids:
        return tokenizer.piece(token)
    data = tokenizer.piece_bytes(token)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in data)


def _named(tokenizer: Tokenizer, token: int, logprob: float) -> dict[str, Any]:
    return {"token": _name(tokenizer, token), "logprob": logprob, "bytes": list(tokenizer.piece_bytes(token))}
