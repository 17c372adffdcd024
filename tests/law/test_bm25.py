"""BM25F: with one field it is Lucene's BM25, and each field counts by its weight and length."""

import random
from pathlib import Path

import bm25s
import numpy as np
import pytest

from fidan.law.article import Article, Law
from fidan.law.bm25 import Field, Weights, idf
from fidan.law.index import LawIndex, build_index
from fidan.law.scoring import bm25f
from fidan.law.terms import terms

WORDS = [f"{a}{b}ta" for a in ("ba", "ke", "lo", "mu", "si", "zü") for b in ("ra", "de", "ki", "so", "lü", "çı")]
BODY = Weights(k1=1.5, fields={"body": Field(1.0, 0.6)})


def law(texts: list[tuple[str, str]]) -> Law:
    """A law whose articles have the headings and texts."""
    articles = tuple(
        Article("1", "madde", str(number), heading, "", (text,), (), repealed=False)
        for number, (heading, text) in enumerate(texts, 1)
    )
    return Law("1", "X", "x", "in_force", "", "", "", articles)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> tuple[LawIndex, list[list[str]]]:
    """Two hundred texts of Zipf-like words, and their terms."""
    draw = random.Random(7)
    chances = [1 / rank for rank in range(1, len(WORDS) + 1)]
    texts = [" ".join(draw.choices(WORDS, chances, k=draw.randint(3, 80))) for _ in range(200)]
    folder = tmp_path_factory.mktemp("bm25")
    build_index([law([("", text) for text in texts])], folder / "index", everyday=folder)
    return LawIndex.open(folder / "index"), [terms(text) for text in texts]


def test_one_field_gives_the_scores_of_bm25s(collection: tuple[LawIndex, list[list[str]]]) -> None:
    index, texts = collection
    peer = bm25s.BM25(method="lucene", k1=1.5, b=0.6)
    peer.index(texts, show_progress=False)
    for query in (terms(WORDS[0]), terms(" ".join(WORDS[3:9])), terms(" ".join(WORDS[20:]))):
        np.testing.assert_allclose(bm25f(index, query, BODY), peer.get_scores(query), atol=1e-5)


def test_an_unknown_term_changes_nothing(collection: tuple[LawIndex, list[list[str]]]) -> None:
    index, _ = collection
    query = terms(WORDS[4])
    np.testing.assert_array_equal(bm25f(index, [*query, "yoktur"], BODY), bm25f(index, query, BODY))
    assert not bm25f(index, ["yoktur"], BODY).any()


def test_a_factor_scales_a_terms_share(collection: tuple[LawIndex, list[list[str]]]) -> None:
    index, _ = collection
    first, second = terms(WORDS[4]), terms(WORDS[9])
    together = bm25f(index, {first[0]: 1.0, second[0]: 0.25}, BODY)
    np.testing.assert_allclose(together, bm25f(index, first, BODY) + 0.25 * bm25f(index, second, BODY), rtol=1e-5)


def test_a_term_in_the_heading_counts_by_the_headings_weight(tmp_path: Path) -> None:
    texts = [("çit", "ağaç dikilir"), ("ağaç", "çit dikilir"), ("kuyu", "kuyu kazılır")]
    build_index([law(texts)], tmp_path / "index", everyday=tmp_path)
    index = LawIndex.open(tmp_path / "index")
    heading = Weights(fields={"heading": Field(3.0), "body": Field(1.0)})
    body = Weights(fields={"heading": Field(1.0), "body": Field(3.0)})
    assert int(np.argmax(bm25f(index, ["cit"], heading))) == 0
    assert int(np.argmax(bm25f(index, ["cit"], body))) == 1
    # Every heading has the mean length of one word, so nothing but the weight remains of its scale.
    expected = idf(2, 3) * 3 / (1.2 + 3)
    assert bm25f(index, ["cit"], heading)[0] == pytest.approx(expected, rel=1e-6)


def test_a_rare_term_weighs_more_and_none_less_than_nothing() -> None:
    assert idf(1, 1000) > idf(10, 1000) > idf(999, 1000) > 0


def test_what_the_index_keeps_is_what_its_weights_give(collection: tuple[LawIndex, list[list[str]]]) -> None:
    index, _ = collection
    query = terms(" ".join(WORDS[2:12]))
    np.testing.assert_allclose(bm25f(index, query), bm25f(index, query, Weights()), rtol=2e-3, atol=1e-4)
