"""Calibration: by hand, by a plain loop, by torchmetrics where it is installed."""

import numpy as np
import pytest
import torch

from fidan.errors import FidanError
from fidan.evaluation.metrics.calibration import Bin, expected_calibration_error, reliability


def drawn(seed: int, size: int = 500) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    confidences = draw.random(size)
    return confidences, draw.random(size) < confidences**2


def test_by_hand() -> None:
    bins = reliability([0.9, 0.8, 0.3, 0.95], [True, False, False, True], bins=2)
    assert bins == [Bin(pytest.approx(0.3), 0.0, 1), Bin(pytest.approx(2.65 / 3), pytest.approx(2 / 3), 3)]
    assert expected_calibration_error(bins) == pytest.approx((0.3 + 0.65) / 4)


def slow(confidences: list[float], correct: list[bool], bins: int) -> float:
    total = 0.0
    for m in range(bins):
        members = [(c, r) for c, r in zip(confidences, correct, strict=True) if m / bins < c <= (m + 1) / bins]
        total += abs(sum(r for _, r in members) - sum(c for c, _ in members))
    return total / len(confidences)


@pytest.mark.parametrize("bins", [1, 7, 10, 15])
def test_by_a_plain_loop(bins: int) -> None:
    confidences, correct = drawn(bins)
    found = reliability(confidences, correct, bins)
    assert expected_calibration_error(found) == pytest.approx(slow(confidences.tolist(), correct.tolist(), bins))
    assert sum(b.tokens for b in found) == 500
    assert [b.confidence for b in found] == sorted(b.confidence for b in found)


@pytest.mark.parametrize("bins", [10, 15])
def test_by_torchmetrics(bins: int) -> None:
    classification = pytest.importorskip("torchmetrics.functional.classification")
    confidences, correct = drawn(bins)
    # Of two classes, the one that is taken has the confidence.
    sure = torch.from_numpy(confidences / 2 + 0.5)
    theirs = classification.multiclass_calibration_error(
        torch.stack([1 - sure, sure], 1), torch.from_numpy(correct.astype(np.int64)), num_classes=2, n_bins=bins
    )
    ours = expected_calibration_error(reliability(sure.numpy(), correct, bins))
    assert ours == pytest.approx(float(theirs), abs=1e-6)


def test_a_bin_holds_its_upper_edge_and_the_first_one_0_as_well() -> None:
    found = reliability([0.0, 0.1, 0.1000001, 0.2, 1.0], [True] * 5, bins=10)
    assert [b.tokens for b in found] == [2, 2, 1]


def test_right_as_often_as_it_says_is_no_error() -> None:
    assert expected_calibration_error(reliability([0.75] * 4, [True, True, False, True])) == 0


def test_always_sure_and_always_wrong_is_the_worst() -> None:
    assert expected_calibration_error(reliability([1.0, 1.0], [False, False])) == 1


def test_bad_values_are_named() -> None:
    with pytest.raises(FidanError, match="at least one"):
        reliability([], [])
    with pytest.raises(FidanError, match=r"\(1,\) confidences and \(2,\)"):
        reliability([0.5], [True, False])
    with pytest.raises(FidanError, match=r"3\.5 is no probability"):
        reliability([0.5, 3.5], [True, False])
    with pytest.raises(FidanError, match="nan is no probability"):
        reliability([np.nan], [True])
    with pytest.raises(FidanError, match="true or false"):
        reliability([0.5], [1])
    with pytest.raises(FidanError, match="0 bins"):
        reliability([0.5], [True], bins=0)
    with pytest.raises(FidanError, match="No bins"):
        expected_calibration_error([])
