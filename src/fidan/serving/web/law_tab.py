"""Hukuk: a question about Turkish law, and an answer with the article it rests on, or that the sources do not say.

What it leaves out: how an answer is found (`fidan.law.assistant`), and how it looks (`law_view`).
"""

import asyncio
from typing import Any

import gradio as gr

from fidan.errors import FidanError
from fidan.law.assistant import Answer
from fidan.serving.service import Service
from fidan.serving.web.law_view import MISSING, draw_answer, draw_notice
from fidan.serving.web.look import html
from fidan.serving.web.markup import note, safe
from fidan.turkish import capitalize

EXAMPLES = (
    "Kiracı evden ne zaman çıkarılabilir?",
    "Yıllık ücretli izin kaç gündür?",
    "TMK 305 ne diyor?",
)
MOST_CHARACTERS = 10_000  # of a question


async def ask(service: Service, question: str) -> Answer:
    """The assistant's answer, found outside the event loop.

    Raises:
        FidanError: no index, or no question; its message is Turkish.
    """
    if service.assistant is None:
        raise FidanError("Bu sunucuda kanun dizini yok.")
    if len(question) > MOST_CHARACTERS:
        raise FidanError(f"Soru {len(question)} karakter; en çok {MOST_CHARACTERS} alınır. Kısaltın.")
    return await asyncio.to_thread(service.assistant.answer, question)


def law_tab(service: Service) -> None:
    """Lay the tab out, inside `gr.Blocks`."""
    html(draw_notice(), elem_id="law-notice")
    if service.assistant is None:
        html(note(MISSING), elem_id="no-law")
        return
    question = gr.Textbox(label="Soru", info="Türk kanunları hakkında bir soru ya da bir maddenin adı.",
                          lines=1, max_lines=8, elem_id="law-box",
                          placeholder="Örneğin: Ev sahibi kirayı ne kadar artırabilir?")  # fmt: skip
    private: dict[str, Any] = {"api_visibility": "private"}
    with gr.Row(elem_classes="small-buttons"):
        for example in EXAMPLES:
            gr.Button(example, size="sm").click(
                lambda example=example: example, None, question, show_progress="hidden", **private
            )
    with gr.Row(elem_classes="main-buttons"):
        go = gr.Button("Sor", variant="primary", elem_id="law-go")
    shown = html("", elem_id="law-out")

    async def answer(asked: str) -> str:
        try:
            return draw_answer(await ask(service, asked))
        except FidanError as error:
            told = str(error)
            return note(safe(capitalize(told)), "wrong")

    for event in (go.click, question.submit):
        event(answer, question, shown, concurrency_limit=None, show_progress="minimal", **private)
