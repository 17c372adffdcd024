"""Whether a model is right as often as it says: the reliability diagram, and the expected calibration error.

Guo et al. 2017, On Calibration of Modern Neural Networks (arXiv 1706.04599): confidences are sorted into bins of
equal width, ((m − 1)/M, m/M]; in each the mean confidence stands beside the share that was right. What it leaves
out: bins of equal size, and mending a bad calibration (temperature scaling).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fidan.errors import FidanError

BINS = 15  # as in Guo et al.


class Bin(NamedTuple):
    """Predictions of about the same confidence.

    Attributes:
        confidence: their mean probability, 0 to 1.
        accuracy: the share of them that was right, 0 to 1.
        tokens: how many.
    """

    confidence: float
    accuracy: float
    tokens: int


def reliability(confidences: ArrayLike, correct: ArrayLike, bins: int = BINS) -> list[Bin]:
    """The bins that hold a prediction, by rising confidence.

    Args:
        confidences: (N,) probabilities of the tokens that were thought likeliest.
        correct: (N,) whether those came.
        bins: M, of equal width over 0 to 1.

    Raises:
        FidanError: there is no prediction, the numbers differ, or a confidence is no probability.
    """
    sure, right = np.asarray(confidences, dtype=np.float64), np.asarray(correct)
    if sure.ndim != 1 or sure.shape != right.shape or not len(sure):
        raise FidanError(f"{sure.shape} confidences and {right.shape} outcomes: wanted as many, and at least one.")
    if right.dtype != np.bool_:
        raise FidanError(f"Outcomes are true or false; these are numbers of type {right.dtype}.")
    if not ((sure >= 0) & (sure <= 1 + 1e-6)).all():  # a softmax in fp32 may reach a little beyond 1
        bad = sure[~((sure >= 0) & (sure <= 1 + 1e-6))][0]
        raise FidanError(f"A confidence of {bad:g} is no probability. Pass softmax outputs, not logits.")
    if bins < 1:
        raise FidanError(f"{bins} bins hold nothing. Take 10 or 15.")
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], sure, side="left")
    tokens = np.bincount(place, minlength=bins)
    sums, hits = (np.bincount(place, weights, minlength=bins) for weights in (sure, right.astype(np.float64)))
    return [
        Bin(float(sums[m] / tokens[m]), float(hits[m] / tokens[m]), int(tokens[m])) for m in np.flatnonzero(tokens)
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The mean over predictions of |accuracy − confidence| of their bin; 0 is perfect, 1 the worst.

    Args:
        bins: of `reliability`.

    Raises:
        FidanError: there is no bin.
    """
    if not bins:
        raise FidanError("No bins, so no calibration error. Measure at least one prediction.")
    return sum(b.tokens * abs(b.accuracy - b.confidence) for b in bins) / sum(b.tokens for b in bins)
