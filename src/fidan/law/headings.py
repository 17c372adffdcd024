"""The headings above an article: books, parts and chapters, counted side headings ("A.", "I.", "1."), its own name.

What it leaves out: where an article begins (`fidan.law.parsing`).
"""

import re
from typing import NamedTuple

from fidan.law.annotations import cut_annotations
from fidan.turkish import fold, upper

_PARTS = {"KİTAP": 0, "KISIM": 1, "BAP": 1, "BÖLÜM": 2, "FASIL": 2, "AYIRIM": 3, "AYRIM": 3}
_NAMES = "|".join(_PARTS)
_PART = re.compile(
    rf"(?:(?:(?:ON|YİRMİ|OTUZ)?\s?(?:[A-ZÇĞİÖŞÜ]+NC[İIUÜ])|\d+\s*\.|[IVX]+\s*\.?)\s+({_NAMES})"
    rf"|({_NAMES})\s*[:–-]?\s*(?:\d+|[IVX]+))(?!\w)\s*[:.–-]*\s*"
)
_COUNTERS = (  # from the outermost to the innermost, as in the Civil Code
    re.compile(r"([A-ZÇĞÖŞÜ])\s*[.)–-]+\s*(?=\S)"),
    re.compile(r"([IVXİ]+)\s*[.)–-]+\s*(?=\S)"),
    re.compile(r"(\d{1,2})\s*[.)–-]+\s*(?=\D)"),
    re.compile(r"([a-zçğıöşü])\s*[.–-]+\s*(?=\S)"),
    re.compile(r"([a-zçğıöşü])\1\s*[.–-]+\s*(?=\S)"),
)
_VERB = re.compile(
    r"(?:[dt][ıiuü]r|[ıiuü]l[ıiuü]r|[ae]n[ıi]r|[ae]b[ıi]l[ıi]r|m[ae]z)$"
)  # a sentence without its full stop
_BARE_MARK = re.compile(r"(?<=[a-zçğıöşü]) \d{1,2}$")  # a footnote's, without its brackets
_PLAIN = -1  # the level of a group's name without a counter
_LONGEST = 240  # characters; the longest heading met in the laws in force has 219
_MOST = 14  # headings between two articles
_ITEM = re.compile(r"[a-zçğıöşü]{1,2}\)|\d+\s*\)|[-–•*]|\(\d+\)|\d+\s*[-–]\s*[a-zçğıöşü]")
_FRONT = re.compile(
    r"numarası\s*:|kabul\s+tarihi|yayımlandığı|düstur\b|\bcilt\s*:?\s*\d|sayfa\s*:|tertip|sayı\s*:|tarih\s*:|r\.\s?gazete"
    r"|resm[iî]\s+gazete"
)


class Place(NamedTuple):
    """Where an article stands."""

    section: str
    heading: str
    amended: tuple[str, ...]
    marks: tuple[int, ...]


def is_heading(block: str) -> bool:
    """Whether a block before an article may be a heading: short, no sentence, no item of a list."""
    if is_part(block):
        return True
    text = cut_annotations(block).text
    text = re.sub(r"\s*\(?\d{1,3}\)?$", "", text)  # a footnote's mark
    if not text or len(text) > _LONGEST or text[-1] in '.;,”"' or not any(c.isalpha() for c in text):
        return False
    if _ITEM.match(text) or _is_front_matter(text):
        return False
    if text.startswith("(") or (len(text) > 60 and _VERB.search(text)):
        return False
    counted = any(counter.match(text) for counter in _COUNTERS)
    return counted or not text[0].islower()


def is_part(block: str) -> bool:
    """Whether a block names a book, part or chapter ("BİRİNCİ KISIM")."""
    return len(block) <= _LONGEST and _PART.match(upper(block)) is not None


def _is_front_matter(text: str) -> bool:
    return bool(_FRONT.search(fold(text)))


def count_headings(blocks: list[str]) -> int:
    """How many of the last blocks are headings of what comes next."""
    count = 0
    for block in reversed(blocks[-_MOST:]):
        if not is_heading(block):
            # The second line of a heading begins in lower case.
            joined = f"{blocks[-count - 2]} {block}" if len(blocks) > count + 1 else ""
            if not (joined and block[0].islower() and not _ITEM.match(block) and is_heading(joined)):
                break
            if not _is_line_of_heading(blocks[-count - 2]):
                break
        count += 1
    return count


def _is_line_of_heading(block: str) -> bool:
    return is_heading(block) and len(block) < 80


class Outline:
    """The headings in force while a law is read from start to end."""

    def __init__(self) -> None:
        self.parts: list[tuple[int, str]] = []
        self.counted: list[tuple[int, str]] = []  # level and the heading with its counter
        self.leaf: int | None = None  # the level of the latest article's own heading, if it is counted

    def enter(self, blocks: list[str]) -> Place:
        """Take the headings that stand before an article.

        Args:
            blocks: those headings, outermost first; none if the article has no heading of its own.
        """
        heading = ""
        amended: list[str] = []
        marks: list[int] = []
        lines: list[str] = []
        for block in blocks:
            cut = cut_annotations(block)
            amended += cut.amended
            marks += cut.marks
            if not cut.text:
                continue
            if lines and cut.text[0].islower() and not self._level(cut.text):
                lines[-1] += f" {cut.text}"
            else:
                lines.append(_BARE_MARK.sub("", cut.text).rstrip(" :"))
        index = 0
        while index < len(lines):
            line = lines[index]
            last = index == len(lines) - 1
            part = _PART.match(upper(line))
            if part and len(upper(line)) == len(line):
                title = line[part.end() :].strip()
                following = lines[index + 1] if not last else ""
                if not title and following and not is_part(following) and not self._level(following):
                    title = following
                    index += 1
                self._enter_part(_PARTS[part[1] or part[2]], f"{line[: part.end()].strip(' :.–-')} {title}".strip())
            elif level := self._level(line):
                self._enter_counted(level, line)
                heading = _without_counter(line, level) if last else ""
                self.leaf = level if last else None
            elif last:
                heading = line
                if self.leaf is not None:  # it stands beside the counted heading before, not below it
                    self.counted = [(level, text) for level, text in self.counted if level < self.leaf]
                    self.leaf = None
            else:
                self._enter_counted(_PLAIN, line)
            index += 1
        above = [text for _, text in self.parts]
        counted = [text for _, text in self.counted]
        if heading and self.counted and heading == _without_counter(counted[-1], self.counted[-1][0]):
            counted = counted[:-1]
        return Place(" / ".join(above + counted), heading, tuple(amended), tuple(marks))

    def _level(self, line: str) -> int:
        """The depth of a line's counter from 1 on; 0 if it has none."""
        for level in (5, 4, 3):
            if _COUNTERS[level - 1].match(line):
                return level
        roman, letter = _COUNTERS[1].match(line), _COUNTERS[0].match(line)
        if roman and letter:  # "C." and "D." are letters, "I." and "V." are numbers: unless the letter is due
            return 1 if self._follows(letter[1]) else 2
        return 2 if roman else 1 if letter else 0

    def _follows(self, letter: str) -> bool:
        """Whether a letter is the next one after the latest of the outermost level."""
        alphabet = "ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ"
        latest = next((text[0] for level, text in self.counted if level == 1), "")
        return bool(latest) and alphabet.find(letter) - alphabet.find(latest) in (1, 2) and letter in "ĞHIİV"

    def _enter_part(self, rank: int, text: str) -> None:
        self.parts = [(other, name) for other, name in self.parts if other < rank] + [(rank, text)]
        self.counted = []

    def _enter_counted(self, level: int, text: str) -> None:
        self.counted = [(other, name) for other, name in self.counted if other < level] + [(level, text)]


def _without_counter(line: str, level: int) -> str:
    match = _COUNTERS[level - 1].match(line) if level > 0 else None
    return line[match.end() :].strip() if match else line
