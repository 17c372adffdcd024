"""The page's named endpoints, for `gradio_client`: chat, complete, law, tokens, next_token.

They take and give plain JSON. What it leaves out: the OpenAI-style API, which is for everything else.
"""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import gradio as gr

from fidan.errors import FidanError
from fidan.serving.batcher import Request
from fidan.serving.inside.looking import Looking
from fidan.serving.inside.next_token import next_token as next_of
from fidan.serving.inside.tokens import show, tokens_of
from fidan.serving.service import Service
from fidan.serving.web.chat_tab import check_room, messages
from fidan.serving.web.inside_tab import filters
from fidan.serving.web.law_tab import ask
from fidan.serving.web.settings import LARGEST_SEED
from fidan.serving.web.talk import check_length, refusal, said


def endpoints(service: Service, looking: Looking) -> None:
    """Add them, inside `gr.Blocks`."""
    defaults, tokenizer = service.defaults, service.writer.tokenizer

    async def stream(ask_for: Any) -> AsyncIterator[str]:
        async for one in said(service, ask_for):
            if one.wrong:
                raise gr.Error(one.told, print_exception=False)
            yield one.text

    async def chat(
        message: str,
        history: list[dict[str, str]] = [],  # noqa: B006  (Gradio reads the default, and nothing changes it)
        system: str = "",
        temperature: float = defaults.temperature,
        top_k: int = defaults.top_k,
        top_p: float = defaults.top_p,
        max_new_tokens: int = 256,
        seed: int = -1,
    ) -> AsyncIterator[str]:
        def request() -> Request:
            check_length(service, message)
            check_room(service, history)
            chosen = _settings(temperature, top_k, top_p, max_new_tokens)
            turns = [*history, {"role": "user", "content": message}]
            return service.chat_request(messages(turns, system), chosen, _seed(seed))

        async for text in stream(request):
            yield text

    async def complete(
        text: str,
        temperature: float = defaults.temperature,
        top_k: int = defaults.top_k,
        top_p: float = defaults.top_p,
        max_new_tokens: int = 128,
        seed: int = -1,
    ) -> AsyncIterator[str]:
        def request() -> Request:
            check_length(service, text)
            return service.text_request(text, _settings(temperature, top_k, top_p, max_new_tokens), _seed(seed))

        async for written in stream(request):
            yield written

    async def law(question: str) -> dict[str, Any]:
        try:
            return asdict(await ask(service, question))
        except FidanError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def tokens(text: str) -> list[dict[str, Any]]:
        try:
            return [one._asdict() for one in tokens_of(tokenizer, text).shown]
        except FidanError as error:
            raise gr.Error(str(error), print_exception=False) from None

    async def next_token(
        text: str, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, min_p: float = 0.0
    ) -> dict[str, Any]:
        try:
            check_length(service, text)
            config = filters((temperature, top_k, top_p, min_p))
            found = next_of(await looking.logprobs(looking.prompt(text)), config)
        except FidanError as error:
            raise gr.Error(refusal(error), print_exception=False) from None
        named = [{**one._asdict(), "text": show(tokenizer, one.id).text} for one in found.candidates]
        return {**asdict(found), "candidates": named}

    for endpoint in (chat, complete, law, tokens, next_token):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_limit=None)


def _settings(temperature: float, top_k: int, top_p: float, max_new_tokens: int) -> dict[str, Any]:
    return {"temperature": temperature, "top_k": top_k, "top_p": top_p, "max_new_tokens": max_new_tokens}


def _seed(number: int) -> int | None:
    """A seed; -1 leaves the draws to chance."""
    if number == -1:
        return None
    if not 0 <= number <= LARGEST_SEED:
        raise FidanError(f"seed = {number}: from 0, or -1 for chance.")
    return number
