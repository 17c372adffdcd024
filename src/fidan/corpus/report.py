"""What the corpus stage did, in numbers, and samples of what it dropped.

What it leaves out: times, so that two runs of one recipe leave the same report.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from fidan.artifact import atomic_write
from fidan.corpus.documents import SPLITS
from fidan.corpus.reading import RawShard

ADVICE = {
    "too_short": "lower corpus.min_chars",
    "too_long": "raise corpus.max_chars",
    "foreign": 'lower corpus.language_threshold, or turn the filter off with corpus.language = ""',
    "language_unsure": "lower corpus.language_threshold",
    "invalid_utf8": "convert the source to UTF-8",
    "empty": "look at the source: these documents hold no text, or another column does",
    "duplicate": "look at the source: it repeats itself; corpus.drop_duplicates = false keeps all",
    "in_validation": "take documents out of corpus.valid_sources that are in corpus.sources too",
}

Tally = dict[str, int]


def summarize(raw: Mapping[str, list[RawShard]], ledgers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The counts of the stage, in documents and UTF-8 bytes of text.

    Args:
        raw: what was read, by split.
        ledgers: of every task, as `Ledger.as_json` gives them.

    Returns:
        `read` and the splits: totals. `dropped`: by reason; a document counts with the bytes it had when it was
        dropped. `notes`: documents with invalid bytes, those of them that were repaired, those cut. `details`: what
        more is known of a reason. `sources`: the same by source.
    """
    sources: dict[str, dict[str, Any]] = {}
    for split, shards in raw.items():
        for shard in shards:
            for name, documents in shard.documents.items():
                read = sources.setdefault(name, {"split": split, "read": _tally(), "dropped": {}})["read"]
                _add(read, documents, shard.bytes[name])
    details: dict[str, Counter[str]] = {}
    notes: Counter[str] = Counter({"invalid_bytes": 0, "repaired": 0, "cut": 0})
    for ledger in ledgers:
        for source, fate, documents, size in ledger["fates"]:
            if fate != "clean":
                place = sources[source] if fate in SPLITS else sources[source]["dropped"]
                _add(place.setdefault(fate, _tally()), documents, size)
        for reason, counts in ledger["details"].items():
            details.setdefault(reason, Counter()).update(counts)
        notes.update(ledger["notes"])
    dropped: dict[str, Tally] = {}
    for source_counts in sources.values():
        source_counts["dropped"] = dict(sorted(source_counts["dropped"].items()))
        for reason, tally in source_counts["dropped"].items():
            _add(dropped.setdefault(reason, _tally()), tally["documents"], tally["bytes"])
    return {
        "read": _total(sources, "read"),
        **{split: _total(sources, split) for split in SPLITS},
        "dropped": dict(sorted(dropped.items())),
        "notes": dict(sorted(notes.items())),
        "details": {reason: dict(counts.most_common()) for reason, counts in sorted(details.items())},
        "sources": sources,
    }


def write_samples(folder: Path, ledgers: Iterable[Mapping[str, Any]]) -> None:
    """Write `<reason>.jsonl` for every reason: the first documents that every shard dropped for it."""
    samples: dict[str, list[dict[str, Any]]] = {}
    for ledger in ledgers:
        for reason, found in ledger["samples"].items():
            samples.setdefault(reason, []).extend(found)
    for reason, found in samples.items():
        if found:
            with atomic_write(folder / f"{reason}.jsonl") as file:
                file.write(b"".join(orjson.dumps(sample, option=orjson.OPT_APPEND_NEWLINE) for sample in found))


def explain_empty(split: str, counts: Mapping[str, Any], kept: Mapping[str, int], fraction: float | None) -> str:
    """Why a split has no documents, and what to change.

    Args:
        split: the empty one.
        counts: of the filters, as `summarize` gives them.
        kept: documents by what became of those the filters left.
        fraction: share of the documents held out; None where held-out text has sources of its own.
    """
    fates = {reason: tally["documents"] for reason, tally in counts["dropped"].items()}
    fates |= {fate: number for fate, number in kept.items() if fate not in SPLITS and number}
    reasons = sorted(fates, key=lambda reason: -fates[reason])
    told = ", ".join(f"{reason} {fates[reason]:,}" for reason in reasons) or "none"
    left = ", ".join(f"{name} {kept[name]:,}" for name in SPLITS)
    start = f"no document is left for {split}: {counts['read']['documents']:,} read; left: {left}; dropped: {told}."
    if fraction is not None and any(kept[name] for name in SPLITS):
        change = "Raise" if split == "valid" else "Lower"
        return f"{start} {change} corpus.valid_fraction ({fraction:g}), or add text."
    return f"{start} To keep more: {ADVICE[reasons[0]] if reasons else 'add text'}."


def _tally() -> Tally:
    return {"documents": 0, "bytes": 0}


def _add(tally: Tally, documents: int, size: int) -> None:
    tally["documents"] += documents
    tally["bytes"] += size


def _total(sources: Mapping[str, Mapping[str, Any]], what: str) -> Tally:
    total = _tally()
    for counts in sources.values():
        if what in counts:
            _add(total, counts[what]["documents"], counts[what]["bytes"])
    return total
