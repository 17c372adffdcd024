"""Who comes in, and with how much: the Host header, the key, closing, a body's size and time.

All of it happens before a route sees the request, and for every route alike; the page alone asks for the key in its
own way. What it leaves out: requests from other origins (`app` takes Starlette's CORS for these), and clients that
are slow below HTTP (`fidan.serving.connection`).
"""

import asyncio
import hmac
import ipaddress
import string
from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from fidan.serving.api.errors import ApiError, closing
from fidan.serving.api.state import State
from fidan.serving.receiving import again

HEALTH, METRICS, OPENAPI = "/health", "/metrics", "/openapi.json"
API = ("/v1/", METRICS, OPENAPI)  # how the paths begin that need the key
DRAINED = 32  # times the limit of a body are read and thrown away, so that its sender sees the answer
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Gate:
    """An application behind the checks.

    Args:
        app: the application.
        state: of the server.
        api_key: that every request but `HEALTH` must bring; None: none has to.
        page: whether there is a page, which has the paths that are not the API's and looks after its own key.
        hosts: names beside `localhost` and addresses that a Host header may have where there is no key; None: any.
            A page of another site can have its own name lead to this machine (DNS rebinding), and no address.
    """

    def __init__(
        self,
        app: ASGIApp,
        state: State,
        api_key: str | None = None,
        page: bool = False,
        hosts: Collection[str] | None = None,
    ) -> None:
        self._app, self._state, self._page = app, state, page
        self._key = None if api_key is None else api_key.encode()
        self._hosts = None if hosts is None else {host.translate(_LOWER) for host in ("localhost", *hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI wants it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            self._check(scope)
            body = await self._body(Headers(scope=scope), receive)
        except ApiError as error:
            await error.response()(scope, receive, send)
            return
        if body is None:
            return
        counted = scope["path"].startswith("/v1/")
        self._state.answering += counted
        try:
            await self._app(scope, again(body, receive), send)
        finally:
            self._state.answering -= counted

    def _check(self, scope: Scope) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        if self._key is None and self._hosts is not None and not _known_host(headers.get("host", ""), self._hosts):
            raise ApiError(
                403,
                f"Host: {headers['host']}: this server goes by its address or localhost. To have it answer to "
                "another name, start it with --allow-host NAME.",
                code="unknown_host",
            )
        if path == HEALTH:
            return
        guarded = not self._page or path.startswith(API)
        if self._key is not None and guarded and not has_key(headers, self._key):
            raise ApiError(
                401, "no key, or a wrong one. Send it as `Authorization: Bearer KEY`.", code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        if self._state.closing and path != METRICS:
            raise closing()

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes | None:
        """A request's body; None where the client left before it was whole.

        Raises:
            ApiError: it is too large, or does not come.
        """
        limits = self._state.service.limits
        told = headers.get("content-length", "")
        if told.isascii() and told.isdigit() and int(told) > DRAINED * limits.body_bytes:
            raise self._too_large({"Connection": "close"})
        try:
            async with asyncio.timeout(limits.body_seconds):
                return await self._read(receive)
        except TimeoutError:
            raise ApiError(
                408, f"the body did not come within {limits.body_seconds:g} seconds.", code="body_timeout",
                headers={"Connection": "close"},
            ) from None  # fmt: skip

    async def _read(self, receive: Receive) -> bytes | None:
        limit = self._state.service.limits.body_bytes
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            size, more = size + len(part), message.get("more_body", False)
            if size > limit:
                parts.clear()
                if size > DRAINED * limit:
                    raise self._too_large({"Connection": "close"})
            else:
                parts.append(part)
        if size > limit:
            raise self._too_large({})
        return b"".join(parts)

    def _too_large(self, headers: Mapping[str, str]) -> ApiError:
        limit = self._state.service.limits.body_bytes
        return ApiError(413, f"a body of more than {limit:,} bytes.", code="body_too_large", headers=headers)


def has_key(headers: Mapping[str, str], key: bytes) -> bool:
    """Whether a request brings the key; the comparison takes the same time however much of it is right."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.translate(_LOWER) == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), key)


def _known_host(header: str, hosts: Collection[str]) -> bool:
    """Whether a Host header is an address, one of the names, or absent, as browsers never leave it."""
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdigit() else header
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return not name or name.translate(_LOWER) in hosts
    return True
