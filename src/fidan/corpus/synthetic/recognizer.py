"""Recognises inflected Turkish words by its own rules; the first half of ``checker``.

Independent of ``nouns`` and ``verbs`` on purpose: it shares the raw stems of the lexicon, and reads a word backwards
from what those modules do. What follows a stem is reduced to a skeleton (``lArImdA``: A for a/e, I for ı/i/u/ü, D for
d/t, C for c/ç) while harmony and assimilation are checked letter by letter; the skeleton must then stand in a table
composed here by hand.

Left out: how words may follow each other; see ``checker``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from fidan.corpus.synthetic import lexicon_data as lexicon
from fidan.corpus.synthetic.closed_class import CLOSED, EXTRA_ADJECTIVES, EXTRA_NAMES, EXTRA_NOUNS, EXTRA_VERBS
from fidan.turkish import lower

_BACK = frozenset("aıouâû")
_VOWELS = frozenset("aeıioöuüâîû")
_HARD = frozenset("fstkçşhp")
_VOICED = {"p": "b", "ç": "c", "t": "d", "k": "ğ"}
_AORIST_IR = frozenset("al bil bul dur gel gör kal ol öl san var ver vur den yen kon".split())


class Reading(NamedTuple):
    """One way to understand a word.

    ``pos``: noun, name, adj, verb (finite), pred (noun or adjective with *to be*), converb, participle, infinitive, or
    a closed class. ``owner`` is the person of a possessive, ``person`` that of a predicate.
    """

    pos: str
    stem: str
    case: str = ""
    owner: int = 0
    person: int = 0
    plural: bool = False
    tense: str = ""


class Shape(NamedTuple):
    """What a suffix skeleton says, before it is joined to a stem."""

    pos: str
    case: str = ""
    owner: int = 0
    person: int = 0
    plural: bool = False
    tense: str = ""


def skeleton(stem: str, suffix: str, front: bool = False, lemma: str = "") -> str | None:
    """Reduce ``suffix`` after ``stem`` to a skeleton; None where harmony or assimilation is broken.

    ``lemma`` gives the vowel that rules where the stem has lost it: vakt-im follows vakit.
    """
    previous = next((c for c in reversed(lemma or stem) if c in _VOWELS), "e")
    back = previous in _BACK and not front
    rounded = previous in "oöuüû"
    before = stem[-1]
    out = []
    for character in suffix:
        if character in "ae":
            if (character == "a") != back:
                return None
            out.append("A")
            rounded = False
        elif character in "ıiuü":
            if character != (("u" if rounded else "ı") if back else ("ü" if rounded else "i")):
                return None
            out.append("I")
        elif character == "o":
            out.append("o")
            back, rounded = True, True
        elif character in _VOWELS:
            return None
        elif character in "dt":
            if (character == "t") != (before in _HARD):
                return None
            out.append("D")
        elif character in "cç":
            if (character == "ç") != (before in _HARD):
                return None
            out.append("C")
        else:
            out.append(character)
        before = character
    return "".join(out)


_K = {1: "m", 2: "n", 3: "", 4: "k", 5: "nIz", 6: "lAr"}
_Z_CONSONANT = {1: "Im", 2: "sIn", 3: "", 4: "Iz", 5: "sInIz", 6: "lAr"}
_Z_VOWEL = {1: "yIm", 2: "sIn", 3: "", 4: "yIz", 5: "sInIz", 6: "lAr"}
_CASE_CONSONANT = {"nom": "", "acc": "I", "dat": "A", "loc": "DA", "abl": "DAn", "gen": "In", "ins": "lA"}
_CASE_VOWEL = {"nom": "", "acc": "yI", "dat": "yA", "loc": "DA", "abl": "DAn", "gen": "nIn", "ins": "ylA"}
_CASE_AFTER_THIRD = {"nom": "", "acc": "nI", "dat": "nA", "loc": "nDA", "abl": "nDAn", "gen": "nIn", "ins": "ylA"}
_OWNER_CONSONANT = {1: "Im", 2: "In", 3: "I", 4: "ImIz", 5: "InIz"}
_OWNER_VOWEL = {1: "m", 2: "n", 3: "sI", 4: "mIz", 5: "nIz"}

Table = dict[str, list[Shape]]


def _add(table: Table, suffix: str, shape: Shape) -> None:
    shapes = table.setdefault(suffix, [])
    if shape not in shapes:
        shapes.append(shape)


def _predicates(vowel: bool) -> Iterable[tuple[str, Shape]]:
    glide = "y" if vowel else ""
    for person, ending in _K.items():
        yield f"{glide}DI{ending}", Shape("pred", person=person, tense="past")
        yield f"{glide}sA{ending}", Shape("pred", person=person, tense="cond")
    for person, ending in _Z_CONSONANT.items():
        yield f"{glide}mIş{ending}", Shape("pred", person=person, tense="mis")
    for person, ending in (_Z_VOWEL if vowel else _Z_CONSONANT).items():
        if ending:
            yield ending, Shape("pred", person=person, tense="pres")
    yield "DIr", Shape("pred", person=3, tense="dir")


def _with_cases(table: Table, prefix: str, shape: Shape, cases: dict[str, str]) -> None:
    for case, ending in cases.items():
        _add(table, prefix + ending, shape._replace(case=case))
    # A predicate may stand on the bare form and on place: evdeydi, evdendi.
    vowel = cases is not _CASE_CONSONANT
    for suffix, predicate in _predicates(vowel):
        _add(table, prefix + suffix, predicate)
    for suffix, predicate in _predicates(True):
        _add(table, prefix + cases["loc"] + suffix, predicate)
    for suffix, predicate in _predicates(False):
        _add(table, prefix + cases["gen"] + suffix, predicate)
        _add(table, prefix + cases["abl"] + suffix, predicate)


def _nominal(vowel: bool, pos: str = "noun") -> Table:
    table: Table = {}
    _with_cases(table, "", Shape(pos), _CASE_VOWEL if vowel else _CASE_CONSONANT)
    for owner, ending in (_OWNER_VOWEL if vowel else _OWNER_CONSONANT).items():
        cases = _CASE_AFTER_THIRD if owner == 3 else _CASE_CONSONANT
        _with_cases(table, ending, Shape(pos, owner=owner), cases)
    _with_cases(table, "lArI", Shape(pos, owner=6), _CASE_AFTER_THIRD)
    plural = Shape(pos, plural=True)
    _with_cases(table, "lAr", plural, _CASE_CONSONANT)
    for owner, ending in _OWNER_CONSONANT.items():
        cases = _CASE_AFTER_THIRD if owner == 3 else _CASE_CONSONANT
        _with_cases(table, "lAr" + ending, plural._replace(owner=owner), cases)
    return table


def _compound() -> Table:
    table: Table = {}
    _with_cases(table, "", Shape("noun", owner=3), _CASE_AFTER_THIRD)
    return table


_NOUN_VOWEL, _NOUN_CONSONANT, _COMPOUND = _nominal(True), _nominal(False), _compound()


def _tails(base: str, table: Table, tense: str, vowel: bool) -> None:
    """Add the persons and the compound tenses of a present-like tense whose base is ``base``."""
    glide = "y" if vowel else ""
    for person, ending in (_Z_VOWEL if vowel else _Z_CONSONANT).items():
        _add(table, base + ending, Shape("verb", person=person, tense=tense))
    for person, ending in _K.items():
        if person != 6:
            _add(table, f"{base}{glide}DI{ending}", Shape("verb", person=person, tense=tense + "past"))
            _add(table, f"{base}{glide}sA{ending}", Shape("converb", person=person, tense="cond"))
    for person, ending in _Z_CONSONANT.items():
        if person != 6:
            _add(table, f"{base}{glide}mIş{ending}", Shape("verb", person=person, tense=tense + "mis"))
    _add(table, base + "lArDI", Shape("verb", person=6, tense=tense + "past"))
    _add(table, base + "lArmIş", Shape("verb", person=6, tense=tense + "mis"))
    _add(table, base + "lArsA", Shape("converb", person=6, tense="cond"))
    if tense in ("fut", "necess", "mis"):
        _add(table, base + "DIr", Shape("verb", person=3, tense=tense))


def _verb(vowel: bool, negative: bool = False) -> Table:
    """Everything after a verb stem that ends in a vowel or a consonant, the present and aorist apart."""
    table: Table = {}
    glide = "y" if vowel else ""
    for person, ending in _K.items():
        _add(table, "DI" + ending, Shape("verb", person=person, tense="past"))
        _add(table, "sA" + ending, Shape("converb", person=person, tense="cond"))
    _tails("mIş", table, "mis", False)
    _tails("mAlI", table, "necess", True)
    future = f"{glide}ACAk"
    _tails(future, table, "fut", False)
    for person, ending in ((1, "Im"), (4, "Iz")):
        del table[future + ending]
        _add(table, f"{glide}ACAğ{ending}", Shape("verb", person=person, tense="fut"))
    for suffix, person in (("AyIm", 1), ("AlIm", 4)):
        _add(table, glide + suffix, Shape("verb", person=person, tense="opt"))
    for suffix, person in (("", 2), (f"{glide}In", 5), (f"{glide}InIz", 5), ("sIn", 3), ("sInlAr", 6)):
        _add(table, suffix, Shape("verb", person=person, tense="imp"))
    for suffix in (f"{glide}Ip", f"{glide}InCA", f"{glide}ArAk", f"{glide}AlI", "DIkCA"):
        _add(table, suffix, Shape("converb"))
    _add(table, "mAdAn", Shape("converb"))
    _add(table, "DIkDAn", Shape("converb", case="abl"))
    _add(table, "DIk", Shape("participle"))
    _add(table, future, Shape("participle"))
    for suffix, shapes in _nominal(False, "participle").items():
        for shape in shapes:
            if not (shape.pos == "pred" and not shape.person):
                _add(table, f"{glide}An{suffix}", shape)
    for soft in ("DIğ", f"{glide}ACAğ"):
        for owner, ending in _OWNER_CONSONANT.items():
            cases = _CASE_AFTER_THIRD if owner == 3 else _CASE_CONSONANT
            _with_cases(table, soft + ending, Shape("participle", owner=owner), cases)
    for hard in ("DIk", future):
        _with_cases(table, hard + "lArI", Shape("participle", owner=6), _CASE_AFTER_THIRD)
    for suffix, case in (("mAk", "nom"), ("mAkDAn", "abl"), ("mAkDA", "loc"), ("mAklA", "ins")):
        _add(table, suffix, Shape("infinitive", case=case))
    _add(table, "mAkDIr", Shape("pred", person=3, tense="dir"))
    for suffix, shapes in _nominal(True).items():
        for shape in shapes:
            _add(table, "mA" + suffix, shape._replace(pos="infinitive") if shape.pos == "noun" else shape)
    if negative:
        _negative_aorist(table)
    return table


def _negative_aorist(table: Table) -> None:
    _tails("z", table, "aor", False)
    for ending in ("Im", "Iz"):
        del table["z" + ending]
    _add(table, "m", Shape("verb", person=1, tense="aor"))
    _add(table, "yIz", Shape("verb", person=4, tense="aor"))
    _add(table, "zken", Shape("converb"))


def _progressive(prefix: str) -> Table:
    table: Table = {}
    _tails(prefix + "yor", table, "prog", False)
    return table


def _aorist(prefix: str) -> Table:
    table: Table = {}
    _tails(prefix + "r", table, "aor", False)
    return table


_VERB_VOWEL, _VERB_CONSONANT, _VERB_NEGATIVE = _verb(True), _verb(False), _verb(True, negative=True)
_PROG_PLAIN, _PROG_HIGH = _progressive(""), _progressive("I")
_AORIST_PLAIN, _AORIST_LOW, _AORIST_HIGH = _aorist(""), _aorist("A"), _aorist("I")

# Stem → (table names, front harmony). Filled once from the lexicon.
_Entry = tuple[str, str, bool]


def _shapes(entry: _Entry, stem: str, suffix: str) -> Iterable[Shape]:
    kind, lemma, front = entry
    if kind == "noun" or kind == "adj":
        ready = skeleton(stem, suffix, front, lemma)
        if ready is None:
            return ()
        return (_NOUN_VOWEL if stem[-1] in _VOWELS else _NOUN_CONSONANT).get(ready, ())
    if kind == "compound":
        ready = skeleton(stem, suffix)
        return () if ready is None else _COMPOUND.get(ready, ())
    return _verb_shapes(stem, suffix)


def _verb_shapes(stem: str, suffix: str) -> list[Shape]:
    vowel = stem[-1] in _VOWELS
    if suffix.endswith("ken"):
        # -ken is invariable: gelirken, okurken.
        return [Shape("converb")] if any(s.person == 3 for s in _verb_shapes(stem, suffix[:-3])) else []
    ability = _ability(stem, suffix, vowel)
    if ability is not None:
        return ability
    found: list[Shape] = []
    ready = skeleton(stem, suffix)
    if ready is not None:
        found += (_VERB_VOWEL if vowel else _VERB_CONSONANT).get(ready, ())
        if vowel:
            found += _AORIST_PLAIN.get(ready, ())
            if stem[-1] not in "ae":
                found += _PROG_PLAIN.get(ready, ())
        else:
            found += _PROG_HIGH.get(ready, ())
            found += (_AORIST_HIGH if _takes_ir(stem) else _AORIST_LOW).get(ready, ())
        if ready.startswith("mA"):
            found += _VERB_NEGATIVE.get(ready[2:], ())
        if ready.startswith("mI"):
            found += _PROG_HIGH.get(ready[1:], ())
        inability = "yAm" if vowel else "Am"
        if ready.startswith(inability + "A"):
            found += _VERB_NEGATIVE.get(ready[len(inability) + 1 :], ())
        if ready.startswith(inability + "I"):
            found += _PROG_HIGH.get(ready[len(inability) :], ())
    return found


def _ability(stem: str, suffix: str, vowel: bool) -> list[Shape] | None:
    head, found, rest = suffix.partition("bil")
    if not found or skeleton(stem, head) != ("yA" if vowel else "A"):
        return None
    ready = skeleton("bil", rest)
    if ready is None:
        return []
    return [*_VERB_CONSONANT.get(ready, ()), *_PROG_HIGH.get(ready, ()), *_AORIST_HIGH.get(ready, ())]


def _takes_ir(stem: str) -> bool:
    syllables = sum(character in _VOWELS for character in stem)
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
    """Map every stem shape to its entries; the second item says which suffixes it takes: any, vowel, other."""
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
                put(other, ("noun", other, False), "any")
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
            put(other, ("noun", other, False), "any")
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
    for word in line.replace("_", " ").split()
)
_NAMES_IN_THIRD = frozenset("Gölü Dağı Kulesi Sarayı Boğazı Denizi Cumhuriyeti Meclisi Manastırı Bayramı Camii Parkı "
                            "Müzesi Kalesi Tepesi Yaylası Surları Bölgesi Savaşı".split())  # fmt: skip


def _narrowed(stem: str, suffix: str) -> Iterable[Shape]:
    ready = skeleton(stem, suffix) if any(c in _VOWELS for c in stem) else None
    return () if ready is None else _PROG_HIGH.get(ready, ())


# demek and yemek before y: diyor, diyecek, yiyen, yiyip.
def _say_or_eat(word: str) -> list[Reading]:
    stem = {"di": "de", "yi": "ye"}.get(word[:2])
    if stem is None or len(word) < 4 or word[2] != "y":
        return []
    ready = skeleton(word[:2], word[2:])
    if ready is None:
        return _ability_readings(word, stem)
    shapes = [*_VERB_VOWEL.get(ready, ()), *_PROG_PLAIN.get(ready, ())]
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
            starts_with_vowel = bool(suffix) and suffix[0] in _VOWELS
            if takes == "vowel" and not starts_with_vowel or takes == "other" and starts_with_vowel:
                continue
            kind, lemma, _ = entry
            shapes = _narrowed(stem, suffix) if kind == "narrow" else _shapes(entry, stem, suffix)
            for shape in shapes:
                pos = "adj" if kind == "adj" and shape == Shape("noun", "nom") else shape.pos
                readings.append(Reading(pos, lemma, *shape[1:]))
        if stem in _SU_FORMS and suffix.startswith("y"):
            ready = skeleton(stem + "y", suffix[1:])
            shapes = _NOUN_CONSONANT.get(ready, ()) if ready else ()
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
        if ready is not None and ready == ("nCI" if said[-1] in _VOWELS else "InCI"):
            return [Reading("number", name)]
    elif name in _NAMES:
        said = lower(name)
        ready = skeleton(said, suffix, front=False)
    else:
        return []
    if ready is None:
        return []
    if name in _NAMES_IN_THIRD:
        table = _COMPOUND
    else:
        table = _NOUN_VOWEL if said[-1] in _VOWELS else _NOUN_CONSONANT
    shapes = [shape for shape in table.get(ready, ()) if not shape.plural and (not shape.owner or table is _COMPOUND)]
    return [Reading("name" if shape.pos == "noun" else shape.pos, name, *shape[1:]) for shape in shapes]


_NUMBER_WORDS = {word: word for word in _NUMBER_READINGS.values()} | {"dörd": "dört"}


def _ordinal(word: str) -> list[Reading]:
    for end in range(2, min(7, len(word))):
        stem = _NUMBER_WORDS.get(word[:end])
        if stem and skeleton(word[:end], word[end:]) == ("nCI" if word[end - 1] in _VOWELS else "InCI"):
            return [Reading("adj", stem, "nom")]
    return []


@lru_cache(maxsize=100_000)
def readings(word: str) -> tuple[Reading, ...]:
    """Return every way to read ``word`` as written; names need their capital, and their apostrophe before a suffix."""
    if word.replace(".", "").replace(",", "").isdigit():
        return (Reading("number", word),)
    found = _named(word) if word[0].isupper() or word[0].isdigit() else []
    folded = lower(word)
    found += [Reading(pos, folded, case, owner, person) for pos, case, owner, person in CLOSED.get(folded, ())]
    found += _common(folded)
    if folded.endswith("ki") and any(reading.case == "loc" for reading in _common(folded[:-2])):
        found.append(Reading("adj", folded, "nom"))
    found += _ordinal(folded)
    return tuple(dict.fromkeys(found))
