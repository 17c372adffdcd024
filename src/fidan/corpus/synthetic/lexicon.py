"""The lexicon, read: nouns, names, adjectives and verbs as objects that can be inflected.

Left out: the words themselves, which are in ``lexicon_data``.
"""

from __future__ import annotations

from fidan.corpus.synthetic.lexicon_data import (
    ADJECTIVE_GROUPS,
    CITIES,
    DAYS,
    MONTHS,
    NAMES,
    NOUN_GROUPS,
    PET_NAMES,
    VERBS,
)
from fidan.corpus.synthetic.nouns import Name, Noun, Word, noun
from fidan.corpus.synthetic.verbs import Verb, verb


def _group(entries: str) -> tuple[Noun, ...]:
    return tuple(noun(entry) for entry in entries.split())


NOUNS: dict[str, tuple[Noun, ...]] = {group: _group(entries) for group, entries in NOUN_GROUPS.items()}
ADJECTIVES: dict[str, tuple[Word, ...]] = {
    group: tuple(Word(entry.replace("_", " ")) for entry in entries.split())
    for group, entries in ADJECTIVE_GROUPS.items()
}
CHILDREN: tuple[Name, ...] = tuple(Name(entry.rstrip("*"), front=entry.endswith("*")) for entry in NAMES.split())
FRONT_NAMES = frozenset(name.text for name in CHILDREN if name.front)
CITY_NAMES: tuple[Name, ...] = tuple(Name(entry) for entry in CITIES.split())
PETS: tuple[Name, ...] = tuple(Name(entry) for entry in PET_NAMES.split())
MONTH_NOUNS: tuple[Noun, ...] = _group(MONTHS)
DAY_NOUNS: tuple[Noun, ...] = _group(DAYS)


def find_noun(text: str) -> Noun:
    """Return the noun written ``text``, whatever group it stands in."""
    return _NOUNS[text]


def find_verb(stem: str) -> Verb:
    """Return the verb with this stem; a first word such as ``yardım`` in ``yardım et`` stays in front of it."""
    return _VERBS[stem]


_NOUNS: dict[str, Noun] = {entry.text: entry for group in NOUNS.values() for entry in group}
_VERBS: dict[str, Verb] = {
    entry.replace("~", "").replace("_", " "): verb(entry.replace("_", " ")) for entry in VERBS.split()
}
