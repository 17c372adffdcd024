"""The sound rules of Turkish suffixes: harmony, assimilation, softening, buffer sounds.

A suffix is written as a template: ``A`` is a/e, ``I`` is ı/i/u/ü, ``D`` is d/t, ``C`` is c/ç; a first letter in
parentheses is a buffer, kept only where it is needed (``(y)A``, ``(s)I``, ``(I)m``). Everything else stands as it is.

Left out: which words soften or lose a vowel. That is a fact about the word, kept in the lexicon.
"""

from __future__ import annotations

VOWELS = "aeıioöuü"
BACK = frozenset("aıouâû")
VOICELESS = frozenset("fstkçşhp")

_ALL_VOWELS = frozenset("aeıioöuüâîû")
_HIGH = {"a": "ı", "ı": "ı", "o": "u", "u": "u", "e": "i", "i": "i", "ö": "ü", "ü": "ü", "â": "ı", "î": "i", "û": "u"}
_FRONTED = {"a": "e", "ı": "i", "o": "ö", "u": "ü", "â": "e", "û": "ü"}
_SOFT = {"p": "b", "ç": "c", "t": "d", "k": "ğ"}


def last_vowel(word: str) -> str:
    """Return the last vowel of ``word``; a word without one (``TBMM``) counts as front, as letters are read."""
    for character in reversed(word):
        if character in _ALL_VOWELS:
            return character
    return "e"


def ends_in_vowel(word: str) -> bool:
    """Tell whether ``word`` ends in a vowel."""
    return word[-1] in _ALL_VOWELS


def soften(word: str) -> str:
    """Return ``word`` with its last consonant voiced: kitap → kitab, renk → reng, çocuk → çocuğ."""
    if word.endswith("nk"):
        return word[:-1] + "g"
    return word[:-1] + _SOFT[word[-1]]


def high_vowel(vowel: str) -> str:
    """Return the high vowel that follows ``vowel`` by four-way harmony."""
    return _HIGH[vowel]


def attach(stem: str, suffix: str, *, before_vowel: str | None = None, front: bool = False) -> str:
    """Join a suffix template to ``stem``.

    ``before_vowel`` is the shape the stem takes before a vowel (kitab, burn); ``front`` marks a stem whose suffixes
    are front although its last vowel is back (saat → saati, gol → golü).
    """
    if suffix[0] == "(":
        buffer_is_vowel = suffix[1] in "AI"
        kept = buffer_is_vowel != ends_in_vowel(stem)
        suffix = suffix[1] + suffix[3:] if kept else suffix[3:]
    previous = last_vowel(stem)
    if front:
        previous = _FRONTED.get(previous, previous)
    starts_with_vowel = suffix[0] in "AI" or suffix[0] in _ALL_VOWELS
    out = before_vowel if before_vowel is not None and starts_with_vowel else stem
    for character in suffix:
        if character == "A":
            character = previous = "a" if previous in BACK else "e"
        elif character == "I":
            character = previous = _HIGH[previous]
        elif character == "D":
            character = "t" if out[-1] in VOICELESS else "d"
        elif character == "C":
            character = "ç" if out[-1] in VOICELESS else "c"
        elif character in _ALL_VOWELS:
            previous = character
        out += character
    return out
