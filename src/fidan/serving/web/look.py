"""How the page looks: Gradio's theme in the package's own colours, fonts that every system has, and the style sheet.

What it leaves out: what stands on it (`page`).
"""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.themes.utils.colors import Color

STYLE = Path(__file__).with_name("style.css")
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif"]
MONO = ["ui-monospace", "SF Mono", "Menlo", "Consolas", "Liberation Mono", "monospace"]
GREEN = Color(
    "#f0f7f2", "#dcede2", "#bbdbc7", "#8fc3a3", "#5ba67a", "#3c8a5a", "#2f7d4f", "#276741", "#215336", "#1b432c",
    "#102619", name="fidan-green",
)  # fmt: skip
STONE = Color(
    "#faf9f5", "#f3f2ec", "#e4e3da", "#cfcfc4", "#9ea69a", "#757c70", "#5f6659", "#3a413c", "#262c28", "#1e2220",
    "#161917", name="fidan-stone",
)  # fmt: skip


def theme() -> Any:
    """The theme: one accent colour, no shadow, quiet borders; light and dark as the system has it."""
    base = gr.themes.Base(
        primary_hue=GREEN, secondary_hue=GREEN, neutral_hue=STONE, radius_size="lg",
        font=[gr.themes.Font(name) for name in FONTS], font_mono=[gr.themes.Font(name) for name in MONO],
    )  # fmt: skip
    return base.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="#22261f",
        body_text_color_dark="#e4e6df",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_50",
        background_fill_secondary_dark="*neutral_950",
        block_background_fill="#ffffff",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_700",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_700",
        block_shadow="none",
        block_shadow_dark="none",
        block_label_text_weight="600",
        block_title_text_weight="600",
        block_title_text_color="*body_text_color",
        block_title_text_color_dark="*body_text_color",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
        input_background_fill="#ffffff",
        input_background_fill_dark="*neutral_950",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_border_color_focus="*primary_500",
        input_border_color_focus_dark="*primary_500",
        input_border_width="1px",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_500",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill="*neutral_100",
        button_secondary_background_fill_hover="*neutral_200",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_secondary_border_color="*neutral_200",
        button_secondary_border_color_dark="*neutral_700",
        button_large_text_size="*text_md",
        button_large_padding="*spacing_md *spacing_xl",
        slider_color="*primary_600",
        slider_color_dark="*primary_500",
        color_accent_soft="*primary_50",
        color_accent_soft_dark="*primary_950",
        border_color_accent="*primary_300",
        border_color_accent_dark="*primary_700",
    )


def html(value: str = "", **told: Any) -> gr.HTML:
    """A place for HTML of the page's own, without Gradio's styles for prose."""
    return gr.HTML(value, apply_default_css=False, padding=False, **told)
