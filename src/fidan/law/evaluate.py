"""How well questions find their articles, and what the assistant's answers are worth: figures with 95% intervals.

    recall@k          share of questions with a gold article among the first k found; one is enough
    MRR               mean of 1 / rank of the first gold article, 0 where none is among the first `DEPTH`
    abstained         share of questions that were not answered: in scope (the lower the better), out of scope
    gold cited        of answers given in scope: the share that cites a gold article
    citation precision  of the citations in them: the share that is gold
    wrong reference   of answers given: the share with a citation that does not hold, that is, one the index has not,
                      whose article is not among the passages shown, or an article named in the text that neither the
                      passages are nor name. An answer from an existing article that is not gold is no wrong
                      reference; "gold cited" tells of it
    BLEU, chrF, ROUGE-L  of answers given where the set has an answer (`evaluation.metrics.overlap`)

Gold that lists one article where two would answer makes all of the first lines too low. A question whose gold
articles are all missing from the index is a miss, and is told; `absent="leave_out"` leaves it out instead. What it
leaves out: whether an answer is right (read it), and how the set is read (`fidan.law.questions`).
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from fidan.corpus.sources.streams import Advance, ignore_progress
from fidan.errors import FidanError
from fidan.evaluation.metrics import overlap
from fidan.evaluation.metrics.statistics import Estimate, mean, proportion
from fidan.law.citations import Citation, parse_citations
from fidan.law.names import Names
from fidan.law.questions import Question

DEPTH = 10  # hits looked at
CUTS = (1, 5, 10)
Record = dict[str, Any]
Absent = Literal["miss", "leave_out"]


class Answered(Protocol):
    """What is measured of an answer; `fidan.law.assistant.Answer` is one."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def citations(self) -> Sequence[Citation]: ...  # noqa: D102
    @property
    def abstained(self) -> bool: ...  # noqa: D102
    @property
    def shown(self) -> Sequence[tuple[Citation, str]]:
        """The passages with their citations."""


@dataclass(frozen=True)
class Sources:
    """What is measured.

    Attributes:
        find: the citations of the first `k` articles found for a question, best first.
        has: whether the index has an article.
        names: what laws are called.
        answer: the assistant; None: only the search is measured.
    """

    find: Callable[[str, int], Sequence[Citation]]
    has: Callable[[Citation], bool]
    names: Names
    answer: Callable[[str], Answered] | None = None


def evaluate(
    questions: Sequence[Question], sources: Sources, absent: Absent = "miss", advance: Advance = ignore_progress
) -> Record:
    """Ask every question, and count.

    Args:
        questions: with gold citations; those of which nobody has said which articles answer count only as answers.
        sources: the search, and the assistant if it is to be measured.
        absent: what to do with questions whose gold articles are all missing from the index.
        advance: told after each question.

    Returns:
        A record that is plain JSON: `retrieval`, `answers`, `by_law`, `by_type`, `absent`, `rows`.

    Raises:
        FidanError: there is no question.
    """
    if not questions:
        raise FidanError("no questions to ask. Give at least one.")
    rows = []
    for question in questions:
        rows.append(_ask(question, sources))
        advance(1)
    missing = [row for row in rows if row["gold"] and not row["known"]]
    counted = rows if absent == "miss" else [row for row in rows if row not in missing]
    gold = [row for row in counted if row["gold"]]
    record: Record = {
        "questions": len(rows),
        "counted": len(counted),
        "absent": {"articles": _absent(rows), "questions": len(missing), "treated_as": absent},
        "retrieval": _retrieval(gold),
        "answers": _answers(counted) if sources.answer else None,
        "by_law": {law: _group(own) for law, own in _grouped(gold, lambda row: row["law"])},
        "by_type": {kind: _group(own) for kind, own in _grouped(counted, lambda row: row["type"]) if kind},
        "rows": rows,
    }
    return record


def _ask(question: Question, sources: Sources) -> Record:
    begun = time.perf_counter()
    found = list(sources.find(question.question, DEPTH))
    seconds = time.perf_counter() - begun
    gold = question.citations or ()
    ranks = [number for number, citation in enumerate(found, 1) if citation in gold]
    row: Record = {
        "question": question.question,
        "type": question.type,
        "gold": [citation.short(sources.names) for citation in gold],
        "known": any(sources.has(citation) for citation in gold),
        "missing": [citation.short(sources.names) for citation in gold if not sources.has(citation)],
        "law": sources.names.short(gold[0].law) if gold else "",
        "out_of_scope": question.out_of_scope,
        "found": [citation.short(sources.names) for citation in found],
        "rank": ranks[0] if ranks else None,
        "seconds": seconds,
    }
    if sources.answer is None:
        return row
    answer = sources.answer(question.question)
    row |= {
        "abstained": answer.abstained,
        "text": answer.text,
        "cited": [citation.short(sources.names) for citation in answer.citations],
        "cited_gold": sum(citation in gold for citation in answer.citations),
        "wrong": not answer.abstained and bool(wrong_references(answer, sources)),
        "reference": question.answer,
    }
    return row


def wrong_references(answer: Answered, sources: Sources) -> list[Citation]:
    """The citations of an answer that do not hold: in the list or in the text, see "wrong reference" above."""
    shown = {citation for citation, _ in answer.shown}
    named = set(shown)
    for citation, passage in answer.shown:
        named |= set(parse_citations(passage, sources.names, here=citation.law))
    wrong = [citation for citation in answer.citations if citation not in shown or not sources.has(citation)]
    for line in answer.text.splitlines():
        # A line ends in the citation of its article, if there are several; "bu Kanun" is that article's law.
        ends = (c for c, _ in answer.shown if line.rstrip().endswith(f"[{c.short(sources.names)}]"))
        own = next(ends, next((c for c, _ in answer.shown), None))
        told = parse_citations(line, sources.names, here=own.law if own else None)
        wrong += [citation for citation in told if citation not in named]
    return wrong


def _retrieval(rows: Sequence[Record]) -> Record | None:
    if not rows:
        return None
    seconds = sorted(row["seconds"] for row in rows)
    return {
        "questions": len(rows),
        **{f"recall@{k}": _estimate(proportion([_within(row, k) for row in rows])) for k in CUTS},
        "mrr": _estimate(mean([1 / row["rank"] if row["rank"] else 0.0 for row in rows])),
        "milliseconds": {
            "median": 1000 * seconds[len(seconds) // 2],
            "95%": 1000 * seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))],
        },
    }


def _within(row: Record, k: int) -> bool:
    return row["rank"] is not None and row["rank"] <= k


def _answers(rows: Sequence[Record]) -> Record:
    inside = [row for row in rows if row["gold"]]
    outside = [row for row in rows if row["out_of_scope"]]
    given = [row for row in rows if not row["abstained"]]
    good = [row for row in inside if not row["abstained"]]
    cited = [
        flag
        for row in good
        for flag in [True] * row["cited_gold"] + [False] * (len(row["cited"]) - row["cited_gold"])
    ]
    return {
        "given": len(given),
        "abstained in scope": _share([row["abstained"] for row in inside]),
        "abstained out of scope": _share([row["abstained"] for row in outside]),
        "gold cited": _share([row["cited_gold"] > 0 for row in good]),
        "citation precision": _share(cited),
        "wrong reference": _share([row["wrong"] for row in given]),
        "text": _overlap([row for row in given if row["reference"].strip() and row["text"].strip()]),
    }


def _overlap(rows: Sequence[Record]) -> Record | None:
    if not rows:
        return None
    pairs = [(row["text"], [row["reference"]]) for row in rows]
    texts, references = [text for text, _ in pairs], [known for _, known in pairs]
    return {
        "answers": len(rows),
        "corpus bleu": overlap.corpus_bleu(texts, references),
        "corpus chrf": overlap.corpus_chrf(texts, references),
        "chrf": _estimate(mean([overlap.sentence_chrf(*pair) for pair in pairs])),
        "rouge-l": _estimate(mean([overlap.rouge_l(*pair) for pair in pairs])),
    }


def _group(rows: Sequence[Record]) -> Record:
    gold = [row for row in rows if row["gold"]]
    told: Record = {"questions": len(rows)}
    if gold:
        told |= {
            "recall@1": sum(_within(row, 1) for row in gold) / len(gold),
            "recall@5": sum(_within(row, 5) for row in gold) / len(gold),
            "mrr": sum(1 / row["rank"] if row["rank"] else 0.0 for row in gold) / len(gold),
        }
    if "abstained" in rows[0]:
        told["abstained"] = sum(row["abstained"] for row in rows) / len(rows)
    return told


def _grouped(rows: Iterable[Record], key: Callable[[Record], str]) -> list[tuple[str, list[Record]]]:
    """Rows by a key, the largest group first."""
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))


def _absent(rows: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(citation for row in rows for citation in row["missing"]))


def _share(flags: Sequence[bool]) -> Record | None:
    return _estimate(proportion(list(flags))) | {"of": len(flags)} if flags else None


def _estimate(estimate: Estimate) -> Record:
    known: Mapping[str, float] = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if value != value else value for name, value in known.items()}  # JSON has no NaN
