"""References to articles in free text: "TCK 299", "Anayasanın 10. maddesi", "4857 sayılı İş Kanunu'nun 17 ve 18 inci
maddeleri", "VUK mükerrer 298".

"TMK m.305/2" is article 305, of which `Found` keeps that paragraph 2 is meant. What it leaves out: whether the
article exists (`LawIndex.article`), and items ("bent") of a paragraph.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from fidan.law.names import SUFFIX, Names, common_names, plain
from fidan.turkish import nfc, upper

MOST = 60  # articles that one reference may span, "m. 5-7"; a longer run is a misprint or no reference

YEARS = range(1800, 2101)

_KIND = r"(?:(?P<kind>ek\s+geçici|geçici|gecici|ek|mükerrer|mukerrer|muvakkat)\s+)?"
_WORD = r"(?:maddeler|maddesi|madde|mad\.|md\.?|m\.|m(?=\s?\d))"
_NUMBER = r"\d{1,4}(?:\s?/\s?[a-zçğıöşü](?![\wçğıöşü]))?"
# Paragraph and item: "/1-2", "/1-b-1", "/1, (b)", " f. 2".
_PART = (
    r"(?:\s?/\s?\d{1,2}(?!\d)(?:\s?[-–]\s?\d{1,2}(?![\d/]))*)?"
    r"(?:(?:\s?[-/.,]?\s?\(?[a-zçğıöşü]\)|[-/][a-zçğıöşü](?!\w))(?:[-/]\d{1,2}(?!\d))?)?(?:\s?(?:f|b|c)\.\s?\d{1,2})*"
)
_ORDINAL = (
    r"(?:\s?\.(?=\s?(?:ve\b|ila\b|madde|md|m\.|[-–,]))"
    r"|\s?'?\s?(?:n[cç][ıiuü]|[ıiuü]n[cç][ıiuü])|'\s?[a-zçğıöşü]{1,4})?"
)
_ITEM = rf"{_NUMBER}{_PART}{_ORDINAL}"
_JOIN = rf"(?:\s*(?:,|;|[-–—]|ve|veya|ile|ila|den)\s*(?:{_WORD}\s*)?)"
_LIST = rf"(?P<list>{_ITEM}(?:{_JOIN}(?!\d+\s+sayılı)(?={_ITEM}){_ITEM})*)"
_AFTER_WORD = re.compile(rf"{_KIND}{_WORD}\s*{_LIST}")
_BEFORE_WORD = re.compile(rf"{_KIND}{_LIST}\s*(?:{_WORD})")
_BARE = re.compile(
    rf"{_KIND}(?P<list>{_NUMBER}{_PART}(?:\s?(?:,|ve\s)\s?{_NUMBER}{_PART})*)(?![\d]|[.,/]\d|\s?(?:sayılı|yıl|tl\b|lira|gün\b|ay\b|saat|kişi|sene|tarih|%|\.?\s?(?:fıkra|bent|bend)))"
)
_GAP = re.compile(
    r"(?:\.(?=\w))?\s*(?:\(\s*(?:no|numara)?\s*[:.]?\s*\d{1,5}(?:\s+sayılı[^)]*)?\))?(?:(?:sayılı|adlı)\s)?[\s,:(\[]*"
)
_REVERSED = re.compile(rf"(?<!\w)(?:{_AFTER_WORD.pattern})\s*[,(]?\s*$")  # "Geçici Madde 1 TMK"
# A number alone: "4857/17", "2709 m.90", "5237 sk 141"; "2023/15" is a file's number, "500/1" an amount.
_ALONE = re.compile(
    r"(?<![\w./,:+-])(?P<number>\d{2,5})(?:(?P<stroke>/)(?=\d{1,4}(?:/\d{1,2})?(?![\w/]|[.,:-]\d))"
    r"|(?=\s?(?:m\.|md\b|mad\.|madde\b))|\s+sk\b\.?)"
)
_OTHER_NUMBER = re.compile(r"(?<!\w)(?:esas|karar|sayı|no|e|k|tel|telefon)\s?[.:]*\s*$")
_BY_NUMBER = re.compile(r"(?<![\w./])(?P<number>\d{2,5})\s+(?:s\.|sayılı|sk\b)\s*(?P<rest>)")
_LAW_WORD = re.compile(rf"(?:k\.|kanun{SUFFIX}|yasa{SUFFIX})(?!\w)")
_SAME = re.compile(rf"(?<!\w)(?:bu|aynı|ayni|anılan|mezkur|söz konusu|adı geçen|işbu)\s+(?:kanun|yasa){SUFFIX}(?!\w)")
_ORDINALS = "birinci ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu onuncu".split()
_PARAGRAPH = re.compile(  # "TMK 305. maddesinin 2. fıkrası", "… ikinci fıkrası"
    rf"(?:n[ıiuü]n)?,?\s+(?:(\d{{1,2}})\s?(?:\.|'?\s?[ıiuü]?n[cç][ıiuü])?|({'|'.join(_ORDINALS)}))\s+fıkra"
)
_THEN = re.compile(r"\s*(?:,|;|ve|ile|veya)?\s*")


class Citation(NamedTuple):
    """A reference to one article."""

    law: str  # the law's number, "4721"
    article: str  # "305", "12/A", "geçici 3", "ek 2", "mükerrer 298"

    def short(self, names: Names | None = None) -> str:
        """As it is written after an answer, without brackets: "TMK m.305", "VUK mükerrer m.298"."""
        *kind, number = self.article.rsplit(" ", 1)
        return " ".join([(names or common_names()).short(self.law), *kind, f"m.{number}"])


class Found(NamedTuple):
    """A citation, where it stands in the text (in NFC), and which paragraph (fıkra) it means."""

    citation: Citation
    start: int
    end: int
    paragraph: int | None = None  # None: the whole article


def parse_citations(text: str, names: Names | None = None, here: str | None = None) -> list[Citation]:
    """The articles that a text refers to, in order, each once.

    Args:
        text: a question, an answer, an article.
        names: what laws are called; the common ones if none are given.
        here: the number of the law that "bu Kanun" means; without it such references are passed over.
    """
    return list(dict.fromkeys(found.citation for found in find_citations(text, names, here)))


def find_citations(text: str, names: Names | None = None, here: str | None = None) -> list[Found]:
    """The same with their places; one that names several articles gives several with one place."""
    names = names or common_names()
    text = nfc(text)
    folded = plain(text)
    found: list[Found] = []
    latest = here
    used = 0
    for start, end, law in _laws(text, folded, names):
        if start < used:
            continue
        law = law or latest
        if law is None:
            continue
        latest = law if law != here else latest
        position = end
        before = _REVERSED.search(folded, max(used, start - 60), start)
        if before and not _article(folded, end, bare=True) and not folded[end:].lstrip().startswith("mahkeme"):
            articles, _ = _told(folded, before)
            found += [
                Found(Citation(law, article), before.start(), end, paragraph) for article, paragraph in articles
            ]
            used = end
            continue
        while reference := _article(folded, position, bare=position == end):
            articles, stop = reference
            found += [Found(Citation(law, article), start, stop, paragraph) for article, paragraph in articles]
            used = position = stop
    return found


def _laws(text: str, folded: str, names: Names) -> Iterator[tuple[int, int, str | None]]:
    """The places where a law is named, with its number; None for "this law"."""
    places: list[tuple[int, int, str | None]] = []
    for match in names.pattern.finditer(folded):
        name = match["name"]
        written = text[match.start() : match.start() + len(name)]
        if len(name) > 2 or written == upper(written):
            places.append((match.start(), match.end(), names.number(name)))
    places += [(match.start(), match.end(), names.number(match["name"])) for match in names.glued.finditer(folded)]
    for match in _ALONE.finditer(folded):
        stroke = match["stroke"] is not None
        file_number = stroke and (len(match["number"]) < 4 or int(match["number"]) in YEARS)
        if (
            names.known(match["number"])
            and not file_number
            and not _OTHER_NUMBER.search(folded, max(0, match.start() - 12), match.start())
        ):
            places.append((match.start(), match.end(), match["number"]))
    for match in _BY_NUMBER.finditer(folded):
        # "4857 sayılı İş Kanunu'nun": the number tells, and the name is stepped over.
        if re.match(r"\s*(?:khk|kanun\s+hükmünde|cumhurbaşkanlığı|karar)", folded[match.end() :]):
            continue
        name_at = next((p for p in places if 0 <= p[0] - match.end() <= 2), None)
        word = _LAW_WORD.match(folded, match.end())
        if name_at or word:
            places.append((match.start(), name_at[1] if name_at else word.end() if word else 0, match["number"]))
    places += [(match.start(), match.end(), None) for match in _SAME.finditer(folded)]
    return iter(sorted(places, key=lambda place: (place[0], -place[1])))


def _article(folded: str, position: int, bare: bool) -> tuple[list[tuple[str, int | None]], int] | None:
    """The articles named at a position with their paragraphs, and where the reference ends."""
    gap = (_GAP if bare else _THEN).match(folded, position)
    at = gap.end() if gap else position
    match = _AFTER_WORD.match(folded, at) or _BEFORE_WORD.match(folded, at)
    if match is None and bare:
        match = _BARE.match(folded, at)
        if match and not match["kind"] and int(re.match(r"\d+", match["list"])[0]) in YEARS:  # type: ignore[index]
            return None  # a year
    return None if match is None else _told(folded, match)


def _told(folded: str, match: re.Match[str]) -> tuple[list[tuple[str, int | None]], int]:
    """The articles of a match with their paragraphs, and where the reference ends."""
    kind = " ".join((match["kind"] or "").split())
    kind = {"gecici": "geçici", "muvakkat": "geçici", "mukerrer": "mükerrer"}.get(kind, kind)
    numbers = _numbers(match["list"])
    following = _PARAGRAPH.match(folded, match.end()) if len(numbers) == 1 else None
    if following:
        numbers = [(numbers[0][0], int(following[1]) if following[1] else _ORDINALS.index(following[2]) + 1)]
    return [(f"{kind} {number}".lstrip(), paragraph) for number, paragraph in numbers], match.end()


def _numbers(listed: str) -> list[tuple[str, int | None]]:
    """The article numbers of a list with their paragraphs: "17 ve 18", "5-7", "12/a", "305/2"."""
    numbers: list[tuple[str, int | None]] = []
    previous_end = 0
    for match in re.finditer(rf"({_NUMBER}){_PART}{_ORDINAL}", listed):
        number = upper(re.sub(r"\s", "", match[1]))
        between = listed[previous_end : match.start()]
        latest = numbers[-1][0] if numbers else ""
        if re.search(r"[-–—]|\bila\b|\bden\b", between) and latest.isdigit() and number.isdigit():
            low, high = int(latest), int(number)
            if low < high <= low + MOST:
                numbers += [(str(n), None) for n in range(low + 1, high)]
        part = re.search(r"/\s?(\d{1,2})|f\.\s?(\d{1,2})", match[0][len(match[1]) :])
        numbers.append((number, int(part[1] or part[2]) if part else None))
        previous_end = match.end()
    return numbers
