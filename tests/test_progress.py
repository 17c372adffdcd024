"""Progress fits a terminal of 80 columns, and a note stays until another one comes."""

import io

import pytest
from rich.console import Console

from fidan.progress import LOG_SECONDS, ConsoleReporter
from fidan.training.pace import training_note

NOTE = training_note(10.412, 12.23, 1_018_300, 0.371, 101_200_000_000)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_bar_and_its_note_never_wrap(width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None)
    with ConsoleReporter(console).task("training", total=10, done=3) as task:
        task.advance(1, NOTE)
        task.advance(1)
        rendered = console.render_lines(task.progress.get_renderable(), pad=False)  # type: ignore[attr-defined]
    lines = ["".join(segment.text for segment in line) for line in rendered]
    assert len(lines) == 2
    assert all(len(line) <= width for line in lines)
    assert "training" in lines[0]
    assert "50%" in lines[0]
    assert lines[1].rstrip() == f"  {NOTE}" if width >= 80 else lines[1].startswith("  loss 10.412")


def test_in_a_log_the_last_note_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("fidan.progress.time.monotonic", lambda: now[0])
    out = io.StringIO()
    with ConsoleReporter(Console(file=out, width=80)).task("training", total=100) as task:
        task.advance(10, "loss 3.1")
        now[0] += LOG_SECONDS
        task.advance(10)
    assert out.getvalue() == "  training  20.0%  0:00:40 left  loss 3.1\n"
