"""A service of a scripted model and an index of one law, servers of it, and a browser."""

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from fidan.generation.engine import PlainStep, TorchEngine
from fidan.law.assistant import Assistant
from fidan.law.index import LawIndex, build_index
from fidan.law.statutes import read_laws
from fidan.recipe import GenerateConfig
from fidan.serving.app import build_app
from fidan.serving.batcher import Batcher
from fidan.serving.service import Limits, Service
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import Writer
from tests.serving.web.scripted import HOSTILE, KEY, LAW, Pace, Paced, scripted, wait_for


@pytest.fixture(scope="session")
def tokenizer(tiny_run: Run) -> Tokenizer:
    return Tokenizer.load(tiny_run.folder("tokenizer"))


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("law")
    (folder / "9901-bahce.txt").write_text(LAW, encoding="utf-8")
    build_index(read_laws([folder / "9901-bahce.txt"]), folder / "index", sources=[folder / "9901-bahce.txt"])
    return Assistant(LawIndex.open(folder / "index"))


@pytest.fixture(scope="session")
def pace() -> Pace:
    return Pace()


@pytest.fixture(scope="session")
def service(tokenizer: Tokenizer, assistant: Assistant, tiny_run: Run, pace: Pace) -> Iterator[Service]:
    """The hostile model, as one that chats; two texts at once, and one that waits."""
    model = scripted(tokenizer, HOSTILE)
    engine = TorchEngine(model, Paced(PlainStep(model), pace))
    limits = Limits(slots=2, queue=1)
    batcher = Batcher(engine, tokenizer, limits.slots, limits.queue)
    writer = Writer(engine, tokenizer, GenerateConfig(), chats=True)
    yield Service(writer, "<b>fide</b>", batcher, assistant, tiny_run.out, limits)
    batcher.close(0)


def serving(service: Service, key: str | None = None) -> Iterator[str]:
    """A server in a thread; its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(build_app(service, api_key=key), log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def url(service: Service) -> Iterator[str]:
    yield from serving(service)


@pytest.fixture(scope="session")
def locked_url(service: Service) -> Iterator[str]:
    """The same behind a key."""
    yield from serving(service, KEY)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where a Chromium is, as a path; "" is Playwright's own. Tests that want one are skipped where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        if Path(started.chromium.executable_path).is_file():
            return ""
    pytest.skip("no Chromium here: `playwright install chromium` brings one")
