"""Terms: what a word is counted by; and the law's words for what citizens say."""

from pathlib import Path

import pytest

from fidan.errors import SourceError
from fidan.law.search import SHARE, SYNONYM, query_terms
from fidan.law.synonyms import FILE, legal_words, read_synonyms
from fidan.law.terms import index_terms, terms, words


def test_a_word_is_its_beginning_and_its_stem_and_a_pair_with_its_neighbour() -> None:
    assert index_terms(words("KIDEM tazminatının İhbarı")) == [
        "kidem", "tazmi", "ihbar", "·kıde", "·tazminat", "·ihbar", "kidem tazmi", "tazmi ihbar",
    ]  # fmt: skip


def test_pairs_step_over_words_that_join() -> None:
    assert "haksi fiil" in index_terms(words("haksız ve fiil"))
    assert not [term for term in index_terms(["ve", "ile"]) if " " in term]


def test_what_follows_an_apostrophe_is_no_word() -> None:
    assert terms("TBK'nın 344'üncü maddesi") == ["tbk", "344", "madde"]


def test_the_law_has_its_own_words_for_a_landlord_and_for_being_fired() -> None:
    assert "kiraya" in legal_words(words("ev sahibim beni çıkarmak istiyor"))
    assert "feshi" in legal_words(words("Patron beni kovdu"))
    assert legal_words(words("kaplumbağa terbiyecisi")) == []


def test_a_phrase_is_met_only_where_its_words_stand_together() -> None:
    assert "kiraya" not in legal_words(words("sahibi ev"))


def test_a_story_is_searched_for_the_laws_words_too_a_short_question_is_not() -> None:
    short = query_terms(words("ev sahibim kim"))
    assert "kiray" not in short
    story = query_terms(words("ev sahibim dün akşam kapıya geldi bağırdı ne yapacağımı hiç bilmiyorum vallahi"))
    assert story["kiray"] == pytest.approx(SHARE * SYNONYM)


def test_a_word_that_comes_again_counts_more_but_never_twice() -> None:
    once, often = query_terms(["kira"])["kira"], query_terms(["kira"] * 50)["kira"]
    assert once < often < 2 * once


def test_a_question_of_joining_words_alone_is_searched_for_as_it_is() -> None:
    assert "nedir" in query_terms(["bu", "nedir"])


def test_every_line_of_synonyms_has_both_sides(tmp_path: Path) -> None:
    assert len(read_synonyms(FILE)) > 150
    broken = tmp_path / "synonyms.tsv"
    broken.write_text("patron\tişveren\nkovdu\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"synonyms\.tsv:2"):
        read_synonyms(broken)
    broken.write_bytes("patron\tişveren".encode("iso8859-9"))
    with pytest.raises(SourceError, match="byte 8 is not UTF-8"):
        read_synonyms(broken)


def test_a_keyboard_without_turkish_letters_asks_the_same() -> None:
    assert terms("kiracı çıkmıyor, ödemiyor") == terms("KIRACI cikmiyor, odemiyor")
    assert not set(query_terms(words("icin cikis"))) & {"icin", "·icin"}
