"""The report as one page: what came in, what became of it and why, in words, pictures and samples to read.

The page needs no network, no script and no other file. A section whose figures are not there is left out. What it
leaves out: the counting (`report`) and the sections themselves (`report_sections`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from fidan.artifact import atomic_write, read_json
from fidan.corpus.report_samples import Samples
from fidan.corpus.report_sections import Report, by_loss, make_sections
from fidan.corpus.report_text import at_once
from fidan.errors import ArtifactMismatch
from fidan.page.frame import frame, tiles
from fidan.page.text import count, duration, label, listing, plural, share, size

_STYLE = Path(__file__).with_name("report_page.css")


def write_page(folder: Path, path: Path) -> None:
    """Write the page of a finished corpus stage.

    Args:
        folder: of the stage: `report.json`, and where they are `speed.json` and `samples/`.
        path: of the page.

    Raises:
        ArtifactMismatch: there is no report, or a file is not what it should be.
        DiskFullError: no room.
    """
    if not (folder / "report.json").is_file():
        raise ArtifactMismatch(f"{folder / 'report.json'}: there is none. Run the corpus stage first.")
    report = read_json(folder / "report.json")
    speed = read_json(folder / "speed.json") if (folder / "speed.json").is_file() else None
    samples = {sort: _read_samples(folder / "samples" / sort) for sort in ("dropped", "kept", "changes")}
    with atomic_write(path, "wb") as file:
        file.write(make_page(report, samples, speed).encode())


def make_page(report: Report, samples: Mapping[str, Samples], speed: Report | None = None) -> str:
    """The page as HTML.

    Args:
        report: as `report.json` has it; only `read`, `train`, `valid` and `dropped` must be there.
        samples: by sort (`dropped`, `kept`, `changes`), then by reason or kind.
        speed: as `speed.json` has it.
    """
    return frame(
        title="Corpus report",
        brand="corpus report",
        heading="What happened to the text",
        summary=_summary(report),
        figures=_tiles(report, speed),
        sections=make_sections(report, samples, speed),
        style=_STYLE.read_text(encoding="utf-8"),
    )


def _read_samples(folder: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        try:
            found[path.stem] = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        except orjson.JSONDecodeError as error:
            raise ArtifactMismatch(f"{path}: not JSON lines ({error}). Delete it and run the stage again.") from error
    return found


def _kept(report: Report, unit: str) -> int:
    return int(report["train"][unit] + report["valid"][unit])


def _summary(report: Report) -> str:
    documents, volume = report["read"]["documents"], report["read"]["bytes"]
    kept, left = _kept(report, "documents"), _kept(report, "bytes")
    told = (
        f"<b>{plural(documents, 'document')}</b> ({size(volume)} of text) came in and <b>{count(kept)}</b> "
        f"({share(kept, documents)}) stayed, with {size(left)} of text ({share(left, volume)}): "
        f"{count(report['train']['documents'])} to train on and {count(report['valid']['documents'])} held out."
    )
    losses = by_loss(report["dropped"])
    if not losses:
        return f"{told} No document was dropped."
    named = [f"{label(reason)} ({count(number)}, {share(number, documents)})" for reason, number in losses[:3]]
    subject = {1: "The one loss is", 2: "The losses are"}.get(len(losses), "The three largest losses are")
    return f"{told} {subject} {listing(named)}."


def _tiles(report: Report, speed: Report | None) -> str:
    read, lines = report["read"], report.get("lines") or {}
    kept, left = _kept(report, "documents"), _kept(report, "bytes")
    shown = [
        (share(kept, read["documents"]), "documents kept", f"{count(kept)} of {count(read['documents'])}"),
        (share(left, read["bytes"]), "text kept", f"{size(left)} of {size(read['bytes'])}"),
    ]
    if lines:
        gone = sum(kind["lines"] for kind in lines.values())
        told = f"{size(sum(kind['bytes'] for kind in lines.values()))} of menus, notices and the like"
        shown.append((count(gone), "lines taken out", told))
    if speed:
        rate = f"{size(read['bytes'] / speed['seconds'])}/s" if speed["seconds"] else "–"
        shown.append((duration(speed["seconds"]), "from start to end", f"{rate}, {at_once(speed['workers'])}"))
    return tiles(shown)
