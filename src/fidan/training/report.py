"""A training on one page: how it went, what happened on the way, and how its samples grew into language.

Everything is read from the training's folder, so the page can be made at any time, of a run under way as well. What
it leaves out: the other stages (`fidan.summary`).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from fidan.artifact import MANIFEST, PLAN, atomic_write, read_json
from fidan.page.curves import Line, plot, smooth
from fidan.page.frame import frame, tiles
from fidan.page.text import count, duration, escape, label, large, pairs, plural, quote, setting, share, size, table
from fidan.training.log import read_metrics

REPORT = "report.html"
SAMPLES = 12  # of a prompt that the page shows, evenly over the run
_STYLE = Path(__file__).with_name("report.css")

Record = Mapping[str, Any]
_ANSWERS = {  # figures of held-out answers: title, factor, decimals
    "accuracy": ("Held-out tokens that were the likeliest, %", 100, 1),
    "corpus_bleu": ("Answers it wrote, BLEU", 1, 2),
    "chrf": ("Answers it wrote, chrF", 1, 2),
    "rouge_l": ("Answers it wrote, ROUGE-L", 1, 3),
}
_PREFERENCES = {
    "accuracy": ("Held-out pairs preferred as wanted, %", 100, 1),
    "margin": ("Mean margin of held-out pairs", 1, 3),
}


def write_report(folder: Path, facts: Mapping[str, Any] | None = None) -> Path:
    """Write `report.html` into a training's folder and return its path.

    Args:
        folder: with `metrics.jsonl`, and where they are `plan.json` and `manifest.json`.
        facts: what the trainer counted (`parameters`, `epochs`, `device`, `precision`, …), while no manifest tells
            it yet; what is not known is left out of the page.

    Raises:
        ArtifactMismatch: a damaged file.
        DiskFullError: no room.
    """
    manifest = read_json(folder / MANIFEST) if (folder / MANIFEST).is_file() else {}
    plan = manifest.get("plan") or (read_json(folder / PLAN) if (folder / PLAN).is_file() else {})
    known = {"finished": bool(manifest), **manifest.get("counts", {}), **(facts or {})}
    page = make_page(read_metrics(folder), plan.get("settings", {}), known, folder.absolute().parent.name)
    with atomic_write(folder / REPORT) as file:
        file.write(page.encode())
    return folder / REPORT


def make_page(records: Sequence[Record], settings: Record, facts: Record, name: str) -> str:
    """The page as HTML.

    Args:
        records: of `metrics.jsonl`, oldest first.
        settings: of the recipe, by section; `model` and those of the trainings are shown.
        facts: as for `write_report`.
        name: of the run.
    """
    by_kind: dict[str, list[Record]] = {kind: [] for kind in ("train", "valid", "sample", "event")}
    for record in records:
        by_kind.setdefault(record["kind"], []).append(record)
    train, samples, events = (by_kind[kind] for kind in ("train", "sample", "event"))
    valid = [record for record in by_kind["valid"] if _number(record.get("loss"))]
    made = [
        ("course", "How it went", _course(train, valid, events)),
        ("events", "What happened on the way", _events(events)),
        ("samples", "What it wrote", _samples(samples)),
        ("settings", "Settings", _settings(settings)),
    ]
    return frame(
        title=f"Training of {escape(name)}",
        brand="training report",
        heading=escape(name),
        summary=_summary(records, valid, settings, facts),
        figures=_tiles(train, valid, events, facts),
        sections=[section for section in made if section[2]],
        style=_STYLE.read_text(encoding="utf-8"),
    )


def _summary(records: Sequence[Record], valid: Sequence[Record], settings: Record, facts: Record) -> str:
    if not records:
        return "Nothing has been recorded yet."
    told = [_state(records, settings.get("train", {}), facts)]
    if valid:
        first, last = valid[0], valid[-1]
        best = min(valid, key=_judged)
        what = "answers take" if _of_answers(valid) else "text takes" if "bits_per_byte" in last else "data take"
        told.append(
            f"Held-out {what} <b>{_judged(last):.4f} {_unit(last)}; at step {count(first['step'])} it took "
            f"{_judged(first):.4f}."
        )
        if best is not last:
            told.append(f"The least were {_judged(best):.4f} at step {count(best['step'])}.")
        if _number(last.get("chrf")):
            told.append(
                f"Answers it wrote by itself have <b>BLEU {last['corpus_bleu']:.1f}</b>, chrF {last['chrf']:.1f} and "
                f"ROUGE-L {last['rouge_l']:.3f}."
            )
    return " ".join(told)


def _state(records: Sequence[Record], train: Record, facts: Record) -> str:
    step = count(max(record["step"] for record in records))
    done = max((record.get("tokens") or 0 for record in records), default=0)
    planned = 0 if facts.keys() & {"pairs", "rows"} else train.get("tokens", 0)
    if facts.get("finished") or (planned and max(done, facts.get("tokens", 0)) >= planned):
        early = ", since there was none better for long" if facts.get("stopped_early") else ""
        best = f" The weights are those of step {count(facts['best_step'])}." if facts.get("best_step") else ""
        return f"<b>Finished</b> after {step} steps{early}.{best}"
    amount = f", {share(done, planned)} of its {count(planned)} tokens done" if planned and done else ""
    latest = next((r for r in reversed(records) if r["kind"] in ("train", "event")), None)
    if latest is not None and latest.get("event") == "stopped":
        return f"<b>Stopped</b> at step {step}{amount}: {escape(str(latest.get('text', '')).rstrip('.'))}."
    return f"<b>Unfinished</b>: the last record is of step {step}{amount}."


def _tiles(train: Sequence[Record], valid: Sequence[Record], events: Sequence[Record], facts: Record) -> str:
    shown: list[tuple[str, str, str]] = []
    last = train[-1] if train else {}
    if facts.get("parameters"):
        shown.append((large(facts["parameters"]), "parameters", count(facts["parameters"])))
    for unit in ("tokens", "pairs", "rows"):
        if done := last.get(unit) or facts.get(unit):
            epochs = f"{facts['epochs']:.2f} epochs" if facts.get("epochs") is not None else f"{unit} done"
            shown.append((large(done), unit, epochs))
    if valid:
        best = min(valid, key=_judged)
        told = f"best {_judged(best):.4f} at step {count(best['step'])}"
        what = "held-out bits a byte" if "bits_per_byte" in best else f"held-out loss, nats a {_item(valid)}"
        shown.append((f"{_judged(valid[-1]):.3f}", what, told))
        for name, (title, factor, places) in _figures(valid).items():
            if _number(valid[-1].get(name)):
                most = max(valid, key=lambda record: record.get(name) or 0)
                told = f"best {factor * most[name]:.{places}f} at step {count(most['step'])}"
                shown.append((f"{factor * valid[-1][name]:.{places}f}", title, told))
        if _number(valid[-1].get("ema_bits_per_byte")):
            shown.append((f"{valid[-1]['ema_bits_per_byte']:.3f}", "with averaged weights", "bits a byte, held out"))
    if _number(last.get("loss")):
        bits = f", {last['bits_per_byte']:.3f} bits a byte" if _number(last.get("bits_per_byte")) else ""
        shown.append((f"{last['loss']:.3f}", "training loss", f"nats a {_item(valid)}{bits}"))
    if speeds := _values(train, "tokens_per_second"):
        shares = _values(train, "mfu")
        peak = f"{100 * median(shares):.0f}% of the matrix product's peak" if shares else "median"
        shown.append((count(median(speeds)), "tokens a second", peak))
    if memory := _values(train, "memory_bytes"):
        shown.append((size(max(memory)), "memory at most", ""))
    if _number(last.get("seconds")):
        sessions = 1 + sum(event.get("event") == "resumed" for event in events)
        shown.append((duration(last["seconds"]), "of training", plural(sessions, "session")))
    if facts.get("device"):
        shown.append((escape(facts["device"]), "device", escape(facts.get("precision", ""))))
    return tiles(shown)


def _course(train: Sequence[Record], valid: Sequence[Record], events: Sequence[Record]) -> str:
    marks = [event["step"] for event in events]
    loss = _points(train, "loss")
    drawn = [
        plot(_smoothed(loss, _points(valid, "loss")), f"Loss, nats a {_item(valid)}", "step", marks),
        plot(
            [Line("held", _points(valid, "bits_per_byte")), Line("average", _points(valid, "ema_bits_per_byte"))],
            f"Held-out {'answers' if _of_answers(valid) else 'text'}, bits a byte",
            "step",
            marks,
        ),
        *(
            plot([Line("held", [(x, factor * y) for x, y in _points(valid, name)])], title, "step", marks)
            for name, (title, factor, _) in _figures(valid).items()
        ),
        plot(_smoothed(loss[len(loss) // 2 :], _later(valid, loss)), "Loss over the second half", "step", marks),
        plot([Line("train", _points(train, "learning_rate"))], "Learning rate", "step", marks),
        plot(_smoothed(_points(train, "gradient_norm")), "Gradient norm before clipping", "step", marks, log=True),
        plot(_smoothed(_points(train, "tokens_per_second")), "Tokens a second", "step", marks),
        plot([Line("train", [(x, y / 1e9) for x, y in _points(train, "memory_bytes")])], "Memory, GB", "step", marks),
    ]
    if not any(drawn):
        return ""
    names = [("train", "training"), ("raw", "training, each record"), ("held", "held out")]
    names += [("average", "held out, averaged weights")] if _points(valid, "ema_bits_per_byte") else []
    names += [("mark", "an event")] if marks else []
    legend = " ".join(f'<span class="{kind}">{told}</span>' for kind, told in names)
    return f'<p class="legend">{legend}</p><div class="plots">{"".join(drawn)}</div>'


def _events(events: Sequence[Record]) -> str:
    rows = [(count(e["step"]), label(str(e.get("event", ""))), escape(e.get("text", ""))) for e in events]
    return table(["#step", "what", "told"], rows) if rows else ""


def _samples(samples: Sequence[Record]) -> str:
    by_prompt: dict[str, list[Record]] = {}
    for sample in samples:
        by_prompt.setdefault(str(sample["prompt"]), []).append(sample)
    made = []
    for prompt, written in by_prompt.items():
        shown = spread(written, SAMPLES)
        boxes = [f'<div class="at"><small>step {count(one["step"])}</small>{_text(one)}</div>' for one in shown]
        if "expected" in written[0]:
            boxes.append(f'<div class="at"><small>wanted</small>{quote(written[0]["expected"])}</div>')
        left_out = len(written) - len(shown)
        more = f"<p><small>{count(left_out)} more in metrics.jsonl</small></p>" if left_out else ""
        made.append(f"<h3>{escape(prompt)}</h3>{''.join(boxes)}{more}")
    return "".join(made)


def _text(sample: Record) -> str:
    return quote(sample["text"]) if sample["text"].strip() else "<small>nothing</small>"


def _settings(settings: Record) -> str:
    made = [
        f"<h3>{section}</h3>{pairs({label(name): setting(value) for name, value in settings[section].items()})}"
        for section in ("model", "train", "finetune", "sft", "dpo")
        if settings.get(section)
    ]
    return "".join(made)


def spread(items: Sequence[Record], most: int) -> list[Record]:
    """At most `most` of them, the first and the last among them and the others evenly between."""
    if len(items) <= most:
        return list(items)
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _smoothed(points: list[tuple[float, float]], held: Sequence[tuple[float, float]] = ()) -> list[Line]:
    lines = [Line("raw", points), Line("train", smooth(points, len(points) // 30))]
    return [*lines, Line("held", held)] if held else lines


def _later(valid: Sequence[Record], loss: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    start = loss[len(loss) // 2][0] if loss else 0
    return [(x, y) for x, y in _points(valid, "loss") if x >= start]


def _points(records: Sequence[Record], name: str) -> list[tuple[float, float]]:
    """What was recorded under that name and is a finite number; JSON has no other, and writes them as null."""
    return [(record["step"], record[name]) for record in records if _number(record.get(name))]


def _values(records: Sequence[Record], name: str) -> list[float]:
    return [value for _, value in _points(records, name)]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _judged(record: Record) -> float:
    """What a model is judged by on held-out data: of text bits a byte, else the loss; less is better."""
    return float(record["bits_per_byte"] if "bits_per_byte" in record else record["loss"])


def _of_answers(valid: Sequence[Record]) -> bool:
    """Whether the held-out bits are those of answers, of whose tokens the likeliest are counted too."""
    return bool(valid) and {"bits_per_byte", "accuracy"} <= valid[-1].keys()


def _unit(record: Record) -> str:
    return "bits</b> a byte" if "bits_per_byte" in record else f"nats</b> a {_item([record])}"


def _figures(valid: Sequence[Record]) -> dict[str, tuple[str, int, int]]:
    return _PREFERENCES if _item(valid) == "pair" else _ANSWERS


def _item(valid: Sequence[Record]) -> str:
    """What a loss is of: a token, or a pair of answers, which alone has a margin."""
    return "pair" if valid and "margin" in valid[-1] else "token"
