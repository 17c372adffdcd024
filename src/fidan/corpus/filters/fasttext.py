"""fastText's classifiers, run by compiled loops: the same probabilities as the library's, many times as fast.

The library is https://github.com/facebookresearch/fastText; all but the last digits of a probability agree, save for
models with one question a label, where the library looks up its sigmoid in a coarse table and a last digit may fall
into the next step, up to 0.008 away.

A text is the mean of the vectors of its words and of their character n-grams; the labels' probabilities come from
that mean by a tree of yes-or-no questions (hierarchical softmax), by a softmax, or by one question a label
(Joulin et al. 2016, arXiv:1607.01759; n-grams: Bojanowski et al. 2016, arXiv:1607.04606). What a word adds is always
the same, so the sums of frequent words are kept; a word is summed by itself whether it was kept or not, which makes
the result of a text independent of the texts before it.

What it leaves out: the form of the files (`fidan.corpus.filters.fasttext_file`) and what is done with a probability.
"""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.filters.fasttext_file import HIERARCHICAL, ModelFile, read_model_file
from fidan.corpus.filters.fasttext_labels import SMALLEST, classify, classify_together, sum_and_ask
from fidan.corpus.filters.fasttext_loops import END, Floats, Kept, Weights, fill, word_number
from fidan.corpus.utf8 import Bytes

LABEL = "__label__"
_KEPT = 1 << 15  # words whose sums are kept, about two of three in running text; 2 MB for vectors of 16 numbers


class FastTextModel:
    """A classifier, ready to run. Not meant for several threads at once.

    Attributes:
        labels: without `__label__`, the most frequent of its training first.
        dim: numbers of a vector.
    """

    def __init__(self, file: ModelFile) -> None:
        settings = file.settings
        self.labels = [label.removeprefix(LABEL) for label in file.labels]
        self.dim: int = settings["dim"]
        self._loss: int = settings["loss"]
        hierarchical = self._loss == HIERARCHICAL
        self._children = huffman(file.label_counts) if hierarchical else np.empty((0, 2), np.int32)
        # Rows of all labels side by side, so that one loop serves many labels at once.
        self._outputs = np.ascontiguousarray(file.outputs[: len(self._children) or None].T)
        capacity = 2
        while capacity < 2 * len(file.words) + 1:
            capacity *= 2
        table = np.full(capacity, -1, np.int32)
        fill(file.data, file.words, table)
        self._weights = Weights(
            *_ngram_rows(file), file.data, file.words, table,
            np.uint32(settings["bucket"]), settings["minn"], settings["maxn"], settings["word_ngrams"],
        )  # fmt: skip
        self._end = int(word_number(END, 0, END.size, file.data, file.words, table))
        self._paths: dict[int, NDArray[np.int64]] = {}
        keys, kept_counts = np.zeros(_KEPT, np.uint64), np.zeros(_KEPT, np.int32)
        self._kept = Kept(keys, kept_counts, np.zeros((_KEPT, self.dim), np.float32))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a `.bin` or `.ftz` file; of a plain one the vectors stay in the file.

        Raises:
            SourceError: it is missing, no classifier of fastText's, of another version, or cut short.
        """
        return cls(read_model_file(path))

    def ask(self, text: Bytes, count: int, label: int) -> tuple[Floats, NDArray[np.int64], Floats]:
        """What the lines of a text add up to, and the probability of one label in each.

        Args:
            text: (bytes,), UTF-8; lines end in a line break, the last one need not.
            count: of the lines.
            label: its number in `labels`.

        Returns:
            The sums of the lines' vectors, (lines, dim), and how many vectors there were, (lines,), both without the
            ends of the lines, so that lines can be added (see `together`); the probabilities, (lines,), as `classify`
            has them but for the last digit.
        """
        sums, counts = np.zeros((count, self.dim), np.float32), np.zeros(count, np.int64)
        found = np.empty(count, np.float32)
        path, weights, kept = self._path(label), self._weights, self._kept
        sum_and_ask(text, weights, kept, self._end, self._outputs, path, self._loss, sums, counts, found)
        return sums, counts, found

    def classify(self, sums: Floats, counts: NDArray[np.int64]) -> Floats:
        """The probability of every label, (lines, labels), for lines as `ask` gave them.

        As in the library a line without anything known to the model has zeros.
        """
        found = np.zeros((len(counts), len(self.labels)), np.float32)
        inputs = self._weights.inputs
        classify(sums, counts, inputs, self._end, self._outputs, self._children, self._loss, found)
        return found

    def _path(self, label: int) -> NDArray[np.int64]:
        """As `sum_and_ask` has it."""
        if label not in self._paths:
            steps, place = [], label
            while self._loss == HIERARCHICAL and (above := np.argwhere(self._children == place)).size:
                (inner, side), place = above[0], len(self.labels) + int(above[0][0])
                steps.append(int(inner) if side else -int(inner) - 1)
            self._paths[label] = np.array(steps[::-1] if self._loss == HIERARCHICAL else [label], np.int64)
        return self._paths[label]

    def together(self, sums: Floats, counts: NDArray[np.int64], left_out: NDArray[np.bool_]) -> Floats:
        """The probability of every label, (labels,), for several lines as one.

        Args:
            sums: of all lines, as `ask` gave them.
            counts: likewise.
            left_out: (lines,), those that do not count.
        """
        found = np.zeros((1, len(self.labels)), np.float32)
        inputs, loss = self._weights.inputs, self._loss
        classify_together(sums, counts, left_out, inputs, self._end, self._outputs, self._children, loss, found)
        first: Floats = found[0]
        return first

    def probabilities(self, text: str) -> Floats:
        """The probability of every label for a text as a whole, (labels,). Line breaks count as spaces."""
        line = np.frombuffer(text.replace("\n", " ").encode("utf-8", "surrogatepass"), np.uint8)
        sums, counts, _ = self.ask(line, 1, 0)
        first: Floats = self.classify(sums, counts)[0]
        return first

    def predict(self, text: str, k: int = 1) -> list[tuple[str, float]]:
        """The likeliest labels and their probabilities, the likeliest first.

        Args:
            text: line breaks count as spaces.
            k: how many; fewer where fewer have at least 1e-5, none where nothing in the text is known to the model.
        """
        found = self.probabilities(text)
        order = np.argsort(-found, kind="stable")[:k]
        return [(self.labels[label], float(found[label])) for label in order if found[label] >= SMALLEST]


def _ngram_rows(file: ModelFile) -> tuple[Floats, NDArray[np.uint64], NDArray[np.uint32]]:
    """Vectors, bits and counts, as `Weights` has them."""
    if file.kept is None:
        return file.inputs, np.empty(0, np.uint64), np.empty(0, np.uint32)
    order = np.argsort(file.kept[:, 0], kind="stable")
    buckets, rows = file.kept[order].T
    words = len(file.words)
    inputs = np.concatenate([file.inputs[:words], file.inputs[words:][rows]])
    blocks = file.settings["bucket"] // 64 + 1
    bits = np.zeros(blocks * 64, np.uint8)
    bits[buckets] = 1
    kept = np.packbits(bits, bitorder="little").view("<u8")
    before = np.cumsum(np.bincount(buckets // 64, minlength=blocks)) - np.bincount(buckets // 64, minlength=blocks)
    return inputs, kept, before.astype(np.uint32)


def huffman(counts: NDArray[np.int64]) -> NDArray[np.int32]:
    """The Huffman tree of the labels, as fastText builds it (`HierarchicalSoftmaxLoss::buildTree`).

    Args:
        counts: (labels,), falling.

    Returns:
        (labels - 1, 2), the two children of every inner node, the root last. A child below the number of labels is
        a label, any other the inner node of that number less the labels.
    """
    labels = len(counts)
    weights = [int(count) for count in counts] + [10**15] * (labels - 1)
    children = np.empty((labels - 1, 2), np.int32)
    leaf, node = labels - 1, labels
    for inner in range(labels, 2 * labels - 1):
        for side in range(2):
            if leaf >= 0 and weights[leaf] < weights[node]:
                children[inner - labels, side] = leaf
                leaf -= 1
            else:
                children[inner - labels, side] = node
                node += 1
        weights[inner] = sum(weights[child] for child in children[inner - labels])
    return children
