"""The page around a report: its head, its figures at a glance, its sections with a link to each.

What it leaves out: every word and figure, which the caller gives as HTML already.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

_STYLE = Path(__file__).with_name("style.css")


def frame(
    *,
    title: str,
    brand: str,
    heading: str,
    summary: str,
    figures: str,
    sections: Sequence[tuple[str, str, str]],
    style: str,
) -> str:
    """A page as HTML; the arguments are HTML already.

    Args:
        title: of the window.
        brand: what kind of report it is.
        heading: the largest line.
        summary: the report in a few sentences.
        figures: the report in a few numbers, as `tiles` makes them.
        sections: name, title and content of each.
        style: CSS of this report alone, added to what all pages share.
    """
    links = "".join(f'<a href="#{name}">{told}</a>' for name, told, _ in sections)
    body = "\n".join(
        f'<section id="{name}"><h2>{told}</h2>\n{content}\n</section>' for name, told, content in sections
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{_STYLE.read_text(encoding="utf-8")}{style}</style>
</head>
<body>
<header class="top">
<p class="brand">fidan · {brand}</p>
<h1>{heading}</h1>
<p class="summary">{summary}</p>
{figures}
<nav>{links}</nav>
</header>
<main>
{body}
</main>
</body>
</html>
"""


def tiles(shown: Iterable[tuple[str, str, str]]) -> str:
    """Figures at a glance: each with its name and a smaller line."""
    made = "".join(
        f"<div><b>{figure}</b><span>{name}</span><small>{more}</small></div>" for figure, name, more in shown
    )
    return f'<div class="tiles">{made}</div>'
