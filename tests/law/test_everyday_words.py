"""The files of everyday words: read strictly, and every line of the package's own points at a known law."""

from pathlib import Path

import pytest

from fidan.errors import SourceError
from fidan.law.everyday_words import read_everyday


def test_a_line_is_law_article_and_phrases(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("# kira\n\nTBK\t344\tkira artışı; tüfe  oranı;\n", encoding="utf-8")
    (entry,) = read_everyday(tmp_path)
    assert (entry.law, entry.article, entry.words, entry.where) == (
        "TBK",
        "344",
        ("kira artışı", "tüfe  oranı"),
        "a.tsv:3",
    )
    assert entry.number() == "6098"


@pytest.mark.parametrize("line", ["TBK\t344", "TBK 344 kira", "TBK\t\tkira", "TBK\t344\tkira\tartı"])
def test_a_line_of_another_form_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.tsv").write_text(f"# kira\n{line}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"a\.tsv:2: \d columns"):
        list(read_everyday(tmp_path))


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes("TBK\t344\tartış".encode("cp1254"))
    with pytest.raises(SourceError, match="byte 11 is not UTF-8"):
        list(read_everyday(tmp_path))


def test_the_packages_own_lines_name_known_laws() -> None:
    assert [entry.where for entry in read_everyday() if entry.number() is None] == []
