"""Mojibake comes back as it was written; right text is left alone."""

import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan.corpus.cleaning.encoding import repair
from fidan.corpus.cleaning.thorns import SIX
from fidan.corpus.synthetic.foreign import FOREIGN

TURKISH = "Şu ağaç, “İstanbul’un” güneşli ÇIĞLIĞI: kâğıt, îman, sükûn — ÖĞÜŞ… 20 °C!"


def misread(text: str, written: str, read: str) -> str:
    # Python's own tables refuse the bytes that a page leaves undefined; readers of the web do not.
    return text.encode(written).decode(
        {"cp1252": "sloppy-windows-1252", "cp1254": "sloppy-windows-1254"}.get(read, read)
    )


@pytest.mark.parametrize("read", ["cp1252", "latin-1", "cp1254"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_utf8_read_as_something_else(read: str, times: int) -> None:
    broken = TURKISH
    for _ in range(times):
        broken = misread(broken, "utf-8", read)
    assert broken != TURKISH
    assert repair(broken) == TURKISH


@pytest.mark.parametrize("read", ["cp1252", "latin-1"])
def test_cp1254_read_as_western(read: str) -> None:
    assert repair(misread(TURKISH, "cp1254", read)) == TURKISH


@pytest.mark.parametrize("letter", "çğıöşüÇĞİÖŞÜâîû")
def test_every_letter_alone_in_a_right_line(letter: str) -> None:
    broken = misread(letter, "utf-8", "cp1252")
    assert repair(f"şu doğru satırda ba{broken}ka") == f"şu doğru satırda ba{letter}ka"


def test_only_the_broken_line_changes() -> None:
    assert repair("İlk satır doğru\nÄ°kinci satÄ±r bozuk\nÜçüncüsü “Ü” doğru") == (
        "İlk satır doğru\nİkinci satır bozuk\nÜçüncüsü “Ü” doğru"
    )


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        ("Türkiye\x92nin \x93sözü\x94 \x96 dedi\x85 \x80 5", "Türkiye’nin “sözü” – dedi… € 5"),
        ("TürkiyeÂ’nin Â“sözüÂ”", "Türkiye’nin “sözü”"),
        ("KAŞ‹FLER‹ yaz›yor, USTAO⁄LU ﬂimdi ö€retmen", "KAŞİFLERİ yazıyor, USTAOĞLU şimdi öğretmen"),
        ("ö\x80retmen atamalar\x9b, d\x9bﬂ\x9bnda", "öğretmen atamaları, dışında"),
        ("ğŸ˜€ ve ðŸ˜€", "😀 ve 😀"),
        ("sÄ±caklÄ±k 20 Â°C", "sıcaklık 20 °C"),
        ("", ""),
    ],
)
def test_examples(broken: str, right: str) -> None:
    assert repair(broken) == right


@pytest.mark.parametrize(
    "text",
    [
        TURKISH,
        "MUALLÂ’nın Kamus’ül-Â’lâm’ı, Âşık Veysel, ÂŞIĞIM, Hz. Îsâ’nın",
        "500k€ maç başı + 1.3m€bonus, 3.2m€ sabit",
        "‹alıntı› ve «alıntı», 1⁄2, ﬂüt",
        "Der Buchstabe „Ä“ und Å, ÆØÅ – så fint. São João, NÃO, à la carte, ¿qué?",
        "ÖÇ”, AKÜ’nün, Ü–, Ç’nin, Û”",
    ],
)
def test_right_text_stays(text: str) -> None:
    assert repair(text) == text


@pytest.mark.parametrize(("code", "text"), FOREIGN)
def test_other_languages_stay(code: str, text: str) -> None:
    assert repair(text) == text, code


@given(
    st.text(st.sampled_from("abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZâîûÎÛ .,'’“”–…0123456789\n"))
)
def test_turkish_letters_and_signs_stay(text: str) -> None:
    assert repair(text) == text


def test_long_lines_are_repaired_to_their_end() -> None:
    assert repair("TÃ¼rkÃ§e ÅŸarkÄ± " * 5000) == "Türkçe şarkı " * 5000


def test_real_pages(real_data: Path) -> None:
    with lzma.open(real_data / "web" / "tr-web.valid.txt.xz", "rt", encoding="utf-8", newline="\n") as file:
        documents = file.read().split("\n\n")
    broken = [text for text in documents if sum(map(text.count, SIX)) > 10]
    assert broken
    left = sum(sum(map(repair(text).count, SIX)) for text in broken)
    assert left <= 0.001 * sum(sum(map(text.count, SIX)) for text in broken)
    right = [text for text in documents if not any(c in SIX or "\x80" <= c <= "\x9f" for c in text)]
    assert sum(repair(text) != text for text in right) <= 0.001 * len(right)
