"""Errors in the form of OpenAI's API, for everything that goes wrong: `{"error": {message, type, param, code}}`.

The official client makes its exceptions of the status. What it leaves out: what is wrong with a request
(`requests`), and who may send one (`gate`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from fidan.errors import FidanError
from fidan.serving.batcher import QueueFull
from fidan.serving.service import DoesNotChat

RETRY_SECONDS = 5  # after which another server may be in the place of one that closes
TOO_LONG = "context_length_exceeded"  # OpenAI's word, which LangChain looks for
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


class ApiError(Exception):
    """A request that is answered with an error.

    Args:
        status: of HTTP.
        message: what was wrong, with its value, and what to do about it.
        param: the parameter that was wrong.
        code: a word for programs.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code, self.headers = status, message, param, code, headers

    def body(self) -> dict[str, Any]:
        """The error object."""
        kind = _TYPES.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> Response:
        """The answer. Half a surrogate pair that a request held is written as an escape, as JSON allows."""
        return Response(
            json.dumps(self.body()).encode("ascii"), self.status, self.headers, media_type="application/json"
        )


def of_fault(error: FidanError, param: str | None = None, code: str | None = None) -> ApiError:
    """What a fault of a request is answered with; `param` and `code` where the fault does not say them itself."""
    if isinstance(error, QueueFull):
        wait = str(error.retry_after)
        return ApiError(429, str(error), code="queue_full", headers={"Retry-After": wait})
    if isinstance(error, DoesNotChat):
        return ApiError(400, str(error), "model", "model_does_not_chat")
    return ApiError(400, str(error), param, code)


def closing() -> ApiError:
    """What a request is answered with that comes after the server was told to end."""
    headers = {"Retry-After": str(RETRY_SECONDS), "Connection": "close"}
    return ApiError(503, "the server is closing.", code="closing", headers=headers)


def install(app: FastAPI) -> None:
    """Have an application answer with such errors."""

    async def api(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return error.response()

    async def fault(request: Request, error: Exception) -> Response:
        assert isinstance(error, FidanError)
        return of_fault(error).response()

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _of_http(request, error).response()

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return of_validation(error).response()

    async def bug(request: Request, error: Exception) -> Response:
        return ApiError(500, "an error inside the server; its log says which.", code="internal_error").response()

    app.add_exception_handler(ApiError, api)
    app.add_exception_handler(FidanError, fault)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, bug)


def _of_http(request: Request, error: HTTPException) -> ApiError:
    where = f"{request.method} {request.url.path}"
    if error.status_code == 404:
        return ApiError(404, f"{where}: no such path.", code="unknown_url")
    if error.status_code == 405:
        return ApiError(405, f"{where}: this path does not take {request.method}.", headers=error.headers)
    if error.status_code == 400:
        return ApiError(400, f"the body cannot be read: {error.detail}. Send JSON in UTF-8.", code="invalid_json")
    return ApiError(error.status_code, str(error.detail), headers=error.headers)


def of_validation(error: RequestValidationError) -> ApiError:
    """The first thing that is wrong with a body, named as its path in the JSON (`messages.0.role`)."""
    first = error.errors()[0]
    kind, message, extra = first["type"], str(first["msg"]), first.get("ctx") or {}
    if kind == "json_invalid":
        return ApiError(
            400, f"the body is no JSON: {extra['error']} (character {first['loc'][-1]}).", None, "invalid_json"
        )
    place = _place(error.body, first["loc"][1:], kind == "missing")
    if "key" in extra:
        place.append(extra["key"])
    param = ".".join(place) or None
    if param is None:
        return ApiError(400, "the body must be a JSON object, sent with Content-Type: application/json.")
    codes = {"unknown": "unknown_parameter", "unsupported": "unsupported_parameter", "missing": "missing_parameter"}
    return ApiError(400, f"{param}: {message.rstrip('.')}.", param, codes.get(kind, "invalid_value"))


def _place(body: Any, path: Sequence[int | str], missing: bool) -> list[str]:
    """The keys of a path that are in the body: in a union pydantic adds a name for each alternative.

    Args:
        body: the JSON.
        path: to what is wrong with it.
        missing: whether the last key is wrong since it is not there.
    """
    place = []
    for number, part in enumerate(path):
        known = part in body if isinstance(body, dict) else isinstance(body, list) and isinstance(part, int)
        if known:
            body = body[part]
        elif not (missing and number == len(path) - 1):
            continue
        place.append(str(part))
    return place
