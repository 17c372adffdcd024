"""Long work in a notebook: one line that is renewed, where a terminal has a bar.

A training of hours would fill a cell with lines. What it leaves out: what stages say on the way stays as they say it,
in the command line's English.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import escape
from typing import Any

from fidan.turkish import grouped

SECONDS = 1.0  # between two renewals of the line
_NAMES = {
    "corpus: reading train": "derlem: okunuyor",
    "corpus: reading valid": "derlem: doğrulama metni okunuyor",
    "corpus: cleaning train": "derlem: temizleniyor",
    "corpus: cleaning valid": "derlem: doğrulama metni temizleniyor",
    "corpus: filtering train": "derlem: süzülüyor",
    "corpus: filtering valid": "derlem: doğrulama metni süzülüyor",
    "corpus: writing train": "derlem: yazılıyor",
    "corpus: writing valid": "derlem: doğrulama metni yazılıyor",
    "packing": "paketleme",
    "training": "eğitim",
    "held-out loss": "ayrılmış metinde kayıp",
    "contamination": "sızıntı aranıyor",
}


class DefterBildirimi:
    """A `fidan.progress.Reporter` for notebooks: what is said is printed, a task is a line with a bar."""

    def say(self, text: str) -> None:
        """One line for the user."""
        print(text, flush=True)

    @contextmanager
    def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator["_Line"]:
        """A line that is renewed in place, at most once a second."""
        line = _Line(_NAMES.get(description, description), total, done)
        yield line
        line.show(ended=True)


class _Line:
    def __init__(self, name: str, total: float | None, done: float) -> None:
        from IPython.display import display  # in every notebook, and only they need it

        self.name, self.total, self.done, self.before, self.note = name, total, done, done, ""
        self.began = self.shown = time.monotonic()
        self.handle: Any = display(self._said(""), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def advance(self, amount: float, note: str = "") -> None:
        self.done += amount
        self.note = note or self.note
        if time.monotonic() - self.shown >= SECONDS:
            self.show()

    def show(self, ended: bool = False) -> None:
        self.shown = now = time.monotonic()
        passed = now - self.began
        if ended:
            told = f"{_clock(passed)} sürdü"
        elif self.total and self.done > self.before:
            told = f"{_clock((self.total - self.done) * passed / (self.done - self.before))} kaldı"
        else:
            told = f"{_clock(passed)} geçti"
        self.handle.update(self._said(told, ended), raw=True)

    def _said(self, told: str, ended: bool = False) -> dict[str, str]:
        share = f"%{100 * self.done / self.total:.0f}" if self.total else grouped(round(self.done))
        line = "  ".join(part for part in (self.name, "" if ended else share, told, self.note) if part)
        done, total = (1, 1) if ended else (self.done, self.total)
        value = f'value="{done:g}" max="{total:g}"' if total else ""
        page = f'<progress {value} style="vertical-align: middle"></progress> <code>{escape(line)}</code>'
        return {"text/plain": line, "text/html": page}


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=max(0, round(seconds))))
