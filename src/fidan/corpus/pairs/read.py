"""Question-answer sets to pairs: columns by name, empty and repeated pairs left out and counted.

Texts are taken as they stand but for Unicode's form C and the white space around them. No option repairs answers
that a source wrote in small letters. In the 3,206 pairs of the reference set every answer begins with a capital and
96 % end with a full stop; what 68 % of them lack are the capitals of names inside the sentence ("kvkk", "türkiye
cumhuriyeti"), which no rule restores. A model would learn a mixture of two spellings and be measured against one, so
what it is trained on stays what it is measured on. What it leaves out: formats (`corpus.rows`), splits (`split`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fidan.corpus.pairs.pair import Pair, normal_form
from fidan.corpus.rows import Row, read_rows, text_of
from fidan.errors import SourceError

_EXAMPLES = 3  # places of pairs left out that a message names


@dataclass(frozen=True)
class Columns:
    """The names of the columns; the defaults are those of Renicames/turkish-law-chatbot.

    Attributes:
        question: holds the questions.
        answer: holds the answers.
        context: holds the text that an answer rests on; empty: there is none.
    """

    question: str = "Soru"
    answer: str = "Cevap"
    context: str = ""

    def __post_init__(self) -> None:
        if not self.question or not self.answer:
            raise SourceError("a set of pairs needs the names of two columns, of the questions and of the answers.")


class LeftOut(NamedTuple):
    """How many pairs were not taken, and why; one with both texts empty counts as an empty question.

    Attributes:
        empty_questions: nothing but white space.
        empty_answers: likewise.
        duplicates: question, answer and context in normal form as those of an earlier pair, which is kept.
        examples: the places of the first of each.
    """

    empty_questions: int = 0
    empty_answers: int = 0
    duplicates: int = 0
    examples: Mapping[str, tuple[str, ...]] = {}


class PairSet(NamedTuple):
    """What was read.

    Attributes:
        pairs: in the order of the sources.
        left_out: what is not among them.
    """

    pairs: tuple[Pair, ...]
    left_out: LeftOut


def read_pairs(sources: str | Sequence[str], columns: Columns = Columns()) -> PairSet:
    """The pairs of one set or of several.

    Args:
        sources: files or datasets, as `rows` tells them.
        columns: of all of them.

    Raises:
        SourceError: a source cannot be read, a column is missing or holds something else than text, or no pair is
            left.
    """
    named = [sources] if isinstance(sources, str) else list(sources)
    if not named:
        raise SourceError("no questions and answers: no source is named. Name a file, or a dataset as hf:owner/name.")
    pairs: list[Pair] = []
    known: set[tuple[str, ...]] = set()
    places: dict[str, list[str]] = {"empty_questions": [], "empty_answers": [], "duplicates": []}
    for source in named:
        taken, faults = len(pairs), Counter[str]()
        for row in read_rows(source):
            pair = _pair(row, columns)
            form = tuple(map(normal_form, pair))
            if fault := _fault(pair) or ("duplicates" if form in known else ""):
                places[fault].append(row.where)
                faults[fault] += 1
            else:
                known.add(form)
                pairs.append(pair)
        if len(pairs) == taken:
            told = ", ".join(f"{number:,} {fault.replace('_', ' ')}" for fault, number in faults.items())
            raise SourceError(f"{source}: no pair of a question and an answer in it ({told or 'no rows'}).")
    examples = {fault: tuple(found[:_EXAMPLES]) for fault, found in places.items() if found}
    counts = {fault: len(found) for fault, found in places.items()}
    return PairSet(tuple(pairs), LeftOut(**counts, examples=examples))


def _fault(pair: Pair) -> str:
    if not pair.question:
        return "empty_questions"
    return "" if pair.answer else "empty_answers"


def _pair(row: Row, columns: Columns) -> Pair:
    context = text_of(row, columns.context) if columns.context else ""
    return Pair(text_of(row, columns.question), text_of(row, columns.answer), context)
