"""A GGUF file as an engine: llama.cpp gives the logits, everything else is as with any other model.

So a seed writes the same text from a GGUF in F32 as from the folder it was made of. What it leaves out: llama.cpp's
own samplers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from fidan.llama_cpp.rows import Rows, RowsModel
from fidan.llama_cpp.vocabulary import sentencepiece_model
from fidan.recipe import GenerateConfig
from fidan.settings import build
from fidan.tokenizer.tokenizer import Tokenizer

# What a GGUF may say of sampling (`general.sampling.…`), and our name for it.
_SAMPLING = {
    "temp": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "penalty_repeat": "repetition_penalty",
}


class GgufEngine:
    """See `fidan.generation.engine.Engine`.

    Args:
        path: a GGUF file.
        threads: of llama.cpp; they wait in loops, so no more than there are free cores.

    Attributes:
        tokenizer: the one inside the file.
        sampling: the file's own defaults; ours for what it does not say.
        chat_template: Jinja, as the file has it; None where it has none.

    Raises:
        NotInstalled: there is no llama-cpp-python.
        FidanError: llama.cpp cannot load the file, or its tokenizer is of another kind.
    """

    def __init__(self, path: Path, threads: int) -> None:
        self._model = RowsModel(path, threads)
        self.vocabulary, self.context = self._model.vocabulary, self._model.context
        self.longest_prompt = self.context - 1
        self.tokenizer = Tokenizer(sentencepiece_model(self._model), str(path))
        told = self._model.metadata()
        self.sampling = _sampling(told, str(path))
        self.chat_template = told.get("tokenizer.chat_template")

    def beginning(self, prompt: Sequence[int]) -> Sequence[int]:
        """The prompt itself, which the text goes on with."""
        return prompt

    def open(self, prompts: Sequence[Sequence[int]], new_tokens: int, copies: int = 1) -> "GgufDecoding":
        """As `Engine.open` says."""
        return GgufDecoding(self._model.open(prompts, new_tokens, copies))


class GgufDecoding:
    """See `fidan.generation.engine.Decoding`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.logits: Tensor = torch.from_numpy(rows.logits)

    def advance(self, tokens: Sequence[int]) -> None:
        """As `Decoding.advance` says."""
        self._rows.advance(tokens)
        self.logits = torch.from_numpy(self._rows.logits)

    def select(self, rows: Sequence[int]) -> None:
        """As `Decoding.select` says."""
        self._rows.select(rows)
        self.logits = torch.from_numpy(self._rows.logits)


def _sampling(metadata: Mapping[str, str], where: str) -> GenerateConfig:
    kinds = {"top_k": int}
    told = {
        ours: kinds.get(ours, float)(metadata[key])
        for name, ours in _SAMPLING.items()
        if (key := f"general.sampling.{name}") in metadata
    }
    return build(GenerateConfig, told, where)
