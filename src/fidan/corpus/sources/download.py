"""Fetching a public raw corpus: it goes on where it was interrupted, and is checked to its last byte.

What came so far waits in `<file>.part`; `<file>.part.json` beside it remembers which version of the file that is, so
that pieces of two versions never meet. The finished file gets `<file>.sha256` beside it, in the form of `sha256sum`.
What it leaves out: what there is to fetch (`fidan.corpus.sources.catalogue`) and reading it (`readers`).
"""

import hashlib
import lzma
import os
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from filelock import FileLock, Timeout

from fidan import __version__
from fidan.artifact import atomic_write, explain_disk_full, read_json, write_json
from fidan.corpus.sources.catalogue import Dataset, find_dataset
from fidan.corpus.sources.streams import BLOCK
from fidan.errors import ArtifactMismatch, DiskFullError, SourceError
from fidan.progress import Reporter, Task

TRIES = 6  # failures in a row before giving up: with the pauses below, about a minute
PROGRESS = 1 << 16  # bytes that a connection must bring for its failure not to count as one in a row
LONGEST_PAUSE = 60.0  # seconds between two tries; the first pause is one second, each further one twice as long
SILENCE = 60.0  # seconds without a byte after which a connection counts as dropped
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # answers of a server that may answer better in a while


class _Dropped(Exception):
    """A try that failed for a reason that may pass."""


def download(
    dataset: str | Dataset, folder: Path, reporter: Reporter, *, wait: Callable[[float], None] = time.sleep
) -> Path:
    """Fetch a dataset, or go on fetching it, or check the one that is there.

    Args:
        dataset: a name of the catalogue, or a description of one's own.
        folder: where the file goes; made where needed.
        reporter: told of source and terms first, then of the work.
        wait: how to pass the seconds between two tries.

    Returns:
        The path of the file: of the size and SHA-256 that are published, as far as they are, and decompressed to its
        end once if it is an .xz file.

    Raises:
        SourceError: no such dataset, the server does not give it, it is not what it should be, or another process is
            fetching it into the same folder.
        DiskFullError: no room; what has come is kept.
    """
    if isinstance(dataset, str):
        dataset = find_dataset(dataset)
    reporter.say(f"{dataset.name}: {dataset.about}")
    reporter.say(f"  source: {dataset.source} ({dataset.page})")
    reporter.say(f"  terms: {dataset.terms}")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f".{dataset.file}.lock", timeout=0):
            return _Download(dataset, folder, reporter, wait).run()
    except Timeout:
        raise SourceError(
            f"{folder / dataset.file}: another fidan is fetching it. Wait for it, or name another folder with --to."
        ) from None


class _Download:
    """One call: the files it deals with, and the steps."""

    def __init__(self, dataset: Dataset, folder: Path, reporter: Reporter, wait: Callable[[float], None]) -> None:
        self.dataset, self.folder, self.reporter, self.wait = dataset, folder, reporter, wait
        self.target = folder / dataset.file
        self.part = folder / f"{dataset.file}.part"
        self.memory = folder / f"{dataset.file}.part.json"
        self.record = folder / f"{dataset.file}.sha256"

    def run(self) -> Path:
        if self.target.exists():
            self._check_finished()
            return self.target
        self._fetch()
        try:
            digest = self._check(self.part, decode=True)
        except SourceError as error:
            self.memory.unlink(missing_ok=True)  # without it nothing is built on these bytes
            raise SourceError(f"{error} The same command fetches it anew from {self.dataset.url}.") from error
        self._write_record(digest)
        self.part.replace(self.target)
        self.memory.unlink(missing_ok=True)
        self.reporter.say(f"{self.target}: {self.target.stat().st_size:,} bytes, SHA-256 {digest}")
        return self.target

    # A file that is there

    def _check_finished(self) -> None:
        mend = f"Move it away, and the same command fetches it from {self.dataset.url}."
        try:
            if not self.record.exists():  # fetched by other means, or the record was lost
                self._write_record(self._check(self.target, decode=True))
            elif self._check(self.target, decode=False) != (recorded := _first_word(self.record)):
                raise SourceError(f"{self.target}: its bytes have changed since {self.record} noted {recorded!r}.")
        except SourceError as error:
            raise SourceError(f"{error} {mend}") from error
        self.reporter.say(f"{self.target}: is there and whole")

    def _check(self, path: Path, *, decode: bool) -> str:
        """The SHA-256 of a file that is as it should be: size, published hash, and with `decode` its own checks."""
        size, expected = path.stat().st_size, self.dataset
        if not size or (expected.bytes is not None and size != expected.bytes):
            wanted = "some" if expected.bytes is None else f"{expected.bytes:,}"
            raise SourceError(f"{path}: has {size:,} bytes, not {wanted}.")
        decode = decode and self.target.suffix == ".xz"
        doing = f"checking {self.target.name}"
        if decode:
            self.reporter.say(f"{doing}: decompressing it to its end, which takes minutes for gigabytes")
        with self.reporter.task(doing, total=size) as task, path.open("rb") as file:
            reader = _Hashing(file, task)
            if decode:
                _decode_xz(path, reader)
            while reader.read(BLOCK):
                pass
        digest = reader.digest.hexdigest()
        if expected.sha256 and digest != expected.sha256:
            raise SourceError(f"{path}: its SHA-256 is {digest}, not {expected.sha256}.")
        return digest

    def _write_record(self, digest: str) -> None:
        with atomic_write(self.record) as file:
            file.write(f"{digest}  {self.target.name}\n".encode())

    # A file that is to come

    def _fetch(self) -> None:
        failures = 0
        while True:
            before = self._size()
            try:
                return self._try_once()
            except _Dropped as error:
                failures = 1 if self._size() >= before + PROGRESS else failures + 1
                if failures == TRIES:
                    raise SourceError(
                        f"{self.dataset.url}: {error}, {TRIES} times in a row. {self._kept()}On a machine without a "
                        f"network, put a copy of the file at {self.target}; the same command checks it."
                    ) from error
                pause = min(2.0 ** (failures - 1), LONGEST_PAUSE)
                told = f"{error}; {self._size():,} bytes have come; trying again in {pause:.0f} s"
                self.reporter.say(f"  {told} (failure {failures} of {TRIES})")
                self.wait(pause)

    def _try_once(self) -> None:
        """Fetch what is missing. Returns when all of it is there."""
        known = self._remembered()
        offset = self._size() if known else 0
        if known and offset == known["bytes"]:
            return
        headers = {"User-Agent": f"fidan/{__version__}"}
        if offset:
            headers |= {"Range": f"bytes={offset}-", "If-Range": known["validator"]}
        with self._open(Request(self.dataset.url, headers=headers)) as response:
            total, validator = _total(response), _validator(response)
            self._require_size(total, response)
            if response.status == 206:
                same = validator in ("", known.get("validator")) and total == known.get("bytes")
                if not offset or not same or _start(response) != offset:
                    self.memory.unlink(missing_ok=True)
                    raise _Dropped("the server sent a piece of something else, so it is fetched from the start")
                self.reporter.say(f"  going on after {offset:,} bytes")
            elif offset:
                changed = validator != known["validator"]
                why = "the file has changed at its source" if changed else "the server cannot send a part of a file"
                self.reporter.say(f"  {why}: starting over")
                offset = 0
            self._require_room(total)
            self._store(response, offset, total, {"url": self.dataset.url, "validator": validator, "bytes": total})

    def _remembered(self) -> dict[str, Any]:
        """What is known of the bytes in `.part`; empty when nothing can be built on them."""
        size = self._size()
        if not size:
            return {}
        try:
            known: dict[str, Any] = read_json(self.memory) if self.memory.exists() else {}
        except ArtifactMismatch:
            known = {}  # and said below
        total = known.get("bytes")
        if known.get("url") == self.dataset.url and known.get("validator") and (total is None or size <= total):
            return known
        self.reporter.say(f"  {self.part} does not say which version of the file it is of: starting over")
        return {}

    def _open(self, request: Request) -> HTTPResponse:
        url = self.dataset.url
        try:
            response: HTTPResponse = urlopen(request, timeout=SILENCE)
        except HTTPError as error:
            told = f"the server answered {error.code} {error.reason}"
            if error.code == 416:
                self.memory.unlink(missing_ok=True)
                raise _Dropped(f"{told} to a request for the rest, so it is fetched from the start") from error
            if error.code in _PASSING:
                raise _Dropped(told) from error
            raise SourceError(
                f"{url}: {told}. The file may have moved: see {self.dataset.page}. A copy from elsewhere is checked "
                f"by the same command once it lies at {self.target}."
            ) from error
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, ssl.SSLCertVerificationError):
                told = f"{url}: the server's certificate was not accepted ({reason.verify_message})"
                raise SourceError(f"{told}. Check this machine's clock and its certificates.") from error
            raise _Dropped(f"no connection to {urlsplit(url).netloc} ({reason})") from error
        return response

    def _require_size(self, total: int | None, response: HTTPResponse) -> None:
        expected = self.dataset.bytes
        if expected is not None and total is not None and total != expected:
            kind = response.headers.get_content_type()
            raise SourceError(
                f"{self.dataset.url}: the server offers {total:,} bytes ({kind}), not {expected:,}: another file, or "
                f"an error page. See {self.dataset.page}. {self._kept()}".rstrip()
            )

    def _require_room(self, total: int | None) -> None:
        need, free = (total or 0) - self._size(), shutil.disk_usage(self.folder).free
        if need > free:
            raise self._no_room(f"{need:,} bytes are still to come, and {free:,} are free")

    def _no_room(self, told: str) -> DiskFullError:
        return DiskFullError(
            f"{self.target}: the disk is full: {told}. What has come is kept in {self.part}: make room and run the "
            "same command again, or name a folder on another disk with --to."
        )

    def _store(self, response: HTTPResponse, offset: int, total: int | None, known: dict[str, Any]) -> None:
        began, come = time.monotonic(), 0
        doing = f"fetching {self.target.name}"
        try:
            with self.part.open("ab") as file:
                file.truncate(offset)  # before the new version is written down: no old bytes under its name
                if not offset:
                    write_json(self.memory, known)
                with self.reporter.task(doing, total=total, done=offset) as task:
                    for block in _blocks(response):
                        file.write(block)
                        come += len(block)
                        task.advance(len(block), f"{come / max(time.monotonic() - began, 1e-3) / 1e6:.1f} MB/s")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            if isinstance(explain_disk_full(error, self.part), DiskFullError):
                raise self._no_room(f"{self._size():,} bytes have come") from error
            raise
        except DiskFullError as error:  # the note beside it
            raise self._no_room(f"{self._size():,} bytes have come") from error
        if total is not None and self._size() < total:
            raise _Dropped("the connection ended early")

    def _kept(self) -> str:
        kept = f"{self._size():,} bytes have come and are kept in {self.part}: the same command goes on from there. "
        return kept if self._size() else ""

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: Any, task: Task) -> None:
        self.file, self.task, self.digest = file, task, hashlib.sha256()

    def read(self, size: int) -> bytes:
        block: bytes = self.file.read(size)
        self.digest.update(block)
        self.task.advance(len(block))
        return block


def _decode_xz(path: Path, reader: _Hashing) -> None:
    """Decompress to the end, which checks the container's own sums: of every block's text, and of the index.

    Raises:
        SourceError: truncated, or damaged.
    """
    try:
        with lzma.LZMAFile(reader) as file:  # type: ignore[arg-type]
            while file.read(BLOCK):
                pass
    except EOFError:
        raise SourceError(f"{path}: the xz file is truncated.") from None
    except lzma.LZMAError as error:
        raise SourceError(f"{path}: damaged xz data ({error}).") from error


def _blocks(response: HTTPResponse) -> Iterator[bytes]:
    try:
        while block := response.read1(BLOCK):
            yield block
    except (OSError, HTTPException) as error:
        raise _Dropped(f"the connection was dropped ({error})") from error


def _validator(response: HTTPResponse) -> str:
    """What tells this version of the file from another: a strong ETag, or the date (RFC 9110, section 13.1.5)."""
    etag: str = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")


def _total(response: HTTPResponse) -> int | None:
    """The bytes of the whole file, also where only its rest is sent; None where the server does not say."""
    told: str = response.headers.get("Content-Length", "")
    if response.status == 206:
        told = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(told) if told.isdecimal() else None


def _start(response: HTTPResponse) -> int | None:
    first: str = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdecimal() else None


def _first_word(record: Path) -> str:
    return (record.read_text(encoding="utf-8", errors="replace").split() or [""])[0]
