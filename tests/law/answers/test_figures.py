"""Numbers by value and unit, in words and digits."""

import pytest

from fidan.law.figures import figures, ranges


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("üç yıl", 3, "yıl"),
        ("3 yıllık", 3, "yıl"),
        ("on beş gün içinde", 15, "gün"),
        ("onbeş iş günü", 15, "gün"),
        ("yirmi dört saati geçemez", 24, "saat"),
        ("yedi buçuk saat", 7.5, "saat"),
        ("yedibuçuk saati", 7.5, "saat"),
        ("iki yüz elli bin Türk Lirası", 250_000, "lira"),
        ("1.250,50 TL", 1250.5, "lira"),
        ("0.50 promil", 0.5, "promil"),
        ("yüzde ellisi", 0.5, "oran"),
        ("%25", 0.25, "oran"),
        ("dörtte biri", 0.25, "oran"),
        ("üçte ikisi", 2 / 3, "oran"),
        ("onsekiz yaşını", 18, "yaş"),
        ("bir yıl", 1, "yıl"),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, value: float, unit: str) -> None:
    (figure,) = figures(text)
    assert figure.bare == (pytest.approx(value), unit)


def test_bir_is_a_number_only_before_a_unit() -> None:
    assert figures("bir kimse bir başkasına") == []


def test_two_numbers_side_by_side_stay_two() -> None:
    assert [figure.value for figure in figures("beş altı ay")] == [5, 6]


def test_a_range_keeps_its_order() -> None:
    assert ranges("iki aydan bir yıla kadar") == {(2, 1, "ay", "yıl")}
    assert ranges("bir aydan iki yıla kadar") != ranges("iki aydan bir yıla kadar")
    assert ranges("iki ay ve bir yıl") == set()
