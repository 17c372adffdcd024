"""The page: a head that says which model this is, and five tabs.

What it leaves out: what stands in a tab (`chat_tab`, `completion_tab`, `law_tab`, `inside_tab`, `training_tab`), how
it looks (`look`), and where it is mounted (`mount`).
"""

import gradio as gr

from fidan.serving.inside.looking import Looking
from fidan.serving.service import Service
from fidan.serving.web.chat_tab import chat_tab
from fidan.serving.web.completion_tab import completion_tab
from fidan.serving.web.endpoints import endpoints
from fidan.serving.web.inside_tab import inside_tab
from fidan.serving.web.law_tab import law_tab
from fidan.serving.web.look import html
from fidan.serving.web.markup import number, safe
from fidan.serving.web.training_tab import training_tab

SESSIONS = 1000  # whose state is kept; the oldest goes first
SPARE_JOBS = 64  # beside those that decode, for what only draws
LEAF = (
    '<svg class="leaf" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 30V15" /><path class="fill" '
    'd="M16 17C16 9 10 5 3 5c0 8 5 12 13 12Z" /><path class="fill" d="M16 13c0-6 5-10 13-10 0 8-6 11-13 10Z" /></svg>'
)


def build_page(service: Service) -> gr.Blocks:
    """The page as Gradio's blocks.

    Gradio's own queue lets everything through: how many texts run and wait is the decoding loop's to say, and it says
    so in time. Nothing is counted or sent home.

    Args:
        service: what answers.
    """
    looking = Looking(service)
    with gr.Blocks(analytics_enabled=False, title=f"fidan · {service.name}", fill_width=False) as page:
        html(draw_head(service), elem_id="head")
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            with gr.Tab("Sohbet", id="sohbet"):
                chat_tab(service)
            with gr.Tab("Tamamlama", id="tamamlama"):
                completion_tab(service)
            with gr.Tab("Hukuk", id="hukuk"):
                law_tab(service)
            with gr.Tab("İçini gör", id="icini-gor"):
                inside_tab(service, looking)
            with gr.Tab("Eğitim", id="egitim") as training:
                training_tab(service, training)
        endpoints(service, looking)
    page.state_session_capacity = SESSIONS
    page.max_threads = service.limits.slots + service.limits.queue + SPARE_JOBS  # jobs that Gradio runs at once
    page.queue(default_concurrency_limit=None, max_size=None, api_open=False)
    return page


def draw_head(service: Service) -> str:
    """The model's name and what it is."""
    engine, tokenizer = service.writer.engine, service.writer.tokenizer
    facts = ["sohbet modeli" if service.writer.chats else "temel model"]
    model = getattr(engine, "model", None)
    if model is not None and hasattr(model, "parameter_count"):
        facts.append(f"{number(model.parameter_count() / 1e6, 1)} milyon parametre")
    facts += [f"{number(tokenizer.vocab_size)} parçalık sözlük", f"{number(engine.context)} parçalık bağlam"]
    told = " · ".join(facts)
    named = f"<h1>fidan</h1><p><b>{safe(service.name)}</b> <span>{told}</span></p>"
    return f'<header class="masthead">{LEAF}<div>{named}</div></header>'
