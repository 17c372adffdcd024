"""A model under evaluation, and what may be asked of it. Opening a folder as one is left out: `fidan.subjects`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.model.build import Model
from fidan.model.decoder import Decoder
from fidan.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Subject:
    """A trained model on disk.

    Attributes:
        name: in the report.
        path: of its folder, as the user wrote it.
        tokenizer: its own.
        parameters: every one, a tied matrix counted once.
        context: the most positions of a forward pass.
        weights: the hash of the file that holds them.
        load: reads them, in fp32, to the device that evaluates.
        corpus: the folder of the corpus stage that made its training text; None: unknown.
        training_ids: documents of its training tokens, evenly spread, about so many tokens; None: unknown.
        training: what its manifest tells of the training, for the report; None: unknown.
        encoder: whether it is an encoder-decoder.
    """

    name: str
    path: Path
    tokenizer: Tokenizer
    parameters: int
    context: int
    weights: str
    load: Callable[[], Model]
    corpus: Path | None = None
    training_ids: Callable[[int], Iterable[NDArray[np.int64]]] | None = None
    training: Mapping[str, Any] | None = None
    encoder: bool = False

    @cached_property
    def model(self) -> Model:
        """Its weights, read when they are first asked for."""
        return self.load()

    @property
    def decoder(self) -> Decoder:
        """The model, where a decoder alone can be measured.

        Raises:
            FidanError: it is an encoder-decoder.
        """
        if not isinstance(self.model, Decoder):
            raise FidanError(f"{self.name}: an encoder-decoder, which only answers questions (--questions FILE).")
        return self.model

    def close(self) -> None:
        """Let go of the weights."""
        self.__dict__.pop("model", None)
