"""Foreign text inside Markdown: names, prompts and what a model wrote, so that none of it can become markup.

Every function gives text that stands where it is put: a name stays on its line and in its cell, a fence holds
whatever is inside it. Numbers are written as in Turkish, 1.234,5. What it leaves out: the words around them.
"""

import re
import textwrap
from collections.abc import Sequence

from fidan.page.text import visible

WIDTH = 96  # columns of a text in a fence, which is not wrapped by the page
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&@^!])")
_LINK = re.compile(r"(?<=www)\.|:(?=//)", re.IGNORECASE)  # addresses that readers make clickable by themselves


def inline(text: str) -> str:
    """A foreign text inside a line or a cell: on one line, nothing in it markup or a link."""
    return _LINK.sub(r"\\\g<0>", _MARKUP.sub(r"\\\1", visible(_one_line(text))))


def code(text: str) -> str:
    """A foreign text as code inside a line or a cell."""
    shown = visible(_one_line(text)).replace("|", "¦")  # a bar ends a cell, even inside code
    ticks = "`" * (_longest_run(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def fence(text: str, language: str = "text") -> str:
    """A block whose content is shown as it is; the fence is longer than any inside."""
    shown = visible(text)
    ticks = "`" * max(3, _longest_run(shown) + 1)
    return f"{ticks}{language}\n{shown}\n{ticks}"


def wrapped(text: str) -> str:
    """The same text with line breaks where a line is too long for a page."""
    lines = [
        part
        for line in text.splitlines()
        for part in (textwrap.wrap(line, WIDTH, break_on_hyphens=False, replace_whitespace=False) or [""])
    ]
    return "\n".join(lines)


def table(rows: Sequence[tuple[str, ...]], head: tuple[str, ...]) -> str:
    """A table of cells that are Markdown already; a row without a value is left out by its maker."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: float, digits: int = 0) -> str:
    """A number in Turkish: a point at the thousands, a comma before so many digits."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def plain(value: float) -> str:
    """A setting in Turkish, with the digits it was given: 0,003."""
    return f"{value:.15g}".replace(".", ",")


def size(count: float) -> str:
    """Bytes in a decimal unit, in Turkish."""
    for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")):
        if count >= 10**power:
            return f"{number(count / 10**power, 1)} {unit}"
    return f"{number(count)} bayt"


def duration(seconds: float) -> str:
    """A time in Turkish, in the two units that matter."""
    if seconds < 60:
        return f"{number(seconds, 1)} saniye"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{number(hours)} saat {minutes} dakika" if hours else f"{minutes} dakika"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
