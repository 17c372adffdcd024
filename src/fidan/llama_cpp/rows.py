"""Several texts in one GGUF file, growing in step, through llama-cpp-python's C functions.

Each row is a sequence of llama.cpp's unified cache, so that a row can be doubled without copying its keys. Keys and
values are kept in F16 and attention is llama.cpp's own fast one: its defaults, where `native` proves exactness. What
it leaves out: picking tokens (`fidan.generation`), GPUs.
"""

import ctypes
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.llama_cpp.model import require_ids
from fidan.llama_cpp.native import compute, library, load

_TOGETHER = 512  # tokens of one computation


class RowsModel:
    """A GGUF file, its weights in memory.

    Args:
        path: the file.
        threads: of the computation.

    Attributes:
        vocabulary: V.
        context: the most positions a row may have, from the file.

    Raises:
        NotInstalled: there is no llama-cpp-python.
        FidanError: no such file, or llama.cpp cannot load it.
    """

    def __init__(self, path: Path, threads: int) -> None:
        if not path.is_file():
            raise FidanError(f"{path}: no such file. Name a GGUF file.")
        self.c, self.errors = library()
        self._model = load(path)
        weakref.finalize(self, self.c.llama_model_free, self._model)
        self.path, self.threads = path, threads
        self.vocab = self.c.llama_model_get_vocab(self._model)
        self.vocabulary: int = self.c.llama_vocab_n_tokens(self.vocab)
        self.context: int = self.c.llama_model_n_ctx_train(self._model)

    def metadata(self) -> Mapping[str, str]:
        """The file's keys and values, as llama.cpp writes them."""
        found = {}
        buffer = ctypes.create_string_buffer(1 << 16)
        for i in range(self.c.llama_model_meta_count(self._model)):
            self.c.llama_model_meta_key_by_index(self._model, i, buffer, len(buffer))
            key = buffer.value.decode(errors="replace")
            self.c.llama_model_meta_val_str_by_index(self._model, i, buffer, len(buffer))
            found[key] = buffer.value.decode(errors="replace")
        return found

    def open(self, prompts: Sequence[Sequence[int]], new_tokens: int, copies: int = 1) -> "Rows":
        """Read prompts; see `Rows`."""
        return Rows(self, self._model, prompts, new_tokens, copies)


class Rows:
    """Rows of tokens that grow in step.

    Args:
        model: the file; kept alive by this.
        handle: llama.cpp's own of it.
        prompts: ids of each row.
        new_tokens: the most that are added to each, short of the context.
        copies: how many rows may be made of one prompt.

    Attributes:
        logits: (B, V) of each row's next token.

    Raises:
        FidanError: no room for such a context, or an id that is none.
    """

    def __init__(
        self, model: RowsModel, handle: Any, prompts: Sequence[Sequence[int]], new_tokens: int, copies: int
    ) -> None:
        self._file, self._c = model, model.c
        longest = max(map(len, prompts)) + new_tokens
        rows = max(len(prompts), copies)
        settings = self._c.llama_context_default_params()
        settings.n_ctx = rows * min(longest, model.context)
        settings.n_batch = max(_TOGETHER, rows)
        settings.n_ubatch = _TOGETHER
        settings.n_seq_max = 2 * rows  # while rows are turned round, old and new ones are there
        settings.kv_unified = True
        settings.n_threads = settings.n_threads_batch = model.threads
        self._context = self._c.llama_init_from_model(handle, settings)
        if not self._context:
            raise FidanError(
                f"{model.path}: no room for {rows} texts of {longest:,} tokens: {'; '.join(model.errors)}."
            )
        weakref.finalize(self, self._c.llama_free, self._context)
        self._memory = self._c.llama_get_memory(self._context)
        self._names = 2 * rows  # of sequences
        self._rows = list(range(len(prompts)))  # the sequence of each row
        self._lengths = [len(prompt) for prompt in prompts]
        self.logits = np.empty((len(prompts), model.vocabulary), np.float32)
        for row, prompt in enumerate(prompts):
            require_ids(prompt, model.vocabulary, model.context)
            for first in range(0, len(prompt), _TOGETHER):
                part = prompt[first : first + _TOGETHER]
                compute(self._context, [(token, row, first + i) for i, token in enumerate(part)], {len(part) - 1})
            self.logits[row] = self._row(-1)

    def advance(self, tokens: Sequence[int]) -> None:
        """Take one token a row; `logits` are then of the next."""
        compute(self._context, list(zip(tokens, self._rows, self._lengths, strict=True)), range(len(tokens)))
        self._lengths = [length + 1 for length in self._lengths]
        self.logits = np.stack([self._row(row) for row in range(len(tokens))])

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order; one may come more than once."""
        old, taken = self._rows, set[int]()
        free = [name for name in range(self._names) if name not in old]
        new = []
        for row in rows:
            name = old[row]
            if name in taken:
                name = free.pop()
                self._c.llama_memory_seq_cp(self._memory, old[row], name, -1, -1)
            taken.add(name)
            new.append(name)
        for name in set(old) - taken:
            self._c.llama_memory_seq_rm(self._memory, name, -1, -1)
        self._rows, self._lengths = new, [self._lengths[row] for row in rows]
        self.logits = self.logits[list(rows)]

    def _row(self, row: int) -> NDArray[np.float32]:
        array = self._c.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(array, (self._file.vocabulary,)).copy()
