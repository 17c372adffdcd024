"""The application: the API's routes behind the gate, and the page beside them.

Nothing in it fetches anything from elsewhere: FastAPI's own pages of documentation, which load scripts from a content
network, are off; `/openapi.json` stays. What it leaves out: sockets and signals (`fidan.serving.run`).
"""

from collections.abc import Collection

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from fidan import __version__
from fidan.serving.api.errors import install
from fidan.serving.api.gate import Gate
from fidan.serving.api.measured import Measured
from fidan.serving.api.metrics import Metrics
from fidan.serving.api.respond import DROPPED
from fidan.serving.api.routes import add_routes
from fidan.serving.api.state import State
from fidan.serving.service import Service


def build_app(
    service: Service,
    *,
    api_key: str | None = None,
    cors: Collection[str] = (),
    page: bool = True,
    hosts: Collection[str] | None = None,
) -> FastAPI:
    """The application of a server; `app.state.fidan` is its `State`.

    Args:
        service: what answers.
        api_key: that requests must bring; None: none.
        cors: origins whose pages may ask from a browser, such as `http://localhost:3000`.
        page: whether there is a page at `/`.
        hosts: as of `Gate`.
    """
    app = FastAPI(title="fidan", version=__version__, docs_url=None, redoc_url=None)
    state = State(service, Metrics(service.batcher))
    app.state.fidan = state
    install(app)
    add_routes(app, state, api_key)
    if page:
        from fidan.serving.web.mount import mount_page

        mount_page(app, service, api_key)
    app.add_middleware(Gate, state=state, api_key=api_key, page=page, hosts=hosts)
    if cors:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(cors), allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"], expose_headers=[DROPPED, "Retry-After"],
        )  # fmt: skip
    app.add_middleware(Measured, metrics=state.metrics)
    return app
