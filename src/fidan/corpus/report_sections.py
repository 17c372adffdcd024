"""The sections of the report's page, in its order: figures in, HTML out.

What it leaves out: the page around them (`report_page`), the drawing (`charts`), the wording
(`report_text`) and the samples (`report_samples`).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from fidan.corpus import charts
from fidan.corpus.report_samples import SAMPLES, Samples, edits, reasons
from fidan.corpus.report_text import at_once, details, explain
from fidan.page.bars import bar, legend, stacked
from fidan.page.text import (
    SHOWN,
    anchor,
    count,
    duration,
    escape,
    fold,
    label,
    listing,
    pairs,
    plural,
    prose,
    quote,
    setting,
    share,
    size,
    table,
)

_TOP_LINES, _TOP_LANGUAGES, _TOP_CLUSTERS = 12, 15, 5

Report = Mapping[str, Any]


def make_sections(report: Report, samples: Mapping[str, Samples], speed: Report | None) -> list[tuple[str, str, str]]:
    """Name, title and content of every section there are figures for. The arguments are those of `make_page`."""
    dropped, kept, changes = (samples.get(sort, {}) for sort in ("dropped", "kept", "changes"))
    sections: list[tuple[str, str, Callable[[], str]]] = [
        ("steps", "Step by step", partial(_steps, report)),
        ("reasons", "Why documents were dropped", partial(_reasons, report)),
        ("sources", "Where it came from", partial(_sources, report)),
        ("inside", "What changed inside documents", partial(_inside, report, changes)),
        ("lengths", "How long documents are", partial(_lengths, report)),
        ("languages", "Languages", partial(_languages, report)),
        ("clusters", "Documents that are nearly alike", partial(_clusters, report)),
        ("perplexity", "How much it reads like good text", partial(_perplexity, report)),
        ("contamination", "Evaluations found in the text", partial(_contamination, report)),
        ("samples", "Read for yourself", partial(_samples, report, dropped, kept)),
        ("speed", "Speed", partial(_speed, speed)),
        ("settings", "Settings", partial(_settings, report)),
    ]
    return [(name, title, content) for name, title, make in sections if (content := make())]


def _steps(report: Report) -> str:
    steps, made = report.get("steps") or [], []
    for split, title in (("train", "Text to train on"), ("valid", "Held-out text of its own sources")):
        if own := [step for step in steps if step["split"] == split]:
            if any(step["split"] != split for step in steps):
                made.append(f"<h3>{title}</h3>")
            made.append(charts.funnel([_start(own[0]), *map(_stage, own)]))
    if not made:
        return ""
    rows = [
        (
            f"{label(step['name'])} <small>{label(step['phase'])} · {label(step['split'])}</small>",
            *(count(step[f"documents_{way}"]) for way in ("in", "out")),
            share(step["documents_out"], step["documents_in"]),
            *(size(step[f"bytes_{way}"]) for way in ("in", "out")),
            share(step["bytes_out"], step["bytes_in"]),
        )
        for step in steps
    ]
    head = ("Step", "#Documents in", "#out", "#left", "#Text in", "#out", "#left")
    key = legend([("kept", "documents left"), ("kept bytes", "text left"), ("dropped", "dropped by the step")])
    numbers = fold("The same in numbers", "", table(head, rows))
    return f"<p>From top to bottom, what was left after every step.</p>{key}{''.join(made)}{numbers}"


def _start(first: Report) -> charts.Stage:
    documents, volume = first["documents_in"], first["bytes_in"]
    return charts.Stage("read", "", (documents, documents), (volume, volume))


def _stage(step: Report) -> charts.Stage:
    lost = sorted(step.get("dropped", {}).items(), key=lambda item: (-item[1], item[0]))
    ways = [(step[f"{unit}_in"], step[f"{unit}_out"]) for unit in ("documents", "bytes")]
    return charts.Stage(step["name"], step["phase"], ways[0], ways[1], [loss for loss in lost if loss[1]])


def _reasons(report: Report) -> str:
    dropped, read, steps = report["dropped"], report["read"], report.get("steps") or []
    losses = by_loss(dropped)
    most = losses[0][1] if losses else 0
    rows = []
    for reason, number in losses:
        where = dict.fromkeys(label(step["name"]) for step in steps if step.get("dropped", {}).get(reason))
        more = details((report.get("details") or {}).get(reason, {}))
        told = " ".join(filter(None, (explain(reason), f"<em>{more}</em>" if more else "")))
        rows.append(
            (
                f'<a href="#samples-{anchor(reason)}">{label(reason)}</a><p>{told}</p>',
                ", ".join(where),
                count(number),
                share(number, read["documents"]),
                bar(number, most, "dropped"),
                size(dropped[reason]["bytes"]),
                share(dropped[reason]["bytes"], read["bytes"]),
            )
        )
    if not rows:
        return "<p>No document was dropped.</p>"
    totals = [sum(dropped[reason][unit] for reason, _ in losses) for unit in ("documents", "bytes")]
    every = "<b>all reasons</b>", "", count(totals[0]), share(totals[0], read["documents"]), ""
    rows.append((*every, size(totals[1]), share(totals[1], read["bytes"])))
    head = ("Reason", "Step", "#Documents", "#of all read", "", "#Text", "#of all read")
    note = "<p>A document is dropped once, by the first rule it breaks, and counts with the text it had by then.</p>"
    return note + table(head, rows, "reasons")


def _sources(report: Report) -> str:
    rows = []
    for name, source in (report.get("sources") or {}).items():
        kept = [
            sum(source.get(split, {}).get(unit, 0) for split in ("train", "valid")) for unit in ("documents", "bytes")
        ]
        read, losses = source["read"], by_loss(source["dropped"])
        worst = f"{label(losses[0][0])} {share(losses[0][1], read['documents'])}" if losses else "–"
        rows.append(
            (
                f"{escape(name)} <small>{label(source['split'])}</small>",
                count(read["documents"]),
                count(kept[0]),
                share(kept[0], read["documents"]),
                bar(kept[0], read["documents"]),
                size(read["bytes"]),
                size(kept[1]),
                worst,
            )
        )
    head = ("Source", "#Documents read", "#kept", "#share", "", "#Text read", "#kept", "Largest loss")
    return table(head, rows) if rows else ""


def _inside(report: Report, samples: Samples) -> str:
    lines, changes, notes = (report.get(name) or {} for name in ("lines", "changes", "notes"))
    made = []
    if lines:
        made.append("<h3>Lines taken out</h3>")
        kinds = sorted(lines.items(), key=lambda item: (-item[1]["lines"], item[0]))
        for kind, counts in kinds:
            told = f"{plural(counts['lines'], 'line')}, {size(counts['bytes'])}"
            drawn = bar(counts["lines"], kinds[0][1]["lines"], "dropped")
            made.append(fold(label(kind), told, _top_lines(counts["top"][:_TOP_LINES]), drawn))
    if changes or samples:
        made.append("<h3>Text mended or masked</h3>")
        most = max(changes.values(), default=0)
        for kind in sorted({*changes, *samples}, key=lambda name: (-changes.get(name, 0), name)):
            told = plural(changes[kind], "document") if kind in changes else ""
            drawn = bar(changes[kind], most) if kind in changes else ""
            made.append(fold(label(kind), told, edits(samples.get(kind, ())), drawn))
    if noted := {label(name): count(number) for name, number in notes.items() if number}:
        made.append(f"<h3>Noted on the way</h3>{pairs(noted)}")
    return "\n".join(made)


def _top_lines(top: Sequence[tuple[str, int]]) -> str:
    most = max((number for _, number in top), default=0)
    rows = [(prose(line, 200), count(number), bar(number, most, "dropped")) for line, number in top]
    return table(("Most frequent", "#times", ""), rows, "lines") if rows else ""


def _lengths(report: Report) -> str:
    length = (report.get("histograms") or {}).get("length")
    if not length or not length["edges"]:
        return ""
    shown = [(kind, length[kind]) for kind in ("read", "kept") if kind in length]
    halves = [
        f"of those {kind}, half have fewer than {count(charts.median(length['edges'], counts))}"
        for kind, counts in shown
    ]
    told = f"<p>Documents by their number of characters: {listing(halves)}.</p>"
    return told + legend([(kind, kind) for kind, _ in shown]) + charts.histogram(length["edges"], shown, "characters")


def _languages(report: Report) -> str:
    languages = dict((report.get("histograms") or {}).get("languages") or {})
    if not languages:
        return ""
    whole = sum(languages.values())
    wanted = ((report.get("settings") or {}).get("language") or {}).get("code", "")
    told = ""
    if wanted in languages:
        number = languages.pop(wanted)
        told = f"<p><b>{escape(wanted)}</b>, which is kept: {plural(number, 'document')}, {share(number, whole)}. "
        told += "The others, on a scale of their own:</p>" if languages else "There is no other.</p>"
    top = sorted(languages.items(), key=lambda item: (-item[1], item[0]))
    rows = [
        (escape(name), count(number), share(number, whole), bar(number, top[0][1], "dropped"))
        for name, number in top[:_TOP_LANGUAGES]
    ]
    if others := top[_TOP_LANGUAGES:]:
        number = sum(number for _, number in others)
        rows.append((f"{len(others)} more", count(number), share(number, whole), ""))
    return told + (table(("Language", "#Documents", "#share", ""), rows, "short") if rows else "")


def _clusters(report: Report) -> str:
    clusters = report.get("clusters") or {}
    sizes = clusters.get("sizes") or {}
    if not sizes:
        return ""
    whole = sum(sizes.values())
    compared = clusters.get("documents")
    told = f"{plural(compared, 'document')} were compared and fell" if compared else "Documents fell"
    rows = [(escape(name), count(number), share(number, whole), bar(number, whole)) for name, number in sizes.items()]
    told += f" into {plural(whole, 'cluster')}; of each, one document stays unless the recipe says otherwise."
    made = [f"<p>{told}</p>", table(("Documents in a cluster", "#Clusters", "#share", ""), rows, "short")]
    for one in (clusters.get("largest") or [])[:_TOP_CLUSTERS]:
        head = plural(one["size"], "document")
        made.append(fold(head, escape(str(one["id"])[:200]), quote(str(one.get("text", "")), SHOWN)))
    return "\n".join(made)


def _perplexity(report: Report) -> str:
    perplexity = report.get("perplexity") or {}
    buckets = perplexity.get("buckets") or {}
    if not buckets:
        return ""
    whole, cuts = sum(buckets.values()), perplexity["cuts"]
    low, high = (f"{cut:.4g}" for cut in cuts)
    bounds = {"head": f"below {low}", "middle": f"{low} to {high}", "tail": f"above {high}"}
    parts = [(f"p{place}", buckets.get(name, 0)) for place, name in enumerate(bounds)]
    key = [
        (kind, f"<b>{name}</b> {bounds[name]}: {count(number)} ({share(number, whole)})")
        for name, (kind, number) in zip(bounds, parts, strict=True)
    ]
    told = "<p>The lower the perplexity, the less a model of good text was surprised.</p>"
    return told + stacked(parts) + legend(key)


def _contamination(report: Report) -> str:
    contamination = report.get("contamination") or {}
    files = contamination.get("files") or []
    if not files:
        return ""
    hits = contamination["hits"]
    told = f"{plural(hits, 'document')} held a piece of one of them." if hits else "No document held a piece of them."
    rows = [(escape(file["file"]), count(file["used"]), count(file["short"])) for file in files]
    head = ("Evaluation file", "#texts looked for", "#too short to be")
    return f"<p>{told}</p>{table(head, rows, 'short')}"


def _samples(report: Report, dropped: Samples, kept: Samples) -> str:
    if not dropped and not kept:
        return ""
    order = {reason: tally["documents"] for reason, tally in report["dropped"].items()}
    told = (
        f"<p>Up to {SAMPLES} documents a reason that were dropped, and as many that were kept but came closest: a "
        "margin of 0 is the bound itself. What cannot be seen in a text is named, as <i class=unseen>U+200B</i>.</p>"
    )
    return told + reasons(order, dropped, kept)


def _speed(speed: Report | None) -> str:
    if not speed:
        return ""
    parts = [
        (f"{label(step['name'])} <small>{label(step['phase'])} · {label(step['split'])}</small>", step)
        for step in speed.get("steps") or []
    ]
    if reading := speed.get("reading"):
        parts.insert(0, ("reading the sources", reading))
    judging = speed.get("judging") or {}
    parts += [
        (f"{label(name)} <small>over all documents</small>", {"seconds": spent}) for name, spent in judging.items()
    ]
    whole = sum(part["seconds"] for _, part in parts)
    most = max((part["seconds"] for _, part in parts), default=0.0)
    rows = []
    for name, part in parts:
        spent = part["seconds"]
        rates = [
            (unit(part[what] / spent) + "/s" if what in part and spent > 0 else "–")
            for what, unit in (("bytes", size), ("documents", count))
        ]
        rows.append((name, *rates, duration(spent), share(spent, whole), bar(spent, most, "time")))
    told = (
        f"<p>{duration(speed['seconds'])} from start to end with {at_once(speed['workers'])}. The steps "
        f"took {duration(whole)}, summed over workers.</p>"
    )
    return told + table(("Step", "#Text", "#Documents", "#Time", "#share", ""), rows)


def _settings(report: Report) -> str:
    settings = report.get("settings") or {}
    if not settings:
        return ""
    plain = {name: value for name, value in settings.items() if not isinstance(value, Mapping)}
    groups = [("corpus", plain), *((name, value) for name, value in settings.items() if isinstance(value, Mapping))]
    made = []
    for title, group in groups:
        if group:
            name = title if title == "corpus" else f"corpus.{title}"
            told = pairs({escape(key): setting(value) for key, value in group.items()})
            made.append(f"<h3><code>{escape(name)}</code></h3>{told}")
    return fold("The recipe's corpus section", "", "".join(made))


def by_loss(dropped: Mapping[str, Mapping[str, int]]) -> list[tuple[str, int]]:
    """Reasons and their documents, the most first; reasons that dropped none are left out."""
    found = [(reason, tally["documents"]) for reason, tally in dropped.items() if tally["documents"]]
    return sorted(found, key=lambda item: (-item[1], item[0]))
