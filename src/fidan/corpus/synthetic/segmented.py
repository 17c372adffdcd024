"""Inflected words with the places where their suffixes begin, by the same inflector that writes the stories.

A form grows suffix by suffix (kitap, kitaplar, kitaplarım, kitaplarımda); a boundary stands where the shape that the
shorter form takes ends in the longer one. So a softened consonant is the stem's (kitab|ım, gid|eceğ|im), a buffer
sound is the suffix's (araba|ya, ev|i|nde), and the vowel that -Iyor narrows goes to the suffix (başl|ıyor,
gel|m|iyor). A word that can be made in several ways keeps them all: evleri is ev|ler|i and ev|leri.

Left out: compounds and entries of several words, questions (mI is a word of its own), demek and yemek, whose stems
change as no other verb's do, and how often a form is used.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from typing import NamedTuple

from fidan.corpus.synthetic.lexicon import NOUNS
from fidan.corpus.synthetic.lexicon_data import VERBS
from fidan.corpus.synthetic.nouns import CASES, Noun
from fidan.corpus.synthetic.verbs import TENSES, Verb, finite, negated, verb

# Tenses of two suffixes, by the tense that the first one makes.
_FIRST = {
    "progpast": "prog", "progmis": "prog", "mispast": "mis", "aorpast": "aor", "aormis": "aor", "aorcond": "aor",
    "futpast": "fut", "necesspast": "necess",
}  # fmt: skip
_NOT_ALONE = {"kend"}  # kendim, kendi: always with a possessive
_CHANGING = {"de", "ye"}

Morphs = tuple[str, ...]


def segmented_words(count: int, seed: int = 0) -> list[tuple[str, tuple[Morphs, ...]]]:
    """Different inflected words, each with every way it is made of morphs.

    Nouns in number, possession and case and verbs in tense, person and negation, half each, drawn evenly from all
    forms that have a suffix.

    Args:
        count: how many; fewer where the lexicon has not so many forms.
        seed: decides which; the same seed draws the same words.
    """
    nouns = {noun.text: noun for group in NOUNS.values() for noun in group}
    verbs = [verb(entry) for entry in VERBS.split() if "_" not in entry]
    kinds = (
        [_noun_ways(noun) for noun in nouns.values() if _is_simple(noun)],
        [_verb_ways(stem) for stem in verbs if stem.stem not in _CHANGING],
    )
    made: dict[str, list[_Way]] = {}
    draw = random.Random(seed)
    chosen: dict[str, None] = {}
    for kind, share in zip(kinds, (count - count // 2, count // 2), strict=True):
        inflected: dict[str, None] = {}
        for way in (way for ways in kind for way in ways):
            word = way.forms[-1]
            made.setdefault(word, []).append(way)
            if word != way.forms[0]:
                inflected[word] = None
        chosen |= dict.fromkeys(draw.sample(list(inflected), min(share, len(inflected))))
    return [(word, tuple(dict.fromkeys(_cut(*way) for way in made[word]))) for word in chosen]


class _Way(NamedTuple):
    """How a word is made: its forms from the stem on, each with a suffix more or the same, and the stem's shapes."""

    forms: list[str]
    shapes: tuple[str, ...]


def noun_forms(noun: Noun) -> Iterator[Morphs]:
    """The morphs of every form of a noun: stem, number, possessive, case. The bare stem comes first."""
    return (_cut(*way) for way in _noun_ways(noun))


def verb_forms(stem: Verb) -> Iterator[Morphs]:
    """The morphs of every finite form of a verb: stem, negation, one or two tenses, person."""
    return (_cut(*way) for way in _verb_ways(stem))


def _noun_ways(noun: Noun) -> Iterator[_Way]:
    shapes = (noun.text, noun.before_vowel or noun.text)
    for plural, person, case in product((False, True), range(7), CASES):
        keys = ["pl"] * plural + [str(person)] * (person > 0) + [case] * (case != "nom")
        yield _Way([noun.text, *(noun.form(".".join(keys[: end + 1])) for end in range(len(keys)))], shapes)


def _verb_ways(stem: Verb) -> Iterator[_Way]:
    shapes = (stem.stem, stem.soft or stem.stem, _narrowed(stem.stem))
    for negative in (False, True):
        start = [stem.stem, negated(stem).stem] if negative else [stem.stem]
        forms = {
            (tense, person): finite(stem, tense, person, negative=negative)
            for tense, person in product(TENSES, range(1, 7))
        }
        for tense, person in forms:
            yield _Way([*start, *_growth(forms, tense, person, negative)], shapes)


def _growth(forms: Mapping[tuple[str, int], str], tense: str, person: int, negative: bool) -> list[str]:
    """The forms on the way to a finite one, each with a suffix more."""
    whole = forms[tense, person]
    if tense == "aor" and negative and person in (1, 4):
        return [whole]  # gelme|m, gelme|yiz: their -z is gone
    if tense in ("imp", "opt") and person not in (3, 6):
        # gel|e|yim, gel|e|sin, gel|e|lim; but gel and gel|in
        return [whole] if tense == "imp" and person in (2, 5) else [forms["opt", 1][: -len("yim")], whole]
    if tense not in _FIRST:
        return [forms[tense, 3], whole]
    first = _FIRST[tense]
    # geliyor|lar|dı, but geliyor|du|nuz
    return [forms[first, 3], forms[first, 6] if person == 6 else forms[tense, 3], whole]


def _cut(forms: list[str], shapes: tuple[str, ...]) -> Morphs:
    """The last form in parts: where each form ends in the next one; see `_Way`."""
    ends: list[int] = []
    for before, after in pairwise(forms):
        if before != after:
            possible = shapes if not ends else (before, _softened(before), _narrowed(before))
            ends.append(next(len(shape) for shape in possible if after.startswith(shape)))
    word = forms[-1]
    return tuple(word[start:end] for start, end in pairwise([0, *ends, len(word)]))


def _softened(form: str) -> str:
    return form[:-1] + "ğ" if form.endswith("k") else form


def _narrowed(form: str) -> str:
    return form[:-1] if form[-1] in "ae" else form


def _is_simple(noun: Noun) -> bool:
    return not noun.compound and " " not in noun.text and noun.text not in _NOT_ALONE
