"""The sections of grammar and multiple choice: a bar with its error for every figure, chance as a line through all.

What it leaves out: what the figures amount to (`verdict`) and the comparison of models (`comparisons`).
"""

from fidan.evaluation.report.heldout import models_legend
from fidan.evaluation.report.record import Record, between, colour, known, names, percent, percentage, whisker
from fidan.evaluation.report.verdict import CHANCE_OF_PAIRS
from fidan.page.bars import Measured, Row, legend, rows
from fidan.page.text import count, escape, label, plural


def grammar(record: Record) -> str:
    """Every set of minimal pairs, phenomenon by phenomenon."""
    return "".join(_pairs(record, test) for test in record["pairs"])


def choices(record: Record) -> str:
    """Every set of questions with answers to choose from, by both scores."""
    return "".join(_choices(record, test) for test in record["choices"])


def _pairs(record: Record, test: Record) -> str:
    length, called = test["length"], names(record)
    whole = [
        _bar(record, model, own["accuracy"], own["ties"], length["accuracy"])
        for model, own in enumerate(test["models"])
    ]
    by_name: dict[str, list[Measured]] = {}
    pairs: dict[str, int] = {}
    for model, own in enumerate(test["models"]):
        for one in own["phenomena"]:
            mark = length["phenomena"].get(one["name"])
            by_name.setdefault(one["name"], []).append(_bar(record, model, one["accuracy"], one["ties"], mark))
            pairs[one["name"]] = one["pairs"]
    ordered = sorted(by_name, key=lambda name: by_name[name][0].value)
    below = f"mean of the {count(len(by_name))} below" if len(by_name) > 1 else "the one below"
    made = [Row(f"<b>all</b> <small>{below}</small>", whole)]
    alike = len(set(pairs.values())) == 1
    made += [
        Row(label(name) + ("" if alike else f" <small>{plural(pairs[name], 'pair')}</small>"), by_name[name])
        for name in ordered
    ]
    key = [("against", "chance, 50%"), ("held", "choosing the shorter sentence")]
    models = list(zip(map(colour, range(len(called))), map(escape, called), strict=True)) if len(called) > 1 else []
    each = f" ({count(next(iter(pairs.values())))} a phenomenon)" if alike else ""
    told = (
        f"<h3>{escape(test['name'])}</h3><p>{plural(test['pairs'], 'pair')}{each} of a right and a wrong sentence "
        "that differ in one point of grammar; the model is right where it finds the right one likelier, and a tie "
        "counts as wrong. <b>Higher is better</b>, but a bar that ends at the mark of length shows no more than a "
        "liking for short sentences. The weakest phenomena come first; the whisker is the 95% interval. Computed in "
        f"{escape(test['precision'])}.</p>"
    )
    return told + legend([*models, *key]) + rows(made, top=100, line=100 * CHANCE_OF_PAIRS, label=_percent)


def _choices(record: Record, test: Record) -> str:
    cut = [own["cut"] for own in test["models"]]
    made = []
    for score, title in (("raw", "raw"), ("normalised", "normalised")):
        bars = [_bar(record, model, own[score], 0, None) for model, own in enumerate(test["models"])]
        made.append(Row(title, bars))
    longest = max(cut, default=0)
    were = (
        "was longer than the context and lost its" if longest == 1 else "were longer than the context and lost their"
    )
    shortened = f" {count(longest)} {were} beginning." if longest else ""
    told = (
        f"<h3>{escape(test['name'])}</h3><p>{plural(test['items'], 'question')}; the likeliest answer is taken, raw "
        f"by its probability, normalised by its probability per character. Chance is {percent(test['chance'])}: "
        f"a figure whose whisker reaches the dashed line is not told apart from it. Computed in "
        f"{escape(test['precision'])}.{shortened}</p>"
    )
    return told + models_legend(record) + rows(made, top=100, line=100 * test["chance"], label=_percent)


def _bar(record: Record, model: int, estimate: Record, ties: int, mark: float | None) -> Measured:
    called = f" <small>{escape(names(record)[model])}</small>" if len(record["models"]) > 1 else ""
    tied = f" <small>{plural(ties, 'tie')}</small>" if ties else ""
    value = 100 * estimate["value"] if known(estimate["value"]) else 0.0
    told = f'<span title="95%: {between(estimate, 100, "%")}">{percentage(estimate)}</span>{called}{tied}'
    return Measured(colour(model), value, told, whisker(estimate, 100), 100 * mark if mark is not None else None)


def _percent(value: float) -> str:
    return f"{value:g}%"
