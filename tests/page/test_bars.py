"""Bars end where their figures are, and figures are told to the digit of their error."""

import math
import re

import pytest

from fidan.page.bars import Measured, Row, rows
from fidan.page.text import large, plus_minus


@pytest.mark.parametrize(
    ("value", "error", "told"),
    [
        (1.31249, 0.01234, "1.312 ± 0.012"),
        (1.31249, 0.0355, "1.31 ± 0.04"),
        (1.31249, 0.0354, "1.312 ± 0.035"),
        (57.26, 2.2, "57.3 ± 2.2"),
        (57.26, 9.6, "57 ± 10"),
        (1234.4, 210.0, "1234 ± 210"),
        (-0.004, 0.1, "0.00 ± 0.10"),
        (-0.5, 0.1, "−0.50 ± 0.10"),
        (0.5, 0.0, "0.500"),
        (0.5, None, "0.500"),
        (0.5, math.nan, "0.500"),
    ],
)
def test_a_figure_is_told_to_the_digit_of_its_error(value: float, error: float | None, told: str) -> None:
    assert plus_minus(value, error) == told


@pytest.mark.parametrize(("number", "told"), [(950, "950"), (9_200_000, "9.2M"), (1.5e9, "1.5B"), (65_536, "65,536")])
def test_large_numbers(number: float, told: str) -> None:
    assert large(number) == told


def test_bars_whiskers_and_marks_share_an_axis() -> None:
    drawn = rows(
        [Row("a", [Measured("m0", 1.0, "1", (0.5, 1.5), 2.0)]), Row("b", [Measured("m1", 4.0, "4")])], line=3
    )
    assert re.findall(r'<rect class="m\d" y="20" width="([\d.]+)"', drawn) == ["25.000", "100.000"]
    assert 'class="whisker" x1="12.500" x2="37.500" y1="50"' in drawn
    assert 'class="held" x1="50.000" x2="50.000"' in drawn
    assert drawn.count('class="against" x1="75.000"') == 2
    assert re.findall(r"<i [^>]*>([^<]*)</i>", drawn) == ["0", "1", "2", "3", "4"]


def test_an_axis_that_ends_where_it_is_told_to() -> None:
    drawn = rows([Row("a", [Measured("m0", 120.0, "over")])], top=100)
    assert 'width="100.000"' in drawn
    assert re.findall(r"<i [^>]*>([^<]*)</i>", drawn)[-1] == "100"
    assert rows([]) == ""
