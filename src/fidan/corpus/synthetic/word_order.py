"""Which word may stand beside which: the rules of the checker that look at one word and its surroundings.

Every rule takes the tokens of a clause and an index, and returns what is wrong there or None.

Left out: rules about the whole clause (its ends, its subject), which are in ``checker``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fidan.corpus.synthetic import lexicon_data as lexicon
from fidan.corpus.synthetic.clauses import EDGE, FINITE, NOMINAL, QUOTE, VERBAL, Token, closes_clause
from fidan.turkish import lower

Rule = Callable[[list[Token], int], str | None]

_BACK = frozenset("aıouâû")
_VOWEL = re.compile("[aeıioöuüâîûAEIİOÖUÜ]")
_FRONT_SUFFIXED = ("saat", "kalp", "gol", "rol", "hal", "harf", "hayal", "dikkat")
_ASKED = {
    "için": {"nom", "gen"},
    "ile": {"nom", "gen"},
    "gibi": {"nom", "gen"},
    "beri": {"abl"},
    "göre": {"dat"},
    "rağmen": {"dat"},
}
_NEEDS_HEAD = frozenset("bir her hiçbir birkaç bütün bazı hangi bu şu tüm".split())
_COUNTS = frozenset("iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli".split())
_AFTER_COUNT = frozenset("eder artı eksi çarpı kez kere geçiyor var kişi tane".split())
_DEMONSTRATIVES = frozenset("o bu şu bir".split())
_AFTER_ONE = frozenset(
    "daha çok kez an gün sabah akşam gece kadar tek öğlen saat dahaki sonraki artı eksi çarpı zaman".split()
)
# What must stand before a word for it to mean anything.
_WANTS_BEFORE = {
    "adında": ("name",),
    "sırada": ("determiner", "participle", "adj", "pronoun", "adverb"),
    "yaşında": ("number", "determiner"),
    "boyunca": ("noun",),
    "tane": ("number", "determiner"),
    "kalpli": ("adj",),
    "yüzlü": ("verb", "adj"),
    "kilo": ("number", "determiner"),
    "adet": ("number", "determiner"),
}
# A noun that makes a verb together with another one stands right before it.
_LIGHT = {
    "devam": "et", "teşekkür": "et", "merak": "et", "kabul": "et", "kavga": "et", "karar": "ver", "ikram": "et",
    "davet": "et", "sohbet": "et", "inat": "et", "takip": "et", "ziyaret": "et", "özür": "dile", "gurur": "duy",
    "muayene": "et",
}  # fmt: skip
_TIME_WORDS = frozenset("gün hafta saat ay yıl dakika süre zaman yaz kış akşam gece sabah an metre".split())
_CALENDAR = _TIME_WORDS | frozenset(lexicon.DAYS.split()) | frozenset(("bahar",))
_BEFORE_SONRA = frozenset("biraz az çok hemen daha önce kısa uzun bir ilk".split())
_AFTER_SINCE = frozenset("sonra önce beri itibaren güne haftaya".split())
_INNER_SPACE = frozenset(
    "altında altına altından üstünde üstüne içinde içine dibinde ortasında tepesine arasında etrafına kenarında "
    "ucunda peşinden karşısında arkasından".split()
)
_AFTER_ADJECTIVE = frozenset("çok pek daha bir hiç en tane olarak kadar sonra".split())
# Adjectives that describe things and not the way something is done.
_ATTRIBUTES = frozenset(
    "küçük büyük minik kocaman ufak eski yaşlı tuhaf garip dar geniş bilge zavallı ıslak karanlık".split()
) | frozenset(lexicon.ADJECTIVE_GROUPS["colour"].split())
_COPULAR = frozenset("ol gör görün kal boya bul".split())
_INTRANSITIVE = frozenset(
    "git gel gül ağla uyu uyan otur kalk düş koş yürü dur yaşa üzül sevin kork şaşır yorul üşü acık susa kırıl "
    "dön bin doğ bat bit büyü kaybol saklan dinlen gülümse bağır toplan yat uzan buluş tanış tırman kımılda titre "
    "iyileş yüksel parla dolaş taşın kurtul kay sallan utan gir yaklaş uzaklaş eğlen barış kal".split()
)


def _around(tokens: list[Token], index: int) -> tuple[Token, Token, Token]:
    before = tokens[index - 1] if index else EDGE
    after = tokens[index + 1] if index + 1 < len(tokens) else EDGE
    return before, tokens[index], after


def particle(tokens: list[Token], index: int) -> str | None:
    """Check that mı and da follow a word and agree with its last vowel."""
    before, token, _ = _around(tokens, index)
    if not token.only("particle") and token.low not in ("da", "de"):
        return None
    if before is EDGE:
        return f"nothing before the particle {token.text}"
    vowels = _VOWEL.findall(before.text)
    if not vowels or before.text == QUOTE:
        return None
    last = lower(vowels[-1])
    back = last in _BACK and not before.low.endswith(_FRONT_SUFFIXED)
    if token.low in ("da", "de"):
        fits = (token.low == "da") == back
    else:
        rounded = last in "oöuüû"
        fits = _VOWEL.findall(token.low)[0] == (("u" if rounded else "ı") if back else ("ü" if rounded else "i"))
    return None if fits else f"particle out of harmony: {before.text} {token.text}"


def postposition(tokens: list[Token], index: int) -> str | None:
    """Check the case before için, ile, gibi, beri, göre, rağmen."""
    before, token, _ = _around(tokens, index)
    asked = _ASKED.get(token.low)
    if asked is None or before is EDGE or before.text == QUOTE or before.cases() & asked:
        return None
    if token.low == "gibi" and before.has("verb", "adj", "converb"):
        return None
    return f"{token.text} after the wrong case: {before.text}"


def middle_predicate(tokens: list[Token], index: int) -> str | None:
    """Check that a word that can only be a predicate closes its clause."""
    _, token, after = _around(tokens, index)
    if not token.only(*FINITE) or closes_clause(tokens, index):
        return None
    # "…" dedi yaşlı adam.
    told = any(other.text == QUOTE for other in tokens)
    rest = tokens[index + 1 :]
    if told and all(t.has("noun", "name", "adj", "determiner", "pronoun") or t.text == QUOTE for t in rest):
        return None
    if after.low == "olsun" or any(reading.tense == "dir" for reading in token.may_be):
        return None
    return f"predicate in the middle: {token.text}"


def head(tokens: list[Token], index: int) -> str | None:
    """Check that a determiner or a number has something to determine."""
    _, token, after = _around(tokens, index)
    if token.low in _COUNTS and after is not EDGE and not token.mark:
        if not after.has(*NOMINAL, "pred", "particle") and after.low not in _AFTER_COUNT:
            return f"nothing to count after {token.text}"
        return f"{token.text} before a name" if after.only("name", "pronoun") else None
    if token.low not in _NEEDS_HEAD:
        return None
    if after is EDGE:
        return None if token.has("number") else f"nothing after {token.text}"
    if token.mark:
        return None if token.low in ("bu", "bir") else f"{token.text} before a mark"
    formula = after.low in ("varmış", "yokmuş")  # Bir varmış, bir yokmuş.
    wrong = token.low not in ("bu", "şu") and after.only("verb", "converb", "existence") and not formula
    if token.low in ("bir", "her") and (after.low in _DEMONSTRATIVES or after.only("adverb")):
        wrong = after.low not in _AFTER_ONE
    if token.low in ("bir", "her", "hiçbir", "birkaç"):
        wrong = wrong or after.only("pronoun", "name", "and", "but", "particle") or after.low in _ASKED
        wrong = wrong or (after.has("pronoun") and after.low != "o")
    if token.low in ("bu", "şu"):
        wrong = wrong or (after.only("verb") and "ol" not in after.stems())
    if token.low == "bütün":
        wrong = wrong or after.only("pronoun", "name")
    return f"{token.text} before {after.text}" if wrong else None


def conjunction(tokens: list[Token], index: int) -> str | None:
    """Check what ve joins, and that ama, fakat, çünkü open a clause."""
    before, token, after = _around(tokens, index)
    if token.low == "ve" and after.text != QUOTE:
        if before is EDGE or after is EDGE or before.mark or token.mark:
            return "ve without something on both sides"
        if before.has("verb", "pred", "existence", "adverb", "adj", "number"):
            return None
        # "meyve ve şekerden": the last of the joined words carries the case for all.
        alike = any(other.cases() & before.cases() for other in tokens[index + 1 : index + 5])
        if not alike and not ("nom" in before.cases() and after.cases()):
            return f"ve joins unlike words: {before.text}"
    opens = before.mark or before.text == QUOTE or before.has("verb", "pred", "existence", "adj", "that")
    if token.low in ("ama", "fakat", "çünkü", "oysa") and not opens:
        return f"{token.text} in the middle of a clause"
    return None


def company(tokens: list[Token], index: int) -> str | None:
    """Check words that only make sense beside certain others: adında, bile, ise, teşekkür …"""
    before, token, after = _around(tokens, index)
    wanted = _WANTS_BEFORE.get(token.low)
    if wanted and not before.has(*wanted):
        return f"nothing to go with {token.text}"
    light = _LIGHT.get(token.low)
    if light and light not in after.stems() and after.low not in ("da", "de", "mi", "bile"):
        return f"{token.text} away from its verb"
    if token.low in ("günden", "haftadan") and after.low not in _AFTER_SINCE:
        return f"nothing after {token.text}"
    if token.low == "ise" and before.only("adverb"):
        return f"ise after {before.text}"
    if token.low == "bile" and before.only("adj", "determiner"):
        return f"bile after {before.text}"
    oblique = before.only("noun", "name", "pronoun") and before.cases() <= {"dat", "loc", "abl", "ins"}
    if token.low in _INNER_SPACE and not before.mark and (oblique or before.low == "bir" or before.only("adj")):
        return f"{token.text} after the wrong case: {before.text}"
    return None


def time(tokens: list[Token], index: int) -> str | None:
    """Check sonra, geçen and ertesi, which go with words of time."""
    before, token, after = _around(tokens, index)
    if token.low == "sonra" and not before.mark and after is not EDGE:
        timely = before.low in _BEFORE_SONRA or before.stems() & _TIME_WORDS or "abl" in before.cases()
        if not timely and not before.has("converb", "and", "but", "name"):
            return f"sonra after {before.text}"
    dated = after is EDGE or after.stems() & _CALENDAR or "abl" in before.cases()
    if token.low in ("geçen", "ertesi") and not dated:
        return f"{token.text} before {after.text}"
    return None


def quality(tokens: list[Token], index: int) -> str | None:
    """Check that an adjective, or çok and en before one, does not stand before a word it cannot describe."""
    before, token, after = _around(tokens, index)
    if after is EDGE or token.mark or after.text == QUOTE:
        return None
    wrong = token.low == "en" and not after.has("adj", "adverb", "noun", "participle", "pred")
    if token.low in ("çok", "en", "pek") and before.low != "en":
        wrong = wrong or after.only("name", "pronoun") or after.low in _DEMONSTRATIVES - {"bir"}
    if token.only("adj") and before.low != token.low:
        wrong = wrong or after.only("name", "pronoun")
        wrong = wrong or (after.only("adverb") and after.low not in _AFTER_ADJECTIVE)
    if token.low in _ATTRIBUTES and before.low != token.low:
        wrong = wrong or (after.only("verb") and not after.stems() & _COPULAR)
    return f"{token.text} before {after.text}" if wrong else None


def argument(tokens: list[Token], index: int) -> str | None:
    """Check that an object has a verb behind it that takes one."""
    token, rest = tokens[index], tokens[index + 1 :]
    cases = token.cases()
    nominal = token.only("noun", "name", "pronoun", "participle", "infinitive")
    if not nominal:
        return None
    if cases == {"acc"}:
        verbs = [other for other in rest if other.has(*VERBAL)]
        if not verbs:
            return f"an object without a verb: {token.text}"
        if all(other.only(*VERBAL, "pred") and other.stems() <= _INTRANSITIVE for other in verbs):
            return f"an object before {verbs[0].text}: {token.text}"
    if cases and cases <= {"dat", "abl"} and not rest:
        return f"{token.text} at the end"
    return None


def owner(tokens: list[Token], index: int) -> str | None:
    """Check that a genitive has something to own."""
    token, rest = tokens[index], tokens[index + 1 :]
    if not token.only("noun", "name", "pronoun", "participle", "infinitive") or "gen" not in token.cases():
        return None
    # "evin" may be "of the house" or "your house"; the second is rare outside quotations.
    if not all(reading.case == "gen" or reading.owner == 2 for reading in token.may_be):
        return None
    wanted = set()
    for reading in token.may_be:
        if reading.case == "gen":
            first_or_second = reading.pos == "pronoun" and reading.person in (1, 2, 4, 5)
            wanted |= {reading.person} if first_or_second else {3, 6}
    if wanted & {1, 4}:
        wanted |= {1, 4}
    if (not rest and token.has("pronoun")) or (rest and rest[0].has("particle")):
        return None
    for other in rest[:5]:
        if other.owners() & wanted or other.has("pred") or other.low in _AFTER_OWNER:
            return None
    return f"nothing is owned by {token.text}"


_AFTER_OWNER = frozenset("değil değildi değilmiş için gibi ile kadar".split())
SPOKEN_RULES: tuple[Rule, ...] = (
    particle, postposition, middle_predicate, head, conjunction, company, time, quality, argument,
)  # fmt: skip
"""The rules that hold in quotations, too."""
RULES: tuple[Rule, ...] = (*SPOKEN_RULES, owner)
