"""Shared by the tests of exported files: small random models as Hugging Face folders, and a real llama.cpp."""

import json
import os
import stat
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from fidan.export.hugging_face import write_folder
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import ExportConfig, GenerateConfig
from fidan.stages import Run
from fidan.tokenizer.chat import JINJA
from fidan.tokenizer.tokenizer import Tokenizer
from tests.export.fake_hub import FakeHub, running_hub

MakeFolder = Callable[..., Path]


@pytest.fixture(scope="session")
def tokenizer(tiny_run: Run) -> Tokenizer:
    return Tokenizer.load(tiny_run.folder("tokenizer"))


@pytest.fixture
def make_folder(tokenizer: Tokenizer, tmp_path: Path) -> MakeFolder:
    """Makes a Hugging Face folder of a random model; every size a multiple of 32, rows of 256 where it says wide."""

    def make(
        wide: bool = False,
        dtype: str = "float32",
        chat: bool = False,
        system: str = "",
        extra_rows: int = 0,
        **shape: Any,
    ) -> Path:
        torch.manual_seed(0)
        sizes = {"d_model": 256 if wide else 64, "d_ff": 512 if wide else 96, "n_layers": 2, "n_heads": 4}
        config = ModelConfig(**{**sizes, "n_kv_heads": 2, "context": 64, **shape})
        model = Decoder(config, tokenizer.vocab_size + extra_rows)
        with torch.no_grad():
            for parameter in model.parameters():  # so that the logits differ, and the norms are no plain ones
                parameter.mul_(4.0) if parameter.ndim > 1 else parameter.add_(0.2 * torch.randn_like(parameter))
        folder = tmp_path / "hf"
        template = JINJA if chat else None
        write_folder(model, tokenizer, ExportConfig(dtype=dtype), GenerateConfig(top_k=7), folder, template, system)
        return folder

    return make


class LlamaServer:
    """llama.cpp's own server, in this process."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def ask(self, route: str, **question: Any) -> Any:
        request = urllib.request.Request(
            self._server.listening_address + route,
            json.dumps(question).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def tokens(self, text: str) -> list[int]:
        found: list[int] = self.ask("/tokenize", content=text, add_special=True)["tokens"]
        return found

    def log_probabilities(self, ids: list[int], vocabulary: int) -> torch.Tensor:
        """(V,) of the token after `ids`."""
        # It says nothing of the end of a text and of half a character, so it is made to draw a piece of letters; what
        # it reports are the probabilities before that.
        drawn = {"temperature": 0, "logit_bias": [[300, 1000.0]]}
        answer = self.ask("/completion", prompt=ids, n_predict=1, n_probs=vocabulary, cache_prompt=False, **drawn)
        found = torch.full((vocabulary,), torch.nan)
        for entry in answer["completion_probabilities"][0]["top_logprobs"]:
            found[entry["id"]] = entry["logprob"]
        return found


@pytest.fixture
def llama_server() -> Callable[[Path], Any]:
    """Opens a GGUF file in llama.cpp, with an exact cache and no flash attention."""
    xllamacpp = pytest.importorskip("xllamacpp")

    @contextmanager
    def open_file(path: Path) -> Iterator[LlamaServer]:
        asked = xllamacpp.CommonParams()
        asked.model.path = str(path)
        asked.n_ctx, asked.n_parallel, asked.port, asked.verbosity = 64, 1, 0, -1
        asked.hostnames = ["127.0.0.1"]
        asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
        asked.cache_type_k = asked.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
        asked.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        asked.warmup = False
        yield LlamaServer(xllamacpp.Server(asked))

    return open_file


@pytest.fixture
def ollama(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `ollama` on PATH that writes down how it was called; returns the file. It fails where it is told `bad`."""
    if os.name == "nt":
        pytest.skip("the program is a script, which Windows does not run by its first line")
    program, told = tmp_path / "bin" / "ollama", tmp_path / "told.json"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"json.dump([sys.argv[1:], os.getcwd()], open({str(told)!r}, 'w'))\nsys.exit('bad' in sys.argv)\n"
    )
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return told


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A running Hugging Face Hub of our own, and a token for it."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)  # its protocol is closed; LFS is not
    with running_hub() as fake:
        yield fake
