"""The page on an app: Gradio mounted at the root, behind a gate, without telemetry, fonts or scripts from elsewhere.

What it leaves out: the tabs (`page`), and what the gate lets through (`gate`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

if TYPE_CHECKING:
    from fidan.serving.service import Service


def mount_page(app: FastAPI, service: Service, api_key: str | None = None) -> None:
    """Mount the page at `/`; routes that the app has already go first, so mount it last.

    Args:
        app: the API.
        service: what answers.
        api_key: the page asks for it; None: the page is open to whoever reaches the port.
    """
    raise NotImplementedError
