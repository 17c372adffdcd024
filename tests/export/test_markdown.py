"""Foreign text in Markdown: whatever it is, it stays where it was put and is nothing but text."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fidan.export.card.markdown import code, duration, fence, inline, number, plain, size, table, wrapped

READER = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
NASTY = [
    "a | b",
    "<script>alert(1)</script> &amp;",
    "[tıkla](http://example.com) ![](x)",
    "# başlık\n\n- madde\n---\n",
    "```\nçit\n````",
    "`kod` ``iki`` \\",
    "*kalın* _eğik_ ~~çizik~~ $x$ ^[dip]",
    "ters \u202e yazı \x00\x1b[31m",
    "www.example.com ali@example.com",
    "  \n\n  ",
]
TEXT = st.one_of(st.sampled_from(NASTY), st.text(), st.text(st.sampled_from("`|\\<>[]*_#&!-\n ab")))


def seen(markdown: str) -> str:
    """What a reader sees of a rendered text."""
    return html.unescape(re.sub("<[^>]*>", "", READER.render(markdown)))


@given(TEXT)
def test_a_name_is_text_in_a_cell(name: str) -> None:
    page = READER.render(table([(inline(name), code(name), "son")], ("Ad", "Kod", "Değer")))
    assert page.count("<tr>") == 2
    assert page.count("<td>") == 3
    assert ">son</td>" in page
    tags = set(re.findall("<(\\w+)", page))
    assert tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}, page


@given(TEXT)
def test_a_fence_holds_whatever_is_inside(text: str) -> None:
    page = READER.render(f"önce\n\n{fence(wrapped(text))}\n\nsonra")
    assert re.findall("<(\\w+)", page) == ["p", "pre", "code", "p"], page


def test_a_name_is_read_as_it_is_written() -> None:
    for name in ("turkish-134m_v1.0 (deneme)", "<b>50% & fazlası</b>", "a*b*c `d` [e](f)", "https://x.tr www.y.tr"):
        assert seen(inline(name)).strip() == name
    assert "U+202E" in inline("\u202e")


def test_addresses_are_not_clickable() -> None:
    shown = inline("https://kotu.example WWW.kotu.example x@kotu.example [a](b)")
    assert shown == r"https\://kotu.example WWW\.kotu.example x\@kotu.example \[a\](b)"


def test_long_lines_are_broken_and_short_ones_kept() -> None:
    text = "kısa satır\n\n" + "uzun " * 60
    assert wrapped(text).startswith("kısa satır\n\nuzun")
    assert max(map(len, wrapped(text).splitlines())) <= 96
    assert wrapped(text).split() == text.split()


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (number(134_105_856), "134.105.856"),
        (number(3.10531, 4), "3,1053"),
        (plain(0.003), "0,003"),
        (plain(1.0), "1"),
        (size(999), "999 bayt"),
        (size(5_710_467_188), "5,7 GB"),
        (duration(41.23), "41,2 saniye"),
        (duration(3 * 3600 + 59), "3 saat 1 dakika"),
        (duration(125), "2 dakika"),
    ],
)
def test_numbers_are_turkish(shown: str, wanted: str) -> None:
    assert shown == wanted
