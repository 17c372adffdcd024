"""Files as blocks of bytes: plain, .gz, .xz and .zst, read from start to end without holding them in memory.

A compressed file that ends too early or is damaged is an error that says how far reading got; a file whose content
is not what its name says is an error that says what it is. What it leaves out: where documents begin and end
(`fidan.corpus.sources.readers`).
"""

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import zstandard

from fidan.errors import SourceError

BLOCK = 1 << 20  # bytes of text handed on at a time
# Zstandard's decompressor takes no limit for its output, and a block of 128 KiB may hide in a few bytes; fed this
# little at a time, even a file of zeros unfolds to tens of megabytes and not to gigabytes.
_ZSTD_FEED = 4096

COMPRESSED = {".gz": "gzip", ".xz": "xz", ".zst": "zstd"}
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PAR1": "parquet",
    b"BZh": "bzip2",
    b"PK\x03\x04": "zip",
    b"%PDF": "PDF",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}

Advance = Callable[[int], None]


def ignore_progress(_: int) -> None:
    """The `Advance` of a caller who does not watch."""


def content_kind(path: Path) -> str:
    """What a file's first bytes say it is: a key of the table above, or `text`.

    Raises:
        SourceError: there is no such file, it is a folder, it cannot be opened, or it has no bytes.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise SourceError(
            f"{path}: no such file. Sources are named relative to the current folder; name yours with "
            "--set 'corpus.sources=[\"FILE\"]' (and corpus.valid_sources, or [] there)."
        ) from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}).") from error
    if not head:
        raise SourceError(f"{path}: the file is empty (0 bytes).")
    other = "binary data" if b"\0" in head else "text"
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), other)


def check_content(path: Path, plain: str = "text") -> str:
    """The compression of a file, by its name, once its first bytes agree with the name.

    Args:
        path: the file.
        plain: what it holds when its name shows no compression: `text` or `parquet`.

    Returns:
        `gzip`, `xz`, `zstd` or `plain`.

    Raises:
        SourceError: as `content_kind`, or the content is not what the name says.
    """
    kind, expected = content_kind(path), COMPRESSED.get(path.suffix, plain)
    if kind == expected:
        return kind
    told = f"{path}: should be {expected} by its name, but its content is {kind}."
    if kind in COMPRESSED.values():
        ending = next(ending for ending, name in COMPRESSED.items() if name == kind)
        raise SourceError(f"{told} Rename it to end in {ending}.")
    if kind == "text":
        raise SourceError(f"{told} Rename it, or fetch it again: it may be an error page.")
    if kind == "parquet":
        raise SourceError(f'{told} Say format = "parquet", or rename it to end in .parquet.')
    raise SourceError(f"{told} Convert it to UTF-8 text first; .gz, .xz and .zst are opened on the way.")


def read_blocks(path: Path, advance: Advance = ignore_progress) -> Iterator[bytes]:
    """A file's bytes, decompressed, in blocks.

    Args:
        path: the file; `.gz`, `.xz` and `.zst` are decompressed, several members in a row are one text.
        advance: told how many bytes were taken from the disk (compressed bytes), as reading goes on.

    Raises:
        SourceError: the file is missing, empty, truncated, damaged or not what its name says.
    """
    kind = check_content(path)
    done = 0
    try:
        with path.open("rb") as raw:
            position = 0
            for block in _DECOMPRESS[kind](raw):
                done += len(block)
                yield block
                advance(raw.tell() - position)
                position = raw.tell()
    except EOFError:
        raise SourceError(
            f"{path}: the {kind} file is truncated: it ends after {done:,} bytes of text, before its end mark. "
            "Fetch it again; nothing of it was used."
        ) from None
    except (lzma.LZMAError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise SourceError(f"{path}: damaged {kind} data after {done:,} bytes of text ({error}).") from error
    except OSError as error:
        raise SourceError(f"{path}: reading failed after {done:,} bytes of text ({error}).") from error


def _plain(raw: IO[bytes]) -> Iterator[bytes]:
    while block := raw.read(BLOCK):
        yield block


def _gzip(raw: IO[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=raw) as file:
        while block := file.read(BLOCK):
            yield block


def _xz(raw: IO[bytes]) -> Iterator[bytes]:
    with lzma.LZMAFile(raw) as file:
        while block := file.read(BLOCK):
            yield block


def _zstd(raw: IO[bytes]) -> Iterator[bytes]:
    # `stream_reader` of the zstandard package ends quietly in the middle of a frame, so frames are followed by hand.
    frame = None
    gathered, size = [], 0
    while data := raw.read(_ZSTD_FEED):
        while data:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            piece = frame.decompress(data)
            gathered.append(piece)
            size += len(piece)
            data = b""
            if frame.eof:
                data, frame = frame.unused_data, None
        if size >= BLOCK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if size:
        yield b"".join(gathered)
    if frame is not None:
        raise EOFError


_DECOMPRESS: dict[str, Callable[[IO[bytes]], Iterator[bytes]]] = {
    "text": _plain,
    "gzip": _gzip,
    "xz": _xz,
    "zstd": _zstd,
}


def split_capped(
    blocks: Iterator[bytes], split: Callable[[bytes], list[bytes]], cap: int
) -> Iterator[tuple[bytes, bool]]:
    """The pieces of a stream, none longer than `cap` bytes.

    Args:
        blocks: the stream.
        split: takes bytes apart at the separators; its last piece is the one still under way.
        cap: bytes; the rest of a longer piece is passed over, so memory stays bounded by the cap and a block.

    Yields:
        A piece, and whether it was cut.
    """
    rest, held = b"", None  # `held` is the kept part of a piece that is being passed over
    for block in blocks:
        first, *others = split(rest + block)
        if not others:
            rest = first
        else:
            yield (_cut(first, cap), len(first) > cap) if held is None else (held, True)
            held = None
            for piece in others[:-1]:
                yield _cut(piece, cap), len(piece) > cap
            rest = others[-1]
        if held is None and len(rest) > cap:
            held = _cut(rest, cap)
        if held is not None:
            rest = rest[-_SEAM:]
    if held is not None:
        yield held, True
    elif rest:
        yield rest, False


_SEAM = 64  # bytes kept of what is passed over, so that a separator across two blocks is still seen


def _cut(piece: bytes, cap: int) -> bytes:
    """At most `cap` bytes, and no half of a UTF-8 character at the end."""
    if len(piece) <= cap:
        return piece
    while cap and piece[cap] & 0xC0 == 0x80:
        cap -= 1
    return piece[:cap]
