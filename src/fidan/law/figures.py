"""The numbers of a text by value and unit: "üç yıl", "3 yıllık", "yüzde elli", "dörtte biri", "iki aydan bir yıla".

Laws write numbers in words, run together ("onbeş") or apart ("on beş"); both are read. "bir" alone is a number only
before a unit, for else it is an article ("bir kimse").

What it leaves out: dates as such (their numbers stand alone), Roman numerals, and "altı" or "yüz" where they mean
below or face: they are read as numbers, so a check built on this is too strict there and never too lax.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from fidan.turkish import fold

_ONES = {name: value for value, name in enumerate("sıfır bir iki üç dört beş altı yedi sekiz dokuz".split())}
_TENS = {n: 10 * v for v, n in enumerate("on yirmi otuz kırk elli altmış yetmiş seksen doksan".split(), 1)}
_LARGE = {"yüz": 100, "bin": 1000, "milyon": 10**6, "milyar": 10**9}
_VALUES = _ONES | _TENS | _LARGE
_NAMES = "|".join(sorted(_VALUES, key=len, reverse=True))
_NUMERAL = re.compile(rf"((?:{_NAMES})+)(.*)")
_PART = re.compile(_NAMES)
_ENDING = re.compile(
    r"'?(?:|(?:[ıiuü]n?c[ıiuü])?(?:s[ıiuü]|[ıiuü])?(?:y[ıiuüae]|n?[ıiuü]n?|n?[dt]?[ae]n?)?|l[ıiuü]k|[ae]r|ş[ae]r|buçuk)"
)
_UNITS = {
    "yıl": "yıl", "sene": "yıl", "yaş": "yaş", "ay": "ay", "hafta": "hafta", "gün": "gün", "saat": "saat",
    "dakika": "dakika", "lira": "lira", "tl": "lira", "kat": "kat", "metre": "metre", "promil": "promil",
}  # fmt: skip
_UNIT = re.compile(
    rf"({'|'.join(_UNITS)})(?:l[ıiuü][kğ])?(?:l[ae]r)?(?:s?[ıiuü]n?)?(?P<case>[dt][ae]n|y?[ae]|[dt][ae]|[ıiuü]n?)?"
)
_TOKEN = re.compile(r"%|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?")


class Figure(NamedTuple):
    """A number: value, unit ("yıl", "oran" for a share, "" for none), and whether it begins or ends a range."""

    value: float
    unit: str
    end: str = ""  # "from", "to" or ""

    @property
    def bare(self) -> tuple[float, str]:
        """Value and unit alone."""
        return self.value, self.unit

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}".rstrip()


def figures(text: str) -> list[Figure]:
    """The numbers of a text, in order."""
    tokens = _TOKEN.findall(fold(text))
    found: list[Figure] = []
    place = 0
    while place < len(tokens):
        figure, used = _at(tokens, place)
        if figure is not None:
            found.append(figure)
        place += used
    return found


def ranges(text: str) -> set[tuple[float, float, str, str]]:
    """What a text says from … to …: "iki aydan bir yıla kadar" is (2, 1, "ay", "yıl")."""
    told = figures(text)
    return {(a.value, b.value, a.unit, b.unit) for a, b in pairwise(told) if a.end == "from" and b.end == "to"}


def _at(tokens: list[str], place: int) -> tuple[Figure | None, int]:
    """The number that begins at a token, if one does, and how many tokens it takes."""
    token = tokens[place]
    if token == "%":
        if place + 1 < len(tokens) and tokens[place + 1][0].isdigit():
            return Figure(_digits(tokens[place + 1]) / 100, "oran"), 2
        return None, 1
    if token[0].isdigit():
        return _with_unit(_digits(token), tokens, place, 1, sure=True)
    value, used, ending = _in_words(tokens, place)
    if not used:
        return None, 1
    if re.fullmatch(r"'?[dt][ae]", ending) and place + used < len(tokens):  # "dörtte bir", "yüzde elli"
        if tokens[place + used][0].isdigit():
            return Figure(_digits(tokens[place + used]) / value, "oran"), used + 1
        above, more, _ = _in_words(tokens, place + used)
        if more:
            return Figure(above / value, "oran"), used + more
    return _with_unit(value, tokens, place, used, sure=value != 1)


def _with_unit(value: float, tokens: list[str], place: int, used: int, sure: bool) -> tuple[Figure | None, int]:
    after = place + used
    if after < len(tokens) and tokens[after] == "buçuk":
        value, used, after = value + 0.5, used + 1, after + 1
    if after < len(tokens) and tokens[after] in ("takvim", "iş", "tam", "türk"):  # "on iş günü", "bin türk lirası"
        after += 1
    match = _UNIT.fullmatch(tokens[after].replace("'", "")) if after < len(tokens) else None
    if match is None:
        return (Figure(value, ""), used) if sure else (None, used)
    case = match["case"] or ""
    end = "from" if re.fullmatch(r"[dt][ae]n", case) else "to" if re.fullmatch(r"y?[ae]", case) else ""
    return Figure(value, _UNITS[match[1]], end), after + 1 - place


def _in_words(tokens: list[str], place: int) -> tuple[float, int, str]:
    """The value of the numerals from a token on, how many tokens they take, and what the last one ends in."""
    total, part, used, ending, last = 0.0, 0.0, 0, "", float("inf")
    while place + used < len(tokens):
        match = _NUMERAL.fullmatch(tokens[place + used])
        if match is None or not _ENDING.fullmatch(match[2]):
            break
        names = _PART.findall(match[1])
        first = _VALUES[names[0]]
        # "beş altı" are two numbers; "yirmi beş" and "iki yüz" are one.
        if used and not (first < last or (first >= 100 and last < first)):
            break
        for name in names:
            value = _VALUES[name]
            if value >= 1000:
                total, part = total + max(part, 1) * value, 0.0
            elif value == 100:
                part = max(part, 1) * 100
            else:
                part += value
        last = 10 if _VALUES[names[-1]] in _TENS.values() else 1 if _VALUES[names[-1]] < 10 else _VALUES[names[-1]]
        used, ending = used + 1, match[2]
        if ending == "buçuk":  # "yedibuçuk"
            return total + part + 0.5, used, ""
        if ending:
            break
    return total + part, used, ending


def _digits(token: str) -> float:
    """The value of "1.250,50" and of "0.50": a full stop before three digits parts thousands."""
    plain = re.sub(r"\.(?=\d{3}(?!\d))", "", token).replace(",", ".")
    head, _, tail = plain.partition(".")
    return float(f"{head}.{tail.replace('.', '') or 0}")
