"""One spelling of what looks the same: line ends, white space, invisible characters, composed letters.

A document afterwards is lines of text, one paragraph each, parted by single `\\n`: no empty lines, no white space at
either end of a line, single plain spaces within, no control or zero-width characters, Unicode form NFC. Doing it
twice changes nothing. The letters of Turkish, `â î û` among them, stay as they are.

What it leaves out: repairing broken encodings, HTML, casing, quotes and dashes, and U+FFFD (`fidan.corpus.filters`).
"""

import re
import unicodedata

from datatrove.data import DocumentsPipeline

from fidan.corpus.base import Step

# Every range below is spelled out, because most of these characters cannot be seen.
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
# U+2581 is how SentencePiece writes a space: as a space it round-trips, and as itself it could not.
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2581\u3000]")
_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters but tab and the line ends
    "\u00ad"  # soft hyphen: hyphenation of a page that is gone
    "\u034f\u061c\u180e"  # grapheme joiner, Arabic and Mongolian marks
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero-width and direction marks
    "\ufeff\ufff9-\ufffb\ufffe\uffff"  # byte order mark, annotations, not characters
    "]+"
)
_RUNS = re.compile(" {2,}")
_BREAKS = re.compile(" *\n[ \n]*")
# Any of the characters that the first three patterns are about, in one class: one search decides for most documents.
_SUSPECT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\u00ad\u034f\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2581\u3000"
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"
)


def normalize(text: str) -> str:
    """The normal form of a text; see the module's description.

    >>> normalize("\\ufeffİyi\\u00a0 günler \\r\\n\\r\\n  Kâğıt\\u00ad lar\\t")
    'İyi günler\\nKâğıt lar'
    """
    if _SUSPECT.search(text):
        text = _LINE_ENDS.sub("\n", text)
        text = _INVISIBLE.sub("", text)
        text = _SPACES.sub(" ", text)
    # After the invisible ones are gone: they may have stood between a letter and its accent.
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    # Searches for fixed strings first: they are several times as fast as the patterns, and mostly find nothing.
    if "  " in text:
        text = _RUNS.sub(" ", text)
    if "\n\n" in text or " \n" in text or "\n " in text:
        text = _BREAKS.sub("\n", text)
    return text.strip(" \n")


class Normalizer(Step):
    """Brings every document to its normal form."""

    type = "✂️ - FORMAT"
    name = "normalize"

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order, with their texts in normal form."""
        for document in data:
            document.text = normalize(document.text)
            yield document
