"""The sentences of an article, each as a unit that can stand alone.

A list stays whole in meaning: "Aşağıdaki hâllerde … açılabilir: a) … b) …" gives one unit an item, which carries the
words before the list (its opening) and those after it (its close: "işlenmesi hâlinde … hükmolunur", where a penal law
has the penalty). In a list within a list the outer item is part of the opening. Definitions in a list
("a) Açık rıza: …") are units with their opening too.

What it leaves out: how much a unit says to a question (`fidan.law.sentences`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from fidan.turkish import fold, split_sentences

_ITEM = re.compile(
    r"(?P<roman>[ivx]{2,4}\s*[).]\s|(?:[IVX]{2,5}|I)\s*[).–-]\s)|(?P<letter>[a-zçğıöşü]{1,2}\s*[).]\s)"
    r"|(?P<capital>[A-ZÇĞİÖŞÜ]\s*[).]\s)|(?P<number>\d{1,2}\s*\.\s)|(?P<numeral>\d{1,2}\s*\)\s)|(?P<dash>[-–•*]\s)"
)
_COUNTER = re.compile(r"^\(\d{1,2}\)\s*")
_ANNOUNCES = re.compile(r"\b(?:aşağıda|şunlar|şu )")


@dataclass(frozen=True)
class Unit:
    """A sentence of an article, or an item of a list with what stands around the list.

    Attributes:
        text: the sentence or item alone.
        paragraph: which paragraph of the article, from 0.
        place: its order in the article.
        opening: the words before its list; "" outside of one.
        close: the words after its list.
    """

    text: str
    paragraph: int
    place: int
    opening: str = ""
    close: str = ""

    @property
    def whole(self) -> str:
        """The unit with the words around its list, which is what it means."""
        return " ".join(part for part in (self.opening, self.text, self.close) if part)

    @property
    def in_list(self) -> bool:
        """Whether it is an item with words around its list."""
        return bool(self.opening or self.close)


def units_of(paragraphs: Sequence[str]) -> list[Unit]:
    """The sentences of paragraphs in order.

    Args:
        paragraphs: an article's; within one, the items of a list are on lines of their own.
    """
    made: list[Unit] = []
    for number, paragraph in enumerate(paragraphs):
        lines = _lines(paragraph)
        while lines:
            first = next((i for i, line in enumerate(lines) if _ITEM.match(line)), len(lines))
            last = next((i for i in range(first, len(lines)) if not _ITEM.match(lines[i])), len(lines))
            before = [sentence for line in lines[:first] for sentence in split_sentences(line)]
            items, after = lines[first:last], lines[last:]
            opening = before.pop() if before and items and _opens(before[-1]) else ""
            # What ends a list left open by a comma belongs to its items.
            close = ""
            if items and after and not items[-1].rstrip().endswith("."):
                rest = split_sentences(after[0])
                close, after = rest[0], [" ".join(rest[1:]), *after[1:]] if rest[1:] else after[1:]
            made += [Unit(text, number, len(made) + i) for i, text in enumerate(before)]
            for above, item in _nested(opening, items):
                first_sentence, *others = split_sentences(item)
                # An item that is a sentence of its own does not go on after the list.
                own = "" if item.rstrip().endswith(".") else close
                made.append(Unit(first_sentence, number, len(made), above, own))
                made += [Unit(text, number, len(made) + i) for i, text in enumerate(others)]
            lines = after
    return made


def _lines(paragraph: str) -> list[str]:
    """The lines of a paragraph without its counter; what an item alone on its line announces is part of it."""
    lines: list[str] = []
    for line in _COUNTER.sub("", paragraph).split("\n"):
        if lines and lines[-1].endswith(":") and _ITEM.match(lines[-1]) and not _ITEM.match(line):
            lines[-1] += f" {line}"
        elif line.strip():
            lines.append(line)
    return lines


def _opens(sentence: str) -> bool:
    """Whether a sentence opens a list: it has not ended ("… gönderilir. 4. Avukatlık …" goes on with a count)."""
    return not sentence.endswith((".", "?", "!")) or _ANNOUNCES.search(fold(sentence)) is not None


def _nested(opening: str, items: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each item with what stands above it: the opening, and the items in whose lists it stands."""
    above: list[tuple[str, str]] = []  # form of the counter, and the item
    for item, following in zip_longest(items, items[1:], fillvalue=""):
        form = _form(item)
        held = [known for known, _ in above]
        if form in held:
            above = above[: held.index(form)]
        begins = _form(following) not in ("", form, *(known for known, _ in above))
        if begins and item.endswith((":", ";")) and not _is_first(item):
            above.append((form, item))
        else:
            yield " ".join(part for part in (opening, *(text for _, text in above)) if part), item


def _is_first(item: str) -> bool:
    """Whether an item is the first one of the list within it, too: "14. a) …"."""
    match = _ITEM.match(item)
    return match is not None and _ITEM.match(item[match.end() :]) is not None


def _form(item: str) -> str:
    match = _ITEM.match(item)
    return "" if match is None else str(match.lastgroup)
