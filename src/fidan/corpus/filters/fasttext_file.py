"""The files of fastText's classifiers, `.bin` and `.ftz`: read and checked.

The form is that of version 12 (fastText 0.2 to 0.9, https://github.com/facebookresearch/fastText,
`FastText::saveModel`): a magic number and the version, thirteen settings, the dictionary of words and labels with
their counts, the list of the n-grams that pruning left, and two matrices of which each may be compressed by product
quantisation. All numbers are little-endian. A compressed matrix is unfolded here, once; a plain one is left in the
file, mapped into memory, and so a model of several gigabytes opens at once and is shared between processes.

What it leaves out: the classifier itself (`fidan.corpus.filters.fasttext`), word vectors and training.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled
from fidan.errors import SourceError

MAGIC, VERSION = 793712314, 12
SUPERVISED = 3
HIERARCHICAL, NEGATIVE, SOFTMAX, ONE_VS_ALL = 1, 2, 3, 4  # losses

_SETTINGS = (
    "dim", "ws", "epoch", "min_count", "neg", "word_ngrams", "loss", "model", "bucket", "minn", "maxn", "lr_update",
    "t",
)  # fmt: skip
_CENTROIDS = 256  # of a quantiser: what a byte can name


@dataclass(frozen=True)
class ModelFile:
    """What a file holds.

    Attributes:
        settings: by fastText's names: `dim`, `word_ngrams`, `loss`, `bucket`, `minn`, `maxn` …
        data: (bytes of the file,), mapped.
        words: (words, 2), where each word begins and ends in `data`.
        labels: as written in the file, `__label__` included.
        label_counts: (labels,), how often each was seen in training; the Huffman tree is built from it.
        kept: (pairs, 2), the n-gram buckets that pruning left and their rows behind the words'; None: nothing was
            pruned, and bucket and row are the same.
        inputs: (words + n-grams, dim), vectors of words, then of n-grams.
        outputs: (labels, dim), of labels, or of the inner nodes of the Huffman tree.
    """

    settings: dict[str, Any]
    data: NDArray[np.uint8]
    words: NDArray[np.int64]
    labels: list[str]
    label_counts: NDArray[np.int64]
    kept: NDArray[np.int32] | None
    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]


def read_model_file(path: Path) -> ModelFile:
    """Read a classifier.

    Raises:
        SourceError: no such file, another kind of file, another version, or cut short.
    """
    if not path.is_file():
        raise SourceError(f"{path}: no such file. Name a fastText model, as lid.176.bin.")
    reader = _Reader(path)
    magic, version = reader.numbers("ii", "not a fastText model: too short")
    if magic != MAGIC:
        raise SourceError(f"{path}: not a fastText model: begins with {magic}, not {MAGIC}.")
    if version != VERSION:
        raise SourceError(f"{path}: version {version} of fastText's file form; only {VERSION} can be read.")
    settings = dict(zip(_SETTINGS, reader.numbers("12id"), strict=True))
    _check_settings(path, settings)
    words, labels, label_counts, pairs = reader.dictionary()
    (quantised,) = reader.numbers("?")
    inputs = reader.quantised() if quantised else reader.dense()
    (quantised_output,) = reader.numbers("?")
    outputs = reader.quantised() if quantised and quantised_output else reader.dense()
    dim, rows = settings["dim"], len(words)
    if pairs is None:
        needed = rows + (settings["bucket"] if settings["maxn"] > 0 or settings["word_ngrams"] > 1 else 0)
    else:
        needed = rows + (int(pairs[:, 1].max()) + 1 if len(pairs) else 0)
        if len(pairs) and (int(pairs.min()) < 0 or int(pairs[:, 0].max()) >= settings["bucket"]):
            raise SourceError(f"{path}: damaged: it keeps n-grams outside its {settings['bucket']} buckets.")
    if inputs.shape[1] != dim or inputs.shape[0] < needed or outputs.shape != (len(labels), dim):
        raise SourceError(f"{path}: damaged: its matrices, {inputs.shape} and {outputs.shape}, do not fit together.")
    return ModelFile(settings, reader.data, words, labels, label_counts, pairs, inputs, outputs)


def _check_settings(path: Path, settings: dict[str, Any]) -> None:
    if settings["model"] != SUPERVISED:
        raise SourceError(f"{path}: holds word vectors and no classifier. Name a model trained with `supervised`.")
    if settings["loss"] not in (HIERARCHICAL, NEGATIVE, SOFTMAX, ONE_VS_ALL):
        raise SourceError(f"{path}: damaged: no such loss as {settings['loss']}.")
    for name, least in (("dim", 1), ("word_ngrams", 1), ("bucket", 0), ("minn", 0), ("maxn", 0)):
        if settings[name] < least:
            raise SourceError(f"{path}: damaged: {name} = {settings[name]}.")
    if settings["bucket"] == 0 and (settings["maxn"] > 0 or settings["word_ngrams"] > 1):
        raise SourceError(f"{path}: damaged: it has n-grams and no buckets for them.")


class _Reader:
    """A place in a mapped file, that moves on as things are read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        size = path.stat().st_size
        self.data: NDArray[np.uint8] = (
            np.asarray(np.memmap(path, np.uint8, mode="r")) if size else np.empty(0, np.uint8)
        )
        self.place = 0

    def truncated(self) -> SourceError:
        return SourceError(f"{self.path}: ends in the middle, at byte {self.data.size}. Fetch the model again.")

    def numbers(self, form: str, otherwise: str = "") -> tuple[Any, ...]:
        size = struct.calcsize("<" + form)
        if self.place + size > self.data.size:
            raise SourceError(f"{self.path}: {otherwise}.") if otherwise else self.truncated()
        found = struct.unpack("<" + form, self.data[self.place : self.place + size].tobytes())
        self.place += size
        return found

    def array(self, kind: str, *shape: int) -> NDArray[Any]:
        """The next numbers, still in the file; they may lie at any byte."""
        count = 1
        for side in shape:  # in Python's integers, which do not overflow
            count *= side
        size = count * np.dtype(kind).itemsize
        if min(shape) < 0 or self.place + size > self.data.size:
            raise self.truncated()
        found = self.data[self.place : self.place + size].view(kind).reshape(shape)
        self.place += size
        return found

    def dictionary(
        self,
    ) -> tuple[NDArray[np.int64], list[str], NDArray[np.int64], NDArray[np.int32] | None]:
        """Words, labels, counts of labels, pairs of the pruning."""
        size, word_count, label_count, _, pruned = self.numbers("iiiqq")
        # An entry is at least a byte of end, eight of count and one of kind.
        if word_count < 0 or label_count < 1 or size != word_count + label_count or 10 * size > self.data.size:
            raise SourceError(f"{self.path}: damaged: {size} entries, {word_count} words, {label_count} labels.")
        places = np.empty((size, 2), np.int64)
        counts = np.empty(size, np.int64)
        self.place = int(_entries(self.data, self.place, word_count, places, counts))
        if self.place < 0:
            raise self.truncated()
        names = [self.data[start:end].tobytes() for start, end in places[word_count:].tolist()]
        labels = [name.decode("utf-8", "replace") for name in names]
        pairs = None if pruned < 0 else self.array("<i4", pruned, 2).copy()
        return places[:word_count].copy(), labels, counts[word_count:].copy(), pairs

    def dense(self) -> NDArray[np.float32]:
        rows, columns = self.numbers("qq")
        return self.array("<f4", rows, columns)

    def quantised(self) -> NDArray[np.float32]:
        """A matrix of codes, unfolded: a row is its pieces' centroids, times its norm where norms stand apart."""
        with_norms, rows, columns, code_size = self.numbers("?qqi")
        codes = self.array("u1", code_size)
        centroids, pieces, step, last = self.quantiser()
        if rows < 0 or columns != step * (pieces - 1) + last or code_size != rows * pieces:
            raise SourceError(f"{self.path}: damaged: {code_size} codes for {rows} rows of {columns}.")
        matrix = np.empty((rows, columns), np.float32)
        codes = codes.reshape(rows, pieces)
        for piece in range(pieces):
            width = last if piece == pieces - 1 else step
            start = piece * _CENTROIDS * step
            table = centroids[start : start + _CENTROIDS * width].reshape(_CENTROIDS, width)
            matrix[:, piece * step : piece * step + width] = table[codes[:, piece]]
        if with_norms:
            norm_codes = self.array("u1", rows)
            norms, *_ = self.quantiser()
            matrix *= norms[:_CENTROIDS][norm_codes][:, None]
        return matrix

    def quantiser(self) -> tuple[NDArray[np.float32], int, int, int]:
        """Centroids, number of pieces, width of a piece, width of the last piece."""
        dim, pieces, step, last = self.numbers("4i")
        if min(dim, pieces, step, last) < 1 or step * (pieces - 1) + last != dim:
            raise SourceError(
                f"{self.path}: damaged: {dim} columns in {pieces} pieces of {step}, the last of {last}."
            )
        return self.array("<f4", dim * _CENTROIDS), pieces, step, last


@compiled
def _entries(
    data: NDArray[np.uint8], place: int, words: int, places: NDArray[np.int64], counts: NDArray[np.int64]
) -> int:
    """Reads the entries; returns the place behind them, -1 where the file ends too soon or mixes words and labels."""
    for entry in range(counts.size):
        start = place
        while place < data.size and data[place] != 0:
            place += 1
        if place + 10 > data.size or data[place + 9] != (entry >= words):
            return -1
        places[entry, 0], places[entry, 1] = start, place
        count = np.int64(0)
        for byte in range(8):
            count |= np.int64(data[place + 1 + byte]) << np.int64(8 * byte)
        counts[entry] = count
        place += 10
    return place
