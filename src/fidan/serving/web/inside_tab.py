"""İçini gör: the tokens of a text, what the model expects next, and where it looks.

What it leaves out: the figures (`fidan.serving.inside`) and how they are drawn (`token_view`, `probability_view`,
`attention_view`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from fidan.errors import FidanError
from fidan.recipe import GenerateConfig
from fidan.serving.inside.attention import MOST_TOKENS, has_attention, shape_of
from fidan.serving.inside.looking import PLAIN, Looking
from fidan.serving.inside.next_token import draw_token, next_token
from fidan.serving.inside.tokens import MOST_CHARACTERS, labels, tokens_of
from fidan.serving.service import Service
from fidan.serving.web.attention_view import NAMES, draw_map, draw_overview
from fidan.serving.web.look import html
from fidan.serving.web.markup import note, number
from fidan.serving.web.probability_view import draw_next
from fidan.serving.web.settings import FILTERS, slider
from fidan.serving.web.talk import Told, check_length, refusal
from fidan.serving.web.token_view import draw_tokens

TOKENS_FIRST = "Evlerimizdekilerden misiniz? Ağaç yaşken eğilir."
NEXT_FIRST = "Türkiye'nin başkenti"
ATTENTION_FIRST = "Küçük kedi süt içti ve uyudu."
NO_ATTENTION = (
    "Bu model bir GGUF dosyasından açıldı; llama.cpp dikkat ağırlıklarını göstermez. Haritaları görmek için sunucuyu "
    "modelin çalıştırma ya da Hugging Face klasörüyle başlatın."
)
# A click on a small map asks for that layer and head.
_CHOOSE = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-head]');
  if (button) trigger('choose', {layer: Number(button.dataset.layer), head: Number(button.dataset.head)});
});"""
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}


def inside_tab(service: Service, looking: Looking) -> None:
    """Lay the tab out, inside `gr.Blocks`."""
    with gr.Tabs(elem_classes="inner", overflow_behavior="wrap"):
        with gr.Tab("Parçalar", id="tokens"):
            _tokens(service)
        with gr.Tab("Sıradaki parça", id="next"):
            _next(service, looking)
        with gr.Tab("Dikkat", id="attention"):
            _attention(service, looking)


def _tokens(service: Service) -> None:
    html(
        '<p class="lead">Model harf ya da sözcük değil, <b>sözcük parçaları</b> okur. Bir metin yazın ve nasıl '
        "bölündüğüne bakın.</p>"
    )
    text = gr.Textbox(TOKENS_FIRST, label="Metin", lines=2, max_lines=8, max_length=MOST_CHARACTERS,
                      elem_id="tokens-box")  # fmt: skip
    shown = html(draw_tokens(tokens_of(service.writer.tokenizer, TOKENS_FIRST)), elem_id="tokens-out")

    def draw(written: str) -> str:
        if len(written) > MOST_CHARACTERS:
            return note(f"En çok {number(MOST_CHARACTERS)} karakter gösterilir. Metni kısaltın.", "wrong")
        return draw_tokens(tokens_of(service.writer.tokenizer, written))

    text.change(draw, text, shown, trigger_mode="always_last", **_PRIVATE)


def filters(values: Sequence[Any]) -> GenerateConfig:
    """What the sliders of `FILTERS` say.

    Raises:
        FidanError: a value that cannot be.
    """
    chosen = {one.name: value for one, value in zip(FILTERS, values, strict=True)}
    try:
        return replace(PLAIN, **{**chosen, "top_k": int(chosen["top_k"])})
    except (TypeError, ValueError) as error:
        raise FidanError(str(error)) from None


def _next(service: Service, looking: Looking) -> None:
    tokenizer, defaults = service.writer.tokenizer, service.defaults
    html(
        '<p class="lead">Model her adımda sözlüğündeki <b>bütün parçalara</b> birer olasılık verir. Ayarları '
        "oynatın: olasılıklar nasıl değişiyor, hangileri eleniyor?</p>"
    )
    text = gr.Textbox(NEXT_FIRST, label="Metin", lines=2, max_lines=8, elem_id="next-box")
    with gr.Row(elem_classes="main-buttons"):
        go = gr.Button("Hesapla", variant="primary", elem_id="next-go")
        write = gr.Button("Birini çek ve yaz", elem_id="next-write")
    with gr.Row():
        sliders = [slider(one, getattr(defaults, one.name)) for one in FILTERS[:2]]
    with gr.Row():
        sliders += [slider(one, getattr(defaults, one.name)) for one in FILTERS[2:]]
    shown = html("", elem_id="next-out")
    ids = gr.State([], time_to_live=3600)  # of the text, where tokens were drawn: its text may be encoded otherwise

    def read(written: str, kept: list[int]) -> list[int]:
        check_length(service, written)
        if kept and tokenizer.decode(kept) == written:
            return kept
        return looking.prompt(written)

    async def show(written: str, kept: list[int], *values: Any) -> tuple[str, Any]:
        try:
            prompt = read(written, kept)
            return draw_next(tokenizer, next_token(await looking.logprobs(prompt), filters(values))), prompt
        except FidanError as error:
            return note(refusal(error), "wrong"), []

    async def add(written: str, kept: list[int], *values: Any) -> tuple[Any, Any]:
        try:
            prompt = read(written, kept)
            token = draw_token(await looking.logprobs(prompt), filters(values))
        except FidanError:  # told by `show`, which follows
            return gr.skip(), gr.skip()
        if token in tokenizer.special_ids:
            return gr.skip(), gr.skip()
        longer = [*prompt, token]
        return tokenizer.decode(longer), longer

    inputs, outputs = [text, ids, *sliders], [shown, ids]
    go.click(show, inputs, outputs, **_PRIVATE)
    text.submit(show, inputs, outputs, **_PRIVATE)
    write.click(add, inputs, [text, ids], **_PRIVATE).then(show, inputs, outputs, **_PRIVATE)
    for one in sliders:
        one.change(show, inputs, outputs, trigger_mode="always_last", **_PRIVATE)


def _attention(service: Service, looking: Looking) -> None:
    engine, tokenizer = service.writer.engine, service.writer.tokenizer
    html(
        '<p class="lead">Her katmandaki her <b>baş</b>, okunan parçaya hangi öteki parçalardan ne kadar bilgi '
        "alınacağını seçer. Satır bakan parça, sütun bakılan; koyu kare, çok bakıyor demektir.</p>"
    )
    if not has_attention(engine):
        html(note(NO_ATTENTION), elem_id="no-attention")
        return
    told = f"En çok {MOST_TOKENS} parça: daha uzununun haritası okunmaz."
    text = gr.Textbox(ATTENTION_FIRST, label="Metin", info=told, lines=1, max_lines=4, elem_id="attention-box")
    with gr.Row(elem_classes="main-buttons"):
        go = gr.Button("Haritaları çiz", variant="primary", elem_id="attention-go")
    kinds, layers, heads = shape_of(engine)
    with gr.Row():
        kind = gr.Radio([(NAMES[one], one) for one in kinds], value=kinds[-1],
                        label="Hangi dikkat", visible=len(kinds) > 1, elem_id="attention-kind")  # fmt: skip
    with gr.Row():
        # Gradio refuses a slider with one place, even one that is not shown.
        layer = gr.Slider(1, max(2, layers), 1, step=1, label="Katman", buttons=[], elem_id="attention-layer",
                          visible=layers > 1)  # fmt: skip
        head = gr.Slider(1, max(2, heads), 1, step=1, label="Baş", buttons=[], elem_id="attention-head",
                         visible=heads > 1)  # fmt: skip
    shown = html("", elem_id="attention-out")
    overview = html("", js_on_load=_CHOOSE, elem_id="attention-heads")

    async def show(written: str, what: Any, row: int, column: int) -> tuple[str, str]:
        try:
            check_length(service, written)
            prompt = looking.prompt(written)
            if len(prompt) > MOST_TOKENS:
                raise Told(f"Metin {number(len(prompt))} parça; haritası çizilen en çok {MOST_TOKENS}. Kısaltın.")
            found = await looking.attention(prompt)
        except FidanError as error:
            return note(refusal(error), "wrong"), ""
        maps = found.maps[what]
        at = min(int(row), len(maps)) - 1, min(int(column), maps.shape[1]) - 1
        title = f"<h4>{NAMES[what]} · {at[0] + 1}. katman, {at[1] + 1}. baş</h4>"
        large = draw_map(maps[at], labels(tokenizer, found.rows[what]), labels(tokenizer, found.columns[what]))
        small = f"<h4>Bütün katmanlar ve başlar</h4>{draw_overview(maps, *at)}"
        return title + large, small

    async def choose(written: str, what: Any, data: gr.EventData) -> tuple[Any, ...]:
        row, column = int(data.layer) + 1, int(data.head) + 1
        return row, column, *(await show(written, what, row, column))

    inputs, outputs = [text, kind, layer, head], [shown, overview]
    for event in (go.click, text.submit, kind.input):
        event(show, inputs, outputs, **_PRIVATE)
    for one in (layer, head):
        one.input(show, inputs, outputs, trigger_mode="always_last", **_PRIVATE)
    overview.choose(choose, [text, kind], [layer, head, *outputs], **_PRIVATE)
