"""Inflected words cut where their suffixes begin."""

import re

import pytest

from fidan.corpus.synthetic import segmented
from fidan.corpus.synthetic.nouns import noun
from fidan.corpus.synthetic.recognizer import readings
from fidan.corpus.synthetic.segmented import noun_forms, segmented_words, verb_forms
from fidan.corpus.synthetic.verbs import verb


def noun_cuts(entry: str) -> set[str]:
    return {"|".join(morphs) for morphs in noun_forms(noun(entry))}


def verb_cuts(entry: str) -> set[str]:
    return {"|".join(morphs) for morphs in verb_forms(verb(entry))}


@pytest.mark.parametrize(
    ("entry", "cuts"),
    [
        ("ev", "ev ev|ler ev|i ev|in ev|i|nde ev|ler|i ev|leri ev|ler|im|den ev|imiz|le"),
        ("kitap~", "kitap kitab|ım kitab|ı kitap|ta kitap|lar|ımız|da"),
        ("renk~", "reng|i renk|ler"),
        ("burun>burn", "burn|u burun|da burn|um|a burun|lar"),
        ("araba", "araba|ya araba|nın araba|sı|nda araba|m araba|yla"),
        ("su", "su|yu su|yun su|yum su|lar"),
        ("saat*", "saat|i saat|ler|im"),
    ],
)
def test_nouns_by_hand(entry: str, cuts: str) -> None:
    assert set(cuts.split()) <= noun_cuts(entry)


@pytest.mark.parametrize(
    ("entry", "cuts"),
    [
        (
            "gel",
            "gel gel|di gel|di|m gel|me|di|ler gel|iyor|um gel|m|iyor gel|iyor|lar|dı gel|iyor|du|nuz gel|me|z|sin",
        ),
        ("gel", "gel|me|m gel|me|yiz gel|e|yim gel|e|lim gel|in gel|sin|ler gel|meli|ydi|k gel|ir|se|m gel|ecek|ti"),
        ("git~", "gid|eceğ|im gid|er git|ti|k git|me|yeceğ|iz gid|iyor gid|e|siniz"),
        ("başla", "başl|ıyor|um başla|r|ım başla|ma|sın başla|m|ıyor|du başla|yacak|lar"),
        ("oku", "oku|yor|um oku|m|uyor oku|r|du|n oku|ya|yım"),
    ],
)
def test_verbs_by_hand(entry: str, cuts: str) -> None:
    assert set(cuts.split()) <= verb_cuts(entry)


@pytest.fixture(scope="module")
def words() -> dict[str, tuple[tuple[str, ...], ...]]:
    """All there are."""
    return dict(segmented_words(1_000_000))


def test_every_word_is_its_morphs_and_has_a_suffix(words: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    assert len(words) > 100_000
    for word, analyses in words.items():
        assert max(map(len, analyses)) > 1
        assert all("".join(morphs) == word and all(morphs) for morphs in analyses)


def test_the_recognizer_reads_the_words(words: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    """It has rules of its own, and none for gelesin and gelesiniz."""
    wishes = re.compile("[ae]s[ıi]n([ıi]z)?$")
    unread = [word for word in list(words)[::40] if not readings(word)]
    assert len(unread) < 50
    assert all(map(wishes.search, unread)), unread


def test_a_word_keeps_all_its_analyses(words: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    assert set(words["evleri"]) == {("ev", "ler", "i"), ("ev", "leri")}
    assert set(words["evin"]) == {("ev", "in")}  # of the house, and your house
    assert set(words["yazı"]) == {("yazı",), ("yaz", "ı")}
    assert "ev" not in words


def test_as_many_words_as_asked_for_half_of_them_verbs_and_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    few = tuple(map(noun, ["ev", "oyun_alanı+", "oyuncak_ayı", "kend", "göz"]))
    monkeypatch.setattr(segmented, "NOUNS", {"few": few, "again": few[:1]})
    monkeypatch.setattr(segmented, "VERBS", "de ye yardım_et~ git~")
    drawn = segmented_words(41)
    assert drawn == segmented_words(41, seed=0) != segmented_words(41, seed=1)
    assert len(dict(drawn)) == 41
    assert [word[:2] in ("ev", "gö") for word, _ in drawn] == [True] * 21 + [False] * 20
    assert {analyses[0][0] for _, analyses in drawn} == {"ev", "göz", "git", "gid"}
