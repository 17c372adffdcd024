"""Showing long work: a live bar in a terminal, a line now and then in a log.

Stages take a `Reporter` and know nothing of Rich or of terminals. What it leaves out: the trainer's own table of
losses, which it prints as lines through `say`.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

LOG_SECONDS = 10.0  # between two lines of the same task where there is no terminal


class Task(Protocol):
    """Work under way."""

    def advance(self, amount: float, note: str = "") -> None:
        """`amount` more is done; `note` says how it goes (a rate, a loss)."""


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
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
            )
            with Progress(*columns, console=self.console, transient=True) as progress:
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


class _Bar:
    def __init__(self, progress: Progress, identifier: int) -> None:
        self.progress, self.identifier = progress, identifier

    def advance(self, amount: float, note: str = "") -> None:
        self.progress.update(self.identifier, advance=amount, note=note)  # type: ignore[arg-type]


class _Lines:
    def __init__(self, reporter: ConsoleReporter, description: str, total: float | None, done: float) -> None:
        self.reporter, self.description, self.total, self.done = reporter, description, total, done
        self.before, self.began = done, time.monotonic()
        self.last = self.began

    def advance(self, amount: float, note: str = "") -> None:
        self.done += amount
        now = time.monotonic()
        if now - self.last >= LOG_SECONDS:
            self.last = now
            self.reporter.say(f"  {self.description} {self._progress(now)}  {note}")

    def _progress(self, now: float) -> str:
        if not self.total:
            return f"{self.done:,.0f}"
        left = (self.total - self.done) * (now - self.began) / max(self.done - self.before, 1e-9)
        return f"{100 * self.done / self.total:5.1f}%  {timedelta(seconds=round(left))} left"


class _Silent:
    def advance(self, amount: float, note: str = "") -> None:
        pass
