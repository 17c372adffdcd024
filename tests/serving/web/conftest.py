"""A model whose position decides what it writes, an index of one law, a server of both, and a browser."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
import uvicorn
from torch import Tensor

from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import PlainStep, TorchEngine
from fidan.law.assistant import Assistant
from fidan.law.index import LawIndex, build_index
from fidan.law.statutes import read_laws
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import GenerateConfig
from fidan.serving.app import build_app
from fidan.serving.batcher import Batcher
from fidan.serving.service import Limits, Service
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import Writer

# What a page must not take for HTML, for a template or for Markdown.
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> **kalın** ${alert(3)} {{value}} $$x$$ "
LAW = """BAHÇE KANUNU

Kanun Numarası : 9901

Kabul Tarihi : 3/5/1999

Bahçenin tanımı

Madde 1 – Bahçe, içinde en az bir ağaç bulunan topraktır.

Madde 2 – Bahçıvan bahçeye bakan kişidir; ağaçları sular ve otları yolar.
"""
KEY = "gizli-anahtar"


@dataclass
class Pace:
    """How long the model takes for a token; a test may change it."""

    seconds: float = 0.0
    steps: int = 0


@dataclass
class Paced:
    """A `Step` that takes its time."""

    plain: PlainStep
    pace: Pace = field(default_factory=Pace)

    def __call__(self, tokens: list[int], cache: KeyValueCache) -> Tensor:
        time.sleep(self.pace.seconds)
        self.pace.steps += 1
        return self.plain(tokens, cache)


def scripted(tokenizer: Tokenizer, script: str) -> Decoder:
    """A model that writes `script` over and over: a position is one direction, and the head knows its token."""
    ids = tokenizer.encode(script)
    config = ModelConfig(
        d_model=4 * -(-len(ids) // 4), n_layers=2, n_heads=4, d_ff=8, context=512, positions="learnt"
    )
    model = Decoder(config, tokenizer.vocab_size)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight", "embed_tokens.weight")):
                parameter.zero_()  # what attention and feed-forward find is not used, but it is computed
            elif name.endswith(("q_proj.weight", "k_proj.weight")):
                parameter.normal_(0, 0.3, generator=generator)
        model.model.embed_positions.weight.zero_()
        model.lm_head.weight.normal_(0, 0.05, generator=generator)
        for position in range(config.context):
            model.model.embed_positions.weight[position, position % len(ids)] = 1.0
        for place, token in enumerate(ids):
            model.lm_head.weight[token, place] = 14 / config.d_model**0.5  # the norm makes √D of the direction
    return model


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


def wait_for(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    """Until something holds; fails where it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.02)


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
