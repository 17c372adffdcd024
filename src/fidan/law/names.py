"""What people call a law: its number, short forms ("TCK"), names in use, and full titles where an index is open.

Names are compared without case and accents, with a suffix or without: "TCK'nın", "Anayasanın", "İş Kanunu'na". A
short form of two letters counts only in capitals, since "ay" is a month.

What it leaves out: article numbers (`fidan.law.citations`).
"""

import re
from collections.abc import Mapping
from functools import cache, cached_property

from fidan.law.names_data import NAMES
from fidan.turkish import FOLDED, lower, nfc, upper

GLUED = 3  # letters of a short form that may be dotted or have the article stuck to it: "B.K." is a person
SUFFIX = (
    r"(?:\s?'\s?[a-zçğıöşü]{1,7}|un(?:un|da|dan|a|u|ca)?|n?[ıiuü]n?|n?[dt][ae](?:n|ki)?|n?[ae]|n?c[ae]|yl[ae]|y[aeıiuü]"
    r"|s[ıi](?:n[ıi]n?|nd[ae]n?|n[ae])?)?"
)
"""What may follow a name, folded: an apostrophe with a suffix, or one of the case endings."""


class Names:
    """The names of the laws that are known.

    Args:
        titles: full titles by law number, from an index; without them only the table of common names is known.
    """

    def __init__(self, titles: Mapping[str, str] | None = None) -> None:
        self.titles = dict(titles or {})
        self.shorts: dict[str, str] = {}
        self._numbers: dict[str, str] = {}  # folded name to law number
        for number, title in self.titles.items():
            for name in {title, re.sub(r"\(.*", "", title)}:
                if folded := plain(name).strip():
                    # Of two laws with one title ("İş Kanunu") the later one has the higher number in its era.
                    self._numbers.setdefault(" ".join(folded.split()), number)
        for line in NAMES.strip().splitlines():
            number, _, rest = line.partition(" ")
            short, *others = (name.strip() for name in rest.split(";"))
            self.shorts[number] = short
            for name in (short, *others):
                self._numbers[plain(name)] = number
                if len(name) >= GLUED and name.isalpha() and name == upper(name):
                    dotted = ".".join(plain(name))  # "T.C.K."
                    self._numbers |= {dotted: number, f"{dotted}.": number}

    def resolve(self, name: str) -> str | None:
        """The number of a law: from its number ("4721", "4721 sayılı Kanun"), a short form, a name or a title."""
        text = " ".join(plain(name).split())
        if match := re.fullmatch(r"(\d{1,5}(?:/\d{4})?)(?:\s+sayılı\b(?! khk| kanun hük).*)?", text):
            return match[1]
        if number := self._numbers.get(text):
            return number
        match = self.pattern.match(text)
        if match and match.end() == len(text):
            return self._numbers[match["name"]]
        return None

    def number(self, folded: str) -> str:
        """The number of a law by a name as `pattern` matches it."""
        return self._numbers[folded]

    def known(self, number: str) -> bool:
        """Whether a number is that of a law that has a name here."""
        return number in self.shorts or number in self.titles

    def short(self, number: str) -> str:
        """How a law is cited: "TMK", else its title, else "4721 sayılı Kanun"."""
        if number in self.shorts:
            return self.shorts[number]
        title = self.titles.get(number, "")
        return title if 0 < len(title) <= 60 else f"{number} sayılı Kanun"

    @cached_property
    def glued(self) -> re.Pattern[str]:
        """A short form with a number stuck to it: "tck141"."""
        dotted = [name for name in self._numbers if re.fullmatch(r"(?:\w\.)+\w", name)]
        shorts = "|".join(sorted((name.replace(".", "") for name in dotted), key=len, reverse=True))
        return re.compile(rf"(?<![\w'])(?P<name>{shorts})(?=\d{{1,4}}(?!\w))")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any name with its suffix, in text that `plain` has folded; the longest one first."""
        names = sorted(self._numbers, key=len, reverse=True)
        spaced = ("|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names)).replace(r"\'", "'")
        return re.compile(rf"(?<![\w'])(?P<name>{spaced})(?P<suffix>{SUFFIX})(?!\w)")


def plain(text: str) -> str:
    """Text as names and citations are looked for in it: lower case, no circumflex, plain apostrophes.

    Unlike `fidan.turkish.fold` it keeps every position of NFC text.
    """
    return lower(nfc(text)).translate(FOLDED)


@cache
def common_names() -> Names:
    """The table alone, without an index."""
    return Names()


def resolve_law(name: str, names: Names | None = None) -> str | None:
    """The number of the law of a name; None where it is no known one.

    >>> resolve_law("TMK"), resolve_law("Türk Medeni Kanunu'nun"), resolve_law("4721 sayılı Kanun")
    ('4721', '4721', '4721')
    """
    return (names or common_names()).resolve(name)
