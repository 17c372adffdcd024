"""What points to a person is masked; numbers that only look like it stay. No number here is anybody's."""

import pickle
import random
import re
from collections import Counter

import pytest
from datatrove.data import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fidan.corpus.cleaning.normalize import normalize
from fidan.corpus.cleaning.personal_data import PLACEHOLDERS, PersonalData, mask
from fidan.corpus.cleaning.personal_numbers import is_iban, is_tckn, is_vkn
from fidan.corpus.ledger import Ledger
from fidan.corpus.synthetic import noise
from fidan.corpus.synthetic.generator import generate
from fidan.errors import FidanError

ALL = frozenset(PLACEHOLDERS)
USUAL = ALL - {"plate"}

TCKN, VKN, IBAN = "10000000146", "1234567890", "TR330006100519786457841326"

MASKED = [
    (f"T.C. kimlik no: {TCKN}", "T.C. kimlik no: [TCKN]"),
    (f"{TCKN}'nın sahibi", "[TCKN]'nın sahibi"),
    (f"({TCKN})", "([TCKN])"),
    ("kimliği 100 000 001 46 olan", "kimliği [TCKN] olan"),
    (f"Vergi no: {VKN}.", "Vergi no: [VKN]."),
    ("VERGİ KİMLİK NUMARASI 123 456 7890", "VERGİ KİMLİK NUMARASI [VKN]"),
    (f"IBAN: {IBAN}", "IBAN: [IBAN]"),
    ("tr33 0006 1005 1978 6457 8413 26 nolu hesap", "[IBAN] nolu hesap"),
    ("TR 33 0006 1005 1978 6457 8413 26", "[IBAN]"),
    ("0532 123 45 67", "[TELEFON]"),
    ("+90 532 123 45 67 veya 0090 532 123 4567", "[TELEFON] veya [TELEFON]"),
    ("+90 (532) 123-45-67", "[TELEFON]"),
    ("(+90) 532 123 45 67", "[TELEFON]"),
    ("905321234567", "[TELEFON]"),
    ("05321234567'den arayın", "[TELEFON]'den arayın"),
    ("5321234567 nolu", "[TELEFON] nolu"),
    ("532-123-45-67", "[TELEFON]"),
    ("0.532.123.45.67", "[TELEFON]"),
    ("Tel: (0312) 419 12 34/105", "Tel: [TELEFON]/105"),
    ("(312) 419 12 34", "[TELEFON]"),
    ("0 (212) 252 47 00 - 0(216) 3461234", "[TELEFON] - [TELEFON]"),
    ("0212/252 47 00", "[TELEFON]"),
    ("444 1 444 hattı, 444 12 34", "[TELEFON] hattı, [TELEFON]"),
    ("çağrı merkezi 4441444", "çağrı merkezi [TELEFON]"),
    ("0850 222 0 600 ve 0800 123 45 67", "[TELEFON] ve [TELEFON]"),
    ("faks: 3124191234", "faks: [TELEFON]"),
    ("https://wa.me/905321234567", "https://wa.me/[TELEFON]"),
    ("05321234567-05331234567/05341234567", "[TELEFON]-[TELEFON]/[TELEFON]"),
    ("Yazın: ali.veli+1@ornek.com.tr.", "Yazın: [E-POSTA]."),
    ("<Ali@Ornek.COM>", "<[E-POSTA]>"),
    ("mailto:ali_veli@ornek.org'dan", "mailto:[E-POSTA]'dan"),
    ("ali [at] ornek.com, veli(at)ornek.com", "[E-POSTA], [E-POSTA]"),
    ("ali [et] ornek [nokta] com", "[E-POSTA]"),
    ("öğrenci@okul.edu.tr", "[E-POSTA]"),
    ("IP adresi 8.8.8.8 idi", "IP adresi [IP] idi"),
    ("85.105.120.33 üzerinden girmiş", "[IP] üzerinden girmiş"),
    ("sunucu 2a02:e0:1:2::5 yanıt verdi", "sunucu [IP] yanıt verdi"),
    ("34 AB 123, 06 A 1234 ve 35ABC12", "[PLAKA], [PLAKA] ve [PLAKA]"),
]

KEPT = [
    "10000000147 kimlik numarası değil",
    "Vergi no: 1234567891",
    "Vergi numarası: 5321234567",  # as a tax number it is wrong, and the word says that it is no telephone
    "TR330006100519786457841327",
    "TR33 0006 1005 1978 6457 8413 27",
    "TR330006110519786457841326",  # the reserved digit is not 0
    "100000001461",
    "110000000146",
    "1.10000000146",
    "10000000146,50 lira",
    "10000000146 TL",
    "12.10000000146",
    "x10000000146",
    "http://ornek.com/haber/10000000146",
    "https://ornek.com/a?id=1234567890&b=5321234567",
    "ISBN 1234567890",
    "ISBN 978-605-123-456-7",
    "1234567890123",
    "12.03.2009 - 15.04.2010 tarihleri",
    "2008-2009, 2010-2011 ve 2012-2013 yılları",
    "5237 sayılı Türk Ceza Kanunu, 213 sayılı Vergi Usul Kanunu",
    "nüfusu 5 321 234 567 kişi",
    "5.321.234.567 lira",
    "5321234567 lira",
    "0.5321234567 oranı",
    "3,5321234567",
    "512 256 1024 2048",
    "500 000 500 000 500 000 11 98",
    "9 7 0 2 259 225 14 34",
    "1-Takım 5 5 0 364 322 10 42",
    "2021234567 parça numarası",  # ten digits with an area code need a word that says what they are
    "444 bin 444 kişi",
    "444.123.456",
    "4441234 sayısı",
    "0999 123 45 67",
    "0312 119 12 34",  # no subscriber's number begins with 1
    "+49 532 1234",
    "1 2 3 4 5 6 7 8 9 10 11 12",
    "@kullanici şöyle yazdı",
    "ali@ornek",
    "a@b.c",
    "@ali.veli.com",
    "kırmızı (et) fiyatları",
    r"C:\belge\dosya@ad.txt",
    "192.168.1.1, 10.0.0.5, 127.0.0.1, 172.16.4.4 ve 0.0.0.0",
    "sürüm 12.14.16.18 yüklendi",
    "v8.8.8.8",
    "1.2.3.4 bölümü",
    "NET 4.0.30319.1",
    "256.300.1.1 adresi",
    "IP adresi 08.08.08.08",
    "10.0.19041.264",
    "171.110.173.014",
    "saat 20:30:45'te",
    "2009:10:11",
    "fe80::1 ve ::1 ve 2001:db8::1 adresleri",
    "34 TL 1500",
    "82 AB 123",
    "34 QX 123",
    "34 AB 12",
    "100 KM 2000",
    "",
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_masked(text: str, expected: str) -> None:
    assert mask(text, ALL)[0] == expected
    assert mask(f"Dün {text} dedi.", ALL)[0] == f"Dün {expected} dedi."


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    assert mask(text, ALL) == (text, Counter())


@pytest.mark.parametrize("kind", sorted(ALL))
def test_only_what_is_asked_for(kind: str) -> None:
    text = f"{TCKN} | vergi {VKN} | {IBAN} | 0532 123 45 67 | a.b@ornek.com | ip 8.8.8.8 | 34 AB 123"
    masked, counts = mask(text, [kind])
    assert counts == Counter({kind: 1})
    assert re.findall(r"\[[A-Z-]+\]", masked) == [PLACEHOLDERS[kind]]
    assert len(re.findall(r"\|", masked)) == 6


def test_no_kinds() -> None:
    assert mask(IBAN, ()) == (IBAN, Counter())


@pytest.mark.parametrize("kinds", [["tckn", "pasaport"], {"TCKN"}])
def test_unknown_kind(kinds: set[str]) -> None:
    with pytest.raises(FidanError, match="there are tckn, vkn"):
        mask("", kinds)
    with pytest.raises(FidanError, match="personal_data"):
        PersonalData(Ledger(1), kinds)


def test_a_number_that_is_both_telephone_and_tax_number() -> None:
    both = next(number for number in map(str, range(5321234560, 5321234570)) if is_vkn(number))
    assert mask(both, ALL)[0] == "[TELEFON]"
    assert mask(f"vergi no {both}", ALL)[0] == "vergi no [VKN]"
    assert mask(both, {"vkn"})[0] == "[VKN]"


seeds = st.integers(0, 2**32).map(random.Random)


@given(seeds)
@settings(max_examples=150)
def test_right_numbers_are_masked(rng: random.Random) -> None:
    tckn, vkn, iban = noise.tckn(rng), noise.vkn(rng), noise.iban(rng)
    assert is_tckn(tckn)
    assert is_vkn(vkn)
    assert is_iban(iban[2:])
    grouped = " ".join(iban[place : place + 4] for place in range(0, 26, 4))
    assert mask(f"No {tckn} ve {iban}, {grouped}.", USUAL)[0] == "No [TCKN] ve [IBAN], [IBAN]."
    assert mask(f"Vergi no {vkn}.", USUAL)[0] == "Vergi no [VKN]."
    expected = {"[VKN]", "[TELEFON]"} if vkn[0] == "5" else {"[VKN]", vkn} if vkn.endswith("0000") else {"[VKN]"}
    assert mask(f"No {vkn}", USUAL)[0][3:] in expected


@given(seeds, st.integers(0, 25), st.integers(1, 9))
@settings(max_examples=150)
def test_one_wrong_digit_is_enough(rng: random.Random, place: int, step: int) -> None:
    for kind, number in (("tckn", noise.tckn(rng)), ("vkn", noise.vkn(rng)), ("iban", noise.iban(rng))):
        at = place % len(number)
        if number[at].isdecimal():
            wrong = f"{number[:at]}{(int(number[at]) + step) % 10}{number[at + 1 :]}"
            assert mask(f"vergi ve kimlik no {wrong}", USUAL)[1][kind] == 0
            assert kind != "iban" or mask(wrong, USUAL)[0] == wrong


PIECES = st.sampled_from(
    [text for text, _ in MASKED]
    + KEPT
    + ["-", "/", ".", ",", ":", "(", ")", "[", "]", " ", "\n", "0", "90", "+", "TR"]
) | st.text("0123456789 .-/()+@:a[]TR\n", max_size=14)


@given(st.lists(PIECES, max_size=8).map("".join), st.sets(st.sampled_from(sorted(ALL))))
@example("5321234567-0533 123 45 67", set(ALL))
@example("tel 0532 123 45 67 2124191234", set(ALL))
@example(f"{IBAN}+90 532 123 45 67", set(ALL))
@settings(max_examples=300)
def test_masking_twice_changes_nothing(text: str, kinds: set[str]) -> None:
    once, counts = mask(text, kinds)
    assert mask(once, kinds) == (once, Counter())
    for kind in ALL:
        assert once.count(PLACEHOLDERS[kind]) - text.count(PLACEHOLDERS[kind]) == counts[kind]


@given(st.lists(PIECES, max_size=6).map("".join))
@settings(max_examples=300)
def test_the_quick_look_overlooks_nothing(text: str) -> None:
    # A line with every sign that it looks for makes it look closely.
    assert mask(f"{text}\n@ 0000000", ALL)[0] == f"{mask(text, ALL)[0]}\n@ 0000000"


def test_planted_noise() -> None:
    right: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for document in generate(5, 1_000_000, noise=0.5):
        text = normalize(document.text)
        labels = [label.detail.split(":", 1) for label in document.labels if label.kind == "personal_data"]
        wanted = Counter(what for what, _ in labels if not what.startswith("invalid_"))
        masked, found = mask(text, USUAL)
        right += wanted & found
        missed += wanted - found
        wrong += found - wanted
        assert all(value in masked for what, value in labels if what.startswith("invalid_"))
    for kind in ("tckn", "vkn", "iban", "phone", "email"):
        assert right[kind] > 15
        assert missed[kind] <= 0.02 * right[kind]
        assert wrong[kind] <= 0.02 * right[kind]


class Edits(Ledger):
    """A ledger that remembers what it was told of."""

    def __init__(self) -> None:
        super().__init__(1)
        self.noted: Counter[str] = Counter()
        self.edits: list[tuple[str, str, str]] = []

    def note(self, what: str, amount: int = 1) -> None:
        self.noted[what] += amount

    def change(self, kind: str, before: str, after: str) -> None:
        self.edits.append((kind, before, after))


def test_step() -> None:
    ledger = Edits()
    texts = [f"Arayan {TCKN} idi.\nNumarası 0532 123 45 67, 0533 123 45 67.", "Kimse aramadı."]
    assert isinstance(pickle.loads(pickle.dumps(PersonalData(ledger, USUAL))), PersonalData)
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    result = [document.text for document in PersonalData(ledger, USUAL).run(iter(documents))]
    assert result == ["Arayan [TCKN] idi.\nNumarası [TELEFON], [TELEFON].", "Kimse aramadı."]
    assert ledger.noted == {"masked_tckn": 1, "masked_phone": 2}
    assert sorted(kind for kind, _, _ in ledger.edits) == ["phone", "tckn"]
    # Samples are kept in a report: they must not tell what was masked.
    assert not any(re.search(r"[0-9]", before + after) for _, before, after in ledger.edits)
    assert all(before == "" and PLACEHOLDERS[kind] in after for kind, before, after in ledger.edits)
