"""Texts to vectors by the encoder of a trained encoder-decoder: the mean of its memory over a text's tokens.

A text is read as the model read questions in training (`fidan.tokenizer.pairs.encode_source`). Texts of like length
go together, `POSITIONS` tokens a batch with padding, so that memory does not grow with their number; padding is
neither looked at nor counted. What it leaves out: what is done with vectors (`fidan.law.vectors`), and training for
this end: the model learnt to write answers, and nothing has told it that a question and its article belong together.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import xxhash
from numpy.typing import NDArray
from torch import Tensor

from fidan.corpus.sources.streams import Advance, ignore_progress
from fidan.errors import FidanError
from fidan.hardware import pick_device
from fidan.law.vectors import ARTICLE_TOKENS, Identity
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.tokenizer.pairs import Ids, encode_source
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate
from fidan.weights import weights_of

POSITIONS = 1024  # of a batch, padding among them; on a CPU 4096 take 1.4 times as long, leaving the cache


class TextEncoder:
    """Gives texts their vectors.

    Args:
        model: whose encoder reads; in evaluation mode.
        tokenizer: its own.

    Attributes:
        identity: the hashes of encoder and tokenizer, and how a vector is made; equal ones give equal vectors.
        width: D.
    """

    def __init__(self, model: EncoderDecoder, tokenizer: Tokenizer) -> None:
        self._model, self._tokenizer = model, tokenizer
        self.width = model.config.d_model
        self.identity: Identity = {
            "weights": _hash(model), "tokenizer": tokenizer.hash, "width": self.width, "tokens": ARTICLE_TOKENS,
            "pooling": "mean",
        }  # fmt: skip

    def embed(self, texts: Sequence[str], tokens: int = 0, advance: Advance = ignore_progress) -> NDArray[np.float32]:
        """The vectors of texts, as the encoder's memory has them.

        Args:
            texts: none of them empty.
            tokens: of a text that are read at most; 0: as many as the model can read. The rest is left out.
            advance: told how many texts are done.

        Returns:
            (texts, D).

        Raises:
            FidanError: a text is empty.
        """
        context = self._model.config.context
        limit = min(tokens, context) if tokens else context
        rows = [np.asarray(encode_source(self._tokenizer, text, "", limit).ids) for text in texts]
        vectors = np.empty((len(rows), self.width), np.float32)
        for places in _batches([len(row) for row in rows]):
            vectors[places] = self._pooled([rows[place] for place in places])
            advance(len(places))
        return vectors

    @torch.inference_mode()
    def _pooled(self, rows: Sequence[Ids]) -> NDArray[np.float32]:
        """Rows of ids, of unlike lengths → (rows, D) means of the encoder's memory over their tokens."""
        device = self._model.lm_head.weight.device
        source = torch.full((len(rows), max(map(len, rows))), self._tokenizer.pad_id)
        for place, row in enumerate(rows):
            source[place, : len(row)] = torch.from_numpy(row)
        lengths = torch.tensor([len(row) for row in rows])
        tokens = (torch.arange(source.shape[1]) < lengths[:, None]).to(device)
        memory: Tensor = self._model.encode(source.to(device), tokens)
        # Where there is padding the memory means nothing, and may hold what no factor of 0 would take away.
        total = memory.float().masked_fill(~tokens[..., None], 0.0).sum(1)
        pooled: NDArray[np.float32] = (total / lengths.to(device)[:, None]).cpu().numpy()
        return pooled


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of all rows, those of like length together, at most `POSITIONS` positions a batch with padding."""
    batch: list[int] = []
    for place in np.argsort(lengths, kind="stable"):
        if batch and (len(batch) + 1) * lengths[place] > POSITIONS:
            yield batch
            batch = []
        batch.append(int(place))
    if batch:
        yield batch


def _hash(model: EncoderDecoder) -> str:
    """Of the encoder's weights alone, so that a run and its exported folder are one encoder."""
    digest = xxhash.xxh3_128()
    for name, tensor in sorted(weights_of(model.encoder).items()):
        digest.update(name.encode())
        digest.update(tensor.float().numpy().tobytes())
    return digest.hexdigest()


def open_encoder(path: Path) -> TextEncoder:
    """The encoder of a trained encoder-decoder, on the best device of this machine.

    Args:
        path: a run's folder, or an exported one.

    Raises:
        FidanError: there is no trained model, or it has no encoder.
    """
    if path.suffix == ".gguf":
        raise FidanError(f"--encoder {path}: a GGUF file has no encoder. Name the folder of an encoder-decoder.")
    located = locate(path)
    model = located.build(pick_device()) if located.config.encoder_layers else None
    if not isinstance(model, EncoderDecoder):
        raise FidanError(
            f"--encoder {path}: a decoder alone, which has no encoder. Name an encoder-decoder, such as a run of "
            "recipes/law-qa-small.toml."
        )
    return TextEncoder(model, located.tokenizer)
