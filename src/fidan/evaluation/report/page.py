"""The page of an evaluation: a verdict and the main figures at the top, then every section there are figures for.

The page needs no network, no script and no other file. What it leaves out: the sections themselves, and the rules of
the verdict (`verdict`, `comparisons`).
"""

from pathlib import Path

from fidan.artifact import atomic_write
from fidan.evaluation.report.comparisons import ahead, overall
from fidan.evaluation.report.conversations import conversations
from fidan.evaluation.report.harness import harness
from fidan.evaluation.report.heldout import held_out
from fidan.evaluation.report.method import method
from fidan.evaluation.report.questions import questions
from fidan.evaluation.report.record import Record, known, names
from fidan.evaluation.report.samples import samples
from fidan.evaluation.report.tables import contamination, side_by_side, tokenizers, training
from fidan.evaluation.report.tasks import choices, grammar
from fidan.evaluation.report.verdict import Finding, Outcome, findings, headline, warnings
from fidan.page.frame import frame, tiles
from fidan.page.text import escape, large, listing, plural, table

_STYLE = Path(__file__).with_name("page.css")
_CLASS = {Outcome.PASSED: "yes", Outcome.PART: "part", Outcome.FAILED: "no", Outcome.OPEN: "open"}
_ALONE = "Tokenizers by themselves; no model was evaluated."
_UNIT = {"text": "bits a byte", "pairs": "grammar", "choices": "multiple choice"}


def write_page(record: Record, path: Path) -> None:
    """Write the page of an evaluation.

    Args:
        record: as `evaluation.json` has it.
        path: of the page.

    Raises:
        DiskFullError: no room.
    """
    with atomic_write(path) as file:
        file.write(make_page(record).encode())


def make_page(record: Record) -> str:
    """The page as HTML; the argument is that of `write_page`."""
    called, found = names(record), findings(record)
    heading = escape(listing(called or [one["name"] for one in record["tokenizers"]]))
    made = [
        ("side-by-side", "Models side by side", side_by_side(record)),
        ("held-out", "Held-out text", held_out(record)),
        ("conversations", "Conversations", conversations(record)),
        ("grammar", "Grammar", grammar(record)),
        ("choices", "Multiple choice", choices(record)),
        ("questions", "Questions", questions(record)),
        ("tokenizers", "Tokenizers", tokenizers(record)),
        ("harness", "Harness", harness(record)),
        ("samples", "Samples", samples(record)),
        ("training", "Training", training(record)),
        ("contamination", "Contamination", contamination(record)),
        ("method", "How it was measured", method(record)),
    ]
    warned = "".join(f'<p class="warning">{escape(told)}</p>' for told in warnings(record))
    several = len(called) > 1
    return frame(
        title=f"Evaluation of {heading}",
        brand="evaluation",
        heading=heading,
        summary=_several(record, found) if several else _one(found) if called else _ALONE,
        figures=warned + (_table(called, found) if several else _tiles(record, found) if called else ""),
        sections=[section for section in made if section[2]],
        style=_STYLE.read_text(encoding="utf-8"),
    )


def _one(found: list[Finding]) -> str:
    told = [f"{_mark(one)} {escape(one.said)}" for one in found]
    return "<br>".join([f"<b>{escape(headline(found))}</b>", *told])


def _several(record: Record, found: list[Finding]) -> str:
    told = [f"<b>{escape(overall(record))}</b>", *map(escape, ahead(record))]
    for model, name in enumerate(names(record)):
        own = [one for one in found if one.model == model]
        told.append(f"<b>{escape(name)}</b>: {escape(headline(own))}")
    return "<br>".join(told)


def _tiles(record: Record, found: list[Finding]) -> str:
    model = record["models"][0]
    shown = []
    for one in found:
        value, _, error = one.figure.partition(" ± ")
        figure = f"{escape(value)} <small>± {escape(error)}</small>" if error else escape(value)
        shown.append((figure, f"{_UNIT[one.kind]}, {escape(one.test)}", f"{_mark(one)} {escape(one.against)}"))
    shown.append(
        (large(model["parameters"]), "parameters", f"{plural(model['vocabulary'], 'token')} in the vocabulary")
    )
    trained = model.get("training") or {}
    if known(trained.get("tokens")):
        epochs = f"{trained['epochs']:.2f} epochs" if known(trained.get("epochs")) else ""
        shown.append((large(trained["tokens"]), "tokens of training", epochs))
    return tiles(shown)


def _table(called: list[str], found: list[Finding]) -> str:
    """Tests down, models across: each figure with its mark."""
    made = []
    for start in range(0, len(found), len(called)):  # findings come test by test, a model each
        test = found[start : start + len(called)]
        told = [
            f'<b>{escape(one.figure)}</b> {_mark(one)}<small class="against">{escape(one.against)}</small>'
            for one in test
        ]
        made.append((f"{_UNIT[test[0].kind]} <small>{escape(test[0].test)}</small>", *told))
    head = ("Test", *(f"<b>{escape(name)}</b>" for name in called))
    return table(head, made, "verdict") if made else ""


def _mark(one: Finding) -> str:
    return f'<em class="{_CLASS[one.outcome]}">{one.outcome.value}</em>'
