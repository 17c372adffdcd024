"""Questions with gold citations, read from JSONL or from the CSV of a question set with contexts.

JSONL, a line each: ``{"question", "answer", "citations": [["TMK", "305"], …], "type", "split"}``; only the question
is a must. ``citations`` that is there and empty means that no law answers (out of scope); left out, that nobody has
said. A law is named as people name it (`fidan.law.names`), an article as "305", "geçici 3", "ek 2".

CSV, as in the set of 290 questions: columns ``soru``, ``cevap``, ``kanun_adi`` (or, where that is empty, ``kaynak``)
and ``madde_nolari_context``, the articles that begin in the passage the question was written from: "149", "3-",
"19-|20-". Each of them is gold. A number that is not above the one before it begins no article of the passage but
counts something inside one ("646-|647-|1-"), and is left out.

What it leaves out: whether an article is in the index (`fidan.law.evaluate`).
"""

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from fidan.errors import SourceError
from fidan.law.citations import Citation
from fidan.law.names import Names, common_names
from fidan.turkish import fold, upper

MOST_REASONS = 5  # for which rows were left out, that an error tells
CSV_COLUMNS = ("soru", "cevap", "kaynak", "madde_nolari_context")
# "İş Kanunu (1475 sayılı, …)": the number tells which of two.
_NUMBERED = re.compile(r"^[^()]*\((\d{3,5}) sayılı.*$")
_STATE = "Türkiye Cumhuriyeti "  # "Türkiye Cumhuriyeti İş Kanunu"
_ARTICLE = re.compile(r"(?:(?:ek geçici|geçici|ek|mükerrer) )?\d+(?:/\w{1,2})?")


@dataclass(frozen=True)
class Question:
    """One question of a set.

    Attributes:
        citations: the articles of which each answers; empty: no law does; None: nobody has said.
        answer: as a person would give it; "" if there is none.
        type: what kind of question it is, "" if none is told.
        split: "dev", "test", or "".
    """

    question: str
    citations: tuple[Citation, ...] | None
    answer: str = ""
    type: str = ""
    split: str = ""

    @property
    def out_of_scope(self) -> bool:
        """Whether the set says that no law answers it."""
        return self.citations == ()


class Reading(NamedTuple):
    """The questions of a file, and how many rows were left out by reason.

    Attributes:
        rows: all questions of the file (of the split), those left out too.
    """

    questions: list[Question]
    left_out: dict[str, int]

    @property
    def rows(self) -> int:  # noqa: D102
        return len(self.questions) + sum(self.left_out.values())


def read_questions(path: Path, split: str = "", names: Names | None = None) -> Reading:
    """The questions of a JSONL or CSV file.

    Args:
        path: a file whose name ends in .jsonl or .csv.
        split: keep only rows of this split; "": all.
        names: what laws are called, such as an index's; the common ones if none are given.

    Raises:
        SourceError: the file is missing, has another form, a row that cannot be read, or no question is left.
    """
    if not path.is_file():
        raise SourceError(f"{path}: no such file. Name a .jsonl or .csv file of questions.")
    if path.suffix not in (".jsonl", ".csv"):
        raise SourceError(f"{path}: must end in .jsonl or .csv.")
    if not path.stat().st_size:
        raise SourceError(f"{path}: is empty. Name a file with a question a line.")
    try:
        known = names or common_names()
        reading = _read_csv(path, known) if path.suffix == ".csv" else _read_jsonl(path, split, known)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: is no UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    kept = [one for one in reading.questions if not split or one.split == split]
    if not kept and reading.left_out:
        told = "; ".join(f"{reason} ({number:,})" for reason, number in list(reading.left_out.items())[:MOST_REASONS])
        more = f"; and {len(reading.left_out) - MOST_REASONS:,} more" if len(reading.left_out) > MOST_REASONS else ""
        raise SourceError(
            f"{path}: no question is left of {reading.rows:,}: {told}{more}. Name laws as the index does: TMK, 4721, "
            "or the full title."
        )
    if not kept:
        wanted = f"question with split {split!r}" if split else "question"
        raise SourceError(f"{path}: holds no {wanted}.")
    return Reading(kept, reading.left_out)


def _read_jsonl(path: Path, split: str, names: Names) -> Reading:
    questions: list[Question] = []
    left_out: Counter[str] = Counter()
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise SourceError(f"{path}, line {number}: no JSON ({error.msg}).") from error
            if isinstance(found := _question(row, f"{path}, line {number}", names), Question):
                questions.append(found)
            elif not split or row.get("split") == split:
                left_out[found] += 1
    return Reading(questions, dict(left_out))


def _question(row: Any, place: str, names: Names) -> Question | str:
    """The question of a JSON object, or why it is left out."""
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not row["question"].strip():
        raise SourceError(f'{place}: has no "question".')
    pairs = row.get("citations")
    citations: list[Citation] = []
    if pairs is not None:
        if not isinstance(pairs, list):
            raise SourceError(f'{place}: "citations" must be a list such as [["TMK", "305"]], got {pairs!r}.')
        for pair in pairs:
            if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
                raise SourceError(f'{place}: a citation must be ["TMK", "305"], got {pair!r}.')
            article = fold(pair[1])
            if not _ARTICLE.fullmatch(article):
                raise SourceError(f"{place}: {pair[1]!r} is no article. Write it as 305, 12/A, geçici 3 or ek 2.")
            if (law := names.resolve(pair[0])) is None:
                return f"unknown law: {pair[0]}"
            citations.append(Citation(law, _label(article)))
    told = {name: str(row.get(name) or "") for name in ("answer", "type", "split")}
    return Question(row["question"].strip(), None if pairs is None else tuple(citations), **told)


def _read_csv(path: Path, names: Names) -> Reading:
    questions: list[Question] = []
    left_out: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = [name for name in CSV_COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise SourceError(f"{path}: has no column {', '.join(missing)}.")
        for row in rows:
            name = row.get("kanun_adi") or row["kaynak"]
            law = names.resolve(name) or names.resolve(_NUMBERED.sub(r"\1", name).removeprefix(_STATE))
            articles = _rising(row["madde_nolari_context"])
            if law is None:
                left_out[f"unknown law: {name}"] += 1
            elif not articles:
                left_out["no article named"] += 1
            else:
                citations = tuple(Citation(law, article) for article in articles)
                questions.append(Question(row["soru"].strip(), citations, row["cevap"].strip()))
    return Reading(questions, dict(left_out))


def _rising(told: str) -> list[str]:
    """The article numbers of "646-|647-|1-" up to the first that does not rise."""
    found: list[str] = []
    last = 0
    for number, tail in re.findall(r"(\d+)(/\w)?", told):
        if int(number) < last or (int(number) == last and not tail):
            break
        found.append(_label(number + tail))
        last = int(number)
    return found


def _label(article: str) -> str:
    """An article as a `Citation` has it: the letter after the stroke is upper case."""
    head, stroke, tail = article.partition("/")
    return f"{head}/{upper(tail)}" if stroke else head
