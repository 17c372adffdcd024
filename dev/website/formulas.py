"""Formulas of built pages to MathML, which browsers draw by themselves: no script, no font from elsewhere.

The generator leaves `\\(…\\)` and `\\[…\\]` in elements of the class `arithmatex`; what stands in them is TeX. A
command that the converter does not know is an error.
"""

import html
import re
from pathlib import Path

from latex2mathml import exceptions
from latex2mathml.converter import convert

from website.pages import SiteError

FAULTS = tuple(kind for kind in vars(exceptions).values() if isinstance(kind, type))
SPELT = {
    r"\\arg(?![a-zA-Z])": r"\\operatorname{arg}",
    r"\\(begin|end)\{aligned\}": r"\\\1{align*}",
    r"\\operatorname\{([^{}]*[^\x00-\x7f][^{}]*)\}": r"\\text{\1}",  # only ASCII letters stay one name
}
"""What the converter lacks, and how else it is said."""

FORMULA = re.compile(r'<(?P<tag>span|div) class="arithmatex">(?P<tex>.*?)</(?P=tag)>', re.DOTALL)


def replace(text: str, page: str) -> str:
    """A built page with its formulas as MathML."""
    return FORMULA.sub(lambda match: _convert(match, page), text)


def _convert(match: re.Match[str], page: str) -> str:
    tex = html.unescape(match["tex"]).strip()
    tex = tex.removeprefix("\\(").removesuffix("\\)").removeprefix("\\[").removesuffix("\\]").strip()
    for command, other in SPELT.items():
        tex = re.sub(command, other, tex)
    display = "block" if match["tag"] == "div" else "inline"
    try:
        mathml: str = convert(tex, display=display)
    except FAULTS as error:
        raise SiteError(f"{page}: the formula {tex!r} cannot be read: {error!r}") from error
    if "\\" in mathml or "<mi>&</mi>" in mathml:  # the latter of an environment whose columns it does not know
        raise SiteError(f"{page}: the formula {tex!r} has a command that is not known")
    source = html.escape(tex, quote=True)
    mathml = mathml.replace("<math ", f'<math aria-label="{source}" ', 1)
    return f'<div class="formul">{mathml}</div>' if display == "block" else mathml


def convert_all(built: Path) -> int:
    """Converts the formulas of every page; how many there were."""
    count = 0
    for path in sorted(built.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        found = len(FORMULA.findall(text))
        if found:
            path.write_text(replace(text, str(path.relative_to(built))), encoding="utf-8")
        count += found
    return count
