"""What a law is once it is read: its articles, each with its text in paragraphs, its notes and its place.

What it leaves out: how a text becomes this (`fidan.law.parsing`), and what people call a law (`fidan.law.names`).
"""

import re
from dataclasses import dataclass
from typing import Literal

from fidan.turkish import capitalize, lower

Kind = Literal["madde", "geçici", "ek", "mükerrer", "ek geçici"]
Status = Literal["in_force", "repealed"]

_SMALL = {"Ve", "İle", "De", "Da", "Veya"}
_AS_IT_IS = re.compile(r"\(?(?:KHK|GVK|T\.?C\.?)\)?|\W+")


@dataclass(frozen=True)
class Article:
    """One article (madde) of a law, its text unwrapped."""

    law: str  # the law's number, "4721"; "657/1925" for the older of two laws in force with one number
    kind: Kind
    number: str  # "305", "12/A"; "" where the law gives it none ("Geçici Madde –")
    heading: str  # "Genel koşullar", without its own counter; "" if none
    section: str  # the headings above it, joined by " / "
    paragraphs: tuple[str, ...]  # one a paragraph (fıkra); its lettered lines (bent) follow after line breaks
    notes: tuple[str, ...]  # the footnotes that are referred to
    repealed: bool
    amended: tuple[str, ...] = ()  # "Değişik: 8/8/2011-KHK-648/33 md.", which are no part of the text

    @property
    def label(self) -> str:
        """How the article is named within its law, as in a `Citation`: "305", "geçici 3", "mükerrer 298"."""
        return self.number if self.kind == "madde" else f"{self.kind} {self.number}".rstrip()

    @property
    def text(self) -> str:
        """The paragraphs, a line break between two."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True)
class Law:
    """One law as consolidated at `version`."""

    number: str
    title: str
    slug: str
    status: Status
    accepted: str  # ISO date; "" where the source does not tell
    version: str  # ISO date of the newest amendment found in it, else of the Gazette; "" where neither is told
    source: str  # an address, or the file's name
    articles: tuple[Article, ...]

    @property
    def name(self) -> str:
        """The title as it is written in a sentence: "Türk Medeni Kanunu"."""
        title = re.sub(r"\s*\(.{60,}", "", self.title)  # a list of the laws that it changes
        words = [word if _AS_IT_IS.fullmatch(word) else capitalize(lower(word)) for word in title.split()]
        return " ".join(lower(word) if index and word in _SMALL else word for index, word in enumerate(words))
