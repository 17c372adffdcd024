"""A file comes whole over a connection that breaks, from a server that changes its mind, onto a disk that is full."""

import hashlib
import lzma
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest
from filelock import FileLock

from fidan.corpus.sources import download as module
from fidan.corpus.sources.catalogue import DATASETS, Dataset, find_dataset
from fidan.corpus.sources.download import TRIES, download
from fidan.errors import DiskFullError, SourceError
from fidan.progress import SilentReporter

CONTENT = lzma.compress(os.urandom(300_000), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64)
OTHER = lzma.compress(os.urandom(300_000))


class Log(SilentReporter):
    """Keeps what was said, and how much of each task was done before and in it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.tasks: list[tuple[str, float | None, float]] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    @contextmanager
    def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator["Log.Counted"]:
        counted = Log.Counted()
        yield counted
        self.tasks.append((description, total, done + counted.amount))

    class Counted:
        amount = 0.0

        def advance(self, amount: float, note: str = "") -> None:
            self.amount += amount

    def __contains__(self, piece: str) -> bool:
        return any(piece in line for line in self.said)


class Server(ThreadingHTTPServer):
    """A web server that misbehaves as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.etag, self.date = CONTENT, '"one"', "Tue, 01 Jan 2019 00:00:00 GMT"
        self.ranges = self.if_range = self.told_length = True
        self.drops: list[int] = []  # bytes of the body after which each of the next answers breaks off
        self.reset = False  # breaks off with a reset instead of an end
        self.statuses: list[int] = []  # of the next answers
        self.asked: list[tuple[str | None, str | None]] = []  # Range and If-Range of every request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/corpora/tr.txt.xz"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, wanted, condition = self.server, self.headers["Range"], self.headers["If-Range"]
        server.asked.append((wanted, condition))
        if server.statuses:
            self.send_error(server.statuses.pop(0))
            return
        first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if not server.ranges or (server.if_range and condition not in (server.etag, server.date)):
            first = 0
        if first and first >= len(server.content):
            self.send_error(416)
            return
        body = server.content[first:]
        self.send_response(206 if first else 200)
        if server.told_length:
            self.send_header("Content-Length", str(len(body)))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(server.content) - 1}/{len(server.content)}")
        if server.etag:
            self.send_header("ETag", server.etag)
        if server.date:
            self.send_header("Last-Modified", server.date)
        self.end_headers()
        if server.drops:
            self.wfile.write(body[: server.drops.pop(0)])
            self.wfile.flush()
            if server.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.connection.close()
        else:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def dataset(server: Server, **changes: object) -> Dataset:
    settings: dict[str, object] = {"bytes": len(CONTENT), **changes}
    return Dataset("tr", server.url, "web text", "Somebody 2020", "for research", "http://page", **settings)  # type: ignore[arg-type]


def fetch(server: Server, folder: Path, log: Log | None = None, **changes: object) -> Path:
    pauses: list[float] = []
    path = download(dataset(server, **changes), folder, log or Log(), wait=pauses.append)
    assert all(pause <= module.LONGEST_PAUSE for pause in pauses)
    return path


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def assert_finished(path: Path, content: bytes = CONTENT) -> None:
    assert path.read_bytes() == content
    assert files(path.parent) == {"tr.txt.xz", "tr.txt.xz.sha256"}
    record = (path.parent / "tr.txt.xz.sha256").read_text()
    assert record == f"{hashlib.sha256(content).hexdigest()}  tr.txt.xz\n"


def test_whole_at_once(server: Server, tmp_path: Path) -> None:
    log = Log()
    assert_finished(fetch(server, tmp_path / "new" / "data", log))
    assert log.said[0] == "tr: web text"
    assert "Somebody 2020" in log.said[1]
    assert "for research" in log.said[2]
    assert log.tasks == [(f"{doing} tr.txt.xz", len(CONTENT), len(CONTENT)) for doing in ("fetching", "checking")]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_record_is_one_that_sha256sum_reads(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    subprocess.run(["sha256sum", "--check", "--strict", "tr.txt.xz.sha256"], cwd=tmp_path, check=True)


def test_second_call_fetches_nothing(server: Server, tmp_path: Path) -> None:
    path = fetch(server, tmp_path)
    time, asked = path.stat().st_mtime_ns, len(server.asked)
    log = Log()
    assert fetch(server, tmp_path, log) == path
    assert (path.stat().st_mtime_ns, len(server.asked)) == (time, asked)
    assert "is there and whole" in log


def test_finished_file_is_checked_again(server: Server, tmp_path: Path) -> None:
    path = fetch(server, tmp_path)
    path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(SourceError, match=r"tr\.txt\.xz: its bytes have changed .* Move it away"):
        fetch(server, tmp_path)
    path.write_bytes(CONTENT[:-9])
    with pytest.raises(SourceError, match=f"has {len(CONTENT) - 9:,} bytes, not {len(CONTENT):,}"):
        fetch(server, tmp_path)
    assert path.exists()


def test_copy_from_elsewhere_is_checked_and_recorded(server: Server, tmp_path: Path) -> None:
    (tmp_path / "tr.txt.xz").write_bytes(CONTENT)
    assert_finished(fetch(server, tmp_path))
    assert not server.asked


def test_damaged_copy_from_elsewhere(server: Server, tmp_path: Path) -> None:
    (tmp_path / "tr.txt.xz").write_bytes(CONTENT[:2000] + b"!" + CONTENT[2001:])
    with pytest.raises(SourceError, match="damaged xz data"):
        fetch(server, tmp_path)
    assert files(tmp_path) == {"tr.txt.xz"}


@pytest.mark.parametrize("reset", [False, True])
def test_dropped_connections(server: Server, tmp_path: Path, reset: bool) -> None:
    server.drops, server.reset = [100_000, 0, 70_000], reset
    log = Log()
    assert_finished(fetch(server, tmp_path, log))
    starts = [int(asked.removeprefix("bytes=")[:-1]) for asked, _ in server.asked[1:] if asked]
    assert starts == sorted(starts)
    assert reset or starts == [100_000, 100_000, 170_000]
    assert {condition for asked, condition in server.asked if asked} <= {'"one"'}
    assert "trying again in 1 s (failure 1 of" in log


def test_goes_on_in_a_later_call(server: Server, tmp_path: Path) -> None:
    server.drops = [120_000] + [0] * (TRIES - 1)
    with pytest.raises(SourceError, match=r"ended early, 6 times in a row\. 120,000 bytes have come and are kept in"):
        fetch(server, tmp_path)
    assert files(tmp_path) == {"tr.txt.xz.part", "tr.txt.xz.part.json"}
    log = Log()
    assert_finished(fetch(server, tmp_path, log))
    assert "going on after 120,000 bytes" in log
    assert server.asked[-1] == ("bytes=120000-", '"one"')
    assert log.tasks[0][2] == len(CONTENT)  # the bar began where the file did


def test_killed_after_the_last_byte(server: Server, tmp_path: Path) -> None:
    (tmp_path / "tr.txt.xz.part").write_bytes(CONTENT)
    known = {"url": server.url, "validator": '"one"', "bytes": len(CONTENT)}
    (tmp_path / "tr.txt.xz.part.json").write_bytes(orjson.dumps(known))
    assert_finished(fetch(server, tmp_path))
    assert not server.asked


def test_failures_in_a_row_are_bounded_and_back_off(server: Server, tmp_path: Path) -> None:
    server.statuses = [503] * 100
    pauses: list[float] = []
    with pytest.raises(SourceError, match=f"answered 503 .*, {TRIES} times in a row") as caught:
        download(dataset(server), tmp_path, Log(), wait=pauses.append)
    assert len(server.asked) == TRIES
    assert pauses == [2.0**n for n in range(TRIES - 1)]
    assert server.url in str(caught.value)
    assert "kept" not in str(caught.value)


def test_server_that_cannot_send_a_part(server: Server, tmp_path: Path) -> None:
    server.ranges, server.drops = False, [100_000]
    log = Log()
    assert_finished(fetch(server, tmp_path, log))
    assert "the server cannot send a part of a file: starting over" in log


def test_server_that_never_gets_further_is_given_up(server: Server, tmp_path: Path) -> None:
    server.ranges, server.drops = False, [100_000] * 100
    with pytest.raises(SourceError, match="times in a row"):
        fetch(server, tmp_path)
    assert len(server.asked) <= 2 * TRIES


@pytest.mark.parametrize("if_range", [True, False])
@pytest.mark.parametrize("by", ["etag", "date"])
def test_file_that_changes_between_two_tries(server: Server, tmp_path: Path, if_range: bool, by: str) -> None:
    """Also at a server that does not understand If-Range and would go on with the other file."""
    if by == "date":
        server.etag = 'W/"weak"'
    server.drops = [100_000] + [0] * (TRIES - 1)
    with pytest.raises(SourceError):
        fetch(server, tmp_path, bytes=None)
    setattr(server, by, '"two"' if by == "etag" else "Wed, 02 Jan 2019 00:00:00 GMT")
    server.content, server.if_range = OTHER, if_range
    log = Log()
    assert_finished(fetch(server, tmp_path, log, bytes=None), OTHER)
    assert ("changed at its source: starting over" in log) == if_range
    assert ("piece of something else, so it is fetched from the start" in log) != if_range


@pytest.mark.parametrize(
    "known",
    [b"", b"{}", b"not json", b'{"url":"http://other","validator":"x","bytes":9999999}'],
)
def test_part_of_unknown_origin_is_not_built_on(server: Server, tmp_path: Path, known: bytes) -> None:
    (tmp_path / "tr.txt.xz.part").write_bytes(b"something else")
    if known:
        (tmp_path / "tr.txt.xz.part.json").write_bytes(known)
    log = Log()
    assert_finished(fetch(server, tmp_path, log))
    assert "does not say which version of the file it is of: starting over" in log
    assert server.asked == [(None, None)]


def test_server_without_etag_and_date(server: Server, tmp_path: Path) -> None:
    """Nothing tells whether the rest would be of the same file, so it is fetched from the start."""
    server.etag = server.date = ""
    server.drops = [100_000]
    assert_finished(fetch(server, tmp_path))
    assert server.asked == [(None, None)] * 2


def test_length_not_told(server: Server, tmp_path: Path) -> None:
    server.told_length = False
    assert_finished(fetch(server, tmp_path, bytes=None))


def test_range_beyond_the_end(server: Server, tmp_path: Path) -> None:
    (tmp_path / "tr.txt.xz.part").write_bytes(CONTENT + b"more")
    known = {"url": server.url, "validator": '"one"', "bytes": None}
    (tmp_path / "tr.txt.xz.part.json").write_bytes(orjson.dumps(known))
    log = Log()
    assert_finished(fetch(server, tmp_path, log))
    assert "answered 416" in log


def test_truncated_at_its_source(server: Server, tmp_path: Path) -> None:
    """The server believes in the short file; only the file's own end mark tells."""
    server.content = CONTENT[:-1000]
    with pytest.raises(SourceError, match=r"truncated\. The same command fetches it anew from http"):
        fetch(server, tmp_path, bytes=None)
    assert not (tmp_path / "tr.txt.xz").exists()
    server.content = CONTENT
    assert_finished(fetch(server, tmp_path))


@pytest.mark.parametrize("place", [100, 150_000, -30])
def test_damaged_on_the_way(server: Server, tmp_path: Path, place: int) -> None:
    damaged = bytearray(CONTENT)
    damaged[place] ^= 1
    server.content = bytes(damaged)
    with pytest.raises(SourceError, match="damaged xz data"):
        fetch(server, tmp_path)
    server.content = CONTENT
    assert_finished(fetch(server, tmp_path))


def test_wrong_size_is_refused_before_anything_comes(server: Server, tmp_path: Path) -> None:
    server.content = b"<html>please log in</html>"
    with pytest.raises(
        SourceError, match=f"offers 26 bytes .*, not {len(CONTENT):,}: another file, or an error page"
    ):
        fetch(server, tmp_path)
    assert files(tmp_path) == set()


def test_wrong_checksum(server: Server, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"its SHA-256 is {hashlib.sha256(CONTENT).hexdigest()}, not {'0' * 64}"):
        fetch(server, tmp_path, sha256="0" * 64)
    assert_finished(fetch(server, tmp_path, sha256=hashlib.sha256(CONTENT).hexdigest()))


def test_bytes_after_the_end_are_part_of_the_checksum(server: Server, tmp_path: Path) -> None:
    server.content = CONTENT + CONTENT + b"\0" * 8 + b"rubbish" * 9000
    assert_finished(fetch(server, tmp_path, bytes=None), server.content)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_refusals_are_not_tried_again(server: Server, tmp_path: Path, status: int) -> None:
    server.statuses = [status] * 9
    with pytest.raises(SourceError, match=f"{server.url}: the server answered {status} .* see http://page"):
        fetch(server, tmp_path)
    assert len(server.asked) == 1


def test_no_server(server: Server, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = Dataset("tr", f"http://127.0.0.1:{port}/tr.txt.xz", "a", "b", "c", "d", 5)
    log = Log()
    with pytest.raises(SourceError, match=f"no connection to 127.0.0.1:{port} .*refused.*put a copy of the file at"):
        download(nobody, tmp_path, log, wait=lambda _: None)
    assert f"failure {TRIES - 1} of {TRIES}" in log


def test_too_little_room_is_said_before_anything_comes(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**6, 10**6 - 5, 5))
    with pytest.raises(DiskFullError, match=f"{len(CONTENT):,} bytes are still to come, and 5 are free.*--to"):
        fetch(server, tmp_path)
    assert files(tmp_path) == set()


def test_disk_that_fills_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs Linux and root")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("this system does not let a tmpfs be mounted")
    try:
        server.told_length = False  # so that it is not refused at the start
        with pytest.raises(DiskFullError, match=r"the disk is full: .* What has come is kept in"):
            fetch(server, place)
        kept = (place / "tr.txt.xz.part").read_bytes()
        assert kept
        assert CONTENT.startswith(kept)
        subprocess.run(["mount", "-o", "remount,size=2m", place], check=True)
        server.told_length = True
        assert_finished(fetch(server, place))
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_another_process_at_work(server: Server, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".tr.txt.xz.lock"), pytest.raises(SourceError, match="another fidan is fetching it"):
        fetch(server, tmp_path)


def test_interrupted_by_the_user(server: Server, tmp_path: Path) -> None:
    server.drops = [100_000]

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(dataset(server), tmp_path, Log(), wait=interrupt)
    assert_finished(fetch(server, tmp_path))
    assert server.asked[-1][0] == "bytes=100000-"


def test_catalogue() -> None:
    assert all(name == made.name and made.terms and made.source for name, made in DATASETS.items())
    assert find_dataset("cc100-tr").file == "tr.txt.xz"
    with pytest.raises(SourceError, match=r"cc100tr: no dataset of that name is known\. Did you mean cc100-tr\?"):
        find_dataset("cc100tr")
    with pytest.raises(SourceError, match="Known: cc100-tr"):
        download("wikipedia", Path("nowhere"), Log())
    assert not Path("nowhere").exists()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "tr.txt.xz", "http://host/"])
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(SourceError, match="not the http"):
        Dataset("tr", url, "", "", "", "")
