"""Documents to read in the report's page: dropped ones, those that came close to it, and edits before and after.

What it leaves out: which documents are samples, which the ledger decides (`fidan.corpus.ledger`).
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fidan.corpus.report_text import explain
from fidan.page.text import SHOWN, anchor, count, escape, fold, label, plural, prose, quote

SAMPLES = 10  # of each sort that the page shows; the files beside it hold all
EDIT_CHARS = 400  # of a text before and after an edit that the page shows
_LEAD = 80  # characters before the first difference that are shown

_PIECES = re.compile(r"\w+|\s+|.", re.DOTALL)

Samples = Mapping[str, Sequence[Mapping[str, Any]]]  # by reason or kind


def reasons(order: Mapping[str, int], dropped: Samples, kept: Samples) -> str:
    """For every reason the dropped documents beside those that were nearly dropped.

    Args:
        order: documents dropped by reason; those with the most come first.
        dropped: samples by reason.
        kept: samples by reason, each with its `margin`.
    """
    names = sorted({*dropped, *kept}, key=lambda name: (-order.get(name, 0), name))
    return "\n".join(_reason(name, order.get(name, 0), dropped.get(name, ()), kept.get(name, ())) for name in names)


def edits(samples: Sequence[Mapping[str, Any]]) -> str:
    """Texts before and after an edit, with the difference marked."""
    shown = samples[:SAMPLES]
    return "".join(f'<div class="edit">{_edit(str(one["before"]), str(one["after"]))}</div>' for one in shown)


def _reason(name: str, number: int, dropped: Sequence[Mapping[str, Any]], kept: Sequence[Mapping[str, Any]]) -> str:
    columns = [
        f'<div class="column {kind}"><h4>{title}</h4>{"".join(_card(one) for one in samples[:SAMPLES])}</div>'
        for kind, title, samples in (
            ("dropped", "Dropped", dropped),
            ("kept", "Kept, but closest to being dropped", sorted(kept, key=lambda one: float(one.get("margin", 0)))),
        )
        if samples
    ]
    told = f"<p>{explain(name)}</p>" if explain(name) else ""
    note = f"{plural(number, 'document')} dropped"
    columned = f'{told}<div class="columns">{"".join(columns)}</div>'
    return fold(label(name), note, columned, name=f"samples-{anchor(name)}")


def _card(one: Mapping[str, Any]) -> str:
    text = str(one.get("text", ""))
    chars = int(one.get("chars", len(text)))
    facts = [f"<span>{escape(str(one.get('id', ''))[:200])}</span>", f"<span>{plural(chars, 'character')}</span>"]
    if one.get("detail"):
        facts.insert(0, f"<mark>{escape(str(one['detail'])[:200])}</mark>")
    if "margin" in one:
        facts.insert(0, f"<mark>margin {float(one['margin']):.3g}</mark>")
    cut = f"<small>the first {count(min(len(text), SHOWN))} characters</small>" if len(text) < chars else ""
    return f'<article class="sample"><header>{" ".join(facts)}</header>{quote(text, SHOWN)}{cut}</article>'


def _edit(before: str, after: str) -> str:
    common = min(len(before), len(after))
    first = next((place for place in range(common) if before[place] != after[place]), common)
    start = max(first - _LEAD, 0)
    old, new = (_PIECES.findall(text[start : start + EDIT_CHARS]) for text in (before, after))
    lines: tuple[list[str], list[str]] = ([], [])
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for line, piece, mark in ((lines[0], old[a:b], "del"), (lines[1], new[c:d], "ins")):
            told = prose("".join(piece))
            line.append(told if what == "equal" or not piece else f"<{mark}>{told}</{mark}>")
    shown = []
    for title, text, line in (("before", before, lines[0]), ("after", after, lines[1])):
        ends = "…" if start else "", "…" if len(text) > start + EDIT_CHARS else ""
        joined = "".join(line) or "<small>nothing</small>"
        shown.append(f'<small>{title}</small><div class="text" dir="auto">{ends[0]}{joined}{ends[1]}</div>')
    return "".join(shown)
