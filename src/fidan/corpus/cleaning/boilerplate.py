"""Takes out lines that belong to the page and not to the text: menus, cookie notices, share buttons, "devamını oku".

A line is compared as a whole, folded by Turkish rules and without the dots and tails of letters (`İLETİŞİM`,
`ILETISIM` and `iletişim` are one). It goes when it is made of nothing but labels (`ana sayfa | üye girişi`), when it
has the shape of a notice (`… için tıklayınız`), when it holds nothing but links, or when it speaks to a visitor about
cookies. Prose that merely contains such words stays: a label with other words around it, a quotation, a line of
dialogue; and words that are no more than a rubric ("Spor", "Ekonomi") go only in company.

What it leaves out: the labels and notices themselves (`boilerplate_data`), lines that repeat over many documents
(`fidan.corpus.duplicates.lines`), and links within a line of text.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from datatrove.data import DocumentsPipeline

from fidan.corpus.base import Step
from fidan.corpus.cleaning.boilerplate_data import BYLINES
from fidan.corpus.cleaning.boilerplate_survey import CELLS, LABELS, LINKS, NOTICE, RULES, survey
from fidan.corpus.cleaning.boilerplate_tables import (
    BY_FIRST,
    BY_LAST,
    EDGE,
    EVIDENCE,
    FILLERS,
    LABEL_FIRST,
    LABELS_BY_FIRST,
    VOCABULARY,
    WORD,
    Label,
    plain,
)
from fidan.corpus.ledger import Ledger

LONGEST = 400  # characters; a longer line is a paragraph
LONGEST_RULE = 250  # of a line that the pattern of one notice describes
_SLACK = 40  # characters that folding a line may take away
LONGEST_CREDIT = 60  # of a line that begins with © and gives no year
MIN_EVIDENCE = 2  # pieces of evidence that a line about cookies is a notice; one more when only about personal data

# Normalising makes quotation marks of » and ›; one that stands by itself is still an arrow.
_ARROW = re.compile(r"""[»«›‹→←▸►]|(?<!\S)["'](?!\S)""")
_ODD = re.compile(r"""[^\w\s|•·*<>=~#()\[\]…:▼▲↓↑+&/\\.!?'’–—-]|(?<!\w)['’]|['’](?!\w)""")
_SENTENCE = re.compile(r"[.!?]")
_APART = re.compile(r"[|•·*>/]| [-–—] ")
_BAR = re.compile(r"[|•·>]")
_COUNTS = re.compile(r"\(\d+\)")
_DIALOGUE = re.compile(r"[-–—].*[.!?…]$")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LINK = re.compile(
    r"[-*•(<\[]?(?:(?:https?://|www\.)\S+|[\w-]{2,40}(?:\.[\w-]{2,40}){0,3}\.(?:com|org|gov|edu)(?:\.tr)?(?:/\S*)?)"
    r"[>)\],;|]*",
    re.IGNORECASE,
)
_LINK_LABEL = re.compile(r"[^\W\d_]{1,12}:|[-*•|:,]")  # "Kaynak:", a bullet
_HASHTAGS = re.compile(r"(?:#\w+[ ,]*){3,}")
_HOME = ("ana sayfa", "anasayfa", "home")


def boilerplate_kind(line: str) -> str | None:
    """What kind of boilerplate a line is, or None for text.

    The kinds: menu, share, login, read_more, comments, links, pages, tags, ads, cookie, copyright, meta (dates and
    counters), byline (a news agency's name alone) and technical.

    Args:
        line: without line breaks, its white space normalised.

    >>> boilerplate_kind("ÜYE GİRİŞİ"), boilerplate_kind("Üye girişi bugün açıldı.")
    ('login', None)
    """
    maybe = survey(line, LONGEST)
    return None if maybe is None else _kind(line, int(maybe[0]))


def _kind(line: str, maybe: int) -> str | None:
    """The kind of a line, of which `survey` says what it may be."""
    core = line.strip(EDGE)
    found = None
    if maybe & LABELS:
        found = _by_labels(line)
    if found is None and maybe & RULES:
        found = _by_rules(line, core)
    if found is None and maybe & NOTICE:
        found = _by_evidence(line)
    if found is None and maybe & CELLS:
        found = _by_cells(line)
    if found is None and maybe & LINKS:
        found = _by_links(line)
    return found


def _is_speech(line: str) -> bool:
    return (line[0] in "\"'“‘" and line[1:2] != " ") or _DIALOGUE.match(line) is not None


def _without_arrows(line: str) -> str:
    """Arrows as bars, before folding takes some of them for quotation marks."""
    return _ARROW.sub("|", line)


class _Cover(NamedTuple):
    labels: list[Label]
    numbers: int
    fillers: int


def _cover(words: list[str]) -> _Cover | None:
    """The labels that the words are made of, and how many numbers and fillers there are; None if any word is left."""
    labels: list[Label] = []
    numbers = fillers = position = 0
    while position < len(words):
        for label in LABELS_BY_FIRST.get(words[position], ()):
            if tuple(words[position : position + len(label.words)]) == label.words:
                labels.append(label)
                position += len(label.words)
                break
        else:
            number, filler = words[position].isdecimal(), words[position] in FILLERS
            if not (number or filler):
                return None
            numbers += number
            fillers += filler
            position += 1
    return _Cover(labels, numbers, fillers) if labels else None


def _by_labels(line: str) -> str | None:
    """The kind of a line that is made of labels alone."""
    for word in line.split(" "):
        # The first word of prose that is no label's ends it here, before the whole line is folded.
        if word not in VOCABULARY and (bare := word.strip(EDGE)).isalpha() and _rule_word(bare) not in VOCABULARY:
            return None
    line = _without_arrows(line).replace("...", "…")
    if _is_speech(line) or _ODD.search(line):
        return None
    covered = _cover(WORD.findall(plain(line)))
    if covered is None:
        return None
    labels, numbers, fillers = covered
    kinds = {label.kind for label in labels}
    if numbers and not kinds & {"pages", "comments"} and numbers != len(_COUNTS.findall(line)):
        return None
    strong = [label for label in labels if label.strong]
    sentence = _SENTENCE.search(line)
    if len(strong) == len(labels):
        # "Paylaş." is what somebody says; "Paylaş" is a button.
        return None if sentence and len(labels) == len(labels[0].words) == 1 else strong[0].kind
    if sentence or fillers:
        return None
    if strong:
        return strong[0].kind
    apart = bool(_APART.search(line))
    if kinds == {"pages"}:
        return "pages" if numbers >= 2 or (apart and len(labels) >= 2) else None
    enough = 3 if apart or kinds == {"share"} else 4
    if len(labels) < enough:
        return None
    return labels[0].kind if len(kinds) == 1 else "menu"


def _by_rules(line: str, core: str) -> str | None:
    """The kind of a line that has the shape of a notice."""
    if _is_speech(line) or line.endswith(":"):
        return None
    first, last = _rule_word(core.partition(" ")[0]), _rule_word(core.rpartition(" ")[2])
    rules = BY_FIRST.get(first, []) + BY_LAST.get(last, [])
    short = len(core) <= LONGEST_RULE + _SLACK
    if "©" not in line and not any(short or len(rule.patterns) > 1 for rule in rules):
        return None  # before the whole line is folded
    key = plain(_without_arrows(core))
    for rule in rules:
        if rule.firsts and first not in rule.firsts:
            continue
        if len(rule.patterns) == 1:
            if len(key) <= LONGEST_RULE and rule.patterns[0].fullmatch(key):
                return rule.kind
        elif all(pattern.search(key) for pattern in rule.patterns):
            return rule.kind
    if "©" in line and (_YEAR.search(key) or (line[0] == "©" and len(line) <= LONGEST_CREDIT)):
        return "copyright"
    return None


@lru_cache(maxsize=1 << 16)
def _rule_word(word: str) -> str:
    """A word as the rules have it."""
    form = plain(_without_arrows(word)).strip(EDGE)
    return "#" if form[:1].isdecimal() else form


def _by_evidence(line: str) -> str | None:
    """The kind of a line that speaks to a visitor about cookies or personal data."""
    key = plain(line)
    if "cerez" not in key and "kisisel verileriniz" not in key:
        return None
    least = MIN_EVIDENCE if "cerez" in key else MIN_EVIDENCE + 1
    return "cookie" if sum(1 for pattern in EVIDENCE if pattern.search(key)) >= least else None


def _by_cells(line: str) -> str | None:
    """The kind of a line of cells at least half of which are labels, or of a path (`Ana Sayfa > Spor > …`)."""
    if line.endswith((".", "!", "?")):
        return None
    cells = [cell for cell in (part.strip(EDGE) for part in _BAR.split(_without_arrows(line))) if cell]
    if len(cells) < 2:
        return None
    if plain(cells[0]) in _HOME:
        return "menu"
    if len(cells) < 3 or sum(cell.partition(" ")[0] in LABEL_FIRST for cell in cells) < 2:
        return None
    strong = known = 0
    for cell in cells:
        words = WORD.findall(plain(cell))
        covered = _cover(words)
        if covered:
            known += 1
            strong += any(label.strong for label in covered.labels)
        elif len(words) > 4:
            return None
    return "menu" if strong and known >= 2 and 2 * known >= len(cells) else None


def _by_links(line: str) -> str | None:
    """The kind of a line of nothing but links or hashtags, or the name of a news agency."""
    if line in BYLINES:
        return "byline"
    words = line.split(" ")
    if len(words) > 1 and _LINK_LABEL.fullmatch(words[0]):
        words = words[1:]
    if _LINK.fullmatch(words[0]) and all(_LINK.fullmatch(word) or word in "-|,:" for word in words):
        return "links"
    return "tags" if _HASHTAGS.fullmatch(line) else None


def remove_boilerplate(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without its lines of boilerplate, and those as (kind, line), in order.

    Args:
        text: lines parted by single line breaks.

    >>> remove_boilerplate("Paylaş | Yazdır\\nKöyde kar yağdı.")
    ('Köyde kar yağdı.', [('share', 'Paylaş | Yazdır')])
    """
    maybe = survey(text, LONGEST)
    if maybe is None:
        return text, []
    lines = text.split("\n")
    judged = ((_kind(lines[number], maybe[number]), lines[number]) for number in np.flatnonzero(maybe).tolist())
    removed = [(kind, line) for kind, line in judged if kind]
    if not removed:
        return text, removed
    gone = {line for _, line in removed}
    return "\n".join(line for line in lines if line not in gone), removed


class BoilerplateLines(Step):
    """Takes boilerplate lines out of every document. A document that is left without text goes on without text.

    Args:
        ledger: told of every line that is taken out, with its kind.
    """

    type = "✂️ - FORMAT"
    name = "boilerplate"

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order, without those lines."""
        for document in data:
            document.text, removed = remove_boilerplate(document.text)
            for kind, line in removed:
                self.ledger.line(kind, line)
            yield document
