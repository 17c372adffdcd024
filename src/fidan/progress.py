"""Showing long work: a live bar in a terminal, a line now and then in a log.

Stages take a `Reporter` and know nothing of Rich or of terminals. A task's note stands below its bar, where
a terminal of 80 columns has room for it. What it leaves out: the wording of notes, and the lines that stay (`say`).
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Protocol

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

MOST_COLUMNS = 100  # of a bar's line
LOG_SECONDS = 10.0  # between two lines of the same task where there is no terminal


class Task(Protocol):
    """Work under way."""

    def advance(self, amount: float, note: str = "") -> None:
        """`amount` more is done; `note` says how it goes (a rate, a loss) until another one does."""


class Reporter(Protocol):
    """Where a stage says what it does."""

    def say(self, text: str) -> None:
        """One line for the user."""

    def task(self, description: str, total: float | None = None, done: float = 0.0) -> AbstractContextManager[Task]:
        """A context that shows work until it is left; `total` in the unit of `Task.advance`."""


class ConsoleReporter:
    """A reporter on a console: bars in a terminal, lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """One line for the user."""
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator[Task]:
        """A bar in a terminal, a line every ten seconds elsewhere."""
        if self.console.is_terminal:
            with _Noted(console=self.console, transient=True, refresh_per_second=4) as progress:
                identifier = progress.add_task(description, total=total, completed=int(done), note="")
                yield _Bar(progress, identifier)
        else:
            yield _Lines(self, description, total, done)


class SilentReporter:
    """A reporter that shows nothing, for tests and for use as a library."""

    def say(self, text: str) -> None:
        """Nothing."""

    @contextmanager
    def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator[Task]:
        """A task nobody watches."""
        yield _Silent()


class _Noted(Progress):
    """A bar that takes the line's width, and its note, cut to the width, on the line below."""

    @classmethod
    def get_default_columns(cls) -> tuple[ProgressColumn, ...]:
        return (
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TimeRemainingColumn(),
        )

    def get_renderables(self) -> Iterator[RenderableType]:
        for task in self.tasks:
            table = self.make_tasks_table([task])
            table.expand = True
            table.width = min(self.console.width, MOST_COLUMNS)
            yield table
            if task.fields["note"]:
                yield Text(f"  {task.fields['note']}", no_wrap=True, overflow="ellipsis", style="dim")


class _Bar:
    def __init__(self, progress: Progress, identifier: int) -> None:
        self.progress, self.identifier = progress, identifier

    def advance(self, amount: float, note: str = "") -> None:
        if note:
            self.progress.update(self.identifier, note=note)  # type: ignore[arg-type]
        self.progress.update(self.identifier, advance=amount)  # type: ignore[arg-type]


class _Lines:
    def __init__(self, reporter: ConsoleReporter, description: str, total: float | None, done: float) -> None:
        self.reporter, self.description, self.total, self.done = reporter, description, total, done
        self.before, self.began = done, time.monotonic()
        self.last, self.note = self.began, ""

    def advance(self, amount: float, note: str = "") -> None:
        self.done += amount
        self.note = note or self.note
        now = time.monotonic()
        if now - self.last >= LOG_SECONDS:
            self.last = now
            self.reporter.say(f"  {self.description} {self._progress(now)}  {self.note}".rstrip())

    def _progress(self, now: float) -> str:
        if not self.total:
            return f"{self.done:,.0f}"
        left = (self.total - self.done) * (now - self.began) / max(self.done - self.before, 1e-9)
        return f"{100 * self.done / self.total:5.1f}%  {timedelta(seconds=round(left))} left"


class _Silent:
    def advance(self, amount: float, note: str = "") -> None:
        pass
