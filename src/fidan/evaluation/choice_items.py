"""Multiple-choice items in files: what stands before a choice, the choices, and which one is right.

The form is told by the content:

    questions   a JSON object a line: `question`, `choices` (a list), `answer` (a choice's number from 0, its letter
                from A, or its text), perhaps `context`
    XCOPA       a JSON object a line: `premise`, `choice1`, `choice2`, `question` (cause or effect), `label` (0 or 1)
    SQuAD       one JSON object: `data`, `paragraphs`, `qas`, as XQuAD has it

Prompts, each followed by a space and the choice:

    questions, SQuAD   "Bağlam: …", an empty line, "Soru: …", an empty line, "Cevap:", as lm-evaluation-harness's
                       xquad_tr; without a context the first two lines are left out
    XCOPA              the premise without its last mark and "çünkü" (cause) or "bu yüzden" (effect), the choice's
                       first letter made small, as its xcopa_tr; but by Turkish rules, where Python's `lower` there
                       makes two characters of İ and i of I

SQuAD has questions and no wrong answers. Here the choices are the different answers to all questions of the
paragraph, so that all of them stand in it; the first answer noted for a question is its own. Answers that differ in
casing alone are one. Questions without an answer are left out, and paragraphs with one answer alone. By chance
1 / choices are right. What it leaves out: scoring (`fidan.evaluation.choices`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase
from typing import Any, NamedTuple

from fidan.errors import SourceError
from fidan.evaluation.pair_files import read_text
from fidan.turkish import fold, lower, nfc, upper

CONNECTORS = {"cause": "çünkü", "effect": "bu yüzden"}
XCOPA = ("premise", "choice1", "choice2", "question", "label")
QUESTION = ("question", "choices", "answer")


class Item(NamedTuple):
    """One thing to choose.

    Attributes:
        context: what the model reads first; a choice follows after a space.
        choices: two or more, all different.
        answer: the right one's place among them.
        where: file and line, for errors.
    """

    context: str
    choices: tuple[str, ...]
    answer: int
    where: str = ""


def read_items(path: Path) -> list[Item]:
    """The items of a file.

    Raises:
        SourceError: the file is missing, empty or not UTF-8, is of no known form, or an item lacks something.
    """
    text = nfc(read_text(path))
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        whole = None  # more than one value: a value a line
    if isinstance(whole, dict) and "data" in whole:
        items = list(_squad(path, whole["data"]))
    else:
        # Not splitlines: JSON may hold U+2028 and its like as they are.
        lines = enumerate([text] if isinstance(whole, dict) else text.split("\n"), start=1)
        items = [_item(f"{path}:{number}", line) for number, line in lines if line.strip()]
    if not items:
        raise SourceError(f"{path}: no question with more than one possible answer. Multiple choice needs some.")
    return items


def _item(where: str, line: str) -> Item:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise SourceError(f"{where}: not valid JSON ({error}). Write one object a line.") from error
    if not isinstance(row, dict):
        raise SourceError(f"{where}: a JSON {type(row).__name__}, where an object a line is wanted.")
    if all(key in row for key in XCOPA):
        return _xcopa(where, row)
    if all(key in row for key in QUESTION):
        return _question(where, row)
    raise SourceError(
        f"{where}: no known form; its keys are {', '.join(row) or 'none'}. Wanted {', '.join(QUESTION)}, or "
        f"{', '.join(XCOPA)}, or SQuAD's data."
    )


def _question(where: str, row: dict[str, Any]) -> Item:
    if not isinstance(row["choices"], list):
        raise SourceError(f"{where}: choices is {row['choices']!r}. Write a list of texts.")
    choices = tuple(_text(where, "choices", choice) for choice in row["choices"])
    context = row.get("context") or ""
    asked = question_prompt(
        _text(where, "context", context) if context else "", _text(where, "question", row["question"])
    )
    return _checked(Item(asked, choices, _answer(where, row["answer"], choices), where))


def question_prompt(context: str, question: str) -> str:
    """What stands before an answer."""
    return (f"Bağlam: {context}\n\n" if context else "") + f"Soru: {question}\n\nCevap:"


def _answer(where: str, answer: Any, choices: tuple[str, ...]) -> int:
    """The place of the right choice, by its number, its text or its letter."""
    places: set[int] = set()
    if isinstance(answer, int) and not isinstance(answer, bool):
        places = {answer} & set(range(len(choices)))
    elif isinstance(answer, str):
        places = {place for place, choice in enumerate(choices) if choice == answer.strip()}
        letter = upper(answer.strip())
        if len(letter) == 1 and letter in ascii_uppercase[: len(choices)]:
            places.add(ascii_uppercase.index(letter))
    if len(places) > 1:
        raise SourceError(f"{where}: the answer {answer!r} is a choice and another one's letter. Write its number.")
    if not places:
        raise SourceError(
            f"{where}: the answer {answer!r} is none of the {len(choices)} choices. Write a number from 0 to "
            f"{len(choices) - 1}, a letter from A, or the choice itself."
        )
    return places.pop()


def _xcopa(where: str, row: dict[str, Any]) -> Item:
    if row["question"] not in CONNECTORS:
        raise SourceError(f"{where}: the question is {row['question']!r}. Write cause or effect.")
    if row["label"] not in (0, 1) or isinstance(row["label"], bool):
        raise SourceError(f"{where}: the label is {row['label']!r}. Write 0 for choice1, 1 for choice2.")
    premise = _text(where, "premise", row["premise"])
    if not premise[-1].isalnum():
        premise = premise[:-1]
    choices = tuple(_small(_text(where, key, row[key])) for key in ("choice1", "choice2"))
    return _checked(Item(f"{premise} {CONNECTORS[row['question']]}", choices, row["label"], where))


def _small(choice: str) -> str:
    return lower(choice[0]) + choice[1:]


def _squad(path: Path, articles: Any) -> Iterator[Item]:
    for number, paragraph in enumerate(_paragraphs(path, articles), start=1):
        where = f"{path}: paragraph {number}"
        try:
            context = _text(where, "context", paragraph["context"])
            asked = [
                (
                    _text(where, "question", entry["question"]),
                    _text(where, "answer", entry["answers"][0]["text"]),
                )
                for entry in paragraph["qas"]
                if entry["answers"]
            ]
        except (KeyError, TypeError) as error:
            raise SourceError(f"{where}: not as in SQuAD ({error}). It has context, and qas with answers.") from error
        choices: dict[str, str] = {}
        for _, answer in asked:
            choices.setdefault(fold(answer), answer)
        if len(choices) > 1:
            places = {folded: place for place, folded in enumerate(choices)}
            for question, answer in asked:
                yield Item(question_prompt(context, question), tuple(choices.values()), places[fold(answer)], where)


def _paragraphs(path: Path, articles: Any) -> Iterator[Any]:
    try:
        for article in articles:
            yield from article["paragraphs"]
    except (KeyError, TypeError) as error:
        raise SourceError(f"{path}: not as in SQuAD ({error}). Its data is a list of paragraphs.") from error


def _text(where: str, key: str, value: Any) -> str:
    """A text that says something, without the white space and the byte order marks around it."""
    if not isinstance(value, str):
        raise SourceError(f"{where}: {key} is {value!r}, where a text is wanted.")
    if not (text := value.strip("\ufeff \t\r\n")):
        raise SourceError(f"{where}: {key} is empty. Fill it, or take the item out.")
    return text


def _checked(item: Item) -> Item:
    if len(item.choices) < 2:
        raise SourceError(f"{item.where}: {len(item.choices)} choices. There is nothing to choose; give two or more.")
    if len(set(item.choices)) < len(item.choices):
        again = next(choice for choice in item.choices if item.choices.count(choice) > 1)
        raise SourceError(f"{item.where}: the choice {again!r} stands there twice. Keep one of them.")
    return item
