"""The page's endpoints answer `gradio_client`; its gate lets nothing else in, and nothing without the key."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError, AuthenticationError

from fidan.generation.engine import TorchEngine
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.serving.batcher import Piece, QueueFull, Request, Ticket
from fidan.serving.inside.looking import Looking
from fidan.serving.service import Service
from fidan.serving.web.completion_tab import draw_text
from fidan.serving.web.page import build_page
from fidan.serving.web.settings import read_seed, read_settings
from fidan.serving.web.talk import Told, how_it_went, said
from fidan.serving.web.training_view import draw_training, trainings_of
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from tests.serving.web.scripted import HOSTILE, KEY, Pace, wait_for


@pytest.fixture(scope="module")
def client(url: str) -> Client:
    return Client(url, verbose=False)


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=20) as opened:
        yield opened


def test_the_named_endpoints_are_these_and_no_others(client: Client) -> None:
    told = client.view_api(return_format="dict", print_info=False)
    assert sorted(told["named_endpoints"]) == ["/chat", "/complete", "/law", "/next_token", "/tokens"]
    assert not told["unnamed_endpoints"]


def test_chat_and_complete_stream_and_the_seed_decides(client: Client, service: Service) -> None:
    job = client.submit("Merhaba", [], "", 0.0, 0, 1.0, 40, 7, api_name="/chat")
    text = job.result(timeout=30)
    assert job.outputs()
    assert "alert(" in text
    again = client.predict("Merhaba", max_new_tokens=40, temperature=0.0, top_p=1.0, api_name="/chat")
    assert again == text
    drawn = [client.predict("Bir", 2.0, 0, 1.0, 30, seed, api_name="/complete") for seed in (5, 5, 6)]
    assert drawn[0] == drawn[1] != drawn[2]
    history = [{"role": "user", "content": "Selam"}, {"role": "assistant", "content": "Selam!"}]
    assert client.predict("Nasılsın?", history, max_new_tokens=5, api_name="/chat")


def test_tokens_next_token_and_law_are_plain_json(client: Client, service: Service) -> None:
    tokenizer = service.writer.tokenizer
    assert [one["id"] for one in client.predict("Bir ağaç", api_name="/tokens")] == tokenizer.encode("Bir ağaç")
    told = client.predict("Bir ağaç", 1.0, 3, 1.0, 0.0, api_name="/next_token")
    assert sum(one["after"] for one in told["candidates"]) == pytest.approx(1, abs=1e-5)
    assert told["kept"] == 3
    answer = client.predict("Bahçe nedir?", api_name="/law")
    assert answer["text"].startswith("Bahçe, içinde")
    assert "danışmanlık" in answer["notice"]


def test_what_comes_next_is_the_models_own_distribution(service: Service) -> None:
    engine, ids = service.writer.engine, service.writer.tokenizer.encode("Bir ağaç", bos=True)
    wanted = engine.open([ids], 1).logits[0].log_softmax(-1)
    looking = Looking(service)
    found = asyncio.run(looking.logprobs(ids))
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-4)
    assert float(found.exp().sum()) == pytest.approx(1, abs=1e-5)
    requests = service.batcher.stats().requests
    assert asyncio.run(looking.logprobs(ids)) is found
    assert service.batcher.stats().requests == requests


@pytest.mark.parametrize(
    ("endpoint", "given", "told"),
    [
        ("/complete", ["  "], "Metin boş"),
        ("/complete", ["ağaç " * 2000], "en çok"),
        ("/chat", ["Selam", [{"role": "system", "content": "x"}]], "Bir ileti böyle olmalı"),
        ("/chat", ["Selam", [{"role": "user", "content": ["x"]}]], "Bir ileti böyle olmalı"),
        ("/chat", ["Selam", [{"role": "user", "content": "x"}] * 600], "yeni bir sohbet"),
        ("/law", [""], "soru boş"),
        ("/next_token", ["Bir", -1.0], "temperature"),
    ],
)
def test_what_cannot_be_is_said(client: Client, endpoint: str, given: list[object], told: str) -> None:
    with pytest.raises(AppError, match=told):
        client.predict(*given, api_name=endpoint)


def test_a_full_queue_is_told_in_a_sentence(service: Service, client: Client, pace: Pace) -> None:
    pace.seconds = 0.05
    jobs = [client.submit("Bir", 0.0, 0, 1.0, 200, 1, api_name="/complete") for _ in range(3)]
    wait_for(lambda: service.batcher.stats().running == 2 and service.batcher.stats().waiting == 1)
    with pytest.raises(AppError, match="sıra dolu"):
        client.predict("Bir", api_name="/complete")
    for job in jobs:
        job.cancel()
    wait_for(lambda: service.batcher.stats().running + service.batcher.stats().waiting == 0)
    pace.seconds = 0.0


def test_a_reader_who_leaves_frees_the_slot_at_once(service: Service, pace: Pace) -> None:
    pace.seconds = 0.05

    async def leave() -> str:
        stream = said(service, lambda: service.text_request("Bir", {"max_new_tokens": 400}, 1))
        async for one in stream:
            if one.text:
                break
        assert service.batcher.stats().running == 1
        await stream.aclose()  # type: ignore[attr-defined]
        assert service.batcher.stats().running == 0
        return one.text

    assert asyncio.run(leave())
    pace.seconds = 0.0


def test_an_error_while_writing_is_told_and_ends_the_text(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def submit(request: Request, deliver: object) -> Ticket:
        ticket = Ticket(request, deliver)  # type: ignore[arg-type]
        deliver(Piece("Bir", (), None))  # type: ignore[operator]
        deliver(Piece("", (), None, "<b>bozuk</b>"))  # type: ignore[operator]
        return ticket

    async def read() -> list[tuple[str, str, bool]]:
        return [tuple(one) async for one in said(service, lambda: service.text_request("Bir", {}, 1))]

    monkeypatch.setattr(service.batcher, "submit", submit)
    last = asyncio.run(read())[-1]
    assert last == ("Bir", "Yazma bir hatayla kesildi: &lt;b&gt;bozuk&lt;/b&gt;", True)
    monkeypatch.setattr(service.batcher, "submit", lambda *_: (_ for _ in ()).throw(QueueFull("full", 7)))
    assert "7 saniye sonra" in asyncio.run(read())[-1][1]


PROBES = [
    "gradio_api/file=/etc/passwd", "gradio_api/file=../../etc/passwd", "gradio_api/file/etc/passwd",
    "file=/etc/passwd",
    "gradio_api/file=http://127.0.0.1:1/", "gradio_api/proxy=http://127.0.0.1:1/", "gradio_api/upload_progress",
    "gradio_api/stream/a/b/1/playlist.m3u8", "gradio_api/custom_component/a/client/component/x", "gradio_api/token",
    "gradio_api/dev/reload", "gradio_api/vibe-code", "gradio_api/runs", "gradio_api/openapi.json", "monitoring",
    "gradio_api/deep_link?session_hash=a", "login", "logout", "docs", "static/..%2f..%2f..%2froutes.py",
    "assets/%2e%2e/%2e%2e/%2e%2e/routes.py", "static//etc/passwd", "svelte/..%5c..%5croutes.py",
    "gradio_api/call/chat/../../file=/etc/passwd", "assets/%00", "..%2f..%2fetc/passwd",
]  # fmt: skip
POSTS = ["gradio_api/upload", "gradio_api/run/chat", "gradio_api/component_server", "gradio_api/process_recording",
         "gradio_api/stream/a", "gradio_api/run-history/connect", "gradio_api/vibe-edit/", "gradio_api/call/v2/chat",
         "gradio_api/api/chat", "login"]  # fmt: skip


@pytest.mark.parametrize("path", PROBES)
def test_routes_that_reach_files_or_elsewhere_are_closed(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 404, answer.text[:200]
    assert "root:" not in answer.text


@pytest.mark.parametrize("path", POSTS)
def test_so_are_those_that_take_something_in(http: httpx.Client, path: str) -> None:
    assert http.post(path, json={"data": []}).status_code == 404
    assert http.post(path, files={"files": ("x.txt", b"x")}).status_code == 404
    assert http.put(path).status_code == 405


@pytest.mark.parametrize(
    "given",
    [
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"path": "http://127.0.0.1:1/x", "url": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}},
        [[{"inner": {"path": "/etc/passwd"}}]],
    ],
    ids=["file", "address", "inside"],
)
def test_a_payload_that_names_a_file_is_refused(http: httpx.Client, given: object) -> None:
    joined = {"data": [given], "fn_index": 0, "session_hash": "abc", "event_data": None, "trigger_id": None}
    for path, body in (("gradio_api/queue/join", joined), ("gradio_api/call/complete", {"data": [given]})):
        answer = http.post(path, json=body)
        assert (answer.status_code, answer.json()["detail"]) == (400, "Bu sayfa dosya almaz.")


def test_bodies_that_are_no_plain_json_are_refused(http: httpx.Client, service: Service) -> None:
    join = "gradio_api/queue/join"
    assert http.post(join, content=b"{").status_code == 400
    assert http.post(join, content=b"[1]").status_code == 400
    assert http.post(join, content=b'{"data":' + b"[" * 40 + b"]" * 40 + b"}").status_code == 400
    assert http.post(join, content=b" " * (service.limits.body_bytes + 1)).status_code == 413


def test_the_browser_is_told_to_load_from_nowhere_else(http: httpx.Client) -> None:
    answer = http.get("/", params={"deep_link": "../../x"})
    assert answer.status_code == 200
    told = answer.headers["content-security-policy"]
    assert "default-src 'self'" in told
    assert "http" not in told
    assert 'deep_link_state":"none' in answer.text.replace(" ", "")
    config = http.get("config").json()
    assert config["analytics_enabled"] is False
    assert not config["stylesheets"]


def test_without_the_key_nothing_answers(locked_url: str) -> None:
    with httpx.Client(base_url=locked_url, timeout=20) as http:
        asked = http.get("/")
        assert (asked.status_code, "Anahtar" in asked.text, "gradio" in asked.text) == (401, True, False)
        for path in ("config", "gradio_api/info", "gradio_api/queue/data?session_hash=a", "assets/x.js", "theme.css"):
            assert http.get(path).status_code == 401
        for path in ("gradio_api/queue/join", "gradio_api/call/complete", "gradio_api/cancel"):
            assert http.post(path, json={"data": ["Bir"]}).status_code == 401
        wrong = http.post("giris", data={"anahtar": "yanlış"})
        assert (wrong.status_code, "Anahtar yanlış" in wrong.text, wrong.cookies.get("fidan")) == (401, True, None)
        right = http.post("giris", data={"anahtar": KEY})
        assert right.status_code == 303
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert KEY not in cookie
        assert http.get("config").status_code == 200
    with pytest.raises(AuthenticationError):
        Client(locked_url, verbose=False)
    client = Client(locked_url, verbose=False, headers={"Authorization": f"Bearer {KEY}"})
    assert client.predict("Bir", max_new_tokens=3, api_name="/complete")


def test_settings_are_read_as_they_were_set() -> None:
    told, seed = read_settings((0.5, 40.0, 0.9, 1.2, 64.0, " 12 "))
    assert told == {
        "temperature": 0.5, "top_k": 40, "top_p": 0.9, "repetition_penalty": 1.2, "max_new_tokens": 64
    }  # fmt: skip
    assert seed == 12
    assert read_seed(None) is read_seed(" ") is None
    for wrong in ("-1", "1.5", "x", str(2**63), "٣"):
        with pytest.raises(Told, match="tam sayı"):
            read_seed(wrong)


def test_a_continuation_is_told_apart_and_stays_text() -> None:
    made = draw_text("<i>", HOSTILE)
    assert made.startswith('<div class="text written"><span>&lt;i&gt;</span><mark>')
    assert "<img" not in made
    assert how_it_went(40, 2.0, "length") == "40 parça, 2,0 saniye, saniyede 20 · parça sınırına ulaştı"


def test_the_training_of_a_run_is_drawn(tiny_run: Run, tmp_path: Path) -> None:
    assert trainings_of(tiny_run.out) == ["train"]
    assert trainings_of(None) == trainings_of(tmp_path) == []
    made = draw_training(tiny_run.out, "train")
    assert made.count("<polyline") >= 4
    assert "bayt başına bit" in made
    (tmp_path / "sft").mkdir()
    lines = [
        '{"step":1,"kind":"train","loss":3.5}', '{"step":2,"kind":"train","loss":3.0}',
        '{"step":2,"kind":"event","event":"stopped","text":"<b>ara</b>"}',
        '{"step":2,"kind":"sample","prompt":"<i>soru</i>","text":"<img src=x onerror=alert(1)>"}',
    ]  # fmt: skip
    (tmp_path / "sft" / "metrics.jsonl").write_text("\n".join([*lines, ""]))
    made = draw_training(tmp_path, "sft")
    assert "&lt;img" in made
    assert "&lt;i&gt;soru" in made
    assert "&lt;b&gt;ara" in made
    assert "<img" not in made


def test_a_model_of_one_layer_and_one_head_has_a_page(service: Service, tokenizer: Tokenizer) -> None:
    config = ModelConfig(d_model=16, n_layers=1, n_heads=1, d_ff=32, context=32)
    engine = TorchEngine(Decoder(config, tokenizer.vocab_size))
    small = replace(service, writer=replace(service.writer, engine=engine))
    assert build_page(small).blocks
