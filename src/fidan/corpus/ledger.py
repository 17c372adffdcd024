"""What became of the documents of a task: kept, dropped and why, repaired; with samples to look at.

One ledger is shared by the steps of a task. To datatrove's filters it is their exclusion writer. Samples are those
with the smallest hashes of their identifiers, so that they are the same however the corpus was cut into shards, and
those of many tasks together are the samples of the whole. What it leaves out: the sum over all tasks
(`fidan.corpus.report`).
"""

import heapq
from collections import Counter
from typing import Any, Self

import xxhash
from datatrove.data import Document

from fidan.corpus.utf8 import encoded

SAMPLE_CHARS = 2000  # of a document's text that are kept to look at
TOP_LINES = 1000  # different lines of a kind that a task counts; what repeats stands among the first


class Ledger:
    """Counts by source and reason.

    Args:
        samples: dropped documents, nearly dropped documents and changes kept for each reason.
    """

    def __init__(self, samples: int) -> None:
        self.limit = samples
        self.documents: Counter[tuple[str, str]] = Counter()
        self.bytes: Counter[tuple[str, str]] = Counter()
        self.lost_at: Counter[tuple[str, str]] = Counter()  # by step and reason
        self.details: dict[str, Counter[str]] = {}
        self.notes: Counter[str] = Counter()
        self.lines: dict[str, Counter[str]] = {}
        self.removed: dict[str, list[int]] = {}  # by kind: lines, bytes
        self.samples: dict[str, Smallest] = {}
        self.lengths: dict[str, Counter[int]] = {}
        self.hits: list[dict[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close: the step that ends the task saves the ledger."""

    def write(self, document: Document, rank: int = 0) -> None:
        """A document was dropped, for `metadata["filter_reason"]`; `metadata["detail"]` may say more."""
        reason, detail = document.metadata["filter_reason"], document.metadata.get("detail", "")
        self.add(document.metadata["source"], reason, encoded(document.text).size)
        if detail:
            if (details := self.details.get(reason)) is None:
                details = self.details[reason] = Counter()
            details[detail] += 1
        sample = self._of("dropped", reason)
        if sample.wants(rank_of := _rank(document.id)):
            sample.add(rank_of, {**_shown(document, reason), "detail": detail})

    def add(self, source: str, fate: str, size: int) -> None:
        """A document of `size` bytes of a source was dropped for a reason, or came into a split."""
        self.documents[source, fate] += 1
        self.bytes[source, fate] += size

    def note(self, what: str, amount: int = 1) -> None:
        """Something was done to a document that does not decide its fate, such as a repair."""
        self.notes[what] += amount

    def line(self, kind: str, line: str) -> None:
        """A line was taken out of a document."""
        removed = self.removed.setdefault(kind, [0, 0])
        removed[0] += 1
        removed[1] += len(line.encode())
        counts = self.lines.setdefault(kind, Counter())
        if line in counts or len(counts) < TOP_LINES:
            counts[line] += 1

    def change(self, kind: str, before: str, after: str) -> None:
        """A text was changed; `before` and `after` are the lines that show how."""
        sample = self._of("changes", kind)
        if sample.wants(rank_of := _rank(before + after)):
            shown = {"before": before[:SAMPLE_CHARS], "after": after[:SAMPLE_CHARS]}
            sample.add(rank_of, {"id": f"{rank_of:016x}", **shown})

    def near(self, reason: str, document: Document, margin: float) -> None:
        """A document was kept that came within `margin` of being dropped for a reason."""
        sample = self._of("kept", reason)
        if sample.wants(margin):
            sample.add(margin, {**_shown(document, reason), "margin": margin})

    def length(self, when: str, chars: int) -> None:
        """A document had so many characters; counted by half octaves, see `length_bin`."""
        self.lengths.setdefault(when, Counter())[length_bin(chars)] += 1

    def hit(self, identifier: str, item: str, words: str) -> None:
        """A document holds a piece of an evaluation item."""
        self.hits.append({"id": identifier, "item": item, "words": words})

    def _of(self, what: str, name: str) -> "Smallest":
        key = f"{what}/{name}"
        found = self.samples.get(key)
        if found is None:
            found = self.samples[key] = Smallest(self.limit)
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values, in an order that does not depend on anything but the documents."""
        fates = sorted(self.documents)
        return {
            "fates": [
                [source, fate, self.documents[source, fate], self.bytes[source, fate]] for source, fate in fates
            ],
            "lost_at": [[step, reason, count] for (step, reason), count in sorted(self.lost_at.items())],
            "details": {reason: dict(sorted(counts.items())) for reason, counts in sorted(self.details.items())},
            "notes": dict(sorted(self.notes.items())),
            "lines": {kind: dict(sorted(counts.items())) for kind, counts in sorted(self.lines.items())},
            "removed": dict(sorted(self.removed.items())),
            "lengths": {when: sorted(counts.items()) for when, counts in sorted(self.lengths.items())},
            "samples": {name: sample.entries() for name, sample in sorted(self.samples.items())},
            "hits": self.hits,
        }


def length_bin(chars: int) -> int:
    """The number of the bin of a length: bin n begins at 2^(n/2) characters. No characters: -1."""
    if not chars:
        return -1
    octave = chars.bit_length() - 1
    return 2 * octave + (chars * chars >= 1 << (2 * octave + 1))


class Smallest:
    """The entries with the smallest ranks; of equal ranks, those with the smallest identifiers.

    Args:
        limit: how many are kept.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._heap: list[_Entry] = []  # the largest of the kept first
        self._known: set[tuple[float, str]] = set()  # what is in the heap

    def wants(self, rank: float) -> bool:
        """Whether an entry of this rank may be kept; asked before the entry is made."""
        return self.limit > 0 and (len(self._heap) < self.limit or rank <= self._heap[0].key[0])

    def add(self, rank: float, value: dict[str, Any]) -> None:
        """Keep an entry, for as long as there are not enough smaller ones; the same one is kept once."""
        entry = _Entry(rank, value)
        if entry.key in self._known:
            return
        if len(self._heap) < self.limit:
            heapq.heappush(self._heap, entry)
        elif self._heap and self._heap[0] < entry:
            self._known.remove(heapq.heapreplace(self._heap, entry).key)
        else:
            return
        self._known.add(entry.key)

    def entries(self) -> list[tuple[float, dict[str, Any]]]:
        """Ranks and entries, the smallest first."""
        return [(entry.key[0], entry.value) for entry in sorted(self._heap, reverse=True)]


class _Entry:
    """Ordered the other way round, for a heap whose first is the largest."""

    __slots__ = ("key", "value")

    def __init__(self, rank: float, value: dict[str, Any]) -> None:
        self.key, self.value = (rank, value["id"]), value

    def __lt__(self, other: "_Entry") -> bool:
        return self.key > other.key


def _rank(identifier: str) -> int:
    # Below 2^53, so that it is a whole number to every reader of JSON.
    return xxhash.xxh3_64_intdigest(identifier.encode("utf-8", "surrogatepass")) >> 11


def _shown(document: Document, reason: str) -> dict[str, Any]:
    return {
        "id": document.id,
        "source": document.metadata["source"],
        "reason": reason,
        "chars": len(document.text),
        "text": document.text[:SAMPLE_CHARS],
    }
