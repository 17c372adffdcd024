"""A chat model of random weights on disk, and servers of it: in this process, and one of its own."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import pytest
import torch

from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.serving.opening import open_service
from fidan.serving.service import Limits, Service
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.weights import weights_of, write_weights

# No Llama, so that no loops are compiled for it; its context is long enough to leave in the midst of a text.
SHAPE = ModelConfig(d_model=32, n_layers=1, n_heads=2, d_ff=64, context=2048, norm_place="sandwich")
NAME = "fide"  # a seedling


@pytest.fixture(scope="session")
def chat_run(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with a chat model that writes nonsense without end."""
    folder = tmp_path_factory.mktemp("serving") / NAME
    (folder / "train").mkdir(parents=True)
    source = tiny_run.folder("tokenizer")
    (folder / "tokenizer").mkdir()
    for path in source.iterdir():
        (folder / "tokenizer" / path.name).write_bytes(path.read_bytes())
    shape = orjson.loads((tiny_run.folder("train") / "model.json").read_bytes())
    model = Decoder(SHAPE, shape["vocabulary"])
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1 + (parameter.ndim == 1))
        tokenizer = Tokenizer.load(folder / "tokenizer")
        for token in range(tokenizer.vocab_size):
            if token in tokenizer.special_ids or tokenizer.is_byte(token):
                model.lm_head.weight[token] = 0  # a greedy text then has whole pieces alone
    write_weights(folder / "train" / "model.safetensors", weights_of(model))
    (folder / "train" / "model.json").write_bytes(
        orjson.dumps({**shape, "model": {**shape["model"], **asdict(SHAPE)}, "chat": True})
    )
    return folder


@pytest.fixture(scope="module")
def service(chat_run: Path) -> Iterator[Service]:
    """The model, opened, with room for two texts and two that wait."""
    opened = open_service(chat_run, limits=Limits(slots=2, queue=2, body_seconds=2.0), device="cpu")
    yield opened
    opened.batcher.close(0)


@dataclass(frozen=True)
class Server:
    """A `fidan serve` that runs."""

    process: "subprocess.Popen[str]"
    url: str
    port: int


StartServer = Callable[..., Server]


@pytest.fixture(scope="module")
def start_server(chat_run: Path) -> Iterator[StartServer]:
    """Starts `fidan serve` with options; all end with the module."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, key: str | None = None, model: Path = chat_run) -> Server:
        environment = {**os.environ, "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
        if key is not None:
            environment["FIDAN_API_KEY"] = key
        command = [sys.executable, "-m", "fidan.cli", "serve", "--model", str(model), "--port", "0", "--no-page"]
        process = subprocess.Popen([*command, *options], env=environment, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line)
            if found := re.search(r"http://\S+:(\d+)", line):
                return Server(process, found[0], int(found[1]))
        raise AssertionError(f"no server: {''.join(told)}")

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def wait_for(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something holds before the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()
