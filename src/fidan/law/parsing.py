"""The official text of a law, cut into articles.

The text comes with hard wraps, in blocks between blank lines. An article begins with a block such as "Madde 1 –",
"MADDE 12/A- (1)", "Geçici Madde 3 –" or "Mükerrer Madde 298-"; its heading stands before it.

What it leaves out: which of those blocks begin one (`fidan.law.starts`), and tables and lists annexed to a law,
provisions of other laws printed after it, and a preamble, which are dropped.
"""

import re

from fidan.law.annotations import (
    cut_annotations,
    drop_page_numbers,
    is_gone,
    is_gone_alone,
    newest_date,
    split_footnotes,
    tidy,
)
from fidan.law.article import Article
from fidan.law.blocks import after_execution, before_annex, before_tables, split_blocks
from fidan.law.headings import Outline, Place, count_headings
from fidan.law.starts import Start, choose_starts, find_start

_ITEM = re.compile(r"(?:[a-zçğıöşü]{1,2}|[A-ZÇĞİÖŞÜ]|\d{1,3}|[ivxIVX]{1,5})\s*[)–-]|\d{1,3}\s*\.|[-–•*]")
_ROMAN = re.compile(r"[IVX]{2,5}\.\s")
# On a line of its own, it belongs to the next one.
_COUNTER = re.compile(r"\(?(?:[a-zçğıöşü]{1,2}|[A-ZÇĞİÖŞÜ]|\d{1,3}|[ivxIVX]{1,5})\s*[.)–-]+|[-–•*]")
_SAME_FORM = re.compile(r"(?P<paragraph>\(\d{1,2}\))|(?P<letter>[a-zçğıöşü]{1,2}\s*\))|(?P<number>\d{1,3}\s*[.)])")
_BARE_MARK = re.compile(r"(?<=[.;:,”]) (\d{1,3})$")
_WORDS = re.compile(r"[^\W\d_]{3,}")


def parse_articles(law: str, text: str) -> tuple[tuple[Article, ...], str]:
    """Cut a law into its articles.

    Args:
        law: the law's number, for the articles.
        text: the law as it is printed, with its hard wraps.

    Returns:
        The articles in the order of the text, and the ISO date of the newest amendment; "" where none is told.
    """
    blocks, starts, footnotes = article_starts(text)
    articles: list[Article] = []
    last_main = next((start for start in reversed(starts) if start.kind == "madde"), None)
    outline, told = Outline(), list(footnotes.values())
    ahead = blocks[: starts[0].block] if starts else []
    for number, start in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else None
        body = blocks[start.block + 1 : following.block if following else len(blocks)]
        own = count_headings(ahead)
        place = outline.enter(ahead[len(ahead) - own :])
        ahead = body
        kept = body[: len(body) - count_headings(body)] if following else body
        if start is last_main and (end := after_execution([start.rest, *kept])) is not None:
            kept = kept[:end]
        made = _article(law, start, place, [start.rest, *before_annex(kept)], footnotes)
        told += made[0].amended
        articles += made
    return tuple(articles), newest_date(told)


def article_starts(text: str) -> tuple[list[str], list[Start], dict[int, str]]:
    """A law's blocks without what is printed after it, where its articles begin in them, and its footnotes."""
    blocks, footnotes = split_footnotes(split_blocks(text))
    blocks = drop_page_numbers(before_tables(blocks))
    candidates = [start for index, block in enumerate(blocks) if (start := find_start(index, block))]
    return blocks, choose_starts(candidates, blocks), footnotes


def _article(
    law: str,
    start: Start,
    place: Place,
    blocks: list[str],
    footnotes: dict[int, str],
) -> list[Article]:
    """The article of a start; several where a range of them shares one text ("Madde 10 ilâ 14 – (Mülga: …)")."""
    notes, referred = list(place.amended), list(place.marks)
    lines: list[str] = []
    for block in blocks:
        cut = cut_annotations(block)
        notes += cut.amended
        referred += cut.marks
        text, mark = _without_bare_mark(cut.text, footnotes)
        referred += mark
        if not text or (_COUNTER.fullmatch(text) and is_gone_alone(cut.amended)):
            continue
        counter = lines.pop() if lines and _COUNTER.fullmatch(lines[-1]) else ""
        if counter and _in_one_list(counter, text):
            counter = ""  # an item that has no text left
        lines.append(f"{counter} {text}".lstrip())
    if not any(_WORDS.search(line) for line in lines):
        lines = []  # "(1) (2)": counters of paragraphs that are struck out
    paragraphs = _paragraphs(lines)
    told = tuple(footnotes[mark] for mark in dict.fromkeys(referred) if mark in footnotes)
    gone = is_gone("\n".join(paragraphs), tuple(notes), told)
    numbers = (start.number, *start.others)
    return [
        Article(law, start.kind, number, place.heading, place.section, paragraphs, told, gone, tuple(notes))
        for number in numbers
    ]


def _without_bare_mark(text: str, footnotes: dict[int, str]) -> tuple[str, list[int]]:
    """A text without the number of a footnote that ends it without its brackets ("… uygulanır. 184")."""
    match = _BARE_MARK.search(text)
    if match is None or int(match[1]) not in footnotes:
        return text, []
    return text[: match.start()], [int(match[1])]


def _in_one_list(counter: str, text: str) -> bool:
    """Whether a text begins with a counter of the same form as the one that stands alone before it."""
    one, other = _SAME_FORM.match(counter), _SAME_FORM.match(text)
    return bool(one and other) and one.lastgroup == other.lastgroup  # type: ignore[union-attr]


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
            item = _ITEM.match(line) or (_ROMAN.match(line) and "\nI. " in made[-1])
            begins = made[-1][-1] in '.”"?!' and not item and not line[0].islower()
        if number and counted and begins:
            due = int(number[1]) + 1
        if begins:
            made.append(line)
        else:
            # An item's comma is its end; a sentence's is none.
            ends = '.:;,)”"?!' if _ITEM.match(made[-1].rsplit("\n", 1)[-1]) else '.:;)”"?!'
            broken = made[-1][-1] not in ends and line[0].islower() and not _ITEM.match(line)
            made[-1] += f" {line}" if broken else f"\n{line}"
    return tuple(tidy(part) if "\n" not in part else "\n".join(tidy(p) for p in part.split("\n")) for part in made)
