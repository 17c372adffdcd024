"""Eğitim: how the model came to be, from its run's own records, read anew each time the tab is opened.

What it leaves out: how they are drawn (`training_view`).
"""

from typing import Any

import gradio as gr

from fidan.errors import FidanError
from fidan.serving.service import Service
from fidan.serving.web.look import html
from fidan.serving.web.markup import note, safe
from fidan.serving.web.training_view import NAMES, NO_RUN, draw_training, trainings_of


def training_tab(service: Service, tab: gr.Tab) -> None:
    """Lay the tab out, inside `gr.Blocks`."""
    stages = trainings_of(service.run)
    run = service.run
    if run is None or not stages:
        html(note(NO_RUN), elem_id="no-run")
        return
    html(
        '<p class="lead">Model, bir metnin her yerinde <b>sıradaki parçayı</b> tahmin ede ede öğrenir. Kayıp, '
        "tahminlerin ne kadar şaştığıdır; ayrılmış metin, modelin hiç görmediği metindir.</p>"
    )
    stage = gr.Radio([(NAMES[one], one) for one in stages], value=stages[-1], label="Eğitim",
                     visible=len(stages) > 1, elem_id="training-stage")  # fmt: skip
    shown = html("", elem_id="training-out")

    def draw(chosen: Any) -> str:
        if chosen not in stages:
            return note(safe(f"{chosen}: böyle bir eğitim yok."), "wrong")
        try:
            return draw_training(run, chosen)
        except FidanError as error:
            return note(f"Kayıtlar okunamadı: {safe(error)}", "wrong")

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    tab.select(draw, stage, shown, **private)
    stage.input(draw, stage, shown, **private)
