"""From a client's request to requests of the decoding loop: names, limits, seeds.

What it leaves out: the form of single fields (`requests`), the answers (`answers`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fidan.corpus.conversations.conversation import Message
from fidan.errors import FidanError
from fidan.serving.api.errors import TOO_LONG, ApiError, of_fault
from fidan.serving.api.requests import ChatBody, CompletionBody, Sampling
from fidan.serving.batcher import Request
from fidan.serving.service import Limits, Service

GREEDY_BELOW = 0.001  # a temperature; logits divided by less leave one token, or are infinite
SAME = (  # settings that have one name here and there
    "temperature", "top_p", "frequency_penalty", "presence_penalty", "top_k", "min_p", "typical_p",
    "repetition_penalty", "no_repeat_ngram",
)  # fmt: skip
STRIDE = 0x9E3779B97F4A7C15  # between the seeds of a request's texts: 2**64 by the golden ratio, which is odd


@dataclass(frozen=True)
class Job:
    """The texts that one request asks for.

    Attributes:
        requests: one a text, those of one prompt beside each other.
        prompt_tokens: of all prompts, each counted once.
        echo: of each text, what its answer begins with.
        dropped: messages of the conversation that did not fit.
    """

    requests: Sequence[Request]
    prompt_tokens: int
    echo: Sequence[str]
    dropped: int = 0


def chat_job(service: Service, body: ChatBody) -> Job:
    """The answers that a conversation asks for.

    Raises:
        ApiError: it asks for what cannot be.
    """
    limits = service.limits
    _check_model(service, body.model)
    if len(body.messages) > limits.messages:
        raise ApiError(400, f"messages: {len(body.messages):,}; at most {limits.messages:,} are taken.", "messages")
    if body.messages[-1].role == "assistant":
        raise ApiError(400, "messages: the last one is the assistant's; it must be one to answer.", "messages")
    if body.max_tokens is not None and body.max_completion_tokens is not None:
        raise ApiError(
            400, "max_tokens and max_completion_tokens are one setting. Give one.", "max_completion_tokens"
        )
    if body.top_logprobs is not None and not body.logprobs:
        raise ApiError(400, "top_logprobs: only with logprobs = true.", "top_logprobs")
    top = _top(limits, body.top_logprobs or 0, "top_logprobs") if body.logprobs else None
    name = "max_tokens" if body.max_completion_tokens is None else "max_completion_tokens"
    settings = _settings(limits, body, {"max_new_tokens": (name, getattr(body, name))})
    messages = [Message("system" if one.role == "developer" else one.role, str(one.content)) for one in body.messages]
    config = service.chat_config(settings)
    try:
        prompt = service.chat_prompt(messages, config.max_new_tokens)
    except FidanError as error:
        raise of_fault(error, "messages", TOO_LONG) from error
    first = service.answer_request(prompt, config, body.seed, top)
    requests = _copies(limits, first, body)
    return Job(requests, len(first.prompt), [""] * len(requests), prompt.dropped)


def completion_job(service: Service, body: CompletionBody) -> Job:
    """The continuations that prompts ask for.

    Raises:
        ApiError: it asks for what cannot be.
    """
    limits = service.limits
    _check_model(service, body.model)
    prompts: list[Any] = body.prompt if isinstance(body.prompt, list) else [body.prompt]
    if isinstance(prompts[0], int):
        prompts = [prompts]
    if len(prompts) * (body.n or 1) > limits.choices:
        asked = f"{len(prompts):,} prompts × n = {body.n or 1:,}"
        raise ApiError(400, f"{asked}: at most {limits.choices} texts a request. Send several requests.", "n")
    if body.echo and body.logprobs is not None:
        raise ApiError(400, "echo: not with logprobs; those of a prompt are not told.", "echo")
    top = None if body.logprobs is None else _top(limits, body.logprobs, "logprobs")
    settings = _settings(limits, body, {"max_new_tokens": ("max_tokens", body.max_tokens)})
    requests: list[Request] = []
    echo: list[str] = []
    tokens = 0
    for prompt in prompts:
        try:
            first = service.text_request(prompt, settings, body.seed, top)
        except FidanError as error:
            raise of_fault(error, "prompt") from error
        _check_length(service, first)
        copies = _copies(limits, first, body)
        text = prompt if isinstance(prompt, str) else service.writer.tokenizer.decode(prompt)
        requests += copies
        echo += [text if body.echo else ""] * len(copies)
        tokens += len(first.prompt)
    return Job(requests, tokens, echo)


def _check_model(service: Service, name: str) -> None:
    if name != service.name:
        raise no_model(service, name)


def _check_length(service: Service, request: Request) -> None:
    length, longest = len(request.prompt), service.writer.engine.longest_prompt
    if length > longest:
        raise ApiError(400, f"prompt: {length:,} tokens; the model reads at most {longest:,}.", "prompt", TOO_LONG)


def no_model(service: Service, name: str) -> ApiError:
    """What a request for another model is answered with."""
    return ApiError(404, f"model {name!r}: there is only {service.name!r}.", "model", "model_not_found")


def _top(limits: Limits, number: int, param: str) -> int:
    if number > limits.top_logprobs:
        raise ApiError(400, f"{param} = {number:,}: at most {limits.top_logprobs}.", param)
    return number


def _copies(limits: Limits, request: Request, body: Sampling) -> list[Request]:
    """The request for each of n texts: the first has the seed itself, the others seeds made of it."""
    n = body.n or 1
    if n > limits.choices:
        raise ApiError(400, f"n = {n:,}: at most {limits.choices} texts a request.", "n")
    if body.seed is None:
        return [request] * n
    return [replace(request, seed=(body.seed + number * STRIDE) % 2**64) for number in range(n)]


def _settings(limits: Limits, body: Sampling, longest: Mapping[str, tuple[str, int | None]]) -> dict[str, Any]:
    """A request's settings under our names; what it leaves out is left to the model's own."""
    settings: dict[str, Any] = {name: value for name in SAME if (value := getattr(body, name)) is not None}
    if settings.get("temperature", 1) < GREEDY_BELOW:
        settings["temperature"] = 0.0
    for ours, (theirs, value) in longest.items():
        if value is not None:
            if value > limits.max_tokens:
                raise ApiError(400, f"{theirs} = {value:,}: at most {limits.max_tokens:,}.", theirs)
            settings[ours] = value
    if body.stop is not None:
        stops = [body.stop] if isinstance(body.stop, str) else body.stop
        if len(stops) > limits.stops:
            raise ApiError(400, f"stop: {len(stops):,} strings; at most {limits.stops} are taken.", "stop")
        if not all(1 <= len(stop) <= limits.stop_characters for stop in stops):
            raise ApiError(400, f"stop: strings of 1 to {limits.stop_characters} characters are taken.", "stop")
        settings["stop"] = tuple(stops)
    if body.stream_options is not None and not body.stream:
        raise ApiError(400, "stream_options: only with stream = true.", "stream_options")
    return settings
