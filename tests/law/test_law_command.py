"""`fidan law`: the commands as a user runs them."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from fidan.cli.app import app
from fidan.errors import FidanError


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["law", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_index_is_made_and_searched(law_files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "index"
    told = run("index", *law_files, "--out", out)
    assert "laws 2, articles 15 (4 of them repealed)" in told
    shown = run("search", "kuyunun kapağı", "--index", out, "--k", "1")
    assert "Kuyu Kanunu m.2" in shown
    assert "ağaçtan" in shown


def test_a_search_as_json_holds_the_whole_article(index_folder: Path) -> None:
    data = orjson.loads(run("search", "Bahçe Kanunu m.7/A", "--index", index_folder, "--json", "--k", "1"))
    (hit,) = data["hits"]
    assert hit["citation"] == "Bahçe Kanunu m.7/A"
    assert hit["text"] == "Çiti yıkan kimseye elli gün adlî para cezası verilir."
    assert (hit["version"], hit["repealed"], hit["why"]) == ("2023-07-14", False, "cited: Bahçe Kanunu m.7/A")


def test_nothing_found_is_said(index_folder: Path) -> None:
    assert "nothing found" in run("search", "xylophon", "--index", index_folder)
    assert orjson.loads(run("search", "xylophon", "--index", index_folder, "--json"))["hits"] == []


def test_a_folder_without_an_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FidanError, match="no index of laws"):
        run("search", "kuyu", "--index", tmp_path)


@pytest.mark.parametrize("cited", ["Kuyu Kanunu m.99", "TCK m.9999"])
def test_an_article_that_is_not_there_is_told_alike(index_folder: Path, cited: str) -> None:
    assert f"no such article in the index: {cited}." in run("search", cited, "--index", index_folder)
    assert orjson.loads(run("search", cited, "--index", index_folder, "--json"))["missing"] == [cited]
    assert f"böyle bir madde yok: {cited}" in run("ask", cited, "--index", index_folder)


@pytest.mark.parametrize("few", [True, False])
def test_of_everyday_words_left_out_only_the_number_of_laws_is_told(
    law_files: list[Path], tmp_path: Path, few: bool
) -> None:
    others = [tmp_path / f"{9910 + n}.txt" for n in range(0 if few else 8)]
    for path in others:
        path.write_text(f"YASA\n\nKanun Numarası : {path.stem}\n\nMadde 1 – Çit olur.\n", encoding="utf-8")
    told = run("index", *law_files, *others, "--out", tmp_path / "index")
    assert ("laws that are not in the index are left out" in told) is not few
    assert "TMK" not in told
