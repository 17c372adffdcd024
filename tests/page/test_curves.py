"""Axes have round labels that take in all points; thinned and smoothed lines keep what matters."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan.page.curves import POINTS, Line, figure, plot, smooth, thin, ticks_between


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_take_in_what_they_are_for(low: float, reach: float) -> None:
    high = low + reach
    ticks = ticks_between(low, high)
    slack = 1e-6 * max(abs(low), abs(high), reach)
    assert 2 <= len(ticks) <= 9
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert ticks == sorted(ticks)


@pytest.mark.parametrize(
    ("low", "high", "ticks"), [(0, 10, [0, 2, 4, 6, 8, 10]), (3.1, 3.9, [3, 3.2, 3.4, 3.6, 3.8, 4])]
)
def test_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert ticks_between(low, high) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0"), (0.0006, "0.0006"), (3.4000000000000004, "3.4"), (2500, "2,500"), (1.5e6, "1.5M"), (1e-5, "1e-05")],
)
def test_labels(value: float, told: str) -> None:
    assert figure(value) == told


@pytest.mark.parametrize("points", [[(5.0, 2.0)], [(5.0, 0.0)], [(1.0, 3.0), (2.0, 3.0)], [(0.0, -1.0), (9.0, 4.0)]])
def test_every_place_lies_within_the_plot(points: list[tuple[float, float]]) -> None:
    drawn = plot([Line("train", points)], "loss", "step")
    found = re.search(r'<polyline class="train" points="([^"]+)"', drawn)
    assert found
    for pair in found[1].split():
        assert all(-0.01 <= float(number) <= 100.01 for number in pair.split(","))


def test_a_logarithmic_axis_has_powers_of_ten_and_leaves_out_zero() -> None:
    drawn = plot([Line("train", [(1, 0.5), (2, 50.0), (3, 0.0)])], "norm", "step", log=True)
    assert [f">{power}<" in drawn for power in ("0.1", "1", "10", "100")] == [True] * 4
    found = re.search(r'points="([^"]+)"', drawn)
    assert found
    assert len(found[1].split()) == 2


def test_nothing_is_drawn_of_nothing() -> None:
    assert plot([Line("train", []), Line("held", [(1, math.nan)])], "loss", "step") == ""


def test_thinning_keeps_the_extremes_and_the_order() -> None:
    points = [(float(x), math.sin(x)) for x in range(50_000)]
    points[31_111] = (31_111.0, 9.0)
    kept = thin(points)
    assert len(kept) <= POINTS + 2
    assert max(y for _, y in kept) == 9.0
    assert [x for x, _ in kept] == sorted(x for x, _ in kept)


def test_smoothing_is_unbiased_and_follows() -> None:
    assert [y for _, y in smooth([(x, 4.0) for x in range(9)], 5)] == pytest.approx([4.0] * 9)
    stepped = smooth([(float(x), float(x >= 100)) for x in range(200)], 10)
    assert stepped[99][1] == 0.0
    assert stepped[-1][1] == pytest.approx(1.0, abs=1e-4)


def test_a_logarithmic_axis_across_has_powers_of_two_evenly_apart() -> None:
    drawn = plot([Line("train", [(0, 9.0), (1, 1.0), (32, 2.0), (1024, 3.0)])], "bits", "place", log_across=True)
    found = re.search(r'<polyline class="train" points="([^"]+)"', drawn)
    assert found
    assert [float(pair.split(",")[0]) for pair in found[1].split()] == pytest.approx([0, 50, 100])
    assert re.findall(r'<span style="left:([^%]+)%">([^<]*)<', drawn)[:2] == [("0", "1"), ("20", "4")]
