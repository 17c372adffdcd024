"""References to articles in free text, and what only looks like one."""

import pytest

from fidan.law.citations import Citation, find_citations, parse_citations
from fidan.law.names import Names


def cited(text: str) -> list[tuple[str, str]]:
    return [tuple(citation) for citation in parse_citations(text)]


@pytest.mark.parametrize(
    "text",
    [
        "TCK 299", "tck 299", "TCK m. 299", "TCK m.299", "TCK md. 299", "TCK madde 299", "TCK'nın 299. maddesi",
        "TCK’nın 299 uncu maddesinde", "5237 sayılı Kanunun 299 uncu maddesi", "5237 s. K. m.299",
        "5237 sayılı Türk Ceza Kanunu'nun 299. maddesi", "Türk Ceza Kanunu 299", "TÜRK CEZA KANUNU MADDE 299",
        "[TCK m.299]", "TCK m.299/2", "TCK 299/1-a", "TCK'nın 299/1-b-1 maddesi", "TCK (5237) m. 299",
        "TCK m. 299 f. 2",
    ],
)  # fmt: skip
def test_an_article_is_recognised_however_it_is_cited(text: str) -> None:
    assert cited(text) == [("5237", "299")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anayasa madde 10", [("2709", "10")]),
        ("Anayasanın 10. ve 12. maddeleri", [("2709", "10"), ("2709", "12")]),
        ("AY m.10", [("2709", "10")]),
        ("İş Kanunu geçici madde 6", [("4857", "geçici 6")]),
        ("GVK geçici 67. madde", [("193", "geçici 67")]),
        ("GVK ek madde 3", [("193", "ek 3")]),
        ("VUK mükerrer 298", [("213", "mükerrer 298")]),
        ("4857 sayılı İş Kanunu'nun 17 ve 18 inci maddeleri", [("4857", "17"), ("4857", "18")]),
        ("CMK'nın 100 üncü ve 101 inci maddeleri", [("5271", "100"), ("5271", "101")]),
        ("CMK 100,101", [("5271", "100"), ("5271", "101")]),
        ("TBK md. 5-7", [("6098", "5"), ("6098", "6"), ("6098", "7")]),
        ("TMK m.166/1, TBK m.49 ve HMK m.107", [("4721", "166"), ("6098", "49"), ("6100", "107")]),
        ("TMK'nun 166/1-2. maddesi", [("4721", "166")]),
        ("TMK 12/a maddesi", [("4721", "12/A")]),
        ("TCK'nın 12. maddesi, aynı Kanunun 13. maddesi", [("5237", "12"), ("5237", "13")]),
        ("Askeri Ceza Kanunu m. 5", [("1632", "5")]),
        ("TMK m.305 ve yine TMK m.305", [("4721", "305")]),
    ],
)
def test_kinds_lists_ranges_and_several_laws(text: str, expected: list[tuple[str, str]]) -> None:
    assert cited(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "TCK 2005 yılında yürürlüğe girdi", "TCK'ya göre 10 yıl hapis", "TCK 10 yıl hapis verir", "TCK 1. fıkra",
        "bir ay 10 gün", "KDV oranı 20", "VUK 500 TL ceza", "TMK 22/11/2001 tarihinde kabul edildi", "10. madde",
        "Kanunun 5 inci maddesi", "375 sayılı KHK'nın 5. maddesi", "İş Kanunu 1.250,50 lira", "",
    ],
)  # fmt: skip
def test_years_amounts_and_dates_are_no_articles(text: str) -> None:
    assert cited(text) == []


def test_this_law_is_the_one_it_is_told_to_be() -> None:
    assert cited("bu Kanunun 18 inci maddesi") == []
    assert parse_citations("bu Kanunun 18 inci maddesi", here="4857") == [Citation("4857", "18")]


def test_a_full_title_is_known_where_an_index_is_open() -> None:
    names = Names({"9901": "Ağaç ve Bahçe Kanunu"})
    assert parse_citations("Ağaç ve Bahçe Kanununun 3. maddesi", names) == [Citation("9901", "3")]
    assert cited("Ağaç ve Bahçe Kanununun 3. maddesi") == []


def test_places_are_those_of_the_text() -> None:
    text = "Bkz. TMK m.305 ve sonrası"
    (found,) = find_citations(text)
    assert text[found.start : found.end] == "TMK m.305"


def test_a_citation_is_written_short() -> None:
    assert Citation("4721", "305").short() == "TMK m.305"
    assert Citation("213", "mükerrer 298").short() == "VUK mükerrer m.298"
    assert Citation("9901", "5").short() == "9901 sayılı Kanun m.5"
    assert Citation("9901", "5").short(Names({"9901": "Bahçe Kanunu"})) == "Bahçe Kanunu m.5"


def test_what_is_written_short_is_read_again() -> None:
    names = Names()
    for number in names.shorts:
        for article in ("5", "12/A", "geçici 3"):
            citation = Citation(number, article)
            assert parse_citations(citation.short(names), names) == [citation], citation.short(names)


def test_a_paragraph_is_kept_with_the_place() -> None:
    for text, paragraph in (
        ("TMK m.305/2", 2), ("TMK 305. maddesinin 3. fıkrası", 3), ("TMK'nın 305 inci maddesinin ikinci fıkrası", 2),
        ("TMK 305 f. 4", 4), ("TMK 305/1-b", 1), ("TMK 305", None),
    ):  # fmt: skip
        (found,) = find_citations(text)
        assert (found.citation, found.paragraph) == (Citation("4721", "305"), paragraph), text


def test_the_number_of_the_next_law_is_no_article() -> None:
    found = parse_citations("4721 sayılı Kanun m. 1 ve 5237 sayılı Kanun m. 2")
    assert found == [Citation("4721", "1"), Citation("5237", "2")]


def test_a_year_is_no_article_and_a_number_beyond_years_is() -> None:
    assert parse_citations("Anayasa 1982") == []
    assert parse_citations("TMK 5000") == [Citation("4721", "5000")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TBK.m.344", [("6098", "344")]),
        ("TMK.166", [("4721", "166")]),
        ("T.C.K. 141", [("5237", "141")]),
        ("T.C.K.141", [("5237", "141")]),
        ("tck141 nedir", [("5237", "141")]),
        ("5237 sk 141", [("5237", "141")]),
        ("4857/17", [("4857", "17")]),
        ("2709 m.90", [("2709", "90")]),
        ("Geçici Madde 1 TMK", [("4721", "geçici 1")]),
        ("TCK m. 141 TMK m. 2", [("5237", "141"), ("4721", "2")]),
    ],
)
def test_short_and_hurried_spellings(text: str, expected: list[tuple[str, str]]) -> None:
    assert cited(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "12/5/2024", "24/7", "2023/15", "500/1", "213/5", "2004/15", "0532 213 45 67", "Esas: 4857/17",
        "4857/17/2024",
        "1425 sk 12", "100 m. 5", "4857 lira", "4857 17", "4857/17.500", "sanık B.K. 41",
        "9999/3",
    ],
)  # fmt: skip
def test_dates_file_numbers_and_streets_are_no_articles(text: str) -> None:
    assert cited(text) == []
