"""`fidan serve` as a process, asked by the clients that people use; in the end it is told to end while it writes."""

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

KEY = "gizli-1"
HELLO = [{"role": "user", "content": "Merhaba"}]
GREEDY = {"temperature": 0, "repetition_penalty": 1}  # of which this model never ends a text
LONG = {"model": "fide", "messages": HELLO, "max_tokens": 500, "stream": True, **GREEDY}  # takes a second or more
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Any]) -> Any:
    return start_server("--slots", "2", "--queue", "1", "--device", "cpu", key=KEY)


def health(server: Any) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{server.url}/health", headers=BEARER).json()
    return found


def idle(server: Any) -> bool:
    return (health(server)["running"], health(server)["waiting"]) == (0, 0)


def wait_for(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_the_official_client_chats_and_completes(server: Any) -> None:
    openai = pytest.importorskip("openai")
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0)
    assert [model.id for model in client.models.list()] == ["fide"]
    assert client.models.retrieve("fide").owned_by == "fidan"
    asked = {"model": "fide", "messages": HELLO, "max_tokens": 8, "temperature": 0, "seed": 1}
    answer = client.chat.completions.create(**asked, logprobs=True, top_logprobs=2, n=2)
    assert [choice.finish_reason for choice in answer.choices] == ["length", "length"]
    assert answer.usage.completion_tokens == 16
    assert len(answer.choices[0].logprobs.content) == 8
    parts = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert text == answer.choices[0].message.content
    assert parts[-1].usage.completion_tokens == 8
    text = client.completions.create(model="fide", prompt="Ali", max_tokens=5, extra_body={"top_k": 1})
    assert text.choices[0].text
    again = client.completions.create(model="fide", prompt="Ali", max_tokens=5, temperature=0, stream=True)
    assert "".join(part.choices[0].text for part in again) == text.choices[0].text


def test_the_official_client_raises_its_own_exceptions(server: Any) -> None:
    openai = pytest.importorskip("openai")
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0)
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4", messages=HELLO)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as bad:
        client.chat.completions.create(model="fide", messages=HELLO, max_tokens=10**9)
    assert bad.value.param == "max_tokens"
    with pytest.raises(openai.AuthenticationError) as stranger:
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="x", max_retries=0).models.list()
    assert stranger.value.code == "invalid_api_key"


def test_the_official_asynchronous_client_has_many_answered_together(server: Any) -> None:
    openai = pytest.importorskip("openai")

    async def ask() -> list[Any]:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=KEY, max_retries=0) as client:
            asked = {"model": "fide", "messages": HELLO, "max_tokens": 300, "temperature": 0}
            waiting = [client.chat.completions.create(**asked) for _ in range(6)]
            return await asyncio.gather(*waiting, return_exceptions=True)

    answers = asyncio.run(ask())
    texts = [one.choices[0].message.content for one in answers if not isinstance(one, Exception)]
    turned_away = [one for one in answers if isinstance(one, Exception)]
    assert len(texts) >= 3
    assert len(set(texts)) == 1
    assert turned_away  # two slots, one that waits
    for one in turned_away:
        assert isinstance(one, openai.RateLimitError)
        assert int(one.response.headers["retry-after"]) >= 1


def test_langchain_chats(server: Any) -> None:
    chat = pytest.importorskip("langchain_openai").ChatOpenAI(
        base_url=f"{server.url}/v1", api_key=KEY, model="fide", temperature=0, max_tokens=8, max_retries=0
    )
    answer = chat.invoke([("system", "Kısa yaz."), ("user", "Merhaba")])
    assert answer.content
    assert answer.usage_metadata["output_tokens"] == 8
    streamed = list(chat.stream([("system", "Kısa yaz."), ("user", "Merhaba")]))
    assert "".join(part.content for part in streamed) == answer.content


def test_curl_sees_events_as_they_come(server: Any) -> None:
    curl = shutil.which("curl") or pytest.skip("no curl")
    command = [curl, "-sN", "-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json"]
    command += ["-d", json.dumps(LONG), f"{server.url}/v1/chat/completions"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith(b'data: {"id":"chatcmpl-')
        assert health(server)["running"] == 1  # the first event is here, and the text is still being written
        assert running.stdout.read().endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "whole"])
def test_a_client_that_is_killed_frees_its_slot(server: Any, stream: bool) -> None:
    assert wait_for(lambda: idle(server))
    body = json.dumps({**LONG, "n": 2, "stream": stream}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    cancelled = metric(server, "fidan_cancelled_total")
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(head.encode() + body)
        assert wait_for(lambda: health(server)["running"] == 2)
    left = time.monotonic()
    assert wait_for(lambda: idle(server))
    assert time.monotonic() - left < 1
    assert metric(server, "fidan_cancelled_total") == cancelled + 2


def metric(server: Any, name: str) -> float:
    lines = httpx.get(f"{server.url}/metrics", headers=BEARER).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def test_nobody_else_can_have_the_port(server: Any, chat_run: Path) -> None:
    command = [sys.executable, "-m", "fidan.cli", "serve", "--model", str(chat_run), "--port", str(server.port)]
    ended = subprocess.run([*command, "--no-page"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"port {server.port}: something else listens there" in ended.stderr


def test_a_signal_lets_what_runs_finish(server: Any) -> None:
    """The last test of this server: two texts are written, one waits; all of them end as they would have."""
    assert wait_for(lambda: idle(server))
    ended: list[bytes] = []

    def ask() -> None:
        response = httpx.post(f"{server.url}/v1/chat/completions", json=LONG, headers=BEARER, timeout=60)
        ended.append(response.content)

    clients = [threading.Thread(target=ask) for _ in range(3)]
    for client in clients:
        client.start()
    assert wait_for(lambda: (health(server)["running"], health(server)["waiting"]) == (2, 1))
    server.process.send_signal(signal.SIGTERM)
    assert wait_for(lambda: httpx.get(f"{server.url}/health").json() == {"status": "closing"})
    late = httpx.post(f"{server.url}/v1/chat/completions", json=LONG, headers=BEARER)
    assert late.status_code == 503
    for client in clients:
        client.join()
    assert server.process.wait(timeout=20) == 0
    assert len(ended) == 3
    for text in ended:
        assert b'"finish_reason":"length"' in text
        assert text.endswith(b"data: [DONE]\n\n")
