"""Words and numbers of the page as HTML: foreign text harmless, figures as Turkish writes them.

What it leaves out: pictures (`token_view`, `probability_view`, `attention_view`) and colours (`style.css`).
"""

from fidan.page.text import escape

# Gradio fills what it is given into a template of JavaScript and then into one of Handlebars: "${…}" and "{{…}}" of a
# model's text must not be read as one.
_TEMPLATES = str.maketrans({"$": "&#36;", "{": "&#123;", "}": "&#125;", "`": "&#96;", "\\": "&#92;"})


def safe(text: object) -> str:
    """Any text, fit to stand in HTML, in an attribute and in Gradio's templates; what cannot be seen is named."""
    return escape(text).translate(_TEMPLATES)


def number(value: float, places: int = 0) -> str:
    """A number with a decimal comma and dots between the thousands: 1.234,5."""
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


def percent(share: float, places: int = 1) -> str:
    """A share of one, as Turkish writes it: %12,3; what would read as none is told as less."""
    if 0 < share < 0.5 * 10 ** -(places + 2):
        return f"&lt;%{number(10**-places, places)}"
    return f"%{number(100 * share, places)}"


def note(told: str, kind: str = "") -> str:
    """A line or two to the user; `told` is HTML already. Kinds: "", "wrong", "empty"."""
    return f'<div class="note {kind}" role="status">{told}</div>' if told else ""


def tiles(shown: list[tuple[str, str]]) -> str:
    """Figures at a glance, each with its name; both are HTML already."""
    made = "".join(f"<div><b>{figure}</b><span>{name}</span></div>" for figure, name in shown)
    return f'<div class="tiles">{made}</div>'
