"""The gate in front of the page: only what the page needs goes in, and with a key only who has it.

Gradio brings routes for files, uploads, proxies, recordings and more; the page has no file of any kind, so all but a
few are closed, and so is a payload that names a file. Everything that goes out says that the browser may load from
this server alone. With a key set, nothing is answered before it was typed in (`login`) or came as a bearer token.
What it leaves out: the limits on bodies and time, which are the app's.
"""

import re
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fidan.serving.receiving import again
from fidan.serving.web.login import login_page

COOKIE, LOGIN = "fidan", "/giris"
_NAME = r"[A-Za-z0-9_-]{1,64}"
_READ = re.compile(
    r"/|/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json|/pwa_icon(?:/\d+)?"
    r"|/(?:static|assets|svelte)/[A-Za-z0-9_@./-]+"
    rf"|/gradio_api/(?:info/?|app_id/?|user/?|login_check/?|startup-events|theme\.css|queue/data|queue/status"
    rf"|heartbeat/{_NAME}|call/{_NAME}/{_NAME})"
)
_WRITTEN = re.compile(rf"/gradio_api/(?:queue/join/?|cancel/?|reset/?|call/{_NAME}/?)")
_QUERIED = "/gradio_api/queue/data"  # elsewhere a query only opens doors, such as one to a saved state
DEPTH = 32  # of a body that is looked through
HEADERS = {
    "content-security-policy": (
        # Gradio's own page has inline scripts, and makes functions of templates.
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class Gate:
    """ASGI: the page's app behind it.

    Args:
        page: Gradio's app.
        api_key: what lets one in; None: everybody.
        body_bytes: of a body that is read to be looked through.
    """

    def __init__(self, page: ASGIApp, api_key: str | None, body_bytes: int) -> None:
        self._page, self._key, self._body_bytes = page, api_key, body_bytes
        self._token = secrets.token_urlsafe(32)  # what the cookie of one who typed the key holds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let through."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        response: Response | None
        if self._key is not None and path == LOGIN:
            response = await self._login(request)
        elif self._key is not None and not self._may_enter(request):
            wants_page = path == "/" and request.method in ("GET", "HEAD")
            response = login_page() if wants_page else _refuse(401, "Anahtar gerekli: sayfada girin ya da gönderin.")
        else:
            response = _closed(request, path)
        if response is None and request.method == "POST":
            body = await _read(request, self._body_bytes)
            if body is None:
                response = _refuse(413, f"Gövde {self._body_bytes} bayttan uzun.")
            elif (wrong := _wrong(body)) is not None:
                response = _refuse(400, wrong)
            else:
                receive = again(body, receive)
        if response is not None:
            response.headers.update(HEADERS)
            await response(scope, receive, send)
            return
        if path != _QUERIED:
            scope = {**scope, "query_string": b""}
        await self._page(scope, receive, _with_headers(send))

    def _may_enter(self, request: Request) -> bool:
        assert self._key is not None
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        bearer = kind == "Bearer" and secrets.compare_digest(given.strip().encode(), self._key.encode())
        cookie = request.cookies.get(COOKIE, "")
        return bearer or secrets.compare_digest(cookie.encode(), self._token.encode())

    async def _login(self, request: Request) -> Response:
        assert self._key is not None
        if request.method != "POST":
            return RedirectResponse("./", 303)
        body = await _read(request, 4096)
        given = parse_qs((body or b"").decode("utf-8", errors="replace")).get("anahtar", [""])[0]
        if not secrets.compare_digest(given.strip().encode(), self._key.encode()):
            return login_page("Anahtar yanlış.")
        response = RedirectResponse("./", 303)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, self._token, httponly=True, samesite="strict", secure=secure, path="/")
        return response


def _closed(request: Request, path: str) -> Response | None:
    """Why a request goes no further; None: it may."""
    allowed = {"GET": _READ, "HEAD": _READ, "POST": _WRITTEN}.get(request.method)
    if allowed is None:
        return _refuse(405, "Bu yöntem yok.")
    if not allowed.fullmatch(path) or ".." in path or "//" in path:
        return _refuse(404, "Böyle bir sayfa yok.")
    return None


async def _read(request: Request, most: int) -> bytes | None:
    """The body; None where it is longer than `most`."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            return None
        parts.append(part)
    return b"".join(parts)


def _wrong(body: bytes) -> str | None:
    """What is wrong with a payload, in Turkish; None: nothing."""
    try:
        told = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return "Gövde JSON değil."
    if not isinstance(told, dict):
        return "Gövde bir JSON nesnesi değil."
    level: list[Any] = [told]
    for _ in range(DEPTH):
        if any(isinstance(one, dict) and ("path" in one or "meta" in one) for one in level):
            return "Bu sayfa dosya almaz."
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return None
    return "Gövde çok iç içe."


def _inside(one: Any) -> Iterable[Any]:
    if isinstance(one, dict):
        return one.values()
    return one if isinstance(one, list) else ()


def _with_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", []), *own]}
        await send(message)

    return add


def _refuse(status: int, why: str) -> JSONResponse:
    return JSONResponse({"detail": why}, status)
