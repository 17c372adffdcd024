"""Whether a text that a model wrote is supported by the passage it was written from: a stated check.

All of these must hold; what does not is told in words.

    figures     every number of the text stands in the passage with its unit: "üç yıl" is "3 yıl", but not "üç ay"; a
                range from … to … stands there in its order
    citations   it names no law or article but the passage's own, or one that the passage names
    negation    no verb is denied that the passage does not deny, nor the other way round; the closest sentence has
                "değil", "yok", "hükümsüz" and the like where the text has them, and nowhere else
    parties     of two that a law sets against each other (`PARTIES`), none is named that the closest sentence does
                not name, and they have not changed cases: "Kiracı kiraya verene" is not "Kiraya veren kiracıya"
    words       at least `THRESHOLD` of its content stems stand in the passage, and of each sentence's at least
                `TOGETHER` in one sentence of it (a text patched together from all over says what nobody said)

What it leaves out: who does what to whom beyond those pairs, a condition or an exception that is dropped ("ancak",
"hariç"), and the order of things. A text that passes may still mislead, so it is never shown without the passage, and
the extract stays the default.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fidan.law.citations import Citation, find_citations, parse_citations
from fidan.law.figures import figures, ranges
from fidan.law.negation import against, denials
from fidan.law.units import units_of
from fidan.turkish import fold, nfc, split_sentences, words

THRESHOLD = 0.8
TOGETHER = 0.6
PARTIES = (
    ("kiracı", "kiraya veren"), ("işçi", "işveren"), ("alıcı", "satıcı"), ("borçlu", "alacaklı"),
    ("davacı", "davalı"), ("tüketici", "satıcı"), ("tüketici", "sağlayıcı"), ("kefil", "borçlu"), ("ana", "baba"),
    ("koca", "karı"), ("mirasçı", "mirasbırakan"), ("yüklenici", "işsahibi"), ("vekil", "vekâlet veren"),
)  # fmt: skip
_CASE = r"(?:lar|ler)?(?P<case>n?[ıiuü]n|y?[ıiuü]|y?[ae]|n?[dt][ae]n|[dt][ae]|y?l[ae])?\b"
_FUNCTION = frozenset(
    "ve veya ya da de ile için bu bir şu o her ki mi mı olarak olan olup ise gibi kadar göre ancak dolayı ilgili "
    "üzere sayılı kanun kanunu kanunun madde maddesi maddesine uyarınca eğer çünkü yani".split()
)

Stems = Callable[[str], list[str]]


class Support(NamedTuple):
    """What the check found.

    Attributes:
        supported: nothing speaks against the text.
        failures: what does, in Turkish, for whoever reads the answer.
        share: of its content stems that stand in the passage, 0 to 1.
    """

    supported: bool
    failures: tuple[str, ...]
    share: float


def check_support(text: str, passage: str, own: Citation | None, stems: Stems) -> Support:
    """Whether `passage` supports `text`.

    Args:
        text: what a model wrote.
        passage: the text of the article it was given, with a line break between paragraphs.
        own: the article, which the text may name.
        stems: the words of a text as they are compared.
    """
    if not words(text):
        return Support(False, ("metin boş",), 0.0)
    named = {own, *parse_citations(passage)}
    failures = [f"kaynakta anılmayan madde: {c.law} m.{c.article}" for c in parse_citations(text) if c not in named]
    text = _without_citations(text)
    failures += _figures(text, passage)
    failures += [f"kaynakta böyle denmiyor: {word}" for word in against(text, passage)]
    sentences = [unit.whole for unit in units_of(passage.split("\n\n"))] or [passage]
    held = set(stems(passage))
    told = [_content(sentence, stems) for sentence in split_sentences(text)]
    share = sum(len(own_stems & held) for own_stems in told) / max(1, sum(map(len, told)))
    if share < THRESHOLD:
        failures.append(f"sözcüklerin yalnız %{100 * share:.0f} kadarı kaynakta var")
    for sentence, own_stems in zip(split_sentences(text), told, strict=True):
        closest = max(sentences, key=lambda one: (len(own_stems & set(stems(one))), -len(one)))
        if own_stems and len(own_stems & set(stems(closest))) < TOGETHER * len(own_stems):
            failures.append("sözcükler kaynağın birbirinden uzak cümlelerinden")
        if missing := denials(sentence) ^ denials(closest):
            failures.append(f"olumsuzluk kaynaktaki gibi değil: {', '.join(sorted(missing))}")
        failures += _parties(sentence, closest)
    return Support(not failures, tuple(dict.fromkeys(failures)), share)


def _content(text: str, stems: Stems) -> set[str]:
    """The stems of a text without words that only join others, and without numbers, which are checked alone."""
    kept = [word for word in words(fold(text)) if word not in _FUNCTION and not (word[0].isdigit() or figures(word))]
    return set(stems(" ".join(kept)))


def _figures(text: str, passage: str) -> list[str]:
    known = {figure.bare for figure in figures(passage)}
    missing = [figure for figure in figures(text) if figure.bare not in known]
    failures = [f"sayı kaynakta yok: {figure}" for figure in missing]
    failures += [f"aralık kaynakta yok: {a:g} {ua} – {b:g} {ub}" for a, b, ua, ub in ranges(text) - ranges(passage)]
    return failures


def _without_citations(text: str) -> str:
    """The text without "[TMK m.305]", whose words and numbers are checked as citations."""
    kept, place = [], 0
    text = nfc(text)
    for found in find_citations(text):
        if found.start >= place:
            kept.append(text[place : found.start])
            place = found.end
    return " ".join([*kept, text[place:]])


def _cases(text: str, party: str) -> set[str]:
    """The cases in which a text has a party: "" for the bare form."""
    endings = {match["case"] or "" for match in re.finditer(rf"\b{party}{_CASE}", text)}
    return {re.sub(r"[ıiuü]", "i", re.sub(r"[ae]", "e", ending.lstrip("yn"))) for ending in endings}


def _parties(sentence: str, closest: str) -> Sequence[str]:
    ours, theirs = fold(sentence), fold(closest)
    failures = []
    for pair in PARTIES:
        a, b = map(fold, pair)
        now, then = (_cases(ours, a), _cases(ours, b)), (_cases(theirs, a), _cases(theirs, b))
        for name, one, was, other in ((a, now[0], then[0], then[1]), (b, now[1], then[1], then[0])):
            if one and not was and other:
                failures.append(f"kaynakta bu tarafa değinilmiyor: {name}")
        if all((*now, *then)) and now != then and now == (then[1], then[0]):
            failures.append(f"taraflar yer değiştirmiş: {a}, {b}")
    return failures
