"""What a user can get wrong at the command line, and what is said then."""

import lzma
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from fidan.cli import app, main
from tests.law.conftest import WELL

Refusal = Callable[..., str]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refusal:
    """What `fidan law …` prints when it refuses."""

    def run(*arguments: str | Path) -> str:
        monkeypatch.setattr("sys.argv", ["fidan", "law", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        assert caught.value.code not in (0, None)
        told = capsys.readouterr()
        return " ".join((told.out + told.err).split())

    return run


@pytest.fixture
def files(tmp_path: Path) -> Path:
    row = {"text": WELL, "meta": {"law_number": "9902", "title": "KUYU KANUNU"}}
    (tmp_path / "9902.txt").write_bytes("KUYU\n\nMadde 1 – Çit.".encode("cp1254"))
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "cut.jsonl.xz").write_bytes(lzma.compress(orjson.dumps(row) * 20)[:-30])
    (tmp_path / "q.csv").write_text("soru,cevap\nx,y\n", encoding="utf-8")
    (tmp_path / "q.jsonl").write_text('{"question": "x", "citations": ["TMK"]}', encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", " "], "soru boş"),
        (["ask", "söz " * 10_000], "10.000 sözcük"),
        (["search", "?!"], "the query has no word"),
        (["search", "söz " * 20_001], "at most 20,000"),
        (["search", "kuyu", "--k", "0"], "greater than or equal to 1"),
        (["summarize", "Uçurtma Kanunu"], "ne bir dosya"),
        (["summarize", "Kuyu Kanunu m. 99"], "böyle bir madde yok"),
        (["evaluate", "q.csv"], "has no column kaynak"),
        (["evaluate", "q.jsonl"], "a citation must be"),
        (["evaluate", "empty.txt"], "must end in"),
    ],
)
def test_a_question_that_cannot_be_asked(
    said: Refusal, index_folder: Path, files: Path, arguments: list[str], told: str
) -> None:
    command, what, *others = arguments
    what = str(files / what) if command == "evaluate" else what
    assert told in said(command, what, *others, "--index", index_folder)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("9902.txt", "is not UTF-8"),
        ("empty.txt", "empty"),
        ("cut.jsonl.xz", "truncated"),
        ("none.jsonl", "no such file"),
        ("q.jsonl", "is no law"),
    ],
)
def test_a_law_that_cannot_be_read(said: Refusal, files: Path, file: str, told: str) -> None:
    assert told in said("index", files / file, "--out", files / "index")
    assert not (files / "index").exists()


def test_an_article_that_is_not_there_is_told(index_folder: Path) -> None:
    def told(command: str, what: str) -> str:
        return CliRunner().invoke(app, ["law", command, what, "--index", str(index_folder)]).output

    assert "no such article in the index: Kuyu Kanunu m.99" in told("search", "Kuyu Kanunu m.99")
    assert "böyle bir madde yok" in told("ask", "Kuyu Kanunu m.99")
    assert "Türkçe değil" in told("ask", "What is the law of the well?")
