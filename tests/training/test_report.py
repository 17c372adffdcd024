"""The page of a training tells its records, at any time of a run, and no text in them can break out of its box."""

import json
import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fidan.stages import Run
from fidan.training.log import METRICS
from fidan.training.report import SAMPLES, make_page, spread, write_report

FACTS = {"parameters": 5_728_704, "epochs": 0.214, "device": "cpu", "precision": "bfloat16"}
SETTINGS = {"train": {"tokens": 8_192_000, "learning_rate": 2e-3, "optimizer": "muon"}, "model": {"d_model": 192}}
HOSTILE = "</div></section></style><script>alert(1)</script><img src=x onerror=alert(2)> \u202e \0 & \"'"


def make_records(last: int = 4000) -> list[dict[str, Any]]:
    """As a trainer writes them, up to the step `last` of 4,000."""
    records: list[dict[str, Any]] = []
    for step in range(10, last + 1, 10):
        loss = 3.4 + 5.6 * math.exp(-step / 500) + 0.1 * math.sin(step)
        records.append(
            {
                "step": step, "kind": "train", "loss": loss, "bits_per_byte": loss / 3.2, "learning_rate": 2e-3,
                "gradient_norm": 0.4 + 3 * math.exp(-step / 200), "tokens": 2048 * step, "tokens_per_second": 9000,
                "mfu": 0.37, "memory_bytes": 1_200_000_000, "seconds": step / 4.4,
            }
        )  # fmt: skip
        if step % 500 == 0:
            bits = 1.5 + 0.9 * math.exp(-step / 900) + (0.02 if step == 4000 else 0)
            records.append({"step": step, "kind": "valid", "loss": 3.1 * bits, "bits_per_byte": bits,
                            "ema_bits_per_byte": bits - 0.01})  # fmt: skip
            records += [
                {"step": step, "kind": "sample", "prompt": prompt, "text": f" metin {step}"}
                for prompt in ("Bugün hava", "Bir varmış\nbir yokmuş,")
            ]
        if step == 1200:
            records.append({"step": step, "kind": "event", "event": "skipped", "text": "loss 9.1, batch 1199"})
        if step == 2000:
            records.append({"step": step, "kind": "event", "event": "resumed", "text": "from step-002000"})
    return records


@pytest.fixture(scope="session")
def parse(load_script: Callable[[str], ModuleType]) -> Callable[[str], Any]:
    return load_script("tests/corpus/test_report_page.py").Page  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _tags(load_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    module = load_script("tests/corpus/test_report_page.py")
    monkeypatch.setattr(module, "VOID", module.VOID | {"polyline"})


def test_it_tells_what_happened(parse: Callable[[str], Any]) -> None:
    page = parse(make_page(make_records(), SETTINGS, FACTS, "small"))
    assert page.sections == ["course", "events", "samples", "settings"]
    for told in (
        "Finished after 4,000 steps. Held-out text takes 1.5306 bits a byte; at step 500 it took 2.0164.",
        "The least were 1.5184 at step 3,500.",
        "5.73Mparameters5,728,704", "8.19Mtokens0.21 epochs", "1.531held-out bits a bytebest 1.5184 at step 3,500",
        "1.521with averaged weights", "9,000tokens a second37% of the matrix product's peak",
        "1.20 GBmemory at most", "15 min 9 sof training2 sessions", "cpudevicebfloat16",
        "1,200skippedloss 9.1, batch 1199", "2,000resumedfrom step-002000",
        "Bir varmış bir yokmuş,", "step 500 metin 500", "step 4,000 metin 4000",
        "learning rate0.002", "d model192",
    ):  # fmt: skip
        assert told in page.text, told
    assert page.tags["svg"] == 7


def test_the_lines_are_drawn_to_scale() -> None:
    text = make_page(make_records(), SETTINGS, FACTS, "small")
    held = re.search(r'<figcaption>Held-out text.*?<polyline class="held" points="([^"]+)"', text, re.DOTALL)
    assert held
    points = [tuple(map(float, pair.split(","))) for pair in held[1].split()]
    assert [x for x, _ in points] == pytest.approx([100 * n / 8 for n in range(1, 9)], abs=0.01)
    heights = [y for _, y in points]
    assert heights[:7] == sorted(heights[:7])  # SVG counts downwards: bits a byte fall
    assert heights[7] < heights[6]


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([], "Nothing has been recorded yet."),
        (make_records(1000), "Unfinished: the last record is of step 1,000, 25.0% of its 8,192,000 tokens done."),
        (
            [*make_records(1000), {"step": 1000, "kind": "event", "event": "stopped", "text": "SIGTERM"}],
            "Stopped at step 1,000, 25.0% of its 8,192,000 tokens done: SIGTERM.",
        ),
        (
            [{"step": 0, "kind": "event", "event": "stopped", "text": "x"}, {"step": 0, "kind": "event",
             "event": "resumed", "text": "y"}],
            "Unfinished: the last record is of step 0.",
        ),
    ],
)  # fmt: skip
def test_the_state_of_a_run(parse: Callable[[str], Any], records: list[dict[str, Any]], told: str) -> None:
    assert told in parse(make_page(records, SETTINGS, {}, "small")).text


def test_what_is_not_a_number_is_left_out(parse: Callable[[str], Any]) -> None:
    records = make_records(1000)
    for record in records[::3]:
        record.update({name: None for name, value in record.items() if isinstance(value, float)})
    text = make_page(records, SETTINGS, {}, "small")
    assert not re.search(r"\b(null|None|nan|inf)\b", text.partition("</style>")[2])
    parse(text)


def test_it_stands_alone_and_text_stays_in_its_box(parse: Callable[[str], Any]) -> None:
    records = [{"step": 1, "kind": "sample", "prompt": HOSTILE, "text": HOSTILE}]
    records += [{"step": 2, "kind": "event", "event": HOSTILE, "text": HOSTILE}]
    text = make_page([*make_records(), *records], {"train": {HOSTILE: HOSTILE}}, {"device": HOSTILE}, HOSTILE)
    page = parse(text)
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert page.tags["style"] == 1
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"url\(|@import|https?:", text)


def test_a_long_run_shows_some_samples_of_each_prompt(parse: Callable[[str], Any]) -> None:
    records = [{"step": step, "kind": "sample", "prompt": "Ali", "text": f"{step}"} for step in range(1, 101)]
    records[0]["text"] = "\n"
    page = parse(make_page(records, {}, {}, "long"))
    assert "step 1nothing" in page.text
    assert len(page.boxes) == SAMPLES - 1
    assert page.boxes[-1] == "100"
    assert "88 more in metrics.jsonl" in page.text
    assert [r["step"] for r in spread(records, 4)] == [1, 34, 67, 100]


def test_a_finished_run_and_one_without_a_manifest(
    tiny_run: Run, tmp_path: Path, parse: Callable[[str], Any]
) -> None:
    folder = shutil.copytree(tiny_run.folder("train"), tmp_path / "tiny" / "train")
    page = parse(write_report(folder).read_text(encoding="utf-8"))
    assert "held-out bits a byte" in page.text
    counts = json.loads((folder / "manifest.json").read_text())["counts"]
    assert f"{counts['parameters']:,}" in page.text
    assert "learning rate" in page.text
    (folder / "manifest.json").unlink()
    (folder / METRICS).unlink()
    assert "Nothing has been recorded yet." in parse(write_report(folder).read_text(encoding="utf-8")).text
