"""A GGUF file in llama.cpp: what every way to open one can do here.

What it leaves out: sampling, chat templates, GPUs; and going on token by token, which only `native` can.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError

INSTALL = "pip install xllamacpp (a wheel), or pip install 'fidan[llama-cpp]' (compiles for some minutes)"


class NotInstalled(FidanError):
    """No package that brings this llama.cpp is installed."""


class GgufModel(Protocol):
    """A GGUF file in llama.cpp. Not for several threads at once.

    Attributes:
        name: of the runtime, with its version.
        vocabulary: V.
        context: how many ids it can read at once.
    """

    name: str
    vocabulary: int
    context: int

    def ids(self, text: str, special: bool = False, bos: bool = True) -> list[int]:
        """The ids of a text.

        Args:
            text: any text, NUL included.
            special: take names of control symbols inside the text for the symbols.
            bos: put in front and behind what the file says is put there (`<s>`, where it is ours).
        """

    def ids_of_many(self, texts: Sequence[str], special: bool = False, bos: bool = True) -> list[list[int]]:
        """The same for many texts, sooner."""

    def text(self, ids: Sequence[int]) -> str:
        """The text of ids, none of them a control symbol's, without the space that encoding put in front."""

    def log_probabilities(self, ids: Sequence[int], places: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Natural logarithms of the probabilities of the next token, (places, V).

        Args:
            ids: at most `context`, with their `<s>`.
            places: after which of the ids, by index; None: after each.

        Raises:
            FidanError: no ids, too many, or one that is none.
        """

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        """The `count` likeliest next tokens, one after the other; the end of a text does not stop it."""

    def close(self) -> None:
        """Give its memory back; nothing else may be called after it."""


def require_ids(ids: Sequence[int], vocabulary: int, context: int) -> None:
    """Refuse what llama.cpp would abort the process for, or answer with half a sentence.

    Raises:
        FidanError: no ids, more than the context holds, or one outside the vocabulary.
    """
    if not 1 <= len(ids) <= context:
        raise FidanError(f"{len(ids):,} ids, but llama.cpp has room for 1 to {context:,}: open with more context.")
    if strange := [i for i in ids if not 0 <= i < vocabulary]:
        raise FidanError(f"id {strange[0]} is none of the file's, which go from 0 to {vocabulary - 1:,}.")
