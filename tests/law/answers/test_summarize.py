"""Salient sentences: what is joined to most, what stands first, nothing twice."""

from pathlib import Path

import pytest

from fidan.errors import FidanError, SourceError
from fidan.law.index import LawIndex
from fidan.law.summarize import summarize
from fidan.law.summary import MOST_CHARACTERS, read_text, summarize_named, summarize_text
from fidan.law.terms import terms

TEXT = [
    "Belediye sokak ağaçlarını diker ve sular.",
    "Sokak ağaçlarını kesen kişiye belediye ceza verir.",
    "Belediye, sokak ağaçlarını keseni bildiren kişiye teşekkür eder.",
    "Öğle yemeği saat on ikide yenir.",
]


def test_the_sentence_that_shares_nothing_is_not_taken() -> None:
    assert [one.place for one in summarize(TEXT, terms, 3)] == [0, 1, 2]
    assert all(one.text == TEXT[one.place] for one in summarize(TEXT, terms, 3))


def test_a_prior_moves_the_choice_and_a_repetition_is_passed_over() -> None:
    assert [one.place for one in summarize(TEXT, terms, 1, [1, 1, 1, 100])] == [3]
    assert [one.place for one in summarize([TEXT[0], TEXT[0], TEXT[3]], terms, 2)] == [0, 2]


def test_no_label_is_taken_more_often_than_its_limit() -> None:
    chapters = ["I", "I", "I", "II"]
    assert [one.place for one in summarize(TEXT, terms, 2, limits=[(chapters, 1)])][-1] == 3
    assert len(summarize(TEXT, terms, 4, limits=[(chapters, 1)])) == 2


def test_a_sentence_that_leans_on_another_counts_half() -> None:
    first, second = "Bostan işleten kişi izin alır.", "Bu bostan işleten kişi izin alır."
    assert [one.place for one in summarize([second, first], terms, 1)] == [1]


def test_nothing_to_take_is_an_error() -> None:
    with pytest.raises(FidanError, match="no sentence"):
        summarize(["…", "!"], terms)
    with pytest.raises(FidanError, match="at least 1"):
        summarize(TEXT, terms, 0)


def test_an_article_gives_its_rule_first_with_its_citation_and_date(index: LawIndex) -> None:
    summary = summarize_named(index, "9001 sayılı Kanun m. 3", 1)
    assert [point.text for point in summary.points] == ["Bostan kira sözleşmesi, bir yıl için yapılır."]
    assert summary.version == "2024-05-06"
    assert "hukuki danışmanlık değildir" in summary.notice


def test_a_law_begins_with_its_purpose(index: LawIndex) -> None:
    summary = summarize_named(index, "Bostan Kanunu", 3)
    assert summary.points[0].text.startswith("Bu Kanunun amacı")
    assert len({point.short for point in summary.points}) > 1


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("9001 sayılı Kanun m. 6", "yürürlükten kaldırılmıştır"),
        ("9001 sayılı Kanun m. 99", "böyle bir madde yok"),
        ("Uçurtma Kanunu", "ne bir dosya"),
        ("9001 sayılı Kanun m. 1 ve 2", "2 madde"),
    ],
)
def test_what_cannot_be_summarised_is_told(index: LawIndex, named: str, told: str) -> None:
    with pytest.raises(FidanError, match=told):
        summarize_named(index, named)


def test_a_text_has_no_version_and_hard_wraps_are_no_ends(tmp_path: Path) -> None:
    summary = summarize_text("Belediye sokak\nağaçlarını diker.\n\nBaşka bir söz söylenir.", "yazı", 5)
    assert summary.points[0].text == "Belediye sokak ağaçlarını diker."
    assert summary.version == ""
    with pytest.raises(FidanError, match="boş"):
        summarize_text(" \n", "yazı")
    with pytest.raises(FidanError, match="en çok"):
        summarize_text("a" * (MOST_CHARACTERS + 1), "yazı")
    (tmp_path / "broken.txt").write_bytes(b"ge\xe7er")
    with pytest.raises(SourceError, match="byte 2 is not UTF-8"):
        read_text(tmp_path / "broken.txt")


def test_a_models_short_form_is_shown_only_where_the_text_supports_it(index: LawIndex) -> None:
    good = summarize_named(
        index, "9001 sayılı Kanun m. 3", write=lambda question, passage: "Kira sözleşmesi bir yıl için yapılır."
    )
    assert good.short_form == "Kira sözleşmesi bir yıl için yapılır."
    bad = summarize_named(
        index, "9001 sayılı Kanun m. 3", write=lambda question, passage: "Kira sözleşmesi beş yıl için yapılır."
    )
    assert bad.short_form == ""
    assert "5 yıl" in bad.reason
