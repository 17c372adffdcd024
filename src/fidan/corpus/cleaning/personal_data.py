"""Masks what points to a person: identity and tax numbers, IBANs, telephone numbers, e-mail and IP addresses, plates.

Each is replaced by a placeholder that says what stood there, in square brackets: angle brackets would be taken for
markup later on. A number that fails its check digits stays as it is, and so do numbers that are part of a longer one,
amounts, dates and versions. Masking twice changes nothing. What it leaves out: how a number is recognised
(`personal_numbers`), and names and street addresses, which no pattern tells from other words.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache

import numpy as np
from datatrove.data import DocumentsPipeline

from fidan.compiled import compiled
from fidan.corpus.base import Step
from fidan.corpus.cleaning.personal_numbers import Found, find_number
from fidan.corpus.ledger import Ledger
from fidan.corpus.utf8 import Bytes, encoded
from fidan.errors import FidanError

PLACEHOLDERS = {
    "tckn": "[TCKN]",
    "vkn": "[VKN]",
    "iban": "[IBAN]",
    "phone": "[TELEFON]",
    "email": "[E-POSTA]",
    "ip": "[IP]",
    "plate": "[PLAKA]",
}
_NUMBERS = frozenset(("tckn", "vkn", "iban", "phone", "ip"))
_CONTEXT = 30  # characters on either side of a placeholder that are shown

# Where a run of digits begins that may be one of the numbers. The search leaps from digit to digit, because the
# pattern begins with one; what must not stand before it is asked afterwards.
_START = re.compile(
    r"[0-9](?<![0-9][0-9])(?="
    r"[0-9]{6}|"  # in one piece
    r"[0-9]{2}[ )./–-]{1,3}[0-9]{1,4}[ ./–-]{0,3}[0-9]{1,4}|"  # in groups, the first of three: 444 1 444
    r"(?<=0)[ (./–-]{0,3}[2-589][0-9]{2}|(?<=0)090|(?<=9)0[ )(./–-]{0,4}0?[ )(./–-]{0,3}[2-589][0-9]{2}|"  # 0, 90
    r"(?:(?<=[Rr][0-9])|(?<=[Rr] [0-9]))[0-9]|"  # IBAN
    r"[0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9A-Fa-f]{3}:)"  # IP addresses
)
_AT = re.compile(r"[@(\[](?:(?<=@)|(?:at|AT|et|ET)[)\]] ?)")
_DOT = r"(?:\.| ?[(\[{] ?(?:dot|nokta) ?[)\]}] ?)"
_DOMAIN = re.compile(rf"(?:\w[\w-]{{0,62}}{_DOT}){{1,8}}(?:[a-z]{{2,24}}|[A-Z]{{2,24}})(?![\w@]|-\w)")
_LOCAL = re.compile(r"[\w.%+-]{1,64}")  # backwards from the @
# 34 A 1234, 34 AB 123, 34 ABC 12: the letters are those of the English alphabet without Q, W and X.
_PLATE = re.compile(
    r"(?:0[1-9]|[1-7][0-9]|8[01])(?<![\w.,:/-][0-9]{2})[ -]?(?P<letters>[A-PR-VYZ]{1,3})[ -]?(?P<digits>[0-9]{2,5})"
    r"(?!\w|[.,:/][0-9\[])"
)
_PLATE_DIGITS = {1: (4, 5), 2: (3, 4), 3: (2, 3)}
_UNITS = frozenset("TL KM KG CM MM GB MB KB TB GR LT CC HP MG ML DK SN YTL USD EUR MHZ GHZ".split())


# What one pass over a text looks for, so that most texts need no pattern: any sign of an e-mail address; and of a
# number, which is seven digits with no more than five of these signs between two of them, or the three dots or the
# colon of an IP address.
_HINT_AT, _HINT_NUMBER = 1, 2
_LONGEST_GAP, _FEWEST_DIGITS = 5, 7
_OTHER, _DIGIT, _DIVIDER, _CLOSER, _COLON, _AT_SIGN, _LEADS = range(7)  # what a byte is to the pass
_KINDS = np.zeros(256, np.uint8)
for _kind, _signs in ((_DIGIT, "0123456789"), (_DIVIDER, " (-./"), (_CLOSER, ")]"), (_COLON, ":"), (_AT_SIGN, "@")):
    _KINDS[list(_signs.encode())] = _kind
_LONG_DASH = np.frombuffer("–".encode(), np.uint8)
_KINDS[_LONG_DASH[0]] = _LEADS
_KINDS.setflags(write=False)
_TWO, _DOT_SIGN, _OPEN, _CLOSE, _SQUARE_OPEN, _A, _E, _T = b"2.()[aet"
_SMALL = 0x20  # the bit that makes a capital small


@compiled
def _scan(data: Bytes) -> int:
    hints = digits = dots = place = 0
    gap = _LONGEST_GAP + 1
    while place < data.size:
        byte = data[np.uint64(place)]
        kind = _KINDS[byte]
        if kind == _OTHER:
            dots, gap = 0, _LONGEST_GAP + 1
            place += 1
            while place < data.size and _KINDS[data[np.uint64(place)]] == _OTHER:  # letters, most of a text
                place += 1
            continue
        if kind == _LEADS:
            dash = place + 2 < data.size and data[place + 1] == _LONG_DASH[1] and data[place + 2] == _LONG_DASH[2]
            kind = _DIVIDER if dash else _OTHER
            place += 2 * dash
        place += 1
        if kind == _OTHER:
            dots, gap = 0, _LONGEST_GAP + 1
        elif kind == _DIGIT:
            digits = digits + 1 if gap <= _LONGEST_GAP else 1
            gap = 0
            if digits >= _FEWEST_DIGITS or dots >= 3:
                hints |= _HINT_NUMBER
        elif kind == _DIVIDER or byte == _CLOSE:
            dots = dots + 1 if byte == _DOT_SIGN and gap == 0 else 0
            gap += 1
        else:
            dots, gap = 0, _LONGEST_GAP + 1
            if kind == _AT_SIGN:
                hints |= _HINT_AT
            elif kind == _COLON and place > 4 and data[place - 5] == _TWO:
                hints |= _HINT_NUMBER
        if kind == _CLOSER and place > 3 and data[place - 2] | _SMALL == _T:
            opening, letter = data[place - 4], data[place - 3] | _SMALL
            if opening in (_OPEN, _SQUARE_OPEN) and letter in (_A, _E):
                hints |= _HINT_AT
    return hints


def mask(text: str, kinds: Collection[str]) -> tuple[str, Counter[str]]:
    """The text with placeholders, and how many there are of each kind.

    Args:
        text: it.
        kinds: of tckn, vkn, iban, phone, email, ip and plate.

    Raises:
        FidanError: a kind that there is not.

    >>> mask("0532 123 45 67 ya da ali@ornek.com", ["phone", "email"])[0]
    '[TELEFON] ya da [E-POSTA]'
    """
    numbers = _numbers_of(frozenset(kinds))
    counts: Counter[str] = Counter()
    hints = _scan(encoded(text))
    # E-mail addresses first: they may hold digits that would pass for something else.
    if "email" in kinds and hints & _HINT_AT:
        text = _replace(text, _emails(text), counts)
    if numbers and hints & _HINT_NUMBER:
        text = _replace(text, _numbers(text, numbers), counts)
    if "plate" in kinds:
        text = _replace(text, _plates(text), counts)
    return text, counts


@cache
def _numbers_of(kinds: frozenset[str]) -> frozenset[str]:
    unknown = sorted(kinds - set(PLACEHOLDERS))
    if unknown:
        raise FidanError(f"personal_data: {unknown[0]!r} is no kind; there are {', '.join(PLACEHOLDERS)}.")
    return _NUMBERS & kinds


def _replace(text: str, found: Iterator[Found], counts: Counter[str]) -> str:
    pieces: list[str] = []
    done = 0
    for kind, start, end in found:
        pieces += (text[done:start], PLACEHOLDERS[kind])
        counts[kind] += 1
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


def _numbers(text: str, kinds: frozenset[str]) -> Iterator[Found]:
    position = 0
    while match := _START.search(text, position):
        found = find_number(text, match.start(), kinds)
        position = found[2] if found else match.end()
        if found and found[0]:
            yield found


def _emails(text: str) -> Iterator[Found]:
    done = 0
    for at in _AT.finditer(text):
        domain = _DOMAIN.match(text, at.end())
        if domain is None:
            continue
        before = at.start() - (at[0] != "@" and text[max(0, at.start() - 1) : at.start()] == " ")
        # A pattern cannot look back over a length it does not know, so the part before the @ is read backwards.
        local = _LOCAL.match(text[max(done, before - 64) : before][::-1])
        if local is None or not (name := local[0].partition("..")[0].rstrip(".-%+")):
            continue
        if text[max(0, before - len(name) - 1) : before - len(name)] == "\\":
            continue  # the path of a file
        yield "email", before - len(name), domain.end()
        done = domain.end()


def _plates(text: str) -> Iterator[Found]:
    for match in _PLATE.finditer(text):
        letters = match["letters"]
        if len(match["digits"]) in _PLATE_DIGITS[len(letters)] and letters not in _UNITS:
            yield "plate", match.start(), match.end()


class PersonalData(Step):
    """Masks personal data in every document.

    Args:
        ledger: told how many there were of each kind (`masked_phone`), and shown each with its surroundings, masked.
        kinds: what is masked; see `mask`.
    """

    type = "✂️ - FORMAT"
    name = "personal data"

    def __init__(self, ledger: Ledger, kinds: Collection[str]) -> None:
        super().__init__()
        self.ledger, self.kinds = ledger, frozenset(kinds)
        mask("", self.kinds)  # a wrong kind is told of before any work is done

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order, masked."""
        for document in data:
            document.text, counts = mask(document.text, self.kinds)
            for kind, count in counts.items():
                self.ledger.note(f"masked_{kind}", count)
                self._show(kind, document.text)
            yield document

    def _show(self, kind: str, text: str) -> None:
        """Show the first of a kind in a text. What stood there is not shown, so the edit has no `before`."""
        place = text.index(PLACEHOLDERS[kind])
        around = text[max(0, place - _CONTEXT) : place + len(PLACEHOLDERS[kind]) + _CONTEXT]
        self.ledger.change(kind, "", around)
