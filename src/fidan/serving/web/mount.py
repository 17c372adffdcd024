"""The page on an app: Gradio mounted at the root, behind a gate, without telemetry, fonts or scripts from elsewhere.

What it leaves out: the tabs (`page`), and what the gate lets through (`gate`).
"""

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount

from fidan.serving.service import Service
from fidan.serving.web.gate import Gate
from fidan.serving.web.look import STYLE, theme
from fidan.serving.web.page import build_page

# Gradio's page says that it is English, which a screen reader would read it as.
_HEAD = (
    "<script>document.documentElement.lang = 'tr';</script>"
    '<meta name="color-scheme" content="light dark"><meta name="theme-color" content="#2f7d4f">'
)


def mount_page(app: FastAPI, service: Service, api_key: str | None = None) -> None:
    """Mount the page at `/`; routes that the app has already go first, so mount it last.

    Args:
        app: the API.
        service: what answers.
        api_key: the page asks for it; None: the page is open to whoever reaches the port.
    """
    gr.mount_gradio_app(
        app, build_page(service), path="/", footer_links=[], run_history=False, show_error=False, allowed_paths=[],
        max_file_size=1, ssr_mode=False, enable_monitoring=False, pwa=False, mcp_server=False, theme=theme(),
        css_paths=[STYLE], head=_HEAD, app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )  # fmt: skip
    mounted = app.router.routes[-1]
    assert isinstance(mounted, Mount)
    mounted.app = Gate(mounted.app, api_key, service.limits.body_bytes)
