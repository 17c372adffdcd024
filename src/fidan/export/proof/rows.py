"""What a verification found: a row for every check of every runtime, and all of them.

What it leaves out: how the rows are shown (`fidan.cli.verify`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["equal", "different", "not installed"]


@dataclass(frozen=True)
class Row:
    """One check of one runtime.

    Attributes:
        check: what was compared: "ids", "logits", ...
        runtime: with what: a library, a file.
        verdict: `equal` means within the limit.
        compared: how many.
        unit: of what: "texts", "logits", ...
        worst: the greatest difference; where a thing is equal or not, how many differ.
        limit: what `worst` may be.
        note: the first difference, or more figures.
    """

    check: str
    runtime: str
    verdict: Verdict
    compared: int = 0
    unit: str = ""
    worst: float = 0.0
    limit: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Report:
    """All rows of a verification.

    Attributes:
        rows: in the order of the checks.
        about: what was verified, and with what, for the reader of a stored report.
    """

    rows: Sequence[Row]
    about: dict[str, str] = field(default_factory=dict)

    @property
    def different(self) -> list[Row]:
        """The rows that failed."""
        return [row for row in self.rows if row.verdict == "different"]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {"equal": not self.different, "about": self.about, "rows": [asdict(row) for row in self.rows]}


def within(check: str, runtime: str, compared: int, unit: str, worst: float, limit: float, note: str = "") -> Row:
    """A row of a measured difference; NaN is beyond every limit."""
    verdict: Verdict = "equal" if worst <= limit else "different"
    return Row(check, runtime, verdict, compared, unit, worst, limit, note)


def failed(check: str, runtime: str, error: Exception) -> Row:
    """A row of a check that could not even be made."""
    return Row(check, runtime, "different", note=str(error))


def exact(
    check: str, runtime: str, unit: str, expected: Sequence[Any], found: Sequence[Any], names: Sequence[Any]
) -> Row:
    """A row of things that are equal or not.

    Args:
        check: as in `Row`.
        runtime: as in `Row`.
        unit: as in `Row`.
        expected: the right ones.
        found: those of the runtime.
        names: how to call each.
    """
    unlike = [i for i, (a, b) in enumerate(zip(expected, found, strict=True)) if a != b]
    note = f"{shown(names[unlike[0]])}: {_parting(expected[unlike[0]], found[unlike[0]])}" if unlike else ""
    return within(check, runtime, len(expected), unit, len(unlike), 0, note)


def _parting(expected: Any, found: Any) -> str:
    """Where two values part, told so that long ones stay readable."""
    if not isinstance(expected, list | str) or not isinstance(found, list | str):
        return f"{shown(found)}, not {shown(expected)}"
    at = next(
        (i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), min(len(expected), len(found))
    )
    return f"from place {at} on {shown(found[at : at + 8])}, not {shown(expected[at : at + 8])}"


def shown(value: Any) -> str:
    """A value for one line of a message."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
