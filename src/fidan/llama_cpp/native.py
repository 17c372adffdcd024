"""A GGUF file through llama-cpp-python's C functions: ids, logits of every position, and going on token by token.

Its own class `Llama` is passed by: it keeps one number format of the cache for all and hides which positions gave
logits. What it leaves out: batches of several texts, GPUs.
"""

import ctypes
from collections import deque
from collections.abc import Collection, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.llama_cpp.model import INSTALL, NotInstalled, require_ids

_ERROR = 4  # the level of an error in llama.cpp's log
_MANY = 512  # tokens computed at a time


@cache
def library() -> tuple[Any, deque[str]]:
    """llama.cpp's functions, and its latest errors, which it would otherwise print with all else it has to say.

    Raises:
        NotInstalled: there is no llama-cpp-python.
    """
    try:
        from llama_cpp import llama_cpp
    except ImportError as error:
        raise NotInstalled(f"llama-cpp-python is not installed: {INSTALL}.") from error
    errors: deque[str] = deque(maxlen=5)

    def listen(level: int, text: bytes, _: Any) -> None:
        if level == _ERROR:
            errors.append(text.decode(errors="replace").strip())

    library.listener = llama_cpp.llama_log_callback(listen)  # type: ignore[attr-defined]  # kept: it is called from C
    llama_cpp.llama_log_set(library.listener, ctypes.c_void_p(0))  # type: ignore[attr-defined]
    llama_cpp.llama_backend_init()
    return llama_cpp, errors


def load(path: Path) -> Any:
    """llama.cpp's handle of a file's weights, on the CPU; whoever asks for it frees it.

    Raises:
        NotInstalled: there is no llama-cpp-python.
        FidanError: llama.cpp cannot load the file; its own words follow.
    """
    functions, errors = library()
    errors.clear()
    settings = functions.llama_model_default_params()
    settings.n_gpu_layers = 0
    model = functions.llama_model_load_from_file(str(path).encode(), settings)
    if not model:
        raise FidanError(f"{path}: llama.cpp cannot load it: {'; '.join(errors) or 'it does not say why'}.")
    return model


def compute(context: Any, tokens: Sequence[tuple[int, int, int]], wanted: Collection[int]) -> None:
    """Put tokens into a context's cache.

    Args:
        context: llama.cpp's handle of it.
        tokens: (token, sequence, position) each.
        wanted: after which of them, by index, logits shall be had.

    Raises:
        FidanError: llama.cpp could not.
    """
    functions, _ = library()
    batch = functions.llama_batch_init(len(tokens), 0, 1)
    try:
        batch.n_tokens = len(tokens)
        for i, (token, sequence, position) in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i] = token, position, 1
            batch.seq_id[i][0], batch.logits[i] = sequence, i in wanted
        if fault := functions.llama_decode(context, batch):
            raise FidanError(f"llama.cpp could not compute {len(tokens):,} tokens: fault {fault}.")
    finally:
        functions.llama_batch_free(batch)


class NativeModel:
    """A GGUF file in llama-cpp-python; what `GgufModel` says, and steps.

    The cache holds the keys and values of the ids that `decode` has read. Every other computation empties it.

    Args:
        path: the file.
        context: how many tokens to keep room for; None: what the file says.
        threads: of the computation.

    Raises:
        NotInstalled: there is no llama-cpp-python.
        FidanError: llama.cpp cannot load the file; its own words follow.
    """

    def __init__(self, path: Path, context: int | None = None, threads: int = 1) -> None:
        self._model, self._context = None, None  # for `close`, if the rest fails
        self._c, errors = library()
        self._model = load(path)
        self.name = f"llama-cpp-python {version('llama-cpp-python')}"
        self.context: int = context or self._c.llama_model_n_ctx_train(self._model)
        self._context = self._c.llama_init_from_model(self._model, self._settings(threads))
        if not self._context:
            self.close()
            raise FidanError(
                f"{path}: llama.cpp has no room for a context of {self.context:,} tokens: {'; '.join(errors)}."
            )
        self._memory = self._c.llama_get_memory(self._context)
        self._vocab = self._c.llama_model_get_vocab(self._model)
        self.vocabulary: int = self._c.llama_vocab_n_tokens(self._vocab)
        self._held = 0  # ids in the cache
        self._ids = (ctypes.c_int32 * 4096)()

    def _settings(self, threads: int) -> Any:
        settings = self._c.llama_context_default_params()
        settings.n_ctx = settings.n_batch = self.context
        settings.n_ubatch = min(_MANY, self.context)
        settings.n_threads = settings.n_threads_batch = threads
        settings.type_k = settings.type_v = self._c.GGML_TYPE_F32
        settings.flash_attn_type = self._c.LLAMA_FLASH_ATTN_TYPE_DISABLED
        settings.offload_kqv = settings.op_offload = False
        return settings

    def ids(self, text: str, special: bool = False, bos: bool = True) -> list[int]:
        """As `GgufModel.ids` says."""
        data = text.encode()
        while True:
            count = self._c.llama_tokenize(self._vocab, data, len(data), self._ids, len(self._ids), bos, special)
            if count >= 0:
                return self._ids[:count]
            self._ids = (ctypes.c_int32 * -count)()  # what it would have been

    def ids_of_many(self, texts: Sequence[str], special: bool = False, bos: bool = True) -> list[list[int]]:
        """As `GgufModel.ids_of_many` says."""
        return [self.ids(text, special, bos) for text in texts]

    def text(self, ids: Sequence[int]) -> str:
        """As `GgufModel.text` says."""
        array = (ctypes.c_int32 * len(ids))(*ids)
        room = 8 * len(ids) + 8
        while True:
            buffer = ctypes.create_string_buffer(room)
            count = self._c.llama_detokenize(self._vocab, array, len(ids), buffer, room, True, False)
            if count >= 0:
                return buffer.raw[:count].decode(errors="replace")
            room = -count

    def log_probabilities(self, ids: Sequence[int], places: Sequence[int] | None = None) -> NDArray[np.float32]:
        """As `GgufModel.log_probabilities` says."""
        logits = self._read(ids, 0, range(len(ids)) if places is None else places).astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return logits.astype(np.float32)

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        """As `GgufModel.greedy` says."""
        found: list[int] = []
        logits = self.decode(ids, 0)
        for _ in range(count):
            found.append(int(logits.argmax()))
            if len(found) < count:
                logits = self.decode(found[-1:], len(ids) + len(found) - 1)
        return found

    def decode(self, ids: Sequence[int], past: int) -> NDArray[np.float32]:
        """Read ids after the first `past` ones in the cache, and keep them there.

        Args:
            ids: what follows, at least one.
            past: how many of the ids in the cache come before; what it holds beyond is forgotten, with 0 all of it.

        Returns:
            (V,) logits of what comes after the last id, a copy.

        Raises:
            FidanError: the cache does not hold `past` ids, has no room for more, or an id is none.
        """
        if not 0 <= past <= self._held:
            raise FidanError(f"past = {past}: the cache holds {self._held:,} ids. Give the earlier ones first.")
        row: NDArray[np.float32] = self._read(ids, past, [len(ids) - 1])[0]
        return row

    def forget(self, start: int) -> None:
        """Drop the ids from place `start` on out of the cache, so that `decode(ids, start)` may follow.

        Raises:
            FidanError: the cache has no such place.
        """
        if not 0 <= start <= self._held:
            raise FidanError(f"start = {start}: the cache holds {self._held:,} ids.")
        self._c.llama_memory_seq_rm(self._memory, 0, start, -1)
        self._held = start

    def _read(self, ids: Sequence[int], past: int, places: Sequence[int]) -> NDArray[np.float32]:
        """Put ids into the cache after `past`; the logits at some of their places, (places, V)."""
        require_ids(ids, self.vocabulary, self.context - past)
        self.forget(past)
        compute(self._context, [(token, 0, past + i) for i, token in enumerate(ids)], set(places))
        self._held = past + len(ids)
        rows = [self._c.llama_get_logits_ith(self._context, place) for place in places]
        return np.stack([np.ctypeslib.as_array(row, (self.vocabulary,)) for row in rows])

    def close(self) -> None:
        """As `GgufModel.close` says."""
        if self._context:
            self._c.llama_free(self._context)
        if self._model:
            self._c.llama_model_free(self._model)
        self._model, self._context = None, None
