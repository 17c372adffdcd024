"""The record of `fidan.law.evaluate` as lines of a terminal.

What it leaves out: how the figures are made.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]


def table_lines(record: Record) -> Iterator[str]:
    """The lines: what was counted, the search, the answers, and tables by law and by type of question."""
    absent = record["absent"]
    yield f"questions: {record.get('rows_read', record['questions']):,}, counted: {record['counted']:,}"
    for reason, number in record.get("left_out", {}).items():
        yield f"  left out: {number:,} ({reason})"
    if absent["questions"]:
        treated = "counted as missed" if absent["treated_as"] == "miss" else "left out"
        yield f"  {absent['questions']:,} with no gold article in the index, {treated}"
    if absent["articles"]:
        named = absent["articles"]
        more = f" and {len(named) - 8:,} more" if len(named) > 8 else ""
        yield f"  gold articles that the index has not: {', '.join(named[:8])}{more}"
    if (found := record["retrieval"]) is not None:
        yield ""
        yield f"search, {found['questions']:,} questions          95% interval"
        for name in ("recall@1", "recall@5", "recall@10", "mrr"):
            yield _line(name, found[name])
        times = found["milliseconds"]
        yield f"  {'time of a query':<24}{times['median']:.1f} ms in the middle, {times['95%']:.1f} ms for 95%"
    if (answers := record["answers"]) is not None:
        yield ""
        yield f"answers, {answers['given']:,} given             95% interval"
        for name, value in answers.items():
            if name not in ("given", "text") and value is not None:
                yield _line(name, value) + f"   of {value['of']:,}"
        if (text := answers["text"]) is not None:
            yield _line("rouge-l", text["rouge-l"]) + f"   of {text['answers']:,}"
            yield _line("chrF++", text["chrf"], 1)
            yield f"  {'corpus BLEU, chrF++':<24}{text['corpus bleu']:.1f}, {text['corpus chrf']:.1f}"
    for title, groups in (("law", record["by_law"]), ("type", record["by_type"])):
        if groups:
            yield ""
            yield from _groups(title, groups)


def _line(name: str, value: Record, digits: int = 3) -> str:
    ends = "" if value["low"] is None else f"  {value['low']:.{digits}f} – {value['high']:.{digits}f}"
    return f"  {name:<24}{value['value']:.{digits}f}{ends}"


def _groups(title: str, groups: Mapping[str, Record]) -> Iterator[str]:
    columns = [
        name for name in ("recall@1", "recall@5", "mrr", "abstained") if any(name in g for g in groups.values())
    ]
    width = max(12, *(len(name) for name in groups)) if len(max(groups, key=len)) < 40 else 40
    yield f"{'by ' + title:<{width}}  {'n':>5}  " + "  ".join(f"{name:>9}" for name in columns)
    for name, group in groups.items():
        cells = [f"{group[column]:>9.3f}" if column in group else f"{'':>9}" for column in columns]
        yield f"{name[:width]:<{width}}  {group['questions']:>5}  " + "  ".join(cells)
