"""Search: what is cited comes first, then what fits the words; a query that is none is an error."""

import pytest

from fidan.errors import FidanError
from fidan.law.index import LawIndex
from fidan.law.search import search


def labels(index: LawIndex, query: str, k: int = 5) -> list[tuple[str, str]]:
    return [(hit.article.law, hit.article.label) for hit in search(index, query, k)]


def test_the_article_that_has_the_words_is_found(index: LawIndex) -> None:
    assert labels(index, "kuyunun kapağı neden yapılır?")[0] == ("9902", "2")
    assert labels(index, "komşum parmaklığı kırdı")[0] == ("9901", "7/A")


def test_a_cited_article_comes_first_and_says_so(index: LawIndex) -> None:
    hits = search(index, "Bahçe Kanunu'nun 9. maddesi ve Kuyu Kanunu m.1 kapağı ağaçtan")
    assert [(hit.article.law, hit.article.label) for hit in hits[:3]] == [("9901", "9"), ("9902", "1"), ("9902", "2")]
    assert [hit.cited for hit in hits[:3]] == [True, True, False]
    assert hits[0].why == "cited: Bahçe Kanunu m.9"
    assert hits[2].why.startswith("words: ")
    assert "kapağ" in hits[2].why


def test_a_repealed_article_is_found_only_where_it_is_cited(index: LawIndex) -> None:
    assert ("9901", "3") not in labels(index, "çit", 15)
    (first, *_) = search(index, "Bahçe Kanunu madde 3")
    assert first.article.repealed


def test_an_article_that_is_not_there_is_no_hit(index: LawIndex) -> None:
    assert not any(hit.cited for hit in search(index, "Bahçe Kanunu madde 500"))


def test_no_more_than_asked_for_and_in_falling_order(index: LawIndex) -> None:
    hits = search(index, "bahçe ağaç kuyu", 4)
    assert len(hits) == 4
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(search(index, "Bahçe Kanunu m.1, 2, 3, 4, 5, 6 ve 8 bahçe", 3)) == 3
    assert len(search(index, "bahçe", 1000)) < 15


def test_words_that_no_article_has_find_nothing(index: LawIndex) -> None:
    assert search(index, "xylophon quartett") == []


@pytest.mark.parametrize("query", ["", "  ", "?!"])
def test_a_query_without_a_word_is_an_error(index: LawIndex, query: str) -> None:
    with pytest.raises(FidanError, match="no word"):
        search(index, query)


def test_a_book_is_no_query(index: LawIndex) -> None:
    assert search(index, "kuyu " * 10_000)
    with pytest.raises(FidanError, match="at most 20,000"):
        search(index, "kuyu " * 20_001)
    with pytest.raises(FidanError, match="k = 0"):
        search(index, "kuyu", 0)
