"""Tamamlama: a text that the model goes on with, streamed; of an encoder-decoder, what it answers to it.

What it leaves out: decoding, and what the settings mean (`settings`).
"""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.serving.batcher import Request
from fidan.serving.service import Service
from fidan.serving.web.look import html
from fidan.serving.web.markup import note, safe
from fidan.serving.web.settings import controls, read_settings
from fidan.serving.web.talk import check_length, said

BEGINNINGS = ("Bugün hava", "Bir varmış bir yokmuş,", "Türkiye'nin en büyük gölü")


def completion_tab(service: Service) -> None:
    """Lay the tab out, inside `gr.Blocks`."""
    answers = isinstance(service.writer.engine, EncoderDecoderEngine)
    what = "Kaynak metin" if answers else "Başlangıç"
    told = "Model bu metni okur ve ona karşılık yazar." if answers else "Model bu metni kaldığı yerden sürdürür."
    text = gr.Textbox(label=what, info=told, lines=4, max_lines=14, value="", elem_id="text-box",
                      placeholder="Bir cümleye başlayın…")  # fmt: skip
    if not answers:
        with gr.Row(elem_classes="small-buttons"):
            for beginning in BEGINNINGS:
                gr.Button(beginning, size="sm").click(
                    lambda beginning=beginning: beginning, None, text, api_visibility="private",
                    show_progress="hidden",
                )  # fmt: skip
    with gr.Row(elem_classes="main-buttons"):
        go = gr.Button("Yaz" if answers else "Sürdür", variant="primary", elem_id="text-go")
        stop = gr.Button("Durdur", variant="stop", visible=False, elem_id="text-stop")
        on = gr.Button("Yazılanı başlangıca ekle", visible=False, elem_id="text-on")
    shown = html("", elem_id="text-out")
    state = html("", elem_id="text-state")
    written = gr.State("", time_to_live=3600)
    settings = controls(service.defaults, service.writer.engine.context)
    outputs = [shown, state, written, go, stop, on]

    def request(prompt: str, values: tuple[Any, ...]) -> Request:
        check_length(service, prompt)
        chosen, seed = read_settings(values)
        return service.text_request(prompt, chosen, seed)

    async def write(prompt: str, *values: Any) -> AsyncIterator[tuple[Any, ...]]:
        running = (gr.Button(visible=False), gr.Button(visible=True), gr.Button(visible=False))
        yield "", "", "", *running
        async for one in said(service, lambda: request(prompt, values)):
            told = note(one.told, "wrong" if one.wrong else "")
            drawn = draw_text("" if answers else prompt, one.text) if one.text else gr.skip()
            yield drawn, told, one.text, *(gr.skip() for _ in running)
        yield gr.skip(), gr.skip(), gr.skip(), *_ready(answers)

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    run = go.click(write, [text, *settings], outputs, concurrency_limit=None, **private)
    # First the running text ends, and only then is the page set: its last words would come in after it.
    stop.click(None, None, None, cancels=[run], **private).then(
        lambda: (note("Durduruldu."), *_ready(answers)), None, [state, go, stop, on], **private
    )
    on.click(
        lambda prompt, more: (prompt + more, "", "", gr.Button(visible=False)), [text, written],
        [text, shown, state, on], **private,
    )  # fmt: skip


def _ready(answers: bool) -> tuple[gr.Button, gr.Button, gr.Button]:
    return gr.Button(visible=True), gr.Button(visible=False), gr.Button(visible=not answers)


def draw_text(prompt: str, written: str) -> str:
    """A text and what the model wrote on, told apart, as HTML."""
    return f'<div class="text written"><span>{safe(prompt)}</span><mark>{safe(written)}</mark></div>'
