"""Recognises inflected Turkish words by its own rules; the first half of ``checker``.

It shares the raw stems of the lexicon and has its own tables in ``suffixes``, but none of the code that inflects: it
reads a word backwards from what that code does.

Left out: how words may follow each other; see ``word_order``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from fidan.corpus.synthetic import lexicon_data as lexicon
from fidan.corpus.synthetic.closed_class import CLOSED, EXTRA_ADJECTIVES, EXTRA_NAMES, EXTRA_NOUNS, EXTRA_VERBS
from fidan.corpus.synthetic.suffixes import (
    AORIST_HIGH,
    AORIST_LOW,
    AORIST_PLAIN,
    COMPOUND,
    NOUN_CONSONANT,
    NOUN_VOWEL,
    PROG_HIGH,
    PROG_PLAIN,
    VERB_CONSONANT,
    VERB_NEGATIVE,
    VERB_VOWEL,
    VOWELS,
    Shape,
    skeleton,
)  # fmt: skip
from fidan.turkish import lower

_VOICED = {"p": "b", "ç": "c", "t": "d", "k": "ğ"}
_AORIST_IR = frozenset("al bil bul dur gel gör kal ol öl san var ver vur den yen".split())


class Reading(NamedTuple):
    """One way to understand a word.

    ``pos``: noun, name, adj, verb (finite), pred (noun or adjective with *to be*), converb, participle, infinitive,
    or a closed class. ``owner`` is the person of a possessive, ``person`` that of a predicate.
    """

    pos: str
    stem: str
    case: str = ""
    owner: int = 0
    person: int = 0
    plural: bool = False
    tense: str = ""


# Stem → (table names, front harmony). Filled once from the lexicon.
_Entry = tuple[str, str, bool]


def _shapes(entry: _Entry, stem: str, suffix: str) -> Iterable[Shape]:
    kind, lemma, front = entry
    if kind == "noun" or kind == "adj":
        ready = skeleton(stem, suffix, front, lemma)
        if ready is None:
            return ()
        return (NOUN_VOWEL if stem[-1] in VOWELS else NOUN_CONSONANT).get(ready, ())
    if kind == "compound":
        ready = skeleton(stem, suffix)
        return () if ready is None else COMPOUND.get(ready, ())
    return _verb_shapes(stem, suffix)


def _verb_shapes(stem: str, suffix: str) -> list[Shape]:
    vowel = stem[-1] in VOWELS
    if suffix.endswith("ken"):
        # -ken is invariable: gelirken, okurken.
        return [Shape("converb")] if any(s.person == 3 for s in _verb_shapes(stem, suffix[:-3])) else []
    ability = _ability(stem, suffix, vowel)
    if ability is not None:
        return ability
    found: list[Shape] = []
    ready = skeleton(stem, suffix)
    if ready is not None:
        found += (VERB_VOWEL if vowel else VERB_CONSONANT).get(ready, ())
        if vowel:
            found += AORIST_PLAIN.get(ready, ())
            if stem[-1] not in "ae":
                found += PROG_PLAIN.get(ready, ())
        else:
            found += PROG_HIGH.get(ready, ())
            found += (AORIST_HIGH if _takes_ir(stem) else AORIST_LOW).get(ready, ())
        if ready.startswith("mA"):
            found += VERB_NEGATIVE.get(ready[2:], ())
        if ready.startswith("mI"):
            found += PROG_HIGH.get(ready[1:], ())
        inability = "yAm" if vowel else "Am"
        if ready.startswith(inability + "A"):
            found += VERB_NEGATIVE.get(ready[len(inability) + 1 :], ())
        if ready.startswith(inability + "I"):
            found += PROG_HIGH.get(ready[len(inability) :], ())
    return found


def _ability(stem: str, suffix: str, vowel: bool) -> list[Shape] | None:
    head, found, rest = suffix.partition("bil")
    if not found or skeleton(stem, head) != ("yA" if vowel else "A"):
        return None
    ready = skeleton("bil", rest)
    if ready is None:
        return []
    return [*VERB_CONSONANT.get(ready, ()), *PROG_HIGH.get(ready, ()), *AORIST_HIGH.get(ready, ())]


def _takes_ir(stem: str) -> bool:
    syllables = sum(character in VOWELS for character in stem)
    if stem.endswith(("ed", "et")) and len(stem) > 3:
        return False
    return stem in _AORIST_IR or syllables > 1


def _split(entry: str) -> tuple[str, str | None, bool, bool]:
    text, _, irregular = entry.partition(">")
    front = entry.endswith("*")
    text, irregular = text.rstrip("*"), irregular.rstrip("*")
    fixed = text.endswith("+")
    softens = text.endswith("~")
    text = text.rstrip("+~")
    if softens:
        irregular = text[:-1] + ("g" if text.endswith("nk") else _VOICED[text[-1]])
    return text, irregular or None, front, fixed


def _stems() -> dict[str, list[tuple[_Entry, str]]]:
    """Map every stem shape to its entries; the second item says which suffixes it takes: any, vowel,
    other (than a vowel), or bare (none)."""
    stems: dict[str, list[tuple[_Entry, str]]] = {}

    def put(shape: str, entry: _Entry, takes: str) -> None:
        known = stems.setdefault(shape, [])
        if (entry, takes) not in known:
            known.append((entry, takes))

    groups = [*lexicon.NOUN_GROUPS.values(), lexicon.MONTHS, lexicon.DAYS, EXTRA_NOUNS]
    for line in groups:
        for item in line.split():
            text, soft, front, fixed = _split(item)
            # Of a compound only the last word is inflected; its other words stand for themselves.
            *others, last = text.split("_")
            for other in others:
                put(other, ("noun", other, False), "bare")
            if fixed:
                put(last, ("compound", last, False), "any")
            elif soft:
                put(last, ("noun", last, front), "other")
                put(soft.split("_")[-1], ("noun", last, front), "vowel")
            else:
                put(last, ("noun", last, front), "any")
    for line in [*lexicon.ADJECTIVE_GROUPS.values(), EXTRA_ADJECTIVES]:
        for item in line.split():
            text, soft, front, _ = _split(item)
            for part in text.split("_"):
                put(part, ("adj", part, front), "other" if soft else "any")
                if soft:
                    put(soft, ("adj", part, front), "vowel")
    for item in [*lexicon.VERBS.split(), *EXTRA_VERBS.split()]:
        *others, last = item.rstrip("~").split("_")
        for other in others:
            put(other, ("noun", other, False), "bare")
        if item.endswith("~"):
            put(last, ("verb", last, False), "other")
            put(last[:-1] + _VOICED[last[-1]], ("verb", last, False), "vowel")
        else:
            put(last, ("verb", last, False), "any")
        if last[-1] in "ae" and last not in ("de", "ye"):
            put(last[:-1], ("narrow", last, False), "vowel")
    return stems


_STEMS = _stems()
_NAMES = frozenset(
    word
    for line in (lexicon.NAMES, lexicon.CITIES, lexicon.PET_NAMES, lexicon.PLACES, EXTRA_NAMES)
    for word in line.replace("_", " ").replace("*", "").split()
)
_FRONT_NAMES = frozenset(name[:-1] for name in lexicon.NAMES.split() if name.endswith("*"))
_NAMES_IN_THIRD = frozenset("Gölü Dağı Kulesi Sarayı Boğazı Denizi Cumhuriyeti Meclisi Manastırı Bayramı Camii Parkı "
                            "Müzesi Kalesi Tepesi Yaylası Surları Bölgesi Savaşı".split())  # fmt: skip


def _narrowed(stem: str, suffix: str) -> Iterable[Shape]:
    ready = skeleton(stem, suffix) if any(c in VOWELS for c in stem) else None
    return () if ready is None else PROG_HIGH.get(ready, ())


# demek and yemek before y: diyor, diyecek, yiyen, yiyip.
def _say_or_eat(word: str) -> list[Reading]:
    stem = {"di": "de", "yi": "ye"}.get(word[:2])
    if stem is None or len(word) < 4 or word[2] != "y":
        return []
    ready = skeleton(word[:2], word[2:])
    if ready is None:
        return _ability_readings(word, stem)
    shapes = [*VERB_VOWEL.get(ready, ()), *PROG_PLAIN.get(ready, ())]
    return [Reading(s.pos, stem, s.case, s.owner, s.person, s.plural, s.tense) for s in shapes]


def _ability_readings(word: str, stem: str) -> list[Reading]:
    shapes = _ability(word[:2], word[2:], True) or []
    return [Reading(s.pos, stem, s.case, s.owner, s.person, s.plural, s.tense) for s in shapes]


_SU_FORMS = {"su", "ne"}


def _common(word: str) -> list[Reading]:
    readings: list[Reading] = list(_say_or_eat(word))
    for end in range(len(word), 0, -1):
        stem, suffix = word[:end], word[end:]
        for entry, takes in _STEMS.get(stem, ()):
            starts_with_vowel = bool(suffix) and suffix[0] in VOWELS
            if takes == "bare" and suffix:
                continue
            if (takes == "vowel" and not starts_with_vowel) or (takes == "other" and starts_with_vowel):
                continue
            kind, lemma, _ = entry
            shapes = _narrowed(stem, suffix) if kind == "narrow" else _shapes(entry, stem, suffix)
            for shape in shapes:
                pos = "adj" if kind == "adj" and shape == Shape("noun", "nom") else shape.pos
                readings.append(Reading(pos, lemma, *shape[1:]))
        if stem in _SU_FORMS and suffix.startswith("y"):
            ready = skeleton(stem + "y", suffix[1:])
            shapes = NOUN_CONSONANT.get(ready, ()) if ready else ()
            readings += [Reading(shape.pos, stem, *shape[1:]) for shape in shapes]
    return readings


_NUMBER_READINGS = {
    "0": "sıfır", "1": "bir", "2": "iki", "3": "üç", "4": "dört", "5": "beş", "6": "altı", "7": "yedi", "8": "sekiz",
    "9": "dokuz", "10": "on", "20": "yirmi", "30": "otuz", "40": "kırk", "50": "elli", "60": "altmış", "70": "yetmiş",
    "80": "seksen", "90": "doksan", "00": "yüz", "000": "bin",
}  # fmt: skip


def _said(number: str) -> str:
    digits = number.lstrip("0") or "0"
    for tail in ("000", "00"):
        if digits.endswith(tail):
            return _NUMBER_READINGS[tail]
    if digits.endswith("0") and len(digits) > 1:
        return _NUMBER_READINGS[digits[-2:]]
    return _NUMBER_READINGS[digits[-1]]


def _named(word: str) -> list[Reading]:
    name, mark, suffix = word.partition("'")
    if not mark:
        return [Reading("name", name, "nom", 3 if name in _NAMES_IN_THIRD else 0)] if name in _NAMES else []
    if name.isdigit():
        said = _said(name)
        ready = skeleton(said, suffix)
        if ready is not None and ready == ("nCI" if said[-1] in VOWELS else "InCI"):
            return [Reading("number", name)]
    elif name in _NAMES:
        said = lower(name)
        ready = skeleton(said, suffix, front=name in _FRONT_NAMES)
    else:
        return []
    if ready is None:
        return []
    plain = NOUN_VOWEL if said[-1] in VOWELS else NOUN_CONSONANT
    table = COMPOUND if name in _NAMES_IN_THIRD else plain
    shapes = [shape for shape in table.get(ready, ()) if not shape.plural and (not shape.owner or table is COMPOUND)]
    return [Reading("name" if shape.pos == "noun" else shape.pos, name, *shape[1:]) for shape in shapes]


_NUMBER_WORDS = {word: word for word in _NUMBER_READINGS.values()} | {"dörd": "dört"}


def _ordinal(word: str) -> list[Reading]:
    for end in range(2, min(7, len(word))):
        stem = _NUMBER_WORDS.get(word[:end])
        if stem and skeleton(word[:end], word[end:]) == ("nCI" if word[end - 1] in VOWELS else "InCI"):
            return [Reading("adj", stem, "nom")]
    return []


@lru_cache(maxsize=100_000)
def readings(word: str) -> tuple[Reading, ...]:
    """Return every way to read ``word`` as written; a name needs its capital, and an apostrophe before a suffix."""
    if word.replace(".", "").replace(",", "").isdigit():
        return (Reading("number", word),)
    found = _named(word) if word[0].isupper() or word[0].isdigit() else []
    folded = lower(word)
    found += [Reading(pos, folded, case, owner, person) for pos, case, owner, person in CLOSED.get(folded, ())]
    found += _common(folded)
    if folded.endswith("ki"):
        found += [Reading("adj", r.stem, "nom", r.owner) for r in _common(folded[:-2]) if r.case == "loc"]
    found += _ordinal(folded)
    return tuple(dict.fromkeys(found))
