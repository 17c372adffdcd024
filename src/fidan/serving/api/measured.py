"""Counts every request by its route and status, refused ones too."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fidan.serving.api.metrics import Metrics
from fidan.serving.api.respond import LEFT


class Measured:
    """An application whose requests are counted.

    Args:
        app: the application.
        metrics: where.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI wants it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        failed = True
        try:
            await self._app(scope, receive, noting)
            failed = False
        finally:
            # A path as it was asked for would make a count of its own for every path that somebody tries.
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.answered(route, status or (500 if failed else LEFT))
