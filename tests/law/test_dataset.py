"""Pairs with their articles: found by the question alone, and ready to be read again as pairs."""

from pathlib import Path

import orjson
from typer.testing import CliRunner

from fidan.cli.app import app
from fidan.corpus.pairs.pair import Pair
from fidan.corpus.pairs.read import Columns, read_pairs
from fidan.law.dataset import with_articles
from fidan.law.index import LawIndex


def test_the_article_is_found_by_the_question_and_not_by_the_answer(index: LawIndex) -> None:
    asked = "kuyunun kapağı neden yapılır?"
    (row,) = with_articles(index, [Pair(asked, "bahçe, içinde ağaç bulunan topraktır")], "Soru", "Cevap")
    assert row["Kaynak"] == "Kuyu Kanunu m.2"
    assert "kapağı" in row["Madde"]
    assert (row["Soru"], row["Cevap"]) == (asked, "bahçe, içinde ağaç bulunan topraktır")


def test_a_question_that_finds_nothing_has_no_article(index: LawIndex) -> None:
    rows = list(with_articles(index, [Pair("xylophon quartett", "a"), Pair("?!", "b")], "Soru", "Cevap"))
    assert [row["Madde"] for row in rows] == ["", ""]


def test_the_command_writes_pairs_that_are_read_again(index: LawIndex, tmp_path: Path) -> None:
    source, out = tmp_path / "qa.jsonl", tmp_path / "with.jsonl"
    source.write_bytes(orjson.dumps({"Soru": "kuyunun kapağı neden yapılır?", "Cevap": "Ağaçtan."}))
    command = ["law", "dataset", str(source), "--index", str(index.folder), "--out", str(out)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    (pair,) = read_pairs(str(out), Columns(context="Madde")).pairs
    assert pair.answer == "Ağaçtan."
    assert pair.context
    again = CliRunner().invoke(app, command)
    assert again.exit_code != 0
    assert "is there already" in str(again.exception)
    over = CliRunner().invoke(app, [*command[:-1], str(tmp_path / "with.csv")])
    assert "ends in .jsonl" in str(over.exception)
