"""A run's course as HTML: losses, what happened on the way, and how its samples grew into language.

Everything is read from the run's folder, of a training under way as well. What it leaves out: the other figures of a
training, which its own report has (`fidan.training.report`).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fidan.page.curves import Line, plot, smooth
from fidan.serving.web.markup import note, number, safe, tiles
from fidan.trained import TRAININGS
from fidan.training.log import METRICS, read_metrics
from fidan.training.report import spread

NAMES = {"train": "Ön eğitim", "finetune": "İnce ayar", "sft": "Sohbet eğitimi", "dpo": "Tercih eğitimi"}
SAMPLES = 6  # of a prompt that are shown, evenly over the training
PROMPTS = 6  # whose samples are shown
CHARACTERS = 600  # of a sample
NO_RUN = (
    "Bu model bir eğitim klasöründen açılmadı, bu yüzden eğitiminin kayıtları burada yok. "
    "<code>fidan serve --model runs/…</code> ile açılan bir modelin eğrileri ve örnekleri bu sekmede görünür."
)

Record = Mapping[str, Any]


def trainings_of(run: Path | None) -> list[str]:
    """The trainings of a run that have left records, in their order."""
    return [] if run is None else [stage for stage in TRAININGS if (run / stage / METRICS).is_file()]


def draw_training(run: Path, stage: str) -> str:
    """One training of a run.

    Raises:
        ArtifactMismatch: a damaged file of records.
    """
    records = read_metrics(run / stage)
    if not records:
        return note("Bu eğitim henüz bir şey kaydetmedi.", "empty")
    train, valid, samples, events = (
        [record for record in records if record["kind"] == kind] for kind in ("train", "valid", "sample", "event")
    )
    return _figures(train, valid) + _curves(train, valid, events) + _events(events) + _samples(samples)


def _figures(train: Sequence[Record], valid: Sequence[Record]) -> str:
    last = train[-1] if train else {}
    shown = [(number(last["step"]), "adım")] if last else []
    if "tokens" in last:
        shown.append((number(last["tokens"]), "görülen parça"))
    if _is_number(last.get("loss")):
        shown.append((number(last["loss"], 3), "eğitim kaybı"))
    held = [record for record in valid if _is_number(record.get("loss"))]
    if held:
        shown.append((number(held[-1]["loss"], 3), "ayrılmış metinde kayıp"))
    if held and _is_number(held[-1].get("bits_per_byte")):
        shown.append((number(held[-1]["bits_per_byte"], 3), "bayt başına bit"))
    return tiles(shown)


def _curves(train: Sequence[Record], valid: Sequence[Record], events: Sequence[Record]) -> str:
    marks = [event["step"] for event in events]
    loss = _points(train, "loss")
    lines = [Line("raw", loss), Line("train", smooth(loss, len(loss) // 30)), Line("held", _points(valid, "loss"))]
    drawn = [
        plot(lines, "Kayıp (parça başına nat): ne kadar azsa tahmin o kadar iyi", "adım", marks, label=_label),
        plot(
            [Line("held", _points(valid, "bits_per_byte"))],
            "Ayrılmış metin, bayt başına bit",
            "adım",
            marks,
            label=_label,
        ),
        plot([Line("train", _points(train, "learning_rate"))], "Öğrenme hızı", "adım", marks, label=_label),
    ]
    names = [("train", "eğitim"), ("raw", "eğitim, her kayıt"), ("held", "ayrılmış metin")]
    names += [("mark", "bir olay")] if marks else []
    legend = "".join(f'<span class="{kind}">{told}</span>' for kind, told in names)
    return f'<p class="legend">{legend}</p><div class="plots">{"".join(filter(None, drawn))}</div>'


def _events(events: Sequence[Record]) -> str:
    if not events:
        return ""
    rows = "".join(
        f'<tr><td class="n">{number(event["step"])}</td><td>{safe(event.get("event", ""))}</td>'
        f"<td>{safe(event.get('text', ''))}</td></tr>"
        for event in events
    )
    head = '<tr><th class="n">adım</th><th>olay</th><th>kayıt</th></tr>'
    return f'<h3>Yolda olanlar</h3><div class="wide"><table>{head}{rows}</table></div>'


def _samples(samples: Sequence[Record]) -> str:
    by_prompt: dict[str, list[Record]] = {}
    for sample in samples:
        by_prompt.setdefault(str(sample["prompt"]), []).append(sample)
    made: list[str] = []
    for prompt, written in list(by_prompt.items())[:PROMPTS]:
        boxes = "".join(
            f'<div class="at"><small>{number(one["step"])}. adım</small>'
            f'<div class="text">{safe(_cut(one["text"])) or "<small>boş</small>"}</div></div>'
            for one in spread(written, SAMPLES)
        )
        opened = "" if made else " open"
        made.append(f'<details class="sample"{opened}><summary>{safe(prompt)}</summary>{boxes}</details>')
    if len(by_prompt) > PROMPTS:
        made.append(f'<p class="hint">{number(len(by_prompt) - PROMPTS)} istem daha var; hepsi {METRICS} içinde.</p>')
    return f"<h3>Eğitim ilerledikçe yazdıkları</h3>{''.join(made)}" if made else ""


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}…"


def _label(value: float) -> str:
    """A label of an axis: as few digits as its roundness allows."""
    if value and abs(value) < 0.0001:
        mantissa, power = f"{value:.2e}".split("e")
        return f"{number(float(mantissa), 1)}·10<sup>{int(power)}</sup>"
    told = number(value, 5 if abs(value) < 1 else 2)
    return told.rstrip("0").rstrip(",") if "," in told else told


def _points(records: Sequence[Record], name: str) -> list[tuple[float, float]]:
    return [(record["step"], record[name]) for record in records if _is_number(record.get(name))]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
