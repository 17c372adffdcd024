"""Where articles begin: the blocks that name one, and which of them begin an article of this law.

Not every such block does: a law that amends another quotes it, and tables name articles. So the main articles are the
longest run whose numbers rise, and a block inside a quotation begins none. What it leaves out: what is printed after
a law (`fidan.law.blocks`), and the text of an article (`fidan.law.parsing`).
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from fidan.law.article import Kind
from fidan.turkish import fold, upper

DASH = "-–—‒―−"
NUMBER = r"\d{1,4}(?:\s*/\s*(?:[A-Za-zÇĞİÖŞÜçğıöşü]{1,2}|\d{1,2})(?![\wçğıöşü]))?"
_STEP = rf"(?:\s*(?:[{DASH}]+|ilâ|ila|ile|ve|,)\s*(?:(?:ek|geçici|mükerrer)\s+)?(?:madde\s*)?{NUMBER})*"
# Misprints are met, too: "M adde", "adde", "Madda".
_KIND = r"(?P<kind>(?:(?:ek|geçici|muvakkat|mükerrer)\s+){0,2})(?:m\s?)?add[ea]\s*"
_MARK = (
    r"\s*(?:\[\s*\d+\s*\]\s*)*"
    rf"(?P<mark>[.:]?\s*[{DASH}]+|[.:]|$|(?=\(\s*(?:değ|ek|mül|ip|yen|baş|\d)|\s[A-ZÇĞİÖŞÜ(]))\s*"
)
START = re.compile(rf"{_KIND}(?:[(]?\s*(?P<number>{NUMBER})[)]?)?{_MARK}", re.IGNORECASE)
_RANGE = re.compile(
    rf"{_KIND}[(]?\s*(?P<number>{NUMBER})(?P<more>{_STEP})(?=\s*[{DASH})(]|\s*$)\s*[)]?{_MARK}", re.IGNORECASE
)
_LOOK_BACK = 80  # candidates before a main article that may be its predecessor
_LONGEST_RANGE = 1000  # articles that share one text
_LONG_QUOTE = 150  # blocks; a quotation that is longer was never closed


@dataclass(frozen=True)
class Start:
    """A block that may begin an article."""

    block: int
    kind: Kind
    number: str
    others: tuple[str, ...]  # what else begins here: "11", "12", "13" and "14" of "10 ilâ 14"
    rest: str
    sure: bool  # it has the dash
    key: tuple[int, str]  # of the number, and of the last one that begins here
    end: tuple[int, str]


def number_key(number: str) -> tuple[int, str]:
    """What article numbers are sorted by: "12/A" comes after "12" and before "13"."""
    head, _, tail = number.partition("/")
    return int(head or 0), tail.zfill(2) if tail.isdigit() else tail


def find_start(index: int, block: str) -> Start | None:
    """The article that a block begins, if it does.

    Args:
        index: the block's number, which is kept.
        block: its text on one line.
    """
    match, several = START.match(block), _RANGE.match(block)
    if several and several["more"]:
        rest = block[several.end() :]
        # "Madde 1 – 18-19 Haziran" is one article: several share a note in brackets, or are joined by "ilâ".
        if rest[:1] in ("", "(", "[") or re.search(r"il[âa]", several["more"], re.IGNORECASE):
            match = several
    if match is None or (match["number"] is None and not match["kind"]):
        return None
    words = fold(match["kind"]).replace("muvakkat", "geçici").split()
    kind = " ".join(sorted(set(words), key=["ek", "geçici", "mükerrer"].index)) or "madde"
    if kind not in ("madde", "geçici", "ek", "mükerrer", "ek geçici"):
        kind = words[-1]
    number = upper(re.sub(r"\s+", "", match["number"] or ""))
    others = _others(number, match["more"]) if match is several else ()
    mark = match["mark"].strip()
    if not match["number"] and not any(dash in mark for dash in DASH):
        return None  # "Geçici maddeler"
    rest = block[match.end() :]
    if not any(dash in mark for dash in DASH) and rest[:1].islower():
        return None  # "Madde 5. fıkrası"
    sure = any(dash in mark for dash in DASH)
    key = number_key(number)
    return Start(index, cast(Kind, kind), number, others, rest, sure, key, number_key(others[-1]) if others else key)


def _others(first: str, more: str) -> tuple[str, ...]:
    """The numbers that follow the first one in "10 ilâ 14", "2- 3- 4" or "31 ve 33"."""
    numbers = [upper(re.sub(r"\s+", "", number)) for number in re.findall(NUMBER, more)]
    if len(numbers) == 1 and not re.match(r"\s*(?:ve|,|ile)", more):
        low, high = number_key(first)[0], number_key(numbers[0])[0]
        if not low < high <= low + _LONGEST_RANGE:
            return ()
        return (*map(str, range(low + 1, high)), numbers[0])
    rising = [number_key(first), *map(number_key, numbers)]
    return tuple(numbers) if all(a < b for a, b in pairwise(rising)) else ()


def choose_starts(candidates: list[Start], blocks: list[str]) -> list[Start]:
    """Those of the candidates that begin an article of this law.

    The main articles are the heaviest chain of rising numbers, a step to the next number counting most; the others
    (geçici, ek, mükerrer) are taken where no quotation is open.
    """
    quoted = _quoted(blocks)
    candidates = [start for start in candidates if start.block not in quoted]
    main = [start for start in candidates if start.kind == "madde"]
    best: list[float] = []
    before: list[int] = []
    for index, start in enumerate(main):
        own = 1.0 if start.sure else 0.3
        score, parent = own + (0.5 if start.key[0] == 1 else 0.0), -1
        for other in range(max(0, index - _LOOK_BACK), index):
            end = main[other].end
            if end < start.key:
                due = start.key[0] - end[0] in (0, 1)
                gain = best[other] + own + (0.5 if due else 0.0)
                if gain > score:
                    score, parent = gain, other
        best.append(score)
        before.append(parent)
    chosen: set[int] = set()
    index = max(range(len(main)), key=best.__getitem__) if main else -1
    while index >= 0:
        chosen.add(main[index].block)
        index = before[index]
    return [s for s in candidates if s.block in chosen or (s.kind != "madde" and not _in_table(s, blocks))]


def _quoted(blocks: list[str]) -> set[int]:
    """The blocks inside a quotation that begins with an article of another law."""
    inside: set[int] = set()
    opened: int | None = None
    for index, block in enumerate(blocks):
        if opened is None:
            if block[0] in '“"' and START.match(block[1:].lstrip()):
                opened = index
            else:
                continue
        if re.search(r"[”\"][.;,]?\s*(?:\[\d+\])?$", block) or index - opened > _LONG_QUOTE:
            if index - opened <= _LONG_QUOTE:
                inside.update(range(opened, index + 1))
            opened = None
    return inside


def _in_table(start: Start, blocks: list[str]) -> bool:
    """Whether "Ek Madde 3" is the cell of a table: no dash, and what follows is a number or a date."""
    following = blocks[start.block + 1] if start.block + 1 < len(blocks) else ""
    return not start.sure and not start.rest and (not following or (len(following) < 40 and following[:1].isdigit()))
