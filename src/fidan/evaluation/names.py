"""What files and folders are called in a report: as little of their paths as tells them apart."""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from fidan.errors import FidanError

_ENDINGS = re.compile(r"(\.(txt|jsonl|ndjson|json|csv|tsv|parquet))?(\.(gz|xz|zst))?$")


def short_names(paths: Sequence[Path], taken: Collection[str] = ()) -> list[str]:
    """A name for each path, no two alike.

    A file is called by its name without what tells its form (`web.valid.txt.xz` is `web.valid`), a folder by its
    whole name; where another one could be called that, by its whole name, then by as much more of the path as is
    needed.

    Args:
        paths: of files or folders.
        taken: names that are given away already.

    Raises:
        FidanError: two paths lead to one place.
    """
    places = [path.resolve() for path in paths]
    for path, place in zip(paths, places, strict=True):
        if places.count(place) > 1:
            raise FidanError(f"{path}: named twice. Name it once.")
    forms = [list(_forms(Path(os.path.abspath(path)))) for path in paths]  # noqa: PTH100  # keeps links' own names
    others = [
        {form for place, own in enumerate(forms) if place != number for form in own} for number in range(len(forms))
    ]
    return [
        next((form for form in own if form not in rest and form not in taken), own[-1])
        for own, rest in zip(forms, others, strict=True)
    ]


def _forms(path: Path) -> Iterator[str]:
    """What a path may be called, the shortest first."""
    parts = path.parts
    if short := path.name if path.is_dir() else _ENDINGS.sub("", path.name):
        yield short
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[-length:])
