"""How a text is written, as sliders that say in plain words what they do.

What it leaves out: what the settings are (`fidan.recipe.GenerateConfig`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from fidan.recipe import GenerateConfig
from fidan.serving.web.talk import Told

USUAL = 256  # tokens of a text, unless the user asks for more
LARGEST_SEED = 2**63 - 1
NARROWEST = 240  # pixels of a slider, so that on a phone they stand below one another


@dataclass(frozen=True)
class Setting:
    """One slider.

    Attributes:
        name: as of `GenerateConfig`.
        label: what it is called.
        told: what it does.
        low: its least value; high: its greatest; step: between two.
    """

    name: str
    label: str
    told: str
    low: float
    high: float
    step: float


TEMPERATURE = Setting(
    "temperature",
    "Sıcaklık",
    "Düşükse en olası parçalar seçilir; yüksekse yazı daha serbest ama daha dağınık olur. 0: hep en olası.",
    0.0,
    2.0,
    0.05,
)
TOP_K = Setting("top_k", "Top-k", "Yalnız en olası k parça arasından seçilir. 0: sınır yok.", 0, 200, 1)
TOP_P = Setting(
    "top_p",
    "Top-p",
    "Olasılıkları birlikte p'ye ulaşan en olası parçalarla yetinilir. 1: hepsi.",
    0.05,
    1.0,
    0.01,
)
MIN_P = Setting(
    "min_p",
    "Min-p",
    "En olası parçanın olasılığının bu kadarına erişmeyenler elenir. 0: elenmez.",
    0.0,
    0.5,
    0.01,
)
REPETITION = Setting(
    "repetition_penalty",
    "Tekrar cezası",
    "Metinde geçen parçaların yeniden seçilmesini zorlaştırır. 1: ceza yok.",
    1.0,
    2.0,
    0.05,
)
FILTERS = (TEMPERATURE, TOP_K, TOP_P, MIN_P)
SETTINGS = (TEMPERATURE, TOP_K, TOP_P, REPETITION)
SEED_TOLD = "Aynı tohum ve aynı ayarlar aynı metni verir. Boşsa her seferinde başka."


def slider(setting: Setting, value: float) -> gr.Slider:
    """One of them, at a value."""
    return gr.Slider(
        setting.low, max(setting.high, value), value, step=setting.step, label=setting.label, info=setting.told,
        buttons=[], interactive=True, min_width=NARROWEST,
    )  # fmt: skip


def controls(defaults: GenerateConfig, context: int) -> list[Any]:
    """The sliders of a text in a fold: those of `SETTINGS`, the longest length, and the seed, in this order."""
    with gr.Accordion("Ayarlar", open=False, elem_classes="settings"):
        made: list[Any] = []
        with gr.Row():
            made += [slider(one, getattr(defaults, one.name)) for one in SETTINGS[:2]]
        with gr.Row():
            made += [slider(one, getattr(defaults, one.name)) for one in SETTINGS[2:]]
        with gr.Row():
            made.append(
                gr.Slider(
                    1, context, min(USUAL, context), step=1, label="En çok parça",
                    info="Metin en geç bu kadar sözcük parçasından sonra biter.", buttons=[], interactive=True,
                    min_width=NARROWEST,
                )
            )  # fmt: skip
            made.append(
                gr.Textbox(
                    label="Tohum",
                    info=SEED_TOLD,
                    placeholder="boş",
                    max_length=19,
                    interactive=True,
                    min_width=NARROWEST,
                )
            )
    return made


def read_settings(values: tuple[Any, ...]) -> tuple[Mapping[str, Any], int | None]:
    """What `controls` were set to → a request's settings and its seed.

    Raises:
        Told: the seed is no whole number that a generator takes.
    """
    *sliders, most, seed = values
    settings: dict[str, Any] = {one.name: value for one, value in zip(SETTINGS, sliders, strict=True)}
    settings |= {"top_k": int(settings["top_k"]), "max_new_tokens": int(most)}
    return settings, read_seed(seed)


def read_seed(written: str | None) -> int | None:
    """A seed as it was typed; None where there is none.

    Raises:
        Told: it is no whole number from 0 to 2⁶³ - 1.
    """
    told = (written or "").strip()
    if not told:
        return None
    if not (told.isascii() and told.isdigit() and int(told) <= LARGEST_SEED):
        raise Told(f"Tohum {told!r}: 0 ya da daha büyük bir tam sayı olmalı.")
    return int(told)
