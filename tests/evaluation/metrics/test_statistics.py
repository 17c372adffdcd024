"""Estimates and comparisons: values by hand, a slow bootstrap beside the fast one, coverage, and what p means."""

import math
import random
import statistics as standard

import numpy as np
import pytest

from fidan.errors import FidanError
from fidan.evaluation.metrics import statistics
from fidan.evaluation.metrics.statistics import (
    Comparison,
    Estimate,
    compare_macros,
    compare_means,
    compare_ratios,
    macro,
    mean,
    proportion,
    ratio,
)


def flags(right: int, of: int) -> np.ndarray:
    return np.arange(of) < right


def test_wilson_by_hand() -> None:
    # p = 0.8, n = 10, z = 1.96: (0.8 + 0.19207 ± 1.95996·sqrt(0.016 + 0.0096036)) / 1.38415
    estimate = proportion(flags(8, 10))
    assert estimate.value == pytest.approx(0.8)
    assert estimate.error == pytest.approx(math.sqrt(0.016))
    assert estimate.low == pytest.approx(0.490162, abs=1e-6)
    assert estimate.high == pytest.approx(0.943318, abs=1e-6)


def test_wilsons_ends_solve_the_equation_they_come_from() -> None:
    """|p − share| = z·sqrt(p(1 − p)/n) holds at both ends."""
    for right, of in ((1, 3), (17, 40), (940, 1000)):
        estimate = proportion(flags(right, of))
        for end in (estimate.low, estimate.high):
            assert abs(end - right / of) == pytest.approx(statistics.Z95 * math.sqrt(end * (1 - end) / of))


@pytest.mark.parametrize("right", [0, 7])
def test_all_or_none_right_still_has_an_interval_within_0_and_1(right: int) -> None:
    estimate = proportion(flags(right, 7))
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert estimate.high - estimate.low > 0.3


def test_macro_counts_every_group_the_same() -> None:
    estimate = macro([flags(1, 2), flags(90, 100)])
    assert estimate.value == pytest.approx(0.7)
    assert estimate.error == pytest.approx(math.sqrt(0.25 / 2 + 0.09 / 100) / 2)


def test_macro_of_one_group_is_its_proportion() -> None:
    assert macro([flags(8, 10)]) == pytest.approx(proportion(flags(8, 10)))


def test_macro_of_perfect_groups_does_not_claim_to_be_certain() -> None:
    estimate = macro([flags(10, 10), flags(20, 20)])
    assert estimate.value == estimate.high == 1
    assert 0.7 < estimate.low < 0.95


def test_macros_interval_covers_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)
    truths = [0.97, 0.8, 0.6, 0.99]
    covered = 0
    for _ in range(400):
        low, high = macro([draw.random(50) < truth for truth in truths])[2:]
        covered += low <= np.mean(truths) <= high
    assert 0.92 < covered / 400 < 0.99


def test_mean_by_the_standard_library() -> None:
    values = [3.0, 1.5, 4.25, -2.0]
    estimate = mean(values)
    assert estimate.value == pytest.approx(standard.mean(values))
    assert estimate.error == pytest.approx(standard.stdev(values) / 2)
    assert (estimate.low + estimate.high) / 2 == pytest.approx(estimate.value)


def slow_ratio_error(numerators: list[float], denominators: list[float], draws: int) -> float:
    draw = random.Random(5)
    units = range(len(numerators))
    found = []
    for _ in range(draws):
        picked = draw.choices(units, k=len(numerators))
        found.append(sum(numerators[i] for i in picked) / sum(denominators[i] for i in picked))
    return standard.stdev(found)


def test_ratio_is_of_the_sums_and_its_error_that_of_a_plain_bootstrap() -> None:
    draw = np.random.default_rng(3)
    sizes = draw.integers(50, 5000, 120).astype(float)
    bits = sizes * draw.normal(1.1, 0.2, 120)
    estimate = ratio(bits, sizes)
    assert estimate.value == pytest.approx(bits.sum() / sizes.sum(), rel=1e-12)
    assert estimate.error == pytest.approx(slow_ratio_error(bits.tolist(), sizes.tolist(), 2000), rel=0.08)
    # The delta method, which knows nothing of resampling.
    residual = bits - estimate.value * sizes
    assert estimate.error == pytest.approx(math.sqrt(120) * residual.std(ddof=1) / sizes.sum(), rel=0.08)
    assert estimate.low == pytest.approx(estimate.value - 1.96 * estimate.error, abs=0.3 * estimate.error)
    assert estimate.high == pytest.approx(estimate.value + 1.96 * estimate.error, abs=0.3 * estimate.error)


def test_draws_depend_on_the_seed_and_not_on_how_many_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(4)
    above, below = draw.random(37), draw.random(37) + 1
    whole = ratio(above, below, seed=7, draws=300)
    monkeypatch.setattr(statistics, "RESAMPLED", 37 * 7 + 5)
    assert ratio(above, below, seed=7, draws=300) == whole
    monkeypatch.setattr(statistics, "RESAMPLED", 1)
    assert ratio(above, below, seed=7, draws=300) == whole
    assert ratio(above, below, seed=8, draws=300) != whole


def test_one_unit_says_nothing_about_the_spread() -> None:
    for estimate in (mean([2.5]), ratio([5.0], [2.0])):
        assert estimate.value == 2.5
        assert all(math.isnan(number) for number in estimate[1:])
    for compared in (compare_means([1], [2]), compare_ratios([1], [2], [1], [1]), compare_macros([[0]], [[1]])):
        assert (compared.difference, compared.p) == (1, 1)
        assert math.isnan(compared.low)
        assert math.isnan(compared.high)


def test_equal_models_differ_by_nothing() -> None:
    values = np.random.default_rng(0).random(50)
    same = Comparison(0.0, 0.0, 0.0, 1.0)
    assert compare_means(values, values) == same
    assert compare_ratios(values, values, values + 1, values + 1) == same
    assert compare_macros([values > 0.5, values > 0.2], [values > 0.5, values > 0.2]) == same


def test_a_clear_difference_is_seen_though_units_vary_more_than_models() -> None:
    draw = np.random.default_rng(2)
    hardness = draw.normal(10, 5, 80)
    better = compare_means(hardness, hardness - 0.3 + draw.normal(0, 0.2, 80))
    assert better.difference == pytest.approx(-0.3, abs=0.06)
    assert better.low < better.difference < better.high < 0
    assert better.p == pytest.approx(2 / 2001)


def test_the_other_way_round_is_the_same_difference_with_its_sign_turned() -> None:
    draw = np.random.default_rng(6)
    a, b, below = draw.random(60), draw.random(60) + 0.05, draw.random(60) + 1
    there, back = compare_ratios(a, b, below, below), compare_ratios(b, a, below, below)
    assert there.difference == pytest.approx(b.sum() / below.sum() - a.sum() / below.sum())
    assert back == pytest.approx(Comparison(-there.difference, -there.high, -there.low, there.p))


def test_p_is_below_5_percent_where_the_interval_leaves_out_0() -> None:
    draw = np.random.default_rng(8)
    seen = set()
    for _ in range(60):
        a = draw.normal(0, 1, 40)
        compared = compare_means(a, a + draw.normal(0.25, 1, 40), draws=500)
        outside = compared.low > 0 or compared.high < 0
        if abs(compared.p - 0.05) > 0.01:  # one draw more or less
            assert (compared.p < 0.05) == outside
            seen.add(outside)
    assert seen == {True, False}


def test_chance_alone_is_seldom_called_a_difference() -> None:
    draw = np.random.default_rng(9)
    pairs = (draw.normal(0, 1, (2, 60)) for _ in range(200))
    called = sum(compare_means(a, b, draws=200).p < 0.05 for a, b in pairs)
    assert called / 200 < 0.12


def test_macros_compare_within_groups() -> None:
    a = [flags(5, 10), flags(40, 50)]
    b = [flags(9, 10), flags(40, 50)]
    compared = compare_macros(a, b)
    assert compared.difference == pytest.approx((0.4 + 0) / 2)
    assert 0 < compared.low < 0.2 < compared.high < 0.4
    # The second group's difference is 0 on every unit: the spread is that of the first, halved.
    alone = compare_means(a[0], b[0], draws=20_000)
    assert compared.high == pytest.approx(alone.high / 2, abs=0.051)


def test_estimates_go_into_json_as_they_are() -> None:
    assert ratio([1, 2], [2, 2])._asdict().keys() == {"value", "error", "low", "high"}
    for number in (*proportion([True]), *macro([[True]]), *mean([1, 2]), *ratio([1, 2], [2, 2])):
        assert type(number) is float
    for number in (*compare_means([1, 2], [2, 2]), *compare_ratios([1, 2], [2, 2], [1, 1], [1, 1])):
        assert type(number) is float
    assert isinstance(mean([1, 2]), Estimate)


def test_bad_values_are_named() -> None:
    with pytest.raises(FidanError, match="at least one true or false"):
        proportion([])
    with pytest.raises(FidanError, match="int64"):
        proportion([1, 0])
    with pytest.raises(FidanError, match="No groups"):
        macro([])
    with pytest.raises(FidanError, match="at least one number"):
        mean([])
    with pytest.raises(FidanError, match="values: number 1 is nan"):
        mean([1, math.nan])
    with pytest.raises(FidanError, match="2 numerators, 1 denominators"):
        ratio([1, 2], [1])
    with pytest.raises(FidanError, match="denominators: unit 1 has 0"):
        ratio([1, 2], [1, 0])
    with pytest.raises(FidanError, match="denominators_b: unit 0 has -1"):
        compare_ratios([1], [1], [1], [-1])
    with pytest.raises(FidanError, match="2 a, 3 b"):
        compare_means([1, 2], [1, 2, 3])
    with pytest.raises(FidanError, match="1 groups of A and 2 of B"):
        compare_macros([[True]], [[True], [False]])
    with pytest.raises(FidanError, match="1 draws"):
        ratio([1, 2], [1, 2], draws=1)
