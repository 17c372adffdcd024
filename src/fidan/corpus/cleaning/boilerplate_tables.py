"""The lists of `boilerplate_data` as tables: which words a line may begin and end with, and what it must be then.

A word is compared folded by Turkish rules and without the dots and tails of its letters. As that costs time, the
words also stand in tables as they are written, by which nearly every line of prose passes unfolded. What it leaves
out: lines (`boilerplate_survey`, `boilerplate`).
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.compiled import inlined
from fidan.corpus.cleaning import boilerplate_data as data
from fidan.corpus.tables import Table, build_table
from fidan.corpus.utf8 import Bytes, Whole
from fidan.turkish import capitalize, fold, upper

EDGE = " |»«›‹<>•·*-–—=_~#[](){}.,:;!?…→←▼▲▸►↓↑+&/\\\"'“”‘’"  # what may stand at either end of a word or a line
WORD = re.compile(r"e-[^\W_]+|[^\W_]+(?:'[^\W_]+)?\+?")
_PLAIN = tuple(zip("çğıöşü", "cgiosu", strict=True))


class Label(NamedTuple):
    """Words of a button or a heading, in their plain form; strong: boilerplate by themselves."""

    words: tuple[str, ...]
    kind: str
    strong: bool


class Rule(NamedTuple):
    """The shape of a notice."""

    kind: str
    firsts: frozenset[str]  # empty: any
    patterns: tuple[re.Pattern[str], ...]  # one: of the whole line; more: all are found in it


def _undotted(text: str) -> str:
    """`ç ğ ı ö ş ü` as `c g i o s u`, which is how many write who have no Turkish keyboard."""
    for letter, plain in _PLAIN:
        text = text.replace(letter, plain)  # six of these take a tenth of the time of one translate
    return text


def plain(text: str) -> str:
    """The form in which words are compared.

    >>> plain("ÜYE GİRİŞİ")
    'uye girisi'
    """
    return _undotted(fold(text))


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(_undotted(pattern))


def _phrases() -> Iterable[tuple[str, str, bool]]:
    for strong, lists in ((True, data.STRONG), (False, data.WEAK)):
        for kind, phrases in lists.items():
            yield from ((phrase.strip(), kind, strong) for phrase in phrases.split("/"))


def _labels() -> dict[str, tuple[Label, ...]]:
    """All labels by their first word, the longest first, so that `son dakika haberleri` is not `son dakika`."""
    found: dict[str, list[Label]] = {}
    for phrase, kind, strong in _phrases():
        words = tuple(WORD.findall(plain(phrase)))
        found.setdefault(words[0], []).append(Label(words, kind, strong))
    # The sort is stable: of two that are the same but for their strength, the strong one comes first.
    return {first: tuple(sorted(labels, key=lambda label: -len(label.words))) for first, labels in found.items()}


def _rules() -> tuple[dict[str, list[Rule]], dict[str, list[Rule]]]:
    """The rules by the word a line begins with, where any ending will do, and those by the word it ends in."""
    by_first: dict[str, list[Rule]] = {}
    by_last: dict[str, list[Rule]] = {}
    for kind, firsts, lasts, *patterns in data.RULES:
        rule = Rule(kind, frozenset(plain(firsts).split()), tuple(_compile(pattern) for pattern in patterns))
        for word in plain(lasts or firsts).split():
            (by_last if lasts else by_first).setdefault(word, []).append(rule)
    return by_first, by_last


def _written(words: Iterable[str]) -> frozenset[str]:
    """How words of the lists stand in lines: small, with a capital, in capitals; each also without its dots."""
    latin = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")
    forms = {form for word in words for form in (word, capitalize(word), upper(word))}
    forms |= {form.translate(latin) for form in forms}
    return frozenset(forms | {form.replace("'", "’") for form in forms})


LABELS_BY_FIRST = _labels()
BY_FIRST, BY_LAST = _rules()
EVIDENCE = [_compile(pattern) for pattern in data.NOTICE_EVIDENCE]

# Folding is dear, so the words of a line are looked up as they are written before any of it is folded.
FILLERS = frozenset(plain(data.FILLERS).split())
VOCABULARY = {*EDGE, *data.BRANDS.split()}.union(
    _written(word for phrase in [data.FILLERS, *(phrase for phrase, _, _ in _phrases())] for word in phrase.split())
)
LABEL_FIRST = _written([*(phrase.split()[0] for phrase, _, _ in _phrases()), *data.FILLERS.split()])
_BOTH = [rule for rule in data.RULES if rule[1] and rule[2]]

# What a word says as the first or the last of a line.
(BEGINS_LABEL, IN_VOCABULARY, OPENS, CLOSES, OPENS_WITH, CLOSES_WITH) = (1 << bit for bit in range(6))
_SAYS = (
    (BEGINS_LABEL, LABEL_FIRST),
    (IN_VOCABULARY, VOCABULARY),
    (OPENS, _written(word for _, firsts, lasts, *_ in data.RULES if not lasts for word in firsts.split())),
    (CLOSES, _written(word for _, firsts, lasts, *_ in data.RULES if not firsts for word in lasts.split())),
    (OPENS_WITH, _written(word for _, firsts, *_ in _BOTH for word in firsts.split())),
    (CLOSES_WITH, _written(word for _, _, lasts, *_ in _BOTH for word in lasts.split())),
)


@cache
def edge() -> NDArray[np.bool_]:
    """Whether a character of the first 2^16 is one of `EDGE`, (65536,)."""
    found = np.zeros(1 << 16, np.bool_)
    found[[ord(character) for character in EDGE]] = True
    return found


@cache
def says() -> Table:
    """By `word_key`, what each word of the lists says at the ends of a line."""
    bits: dict[str, int] = {}
    for bit, words in _SAYS:
        for word in words:
            bits[word] = bits.get(word, 0) | bit
    encoded = [np.frombuffer(word.encode(), np.uint8) for word in bits]
    keys = np.array([word_key(word, 0, word.size) for word in encoded], np.uint64)
    return build_table(keys, np.array(list(bits.values()), np.uint64))


@inlined
def word_key(data: Bytes, start: Whole, end: Whole) -> np.uint64:
    """FNV-1a, 64 bits, of a word as it is written."""
    key = np.uint64(0xCBF29CE484222325)
    for place in range(start, end):
        key = (key ^ np.uint64(data[place])) * np.uint64(0x100000001B3)
    return key
