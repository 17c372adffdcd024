"""What chapters and the notebook show of a run: the line of a task, the funnel, the curve."""

import json
from pathlib import Path
from typing import Any

import matplotlib
import pytest

matplotlib.use("Agg")

from fidan.corpus.report_text import _REASONS, explain
from fidan.kurs import DefterBildirimi, atilma_nedeni, huni, kayip_egrisi


@pytest.mark.parametrize("reason", [*_REASONS, "top_3_gram", "duplicate_7_grams"])
def test_every_reason_of_the_report_has_its_words(reason: str) -> None:
    assert explain(reason)
    assert atilma_nedeni(reason)


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="'uydurma'"):
        atilma_nedeni("uydurma")


def test_the_funnel_shows_what_is_left_after_each_step_that_dropped() -> None:
    steps = [
        {
            "name": "length",
            "split": "train",
            "documents_in": 1200,
            "documents_out": 1100,
            "dropped": {"too_short": 100},
        },
        {"name": "write", "split": "train", "documents_in": 1100, "documents_out": 1100, "dropped": {}},
        {
            "name": "duplicates",
            "split": "train",
            "documents_in": 1100,
            "documents_out": 900,
            "dropped": {"duplicate": 2},
        },
        {"name": "length", "split": "valid", "documents_in": 9, "documents_out": 8, "dropped": {"too_short": 1}},
    ]
    ax = huni({"read": {"documents": 1200}, "steps": steps})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["okunan", "uzunluk", "kopyalar"]
    assert [label.get_text() for label in ax.texts] == ["1.200", "1.100", "900"]
    assert [bar.get_width() for bar in ax.containers[0]] == [1200, 1200, 1100]


def test_the_curve_has_the_loss_and_what_was_held_out(tmp_path: Path) -> None:
    records = [{"step": 10, "kind": "train", "loss": 5.0}, {"step": 20, "kind": "train", "loss": 3.0}]
    records.append({"step": 20, "kind": "valid", "bits_per_byte": 1.5})
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    ax = kayip_egrisi(tmp_path)
    assert ax.lines[0].get_ydata().tolist() == [5.0, 3.0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "eğitim kaybı (solda)",
        "ayrılmış metin (sağda)",
    ]


def test_a_folder_without_a_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="burada bir eğitim yok"):
        kayip_egrisi(tmp_path)


def test_a_task_is_one_line_that_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, Any]] = []

    class Handle:
        def update(self, data: dict[str, Any], raw: bool) -> None:
            shown.append(data)

    def display(data: dict[str, Any], raw: bool, display_id: bool) -> Handle:
        shown.append(data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr("fidan.kurs.progress.SECONDS", 0.0)
    with DefterBildirimi().task("training", total=200, done=100) as task:
        task.advance(50, "loss <1")
    first, middle, last = (data["text/plain"] for data in shown)
    assert first == "eğitim  %50"
    assert middle == "eğitim  %75  0:00:00 kaldı  loss <1"
    assert last == "eğitim  0:00:00 sürdü  loss <1"
    assert 'value="150" max="200"' in shown[1]["text/html"]
    assert 'value="1" max="1"' in shown[2]["text/html"]
    assert "loss &lt;1" in shown[2]["text/html"]


def test_what_is_said_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    DefterBildirimi().say("corpus: begins")
    assert capsys.readouterr().out == "corpus: begins\n"
