"""A GGUF file through xllamacpp: a real llama-server in this process, asked over HTTP at this machine's own address.

It gives probabilities of one position a request, all V of them where it is asked for that many. What it leaves out:
steps through the cache, which a server keeps to itself.
"""

import json
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.llama_cpp.model import INSTALL, NotInstalled, require_ids

_BATCH = 1 << 18  # characters of text in a request


class ServedModel:
    """A GGUF file in xllamacpp; what `GgufModel` says.

    Args:
        path: the file.
        context: how many tokens to keep room for; None: what the file says.
        threads: of the computation.

    Raises:
        NotInstalled: there is no xllamacpp.
        FidanError: llama.cpp cannot load the file.
    """

    def __init__(self, path: Path, context: int | None = None, threads: int = 1) -> None:
        try:
            import xllamacpp
        except ImportError as error:
            raise NotInstalled(f"xllamacpp is not installed: {INSTALL}.") from error
        settings = _settings(xllamacpp, path, context, threads)
        try:
            self._server: Any = xllamacpp.Server(settings)
        except RuntimeError as error:
            raise FidanError(f"{path}: llama.cpp cannot load it: {error}") from error
        address = urlsplit(self._server.listening_address)
        self._connection = HTTPConnection(address.hostname or "", address.port)
        about = self._ask("GET", "/v1/models")["data"][0]["meta"]
        self.name = f"xllamacpp {xllamacpp.__version__}"
        self.vocabulary: int = about["n_vocab"]
        self.context: int = about["n_ctx"] - 1  # it keeps a place for the answer
        named = {"content": self._ask("GET", "/props")["bos_token"], "parse_special": True}
        self._mark: int | None = next(iter(self._tokenize(named)), None)  # between texts; plain ones cannot hold it
        probe = {"content": "a", "parse_special": False}
        bare, whole = (self._tokenize({**probe, "add_special": add}) for add in (False, True))
        self._whole = bare[-1]  # a token of whole characters
        at = next(i for i in range(len(whole)) if whole[i : i + len(bare)] == bare)
        self._around = whole[:at], whole[at + len(bare) :]

    def ids(self, text: str, special: bool = False, bos: bool = True) -> list[int]:
        """As `GgufModel.ids` says."""
        return self._tokenize({"content": text, "add_special": bos, "parse_special": special})

    def ids_of_many(self, texts: Sequence[str], special: bool = False, bos: bool = True) -> list[list[int]]:
        """As `GgufModel.ids_of_many` says."""
        if special or self._mark is None:
            return [self.ids(text, special, bos) for text in texts]
        before, behind = self._around if bos else ([], [])
        return [before + ids + behind for batch in _batches(texts) for ids in self._plain(batch)]

    def _plain(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of texts by one request, which holds texts and ids by turns: each text is encoded as one of its own."""
        content = [part for text in texts for part in (text, self._mark)]
        ids = self._tokenize({"content": content, "add_special": False, "parse_special": False})
        ends = [place for place, token in enumerate(ids) if token == self._mark]
        if len(ends) != len(texts):  # a faulty file, in which the mark is an ordinary token
            return [self.ids(text, bos=False) for text in texts]
        return [ids[start + 1 : end] for start, end in pairwise([-1, *ends])]

    def text(self, ids: Sequence[int]) -> str:
        """As `GgufModel.text` says; the server leaves the space in front to its client."""
        return str(self._ask("POST", "/detokenize", {"tokens": list(ids)})["content"]).removeprefix(" ")

    def log_probabilities(self, ids: Sequence[int], places: Sequence[int] | None = None) -> NDArray[np.float32]:
        """As `GgufModel.log_probabilities` says; one request a place. A probability below 1e-38 is told as 0."""
        require_ids(ids, self.vocabulary, self.context)
        found = np.full((len(places) if places is not None else len(ids), self.vocabulary), -np.inf, np.float32)
        for row, place in zip(found, range(len(ids)) if places is None else places, strict=True):
            told = self._next(ids[: place + 1], self.vocabulary)
            row[[each["id"] for each in told]] = [each["logprob"] for each in told]
        return found

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        """As `GgufModel.greedy` says."""
        require_ids(ids, self.vocabulary, self.context - count)
        found = list(ids)
        for _ in range(count):
            found.append(self._next(found, 1)[0]["id"])
        return found[len(ids) :]

    def _next(self, ids: Sequence[int], count: int) -> list[dict[str, Any]]:
        """The `count` likeliest tokens after ids, before any sampling, the likeliest first."""
        asked = {
            "prompt": list(ids),
            "n_predict": 1,
            "n_probs": count,
            "cache_prompt": True,
            # The probabilities are told as they are before this. Without it, a half character that is written (a byte
            # piece) is held back by the server, and its probabilities with it.
            "logit_bias": [[self._whole, 1e4]],
        }
        answer = self._ask("POST", "/completion", asked)
        told: list[dict[str, Any]] = answer["completion_probabilities"][0]["top_logprobs"]
        return told

    def _tokenize(self, asked: dict[str, Any]) -> list[int]:
        ids: list[int] = self._ask("POST", "/tokenize", asked)["tokens"]
        return ids

    def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        body = None if data is None else json.dumps(data)
        try:
            status, told = self._request(method, path, body)
        except ConnectionError:  # it hangs up after some seconds of silence
            self._connection.close()
            status, told = self._request(method, path, body)
        if status != 200:
            raise FidanError(f"llama-server refused {path}: {told.decode(errors='replace')}")
        return json.loads(told)

    def _request(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        """As `GgufModel.close` says."""
        self._connection.close()
        self._server = None


def _settings(xllamacpp: Any, path: Path, context: int | None, threads: int) -> Any:
    """A server that computes exactly, says nothing, and serves one text at a time."""
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.port = 0  # any free one
    settings.ui = settings.warmup = settings.fit_params = False
    settings.verbosity = -1
    settings.n_parallel = 1
    settings.n_ctx = context or 0
    settings.n_gpu_layers = 0
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    settings.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    return settings


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in requests of `_BATCH` characters; a longer text has one of its own."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
