"""The normal form is what it says, and a second time changes nothing."""

import unicodedata

import pytest
from datatrove.data import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fidan.corpus.cleaning.normalize import Normalizer, normalize

# Letters, marks and the characters that normalisation is about, far more often than chance would have them.
TROUBLE = st.text(
    st.sampled_from(
        "aıiİIşâîûe \u0307\u0302\u0327\u0301 \n\r\t\v\f\x00\x1f\x85\xa0\xad\u200b\u200d\u2028\u2003\ufeff"
    )
    | st.characters(codec="utf-8")
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iİıi âîû ğüşöç ÂÎÛ", "Iİıi âîû ğüşöç ÂÎÛ"),
        ("bir\r\niki\rüç\u2028dört\x85beş\fson", "bir\niki\nüç\ndört\nbeş\nson"),
        ("a\n\n \n\t\nb", "a\nb"),
        ("  a  b \t c\u00a0\u3000d  ", "a b c d"),
        ("ya\u00adzı\u200blar\ufeff\x00\x07", "yazılar"),
        ("I\u0307stanbul s\u0327ey ka\u0302g\u0306ıt", "İstanbul şey kâğıt"),
        ("s\u200b\u0327", "ş"),
        ("soru\u2013cevap \u201calıntı\u201d \u2026 \U0001f331", "soru–cevap “alıntı” … 🌱"),
        ("\ufffd kalır", "\ufffd kalır"),
        (" \u200b\n\x00 ", ""),
        ("", ""),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert normalize(text) == expected


@given(TROUBLE)
@example("a \u0307\n\u0327b")
@example("\u2000\u0301 \r\n\u00a0")
@settings(max_examples=500)
def test_idempotent(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@given(TROUBLE)
@settings(max_examples=500)
def test_form(text: str) -> None:
    result = normalize(text)
    assert unicodedata.is_normalized("NFC", result)
    assert result == result.strip()
    assert "  " not in result
    assert all(line and line == line.strip(" ") for line in result.split("\n")) or not result
    assert not any(c != "\n" and (unicodedata.category(c) == "Cc" or (c.isspace() and c != " ")) for c in result)


@given(st.text(st.sampled_from("abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZâîûÂÎÛ.,'’“”")))
def test_turkish_stays_as_it_is(text: str) -> None:
    assert normalize(text) == text


def test_step() -> None:
    documents = [Document(text=f" {n}\r\n", id=str(n)) for n in range(3)]
    assert [doc.text for doc in Normalizer().run(iter(documents))] == ["0", "1", "2"]
