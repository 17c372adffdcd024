"""Files of multiple-choice items: every form, its prompt, and what is wrong with a bad one."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from fidan.errors import SourceError
from fidan.evaluation.choice_items import Item, question_prompt, read_items

QUESTION = {"question": "Hangisi bir renktir?", "choices": ["Masa", "Mavi", "Koş"], "answer": 1}
XCOPA = {
    "premise": "Adam musluğu açtı.",
    "choice1": "Tuvalet doldu.",
    "choice2": "Su aktı.",
    "question": "effect",
    "label": 1,
}


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return path


def squad(path: Path, *paragraphs: tuple[str, list[tuple[str, list[str]]]]) -> Path:
    data = [
        {
            "context": context,
            "qas": [
                {"question": question, "answers": [{"text": text, "answer_start": 0} for text in answers]}
                for question, answers in asked
            ],
        }
        for context, asked in paragraphs
    ]
    path.write_text(json.dumps({"data": [{"paragraphs": data}]}, indent=1), encoding="utf-8")
    return path


@pytest.mark.parametrize("answer", [1, "B", "b", "Mavi", " Mavi "])
def test_an_answer_is_a_number_a_letter_or_the_choice(tmp_path: Path, answer: Any) -> None:
    path = lines(tmp_path / "q.jsonl", QUESTION | {"answer": answer})
    prompt = "Soru: Hangisi bir renktir?\n\nCevap:"
    assert read_items(path) == [Item(prompt, ("Masa", "Mavi", "Koş"), 1, f"{path}:1")]


def test_a_context_stands_before_the_question(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "q.jsonl", QUESTION, QUESTION | {"context": "Renkler üstüne."}, QUESTION | {"context": None}
    )
    contexts = [item.context for item in read_items(path)]
    assert contexts[1] == "Bağlam: Renkler üstüne.\n\nSoru: Hangisi bir renktir?\n\nCevap:"
    assert contexts[0] == contexts[2] == question_prompt("", "Hangisi bir renktir?")


def test_xcopa_makes_a_sentence(tmp_path: Path) -> None:
    cause = XCOPA | {
        "question": "cause",
        "choice1": "İstedi.",
        "choice2": "Işık vardı.",
        "label": 0,
        "premise": "Geldi",
    }
    path = lines(tmp_path / "x.jsonl", XCOPA, cause)
    first, second = read_items(path)
    assert first[:3] == ("Adam musluğu açtı bu yüzden", ("tuvalet doldu.", "su aktı."), 1)
    assert second[:3] == ("Geldi çünkü", ("istedi.", "ışık vardı."), 0)  # no mark to drop


def test_squads_choices_are_the_answers_of_its_paragraph(tmp_path: Path) -> None:
    path = squad(
        tmp_path / "s.json",
        (
            "Ali 1990'da Van'da doğdu.",
            [("Kim?", ["Ali"]), ("Ne zaman?", ["1990'da", "1990"]), ("Kim doğdu?", ["ALİ"])],
        ),
        ("Tek soru.", [("Kaç?", ["Tek"])]),
        ("Boş.", [("Ne?", []), ("Kim?", ["Biri"]), ("Kaç?", ["İki"])]),
    )
    items = read_items(path)
    assert [item.choices for item in items] == [("Ali", "1990'da")] * 3 + [("Biri", "İki")] * 2
    assert [item.answer for item in items] == [0, 1, 0, 0, 1]
    assert items[1].context == "Bağlam: Ali 1990'da Van'da doğdu.\n\nSoru: Ne zaman?\n\nCevap:"
    assert items[3].where == f"{path}: paragraph 3"


def test_texts_come_in_form_c_without_byte_order_marks(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Göl büyük.")
    path = tmp_path / "n.jsonl"
    path.write_text("\ufeff" + json.dumps(XCOPA | {"premise": f"\ufeff{decomposed}"}, ensure_ascii=False), "utf-8")
    assert read_items(path)[0].context == "Göl büyük bu yüzden"


def test_a_line_break_of_unicode_within_a_text_ends_no_line(tmp_path: Path) -> None:
    path = lines(tmp_path / "u.jsonl", QUESTION | {"question": "İki\u2028satır?"}, QUESTION)
    assert len(read_items(path)) == 2


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (without(QUESTION, "answer"), ":2: no known form; its keys are question, choices. Wanted question,"),
        (without(XCOPA, "label"), "its keys are premise, choice1, choice2, question. Wanted"),
        ({}, "its keys are none"),
        ([1], "a JSON list, where an object a line is wanted"),
        (QUESTION | {"answer": 3}, "the answer 3 is none of the 3 choices"),
        (QUESTION | {"answer": -1}, "the answer -1 is none"),
        (QUESTION | {"answer": "D"}, "the answer 'D' is none"),
        (QUESTION | {"answer": "1"}, "the answer '1' is none"),
        (QUESTION | {"answer": True}, "the answer True is none"),
        (QUESTION | {"answer": None}, "the answer None is none"),
        (QUESTION | {"choices": ["B", "A"], "answer": "A"}, "is a choice and another one's letter"),
        (QUESTION | {"choices": "Mavi"}, "choices is 'Mavi'. Write a list"),
        (QUESTION | {"choices": ["Mavi"], "answer": 0}, "1 choices. There is nothing to choose"),
        (QUESTION | {"choices": ["Mavi", "Mavi"]}, "the choice 'Mavi' stands there twice"),
        (QUESTION | {"choices": ["Mavi", 3]}, "choices is 3, where a text is wanted"),
        (QUESTION | {"choices": ["Mavi", " "]}, "choices is empty"),
        (QUESTION | {"question": ""}, "question is empty"),
        (QUESTION | {"context": 5}, "context is 5, where"),
        (XCOPA | {"question": "neden"}, "the question is 'neden'. Write cause or effect"),
        (XCOPA | {"label": 2}, "the label is 2"),
        (XCOPA | {"label": "0"}, "the label is '0'"),
        (XCOPA | {"premise": None}, "premise is None"),
        (XCOPA | {"choice2": XCOPA["choice1"]}, "'tuvalet doldu.' stands there twice"),
    ],
)
def test_bad_items_are_named_with_their_line(tmp_path: Path, row: Any, message: str) -> None:
    path = lines(tmp_path / "bad.jsonl", QUESTION, row)
    with pytest.raises(SourceError) as caught:
        read_items(path)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ('{"question": ', ":1: not valid JSON"),
        ('{"keys": 1}', ":1: no known form; its keys are keys"),
        ('[{"question": "Ne?"}]', ":1: a JSON list"),
        ('{"data": [{"title": "A"}]}', "not as in SQuAD ('paragraphs')"),
        ('{"data": 3}', "not as in SQuAD"),
        ('{"data": [{"paragraphs": [{"context": "A"}]}]}', "paragraph 1: not as in SQuAD ('qas')"),
        (
            '{"data": [{"paragraphs": [{"context": "A", "qas": [{"question": "B", "answers": [3]}]}]}]}',
            "paragraph 1: not",
        ),
        ('{"data": [{"paragraphs": [{"context": "", "qas": []}]}]}', "paragraph 1: context is empty"),
        ('{"data": []}', "no question with more than one possible answer"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_items(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_real_xcopa_is_the_harness_but_for_turkish_capitals(real_data: Path) -> None:
    utils = pytest.importorskip("lm_eval.tasks.xcopa.utils")
    for name, number, capitals in (("val", 100, 4), ("test", 500, 26)):
        path = real_data / "eval" / f"xcopa-{name}.tr.jsonl"
        rows = [json.loads(row) for row in path.read_text("utf-8").splitlines()]
        items = read_items(path)
        assert len(items) == number
        other = 0
        for row, item in zip(rows, items, strict=True):
            assert item.context == utils.doc_to_text_tr(row)
            assert item.answer == row["label"]
            if list(item.choices) != utils.doc_to_choice(row):
                other += 1
                assert row["choice1"][0] in "İI" or row["choice2"][0] in "İI"
        assert other == capitals


def test_real_xquad_has_its_own_answer_among_its_choices(real_data: Path) -> None:
    path = real_data / "eval" / "xquad.tr.json"
    items = read_items(path)
    asked = {
        question_prompt(paragraph["context"].strip("\ufeff \n"), entry["question"].strip()): entry["answers"][0][
            "text"
        ]
        for article in json.loads(path.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for entry in paragraph["qas"]
    }
    assert 1150 < len(items) <= 1190
    assert all(len(item.choices) > 1 for item in items)
    same = sum(item.choices[item.answer] == asked[item.context].strip() for item in items)
    assert same > 0.99 * len(items)  # the rest differs in casing
