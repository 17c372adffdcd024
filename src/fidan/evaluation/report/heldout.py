"""The section of held-out text: bits per byte on the scale of the baselines, the other figures, where they come from.

What it leaves out: what the terms mean (`method`) and the comparison of models (`comparisons`).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from fidan.evaluation.report.record import (
    Record,
    between,
    colour,
    figure,
    kinds,
    known,
    names,
    percentage,
    whisker,
)
from fidan.page.bars import Measured, Row, legend, rows
from fidan.page.curves import Line, plot
from fidan.page.text import count, escape, fold, plural, signed, size, table

_PLACES = (
    "<p><small>Later places exist only in longer documents, so a line that rises may tell of other documents. The "
    "axis may go beyond the context: the windows move on, and a token there is given what its window holds."
    "</small></p>"
)


def held_out(record: Record) -> str:
    """Every held-out text, one after the other; empty where there is none."""
    return "".join(_text(record, text) for text in record["texts"])


def models_legend(record: Record) -> str:
    """The models' colours; empty for one model, which needs none."""
    return legend([(kind, escape(name)) for kind, name in kinds(record)]) if len(record["models"]) > 1 else ""


def _text(record: Record, text: Record) -> str:
    hashed = f", hash <code>{escape(str(text['hash'])[:12])}</code>" if text.get("hash") else ""
    head = (
        f"<h3>{escape(text['name'])}</h3><p>{plural(text['documents'], 'document')}, {size(text['bytes'])}, "
        f"{plural(text['characters'], 'character')}{hashed}.</p>"
    )
    curves = [_positions(record, text), _calibration(record, text)]
    drawn = f'{models_legend(record)}<div class="plots">{"".join(curves)}</div>' if any(curves) else ""
    drawn += _PLACES if curves[0] else ""
    return "".join(
        (head, _scale(record, text), _figures(record, text), _domains(record, text), drawn, _bins(record, text))
    )


def _scale(record: Record, text: Record) -> str:
    """Models and baselines in one order, the fewest bits a byte first."""
    called, placed = names(record), []
    for model, own in enumerate(text["models"]):
        estimate = own["bits_per_byte"]
        if known(estimate["value"]):
            drawn = Measured(
                colour(model),
                estimate["value"],
                f"<b>{figure(estimate)}</b><br><small>95%: {between(estimate)}</small>",
                whisker(estimate),
            )
            placed.append((estimate["value"], Row(f"<b>{escape(called[model])}</b>", [drawn])))
    for one in text["baselines"]:
        of = (
            ""
            if one["model"] is None or len(called) == 1
            else f" <small>tokens of {escape(called[one['model']])}</small>"
        )
        drawn = Measured("baseline", one["bits_per_byte"], f"{one['bits_per_byte']:.3f}")
        placed.append((one["bits_per_byte"], Row(f"{escape(one['name'])}{of}", [drawn])))
    placed.sort(key=lambda pair: pair[0])
    told = (
        "<p><b>Lower is better.</b> Bits needed to write one byte of this text down; the shorter the bar, the better "
        "the text was foreseen. The grey bars are baselines that know no language beyond counting. The whisker is "
        "the 95% interval over documents.</p>"
    )
    about = [(escape(one["name"]), escape(one["about"])) for one in text["baselines"] if one.get("about")]
    what = table(("Baseline", "what it is"), dict.fromkeys(about)) if about else ""
    explained = fold("What the baselines are", "", what) if what else ""
    return told + rows([row for _, row in placed]) + _paired(record, text) + explained


def _paired(record: Record, text: Record) -> str:
    """Every model against the baselines it was compared with document by document."""
    called = names(record)
    made = [
        (
            escape(called[one["model"]]),
            escape(one["name"]),
            signed(paired["difference"], 3),
            between(paired),
            "&lt; 0.001" if paired["p"] < 0.001 else f"{paired['p']:.2g}",
        )
        for one in text["baselines"]
        if one["model"] is not None and (paired := one.get("comparison"))
    ]
    if not made:
        return ""
    told = "<p><small>Model minus baseline, in bits a byte, on the same documents (paired bootstrap).</small></p>"
    head = ("Model", "Baseline", "#difference", "#95%", "#p")
    return fold("Models against baselines", "", told + table(head, made))


def _figures(record: Record, text: Record) -> str:
    made = []
    for name, own in zip(names(record), text["models"], strict=True):
        perplexity = own["perplexity"]
        made.append(
            (
                escape(name),
                figure(own["bits_per_byte"]),
                figure(own["bits_per_character"]),
                percentage(own["accuracy"]),
                percentage(own["top5"]),
                f"{100 * own['ece']:.2f}%" if known(own["ece"]) else "–",
                figure(own["loss"]),
                f"{perplexity:,.2f}" if known(perplexity) else "–",
                count(own["tokens"]),
            )
        )
    per_token = ("#right token*", "#in top 5*", "#ECE", "#nats/token*", "#perplexity*", "#tokens")
    differ = len({model["tokenizer"] for model in record["models"]}) > 1
    here = ". <b>These models have different ones</b>: do not compare them by these" if differ else ""
    note = f"<p><small>* Counted per token: compares only models with the same tokenizer{here}.</small></p>"
    return table(("Model", "#bits/byte", "#bits/character", *per_token), made) + note


def _domains(record: Record, text: Record) -> str:
    """Bits per byte of every domain, easiest first by the first model; nothing where all is one domain."""
    of = [{one["name"]: one for one in own["by_domain"]} for own in text["models"]]
    domains = list(dict.fromkeys(name for own in of for name in own))
    if len(domains) < 2:
        return ""

    def hardness(name: str) -> float:
        value = next(own[name]["bits_per_byte"]["value"] for own in of if name in own)
        return float(value) if known(value) else math.inf

    made = []
    for name in sorted(domains, key=hardness):
        some = next(own[name] for own in of if name in own)
        found = [figure(own[name]["bits_per_byte"]) if name in own else "–" for own in of]
        made.append((escape(name), count(some["documents"]), size(some["bytes"]), *found))
    models = [f"#{escape(name)}" for name in names(record)] if len(of) > 1 else ["#bits/byte"]
    title = "Bits per byte by domain" if len(of) > 1 else "By domain"
    return f"<h4>{title}</h4>" + table(("Domain", "#documents", "#text", *models), made)


def _positions(record: Record, text: Record) -> str:
    """Loss by how much came before, on an axis of powers of two, each bin at its geometric middle."""

    def place(one: Record) -> float:
        return math.sqrt(max(one["from"], 1) * max(one["to"], 1))

    lines = _lines(text, "by_position", lambda one: (place(one), one["bits_per_byte"]))
    return plot(
        lines,
        "Bits per byte by place in the document",
        "tokens before (a falling line: context helps)",
        log_across=True,
    )


def _calibration(record: Record, text: Record) -> str:
    lines = _lines(text, "calibration", lambda one: (one["confidence"], one["accuracy"]))
    if not lines:
        return ""
    ideal = Line("ideal", [(0.0, 0.0), (1.0, 1.0)])
    what = "Calibration: how often the likeliest token is right (below the dashed line: too sure)"
    return f'<div class="square">{plot([ideal, *lines], what, "confidence")}</div>'


def _lines(text: Record, name: str, point: Callable[[Record], tuple[Any, Any]]) -> list[Line]:
    made = []
    for model, own in enumerate(text["models"]):
        points = sorted((x, y) for x, y in map(point, own[name]) if known(x) and known(y))
        made += [Line(colour(model), points)] if points else []
    return made


def _bins(record: Record, text: Record) -> str:
    """The figures behind the two curves."""
    made: list[str] = []
    for name, own in zip(names(record), text["models"], strict=True):
        title = f"<h4>{escape(name)}</h4>" if len(text["models"]) > 1 else ""
        position: list[Sequence[str]] = [
            (f"{count(one['from'])} to {count(one['to'])}", count(one["tokens"]), _three(one["bits_per_byte"]))
            for one in own["by_position"]
            if one["tokens"]
        ]
        sure = [
            (_share(one["confidence"]), _share(one["accuracy"]), count(one["tokens"])) for one in own["calibration"]
        ]
        tables = [
            table(("Place in the document", "#tokens", "#bits/byte"), position, "short") if position else "",
            table(("#confidence, mean", "#right", "#tokens"), sure, "short") if sure else "",
        ]
        made += [title, *tables] if any(tables) else []
    return fold("The curves in numbers", "", "".join(made)) if made else ""


def _three(value: Any) -> str:
    return f"{value:.3f}" if known(value) else "–"


def _share(value: Any) -> str:
    return f"{100 * value:.1f}%" if known(value) else "–"
