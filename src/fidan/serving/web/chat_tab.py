"""Sohbet: a conversation, streamed; stopping, asking again, editing, clearing, taking it away.

The conversation is kept with the browser's session, and goes when that does. A file of it is made in the browser:
the server writes none. What it leaves out: decoding, and what the settings mean (`settings`).
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from fidan.corpus.conversations.conversation import Message
from fidan.errors import FidanError
from fidan.serving.batcher import Request
from fidan.serving.service import Service
from fidan.serving.web.chat_view import draw_turns
from fidan.serving.web.look import html
from fidan.serving.web.markup import note, number
from fidan.serving.web.settings import controls, read_settings
from fidan.serving.web.talk import CANNOT_CHAT, Told, check_length, refusal, said

HEIGHT = 480  # pixels of the conversation; of a longer one the end is in view
KEPT_SECONDS = 3600  # that a session's conversation outlives its last use
# The turns → a file of the browser's own.
_DOWNLOAD = """(turns) => {
  const names = {user: 'Siz', assistant: 'Model'};
  const told = %s;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([told], {type: '%s;charset=utf-8'}));
  link.download = 'sohbet-' + new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-') + '.%s';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}"""
_AS_JSON = _DOWNLOAD % ("JSON.stringify({messages: turns}, null, 2) + '\\n'", "application/json", "json")
_AS_MARKDOWN = _DOWNLOAD % (
    "turns.map(t => '**' + names[t.role] + '**\\n\\n' + t.content.trim()).join('\\n\\n---\\n\\n') + '\\n'",
    "text/markdown",
    "md",
)

Turns = list[dict[str, str]]


def chat_tab(service: Service) -> None:
    """Lay the tab out, inside `gr.Blocks`."""
    if not service.writer.chats:
        html(note(CANNOT_CHAT), elem_id="cannot-chat")
        return
    turns = gr.State([], time_to_live=KEPT_SECONDS)
    taken = gr.JSON(visible=False)  # the turns on their way into a file
    log = html(draw_turns([]), elem_id="chat-log", autoscroll=True, min_height=HEIGHT, max_height=HEIGHT)
    state = html("", elem_id="chat-state")
    box = gr.Textbox(
        show_label=False, label="İleti", placeholder="Bir şey sorun ya da söyleyin…", lines=1, max_lines=8,
        submit_btn="Gönder", autofocus=True, elem_id="chat-box",
    )  # fmt: skip
    with gr.Row(elem_classes="small-buttons"):
        retry = gr.Button("Yeniden yaz", size="sm", elem_id="chat-retry")
        back = gr.Button("Geri al ve düzelt", size="sm", elem_id="chat-back")
        new = gr.Button("Yeni sohbet", size="sm", elem_id="chat-new")
        as_markdown = gr.Button("Markdown indir", size="sm", elem_id="chat-markdown")
        as_json = gr.Button("JSON indir", size="sm", elem_id="chat-json")
    settings = controls(service.defaults, service.writer.engine.context)
    with gr.Accordion("Yönerge", open=False, elem_classes="settings"):
        system = gr.Textbox(
            show_label=False, label="Yönerge", lines=2, placeholder="Örneğin: Kısa ve saygılı yanıt ver.",
            info="Modele baştan verilen yönerge; her iletiden önce okur. Boş bırakılabilir.",
        )  # fmt: skip
    chosen = [system, *settings]
    shown = [log, turns, box, state]

    async def answer(kept: Turns, system_told: str, values: Sequence[Any]) -> AsyncIterator[tuple[Any, ...]]:
        writing = gr.Textbox(value="", submit_btn=False, stop_btn="Durdur")
        yield draw_turns(kept, waiting=True), kept, writing, ""
        told = ""
        async for one in said(service, lambda: _request(service, kept, system_told, values)):
            so_far = [*kept, {"role": "assistant", "content": one.text}] if one.text else kept
            told = note(one.told, "wrong" if one.wrong else "")
            yield draw_turns(so_far, waiting=not (one.text or one.told)), so_far, gr.skip(), told
        yield gr.skip(), gr.skip(), _ready(), told + _forgotten(service, kept, system_told, values)

    async def say(message: str, kept: Turns, told: str, *values: Any) -> AsyncIterator[tuple[Any, ...]]:
        try:
            check_length(service, message)
            check_room(service, kept)
        except FidanError as error:
            yield gr.skip(), gr.skip(), gr.skip(), note(refusal(error), "wrong")
            return
        async for one in answer([*kept, {"role": "user", "content": message}], told, values):
            yield one

    async def again(kept: Turns, told: str, *values: Any) -> AsyncIterator[tuple[Any, ...]]:
        while kept and kept[-1]["role"] == "assistant":
            kept = kept[:-1]
        if kept:
            async for one in answer(kept, told, values):
                yield one

    def undo(kept: Turns) -> tuple[Any, ...]:
        last = max((place for place, turn in enumerate(kept) if turn["role"] == "user"), default=None)
        if last is None:
            return gr.skip(), gr.skip(), gr.skip(), ""
        return draw_turns(kept[:last]), kept[:last], _ready(kept[last]["content"]), ""

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    free: dict[str, Any] = {**private, "concurrency_limit": None}
    running = [
        box.submit(say, [box, turns, *chosen], shown, **free),
        retry.click(again, [turns, *chosen], shown, **free),
    ]

    def stopped(kept: Turns) -> tuple[Any, ...]:
        return draw_turns(kept), gr.skip(), _ready(), note("Durduruldu.")

    def emptied(kept: Turns) -> tuple[Any, ...]:
        return draw_turns([]), [], _ready(), ""

    # First the running text ends, and only then is the page set: its last words would come in after it.
    for event, then in ((box.stop, stopped), (back.click, undo), (new.click, emptied)):
        event(None, None, None, cancels=running, **private).then(then, turns, shown, **private)
    for button, js in ((as_json, _AS_JSON), (as_markdown, _AS_MARKDOWN)):
        button.click(lambda kept: kept, turns, taken, **private).then(None, taken, None, js=js, **private)


def _ready(text: str | None = None) -> gr.Textbox:
    """The box as it is while nothing runs; with a text in it where one is given."""
    value = {} if text is None else {"value": text}
    return gr.Textbox(submit_btn="Gönder", stop_btn=False, **value)


def messages(turns: Turns, system: str | None = None) -> list[Message]:
    """A conversation as the template takes it; a box that was never opened has None.

    Raises:
        Told: a turn is none.
    """
    told = (system or "").strip()
    return [Message("system", told)] * bool(told) + [_message(turn) for turn in turns]


def _message(turn: Any) -> Message:
    role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, dict) else (None, None)
    if role not in ("user", "assistant") or not isinstance(content, str):
        raise Told("Bir ileti böyle olmalı: {'role': 'user' ya da 'assistant', 'content': 'metin'}.")
    return Message(role, content)


def _request(service: Service, turns: Turns, system: str, values: Sequence[Any]) -> Request:
    settings, seed = read_settings(tuple(values))
    return service.chat_request(messages(turns, system), settings, seed)


def check_room(service: Service, turns: Turns) -> None:
    """Refuse a conversation that has as many messages as may be.

    Raises:
        Told: so it is.
    """
    if len(turns) >= service.limits.messages - 1:
        raise Told(f"Bu sohbet {number(len(turns))} iletiye ulaştı; yeni bir sohbet başlatın.")


def _forgotten(service: Service, turns: Turns, system: str, values: Sequence[Any]) -> str:
    """That the oldest messages no longer fit, where it is so."""
    try:
        settings, _ = read_settings(tuple(values))
        dropped = service.chat_prompt(messages(turns, system), settings["max_new_tokens"]).dropped
    except FidanError:  # told already, of the request itself
        return ""
    return note(f"Sohbet uzadı: en eski {number(dropped)} iletiyi model artık görmüyor.") if dropped else ""
