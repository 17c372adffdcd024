"""Nouns, names and pronouns in their forms: number, possession, case.

Persons are numbered 1–6 (ben, sen, o, biz, siz, onlar). A form is asked for by a short key such as ``pl.3.acc`` or
``dat``; every word keeps the forms it has made, since the same few thousand are asked for again and again.

Left out: derivation (-lı, -sız, -cı), written in the lexicon as words of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from fidan.corpus.synthetic.phonology import attach, ends_in_vowel, last_vowel, soften

CASES = {"nom": "", "acc": "(y)I", "dat": "(y)A", "loc": "DA", "abl": "DAn", "gen": "(n)In", "ins": "(y)lA"}
# After a third-person possessive an n comes between: evini, evine, evinde. The instrumental keeps its y: eviyle.
_CASES_AFTER_THIRD = {"nom": "", "acc": "nI", "dat": "nA", "loc": "nDA", "abl": "nDAn", "gen": "nIn", "ins": "(y)lA"}
POSSESSIVES = {1: "(I)m", 2: "(I)n", 3: "(s)I", 4: "(I)mIz", 5: "(I)nIz", 6: "lArI"}


class Nominal(Protocol):
    """What a template slot can hold: anything that has a form for a key."""

    def form(self, key: str) -> str:
        """Return the form named by ``key``."""
        ...


def _parse(key: str) -> tuple[bool, int, str]:
    plural, person, case = False, 0, "nom"
    for part in key.split("."):
        if part == "pl":
            plural = True
        elif part.isdigit():
            person = int(part)
        elif part in CASES:
            case = part
        elif part:
            raise ValueError(f"unknown part {part!r} of the noun form {key!r}")
    return plural, person, case


@dataclass(frozen=True, slots=True)
class Noun:
    """A common noun.

    ``before_vowel`` is its shape before a vowel, ``front`` marks exceptional harmony, ``compound`` an izafet compound
    whose text already ends in the possessive (hayvanat bahçesi), ``tags`` what stories need to know of it.
    """

    text: str
    before_vowel: str | None = None
    front: bool = False
    compound: bool = False
    tags: frozenset[str] = frozenset()
    _forms: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def form(self, key: str) -> str:
        """Return the form named by ``key``, for instance ``pl.1.loc``: evlerimde."""
        made = self._forms.get(key)
        if made is None:
            made = self._forms[key] = self._make(*_parse(key))
        return made

    def _make(self, plural: bool, person: int, case: str) -> str:
        text, before_vowel, front = self.text, self.before_vowel, self.front
        if self.compound:
            if plural or person not in (0, 3):
                raise ValueError(f"{text!r} is a compound: only its cases are made")
            return attach(text, _CASES_AFTER_THIRD[case]) if case != "nom" else text
        # su and ne take y where other words take their buffer: suyun, suyu, suyum.
        glide = text + "y" if text in {"su", "ne"} else None
        if plural:
            text, before_vowel, front, glide = attach(text, "lAr", front=front), None, False, None
        cases = CASES
        if person:
            suffix = POSSESSIVES[person]
            if person == 6 and plural:
                suffix = "I"
            base = glide if glide and suffix[0] == "(" else text
            text = attach(base, suffix, before_vowel=before_vowel, front=front)
            before_vowel, front, glide = None, False, None
            if person in (3, 6):
                cases = _CASES_AFTER_THIRD
        if case == "nom":
            return text
        base = glide if glide and case == "gen" else text
        return attach(base, cases[case], before_vowel=before_vowel, front=front)


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name: suffixes follow an apostrophe, and nothing softens in writing (Zeynep'i, Gaziantep'e).

    ``compound`` marks names that end in a possessive (Van Gölü'nde); ``read`` is how a number or an abbreviation is
    said, where that differs from how it is written (3'te is "üçte").
    """

    text: str
    compound: bool = False
    front: bool = False
    read: str = ""
    tags: frozenset[str] = frozenset()
    _forms: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def form(self, key: str) -> str:
        """Return the form named by ``key``: a case, or empty for the bare name."""
        made = self._forms.get(key)
        if made is None:
            made = self._forms[key] = self._make(key or "nom")
        return made

    def _make(self, case: str) -> str:
        if case == "nom":
            return self.text
        said = self.read or self.text
        suffix = (_CASES_AFTER_THIRD if self.compound else CASES)[case]
        return f"{self.text}'{attach(said, suffix, front=self.front)[len(said) :]}"


_PRONOUN_FORMS = {
    1: "ben beni bana bende benden benim benimle",
    2: "sen seni sana sende senden senin seninle",
    3: "o onu ona onda ondan onun onunla",
    4: "biz bizi bize bizde bizden bizim bizimle",
    5: "siz sizi size sizde sizden sizin sizinle",
    6: "onlar onları onlara onlarda onlardan onların onlarla",
}


@dataclass(frozen=True, slots=True)
class Pronoun:
    """A personal pronoun, with its irregular forms (bana, sana, onunla)."""

    person: int
    tags: frozenset[str] = frozenset()

    def form(self, key: str) -> str:
        """Return the case named by ``key``."""
        return _PRONOUN_FORMS[self.person].split()[tuple(CASES).index(key or "nom")]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is not inflected in a template (an adjective, a number word): every key gives the word itself."""

    text: str
    tags: frozenset[str] = frozenset()

    def form(self, key: str) -> str:
        """Return the word itself."""
        return self.text


def compound(modifier: Noun, head: Noun) -> Noun:
    """Join two nouns to an indefinite izafet compound: okul + bahçe → okul bahçesi."""
    return Noun(f"{modifier.text} {head.form('3')}", compound=True)


def particle(word: str, shape: str) -> str:
    """Return the free particle ``shape`` (``mI``, ``DA``) as it sounds after ``word``; de/da never hardens."""
    if shape == "DA":
        return "da" if last_vowel(word) in "aıouâû" else "de"
    return attach(word, shape)[len(word) :]


def noun(entry: str, tags: frozenset[str] = frozenset()) -> Noun:
    """Read a lexicon entry: ``kitap~`` softens by rule, ``burun>burn`` names the stem, ``saat*`` is front."""
    text, _, irregular = entry.partition(">")
    front = (irregular or text).endswith("*")
    text, irregular = text.rstrip("*").replace("_", " "), irregular.rstrip("*")
    if text.endswith("+"):
        return Noun(text[:-1], compound=True, tags=tags)
    if text.endswith("~"):
        return Noun(text[:-1], soften(text[:-1]), front, tags=tags)
    if irregular and ends_in_vowel(text):
        raise ValueError(f"{entry!r}: a stem that ends in a vowel has no other shape")
    return Noun(text, irregular or None, front, tags=tags)
