"""A conversation as HTML: who said what, as text.

It is drawn here and not by Gradio's chatbot, which makes elements of what looks like HTML even where Markdown is off.
What it leaves out: the conversation itself (`chat_tab`).
"""

from collections.abc import Sequence

from fidan.serving.web.markup import safe

NAMES = {"user": "Siz", "assistant": "Model"}
EMPTY = (
    '<div class="begin"><b>Ne konuşalım?</b><span>Küçük bir modelle konuşuyorsunuz: kısa ve açık yazın, '
    "söylediklerini denetleyin.</span></div>"
)


def draw_turns(turns: Sequence[dict[str, str]], waiting: bool = False) -> str:
    """The turns from the first to the last.

    Args:
        turns: `role` and `content` of each.
        waiting: whether the model has yet to write its first word.
    """
    if not turns:
        return EMPTY
    drawn = "".join(_turn(turn["role"], safe(turn["content"])) for turn in turns)
    return f'<div class="turns" aria-live="polite">{drawn}{_turn("assistant", DOTS) if waiting else ""}</div>'


DOTS = '<span class="dots" aria-label="yazıyor"><i></i><i></i><i></i></span>'


def _turn(role: str, said: str) -> str:
    return f'<div class="turn {role}"><small>{NAMES[role]}</small><div class="said">{said}</div></div>'
