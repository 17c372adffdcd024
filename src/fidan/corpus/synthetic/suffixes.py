"""Suffix skeletons: what may follow a Turkish stem, composed by hand for the checker.

What follows a stem is reduced to a skeleton (``lArImDA``: A for a/e, I for ı/i/u/ü, D for d/t, C for c/ç) while
harmony and assimilation are checked letter by letter; the skeleton must then stand in one of the tables here.
Independent of ``nouns`` and ``verbs`` on purpose: the checker judges what those make.

Left out: stems; see ``recognizer``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

VOWELS = frozenset("aeıioöuüâîû")
_BACK = frozenset("aıouâû")
_HARD = frozenset("fstkçşhp")


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
    previous = next((c for c in reversed(lemma or stem) if c in VOWELS), "e")
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
        elif character in VOWELS:
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


NOUN_VOWEL, NOUN_CONSONANT, COMPOUND = _nominal(True), _nominal(False), _compound()


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
    _add(table, future, Shape("participle"))
    for suffix, shapes in _nominal(False, "participle").items():
        for shape in shapes:
            if not (shape.pos == "pred" and not shape.person):
                _add(table, f"{glide}An{suffix}", shape)
    for soft in ("DIğ", f"{glide}ACAğ"):
        for owner, ending in _OWNER_CONSONANT.items():
            cases = _CASE_AFTER_THIRD if owner == 3 else _CASE_CONSONANT
            _with_cases(table, soft + ending, Shape("participle", owner=owner), cases)
        for owner, ending in _OWNER_CONSONANT.items():
            cases = _CASE_AFTER_THIRD if owner == 3 else _CASE_CONSONANT
            hard = soft[:-1] + "k"
            _with_cases(table, f"{hard}lAr{ending}", Shape("participle", owner=owner, plural=True), cases)
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


VERB_VOWEL, VERB_CONSONANT, VERB_NEGATIVE = _verb(True), _verb(False), _verb(True, negative=True)
PROG_PLAIN, PROG_HIGH = _progressive(""), _progressive("I")
AORIST_PLAIN, AORIST_LOW, AORIST_HIGH = _aorist(""), _aorist("A"), _aorist("I")
