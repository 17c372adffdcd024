"""What became of the documents of a task: kept, dropped and why, repaired; with samples to look at.

One ledger is shared by the steps of a task. To datatrove's filters it is their exclusion writer. What it leaves out:
the sum over all tasks (`fidan.corpus.report`).
"""

from collections import Counter
from typing import Any, Self

from datatrove.data import Document

SAMPLE_CHARS = 2000  # of a dropped document's text that are kept to look at


class Ledger:
    """Counts by source and reason.

    Args:
        samples: dropped documents kept for each reason.
    """

    def __init__(self, samples: int) -> None:
        self.limit = samples
        self.documents: Counter[tuple[str, str]] = Counter()
        self.bytes: Counter[tuple[str, str]] = Counter()
        self.details: dict[str, Counter[str]] = {}
        self.notes: Counter[str] = Counter()
        self.samples: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close: the step that ends the task saves the ledger."""

    def write(self, document: Document, rank: int = 0) -> None:
        """A document was dropped, for `metadata["filter_reason"]`; `metadata["detail"]` may say more."""
        reason, detail = document.metadata["filter_reason"], document.metadata.get("detail", "")
        self.add(document.metadata["source"], reason, len(document.text.encode()))
        if detail:
            self.details.setdefault(reason, Counter())[detail] += 1
        kept = self.samples.setdefault(reason, [])
        if len(kept) < self.limit:
            kept.append(
                {
                    "id": document.id,
                    "source": document.metadata["source"],
                    "reason": reason,
                    "detail": detail,
                    "chars": len(document.text),
                    "text": document.text[:SAMPLE_CHARS],
                }
            )

    def add(self, source: str, fate: str, size: int) -> None:
        """A document of `size` bytes of a source was dropped for a reason, or came into a split."""
        self.documents[source, fate] += 1
        self.bytes[source, fate] += size

    def note(self, what: str) -> None:
        """Something was done to a document that does not decide its fate, such as a repair."""
        self.notes[what] += 1

    def as_json(self) -> dict[str, Any]:
        """Plain values, in an order that does not depend on anything but the documents."""
        fates = sorted(self.documents)
        return {
            "fates": [
                [source, fate, self.documents[source, fate], self.bytes[source, fate]] for source, fate in fates
            ],
            "details": {reason: dict(sorted(counts.items())) for reason, counts in sorted(self.details.items())},
            "notes": dict(sorted(self.notes.items())),
            "samples": self.samples,
        }
