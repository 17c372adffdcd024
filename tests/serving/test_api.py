"""The API as a client sees it, in this process: what it answers, and what it refuses by name."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import torch
from starlette.testclient import TestClient

from fidan.generation.engine import TorchEngine
from fidan.law.assistant import Assistant
from fidan.law.index import LawIndex, build_index
from fidan.law.statutes import read_laws
from fidan.serving.app import build_app
from fidan.serving.opening import open_service
from fidan.serving.service import Service
from fidan.trained import NOT_TAUGHT

M = {"model": "fide"}
GREEDY = {**M, "temperature": 0, "max_tokens": 12}
JSON = {"Content-Type": "application/json"}
HELLO = {"messages": [{"role": "user", "content": "Merhaba"}]}


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(build_app(service, page=False), raise_server_exceptions=False) as opened:
        yield opened


def events(response: httpx.Response) -> list[dict[str, Any]]:
    """The chunks of a stream, which must end as a stream does."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def error(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["error"]
    assert set(found) == {"message", "type", "param", "code"}
    assert found["message"]
    return found


def test_the_model_is_listed_under_the_name_of_its_folder(client: TestClient) -> None:
    listed = client.get("/v1/models").json()
    assert [one["id"] for one in listed["data"]] == ["fide"]
    assert client.get("/v1/models/fide").json() == listed["data"][0]
    assert error(client.get("/v1/models/gpt-4"))["code"] == "model_not_found"


def test_a_streamed_text_is_the_whole_one(client: TestClient) -> None:
    body = {**GREEDY, "prompt": "Bugün hava"}
    whole = client.post("/v1/completions", json=body).json()
    chunks = events(client.post("/v1/completions", json={**body, "stream": True}))
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == whole["choices"][0]["text"] != ""
    assert chunks[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"] == "length"
    assert whole["usage"]["completion_tokens"] == 12
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert not any("usage" in chunk for chunk in chunks)


def test_a_streamed_answer_is_the_whole_one_and_tells_the_tokens_where_it_is_asked_to(client: TestClient) -> None:
    body = {**GREEDY, **HELLO}
    whole = client.post("/v1/chat/completions", json=body).json()
    assert whole["choices"][0]["message"]["role"] == "assistant"
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = events(client.post("/v1/chat/completions", json={**body, **options}))
    *parts, last = chunks
    assert parts[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    text = "".join(part["choices"][0]["delta"].get("content", "") for part in parts)
    assert text == whole["choices"][0]["message"]["content"] != ""
    assert parts[-1]["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "length"}
    assert all(part["usage"] is None for part in parts)
    assert last["choices"] == []
    assert last["usage"] == whole["usage"]


def test_a_text_ends_before_a_stop_string(client: TestClient) -> None:
    whole = client.post("/v1/completions", json={**GREEDY, "prompt": "Ali"}).json()["choices"][0]["text"]
    stop = whole[5:8]
    answer = client.post("/v1/completions", json={**GREEDY, "prompt": "Ali", "stop": ["hiç yok", stop]}).json()
    assert answer["choices"][0]["text"] == whole[: whole.find(stop)]
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_a_seed_writes_the_same_texts_and_each_of_n_is_another(client: TestClient) -> None:
    body = {**M, "prompt": "Ali", "max_tokens": 8, "temperature": 1, "seed": -7}
    first, again = (client.post("/v1/completions", json={**body, "n": 2}).json() for _ in range(2))
    texts = [choice["text"] for choice in first["choices"]]
    assert texts == [choice["text"] for choice in again["choices"]]
    assert texts[0] != texts[1]
    assert texts[0] == client.post("/v1/completions", json=body).json()["choices"][0]["text"]
    assert first["usage"]["completion_tokens"] == 16


def test_prompts_are_texts_or_tokens_and_each_has_its_texts(client: TestClient, service: Service) -> None:
    ids = service.writer.tokenizer.encode("Ali", bos=True)
    of_text, of_ids = (
        client.post("/v1/completions", json={**GREEDY, "prompt": prompt, "echo": True}).json()
        for prompt in (["Bugün", "Ali"], [service.writer.tokenizer.encode("Bugün", bos=True), ids])
    )
    assert [choice["text"] for choice in of_text["choices"]] == [choice["text"] for choice in of_ids["choices"]]
    assert of_text["choices"][1]["text"].startswith("Ali")
    assert of_text["usage"] == of_ids["usage"]
    alone = client.post("/v1/completions", json={**GREEDY, "prompt": ids}).json()
    assert "Ali" + alone["choices"][0]["text"] == of_text["choices"][1]["text"]


def test_logprobs_of_a_text_say_what_was_written_where(client: TestClient) -> None:
    body = {**GREEDY, "prompt": "Ali", "logprobs": 3, "repetition_penalty": 1}
    choice = client.post("/v1/completions", json=body).json()["choices"][0]
    told = choice["logprobs"]
    assert "".join(told["tokens"]) == choice["text"]
    assert told["text_offset"] == [len("".join(told["tokens"][:i])) for i in range(12)]
    for logprob, top in zip(told["token_logprobs"], told["top_logprobs"], strict=True):
        assert len(top) == 3
        assert logprob == max(top.values()) <= 0
    parts = [
        chunk["choices"][0]["logprobs"]
        for chunk in events(client.post("/v1/completions", json={**body, "stream": True}))
    ]
    assert [offset for part in parts for offset in part["text_offset"]] == told["text_offset"]


def test_logprobs_of_an_answer_have_the_bytes_of_each_token(client: TestClient) -> None:
    body = {**GREEDY, **HELLO, "logprobs": True, "top_logprobs": 2}
    choice = client.post("/v1/chat/completions", json=body).json()["choices"][0]
    told = choice["logprobs"]["content"]
    assert len(told) == 12
    assert (
        bytes(byte for one in told for byte in one["bytes"]).decode(errors="replace") == choice["message"]["content"]
    )
    assert all(len(one["top_logprobs"]) == 2 for one in told)
    assert client.post("/v1/chat/completions", json={**GREEDY, **HELLO}).json()["choices"][0]["logprobs"] is None


def test_a_request_as_open_webui_sends_it(client: TestClient) -> None:
    """Its body for a chat, and for a chat's title, which asks for more tokens than a small model has."""
    text = [{"type": "text", "text": "Merhaba"}]
    chat = {**M, "stream": True, "messages": [{"role": "user", "content": text}], "max_tokens": 4,
            "stream_options": {"include_usage": True}}  # fmt: skip
    assert events(client.post("/v1/chat/completions", json=chat, headers={"Authorization": "Bearer "}))
    title = {**M, **HELLO, "stream": False, "max_completion_tokens": 5000, "stop": ["a", "e", "i", "o"]}
    assert client.post("/v1/chat/completions", json=title).status_code == 200


def test_an_answer_of_this_api_goes_back_into_the_conversation_as_it_is(client: TestClient) -> None:
    answer = client.post("/v1/chat/completions", json={**GREEDY, **HELLO}).json()["choices"][0]["message"]
    messages = [{"role": "developer", "content": "Kısa yaz."}, *HELLO["messages"], answer, *HELLO["messages"]]
    assert client.post("/v1/chat/completions", json={**GREEDY, "messages": messages}).status_code == 200


def test_old_turns_that_do_not_fit_are_left_out_and_counted(client: TestClient) -> None:
    turn = [{"role": "user", "content": "Merhaba " * 100}, {"role": "assistant", "content": "Merhaba"}]
    messages = [*turn * 20, *HELLO["messages"]]
    response = client.post("/v1/chat/completions", json={**GREEDY, "messages": messages})
    assert response.status_code == 200
    assert 0 < int(response.headers["x-fidan-dropped-messages"]) < 40
    assert response.json()["usage"]["prompt_tokens"] < 2048


TEXT = "/v1/completions"
CHAT = "/v1/chat/completions"
REFUSED = {
    "no body": (TEXT, b"", None),
    "no JSON": (TEXT, b'{"model": "fide", ', None),
    "a list": (TEXT, b"[]", None),
    "invalid UTF-8": (TEXT, b'{"model": "fide", "prompt": "\xff\xfe"}', None),
    "half a surrogate pair": (TEXT, b'{"model": "fide", "prompt": "a\\ud800"}', "prompt"),
    "half a surrogate pair in a message": (
        CHAT, b'{"model": "fide", "messages": [{"role": "user", "content": "\\udc00"}]}', "messages.0.content",
    ),
    "deeply nested": (TEXT, b"[" * 100_000, None),
    "a number of 5,000 digits": (TEXT, b'{"model": "fide", "prompt": "a", "seed": ' + b"9" * 5000 + b"}", None),
    "not a number": (TEXT, b'{"model": "fide", "prompt": "a", "temperature": NaN}', "temperature"),
    "no model": (TEXT, {"prompt": "a"}, "model"),
    "no prompt": (TEXT, M, "prompt"),
    "an empty list of prompts": (TEXT, {**M, "prompt": []}, "prompt"),
    "a prompt of numbers and texts": (TEXT, {**M, "prompt": ["a", 1]}, "prompt"),
    "a token that there is not": (TEXT, {**M, "prompt": [1, 10**6]}, "prompt"),
    "a negative token": (TEXT, {**M, "prompt": [-1]}, "prompt"),
    "a prompt that is too long": (TEXT, {**M, "prompt": "ev " * 5000}, "prompt"),
    "a number in quotes": (TEXT, {**M, "prompt": "a", "temperature": "1"}, "temperature"),
    "a truth for a number": (TEXT, {**M, "prompt": "a", "n": True}, "n"),
    "a billion tokens": (TEXT, {**M, "prompt": "a", "max_tokens": 10**9}, "max_tokens"),
    "no tokens": (TEXT, {**M, "prompt": "a", "max_tokens": 0}, "max_tokens"),
    "too many texts": (TEXT, {**M, "prompt": ["a"] * 5, "n": 2}, "n"),
    "too hot": (TEXT, {**M, "prompt": "a", "temperature": 3}, "temperature"),
    "top_p of nothing": (TEXT, {**M, "prompt": "a", "top_p": 0}, "top_p"),
    "too many stops": (TEXT, {**M, "prompt": "a", "stop": ["a"] * 5}, "stop"),
    "an empty stop": (TEXT, {**M, "prompt": "a", "stop": ""}, "stop"),
    "a stop of a kilobyte": (TEXT, {**M, "prompt": "a", "stop": "a" * 1024}, "stop"),
    "a seed beyond 64 bits": (TEXT, {**M, "prompt": "a", "seed": 2**63}, "seed"),
    "too many logprobs": (TEXT, {**M, "prompt": "a", "logprobs": 21}, "logprobs"),
    "echo with logprobs": (TEXT, {**M, "prompt": "a", "echo": True, "logprobs": 1}, "echo"),
    "a suffix": (TEXT, {**M, "prompt": "a", "suffix": "b"}, "suffix"),
    "best_of": (TEXT, {**M, "prompt": "a", "best_of": 3}, "best_of"),
    "a bias": (TEXT, {**M, "prompt": "a", "logit_bias": {"5": 1}}, "logit_bias"),
    "stream options without a stream": (TEXT, {**M, "prompt": "a", "stream_options": {}}, "stream_options"),
    "a misspelt parameter": (TEXT, {**M, "prompt": "a", "temprature": 1}, "temprature"),
    "no messages": (CHAT, {**M, "messages": []}, "messages"),
    "too many messages": (CHAT, {**M, "messages": HELLO["messages"] * 513}, "messages"),
    "nothing to answer": (CHAT, {**M, "messages": [{"role": "assistant", "content": "a"}]}, "messages"),
    "a tool's message": (CHAT, {**M, "messages": [{"role": "tool", "content": "a"}]}, "messages.0.role"),
    "a message without text": (CHAT, {**M, "messages": [{"role": "user"}]}, "messages.0.content"),
    "a picture": (
        CHAT, {**M, "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]},
        "messages.0.content",
    ),
    "a message that is too long": (CHAT, {**M, "messages": [{"role": "user", "content": "ev " * 5000}]}, "messages"),
    "tools": (CHAT, {**M, **HELLO, "tools": [{"type": "function"}]}, "tools"),
    "JSON": (CHAT, {**M, **HELLO, "response_format": {"type": "json_object"}}, "response_format"),
    "alternatives without logprobs": (CHAT, {**M, **HELLO, "top_logprobs": 2}, "top_logprobs"),
    "two lengths": (CHAT, {**M, **HELLO, "max_tokens": 5, "max_completion_tokens": 5}, "max_completion_tokens"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_by_name(client: TestClient, case: str) -> None:
    path, body, param = REFUSED[case]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = client.post(path, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400, response.text
    assert error(response)["param"] == param


@pytest.mark.parametrize("path", [TEXT, CHAT])
def test_a_prompt_that_is_too_long_is_told_as_openai_does(client: TestClient, path: str) -> None:
    text = "ev " * 5000
    body = {**M, "prompt": text} if path == TEXT else {**M, "messages": [{"role": "user", "content": text}]}
    assert error(client.post(path, json=body))["code"] == "context_length_exceeded"


def test_weights_that_are_damaged_while_they_are_used_end_the_text_with_an_error(chat_run: Path) -> None:
    service = open_service(chat_run, device="cpu")
    assert isinstance(service.writer.engine, TorchEngine)
    with torch.no_grad():
        service.writer.engine.model.lm_head.weight[7] = torch.nan
    with TestClient(build_app(service, page=False)) as client:
        whole = client.post(TEXT, json={**GREEDY, "prompt": "a"})
        assert whole.status_code == 500
        assert "weights are damaged" in error(whole)["message"]
        streamed = client.post(TEXT, json={**GREEDY, "prompt": "a", "stream": True}).text
        assert json.loads(streamed.strip().removeprefix("data: ")) == whole.json()
        assert service.batcher.stats().failed == 2
    service.batcher.close(0)


def test_a_misspelt_parameter_is_told_the_nearest(client: TestClient) -> None:
    message = error(client.post(TEXT, json={**M, "prompt": "a", "temprature": 1}))["message"]
    assert "Did you mean 'temperature'?" in message


def test_parameters_that_change_no_text_are_taken(client: TestClient) -> None:
    inert = {"user": "ayşe", "metadata": {"a": "b"}, "store": False, "service_tier": "auto",
             "parallel_tool_calls": True, "tools": [], "tool_choice": "none", "logit_bias": {},
             "response_format": {"type": "text"}, "frequency_penalty": None}  # fmt: skip
    assert client.post(CHAT, json={**GREEDY, **HELLO, **inert}).status_code == 200


def test_a_form_is_no_json(client: TestClient) -> None:
    """A page of another site can send one without asking the browser first."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        response = client.post(TEXT, content=json.dumps({**M, "prompt": "a"}), headers={"Content-Type": kind})
        assert response.status_code == 400
        assert "application/json" in error(response)["message"]


def test_what_is_not_there_is_told_in_the_same_form(client: TestClient) -> None:
    assert client.get("/v1/embeddings").status_code == 404
    assert error(client.get("/v1/embeddings"))["code"] == "unknown_url"
    assert error(client.get("/elsewhere"))["code"] == "unknown_url"
    wrong = client.get("/v1/completions")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "POST"
    assert error(wrong)["type"] == "invalid_request_error"
    for path in ("/docs", "/redoc"):  # they would load scripts from elsewhere
        assert client.get(path).status_code == 404
    assert client.post("/v1/law/ask", json={"question": "TCK 1"}).status_code == 404  # no index


def test_a_base_model_is_not_asked_to_chat(service: Service) -> None:
    base = replace(service, writer=replace(service.writer, chats=False, no_chat=NOT_TAUGHT))
    with TestClient(build_app(base, page=False)) as client:
        response = client.post(CHAT, json={**M, **HELLO})
        assert response.status_code == 400
        assert error(response)["code"] == "model_does_not_chat"
        assert "fidan sft" in error(response)["message"]
        assert client.post(TEXT, json={**GREEDY, "prompt": "a"}).status_code == 200


def test_a_body_that_is_too_large_is_refused_with_and_without_a_length(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 50_000

    for body in (b" " * 10_000_000, endless()):
        response = client.post(TEXT, content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == 413
        assert error(response)["code"] == "body_too_large"


KEY = "çok gizli değil".encode("ascii", "ignore").decode().replace(" ", "-")


@pytest.fixture(scope="module")
def locked(service: Service) -> Iterator[TestClient]:
    with TestClient(build_app(service, api_key=KEY, page=False)) as opened:
        yield opened


def test_without_the_key_there_is_no_answer_on_any_route(locked: TestClient) -> None:
    wrong = [{}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {KEY}x"}, {"Authorization": KEY},
             {"Authorization": f"Basic {base64.b64encode(f'a:{KEY}'.encode()).decode()}"}, {"api-key": KEY},
             {"Authorization": "Bearer ÿ".encode("latin-1")}]  # fmt: skip
    routes = [(method, path) for path, known in locked.app.openapi()["paths"].items() for method in known]  # type: ignore[attr-defined]
    assert len(routes) >= 6
    for method, path in [*routes, ("get", "/openapi.json"), ("get", "/nowhere"), ("post", "/v1/nowhere")]:
        for headers in wrong:
            response = locked.request(method, path, headers=headers)
            if path == "/health":
                assert response.json() == {"status": "ok"}  # that it lives, and nothing else
                continue
            assert response.status_code == 401, (path, headers)
            assert error(response)["code"] == "invalid_api_key"
            assert response.headers["www-authenticate"] == "Bearer"


def test_with_the_key_there_is(locked: TestClient) -> None:
    for scheme in ("Bearer", "bearer"):
        headers = {"Authorization": f"{scheme} {KEY}"}
        assert locked.get("/v1/models", headers=headers).status_code == 200
        assert locked.get("/health", headers=headers).json()["slots"] == 2
        assert "fidan_slots 2.0" in locked.get("/metrics", headers=headers).text


def test_another_name_for_this_machine_is_refused_where_there_is_no_key(service: Service) -> None:
    """A page of evil.example can have its name lead to 127.0.0.1, and then read what it asks."""
    with TestClient(build_app(service, page=False, hosts=("host.docker.internal",))) as client:
        for host in (
            "evil.example",
            "evil.example:8000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "[evil]",
        ):
            response = client.get("/v1/models", headers={"Host": host})
            assert response.status_code == 403, host
            assert "--allow-host" in error(response)["message"]
        for host in (
            "localhost:8000",
            "LOCALHOST",
            "127.0.0.1:1",
            "[::1]:8000",
            "192.168.1.5",
            "host.docker.internal:80",
        ):
            assert client.get("/v1/models", headers={"Host": host}).status_code == 200, host


def test_pages_of_named_origins_may_ask_and_no_others(service: Service) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    with TestClient(build_app(service, api_key=KEY, page=False, cors=("http://localhost:3000",))) as client:
        named = client.options(CHAT, headers={"Origin": "http://localhost:3000", **asks})
        assert named.status_code == 200
        assert named.headers["access-control-allow-origin"] == "http://localhost:3000"
        other = client.options(CHAT, headers={"Origin": "http://evil.example", **asks})
        assert other.status_code == 400
        assert (
            "access-control-allow-origin"
            not in client.get("/health", headers={"Origin": "http://evil.example"}).headers
        )


LAW = """MADDE 1- Kuyunun kapağını açık bırakan, doğan zarardan sorumlu olur.
MADDE 2- Bahçedeki fidanları sulamak kiracının görevidir.
"""


def test_a_question_of_law_is_answered_with_its_article(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "laws.jsonl"
    meta = {"law_number": "9902", "title": "KUYU KANUNU", "effective_status": "in_force"}
    file.write_bytes(orjson.dumps({"id": "9902", "meta": meta, "text": LAW}))
    build_index(list(read_laws([file], "all")), tmp_path / "index", sources=[file])
    lawyer = replace(service, assistant=Assistant(LawIndex.open(tmp_path / "index")))
    with TestClient(build_app(lawyer, page=False)) as client:
        asked = "Fidanları sulamak kiracının görevi mi?"
        answer = client.post("/v1/law/ask", json={"question": asked}).json()
        assert not answer["abstained"]
        assert "kiracının görevidir" in answer["text"]
        assert [passage["law"] for passage in answer["passages"]] == ["KUYU KANUNU"]
        assert answer["citations"]
        assert "avukata" in answer["notice"]
        assert client.post("/v1/law/ask", json={"question": "Uçak bileti iadesi kaç gün?"}).json()["abstained"]
        for question in ("", "kuyu " * 1001, "\ud800"):
            refused = client.post("/v1/law/ask", content=json.dumps({"question": question}), headers=JSON)
            assert refused.status_code == 400
            assert error(refused)["param"] == "question"


def test_the_metrics_count_what_was_asked(service: Service) -> None:
    with TestClient(build_app(service, page=False)) as client:
        client.post(TEXT, json={**GREEDY, "prompt": "a"})
        client.post(TEXT, json={**M, "prompt": 5})
        client.get("/v1/models/gpt-4")
        told = client.get("/metrics").text
    for line in (
        'fidan_requests_total{route="/v1/completions",status="200"} 1.0',
        'fidan_requests_total{route="/v1/completions",status="400"} 1.0',
        'fidan_requests_total{route="/v1/models/{model}",status="404"} 1.0',
        "fidan_first_token_seconds_count 1.0",
        "fidan_running 0.0",
    ):
        assert line in told, told


def test_a_server_that_closes_takes_nothing_new(service: Service) -> None:
    app = build_app(service, page=False)
    with TestClient(app) as client:
        app.state.fidan.closing = True
        response = client.post(TEXT, json={**GREEDY, "prompt": "a"})
        assert response.status_code == 503
        assert error(response)["code"] == "closing"
        assert client.get("/health").status_code == 503
        assert client.get("/health").json()["status"] == "closing"
