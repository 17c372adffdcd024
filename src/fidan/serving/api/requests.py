"""What clients may send, field by field: an unknown field is refused by name, and so is one that cannot be honoured.

Fields that cannot change the text are taken and left aside. What it leaves out: what depends on the model, its
context and the limits (`jobs`).
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from fidan.settings import nearest

# They say who asks, where it is kept, how soon it is wanted: nothing about the text.
INERT = frozenset(
    "user metadata store service_tier parallel_tool_calls prediction safety_identifier prompt_cache_key "
    "prompt_cache_retention".split()
)
Token = Annotated[int, Field(ge=0)]
NO_TOOLS = "the model calls no tools"
# Name → why; taken all the same with a value that asks for nothing.
REFUSED = {
    "tools": NO_TOOLS,
    "functions": NO_TOOLS,
    "tool_choice": NO_TOOLS,
    "function_call": NO_TOOLS,
    "response_format": "the model writes plain text",
    "modalities": "the model writes plain text",
    "audio": "the model writes plain text",
    "logit_bias": "not supported; logits are changed by the penalties alone",
    "reasoning_effort": "the model does not reason before it answers",
    "verbosity": "say in the messages how long the answer shall be",
    "web_search_options": "the server asks nobody else",
    "suffix": "the model continues a text and fills no gap",
    "best_of": "ask for n texts",
}
NOTHING: tuple[Any, ...] = (None, [], {}, "none", "auto", "", 1, {"type": "text"}, ["text"])


class Body(BaseModel):
    """Fields of the right type alone: a number in quotes is none."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        kept = {}
        for key, value in data.items():
            if key in cls.model_fields:
                kept[key] = value
            elif key in REFUSED:
                if not any(value is one or (type(value) is type(one) and value == one) for one in NOTHING):
                    raise PydanticCustomError("unsupported", "{why}", {"key": key, "why": REFUSED[key]})
            elif key not in INERT:
                hint = nearest(key, cls.model_fields)
                raise PydanticCustomError("unknown", "no such parameter.{hint}", {"key": key, "hint": hint})
        return kept


def _strings(value: Any) -> Any:
    if value is None or isinstance(value, str) or _list_of(value, str):
        return value
    raise PydanticCustomError("strings", "must be a string or a list of strings")


def _prompt(value: Any) -> Any:
    lists = isinstance(value, list) and bool(value)
    for text in value if lists else [value]:
        if isinstance(text, str):
            _sound(text)
    if isinstance(value, str) or (lists and (_list_of(value, str) or _list_of(value, int))):
        return value
    if lists and all(_list_of(one, int) for one in value):
        return value
    raise PydanticCustomError("prompt", "must be a string, a list of strings, token ids, or a list of lists of them")


def _content(value: Any) -> Any:
    """Parts of text as one text, a line each, as llama.cpp's server joins them."""
    if isinstance(value, str):
        return _sound(value)
    if not _list_of(value, dict):
        raise PydanticCustomError("content", "must be a string, or a list of parts with type 'text'")
    for part in value:
        if part.get("type") != "text" or not isinstance(part.get("text"), str) or set(part) > {"type", "text"}:
            raise PydanticCustomError("part", "parts must be {'type': 'text', 'text': …}: the model reads text alone")
    return _sound("\n".join(part["text"] for part in value))


def _sound(text: str) -> str:
    """Refuse half a surrogate pair, which JSON can escape and no UTF-8 can say."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        why = "character {place} is half of a surrogate pair"
        raise PydanticCustomError("surrogate", why, {"place": error.start}) from None
    return text


def _list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(one) is kind for one in value)


class StreamOptions(Body):
    """Of a stream: whether its last chunk tells the tokens used."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None  # fills chunks up against eavesdroppers; there is nothing to fill up here


class Sampling(Body):
    """What both kinds of request have. Where a field is missing, or null, the model's own setting holds."""

    model: str
    max_tokens: int | None = Field(None, ge=1, description="The text also ends where the model's context does.")
    temperature: float | None = Field(None, ge=0, le=2, description="0 is greedy, and so is what is below 0.001.")
    top_p: float | None = Field(None, gt=0, le=1)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    top_k: int | None = Field(None, ge=0, le=1_000_000, description="0 is off.")
    min_p: float | None = Field(None, ge=0, le=1)
    typical_p: float | None = Field(None, gt=0, le=1)
    repetition_penalty: float | None = Field(None, ge=0.01, le=100, description="1 is off.")
    no_repeat_ngram: int | None = Field(None, ge=0, le=1024, description="0 is off.")
    stop: Annotated[str | list[str] | None, BeforeValidator(_strings)] = None
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    n: int | None = Field(None, ge=1, le=128)
    stream: bool | None = None
    stream_options: StreamOptions | None = None


class CompletionBody(Sampling):
    """Of `POST /v1/completions`."""

    prompt: Annotated[str | list[str] | list[Token] | list[list[Token]], BeforeValidator(_prompt)]
    logprobs: int | None = Field(None, ge=0)
    echo: bool | None = None


class TextPart(Body):
    """A part of a message."""

    type: Literal["text"]
    text: str


class MessageBody(Body):
    """A message; what an answer of this API has beside its text may come back with null."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str | list[TextPart], BeforeValidator(_content)]
    name: None = None
    refusal: None = None
    annotations: list[None] | None = None
    audio: None = None
    tool_calls: list[None] | None = None
    function_call: None = None


class ChatBody(Sampling):
    """Of `POST /v1/chat/completions`."""

    messages: Annotated[list[MessageBody], Field(min_length=1)]
    max_completion_tokens: int | None = Field(None, ge=1, description="The newer name of max_tokens.")
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0)


class QuestionBody(Body):
    """Of `POST /v1/law/ask`."""

    question: Annotated[str, AfterValidator(_sound)]
