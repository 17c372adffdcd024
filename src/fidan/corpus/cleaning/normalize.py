"""One spelling of what looks the same: line ends, white space, invisible characters, quotes, composed letters.

A document afterwards is lines of text, one paragraph each, parted by single `\\n`: no empty lines, no white space at
either end of a line, single plain spaces within, no control or zero-width characters, Unicode form NFC. The letters
of Turkish, `â î û` among them, stay as they are. In this order, and again until nothing changes, so that doing it
twice changes nothing:

1. mojibake (`encoding`), first, because no-break spaces and soft hyphens may be bytes of a broken letter;
2. line ends, invisible characters and white space;
3. HTML (`markup`), then once more 2., as an entity may be a no-break space;
4. NFC, after the invisible characters are gone: they may have stood between a letter and its accent;
5. quotes and dashes: `“ ” „ ‟ « » ″ ＂` become `"`, and `‘ ’ ‚ ‛ ′ ‹ › ʼ ＇` become `'`; these, with `´` and a
   grave accent, are `fidan.turkish.APOSTROPHES` and what `turkish.fold` takes for the same sign. `´` and the grave
   accent only between a letter or digit and a letter, where they join a suffix; elsewhere they are their own signs.
   `‐ ‑ −` become `-`, and `‒ — ―` become `–`: Turkish has one long dash, before what somebody says and around what is
   put in, and the web writes it with any of the four. `…` stays, as filters count it (Gopher).

One compiled pass over the text says which of these a text needs at all; most need none, or quotes alone. What it
leaves out: casing, letters that are lost (U+FFFD), and boilerplate.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import count
from types import MappingProxyType

import numpy as np
from datatrove.data import DocumentsPipeline
from numpy.typing import NDArray

from fidan.compiled import compiled
from fidan.corpus.base import Step
from fidan.corpus.cleaning import encoding, markup, thorns
from fidan.corpus.config import CleaningConfig
from fidan.corpus.ledger import Ledger

_DEFAULT = CleaningConfig()

# Every range below is spelled out, because most of these characters cannot be seen.
_LINE_ENDS = "\r\u0085\u2028\u2029\v\f"
# U+2581 is how SentencePiece writes a space: as a space it round-trips, and as itself it could not.
_SPACES = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2581\u3000"
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters but tab and the line ends
    "\u00ad"  # soft hyphen: hyphenation of a page that is gone
    "\u034f\u061c\u180e"  # grapheme joiner, Arabic and Mongolian marks
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero-width and direction marks
    "\ufeff\ufff9-\ufffb\ufffe\uffff"  # byte order mark, annotations, not characters
)
_LINE_END = re.compile(f"\r\n?|[{_LINE_ENDS}]")
_SPACE = re.compile(f"[{_SPACES}]")
_INVISIBLES = re.compile(f"[{_INVISIBLE}]+")
_RUNS = re.compile(" {2,}")
_BREAKS = re.compile(" ?\n[ \n]*")  # behind _RUNS: there is at most one space

_QUOTES: Mapping[str, str] = MappingProxyType(
    {"’": "'", "“": '"', "”": '"', "‘": "'"}
    | dict.fromkeys("„‟«»″＂", '"')
    | dict.fromkeys("‚‛′‹›ʼ＇", "'")
    | dict.fromkeys("‐‑−", "-")
    | dict.fromkeys("‒—―", "–")
)
_ALL_QUOTES = tuple(_QUOTES.items())
_COMMON_QUOTES = 4  # the first of them; all others are rare
_ACCENT = re.compile(r"(?<=[^\W_])[´`](?=[^\W\d_])")

ROUNDS = 8
"""How often all of it is repeated before a text counts as hostile: writing settles in two or three."""

# What one pass over the text looks for: in the lower bits what a character says by itself, in the upper ones what it
# says behind another.
_WHITE, _BROKEN, _QUOTE, _RARE_QUOTE, _UNSETTLED, _CONTROLS = (1 << bit for bit in range(6))
_GAP, _MISREAD, _MISREAD_QUOTE, _MACINTOSH, _ENTITY, _TAG = (1 << bit for bit in range(8, 14))
_ENCODING = _CONTROLS | _BROKEN | _MISREAD | _MISREAD_QUOTE | _MACINTOSH
_MARKUP = _ENTITY | _TAG
_PUNCTUATION = _QUOTE | _RARE_QUOTE

_SINGLES = (
    (_WHITE, _LINE_ENDS + _SPACES + _INVISIBLE),
    (_CONTROLS, "".join(encoding.CONTROLS)),
    (_BROKEN, "Ÿ" + thorns.SIX),
    (_QUOTE, "".join(list(_QUOTES)[:_COMMON_QUOTES])),
    (_RARE_QUOTE, "´`" + "".join(list(_QUOTES)[_COMMON_QUOTES:])),
)
_PAIRS = (
    (_GAP, " \n", " \n"),
    (_MISREAD, "ÂÃÄÅĂĹ√ƒ≈", "\x80-\uffff"),
    (_MISREAD_QUOTE, "â", "€"),
    (_MACINTOSH, "›‹⁄", "a-zA-ZçöüâÇÖÜÂ"),
    (_ENTITY, "&", "#a-zA-Z"),
    (_TAG, "<", "/!?a-zA-Z"),
)


@cache
def _table() -> NDArray[np.uint32]:
    """What every UTF-16 unit says, (65536,): alone in bits 0 to 7, second of a pair in 8 to 15, first in 16 to 23."""
    every = "".join(map(chr, range(0x10000)))
    table = np.zeros(0x10000, np.uint32)

    def mark(members: str, bits: int) -> None:
        table[[ord(character) for character in re.findall(f"[{members}]", every)]] |= np.uint32(bits)

    for bits, members in _SINGLES:
        mark(members, bits)
    for bits, first, second in _PAIRS:
        mark(first, bits << 8)
        mark(second, bits)
    # Below U+0300 nothing composes, and among the signs of these blocks nothing does that is in form C by itself.
    table[0x300:] |= np.uint32(_UNSETTLED)
    signs = [code for code in range(0x2010, 0x2800) if unicodedata.is_normalized("NFC", chr(code))]
    table[signs] &= ~np.uint32(_UNSETTLED)
    return table


@compiled
def _scan(units: NDArray[np.uint16], table: NDArray[np.uint32]) -> np.uint32:
    alone = behind = before = np.uint32(0)
    for unit in units:
        here = table[unit]
        alone |= here
        behind |= (before >> np.uint32(8)) & here
        before = here
    return (alone & np.uint32(0xFF)) | (behind & np.uint32(0xFF00))


def _needs(text: str) -> int:
    return int(_scan(np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16), _table()))


def normalize(text: str, config: CleaningConfig = _DEFAULT) -> str:
    """The normal form of a text; see the module's description. Encoding, markup and punctuation can be left alone.

    >>> normalize("\\ufeffİyi\\u00a0 günler \\r\\n\\r\\n  K&acirc;ğıt\\u00ad<b>’ın</b>\\t")
    "İyi günler\\nKâğıt'ın"
    """
    return _normalize(text, _wanted(config), {})


Changes = dict[str, tuple[str, str]]


def _wanted(config: CleaningConfig) -> int:
    bits = _ENCODING * config.encoding | _MARKUP * config.markup | _PUNCTUATION * config.punctuation
    return bits | _WHITE | _GAP | _UNSETTLED


def _normalize(text: str, wanted: int, changes: Changes) -> str:
    """Also writes the first line that each kind of repair changed, before and after, into `changes`."""
    for attempt in count():
        needs = _needs(text) & wanted
        if not needs & ~_PUNCTUATION:
            # Plain quotes bring nothing forth that would need more.
            return _plain_quotes(text, needs).strip(" \n")
        if needs & _CONTROLS:
            # What stands there is known without a look around, and mostly nothing else is wrong.
            text = _noted("encoding", text, encoding.read_controls(text), changes)
            continue
        before = text
        if needs & _ENCODING:
            text = _noted("encoding", text, encoding.repair(text), changes)
        text = _plain_spaces(text)
        if needs & _MARKUP:
            text = _plain_spaces(_noted("markup", text, markup.strip(text), changes))
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        text = _plain_quotes(text, needs).strip(" \n")
        if text == before:
            break
        if attempt == ROUNDS:
            # What keeps such a text from settling is markup; repairs of the encoding shorten it and come to an end.
            text = text.replace("&", " ").replace("<", " ")
    return text


def _noted(kind: str, before: str, after: str, changes: Changes) -> str:
    if before != after and kind not in changes:
        lines = zip(before.split("\n"), after.split("\n"), strict=False)
        changes[kind] = next(((old, new) for old, new in lines if old != new), (before[-200:], after[-200:]))
    return after


def _plain_spaces(text: str) -> str:
    for sign, plain in (("\r\n", "\n"), ("\xad", ""), ("\xa0", " "), ("\t", " ")):
        text = text.replace(sign, plain)
    if _needs(text) & _WHITE:
        text = _LINE_END.sub("\n", text)
        text = _INVISIBLES.sub("", text)
        text = _SPACE.sub(" ", text)
    # Searches for fixed strings first: they are several times as fast as the patterns, and mostly find nothing.
    if "  " in text:
        text = _RUNS.sub(" ", text)
    if "\n\n" in text or " \n" in text or "\n " in text:
        text = _BREAKS.sub("\n", text)
    return text


def _plain_quotes(text: str, needs: int) -> str:
    if needs & _PUNCTUATION:
        rare = needs & _RARE_QUOTE
        for sign, plain in _ALL_QUOTES if rare else _ALL_QUOTES[:_COMMON_QUOTES]:
            text = text.replace(sign, plain)
        if rare:
            text = _ACCENT.sub("'", text)
    return text


class Normalizer(Step):
    """Brings every document to its normal form.

    Args:
        ledger: counts the documents with `encoding` and `markup` repairs, and keeps samples of the lines.
        config: what is left alone.
    """

    type = "✂️ - FORMAT"
    name = "normalize"

    def __init__(self, ledger: Ledger, config: CleaningConfig = _DEFAULT) -> None:
        super().__init__()
        self.ledger = ledger
        self.wanted = _wanted(config)

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order, with their texts in normal form."""
        for document in data:
            changes: Changes = {}
            document.text = _normalize(document.text, self.wanted, changes)
            for kind, (before, after) in changes.items():
                self.ledger.note(kind)
                self.ledger.change(kind, before, after)
            yield document
