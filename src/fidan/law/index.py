"""The index on disk, opened: articles by position or citation, and the articles that have a term.

A folder with `manifest.json`, the articles in compressed frames of 32, and the postings as arrays that are mapped
into memory. What it leaves out: building it (`fidan.law.index_writing`), and scores (`fidan.law.bm25`).
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
import orjson
import zstandard
from numpy.typing import NDArray

from fidan.artifact import hash_file, size_faults
from fidan.errors import ArtifactMismatch
from fidan.law.article import Article, Law
from fidan.law.citations import Citation
from fidan.law.index_format import FIELDS, FORMAT, FRAME, MANIFEST, NAME, term_key
from fidan.law.index_writing import Built, build_index
from fidan.law.names import Names
from fidan.law.terms import ANALYSER

__all__ = ["Articles", "Built", "LawIndex", "build_index"]

_T = TypeVar("_T")


class Articles(Sequence[Article]):
    """The articles of an index by position, read from disk when they are asked for."""

    def __init__(self, path: Path, frames: NDArray[np.int64], length: int) -> None:
        self._path, self._frames, self._length = path, frames, length
        self._data = np.memmap(path, np.uint8, "r")
        self._frame = lru_cache(maxsize=64)(self._read)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, position: int) -> Article: ...
    @overload
    def __getitem__(self, position: slice) -> list[Article]: ...
    def __getitem__(self, position: int | slice) -> Article | list[Article]:
        if isinstance(position, slice):
            return [self[index] for index in range(*position.indices(self._length))]
        if position < 0:
            position += self._length
        if not 0 <= position < self._length:
            raise IndexError(position)
        return self._frame(position // FRAME)[position % FRAME]

    def __iter__(self) -> Iterator[Article]:
        for frame in range(len(self._frames) - 1):
            yield from self._read(frame)

    def _read(self, frame: int) -> list[Article]:
        data = self._data[self._frames[frame] : self._frames[frame + 1]]
        try:
            rows = orjson.loads(zstandard.ZstdDecompressor().decompress(data.tobytes()))
            return [_article(row) for row in rows]
        except (zstandard.ZstdError, orjson.JSONDecodeError, TypeError, ValueError) as error:
            raise ArtifactMismatch(f"{self._path}: damaged ({error}). Run `fidan law index` again.") from None


def _article(row: list[Any]) -> Article:
    law, kind, number, heading, section, paragraphs, notes, repealed, amended = row
    return Article(law, kind, number, heading, section, tuple(paragraphs), tuple(notes), repealed, tuple(amended))


def _mapped(path: Path) -> NDArray[Any]:
    """An array of a file, mapped into memory, as a plain one: slices of NumPy's own kind of it are slow."""
    array: NDArray[Any] = np.load(path, mmap_mode="r").view(np.ndarray)
    return array


class LawIndex:
    """An open index; made by `LawIndex.open`.

    Attributes:
        articles: all articles, repealed ones too, by position.
        laws: the laws by number, without their articles.
        lengths: (articles, fields) terms of each field.
        searchable: how many articles can be found by words.
        manifest: what the index was built from and by what.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        table = orjson.loads((folder / "laws.json").read_bytes())
        self.laws: dict[str, Law] = {row["number"]: Law(**{**row, "articles": ()}) for row in table["laws"]}
        self.labels: list[str] = table["labels"]
        ends = np.cumsum(table["counts"]).tolist()
        self.ranges = {
            number: range(end - count, end)
            for number, count, end in zip(self.laws, table["counts"], ends, strict=True)
        }
        self.repealed: NDArray[np.bool_] = np.load(folder / "repealed.npy")
        self.lengths: NDArray[np.int32] = _mapped(folder / "lengths.npy")
        self.searchable = int(manifest["counts"]["searchable"])
        self.articles = Articles(folder / "articles.zst", np.load(folder / "frames.npy"), len(self.labels))
        self._keys = _mapped(folder / "keys.npy")
        self._starts = _mapped(folder / "starts.npy")
        self._documents = _mapped(folder / "documents.npy")
        self._counts = _mapped(folder / "counts.npy")
        self._impacts = _mapped(folder / "impacts.npy")
        self._memory: dict[Hashable, Any] = {}

    @classmethod
    def open(cls, folder: Path) -> "LawIndex":
        """Open an index.

        Raises:
            ArtifactMismatch: there is none in the folder, it is of another format or analyser, or it is damaged.
        """
        again = "Run `fidan law index` again"
        path = folder / MANIFEST
        if not path.is_file():
            raise ArtifactMismatch(
                f"{folder}: no index of laws (no {MANIFEST}). Make one: fidan law index FILE… --out {folder}"
            )
        try:
            manifest = orjson.loads(path.read_bytes())
            name, form, maker = manifest["name"], manifest["format"], manifest["package"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise ArtifactMismatch(f"{path}: damaged, or no index's manifest. {again}.") from None
        if name != NAME:
            raise ArtifactMismatch(f"{folder}: {name}, not an index of laws. Name the folder of one with --index.")
        if form != FORMAT:
            raise ArtifactMismatch(
                f"{folder}: made by fidan {maker} in format {form}; this one reads {FORMAT}. {again}."
            )
        if manifest["analyser"] != ANALYSER or tuple(manifest["fields"]) != FIELDS:
            raise ArtifactMismatch(
                f"{folder}: made by fidan {maker} with {manifest['analyser']} terms; "
                f"this one asks for {ANALYSER}. {again}."
            )
        faults = size_faults(folder, {name: file["bytes"] for name, file in manifest["files"].items()})
        for file, told in manifest["files"].items():
            if not faults and file in _CHECKED and hash_file(folder / file) != told["xxh3_128"]:
                faults.append(f"{file} is damaged")
        if faults:
            raise ArtifactMismatch(f"{folder}: {'; '.join(faults)}. {again}.")
        return cls(folder, manifest)

    @cached_property
    def names(self) -> Names:
        """What the laws of this index are called, titles included."""
        return Names({number: law.name for number, law in self.laws.items()})

    @cached_property
    def _positions(self) -> dict[tuple[str, str], int]:
        """The first article of a label that is in force; the first one where none is."""
        found: dict[tuple[str, str], int] = {}
        for number, places in self.ranges.items():
            for position in places:
                key = number, self.labels[position]
                if key not in found or (self.repealed[found[key]] and not self.repealed[position]):
                    found[key] = position
        return found

    def citation(self, position: int) -> Citation:
        """How the article at a position is cited."""
        article = self.articles[position]
        return Citation(article.law, article.label)

    def find(self, citation: Citation) -> int | None:
        """The position of a cited article; None where the index has no such article."""
        return self._positions.get((citation.law, citation.article))

    def article(self, citation: Citation) -> Article | None:
        """A cited article; None where the index has no such article.

        A label may stand twice in a law (provisional articles of several laws); one in force is given then.
        """
        position = self.find(citation)
        return None if position is None else self.articles[position]

    def law_articles(self, number: str) -> list[Article]:
        """All articles of a law, in order; empty for a law that is not in the index."""
        places = self.ranges.get(number, range(0))
        return self.articles[places.start : places.stop]

    def postings(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Where a term occurs.

        Returns:
            The positions of its articles, rising, (n,); and its count in each field, (n, fields), at most 255.
        """
        place = self._place(term)
        return self._documents[place], self._counts[place]

    def impacts(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
        """Where a term occurs, (n,), and what it adds to each article's score there, (n,)."""
        place = self._place(term)
        return self._documents[place], self._impacts[place]

    def _place(self, term: str) -> slice:
        """A term's postings in the arrays; an empty slice for a term that no article has."""
        key = np.uint64(term_key(term))
        at = int(np.searchsorted(self._keys, key))
        if at == len(self._keys) or self._keys[at] != key:
            return slice(0, 0)
        return slice(int(self._starts[at]), int(self._starts[at + 1]))

    @cached_property
    def law_of(self) -> NDArray[np.int32]:
        """(articles,) the place of each article's law among the laws."""
        return np.repeat(
            np.arange(len(self.ranges), dtype=np.int32), [len(places) for places in self.ranges.values()]
        )

    def remembered(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """What `compute` gives, computed once for a key while the index is open."""
        if key not in self._memory:
            self._memory[key] = compute()
        found: _T = self._memory[key]
        return found


# The arrays of counts are large; a fault in them cannot be seen otherwise, one in the articles is found when read.
_CHECKED = {"laws.json", "repealed.npy", "frames.npy", "keys.npy", "starts.npy", "documents.npy", "counts.npy"}
_CHECKED |= {"lengths.npy", "impacts.npy"}
