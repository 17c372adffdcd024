"""Numbers as words, ordinals, and clock times, with the case endings Turkish puts on them.

Left out: fractions other than *half*, and numbers of a million and more.
"""

from __future__ import annotations

from functools import cache

from fidan.corpus.synthetic.nouns import Name, Noun, noun
from fidan.corpus.synthetic.phonology import attach

_ONES = "sıfır bir iki üç dört~ beş altı yedi sekiz dokuz".split()
_TENS = "on yirmi otuz kırk elli altmış yetmiş seksen doksan".split()


@cache
def numeral(value: int) -> Noun:
    """Return the words for ``value`` (0 … 999 999) as a noun that takes case: dördü, yirmi beşe."""
    if not 0 <= value < 1_000_000:
        raise ValueError(f"a number from 0 to 999999 was expected, not {value}")
    if value == 0:
        return noun("sıfır")
    parts: list[str] = []
    thousands, rest = divmod(value, 1000)
    if thousands:
        parts += [*(numeral(thousands).text.split() if thousands > 1 else []), "bin"]
    hundreds, rest = divmod(rest, 100)
    if hundreds:
        parts += [*([_ONES[hundreds].rstrip("~")] if hundreds > 1 else []), "yüz"]
    tens, ones = divmod(rest, 10)
    if tens:
        parts.append(_TENS[tens - 1])
    if ones:
        parts.append(_ONES[ones])
    return noun("_".join(parts))


NUMERALS: tuple[Noun, ...] = tuple(numeral(value) for value in range(101))


@cache
def digits(value: int) -> Name:
    """Return ``value`` in digits, with suffixes as it is read: 3'te, 6'da, 1923'te."""
    return Name(str(value), read=numeral(value).text)


def ordinal(value: int) -> str:
    """Return the ordinal in words: birinci, dördüncü, yirmi beşinci."""
    number = numeral(value)
    return attach(number.text, "(I)ncI", before_vowel=number.before_vowel)


def ordinal_digits(value: int) -> str:
    """Return the ordinal with digits and an apostrophe: 3'üncü, 6'ncı."""
    said = numeral(value).text
    return f"{value}'{attach(said, '(I)ncI')[len(said) :]}"


def clock(hour: int, minute: int) -> str:
    """Return the time as it is told: saat üç, üç buçuk, üçü beş geçiyor, dörde on var."""
    if minute == 0:
        return f"saat {numeral(hour).text}"
    if minute == 30:
        return "saat yarım" if hour == 12 else f"saat {numeral(hour).text} buçuk"
    if minute < 30:
        return f"saat {numeral(hour).form('acc')} {_minutes(minute)} geçiyor"
    following = numeral(hour % 12 + 1).form("dat")
    return f"saat {following} {_minutes(60 - minute)} var"


def _minutes(count: int) -> str:
    return "çeyrek" if count == 15 else numeral(count).text
