"""The normal form is what it says, and a second time changes nothing."""

import re
import unicodedata
from collections import Counter
from itertools import product

import pytest
from datatrove.data import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fidan import turkish
from fidan.corpus.cleaning.normalize import Normalizer, normalize
from fidan.corpus.config import CleaningConfig
from fidan.corpus.ledger import Ledger
from fidan.corpus.synthetic.generator import generate

NOTHING = CleaningConfig(encoding=False, markup=False, punctuation=False)
SWITCHES = [CleaningConfig(encoding=a, markup=b, punctuation=c) for a, b, c in product((True, False), repeat=3)]

# Pieces of entities, tags, mojibake and letters in parts, which may come together to something in any order.
PIECES = [
    *"&<>\"'“”’´`;=/#\xad\u200b\u0307\u0327\u0301\u0338ÃÅŸÄ±§°Ââ€™\x92\x85\x81\x9fþðýÞÐÝşğıİIiea›‹ﬂ⁄",
    *"\n\r\t \u2028\xa0éá", "amp;", "&amp;", "&lt;", "gt;", "38;", "<b>", "</p>", "<br>", "<a href=", "&shy;",
    "&#173;", "&nbsp;", "&zwnj;", "<!--", "-->", "<script>", "</script>", "Ã§", "ÃƒÂ§", "â€™", "Â’", "Sayýn", "deðil",
    "Sigurðsson", "al›nd›", "&UUML;", "&Atilde;", "&sect;", "😀", "\ud800", "\u037e", "\u1fef", "—", "−",
    "ğŸ˜€", "Ăş",
]  # fmt: skip
TROUBLE = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iİıi âîû ğüşöç ÂÎÛ", "Iİıi âîû ğüşöç ÂÎÛ"),
        ("bir\r\niki\rüç\u2028dört\u2029beş\fson", "bir\niki\nüç\ndört\nbeş\nson"),
        ("a\n\n \n\t\nb", "a\nb"),
        ("  a  b \t c\u00a0\u3000d  ", "a b c d"),
        ("ya\u00adzı\u200blar\ufeff\x00\x07", "yazılar"),
        ("I\u0307stanbul s\u0327ey ka\u0302g\u0306ıt", "İstanbul şey kâğıt"),
        ("s\u200b\u0327", "ş"),
        ("soru\u2013cevap \u201calıntı\u201d \u2026 \U0001f331", 'soru–cevap "alıntı" … 🌱'),
        ("\ufffd kalır", "\ufffd kalır"),
        (" \u200b\n\x00 ", ""),
        ("", ""),
        # Repairs that need each other: an entity that is mojibake, a tag in an entity, mojibake with a soft hyphen.
        ("&Atilde;&sect;ok", "çok"),
        ("&am<b></b>p;ccedil;", "ç"),
        ("&am\u200bp;lt;3", "<3"),
        ("s&#775;&shy;x", "ṡx"),
        ("aÃ\xadda", "aída"),
        ("Türkiye\x92nin \x93sözü\x94\x85", 'Türkiye\'nin "sözü"…'),
        ("<p>Sa\xadyýn Baþ\xadkan</p>\n<p>deðerli</p>", "Sayın Başkan\ndeğerli"),
        ("<a href=“x>y”>z", 'y">z'),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert normalize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“a” „b‟ «c» 5″ ＂d＂", '"a" "b" "c" 5" "d"'),
        ("Ankara’da ‘x’ ‚y‛ 1992′den ‹z› ʼn", "Ankara'da 'x' 'y' 1992'den 'z' 'n"),
        ("Hakkari´nin Eski`nin 5´te ´alıntı´ `kod` a``b", "Hakkari'nin Eski'nin 5'te ´alıntı´ `kod` a``b"),
        ("2007‐2008 ‑a −5", "2007-2008 -a -5"),
        ("— Gel – dedi ― ‒", "– Gel – dedi – –"),
        ("bekle… ... •", "bekle… ... •"),
    ],
)
def test_punctuation(text: str, expected: str) -> None:
    assert normalize(text) == expected
    assert normalize(text, NOTHING) == text


def test_every_apostrophe_joins_a_suffix_in_one_way() -> None:
    assert {normalize(f"Ankara{sign}da") for sign in turkish.APOSTROPHES} == {"Ankara'da"}
    # What folding takes for one sign, the normal form writes as one, but for the circumflex and lone accents.
    signs = [chr(code) for code in turkish.FOLDED if not chr(code).isalpha() or chr(code) == "ʼ"]
    assert all(normalize(f"a {sign} b") in ("a ' b", 'a " b') for sign in signs if sign not in "´`")


def test_every_repair_can_be_switched_off() -> None:
    text = "Ã§ <b>&amp; “x”"
    assert normalize(text) == 'ç & "x"'
    assert normalize(text, CleaningConfig(encoding=False)) == 'Ã§ & "x"'
    assert normalize(text, CleaningConfig(markup=False)) == 'ç <b>&amp; "x"'
    assert normalize(text, CleaningConfig(punctuation=False)) == "ç & “x”"
    assert normalize(text, NOTHING) == text
    # A control character that is not read as a quote is one.
    assert normalize("Türkiye\x92nin\x85son", NOTHING) == "Türkiyenin\nson"


@given(TROUBLE, st.sampled_from(SWITCHES))
@example("a \u0307\n\u0327b", SWITCHES[0])
@example("\u2000\u0301 \r\n\u00a0", SWITCHES[0])
@example("&" + "&shy;amp;" * 30, SWITCHES[0])
@settings(max_examples=250)
def test_idempotent(text: str, config: CleaningConfig) -> None:
    once = normalize(text, config)
    assert normalize(once, config) == once


@given(TROUBLE)
@settings(max_examples=150)
def test_form(text: str) -> None:
    result = normalize(text)
    assert unicodedata.is_normalized("NFC", result)
    assert result == result.strip()
    assert "  " not in result
    assert all(line and line == line.strip(" ") for line in result.split("\n")) or not result
    assert not any(c != "\n" and (unicodedata.category(c) == "Cc" or (c.isspace() and c != " ")) for c in result)


def test_what_never_settles_is_given_up() -> None:
    # Every round of repairs brings forth the next: an entity, then an invisible character within one, and so on.
    text = "&"
    for _ in range(40):
        text = f"&am&{text[1:]}shy;p;" if len(text) % 2 else f"&{text[1:]}am&shy;p;"
    once = normalize(text)
    assert normalize(once) == once


@given(st.text(st.sampled_from("abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZâîûÂÎÛ.,'\"–…0123456789")))
def test_turkish_stays_as_it_is(text: str) -> None:
    assert normalize(text) == text


def test_step_counts_and_shows_repairs() -> None:
    texts = [" 0\r\n", "iyi\nTÃ¼rkÃ§e\nÅŸey", "<p>a</p>\n“b”", "“c”"]
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    ledger = Ledger(samples=5)
    step = Normalizer(ledger, CleaningConfig())
    assert [doc.text for doc in step.run(iter(documents))] == ["0", "iyi\nTürkçe\nşey", 'a\n"b"', '"c"']
    assert ledger.notes == Counter(encoding=1, markup=1)
    shown = str(ledger.as_json())
    assert "TÃ¼rkÃ§e" in shown
    assert "ÅŸey" not in shown


def test_planted_noise_is_found_and_nothing_else() -> None:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    plain = CleaningConfig(encoding=False, markup=False)
    noisy, clean = generate(3, 500_000, noise=0.5), generate(3, 10_000_000)
    for document, original in zip(noisy, clean, strict=False):
        kind = document.labels[0].kind if document.labels else "clean"
        result = normalize(document.text)
        total[kind] += 1
        if kind == "mojibake":
            right[kind] += result == normalize(document.labels[0].detail)
        elif kind == "html":
            lines = set(normalize(original.text).split("\n"))
            right[kind] += not re.search("<[a-z/!]|&[a-z#]", result) and lines <= set(result.split("\n"))
        elif kind == "control_characters":
            right[kind] += result == normalize(original.text)
        else:
            right[kind] += result == normalize(document.text, plain)
    assert min(total[kind] for kind in ("clean", "mojibake", "html", "control_characters", "foreign")) >= 20
    # Recall where something was planted, precision where nothing of these kinds was.
    assert all(right[kind] >= 0.98 * total[kind] for kind in total), (right, total)
