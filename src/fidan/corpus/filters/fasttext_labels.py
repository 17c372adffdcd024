"""A fastText classifier's way from sums of vectors to the probabilities of labels.

It is that of the library's `Loss::predict`, so that the probabilities are the same. What it leaves out: the sums
(`fasttext_loops`).
"""

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import compiled, inlined
from fidan.corpus.filters.fasttext_file import HIERARCHICAL, SOFTMAX
from fidan.corpus.filters.fasttext_loops import Floats, Kept, Weights, sum_lines
from fidan.corpus.utf8 import Bytes, Whole

SMALLEST = np.float32(1e-5)  # the library adds it before it takes a logarithm


@compiled
def classify_together(
    sums: Floats,
    counts: NDArray[np.int64],
    left_out: NDArray[np.bool_],
    inputs: Floats,
    end: Whole,
    outputs: Floats,
    children: NDArray[np.int32],
    loss: Whole,
    found: Floats,
) -> None:
    """Fills `found`, (1, labels), for the lines that are not left out, taken as one."""
    total, count = np.zeros((1, sums.shape[1]), np.float32), np.zeros(1, np.int64)
    for line in range(len(counts)):
        if not left_out[line]:
            count[0] += counts[line]
            for column in range(sums.shape[1]):
                total[0, column] += sums[line, column]
    classify(total, count, inputs, end, outputs, children, loss, found)


@compiled
def sum_and_ask(
    data: Bytes,
    weights: Weights,
    kept: Kept,
    end: Whole,
    outputs: Floats,
    path: NDArray[np.int64],
    loss: Whole,
    sums: Floats,
    counts: NDArray[np.int64],
    found: Floats,
) -> None:
    """Adds up, and fills `found`, (lines,), with the probability of one label, which costs less than that of all.

    In one call, because a call costs as much as a hundred words.

    Args:
        path: to the label: of a tree, from its inner nodes those that are asked, n for "right" and -n - 1 for "left";
            of any other model, the label alone.
    """
    sum_lines(data, weights, kept, sums, counts)
    inputs = weights.inputs
    scores = np.empty(outputs.shape[1], np.float32)
    hidden = np.empty(sums.shape[1], np.float32)
    for line in range(len(counts)):
        found[line] = 0.0
        if not _mean(sums, counts, line, inputs, end, hidden):
            continue
        if loss == HIERARCHICAL:
            product = np.float32(1.0)
            for step in path:
                node = step if step >= 0 else -step - 1
                right = _sigmoid(_dot(hidden, outputs, node))
                product *= (right if step >= 0 else np.float32(1.0) - right) + SMALLEST
            found[line] = product
        elif loss == SOFTMAX:
            for label in range(scores.size):
                scores[label] = _dot(hidden, outputs, label)
            scores = np.exp(scores - scores.max())
            found[line] = scores[path[0]] / scores.sum() + SMALLEST
        else:
            found[line] = _table_sigmoid(_dot(hidden, outputs, path[0])) + SMALLEST


@inlined
def _mean(sums: Floats, counts: NDArray[np.int64], line: Whole, inputs: Floats, end: Whole, hidden: Floats) -> Whole:
    """Fills `hidden` with the mean of a line's vectors and that of its end; False: there is none."""
    total = counts[line] + (end >= 0)
    if total == 0:
        return False
    for column in range(hidden.size):
        hidden[column] = sums[line, column]
        if end >= 0:
            hidden[column] += inputs[end, column]
        hidden[column] /= np.float32(total)
    return True


@inlined
def _sigmoid(value: Whole) -> Whole:
    return np.float32(1.0) / (np.float32(1.0) + np.exp(-value))


@inlined
def _dot(hidden: Floats, outputs: Floats, column: Whole) -> Whole:
    total = np.float32(0.0)
    for row in range(hidden.size):
        total += hidden[row] * outputs[row, column]
    return total


@compiled
def classify(
    sums: Floats,
    counts: NDArray[np.int64],
    inputs: Floats,
    end: Whole,
    outputs: Floats,
    children: NDArray[np.int32],
    loss: Whole,
    found: Floats,
) -> None:
    """Fills `found`, (lines, labels), with probabilities."""
    labels, scores = found.shape[1], np.empty(outputs.shape[1], np.float32)
    tree, hidden = np.empty(2 * labels - 1, np.float32), np.empty(sums.shape[1], np.float32)
    for line in range(len(counts)):
        if not _mean(sums, counts, line, inputs, end, hidden):
            continue
        scores[:] = 0.0
        for column in range(hidden.size):
            for label in range(scores.size):
                scores[label] += hidden[column] * outputs[column, label]
        if loss == HIERARCHICAL:
            tree[2 * labels - 2] = 1.0
            for inner in range(labels - 2, -1, -1):
                right = _sigmoid(scores[inner])
                tree[children[inner, 0]] = tree[labels + inner] * (np.float32(1.0) - right + SMALLEST)
                tree[children[inner, 1]] = tree[labels + inner] * (right + SMALLEST)
            found[line] = tree[:labels]
        elif loss == SOFTMAX:
            scores = np.exp(scores - scores.max())
            found[line] = scores / scores.sum() + SMALLEST
        else:
            for label in range(labels):
                found[line, label] = _table_sigmoid(scores[label]) + SMALLEST


@inlined
def _table_sigmoid(value: Whole) -> Whole:
    """The library's sigmoid for one question a label: a table of 512 steps between -8 and 8."""
    if value < -8.0:
        return np.float32(0.0)
    if value > 8.0:
        return np.float32(1.0)
    step = np.floor((value + np.float32(8.0)) * np.float32(512.0) / np.float32(8.0) / np.float32(2.0))
    return np.float32(1.0 / (1.0 + np.exp(8.0 - step / 32.0)))
