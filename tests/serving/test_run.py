"""A server on a socket, in a thread: slow clients, and an end at once."""

import contextlib
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from fidan.errors import FidanError
from fidan.serving.app import build_app
from fidan.serving.opening import model_name, open_service
from fidan.serving.run import server_of
from fidan.serving.service import Limits, Service
from fidan.serving.sockets import open_socket, url_of

GREEDY = {"temperature": 0, "repetition_penalty": 1}  # of which this model never ends a text


@dataclass
class Running:
    """A server that runs in a thread."""

    service: Service
    server: uvicorn.Server
    url: str
    address: tuple[str, int]
    thread: threading.Thread
    told: list[str]

    def running(self) -> int:
        return self.service.batcher.stats().running

    def send(self, body: dict[str, object]) -> socket.socket:
        """A client that has sent a request, and reads little at a time."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(self.address)
        text = json.dumps({"model": self.service.name, **body}).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(text)}\r\n"
        client.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + text)
        return client


@pytest.fixture
def running(chat_run: Path) -> Iterator[Running]:
    service = open_service(
        chat_run, limits=Limits(slots=2, queue=2, body_seconds=0.5, unread_seconds=0.5), device="cpu"
    )
    told: list[str] = []
    listening = open_socket("127.0.0.1", 0)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)  # so that a buffer is soon full
    server = server_of(build_app(service, page=False), 30.0, told.append)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    assert wait_for(lambda: bool(told))
    yield Running(service, server, url_of(listening), listening.getsockname()[:2], thread, told)
    for _ in range(2):
        server.handle_exit(signal.SIGINT, None)
    thread.join(10)
    assert not thread.is_alive()


def wait_for(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_a_client_that_does_not_read_is_cut_off(running: Running) -> None:
    """Its text alone would be written to the end, into memory; the log-probabilities make it long."""
    with running.send({"prompt": "Ali", "unknown": 1}) as client:
        assert client.recv(12) == b"HTTP/1.1 400"  # a parameter that nobody knows
    with running.send({"prompt": "Ali", "max_tokens": 2000, **GREEDY, "logprobs": 20, "stream": True}) as client:
        assert wait_for(lambda: running.running() == 1)
        assert wait_for(lambda: running.service.batcher.stats().cancelled == 1)
        assert running.running() == 0
        assert running.service.batcher.stats().written_tokens < 2000
        rest = b""
        while part := client.recv(65536):
            rest += part
        assert b"[DONE]" not in rest


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /health HTT", b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nX: "],
    ids=["nothing", "half a line", "half a head"],
)
def test_a_client_that_sends_no_whole_head_is_cut_off(running: Running, sent: bytes) -> None:
    with socket.create_connection(running.address) as client:
        client.sendall(sent)
        client.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(100) == b""


def test_a_body_that_does_not_come_is_waited_for_for_a_while(running: Running) -> None:
    with socket.create_connection(running.address) as client:
        head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        client.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        client.settimeout(10)
        answer = b""
        while part := client.recv(65536):
            answer += part
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"code": "body_timeout"' in answer


def test_a_second_signal_ends_at_once(running: Running) -> None:
    with running.send({"prompt": "Ali", "max_tokens": 2000, **GREEDY}) as _:
        assert wait_for(lambda: running.running() == 1)
        running.server.handle_exit(signal.SIGTERM, None)
        assert wait_for(lambda: httpx.get(f"{running.url}/health").status_code == 503)
        assert "1 texts are being finished" in running.told[-1]
        assert running.running() == 1
        asked = time.monotonic()
        running.server.handle_exit(signal.SIGTERM, None)
        running.thread.join(10)
        assert not running.thread.is_alive()
        assert time.monotonic() - asked < 2
    assert running.service.batcher.stats().written_tokens < 2000


@pytest.mark.parametrize(
    ("host", "why"), [("no.such.host.invalid", "no such address"), ("203.0.113.7", "not an address")]
)
def test_an_address_that_is_not_here_is_refused(host: str, why: str) -> None:
    with pytest.raises(FidanError, match=why):
        open_socket(host, 0)


def test_a_model_has_the_name_of_its_folder(tmp_path: Path) -> None:
    assert model_name(tmp_path / "fide") == "fide"
    assert model_name(tmp_path / "fide" / "hugging_face") == "fide"
    assert model_name(tmp_path / "fide-Q8_0.gguf") == "fide-Q8_0"
