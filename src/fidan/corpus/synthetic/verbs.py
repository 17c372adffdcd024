"""Verbs in their forms: tense, person, negation, question, ability, and the forms that join clauses.

A finite form is ``finite(verb, tense, person, negative, question)``; a form that is not finite is
``nonfinite(verb, shape, ...)``. ``copula`` is the verb *to be*, which Turkish writes on to its predicate.

Left out: passive, causative and reciprocal. Where a story needs one, the lexicon holds it as a verb of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from fidan.corpus.synthetic.nouns import CASES, POSSESSIVES
from fidan.corpus.synthetic.phonology import attach, ends_in_vowel, high_vowel, last_vowel, soften

# One-syllable verbs whose aorist is -ir and not -er; there are thirteen in the language.
_AORIST_IN_I = frozenset("al bil bul dur gel gör kal ol öl san var ver vur".split())

_PAST_PERSONS = {1: "m", 2: "n", 3: "", 4: "k", 5: "nIz", 6: "lAr"}
_PRESENT_PERSONS = {1: "(y)Im", 2: "sIn", 3: "", 4: "(y)Iz", 5: "sInIz", 6: "lAr"}

# tense: (suffix, tail). The tail is what a compound tense puts after the base: -iyor + du.
_TENSES = {
    "past": ("DI", ""), "mis": ("mIş", ""), "prog": ("Iyor", ""), "aor": ("r", ""), "fut": ("(y)AcAk", ""),
    "necess": ("mAlI", ""), "cond": ("sA", ""),
    "progpast": ("Iyor", "(y)DI"), "progmis": ("Iyor", "(y)mIş"), "mispast": ("mIş", "(y)DI"),
    "aorpast": ("r", "(y)DI"), "aormis": ("r", "(y)mIş"), "aorcond": ("r", "(y)sA"), "futpast": ("(y)AcAk", "(y)DI"),
    "necesspast": ("mAlI", "(y)DI"),
}  # fmt: skip
TENSES = (*_TENSES, "imp", "opt")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb stem; ``soft`` is its shape before a vowel (git → gid, seyret → seyred)."""

    stem: str
    soft: str | None = None
    ability: bool = False


def verb(entry: str) -> Verb:
    """Read a lexicon entry: ``git~`` softens before a vowel."""
    return Verb(entry[:-1], soften(entry[:-1])) if entry.endswith("~") else Verb(entry)


def able(base: Verb) -> Verb:
    """Return the verb of ability: gel → gelebil, oku → okuyabil."""
    return Verb(_join(base, "(y)A") + "bil", ability=True)


def _join(base: Verb, suffix: str) -> str:
    # de- and ye- narrow before y: diyecek, yiyen, yiyip; only deyip and deyince are written with e.
    if (base.stem in {"de", "ye"} and suffix.startswith("(y)A")) or (base.stem == "ye" and suffix.startswith("(y)I")):
        return attach(base.stem[0] + "i", suffix)
    return attach(base.stem, suffix, before_vowel=base.soft)


def _progressive(base: Verb) -> str:
    stem = base.stem
    if stem[-1] in "ae":
        kept = stem[:-1]
        before = last_vowel(kept) if any(c in "aeıioöuü" for c in kept) else stem[-1]
        return kept + high_vowel(before) + "yor"
    if ends_in_vowel(stem):
        return stem + "yor"
    return attach(stem, "Iyor", before_vowel=base.soft)


def _aorist(base: Verb) -> str:
    if ends_in_vowel(base.stem):
        return base.stem + "r"
    one_syllable = sum(c in "aeıioöuü" for c in base.stem) == 1
    # Compounds of et- keep its -er: seyreder, affeder.
    in_i = base.stem in _AORIST_IN_I or base.ability or not (one_syllable or base.stem.endswith("et"))
    return attach(base.stem, "Ir" if in_i else "Ar", before_vowel=base.soft)


def negated(base: Verb) -> Verb:
    """Return the negative stem: gel → gelme; of ability: gelebil → geleme."""
    if base.ability:
        return Verb(attach(base.stem[: -len("bil")], "mA"))
    return Verb(attach(base.stem, "mA"))


def _base(base: Verb, suffix: str, negative: bool) -> str:
    if negative and suffix == "r":
        return negated(base).stem + "z"
    base = negated(base) if negative else base
    if suffix == "Iyor":
        return _progressive(base)
    if suffix == "r":
        return _aorist(base)
    return _join(base, suffix)


def _future_before_vowel(text: str) -> str | None:
    return text[:-1] + "ğ" if text.endswith(("acak", "ecek")) else None


def _particle(word: str, tail: str = "") -> str:
    return attach(word, "mI" + tail)[len(word) :]


def _wish(base: Verb, tense: str, person: int, question: bool) -> str:
    if person == 3 or person == 6:
        text = attach(base.stem, "sIn")
        text = attach(text, "lAr") if person == 6 else text
    elif tense == "imp" and person == 2:
        text = base.stem
    elif tense == "imp" and person == 5:
        text = _join(base, "(y)In")
    else:
        endings = {1: "yIm", 2: "sIn", 4: "lIm", 5: "sInIz"}
        text = attach(_join(base, "(y)A"), endings[person])
    return f"{text} {_particle(text)}" if question else text


def finite(base: Verb, tense: str, person: int = 3, *, negative: bool = False, question: bool = False) -> str:
    """Return a finite form; ``tense`` is one of ``TENSES``.

    >>> finite(Verb("başla"), "prog", 1)
    'başlıyorum'
    """
    if tense in ("imp", "opt"):
        return _wish(negated(base) if negative else base, tense, person, question)
    suffix, tail = _TENSES[tense]
    text = _base(base, suffix, negative)
    if tail:
        return _compound(text, tail, person, question)
    if suffix in ("DI", "sA"):
        ending = _PAST_PERSONS[person]
        text = attach(text, ending) if ending else text
        return f"{text} {_particle(text)}" if question else text
    if suffix == "r" and negative and person in (1, 4) and not question:
        # gelmezim and gelmeziz became gelmem and gelmeyiz.
        return text[:-1] + "m" if person == 1 else attach(text[:-1], "(y)Iz")
    ending = _PRESENT_PERSONS[person]
    if question:
        if person == 6:
            text = attach(text, "lAr")
            return f"{text} {_particle(text)}"
        return f"{text} {_particle(text, ending.replace('(y)', 'y'))}"
    if not ending:
        return text
    return attach(text, ending, before_vowel=_future_before_vowel(text))


def _compound(text: str, tail: str, person: int, question: bool) -> str:
    endings = _PAST_PERSONS if tail != "(y)mIş" else _PRESENT_PERSONS
    ending = endings[person]
    if person == 6:
        # The plural stands before the tail (geliyorlardı), except after -miş and -ecek, where both are used.
        text, ending = attach(text, "lAr"), ""
    tail = tail.replace("(y)", "y" if ends_in_vowel(text) and not question else "")
    if question:
        return f"{text} {_particle(text, 'y' + tail + ending.replace('(y)', ''))}"
    text = attach(text, tail)
    return attach(text, ending) if ending else text


def copula(
    predicate: str, tense: str, person: int = 3, *, front: bool = False, before_vowel: str | None = None
) -> str:
    """Return a noun or adjective as a predicate; ``tense`` is ``past``, ``mis``, ``pres``, ``dir`` or ``cond``.

    >>> copula("hasta", "past", 1)
    'hastaydım'
    """
    if tense == "dir":
        return attach(predicate, "DIr", front=front)
    if tense == "pres":
        ending = _PRESENT_PERSONS[person]
        if not ending:
            return predicate
        return attach(predicate, ending, front=front, before_vowel=before_vowel)
    shape = {"past": "(y)DI", "mis": "(y)mIş", "cond": "(y)sA"}[tense]
    text = attach(predicate, shape, front=front)
    ending = (_PRESENT_PERSONS if tense == "mis" else _PAST_PERSONS)[person]
    return attach(text, ending) if ending else text


# Converbs, participles and verbal nouns that do not take a person by themselves.
_SHAPES = {
    "mek": "mAk", "me": "mA", "ip": "(y)Ip", "ince": "(y)IncA", "erek": "(y)ArAk", "en": "(y)An", "dik": "DIk",
    "ecek": "(y)AcAk", "meden": "mAdAn", "dikce": "DIkçA", "eli": "(y)AlI",
}  # fmt: skip


def nonfinite(base: Verb, shape: str, person: int = 0, case: str = "nom", *, negative: bool = False) -> str:
    """Return a form that is not finite: ``ip``, ``ince``, ``erek``, ``en``, ``dik``, ``ecek``, ``me``, ``mek`` …

    ``person`` adds a possessive and ``case`` a case: nonfinite(gel, "dik", 3, "acc") is geldiğini. ``dik`` in the
    ablative is what ``sonra`` asks for (geldikten), ``me`` in the ablative what ``önce`` asks for (gelmeden).
    """
    if shape == "ken":
        return _base(base, "r", negative) + "ken"
    if shape == "yorken":
        return _base(base, "Iyor", negative) + "ken"
    stem = negated(base) if negative else base
    text = _join(stem, _SHAPES[shape])
    softened = text[:-1] + "ğ" if shape in ("dik", "ecek") else None
    cases = CASES
    if person:
        text = attach(text, POSSESSIVES[person], before_vowel=softened)
        softened = None
        if person in (3, 6) and case not in ("nom", "ins"):
            return attach(text, "n" + cases[case].replace("(y)", "").replace("(n)", ""))
    if case == "nom":
        return text
    return attach(text, cases[case], before_vowel=softened)
