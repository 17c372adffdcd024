"""How sure a number is: standard errors, 95% intervals, and whether two models differ by more than chance.

The unit is what was sampled: a document, a pair of sentences, a question. Tokens of one document are not independent,
so an error over tokens would be far too small. Two models are compared on the same units, the same ones resampled for
both, because what makes a document hard is mostly the document.

Bootstrap: Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals; paired for systems of
language processing: Koehn 2004, Berg-Kirkpatrick et al. 2012. Fewer than about twenty units make any of these
intervals too short. What it leaves out: correction for many comparisons at once.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fidan.errors import FidanError

Z95 = 1.959963984540054  # the standard normal distribution has 95% of its mass within ± this
DRAWS = 2000
RESAMPLED = 1 << 20  # units drawn at once, which bounds the memory


class Estimate(NamedTuple):
    """A value measured on a sample of units.

    Attributes:
        value: the estimate.
        error: its standard error, in the unit of the value.
        low: lower end of the 95% interval.
        high: upper end.

    Error and ends are NaN where one unit alone says nothing about the spread.
    """

    value: float
    error: float
    low: float
    high: float


class Comparison(NamedTuple):
    """How much B is above A on the same units.

    Attributes:
        difference: B minus A.
        low: lower end of the 95% interval of the difference.
        high: upper end.
        p: two-sided: how often a difference so far from none would be met if there were none. Never below
            2 / (draws + 1), which is all that the draws can show.

    Where one unit alone says nothing about the spread, the ends are NaN and p is 1.
    """

    difference: float
    low: float
    high: float
    p: float


def proportion(correct: ArrayLike) -> Estimate:
    """The share of units that are right, with Wilson's interval (Wilson 1927), which stays within 0 and 1.

    Args:
        correct: (N,) booleans.

    Raises:
        FidanError: there are none, or they are no booleans.
    """
    flags = _flags(correct)
    n, share = len(flags), float(flags.mean())
    spread = share * (1 - share) / n
    middle, reach = share + Z95**2 / (2 * n), Z95 * math.sqrt(spread + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    # Rounding may put an end a hair beyond the share where all or none are right.
    low, high = min((middle - reach) / scale, share), max((middle + reach) / scale, share)
    return Estimate(share, math.sqrt(spread), max(low, 0.0), min(high, 1.0))


def macro(groups: Sequence[ArrayLike]) -> Estimate:
    """The mean of the groups' proportions, every group counting the same however large it is.

    The error is sqrt(Σ error²) / groups. The interval adds the groups' Wilson intervals up in squares on either side
    (Newcombe 1998; Zou and Donner 2008), so that it does not shrink to a point where every group is all right.

    Args:
        groups: (Nᵢ,) booleans each.

    Raises:
        FidanError: there is no group, or one is empty or no booleans.
    """
    if not groups:
        raise FidanError("No groups to take the mean of. Give at least one.")
    each = [proportion(group) for group in groups]
    count, value = len(each), sum(one.value for one in each) / len(each)
    error = math.sqrt(sum(one.error**2 for one in each)) / count
    down = math.sqrt(sum((one.value - one.low) ** 2 for one in each)) / count
    up = math.sqrt(sum((one.high - one.value) ** 2 for one in each)) / count
    return Estimate(value, error, max(value - down, 0.0), min(value + up, 1.0))


def mean(values: ArrayLike) -> Estimate:
    """The mean of independent values, with the normal interval; below about thirty values it is too short.

    Args:
        values: (N,) finite numbers.

    Raises:
        FidanError: there are none, or one is NaN or infinite.
    """
    numbers = _numbers(values, "values")
    value = float(numbers.mean())
    if len(numbers) == 1:
        return Estimate(value, math.nan, math.nan, math.nan)
    error = float(numbers.std(ddof=1)) / math.sqrt(len(numbers))
    return Estimate(value, error, value - Z95 * error, value + Z95 * error)


def ratio(numerators: ArrayLike, denominators: ArrayLike, seed: int = 0, draws: int = DRAWS) -> Estimate:
    """Σ numerators / Σ denominators, such as the bits a byte of documents; its error by a bootstrap over the units.

    Args:
        numerators: (N,) of each unit, such as its bits.
        denominators: (N,) of each unit, above zero, such as its bytes.
        seed: of the draws; the same seed gives the same digits.
        draws: resamples of N units; memory does not depend on it.

    Raises:
        FidanError: there are none, the numbers of units differ, a number is not finite or a denominator not above 0.
    """
    columns = _paired(numerators=numerators, denominators=denominators)
    _positive(columns[1], "denominators")
    value = float(columns[0].sum() / columns[1].sum())
    if len(columns[0]) == 1:
        return Estimate(value, math.nan, math.nan, math.nan)
    above, below = resampled_sums(columns, seed, draws)
    drawn = above / below
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(drawn.std(ddof=1)), float(low), float(high))


def compare_ratios(
    a: ArrayLike,
    b: ArrayLike,
    denominators_a: ArrayLike,
    denominators_b: ArrayLike,
    seed: int = 0,
    draws: int = DRAWS,
) -> Comparison:
    """Σb / Σdenominators_b − Σa / Σdenominators_a: a paired bootstrap over the units.

    Args:
        a: (N,) numerators of A.
        b: (N,) numerators of B on the same units.
        denominators_a: (N,) above zero.
        denominators_b: (N,) above zero; the same as A's where both count bytes.
        seed: of the draws.
        draws: resamples.

    Raises:
        FidanError: as `ratio`.
    """
    columns = _paired(a=a, b=b, denominators_a=denominators_a, denominators_b=denominators_b)
    _positive(columns[2], "denominators_a")
    _positive(columns[3], "denominators_b")
    sum_a, sum_b, below_a, below_b = (float(column.sum()) for column in columns)
    difference = sum_b / below_b - sum_a / below_a
    if len(columns[0]) == 1:
        return _unknown(difference)
    above_a, above_b, under_a, under_b = resampled_sums(columns, seed, draws)
    return _comparison(difference, above_b / under_b - above_a / under_a)


def compare_means(a: ArrayLike, b: ArrayLike, seed: int = 0, draws: int = DRAWS) -> Comparison:
    """mean(b) − mean(a), of numbers or booleans: a paired bootstrap over the units.

    Args:
        a: (N,) of A.
        b: (N,) of B on the same units.
        seed: of the draws.
        draws: resamples.

    Raises:
        FidanError: there are none, the numbers of units differ, or a number is not finite.
    """
    columns = _paired(a=a, b=b)
    differences = columns[1] - columns[0]
    if len(differences) == 1:
        return _unknown(float(differences[0]))
    drawn = resampled_sums([differences], seed, draws)[0] / len(differences)
    return _comparison(float(differences.mean()), drawn)


def compare_macros(a: Sequence[ArrayLike], b: Sequence[ArrayLike], seed: int = 0, draws: int = DRAWS) -> Comparison:
    """The mean over groups of mean(bᵢ) − mean(aᵢ): a paired bootstrap that resamples within each group.

    Args:
        a: (Nᵢ,) of A, a group each.
        b: (Nᵢ,) of B on the same units.
        seed: of the draws.
        draws: resamples.

    Raises:
        FidanError: there is no group, the numbers of groups or units differ, or a number is not finite.
    """
    if not a or len(a) != len(b):
        raise FidanError(f"{len(a)} groups of A and {len(b)} of B: there must be as many, and at least one.")
    value, drawn = 0.0, np.zeros(draws)
    for number, (left, right) in enumerate(zip(a, b, strict=True)):
        columns = _paired(a=left, b=right)
        differences = columns[1] - columns[0]
        value += float(differences.mean()) / len(a)
        sums = resampled_sums([differences], (seed, number), draws)[0]
        drawn += sums / len(differences) / len(a)
    return _comparison(value, drawn) if max(map(np.size, a)) > 1 else _unknown(value)


def resampled_sums(
    columns: Sequence[NDArray[np.float64]], seed: int | Sequence[int], draws: int
) -> NDArray[np.float64]:
    """The sums of each column over units drawn with replacement, the same units for every column.

    Args:
        columns: (N,) each.
        seed: of the draws.
        draws: how often N units are drawn.

    Returns:
        (columns, draws)
    """
    if draws < 2:
        raise FidanError(f"{draws} draws make no interval. Take a thousand or more.")
    units = len(columns[0])
    generator = np.random.default_rng(seed)
    sums = np.empty((len(columns), draws))
    rows = max(1, RESAMPLED // units)
    for start in range(0, draws, rows):
        picked = generator.integers(0, units, (min(rows, draws - start), units), dtype=np.int32)
        for column, row in zip(columns, sums, strict=True):
            row[start : start + len(picked)] = column[picked].sum(1)
    return sums


def _unknown(difference: float) -> Comparison:
    return Comparison(difference, math.nan, math.nan, 1.0)


def _comparison(difference: float, drawn: NDArray[np.float64]) -> Comparison:
    """The p that belongs to the percentile interval: below 0.05 where, up to one draw, 0 lies outside of it."""
    beyond = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Comparison(difference, float(low), float(high), min(1.0, 2 * (beyond + 1) / (len(drawn) + 1)))


def _flags(correct: ArrayLike) -> NDArray[np.bool_]:
    flags = np.asarray(correct)
    if flags.ndim != 1 or not len(flags):
        raise FidanError(f"Wanted at least one true or false in a row, got the shape {flags.shape}.")
    if flags.dtype != np.bool_:
        raise FidanError(f"Wanted true or false, got numbers of type {flags.dtype}.")
    return flags


def _numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not len(numbers):
        raise FidanError(f"{name}: wanted at least one number in a row, got the shape {numbers.shape}.")
    if not np.isfinite(numbers).all():
        place = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise FidanError(f"{name}: number {place} is {numbers[place]}. Find out why before it is averaged.")
    return numbers


def _paired(**named: ArrayLike) -> list[NDArray[np.float64]]:
    columns = [_numbers(values, name) for name, values in named.items()]
    if len({len(column) for column in columns}) > 1:
        lengths = ", ".join(f"{len(column)} {name}" for name, column in zip(named, columns, strict=True))
        raise FidanError(f"Not the same units: {lengths}.")
    return columns


def _positive(numbers: NDArray[np.float64], name: str) -> None:
    if (numbers <= 0).any():
        place = int(np.flatnonzero(numbers <= 0)[0])
        raise FidanError(f"{name}: unit {place} has {numbers[place]:g}. Leave out units that hold nothing.")
