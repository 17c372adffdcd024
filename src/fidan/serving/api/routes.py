"""The routes: models, completions, chats, law, and how the server is."""

from dataclasses import asdict
from typing import Any

import anyio
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from fidan.errors import FidanError
from fidan.law.assistant import Assistant
from fidan.serving.api.answers import ChatCompletion, ErrorAnswer, Model, Models, TextCompletion
from fidan.serving.api.errors import ApiError, of_fault
from fidan.serving.api.gate import HEALTH, METRICS, OPENAPI, has_key
from fidan.serving.api.jobs import chat_job, completion_job, no_model
from fidan.serving.api.requests import ChatBody, CompletionBody, QuestionBody
from fidan.serving.api.respond import respond
from fidan.serving.api.shapes import ChatShape, TextShape
from fidan.serving.api.state import State

_STATUSES = {
    400: "The request cannot be honoured; `param` names what is wrong.", 401: "No key, or a wrong one.",
    403: "An unknown Host header.", 404: "No such model or path.", 408: "The body did not come in time.",
    413: "The body is too large.", 429: "Too many wait; Retry-After says how long.", 500: "The model failed.",
    503: "The server is closing.",
}  # fmt: skip
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text} for status, text in _STATUSES.items()
}
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Whole, or its chunks."}
}
MOST_ASKED = 16  # questions of law that wait; each takes tens of milliseconds


class Health(BaseModel):
    """How the server is; who has no key where one is needed learns the status alone."""

    status: str
    model: str | None = None
    slots: int | None = None
    running: int | None = None
    waiting: int | None = None


def add_routes(app: FastAPI, state: State, api_key: str | None) -> None:
    """Give an application all of them."""
    _add_models(app, state)
    _add_writing(app, state)
    if state.service.assistant is not None:
        _add_law(app, state.service.assistant)
    _add_operation(app, state, api_key)
    unknown = _Unknown(app)
    for path in ("/v1/{rest:path}", HEALTH, METRICS, OPENAPI):
        app.router.routes.append(Route(path, unknown, include_in_schema=False))


def _add_models(app: FastAPI, state: State) -> None:
    service, created = state.service, int(state.created)

    @app.get("/v1/models", responses=ERRORS)
    async def models() -> Models:
        """What is served."""
        return Models(data=[Model(id=service.name, created=created)])

    @app.get("/v1/models/{model}", responses=ERRORS)
    async def model(model: str) -> Model:
        """One of them."""
        if model != service.name:
            raise no_model(service, model)
        return Model(id=service.name, created=created)


def _add_writing(app: FastAPI, state: State) -> None:
    service = state.service
    tokenizer = service.writer.tokenizer

    @app.post("/v1/completions", response_model=TextCompletion, responses=ERRORS | STREAMED)
    async def completions(body: CompletionBody, request: Request) -> Response:
        """Texts that continue prompts, or, of an encoder-decoder, answer them."""
        job = completion_job(service, body)
        usage = bool(body.stream_options and body.stream_options.include_usage)
        shape = TextShape(tokenizer, service.name, body.logprobs is not None, usage, job.echo)
        return await respond(state, request, job, shape, bool(body.stream), usage)

    @app.post("/v1/chat/completions", response_model=ChatCompletion, responses=ERRORS | STREAMED)
    async def chat_completions(body: ChatBody, request: Request) -> Response:
        """The assistant's answers in a conversation."""
        job = chat_job(service, body)
        usage = bool(body.stream_options and body.stream_options.include_usage)
        shape = ChatShape(tokenizer, service.name, bool(body.logprobs), usage)
        return await respond(state, request, job, shape, bool(body.stream), usage)


def _add_law(app: FastAPI, assistant: Assistant) -> None:
    one = anyio.CapacityLimiter(1)  # the index is read by one thread at a time

    @app.post("/v1/law/ask", responses=ERRORS)
    async def law_ask(body: QuestionBody) -> dict[str, Any]:
        """An answer from the articles of laws, with their citations; or that the sources do not say."""
        if one.statistics().tasks_waiting >= MOST_ASKED:
            raise ApiError(429, f"{MOST_ASKED} questions wait.", code="queue_full", headers={"Retry-After": "1"})
        try:
            answer = await anyio.to_thread.run_sync(assistant.answer, body.question, limiter=one)
        except FidanError as error:
            raise of_fault(error, "question") from error
        return asdict(answer)


def _add_operation(app: FastAPI, state: State, api_key: str | None) -> None:
    @app.get(HEALTH, responses={503: {"model": Health}}, response_model_exclude_none=True)
    async def health(request: Request, response: Response) -> Health:
        """Whether the server answers, and how many it is answering."""
        stats = state.service.batcher.stats()
        status = "broken" if stats.broken else "closing" if state.closing else "ok"
        if status != "ok":
            response.status_code = 503
        if api_key is not None and not has_key(request.headers, api_key.encode()):
            return Health(status=status)
        return Health(
            status=status, model=state.service.name, slots=stats.slots, running=stats.running, waiting=stats.waiting
        )

    @app.get(METRICS, response_class=Response, responses={200: {"content": {"text/plain": {}}}, **ERRORS})
    async def metrics() -> Response:
        """Counts and times, in Prometheus' text format."""
        return Response(state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


class _Unknown:
    """Paths of the API that are none, and methods they do not take; the page's routes never see them."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed: set[str] = set()
        for route in self._app.router.routes:
            if isinstance(route, Route) and route.endpoint is not self and route.matches(scope)[0] is Match.PARTIAL:
                allowed |= route.methods or set()
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)
