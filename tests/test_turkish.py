"""Casing, folding, words and sentence ends of Turkish."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan import turkish

LOWER = "abcçdefgğhıijklmnoöprsştuüvyz"
UPPER = "ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ"


def test_docstring_examples() -> None:
    result = doctest.testmod(turkish)
    assert result.attempted >= 6
    assert result.failed == 0


def test_alphabet() -> None:
    assert turkish.lower(UPPER) == LOWER
    assert turkish.upper(LOWER) == UPPER


@pytest.mark.parametrize(
    ("text", "expected"),
    [("İ", "i"), ("I", "ı"), ("I\u0307", "i"), ("i\u0307", "i"), ("İSTANBUL", "istanbul"), ("IĞDIR", "ığdır"),
     ("ÂLEM", "âlem"), ("DİYARBAKIR", "diyarbakır")],
)  # fmt: skip
def test_lower(text: str, expected: str) -> None:
    assert turkish.lower(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("i", "İ"), ("ı", "I"), ("i\u0307", "İ"), ("iğdır", "İĞDIR"), ("kâğıt", "KÂĞIT"), ("şişli", "ŞİŞLİ")],
)
def test_upper(text: str, expected: str) -> None:
    assert turkish.upper(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("izmir", "İzmir"), ("ısparta", "Isparta"), ("i\u0307zmir", "İzmir"), ('"ince ip', '"İnce ip'),
     ("ali Ankara'da", "Ali Ankara'da"), ("", ""), ("...", "...")],
)  # fmt: skip
def test_capitalize(text: str, expected: str) -> None:
    assert turkish.capitalize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Ankara’da", "ankara'da"), ("  “RÜZGÂR”\t\nesti ", '"rüzgar" esti'), ("İ", "i"), ("I\u0307", "i"),
     ("a\u0302", "a"), ("A\u00a0B", "a b"), ("İSTANBUL'DA", "istanbul'da"), ("HİKÂYE", "hikaye"), ("c\u0327", "ç")],
)  # fmt: skip
def test_fold(text: str, expected: str) -> None:
    assert turkish.fold(text) == expected


@given(st.text())
def test_fold_is_idempotent(text: str) -> None:
    folded = turkish.fold(text)
    assert turkish.fold(folded) == folded


@given(st.text(alphabet="aâAÂiİıIî\u0302\u0307\u0327\u0308 \t'’«uûç"))
def test_fold_is_idempotent_on_loose_accents(text: str) -> None:
    folded = turkish.fold(text)
    assert turkish.fold(folded) == folded
    assert turkish.fold(turkish.nfc(text)) == folded


@given(st.text(alphabet=LOWER))
def test_round_trip_from_lower(text: str) -> None:
    assert turkish.lower(turkish.upper(text)) == text


@given(st.text(alphabet=UPPER))
def test_round_trip_from_upper(text: str) -> None:
    assert turkish.upper(turkish.lower(text)) == text


@given(st.text(alphabet=LOWER + UPPER + " .'"))
def test_case_does_not_change_the_fold(text: str) -> None:
    assert turkish.fold(turkish.upper(text)) == turkish.fold(turkish.lower(text)) == turkish.fold(text)


def test_stop_words() -> None:
    expected = "ve bir olarak bu ile için olan da de tarafından yılında sonra en daha ilk the"
    assert tuple(expected.split()) == turkish.STOP_WORDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ankara'da, Ayşe’nin evi.", ["Ankara'da", "Ayşe’nin", "evi"]),
        ("'elma' dedi", ["elma", "dedi"]),
        ("3'üncü kat 1.250,5 lira", ["3'üncü", "kat", "1.250,5", "lira"]),
        ("i\u0307yi_gün", ["i\u0307yi", "gün"]),
        ("...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert turkish.words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Geldi. Gitti.", ["Geldi.", "Gitti."]),
        ("Prof. Dr. Ayşe Kaya konuştu. Sn. Bakan dinledi.",
         ["Prof. Dr. Ayşe Kaya konuştu.", "Sn. Bakan dinledi."]),
        ("Elma, armut vb. aldı. Eve döndü.", ["Elma, armut vb. aldı.", "Eve döndü."]),
        ("Elma, armut vb. Sonra eve döndü.", ["Elma, armut vb.", "Sonra eve döndü."]),
        ("Evi 3. katta. No. 5 yazıyor.", ["Evi 3. katta.", "No. 5 yazıyor."]),
        ("II. Mehmet geldi. 2. Dünya Savaşı bitti.", ["II. Mehmet geldi.", "2. Dünya Savaşı bitti."]),
        ("Yıl 1923. Bugün bayram.", ["Yıl 1923.", "Bugün bayram."]),
        ("M. Kemal Atatürk doğdu. T.C. Ziraat Bankası açıldı.",
         ["M. Kemal Atatürk doğdu.", "T.C. Ziraat Bankası açıldı."]),
        ('"Geldin mi?" diye sordu. "Evet!" dedi.', ['"Geldin mi?" diye sordu.', '"Evet!" dedi.']),
        ('"Neden geldin? Gel, oturalım," dedi. "Olur."', ['"Neden geldin? Gel, oturalım," dedi.', '"Olur."']),
        ('Ekran 15". Yeni bir model.', ['Ekran 15".', "Yeni bir model."]),
        ("Bekle… Olmaz! Neden?", ["Bekle…", "Olmaz!", "Neden?"]),
        ("Başlık\nİlk cümle. (İkinci cümle.) Son", ["Başlık", "İlk cümle.", "(İkinci cümle.)", "Son"]),
        ("", []),
    ],
)  # fmt: skip
def test_split_sentences(text: str, expected: list[str]) -> None:
    assert turkish.split_sentences(text) == expected


@given(st.text(alphabet="ab AB.!?…\n\"'12"))
def test_sentences_lose_nothing(text: str) -> None:
    assert "".join("".join(turkish.split_sentences(text)).split()) == "".join(text.split())
