"""What every measure of an evaluation is: figures of one model, and what is told of all models side by side.

The figures of one model are kept in a file whose name is the hash of all that decides them. An evaluation that was
interrupted goes on from there, and one that is asked again with one more model computes that model alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fidan.artifact import hash_json, read_json, write_json
from fidan.errors import FidanError
from fidan.evaluation.metrics.statistics import Comparison
from fidan.evaluation.subject import Subject
from fidan.progress import Reporter

Json = Any


class Table(NamedTuple):
    """What figures are made of, for a spreadsheet.

    Attributes:
        name: of the file, without its ending.
        head: names of the columns.
        rows: as many cells each.
    """

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[object]]


class Measure(Protocol):
    """One thing that is measured.

    Attributes:
        section: of the record that it belongs to, such as `pairs`.
        version: raised when the same key would give other figures.
    """

    section: str
    version: int

    def key(self, subject: Subject) -> Json:
        """All that decides the figures of a model, as a JSON value."""

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """Measure one model; a JSON value, NumPy arrays among it."""

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """The entries of the section.

        Args:
            subjects: the models.
            figures: of each, as they come back from JSON.
        """

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """What the figures are made of; the arguments are those of `told`."""


@dataclass(frozen=True)
class Kept:
    """Figures on disk."""

    folder: Path

    def of(self, measure: Measure, subject: Subject, reporter: Reporter) -> Json:
        """The figures of a model, from the disk where they are there, else measured and kept."""
        key = [type(measure).__name__, measure.version, measure.key(subject)]
        path = self.folder / f"{hash_json(key)}.json"
        if not path.is_file():
            write_json(path, measure.figures(subject, reporter))
        return read_json(path)


def must_be_finite(subject: Subject, *log_probabilities: NDArray[np.float64]) -> None:
    """What a model says must be numbers, or nothing can be told of it.

    Raises:
        FidanError: they are not.
    """
    if not all(np.isfinite(part).all() for part in log_probabilities):
        raise FidanError(
            f"{subject.name}: its probabilities are not all numbers. Its training diverged, or its weights are "
            "damaged; with --precision fp32 they may still be."
        )


def comparisons(number: int, compare: "Compare") -> list[Json]:
    """Every model with every later one: `b` minus `a`."""
    return [{"a": a, "b": b, **compare(a, b)._asdict()} for a, b in combinations(range(number), 2)]


class Compare(Protocol):
    """Compares the models of two numbers."""

    def __call__(self, a: int, b: int) -> Comparison:
        """How much `b` is above `a`."""
