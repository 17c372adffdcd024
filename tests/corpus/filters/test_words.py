"""Words as the regular expression in the docstring has them; hashes that see through casing; lines."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan import turkish
from fidan.corpus.filters import words
from fidan.corpus.filters.words import measure, word_hash

JOINER = re.escape(turkish.APOSTROPHES) + "\u00ad\u0300-\u036f"
WORD = rf"\d+(?:[.,]\d+)+|[^\W_]+(?:[{JOINER}][^\W_]+)*"
TOKEN = re.compile(rf"{WORD}|\.\.+|[^\w\s]|_")
TEXTS = st.text(st.sampled_from("aİıIğ' ’.,-•#…1٣²\u0301_é\n\t中𝐀😀ǅ(?!"), max_size=60)


def count(text: str, name: int) -> int:
    return int(measure(text).counts[name])


@given(TEXTS)
def test_tokens_are_those_of_the_regular_expression(text: str) -> None:
    found = measure(text)
    assert found.token_chars.tolist() == [len(token) for token in TOKEN.findall(text)]
    data = text.encode()
    told = [data[start:end].decode() for start, end in zip(found.word_starts, found.word_ends, strict=True)]
    assert told == turkish.words(text)
    assert count(text, words.CHARS) == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ankara'da 3 gün kaldık.", ["Ankara'da", "3", "gün", "kaldık"]),
        ("1.250,5 lira 12,5a 3.", ["1.250,5", "lira", "12,5", "a", "3"]),
        ("İstanbul’un", ["İstanbul’un"]),
        ("Türk-Amerikan", ["Türk", "Amerikan"]),
        ("rüzga\u0302r", ["rüzga\u0302r"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    data, found = text.encode(), measure(text)
    told = [data[start:end].decode() for start, end in zip(found.word_starts, found.word_ends, strict=True)]
    assert told == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("BİR", "bir"), ("ISPARTA", "ısparta"), ("Rüzgâr", "rüzgar"), ("Ankara’nın", "ankara'nın"), ("ÇIĞ", "çığ")],
)
def test_folded_forms_have_one_hash(one: str, other: str) -> None:
    assert word_hash(one) == word_hash(other)


def test_the_two_letters_i_are_two() -> None:
    assert word_hash("ılık") != word_hash("ilik")
    assert word_hash("IRAK") != word_hash("irak")


@given(st.text(st.sampled_from("aAıIiİâÂîÎûÛşŞÄÖǅß'’é"), min_size=1, max_size=12))
def test_equal_hashes_are_equal_folds(word: str) -> None:
    # By single characters, as the tables are: folding of "ß" or "ǅ" may give more than one.
    letters = "".join(form if len(form := turkish.fold(letter)) == 1 else letter for letter in word)
    assert measure(word).token_hashes.tolist() == measure(letters).token_hashes.tolist()


def test_no_two_words_of_many_share_a_hash() -> None:
    several = " ".join(f"{a}{b}{c}" for a in "abcçdeıi" for b in "kmnoö" for c in range(500))
    hashes = measure(several).word_hashes
    assert len(np.unique(hashes)) == len(hashes) == 8 * 5 * 500


LINES = "• bir iki.\n- üç…\ndört beş\nalt...\nbir iki!\nBir iki!\nbir iki!"


def test_lines() -> None:
    assert count(LINES, words.LINES) == 7
    assert count(LINES, words.BULLET_LINES) == 2
    assert count(LINES, words.ELLIPSIS_LINES) == 2
    assert count(LINES, words.SENTENCE_LINES) == 5
    assert count(LINES, words.DUPLICATE_LINES) == 1  # as written: "Bir iki!" is another line
    assert count(LINES, words.DUPLICATE_LINE_CHARS) == len("bir iki!")
    assert count(LINES, words.LINE_CHARS) == len(LINES) - 6


def test_signs() -> None:
    assert count("a # b ## c", words.HASH_SIGNS) == 3
    assert count("a… b... c.... d...... e..", words.ELLIPSES) == "a… b... c.... d...... e..".count("...") + 1
    assert count("3 elma, 5'lik € x2", words.ALPHABETIC) == 3


@pytest.mark.parametrize("text", ["", "\n", " ", "\ud800", "a\udfffb", "\U0010ffff", "\U00020000"])
def test_odd_texts(text: str) -> None:
    assert count(text, words.CHARS) == len(text)


def test_a_long_line_of_anything() -> None:
    for piece in (".", "'", "1.", "a'", "\u0301", "…", "ab"):
        assert count(piece * 500_000, words.CHARS) == len(piece) * 500_000
