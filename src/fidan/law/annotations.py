"""What editors put into a law's text: amendment notes, footnote marks and the footnotes, page numbers.

They are cut from the words of the law and kept beside them. What it leaves out: where an article begins
(`fidan.law.parsing`).
"""

import re
from typing import NamedTuple

from fidan.turkish import fold

_GROUP = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_DATE = re.compile(r"(\d{1,2})\s*[/.]\s*(\d{1,2})\s*[/.]\s*((?:18|19|20)\d\d)")
_DATED = re.compile(rf"{_DATE.pattern}(?=\s*[-–—]\s*(?:KHK|\d)|\s*(?:tarih|gün)\w*(?: ve)? \d+ sayılı)")
_MARK = re.compile(r"\s*\[\s*(\d{1,3})\s*\]")
_OPENS = re.compile(
    r"(?:(?:madde\s+)?başlığı\b|(?:\w+\s+){0,4}?(?:değişik|ek|mülga|iptal|yeniden düzenle\w*|ilga)\b"
    r"|yürürlükten kaldır|aynen kabul|mülga)"
)
_EDITORIAL = re.compile(
    r"yerine işlen|numarasız|teselsül|hükmüdür|ile ilgili olup|ilgili kanuna işlen|yerlerine işlen|metne işlen"
    r"|numarası .* değiştirilmiştir|yürürlükten kaldırılmış|yürürlükten kaldırıl"
)
_GONE = re.compile(r"mülga|yürürlükten kal|iptal|ilga|hükmü kalma|metninden çıkarıl")
# The sign of struck-out words, and a footnote's number without its brackets.
_STRUCK_MARK = re.compile(r"(\(\s*(?:…|\.{2,})[\s….]*\))\s*(\d{1,3})(?=\s|$)")
_BEFORE_CLOSING = re.compile(r" ([,;:.)”](?: |$|[)”.,;]))")
_AFTER_OPENING = re.compile(r"([(“]) ")
_NOTHING = re.compile(r"[\W_]*")


class Cut(NamedTuple):
    """A text without its notes, and what was cut from it, in order."""

    text: str
    amended: tuple[str, ...]
    marks: tuple[int, ...]  # numbers of footnotes


def cut_annotations(text: str) -> Cut:
    """Take amendment notes, footnote marks and the signs of struck-out words, "(…)", from a text.

    >>> cut_annotations("(Değişik: 8/8/2011-KHK-648/33 md.) Karar verilir. [3]")
    Cut(text='Karar verilir.', amended=('Değişik: 8/8/2011-KHK-648/33 md.',), marks=(3,))
    """
    amended: list[str] = []
    marks: list[int] = []

    def mark_of(number: int) -> str:
        marks.append(number)
        return ""

    def mark(match: re.Match[str]) -> str:
        return mark_of(int(match[1]))

    def group(match: re.Match[str]) -> str:
        inside = match[0][1:-1].strip()
        if not inside.strip(". …"):
            return " "
        if is_amendment(inside):
            amended.append(tidy(inside))
            return " "
        return match[0]

    if "[" in text:
        text = _MARK.sub(mark, text)
    if "…" in text or ".." in text:
        text = _STRUCK_MARK.sub(lambda match: match[1] + mark_of(int(match[2])), text)
    if "(" in text:
        text = _GROUP.sub(group, text)
    return Cut(tidy(text), tuple(amended), tuple(marks))


def is_amendment(inside: str) -> bool:
    """Whether the inside of a pair of brackets tells of a change of the law."""
    folded = fold(inside)
    if _EDITORIAL.search(folded):
        return True
    if not _OPENS.match(folded):
        return False
    return bool(_DATE.search(folded)) or bool(re.search(r"\bmd\b|khk|\bmülga\b|anayasa mahkemesi", folded))


def is_gone(text: str, amended: tuple[str, ...], notes: tuple[str, ...]) -> bool:
    """Whether an article was repealed or annulled as a whole: no word is left, and a note says why.

    Args:
        text: the article's words.
        amended: its amendment notes.
        notes: its footnotes.
    """
    if _NOTHING.fullmatch(text):
        return any(_GONE.search(fold(note)) for note in (*amended, *notes))
    folded = fold(text)
    if len(folded) > 400:
        return False
    return bool(re.match(r"\W*(?:mülga|yürürlükten kaldırıl)", folded)) or bool(
        re.match(r"\W*(?:bu madde,? )?anayasa mahkemesi\S* .{0,250}iptal edil", folded)
    )


def is_gone_alone(amended: tuple[str, ...]) -> bool:
    """Whether a counter has no text because its item or paragraph was repealed ("b) (Mülga: 18/6/2014-6545/62 md.)").

    A counter may also stand alone because its text is printed below it; then no note says that the text is gone.

    Args:
        amended: the amendment notes that stand with it, of which the last one holds, and in it what is told last:
            "Mülga: 21/2/2014-6526/10 md.; Yeniden düzenleme: 24/11/2016-6763/25 md." is not gone.
    """
    return bool(amended) and _GONE.search(fold(amended[-1].rpartition(";")[2])) is not None


def newest_date(notes: list[str]) -> str:
    """The newest date of a law that changed this one, in ISO form; "" if none is told.

    Only dates of acts count ("8/8/2011-KHK-648", "24/12/2025 tarihli ve 7571 sayılı"): an article may speak of a
    day far ahead.
    """
    return max((iso for note in notes for match in _DATED.finditer(note) if (iso := to_iso(match))), default="")


def first_date(text: str) -> str:
    """The first date of a text, dd/mm/yyyy, in ISO form; "" if there is none."""
    match = _DATE.search(text)
    return to_iso(match) if match else ""


def to_iso(match: re.Match[str]) -> str:
    """A matched date as yyyy-mm-dd; "" where it is none (a misprint such as 34/1/2000)."""
    day, month, year = (int(part) for part in match.groups()[:3])
    return f"{year:04}-{month:02}-{day:02}" if 1 <= day <= 31 and 1 <= month <= 12 else ""


def tidy(text: str) -> str:
    """One space between words, none before a mark that closes and none after one that opens."""
    text = " ".join(text.split())
    text = _BEFORE_CLOSING.sub(r"\1", text)
    return _AFTER_OPENING.sub(r"\1", text) if "( " in text or "“ " in text else text


def split_footnotes(blocks: list[str]) -> tuple[list[str], dict[int, str]]:
    """Cut the footnotes from the end of a law.

    Args:
        blocks: the law's blocks of text; a footnote is "[3]" and what follows it, in its block or the next ones.

    Returns:
        The blocks before them, and the notes by number.
    """
    starts = [index for index, block in enumerate(blocks) if re.match(r"\[\s*1\s*\]", block)]
    # The title may carry the mark [1] as well; the notes are the last place that begins anew.
    begin = next((index for index in reversed(starts) if _are_notes(blocks, index)), None)
    if begin is None:
        return blocks, {}
    notes: dict[int, list[str]] = {}
    current = 0
    for block in blocks[begin:]:
        match = re.match(r"\[\s*(\d{1,3})\s*\]\s*", block)
        if match and current < int(match[1]):
            current = int(match[1])
            block = block[match.end() :]
        notes.setdefault(current, []).append(block)
    return blocks[:begin], {number: tidy(" ".join(parts)) for number, parts in notes.items()}


def _are_notes(blocks: list[str], index: int) -> bool:
    """Whether the footnotes begin here: the mark is followed by text, and by no article of the law."""
    rest = blocks[index:]
    following = blocks[index][blocks[index].index("]") + 1 :].strip() or (rest[1] if len(rest) > 1 else "")
    return (
        bool(following)
        and not following.startswith("[")
        and not any(re.match(r"(?i:(?:geçici |ek |mükerrer )*madde)\s*\d+\s*[-–—]", block) for block in rest)
    )


def drop_page_numbers(blocks: list[str]) -> list[str]:
    """Leave out the pages of the printed collection ("1304-135", "3317") that stand between two blocks of prose."""
    kept = []
    for index, block in enumerate(blocks):
        if re.fullmatch(r"\d{2,5}(?:\s*[-–/]\s*\d+)+", block):
            continue
        if re.fullmatch(r"\d{2,5}", block) and index and index + 1 < len(blocks):
            before, after = blocks[index - 1], blocks[index + 1]
            # In a table a number stands beside a name or another number.
            if (before[-1] in ".;:,)”" or len(before) > 60) and len(before) > 12 and not after[:1].isdigit():
                continue
        kept.append(block)
    return kept
