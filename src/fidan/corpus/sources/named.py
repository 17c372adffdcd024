"""What a recipe names as a source: its label, its format, its documents, its hash and its size.

Documents come one by one and are never held together in memory. What it leaves out: the formats themselves
(`fidan.corpus.sources.readers`) and any judgement of the text.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import xxhash
from datatrove.data import Document

from fidan.artifact import hash_file, hash_json
from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.sources import readers
from fidan.corpus.sources.streams import COMPRESSED, Advance, content_kind, ignore_progress
from fidan.errors import SourceError

_HF, _SYNTHETIC = "hf:", "synthetic:"
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kKmMgG]?)[bB]?")
_UNITS = {"": 1, "k": 10**3, "K": 10**3, "m": 10**6, "M": 10**6, "g": 10**9, "G": 10**9}

# A document is read up to this many bytes, or up to eight times `max_chars` where that is more (a character has at
# most four bytes, and white space may go before the characters are counted): what is longer would be dropped anyway,
# and a file without a line break must not fill the memory.
DOCUMENT_BYTES = 16_000_000


def document_cap(config: CorpusConfig) -> int:
    """Bytes of a document that are read; a longer one is cut there and counted."""
    return max(DOCUMENT_BYTES, 8 * config.max_chars)


def source_format(source: Source) -> str:
    """The format of a source: as named, or by the ending of its path."""
    if source.format != "auto":
        return source.format
    path = source.path
    if path.startswith(_HF):
        return "hf"
    if path.startswith(_SYNTHETIC):
        return "synthetic"
    if Path(path).is_dir():
        return "folder"
    suffixes = [suffix for suffix in Path(path).suffixes if suffix not in COMPRESSED]
    return {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}.get(
        suffixes[-1] if suffixes else "", "cc100"
    )


def source_names(config: CorpusConfig) -> list[str]:
    """A label for each of `sources` and then `valid_sources`, no two alike: documents are named by it.

    Without a `name` it is the file's name without its known endings; a repeated label gets `#2`, `#3`.
    """
    names: list[str] = []
    for source in (*config.sources, *config.valid_sources):
        name = source.name or _default_name(source)
        count = sum(taken.split("#")[0] == name for taken in names)
        names.append(f"{name}#{count + 1}" if count else name)
    return names


def source_seeds(config: CorpusConfig, seed: int) -> list[int]:
    """A seed for each of `sources` and then `valid_sources`, so that two synthetic ones are not the same text."""
    return [seed + 7919 * position for position in range(len(config.sources) + len(config.valid_sources))]


def read_source(
    source: Source,
    name: str,
    config: CorpusConfig,
    seed: int,
    *,
    noise: float = 0.0,
    advance: Advance = ignore_progress,
) -> Iterator[Document]:
    """The documents of a source, in its order.

    Args:
        source: where they are.
        name: the label; documents are `<name>/<index>`, and carry it as `metadata["source"]`.
        config: for `max_chars`, which decides how much of a document is read.
        seed: of a synthetic source.
        noise: share of planted noise in a synthetic source.
        advance: told of progress, in the unit of `size_hint`.

    Yields:
        Documents; one that was cut has `metadata["cut"]`.

    Raises:
        SourceError: the source is missing, empty, truncated, damaged, or not what it claims to be.
    """
    cap, found = document_cap(config), 0
    for text, cut in _read(source, cap, seed, noise, advance):
        metadata = {"source": name, "cut": True} if cut else {"source": name}
        yield Document(text=text, id=f"{name}/{found}", metadata=metadata)
        found += 1
    if not found:
        raise SourceError(f"{source.path}: no documents in it.")


def source_hash(source: Source, config: CorpusConfig, seed: int, *, noise: float | None = None) -> str:
    """What identifies the content of a source, for a manifest.

    A file's bytes; the names and contents of a folder; what decides synthetic text. A dataset of the hub cannot be
    hashed without fetching it: its name stands for it, marked `unhashed`.

    Args:
        source: where it is.
        config: for the noise of synthetic text.
        seed: of synthetic text.
        noise: overrides the configured one (held-out text has none).

    Raises:
        SourceError: there is nothing there.
    """
    kind = source_format(source)
    if kind == "hf":
        return f"unhashed {source.path}"
    if kind == "synthetic":
        from fidan.corpus.synthetic.generator import GENERATOR_VERSION

        share = config.noise if noise is None else noise
        return hash_json([synthetic_bytes(source.path), seed, share, GENERATOR_VERSION])
    path = Path(source.path)
    if kind != "folder":
        content_kind(path)
        return hash_file(path)
    digest = xxhash.xxh3_128()
    for file in readers.text_files(path):
        digest.update(f"{file.relative_to(path).as_posix()}\0{hash_file(file)}\0".encode())
    return digest.hexdigest()


def size_hint(source: Source) -> int | None:
    """How much there is to read: bytes on the disk, or of text where it is synthetic; None where unknown."""
    kind = source_format(source)
    if kind == "hf":
        return None
    if kind == "synthetic":
        return synthetic_bytes(source.path)
    path = Path(source.path)
    if kind == "folder":
        return sum(file.stat().st_size for file in readers.text_files(path))
    return path.stat().st_size if path.is_file() else None


def synthetic_bytes(spec: str) -> int:
    """The size in `synthetic:20MB`, in bytes (decimal units).

    Raises:
        SourceError: it is not a size.
    """
    size = spec.removeprefix(_SYNTHETIC).strip()
    match = _SIZE.fullmatch(size)
    if not match or not (amount := int(float(match[1]) * _UNITS[match[2]])):
        raise SourceError(
            f"{spec}: {size!r} is not a size. Write synthetic:20MB, synthetic:500KB or a count of bytes."
        )
    return amount


def _default_name(source: Source) -> str:
    kind = source_format(source)
    if kind == "synthetic":
        return "synthetic"
    if kind == "hf":
        return source.path.removeprefix(_HF).split(":")[0].strip("/")
    name = Path(source.path).name
    for ending in (*COMPRESSED, ".txt", ".jsonl", ".ndjson", ".parquet"):
        name = name.removesuffix(ending)
    return name or source.path


def _read(source: Source, cap: int, seed: int, noise: float, advance: Advance) -> Iterator[readers.Text]:
    path = Path(source.path)
    match source_format(source):
        case "jsonl":
            return readers.read_jsonl(path, source.text, cap, advance)
        case "parquet":
            return readers.read_parquet(path, source.text, cap, advance)
        case "folder":
            return readers.read_folder(path, cap, advance)
        case "hf":
            return readers.read_hugging_face(source.path.removeprefix(_HF), source.text, cap, advance)
        case "synthetic":
            return _synthetic(source, seed, noise, advance)
        case _:
            return readers.read_cc100(path, cap, advance, guess=source.format == "auto")


def _synthetic(source: Source, seed: int, noise: float, advance: Advance) -> Iterator[readers.Text]:
    from fidan.corpus.synthetic.generator import generate

    for document in generate(seed, synthetic_bytes(source.path), noise=noise):
        yield document.text, False
        advance(len(document.text))
