"""The sentences of an article, each as a unit that can stand alone, and how much each says to a question.

A list stays whole in meaning: "Aşağıdaki hâllerde … açılabilir: a) … b) …" gives one unit an item, which carries the
words before the list (its opening) and those after it (its close: "işlenmesi hâlinde … hükmolunur", where a penal law
has the penalty). Definitions in a list ("a) Açık rıza: …") are units with their opening too.

A unit's score is how much of the question's weight its words hold (see `Weights`), more where the unit says what the
question asks for: a number for "kaç", a penalty for "cezası", a definition for "nedir". What it leaves out: which of
them make an answer (`fidan.law.extract`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fidan.turkish import fold, split_sentences, words

Stems = Callable[[str], list[str]]
"""Words of a text as they are compared: `fidan.law.index` gives the index's own."""

_ITEM = re.compile(r"(?:[a-zçğıöşü]{1,2}|[A-ZÇĞİÖŞÜ]|\d{1,2}|[ivx]{1,4})\s*[).]\s|[-–•*]\s")
_COUNTER = re.compile(r"^\(\d{1,2}\)\s*")
FIRST = 1.2  # an article states its rule first, and exceptions and procedure after it
NUMBER = re.compile(
    r"\d|\b(?:bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan|yüz|bin)"
    r"(?:bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan|yüz|bin)*\s+"
    r"(?:yıl|ay|hafta|gün|saat|lira|türk lirası|kat|yaş)"
)
PENALTY = re.compile(r"\b(?:hapis|cezalandırıl|para cezası|müebbet|cezası veril)")
_CALLED = re.compile(r"\b(?:denir|denilir|ad verilir|adlandırılır|sayılır ve .{0,30} denir)\.?$")
_IS = re.compile(r"(?:\w(?:dır|dir|dur|dür|tır|tir|tur|tür)|ifade eder|\bolur|milletindir)\W*$")
_MARK = re.compile(r"^(?:\(\d{1,2}\)\s*)?(?:(?:[a-zçğıöşü]{1,2}|\d{1,2}|[ivx]{1,4})\s*[).–-]\s*|[-–•*]\s*)?[\"“(]*")


@dataclass(frozen=True)
class Unit:
    """A sentence of an article, or an item of a list with what stands around the list.

    Attributes:
        text: the sentence or item alone.
        paragraph: which paragraph of the article, from 0.
        place: its order in the article.
        opening: the words before its list; "" outside of one.
        close: the words after its list.
    """

    text: str
    paragraph: int
    place: int
    opening: str = ""
    close: str = ""

    @property
    def whole(self) -> str:
        """The unit with the words around its list, which is what it means."""
        return " ".join(part for part in (self.opening, self.text, self.close) if part)


def units_of(paragraphs: Sequence[str]) -> list[Unit]:
    """The sentences of paragraphs in order.

    Args:
        paragraphs: an article's; within one, the items of a list are on lines of their own.
    """
    made: list[Unit] = []
    for number, paragraph in enumerate(paragraphs):
        lines = [line for line in _COUNTER.sub("", paragraph).split("\n") if line.strip()]
        while lines:
            first = next((i for i, line in enumerate(lines) if _ITEM.match(line)), len(lines))
            last = next((i for i in range(first, len(lines)) if not _ITEM.match(lines[i])), len(lines))
            before = [sentence for line in lines[:first] for sentence in split_sentences(line)]
            items, after = lines[first:last], lines[last:]
            # A sentence that has ended opens no list: "… gönderilir. 4. Avukatlık ortaklığı …" goes on with a count.
            opening = before.pop() if before and items and not before[-1].endswith((".", "?", "!")) else ""
            # What goes on after the list in lower case, or ends a list left open by a comma, belongs to its items.
            close = ""
            if items and after and not items[-1].rstrip().endswith("."):
                rest = split_sentences(after[0])
                close, after = rest[0], [" ".join(rest[1:]), *after[1:]] if rest[1:] else after[1:]
            made += [Unit(text, number, len(made) + i) for i, text in enumerate(before)]
            for item in items:
                first_sentence, *others = split_sentences(item)
                made.append(Unit(first_sentence, number, len(made), opening, close))
                made += [Unit(text, number, len(made) + i) for i, text in enumerate(others)]
            lines = after
    return made


@dataclass(frozen=True)
class Asked:
    """What a question wants to hear of."""

    number: bool  # how long, how many, from when
    penalty: bool
    definition: str  # what "X nedir?" asks about, folded; "" where it does not


_DEFINITION = re.compile(
    r"^(?P<what>.{2,60}?)\s*,?\s+(?:nedir|ne demek(?:tir)?|ne anlama gelir|kime denir|neye denir|kimdir|tanımı)\b"
)


def asked(question: str) -> Asked:
    """What a question wants to hear of, by its words."""
    text = fold(question)
    match = _DEFINITION.match(text)
    what = match["what"] if match else ""
    penalty = re.search(r"\bceza(?:sı|lar|nın|ya)?\b|\bhapis\b|yatar\b|yatarım", text) is not None
    number = re.search(r"\bkaç\b|\bne kadar\b|\bsüre|\bne zaman|\boran|\byaş", text) is not None
    # "cezası nedir", "süresi nedir" ask for a number or a penalty and define nothing.
    if re.search(r"(?:ceza|süre|şart|koşul|hak|yetki|görev|sonuç|sınır|oran)\w*$", what):
        what = ""
    return Asked(number, penalty, what)


def scores(units: Sequence[Unit], question: str, stems: Stems, weights: Mapping[str, float]) -> list[float]:
    """How much each unit says to a question, 0 and up.

    Args:
        units: of one article.
        question: as it was asked.
        stems: the words of a text as they are compared.
        weights: what each of the question's stems weighs, such as its idf; a stem that is missing weighs nothing.

    Returns:
        For each unit the share of the question's weight that it holds, damped by its length (a long sentence holds
        any word), times 1.5 for each thing asked for that it says, and times `FIRST` for the article's first.
    """
    total = sum(weights.values())
    if not total:
        return [0.0] * len(units)
    wanted = asked(question)
    found = []
    for unit in units:
        own = set(stems(unit.text))
        around = set(stems(f"{unit.opening} {unit.close}")) - own
        held = sum(w for s, w in weights.items() if s in own) + 0.5 * sum(
            w for s, w in weights.items() if s in around
        )
        score = held / total / (1 + max(0, len(words(unit.text)) - 40) / 120)
        text = fold(unit.whole)
        score *= 1.5 if wanted.number and NUMBER.search(text) else 1.0
        score *= 1.5 if wanted.penalty and PENALTY.search(text) else 1.0
        score *= 1.5 if wanted.definition and defines(unit.text, wanted.definition, stems) else 1.0
        found.append(score * (FIRST if unit.place == 0 else 1.0))
    return found


def defines(sentence: str, what: str, stems: Stems) -> bool:
    """Whether a sentence says what something is.

    It does where the thing stands first and is explained ("Bostan, … yerdir", "a) Açık rıza: …", "Nişanlanma, evlenme
    vaadiyle olur"), or where something is called it ("… kimseye bostancı denir").

    Args:
        sentence: of a law.
        what: the thing, folded, such as "zilyetlik".
        stems: the words of a text as they are compared.
    """
    thing = stems(what)
    text = _MARK.sub("", fold(sentence)).strip()
    if not thing or not text:
        return False
    own = stems(text)
    if called := _CALLED.search(text):
        # The name stands before "denir", perhaps in brackets.
        return set(thing) <= set(stems(text[: called.start()])[-len(thing) - 1 :])
    if own[: len(thing)] != thing:
        return False
    head, colon, _ = text.partition(":")
    if colon and len(stems(head)) <= len(thing) + 1:
        return True
    return _IS.search(text) is not None and len(own) > len(thing) + 2
