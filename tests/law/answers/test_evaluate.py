"""Figures of search and answers, on hits that are made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from fidan.errors import FidanError
from fidan.law.citations import Citation
from fidan.law.evaluate import Sources, evaluate, wrong_references
from fidan.law.evaluation_table import table_lines
from fidan.law.names import common_names
from fidan.law.questions import Question

A, B, C, GONE = (Citation("4721", number) for number in ("1", "2", "3", "9999"))


@dataclass(frozen=True)
class Told:
    text: str
    citations: Sequence[Citation]
    abstained: bool = False
    shown: Sequence[tuple[Citation, str]] = ()


FOUND = {"first": [A, B], "second": [B, A], "none": [B], "outside": [C], "absent": [B]}
QUESTIONS = [
    Question("first", (A,), "Bir iki üç dört.", "tür"),
    Question("second", (A, C), "Beş altı yedi sekiz.", "tür"),
    Question("none", (A,)),
    Question("outside", ()),
    Question("absent", (GONE,)),
]


def sources(answers: dict[str, Told] | None = None) -> Sources:
    return Sources(
        lambda question, k: FOUND[question][:k],
        lambda citation: citation != GONE,
        common_names(),
        None if answers is None else lambda question: answers[question],
    )


def test_ranks_become_recall_and_mrr() -> None:
    record = evaluate(QUESTIONS, sources())
    found = record["retrieval"]
    assert found["questions"] == 4
    assert found["recall@1"]["value"] == pytest.approx(1 / 4)
    assert found["recall@5"]["value"] == pytest.approx(2 / 4)
    assert found["mrr"]["value"] == pytest.approx((1 + 1 / 2) / 4)
    assert found["recall@5"]["low"] < 0.5 < found["recall@5"]["high"]
    assert record["answers"] is None
    assert record["by_type"]["tür"]["recall@1"] == 0.5
    assert record["by_law"]["TMK"]["questions"] == 4


def test_an_absent_gold_article_is_a_miss_and_told_or_left_out() -> None:
    record = evaluate(QUESTIONS, sources())
    assert record["absent"] == {"articles": ["TMK m.9999"], "questions": 1, "treated_as": "miss"}
    kept = evaluate(QUESTIONS, sources(), "leave_out")
    assert kept["retrieval"]["questions"] == 3
    assert kept["retrieval"]["recall@5"]["value"] == pytest.approx(2 / 3)
    assert any("left out" in line for line in table_lines(kept))


def test_answers_are_counted_by_what_they_cite_and_where_they_are_silent() -> None:
    silent = Told("Verilen kaynaklarda yer almıyor.", (), True)
    record = evaluate(
        QUESTIONS,
        sources(
            {
                "first": Told("Bir iki üç dört.", (A,), shown=[(A, "Metin.")]),
                "second": Told("Başka söz.", (B,), shown=[(B, "Metin.")]),
                "none": Told("Söz.", (GONE,), shown=[(GONE, "Metin.")]),
                "outside": silent,
                "absent": silent,
            }
        ),
    )["answers"]
    assert record["given"] == 3
    assert record["abstained in scope"]["value"] == pytest.approx(1 / 4)
    assert record["abstained out of scope"]["value"] == 1.0
    assert record["gold cited"]["value"] == pytest.approx(1 / 3)
    assert record["citation precision"]["value"] == pytest.approx(1 / 3)
    assert record["wrong reference"]["value"] == pytest.approx(1 / 3)
    assert record["text"]["answers"] == 2
    assert record["text"]["rouge-l"]["value"] == pytest.approx(1 / 2)


def test_a_wrong_reference_is_one_that_does_not_hold() -> None:
    shown = [(A, "TMK 2 saklıdır.")]
    assert wrong_references(Told("Söz.", (A,), shown=shown), sources()) == []
    assert wrong_references(Told("TMK 2 uyarınca.", (A,), shown=shown), sources()) == []
    assert wrong_references(Told("TMK 3 uyarınca.", (A,), shown=shown), sources()) == [C]
    assert wrong_references(Told("Söz.", (B,), shown=shown), sources()) == [B]


def test_the_table_has_the_figures_with_their_intervals() -> None:
    record = evaluate(QUESTIONS, sources()) | {"left_out": {"unknown law: X": 2}}
    lines = list(table_lines(record))
    assert "questions: 5, counted: 5" in lines
    assert "  left out: 2 (unknown law: X)" in lines
    (line,) = [line for line in lines if line.strip().startswith("recall@5")]
    assert "0.500" in line
    assert "–" in line
    assert any(line.startswith("TMK") for line in lines)


def test_no_question_is_an_error() -> None:
    with pytest.raises(FidanError, match="no questions"):
        evaluate([], sources())
