"""Words, numbers and foreign text for a page: escaped, readable, and harmless.

What it leaves out: pictures (`curves`) and the page around them (`frame`).
"""

import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SHOWN = 2000  # characters of a text that the page shows

# What a reader would not see, or what would turn the text around it: controls, soft hyphens, zero-width and bidi
# signs, other separators of lines, private use, halves of pairs. Tab and line break are plain.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\uf8ff\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]"
)


def visible(text: str) -> str:
    """A text whose characters can all be seen; what cannot be is named (`‹U+202E›`)."""
    return _UNSEEN.sub(lambda match: f"‹U+{ord(match[0]):04X}›", text)


def escape(text: object) -> str:
    """Any text, fit to stand in HTML and in an attribute; what cannot be seen is named."""
    return visible(html.escape(str(text)))


def prose(text: str, limit: int = SHOWN) -> str:
    """Text of a document: escaped, what cannot be seen marked as such, cut to `limit` characters with a note."""
    marked = _UNSEEN.sub(lambda match: f"<i>U+{ord(match[0]):04X}</i>", html.escape(text[:limit]))
    more = len(text) - limit
    return f"{marked}<b>… {count(more)} more</b>" if more > 0 else marked


def quote(text: str, limit: int = SHOWN) -> str:
    """A text in its own box, its spaces and lines as they are."""
    return f'<div class="text" dir="auto">{prose(text, limit)}</div>'


def label(name: str) -> str:
    """A name of the report in words: `too_short` is `too short`."""
    return escape(name.replace("_", " "))


def anchor(name: str) -> str:
    """A name as the identifier of an element."""
    return "".join(sign if sign.isascii() and sign.isalnum() else f"-{ord(sign):x}-" for sign in name)


def count(number: float) -> str:
    """A whole number with separators."""
    return f"{number:,.0f}"


def large(number: float) -> str:
    """A number, in millions or billions where it has as many, to three digits."""
    for power, unit in ((9, "B"), (6, "M")):
        if number >= 10**power:
            return f"{number / 10**power:.3g}{unit}"
    return count(number)


def size(number: float) -> str:
    """Bytes in the largest decimal unit that leaves a figure of at least one."""
    for power, unit in ((12, "TB"), (9, "GB"), (6, "MB"), (3, "kB")):
        if abs(number) >= 0.9995 * 10**power:
            return f"{_three_digits(number / 10**power)} {unit}"
    return f"{number:,.0f} B"


def share(part: float, whole: float) -> str:
    """A part in percent; a dash of nothing, `<0.1%` of what would read as none."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return "&lt;0.1%"
    if 99.95 <= percent < 100:
        return "&gt;99.9%"
    return f"{percent:.1f}%"


def duration(seconds: float) -> str:
    """A time in the two units that matter."""
    if seconds < 59.5:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


def decimals(error: float) -> int:
    """Decimals that an error leaves meaningful: two of its digits where they are up to 35, else one.

    The rule of the Particle Data Group (Review of Particle Physics, introduction).
    """
    if not (math.isfinite(error) and error > 0):
        return 3
    power = math.floor(math.log10(error))
    return min(max((1 if error / 10**power < 3.55 else 0) - power, 0), 6)


def plus_minus(value: float, error: float | None, unit: str = "", places: int = 3) -> str:
    """A figure and its standard error to the digit of the error; to `places` decimals where no error is known."""
    if error is None or not (math.isfinite(error) and error > 0):
        return f"{signed(value, places)}{unit}"
    places = decimals(error)
    return f"{signed(value, places)} ± {error:.{places}f}{unit}"


def signed(value: float, places: int) -> str:
    """A number with that many decimals and the sign of print; what rounds to zero has none."""
    told = f"{value:.{places}f}"
    return told.lstrip("-") if not float(told) else told.replace("-", "−")


def plural(number: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def listing(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of cells that are HTML already.

    Args:
        head: column titles; one that begins with `#` is of numbers, one that is empty is of bars.
        rows: as many cells each.
        kind: its class.
    """
    classes = ["n" if title.startswith("#") else "" if title else "b" for title in head]
    lines = [
        "".join(_cell(tag, cell, kind) for cell, kind in zip(cells, classes, strict=True))
        for tag, cells in (("th", [title.removeprefix("#") for title in head]), *(("td", row) for row in rows))
    ]
    body = "\n".join(f"<tr>{line}</tr>" for line in lines[1:])
    whole = f"<thead><tr>{lines[0]}</tr></thead>\n<tbody>{body}</tbody>"
    return f'<div class="wide"><table class="{kind}">{whole}</table></div>'


def fold(title: str, note: str, content: str, drawn: str = "", name: str = "") -> str:
    """Content that is unfolded on demand; a plain line where there is none. All of it is HTML already.

    Args:
        title: what is always seen.
        note: likewise, less loud.
        content: what is folded away.
        drawn: a bar beside the note.
        name: the identifier of the element.
    """
    head = f"<strong>{title}</strong><small>{note}</small>{drawn}"
    mark = f' id="{name}"' if name else ""
    if not content:
        return f'<div class="fold"{mark}>{head}</div>'
    return f"<details{mark}><summary>{head}</summary>{content}</details>"


def pairs(told: Mapping[str, str]) -> str:
    """Names and values, both HTML already."""
    return f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{value}</dd></div>' for name, value in told.items())}</dl>"


def setting(value: Any) -> str:
    """A setting's value, as a recipe would have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(setting(item) for item in value) or "none"
    if isinstance(value, int):
        return count(value)
    return (f"{value:.4g}" if isinstance(value, float) else escape(value)) or "–"


def _cell(tag: str, content: str, kind: str) -> str:
    return f'<{tag} class="{kind}">{content}</{tag}>' if kind else f"<{tag}>{content}</{tag}>"


def _three_digits(number: float) -> str:
    return f"{number:.2f}" if number < 9.995 else f"{number:.1f}" if number < 99.95 else f"{number:,.0f}"
