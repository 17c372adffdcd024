"""HTML goes, what only looks like it stays, and nothing hostile takes long."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.corpus.cleaning.markup import strip

PIECES = [
    "&", "amp;", "&amp;", "&lt;", "&gt;", "lt", "gt;", "<", "<b>", "</p>", "<br/>", "<a href=", ">", '"', "'", "&#",
    "38;", "x26;", "#97;", "&quot;", "<!--", "-->", "<script>", "</script>", "<style>", "<![", "&uuml", ";", "=", " ",
    "x", "\n", "&UUML;", "<sup>", "*", "</sup>", "/",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&Ccedil;ok g&uuml;zel &amp; ucuz&nbsp;!", "Çok güzel & ucuz\xa0!"),
        ("ad&amp;#305;na &#351;&#x131;k &#39;x&#39;", "adına şık 'x'"),
        ("&amp;amp;amp;quot; &AMP;lt;3", '" <3'),
        ("&CCEDIL;OK &UUML;NL&UUML;", "ÇOK ÜNLÜ"),
        ("gün :&#41. a &lt b", "gün :). a < b"),
        ("&#146;&#0;", "’\ufffd"),
        ("<p>bir<br/>iki</p>", "\nbir\niki\n"),
        ("<ul><li>bir</li><li>iki</li></ul>", "\n\nbir\n\niki\n\n"),
        ("<td>bir</td><td>iki</td>", " bir  iki "),
        ("ke<b>li</b>me <a href='x>y' target=_blank>bağ</a>", "kelime bağ"),
        ("<IMG SRC=a.png ALT=b>x<input disabled>", "x"),
        ("&lt;br&gt;x&lt;/b&gt;", "\nx"),
        ("a<!-- yorum\n<b> -->b", "ab"),
        ("a<script type='x'>if (a<b) {}</script >b<STYLE>p {}</STYLE>c", "a b c"),
        ("a<!-- açık kalan", "a açık kalan"),
        ("<!DOCTYPE html><?xml version='1.0'?><![endif]>x", "x"),
        ("<o:p>&nbsp;</o:p>x", "\xa0x"),
        ('emi<sup class="ab">*</sup> dedi<sup>[3]</sup> m<sup>2</sup>', "emi dedi m2"),
    ],
)
def test_html_goes(text: str, expected: str) -> None:
    assert strip(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a < b", "x<y ve y>z", "a<b ve c>d", "<3", "<-", "--> ok -->", "<ali@ornek.com>", "List<string>",
        "Nullable<object>", "AT&T, R&B, Q&A; b&c", "?a=1&copy=2&lt=3&amp=4", "&bilinmez;", "<rota kodu>",
        "<xref:System>", "<İ>", "if (a<b && c>d)",
        "[b]kalın[/b] (bkz: x)", "<<<>>>", "a <", "&", "&#;", "<p", "<a b", "1 <b 2", "&#99999999;",
    ],
)  # fmt: skip
def test_what_is_no_html_stays(text: str) -> None:
    assert strip(text) == text


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=200)
def test_twice_is_once(text: str) -> None:
    once = strip(text)
    assert strip(once) == once
    assert not re.search(r"</?(?:b|p|br|script)>|&(?:amp|lt|gt|quot);", once)


def test_deep_escapes_end() -> None:
    # Every round undoes one layer of these, so they are not undone at all.
    hostile = "&"
    for _ in range(5000):
        hostile = f"&{hostile}#97;mp;" if len(hostile) % 2 else f"&&#97;mp;{hostile}"
    result = strip(hostile)
    assert strip(result) == result


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<a x=",
        '<a "',
        "<!--",
        "<script>",
        "&",
        "&amp;",
        "&amp;amp;",
        "&#97;mp;",
        "<b><",
        "<sup> ",
        "<![",
        "<a/",
    ],
)
def test_hostile_lines_are_no_matter(piece: str) -> None:
    # With anything quadratic in it, this would not end.
    text = piece * (300_000 // len(piece))
    result = strip(text)
    assert len(result) <= len(text)


def test_hostile_attributes() -> None:
    for text in ("<a" + " " * 1_000_000 + "!>", "<a " + "disabled " * 100_000 + "!>", "<a " + "\"'" * 500_000 + ">"):
        assert strip(text) == text
