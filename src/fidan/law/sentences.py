"""How much each sentence of an article says to a question.

It is how much of the question's weight its words hold, more where the sentence says what the question asks for: a
number for "kaç", a penalty for "cezası", a definition for "nedir". What it leaves out: what a sentence is
(`fidan.law.units`), and which of them make an answer (`fidan.law.extract`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fidan.law.units import Unit
from fidan.turkish import fold, words

Stems = Callable[[str], list[str]]
"""Words of a text as they are compared: `fidan.law.index` gives the index's own."""

# An article states its rule first, and exceptions and procedure after it. Chosen on `benchmarks/law`, dev.
FIRST = 1.2
ASKED = 1.75
LATER = 0.3  # each paragraph further on divides by this much more
HEADING = 0.3  # of a word's weight where only the heading has it: every sentence is of what the heading names
NUMBER = re.compile(
    r"\d|\b(?:bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan|yüz|bin)"
    r"(?:bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan|yüz|bin)*\s+"
    r"(?:yıl|ay|hafta|gün|saat|lira|türk lirası|kat|yaş)"
)
PENALTY = re.compile(r"\b(?:hapis|cezalandırıl|para cezası|müebbet|cezası veril)")
_CALLED = re.compile(r"\b(?:denir|denilir|ad verilir|adlandırılır|sayılır ve .{0,30} denir)\.?$")
_IS = re.compile(r"(?:\w(?:dır|dir|dur|dür|tır|tir|tur|tür)|ifade eder|\bolur|milletindir)\W*$")
_NAMED = (
    r"(?:l[ae]r)?(?:n?[dt][ae])?"  # the endings with which a thing is explained: "Dernekler, …", "Paylı mülkiyette …"
)
_PLURAL = re.compile(
    r"\b(?:neler|nelerdir|hangi\w*|kimler\w*|nelere|nerelerdir)\b|\b(?:şart|koşul|hâl|hal|hak|sebep|neden|oran|unsur)l[ae]r"
)
_MARK = re.compile(r"^(?:\(\d{1,2}\)\s*)?(?:(?:[a-zçğıöşü]{1,2}|\d{1,2}|[ivx]{1,4})\s*[).–-]\s*|[-–•*]\s*)?[\"“(]*")


@dataclass(frozen=True)
class Asked:
    """What a question wants to hear of."""

    number: bool  # how long, how many, from when
    penalty: bool
    definition: str  # what "X nedir?" asks about, folded; "" where it does not
    several: bool  # for all of a list: "şartları nelerdir?"


_DEFINITION = re.compile(
    r"^(?P<what>.{2,60}?)\s*,?\s+(?:nedir|ne demek(?:tir)?|ne anlama gelir|kime denir|neye denir|kimdir|tanımı)\b"
)


def asked(question: str) -> Asked:
    """What a question wants to hear of, by its words."""
    text = fold(question)
    match = _DEFINITION.match(text)
    what = match["what"] if match else ""
    if match and match[0].endswith("tanımı"):
        what = re.sub(r"(?:'?n)?[ıiuü]n$", "", what)
    penalty = re.search(r"\bceza(?:sı|lar|nın|ya)?\b|\bhapis\b|yatar\b|yatarım", text) is not None
    number = re.search(r"\bkaç\b|\bne kadar\b|\bsüre|\bne zaman|\boran|\byaş", text) is not None
    # "cezası nedir", "süresi nedir" ask for a number or a penalty and define nothing.
    if re.search(r"(?:ceza|süre|şart|koşul|hak|yetki|görev|sonuç|sınır|oran)\w*$", what):
        what = ""
    return Asked(number, penalty, what, _PLURAL.search(text) is not None)


def scores(
    units: Sequence[Unit],
    question: str,
    stems: Stems,
    weights: Mapping[str, float],
    heading: str = "",
    later: float = LATER,
    base: float = 0.0,
) -> list[float]:
    """How much each unit says to a question, 0 and up.

    Args:
        units: of one article.
        question: as it was asked.
        stems: the words of a text as they are compared.
        weights: what each of the question's stems weighs, such as its idf; a stem that is missing weighs nothing.
        heading: the article's.
        later: what a paragraph further on loses.
        base: a share that every unit is taken to hold.

    Returns:
        For each unit `base` and the share of the question's weight that it holds, damped by its length (a long
        sentence holds any word), times `ASKED` for each thing asked for that it says, and times `FIRST` for the
        article's first.
    """
    total = sum(weights.values())
    if not total:
        return [0.0] * len(units)
    wanted = asked(question)
    named = set(stems(heading))
    stood: dict[tuple[str, str], set[str]] = {}
    found = []
    for unit in units:
        own = set(stems(unit.text))
        beside = (unit.opening, unit.close)
        if beside not in stood:
            stood[beside] = set(stems(" ".join(beside)))
        around = stood[beside]
        held = sum(
            w if s in own else 0.5 * w if s in around else HEADING * w if s in named else 0.0
            for s, w in weights.items()
        )
        score = (base + held / total) / (1 + max(0, len(words(unit.text)) - 40) / 120)
        if wanted.number or wanted.penalty:
            text = fold(unit.whole)
            score *= ASKED if wanted.number and NUMBER.search(text) else 1.0
            score *= ASKED if wanted.penalty and PENALTY.search(text) else 1.0
        score *= ASKED if wanted.definition and defines(unit.text, wanted.definition) else 1.0
        found.append(score * (FIRST if unit.place == 0 else 1.0) / (1 + later * unit.paragraph))
    return found


def defines(sentence: str, what: str) -> bool:
    """Whether a sentence says what something is.

    It does where the thing stands first and is explained ("Bostan, … yerdir", "a) Açık rıza: …", "Nişanlanma, evlenme
    vaadiyle olur"), or where something is called it ("… kimseye bostancı denir").

    Args:
        sentence: of a law.
        what: the thing, folded, such as "zilyetlik".
    """
    thing = words(what)
    text = _MARK.sub("", fold(sentence)).strip()
    if not thing or not text:
        return False
    own = words(text)
    if called := _CALLED.search(text):
        # The name stands before "denir", perhaps in brackets.
        before = words(text[: called.start()])[-len(thing) - 1 :]
        return all(any(_inflects(word, named) for word in before) for named in thing)
    if len(own) < len(thing) or not all(map(_inflects, own, thing)):
        return False
    if not re.fullmatch(re.escape(thing[-1]) + _NAMED, own[len(thing) - 1]):
        return False  # "Kira sözleşmesinin tarafları …" says nothing of what it is
    head, colon, _ = text.partition(":")
    if colon and len(words(head)) <= len(thing) + 1:
        return True
    return _IS.search(text) is not None and len(own) > len(thing) + 2


def _inflects(word: str, named: str) -> bool:
    """Whether a word is another one with endings, of which the last letter may change ("kitap", "kitabı")."""
    return word.startswith(named[:-1] if len(named) > 4 else named)
