"""The Turkish prose of a page: code, formulas, addresses and markup are covered, and every line stays in its place.

What it leaves out: judging it (`style`). A file is Markdown, a chapter in percent format (its Markdown cells), or a
diagram (its labels).
"""

import re
from html import unescape
from pathlib import Path

COVER = "\ufffc"  # stands for each sign of what is no prose

_CODE = [
    re.compile(r"\A---\n.*?\n---\n", re.DOTALL),  # a page's head
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"^(?P<indent>[ \t]*)(?P<fence>```+|~~~+).*?^(?P=indent)(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE),
    re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL),
    re.compile(r"\$\$.+?\$\$", re.DOTALL),
    re.compile(r"(?<![\\$\w])\$(?!\s)(?:(?!\n\s*\n)[^$])+?(?<!\s)\$(?!\d)"),
    re.compile(r"^(?:--8<--|:::).*$", re.MULTILINE),
    re.compile(r"^\[[^\]\n]+\]:\s.*$", re.MULTILINE),  # a link's address, at the page's end
    re.compile(r"(?<=\])\((?:[^()\n]|\([^()\n]*\))*\)"),  # the address of a link or a picture
    re.compile(r"(?<=\])\[[^\]\n]*\]"),
    re.compile(r"<https?:[^>\s]+>|https?://[^\s)>\]]+"),
    re.compile(r"</?[a-zA-Z][^>]*?>"),
    re.compile(r"(?<=[*_\])\ufffc])[ \t]?\{[^}\n]*\}|(?:^|(?<=\s))\{[:.#][^}\n]*\}", re.MULTILINE),
    re.compile(r":(?:material|octicons|fontawesome|simple)-[\w-]+:"),
]
# Commands, folders and files, which a diagram cannot mark as code.
_NAME = re.compile(r"\bfidan(?: -{0,2}[a-z]+)+|\b\w+(?:/|\.json\b)")
_BOX = re.compile(r"^(?P<mark>[ \t]*(?:!!!|\?\?\?\+?|===)[ \t][^\"\n]*)(?:\"(?P<title>[^\"\n]*)\")?.*$", re.MULTILINE)


def prose_of(path: Path) -> str:
    """The prose of a file, with as many lines as it has."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return cover(markdown_cells(text))
    return labels(text) if path.suffix == ".svg" else cover(text)


def cover(markdown: str) -> str:
    """Markdown with everything covered that is no prose."""
    for pattern in _CODE:
        markdown = pattern.sub(lambda match: covered(match[0]), markdown)
    return _BOX.sub(_titled, markdown)


def markdown_cells(source: str) -> str:
    """The Markdown of a chapter; all other lines are empty."""
    lines, inside = [], False
    for line in source.splitlines():
        if line.startswith("# %%"):
            inside = line.startswith("# %% [markdown]")
            lines.append("")
        else:
            lines.append(line.removeprefix("#").removeprefix(" ") if inside else "")
    return "\n".join(lines)


def labels(svg: str) -> str:
    """What stands in a diagram, each label a paragraph."""
    lines, inside = [], False
    for line in svg.splitlines():
        inside = (inside or line.startswith("<style>")) and not line.startswith("</style>")
        shown = "" if inside or 'class="code"' in line else re.sub(r"<[^>]*>", "", line)
        shown = _NAME.sub(lambda match: covered(match[0]), shown)
        lines.append(cover(unescape(shown)))
    return "\n".join(lines)


def covered(text: str) -> str:
    """As many signs on as many lines, none of them to be read."""
    return re.sub(r"[^\n]", COVER, text)


def _titled(match: re.Match[str]) -> str:
    """An admonition's line with its title alone left open."""
    if match["title"] is None:
        return covered(match[0])
    start, end = match.start("title") - match.start(), match.end("title") - match.start()
    return covered(match[0][:start]) + match["title"] + covered(match[0][end:])
