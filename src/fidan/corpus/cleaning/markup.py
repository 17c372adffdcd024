"""HTML that was left in a text: entities become characters, tags go, and block tags become line breaks.

- Entities (`&ccedil;`, `&#305;`, `&#x131;`, `&CCEDIL;`) are replaced, and what that brings forth again, so that
  `&amp;ccedil;` is `ç`. The closing semicolon may be missing from a number and from `nbsp amp quot lt gt`, where no
  letter, digit or `=` follows: `?a=1&lt=2` is an address.
- Comments go, and `<script>` and `<style>` with all that is in them. Without an end, only the opening mark goes.
- A tag is `<name …>` with a name that HTML has and attributes that look like some. So `a < b`, `x<y ve y>z`,
  `a<b ve c>d`, `<3`, `<-`, `List<string>` and `<ali@ornek.com>` stay. Names that have no use without an attribute
  (`<object>`, `<time>`) are no tags when they stand bare, as they do in descriptions of programs.
- A note's mark (`<sup>*</sup>`, `<sup>[3]</sup>`) goes with its tag, as the note is elsewhere; `m<sup>2</sup>` is m2.
- A table's cells are parted by a space, and what is a block by a line break; other tags leave nothing.

A text that *speaks* of `<br>` loses the word: a page cannot be told from a page about pages.

What it leaves out: BBCode and wiki markup, of which a sample of 329 MB of Turkish text held ten cases, and
`(bkz: …)`, which is how a Turkish forum cites.
"""

import html
import re
from collections.abc import Iterator
from html.entities import html5

from fidan import turkish

ROUNDS = 8
"""How often entities and tags are replaced before a text counts as hostile: writing settles in two or three."""

# "&amp;amp;amp;…" is eaten at once: one round for each would take the square of its length.
_AMPERSANDS = "(?:amp;|#0{0,5}38;|#[xX]0{0,5}26;)"
_ENTITY = re.compile(
    rf"&{_AMPERSANDS}*+(?:(#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|[a-zA-Z][a-zA-Z0-9]{{1,31}});"
    rf"|(#[0-9]{{2,6}})(?![0-9])|(nbsp|amp|quot|lt|gt)(?![\w=;]))|&{_AMPERSANDS}++"
)
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav noscript ol "
    "optgroup option p pre section select summary table tbody textarea tfoot thead title tr ul".split()
)
_CELLS = frozenset({"td", "th"})
_INLINE = frozenset(
    "a abbr acronym applet audio b basefont bdi bdo big blink button canvas cite code col colgroup datalist del dfn "
    "em font frame i iframe ins kbd label mark marquee math meter nobr noframes noembed picture progress q rp rt "
    "ruby s samp script small span strike strong style sub sup svg tt u var video wbr".split()
)
_WITH_ATTRIBUTES = frozenset(
    "area base data embed img input link map meta object output param source time track".split()
)
_NAMES = _BLOCKS | _CELLS | _INLINE | _WITH_ATTRIBUTES
_FLAGS = (
    "allowfullscreen|async|autoplay|checked|compact|controls|defer|disabled|hidden|loop|multiple|muted|noshade|nowrap"
    "|readonly|required|selected"
)

# No part of a tag goes beyond the next "<", so that all attempts together look at the text a fixed number of times.
_TAG = re.compile(
    r"<(/?)(?:(?:o|w|v|m|st1|fb|g):)?([a-zA-Z][a-zA-Z0-9]{0,10})"
    r"(?:[\s/](?:(?:[^<>\"']|\"[^<\"]*+\"|'[^<']*+')*+|[^<>]*+))?>"
)
_ATTRIBUTES = re.compile(
    rf"[\s/]*+(?:(?:{_FLAGS})[\s/]++)*+(?:[a-zA-Z_:@][\w:.-]*+\s*+=.*+|(?:{_FLAGS})[\s/]*+)?", re.DOTALL
)
_NOTE = re.compile(r"<sup(?:\s[^<>]*)?>\s*+(?:\*|\[[0-9]{1,3}\])\s*+</sup>", re.IGNORECASE | re.ASCII)
_DECLARATION = re.compile(r"<(?:!doctype\b|!\[|\?xml\b)[^<>]*>", re.IGNORECASE)
_OPENING = re.compile(r"<!--|<(script|style)(?:\s[^<>]*)?>", re.IGNORECASE | re.ASCII)
_CLOSING = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE | re.ASCII) for name in ("script", "style")}
_CLOSING["!--"] = re.compile("-->")


def strip(text: str) -> str:
    """The text without HTML; see the module's description. Doing it twice changes nothing.

    >>> strip("<p>&Ccedil;ok &amp;ouml;nemli:<br/>a < b &lt;3</p>")
    '\\nÇok önemli:\\na < b <3\\n'
    """
    for _ in range(ROUNDS):
        before = text
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        if "<" in text:
            text = _DECLARATION.sub("", "".join(_outside(text)))
            text = _TAG.sub(_replacement, _NOTE.sub("", text))
        if text == before:
            return text
    # Nobody writes so; without these two nothing is left that could be replaced.
    return text.replace("&", " ").replace("<", " ")


def _character(match: re.Match[str]) -> str:
    closed, number, name = match.groups()
    body = closed or number or name
    if body is None:
        return "&"  # written as an entity, before something that is none
    if body[0] == "#":
        return html.unescape(f"&{body};")
    found = html5.get(body + ";")
    if found is None and body.isupper():
        lower = html5.get(body.translate(_ASCII_LOWER) + ";", "")
        found = turkish.upper(lower) if lower.isalpha() or lower == "\xa0" else None
    return f"&{body};" if found is None else found


def _outside(text: str) -> Iterator[str]:
    """What stands outside of comments, scripts and style sheets."""
    position = 0
    unclosed: set[str] = set()  # a kind whose end was sought in vain has none further on either
    for opening in _OPENING.finditer(text):
        if opening.start() < position:
            continue
        kind = (opening[1] or "!--").translate(_ASCII_LOWER)
        closing = None if kind in unclosed else _CLOSING[kind].search(text, opening.end())
        yield text[position : opening.start()]
        if closing is None:
            unclosed.add(kind)
        elif kind != "!--":
            yield " "
        position = opening.end() if closing is None else closing.end()
    yield text[position:]


def _replacement(match: re.Match[str]) -> str:
    name = match[2].translate(_ASCII_LOWER)
    rest = match[0][match.end(2) - match.start() : -1]
    namespaced = ":" in match[0][: match.start(2) - match.start()]
    if not namespaced and name not in _NAMES:
        return match[0]
    if not _ATTRIBUTES.fullmatch(rest) or (name in _WITH_ATTRIBUTES and not match[1] and not rest.strip(" /\t\n")):
        return match[0]
    if namespaced:
        return ""
    return "\n" if name in _BLOCKS else " " if name in _CELLS else ""
