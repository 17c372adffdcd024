"""The official text of a law, cut into articles.

The text comes with hard wraps, in blocks between blank lines. An article begins with a block such as "Madde 1 –",
"MADDE 12/A- (1)", "Geçici Madde 3 –" or "Mükerrer Madde 298-"; not every such block begins one: a law that amends
another quotes it, and tables name articles. So the main articles are the longest run whose numbers rise, and a block
inside a quotation, or in the tables after the law, begins none.

What it leaves out: tables and lists annexed to a law, provisions of other laws printed after it, and a preamble.
"""

import re
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import cast

from fidan.law.annotations import (
    cut_annotations,
    drop_page_numbers,
    is_gone,
    newest_date,
    split_footnotes,
    tidy,
)
from fidan.law.article import Article, Kind
from fidan.law.headings import Outline, count_headings
from fidan.turkish import fold, upper

_DASH = "-–—‒―−"
_NUMBER = r"\d{1,4}(?:\s*/\s*(?:[A-Za-zÇĞİÖŞÜçğıöşü]{1,2}|\d{1,2})(?![\wçğıöşü]))?"
_STEP = rf"(?:\s*(?:[{_DASH}]|ilâ|ila|ile|ve|,)\s*(?:(?:ek|geçici|mükerrer)\s+)?(?:madde\s*)?{_NUMBER})*"
_START = re.compile(
    r"(?P<kind>(?:(?:ek|geçici|muvakkat|mükerrer)\s+){0,2})madde\s*"
    rf"(?:[(]?\s*(?P<number>{_NUMBER})"
    rf"(?P<more>{_STEP}(?=\s*[{_DASH})]|\s*$|\s*\(\s*(?:mül|değ|bu|yür|ilg|\d+/)))?[)]?)?"
    r"\s*(?:\[\s*\d+\s*\]\s*)*"
    rf"(?P<mark>[.:]?\s*[{_DASH}]+|[.:]|$|(?=\(\s*(?:değ|ek|mül|ip|yen|baş|\d)|\s[A-ZÇĞİÖŞÜ(]))\s*",
    re.IGNORECASE,
)
# An article in the block of its heading: "Bekletici sorun MADDE 165- (1)".
_KINDS = "Geçici GEÇİCİ Ek EK Mükerrer MÜKERRER Muvakkat".split()
_WITHIN = re.compile(
    "".join(f"(?<!{re.escape(word)})" for word in [*_KINDS, "ilâ", "ila", "ve", *'“"(-–'])
    + rf"\s+(?=(?:(?:{'|'.join(_KINDS)}) ){{0,2}}(?:Madde|MADDE) \d+(?:/[A-Z])?\s*[{_DASH}]\s*[(A-ZÇĞİÖŞÜ])"
)
_ALONE = re.compile(r"(?:(?:ek|geçici|mükerrer)\s+)*(?:madde)?", re.IGNORECASE)
_END = re.compile(
    r"(?:SAYILI|TARİHLİ)?\s*(?:ANA )?KANUN\S* .*(?:İŞLENE?MEYEN|EK VE DE[ĞG]İŞİKLİK)"
    r"|^İŞLENE?MEYEN (?:HÜKÜM|GEÇİCİ|MADDE)|EK VE DE[ĞG]İŞİKLİK (?:GETİREN|YAPAN)|ANA KANUNA İŞLENE?MEYEN"
)
_ANNEX = re.compile(
    r"\(?\s*(?:[IVX]+|\d+)(?:\s*/\s*\w)?\s*\)?\s*(?:SAYILI|NUMARALI|NOLU)\s+(?:LİSTE|CETVEL|TARİFE|EK)\w{0,4}\s*$"
    r"|EK\s*[-–:]?\s*(?:\d+|[IVX]+)?\s*(?:SAYILI\s+)?(?:LİSTE|CETVEL|TABLO)?\s*$|(?:LİSTE|CETVEL|TABLO|KROKİ)LER\s*$"
)
_ITEM = re.compile(r"(?:[a-zçğıöşü]{1,2}|[A-ZÇĞİÖŞÜ]|\d{1,3}|[ivxIVX]{1,5})\s*[)–-]|\d{1,3}\s*\.|[-–•*]")
_COUNTER = re.compile(
    r"\(?(?:[a-zçğıöşü]{1,2}|[A-ZÇĞİÖŞÜ]|\d{1,3}|[ivxIVX]{1,5})\s*[.)–-]+|[-–•*]"
)  # on a line of its own
_LOOK_BACK = 80  # candidates before a main article that may be its predecessor
_LONGEST_RANGE = 1000  # articles that share one text
_LONG_QUOTE = 150  # blocks; a quotation that is longer was never closed


@dataclass(frozen=True)
class _Start:
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


def parse_articles(law: str, text: str) -> tuple[tuple[Article, ...], str]:
    """Cut a law into its articles.

    Args:
        law: the law's number, for the articles.
        text: the law as it is printed, with its hard wraps.

    Returns:
        The articles in the order of the text, and the ISO date of the newest amendment; "" where none is told.
    """
    blocks, footnotes = split_footnotes(split_blocks(text))
    blocks = _before_tables(blocks)
    blocks = drop_page_numbers(blocks)
    starts = _choose([start for index, block in enumerate(blocks) if (start := _start(index, block))], blocks)
    articles: list[Article] = []
    outline, told = Outline(), list(footnotes.values())
    ahead = blocks[: starts[0].block] if starts else []
    for start, following in zip_longest(starts, starts[1:]):
        body = blocks[start.block + 1 : following.block if following else len(blocks)]
        own = count_headings(ahead)
        place = outline.enter(ahead[len(ahead) - own :])
        ahead = body
        kept = body[: len(body) - count_headings(body)] if following else body
        made = _article(law, start, place.heading, place.section, [start.rest, *_before_annex(kept)], footnotes,
                        place.amended, place.marks)  # fmt: skip
        told += made[0].amended
        articles += made
    return tuple(articles), newest_date(told)


def split_blocks(text: str) -> list[str]:
    """The blocks between blank lines, each on one line; a word that is cut by a hyphen is whole again.

    "Madde" and its number are one block even where a blank line parts them, and an article that begins in the block
    of its heading begins a new one.
    """
    text = re.sub(r"(?<=[a-zçğıöşü]{2})-\n(?=[a-zçğıöşü]{2})", "", text.replace("\r\n", "\n").replace("\u00ad", ""))
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        joined = " ".join(block.split())
        if not joined:
            continue
        if blocks and joined[0] in "mM0123456789" and _ALONE.fullmatch(blocks[-1]):
            joined = f"{blocks.pop()} {joined}"
        if "adde " in joined or "ADDE " in joined:
            blocks += _WITHIN.split(joined)
        else:
            blocks.append(joined)
    return blocks


def _before_tables(blocks: list[str]) -> list[str]:
    """The law without what is printed after it: other laws' provisions, and the table of its amendments."""
    seen = False
    for index, block in enumerate(blocks):
        seen = seen or _start(index, block) is not None
        if seen and len(block) < 400 and block == upper(block):
            joined = " ".join(blocks[index : index + 2])
            if _END.search(joined) and not _START.match(block):
                return blocks[:index]
    return blocks


def _before_annex(blocks: list[str]) -> list[str]:
    """An article without the lists and tables that follow it."""
    cut = next((i for i, block in enumerate(blocks) if len(block) < 60 and _ANNEX.match(block)), len(blocks))
    return blocks[:cut]


def _start(index: int, block: str) -> _Start | None:
    """The article that a block begins, if it does."""
    match = _START.match(block)
    if match is None or (match["number"] is None and not match["kind"]):
        return None
    words = fold(match["kind"]).replace("muvakkat", "geçici").split()
    kind = " ".join(sorted(set(words), key=["ek", "geçici", "mükerrer"].index)) or "madde"
    if kind not in ("madde", "geçici", "ek", "mükerrer", "ek geçici"):
        kind = words[-1]
    number = upper(re.sub(r"\s+", "", match["number"] or ""))
    others = _others(number, match["more"]) if match["more"] else ()
    mark = match["mark"].strip()
    if not match["number"] and not any(dash in mark for dash in _DASH):
        return None  # "Geçici maddeler"
    rest = block[match.end() :]
    if not any(dash in mark for dash in _DASH) and rest[:1].islower():
        return None  # "Madde 5. fıkrası"
    sure = any(dash in mark for dash in _DASH)
    key = number_key(number)
    return _Start(index, cast(Kind, kind), number, others, rest, sure, key, number_key(others[-1]) if others else key)


def _others(first: str, more: str) -> tuple[str, ...]:
    """The numbers that follow the first one in "10 ilâ 14", "2- 3- 4" or "31 ve 33"."""
    numbers = [upper(re.sub(r"\s+", "", number)) for number in re.findall(_NUMBER, more)]
    if len(numbers) == 1 and not re.match(r"\s*(?:ve|,|ile)", more):
        low, high = number_key(first)[0], number_key(numbers[0])[0]
        if not low < high <= low + _LONGEST_RANGE:
            return ()
        return (*map(str, range(low + 1, high)), numbers[0])
    rising = [number_key(first), *map(number_key, numbers)]
    return tuple(numbers) if all(a < b for a, b in pairwise(rising)) else ()


def _quoted(blocks: list[str]) -> set[int]:
    """The blocks inside a quotation that begins with an article of another law."""
    inside: set[int] = set()
    opened: int | None = None
    for index, block in enumerate(blocks):
        if opened is None:
            if block[0] in '“"' and _START.match(block[1:].lstrip()):
                opened = index
            else:
                continue
        if re.search(r"[”\"][.;,]?\s*(?:\[\d+\])?$", block) or index - opened > _LONG_QUOTE:
            if index - opened <= _LONG_QUOTE:
                inside.update(range(opened, index + 1))
            opened = None
    return inside


def _choose(candidates: list[_Start], blocks: list[str]) -> list[_Start]:
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
    return [s for s in candidates if s.block in chosen or (s.kind != "madde" and (s.sure or s.number))]


def _article(
    law: str,
    start: _Start,
    heading: str,
    section: str,
    blocks: list[str],
    footnotes: dict[int, str],
    amended: tuple[str, ...],
    marks: tuple[int, ...],
) -> list[Article]:
    """The article of a start; several where a range of them shares one text ("Madde 10 ilâ 14 – (Mülga: …)")."""
    notes, referred = list(amended), list(marks)
    lines: list[str] = []
    for block in blocks:
        cut = cut_annotations(block)
        notes += cut.amended
        referred += cut.marks
        if cut.text:
            counter = lines.pop() if lines and _COUNTER.fullmatch(lines[-1]) else ""
            lines.append(f"{counter} {cut.text}".lstrip())
    paragraphs = _paragraphs(lines)
    told = tuple(footnotes[mark] for mark in dict.fromkeys(referred) if mark in footnotes)
    gone = is_gone("\n".join(paragraphs), tuple(notes), told)
    numbers = (start.number, *start.others)
    return [
        Article(law, start.kind, number, heading, section, paragraphs, told, gone, tuple(notes)) for number in numbers
    ]


def _paragraphs(lines: list[str]) -> tuple[str, ...]:
    """Lines gathered into paragraphs (fıkra): counted ones by their "(2)", others where a sentence has ended."""
    counted = bool(lines) and re.match(r"\(1\)", lines[0]) is not None
    made: list[str] = []
    due = 1
    for line in lines:
        number = re.match(r"\((\d{1,2})\)", line)
        if not made:
            begins = True
        elif counted:
            begins = number is not None and due <= int(number[1]) <= due + 3
        else:
            begins = made[-1][-1] in '.”"?!' and not _ITEM.match(line) and not line[0].islower()
        if number and counted and begins:
            due = int(number[1]) + 1
        if begins:
            made.append(line)
        else:
            broken = made[-1][-1] not in '.:;,)”"?!' and line[0].islower() and not _ITEM.match(line)
            made[-1] += f" {line}" if broken else f"\n{line}"
    return tuple(tidy(part) if "\n" not in part else "\n".join(tidy(p) for p in part.split("\n")) for part in made)
