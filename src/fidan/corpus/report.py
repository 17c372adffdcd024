"""What the corpus stage did, in numbers: the sum over the ledgers and flows of all tasks.

What it leaves out: times, so that two runs of one recipe leave the same report (`speed.json` has them), and how it is
shown (`fidan.corpus.report_page`).
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

from fidan.artifact import atomic_write
from fidan.corpus.config import CorpusConfig
from fidan.corpus.documents import SPLITS
from fidan.corpus.flow import StepFlow
from fidan.corpus.judge import Outcome
from fidan.corpus.ledger import Smallest
from fidan.corpus.sources.shards import RawShard

ADVICE = {
    "too_short": "lower corpus.min_chars",
    "too_long": "raise corpus.max_chars",
    "foreign": 'lower corpus.language.threshold, or turn the filter off with corpus.language.code = ""',
    "language_unsure": "lower corpus.language.threshold",
    "few_words": "lower corpus.quality.min_words",
    "invalid_utf8": "convert the source to UTF-8",
    "empty": "look at the source: these documents hold no text, or another column does",
    "duplicate": "look at the source: it repeats itself; corpus.drop_duplicates = false keeps all",
    "near_duplicate": "look at the source: it repeats itself; corpus.near_duplicates.enabled = false keeps all",
    "in_validation": "take documents out of corpus.valid_sources that are in corpus.sources too",
}
_ELSE = "look at samples/dropped, and at the settings of corpus.quality"
_MERGED_LINES = 20  # of a kind that the report shows
_CHANGES = ("encoding", "markup")

Tally = dict[str, int]


def summarize(raw: Mapping[str, list[RawShard]], ledgers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The counts of the stage, in documents and UTF-8 bytes of text.

    Args:
        raw: what was read, by split.
        ledgers: of every task, as `Ledger.as_json` gives them.

    Returns:
        `read` and the splits: totals. `dropped`: by reason; a document counts with the bytes it had when it was
        dropped. `notes`: documents with invalid bytes, those of them that were repaired, those cut, and what else
        steps noted. `details`: what more is known of a reason. `lines`: those taken out of documents, by kind, with
        the most frequent. `histograms`: documents by their length. `sources`: documents and bytes by source.
    """
    sources = _read(raw)
    details: dict[str, Counter[str]] = {}
    notes: Counter[str] = Counter({"invalid_bytes": 0, "repaired": 0, "cut": 0})
    lines: dict[str, Counter[str]] = {}
    removed: dict[str, list[int]] = {}
    lengths: dict[str, Counter[int]] = {}
    for ledger in ledgers:
        for source, fate, documents, size in ledger["fates"]:
            place = sources[source] if fate in SPLITS else sources[source]["dropped"]
            _add(place.setdefault(fate, _tally()), documents, size)
        _merge(details, ledger["details"])
        _merge(lines, ledger["lines"])
        _merge(lengths, {when: dict(counts) for when, counts in ledger["lengths"].items()})
        for kind, amounts in ledger["removed"].items():
            removed[kind] = [a + b for a, b in zip(removed.get(kind, [0, 0]), amounts, strict=True)]
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
        "details": {reason: dict(_most(counts)) for reason, counts in sorted(details.items())},
        "lines": {
            kind: {"lines": amounts[0], "bytes": amounts[1], "top": _most(lines[kind])[:_MERGED_LINES]}
            for kind, amounts in sorted(removed.items())
        },
        "histograms": _histograms(lengths),
        "sources": sources,
    }


def build_report(
    config: CorpusConfig,
    counts: dict[str, Any],
    flows: Mapping[tuple[str, str], Sequence[StepFlow]],
    losses: Mapping[tuple[str, str], Iterable[Mapping[str, Any]]],
    outcome: Outcome,
    contamination: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """All that is told of a finished corpus, but times.

    Args:
        config: of the stage.
        counts: as `summarize` gives them.
        flows: what went through the steps, by phase and split.
        losses: the ledgers of all tasks, likewise.
        outcome: of the comparison of all documents.
        contamination: the evaluation files and how many documents held a piece of them; None: none were named.
    """
    notes = counts["notes"]
    masked = {f"masked_{kind}": kind for kind in config.cleaning.personal_data}
    told = {**{kind: kind for kind in _CHANGES}, **masked}
    return {
        **counts,
        "steps": [
            {"phase": phase, "split": split, **step}
            for (phase, split), flow in flows.items()
            for step in _through(flow, losses[phase, split])
        ],
        "changes": {told[name]: number for name, number in notes.items() if name in told},
        "histograms": {**counts["histograms"], **_languages(config, counts)},
        "clusters": outcome.clusters,
        "perplexity": outcome.perplexity,
        "contamination": contamination,
        "settings": dataclasses.asdict(config),
    }


def _through(flow: Sequence[StepFlow], ledgers: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What went into each step, what came out, and the documents that were dropped in it, by reason."""
    lost: dict[str, Counter[str]] = {}
    for ledger in ledgers:
        for step, reason, documents in ledger["lost_at"]:
            lost.setdefault(step, Counter())[reason] += documents
    for before, step in pairwise(flow):
        yield {
            "name": step.name,
            "documents_in": before.documents,
            "documents_out": step.documents,
            "bytes_in": before.bytes,
            "bytes_out": step.bytes,
            "dropped": dict(_most(lost.get(step.name, Counter()))),
        }


def _languages(config: CorpusConfig, counts: Mapping[str, Any]) -> dict[str, Any]:
    """Documents by language, where the language was looked at."""
    foreign = counts["details"].get("foreign", {})
    if not foreign:
        return {}
    kept = counts["train"]["documents"] + counts["valid"]["documents"]
    return {"languages": {config.language.code: kept, **foreign}}


def merge_samples(ledgers: Iterable[Mapping[str, Any]], limit: int) -> dict[str, list[dict[str, Any]]]:
    """The samples of all tasks: of each name as many as a task keeps, the same whatever the shards were."""
    merged: dict[str, Smallest] = {}
    for ledger in ledgers:
        for name, entries in ledger["samples"].items():
            sample = merged.setdefault(name, Smallest(limit))
            for rank, value in entries:
                if sample.wants(rank):
                    sample.add(rank, value)
    return {name: [value for _, value in sample.entries()] for name, sample in sorted(merged.items())}


def write_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON lines, atomically."""
    with atomic_write(path) as file:
        file.write(b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records))


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
    return f"{start} To keep more: {ADVICE.get(reasons[0], _ELSE) if reasons else 'add text'}."


def _read(raw: Mapping[str, list[RawShard]]) -> dict[str, dict[str, Any]]:
    sources: dict[str, dict[str, Any]] = {}
    for split, shards in raw.items():
        for shard in shards:
            for name, documents in shard.documents.items():
                read = sources.setdefault(name, {"split": split, "read": _tally(), "dropped": {}})["read"]
                _add(read, documents, shard.bytes[name])
    return sources


def _histograms(lengths: Mapping[str, Counter[int]]) -> dict[str, Any]:
    """Documents by length; bin n holds those of at least edges[n] characters and fewer than edges[n + 1]."""
    bins = sorted({number for counts in lengths.values() for number in counts if number >= 0})
    if not bins:
        return {}
    spread = range(bins[0], bins[-1] + 1)
    edges = [round(2 ** (number / 2)) for number in (*spread, spread[-1] + 1)]
    told = {when: [counts[number] for number in spread] for when, counts in sorted(lengths.items())}
    return {"length": {"edges": edges, **told}}


def _merge(into: dict[str, Counter[Any]], more: Mapping[str, Mapping[Any, int]]) -> None:
    for name, counts in more.items():
        into.setdefault(name, Counter()).update(counts)


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent first; of equally frequent ones, by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


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
