"""Question files: JSONL and CSV, what is left out, what is refused."""

import json
from pathlib import Path

import pytest

from fidan.errors import SourceError
from fidan.law.citations import Citation
from fidan.law.questions import read_questions

OURS = Path(__file__).resolve().parents[3] / "benchmarks" / "law"


def jsonl(folder: Path, *rows: object) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    return path


def test_laws_by_any_name_and_scope_by_what_is_said(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path,
        {"question": "a", "citations": [["Türk Medeni Kanunu", "305"], ["4721", "12/a"]], "split": "dev"},
        {"question": "b", "citations": [], "split": "test"},
        {"question": "c"},
        {"question": "d", "citations": [["Uçurtma Kanunu", "1"]]},
    )
    questions, left_out = read_questions(path)
    assert questions[0].citations == (Citation("4721", "305"), Citation("4721", "12/A"))
    assert [one.out_of_scope for one in questions] == [False, True, False]
    assert questions[2].citations is None
    assert left_out == {"unknown law: Uçurtma Kanunu": 1}
    assert [one.question for one in read_questions(path, "test").questions] == ["b"]
    assert (read_questions(path).rows, read_questions(path, "test").rows) == (4, 1)


def test_a_csv_names_the_articles_that_begin_in_its_passage(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    rows = [
        ("Türk Medeni Kanunu", "", "19-|20-"),
        ("", "Türk Ceza Kanunu", "149"),
        ("Türk Medeni Kanunu", "", "646-|647-|1-"),
        ("Türkiye Cumhuriyeti İş Kanunu", "", "3/a-"),
        ("", "İş Kanunu (1475 sayılı, mülga)", "14-"),
        ("Türk Bayrağı Tüzüğü", "", "3-"),
        ("Türk Ceza Kanunu", "", ""),
    ]
    lines = [f'soru,cevap,{law},"{source}",{articles}' for law, source, articles in rows]
    path.write_text("\n".join(["soru,cevap,kanun_adi,kaynak,madde_nolari_context", *lines]), encoding="utf-8")
    questions, left_out = read_questions(path)
    assert [one.citations for one in questions] == [
        (Citation("4721", "19"), Citation("4721", "20")),
        (Citation("5237", "149"),),
        (Citation("4721", "646"), Citation("4721", "647")),
        (Citation("4857", "3/A"),),
        (Citation("1475", "14"),),
    ]
    assert left_out == {"unknown law: Türk Bayrağı Tüzüğü": 1, "no article named": 1}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "line 1: no JSON"),
        ('{"answer": "x"}', 'no "question"'),
        ('{"question": "x", "citations": ["TMK"]}', "a citation must be"),
        ('{"question": "x", "citations": "TMK 1"}', "must be a list"),
        ('{"question": "x", "citations": [["TMK", "305. madde"]]}', "is no article"),
        ("", "is empty"),
        ("\n\n", "holds no question"),
        (
            '{"question": "x", "citations": [["Uçurtma Kanunu", "1"]]}',
            r"left of 1: unknown law: Uçurtma Kanunu \(1\)",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=told):
        read_questions(path)


def test_files_that_are_no_question_sets(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("soru,cevap\nx,y\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_bytes(b'{"question": "\xfe"}')
    (tmp_path / "e.csv").write_bytes(b"")
    (tmp_path / "c.txt").write_text("x", encoding="utf-8")
    for name, told in (
        ("a.csv", "no column kaynak, madde_nolari_context"),
        ("b.jsonl", "is no UTF-8"),
        ("c.txt", "must end in"),
        ("e.csv", "is empty"),
        ("d.csv", "no such file"),
    ):
        with pytest.raises(SourceError, match=told):
            read_questions(tmp_path / name)


def test_our_own_sets_are_whole_and_halved() -> None:
    for name, rows in (("citizens", 128), ("in_scope", 60), ("out_of_scope", 144)):
        questions, left_out = read_questions(OURS / f"{name}.jsonl")
        assert (len(questions), left_out) == (rows, {})
        assert {one.split for one in questions} == {"dev", "test"}
        assert all(one.out_of_scope == (name == "out_of_scope") for one in questions)
        assert all(one.answer for one in questions) == (name != "out_of_scope")
        assert len({one.question for one in questions}) == rows
    stories = read_questions(OURS / "citizens.jsonl").questions
    assert all(40 <= len(one.question.split()) <= 150 for one in stories)
