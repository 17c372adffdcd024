"""The house rules of Turkish prose that a machine can hold: one word for one thing, typography, "siz", i and ı.

Each rule goes over covered prose (see `prose`) and names the line, what is written there, and what is right. What it
leaves out: grammar, and whether a sentence is good.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.kurs.glossary import Term, pattern_of
from tests.kurs.prose import COVER, covered


class Fault(NamedTuple):
    """Something that is to be written otherwise."""

    line: int
    written: str
    right: str


def faults_of(prose: str, terms: Sequence[Term], words: bool = True, paragraphs: bool = True) -> list[Fault]:
    """What is wrong with covered prose, in the order of its lines.

    Args:
        prose: as `prose_of` gives it.
        terms: the glossary's.
        words: whether words are judged, too: not in the glossary, which names the wrong ones.
        paragraphs: whether it has paragraphs, which end with punctuation; labels need not.
    """
    found = [*typography(prose), *(sentence_ends(prose) if paragraphs else [])]
    if words:
        found += [*other_words(prose, terms), *addressed(prose), *dots(prose, terms)]
    return sorted(found)


def _line(prose: str, place: int) -> int:
    return prose.count("\n", 0, place) + 1


def _shown(text: str) -> str:
    return " ".join(text.replace(COVER, "").split())


# One word for one thing.

# A title in English stands as it is: a link's text, or what is quoted or in italics, of three words or more, without
# a letter that only Turkish has.
_TITLE = re.compile(r"\[[^\]\n]*\](?=\ufffc)|“[^”]*”|(?<!\*)\*(?:(?!\n\s*\n)[^*])+\*(?!\*)|(?<!\w)_[^_\n]+_(?!\w)")
_CAMEL = re.compile("[a-zçğıöşü][A-ZÇĞİÖŞÜ]")  # the name of something, such as LayerScale


def other_words(prose: str, terms: Sequence[Term]) -> Iterator[Fault]:
    """Words that the glossary does not use; the English one may follow the right one in parentheses, once."""
    open_prose = _TITLE.sub(lambda match: covered(match[0]) if _is_english(match[0]) else match[0], prose)
    right = {word: term.turkish for term in terms for word in term.unused}
    explained: set[str] = set()
    for match in pattern_of(tuple(right)).finditer(open_prose):
        word = next(word for word in sorted(right, key=len, reverse=True) if pattern_of((word,)).fullmatch(match[0]))
        turkish = right[word]
        if _folded(match[0]).startswith(_folded(turkish)) or _CAMEL.search(match[0]):
            continue
        if turkish not in explained and _explains(open_prose, match.start(), turkish):
            explained.add(turkish)
            continue
        yield Fault(_line(prose, match.start()), _shown(match[0]), turkish)


def _is_english(title: str) -> bool:
    return len(re.findall(r"[A-Za-z]+", title)) >= 3 and not re.search("[çğıöşüÇĞİÖŞÜ]", title)


def _folded(text: str) -> str:
    return text.replace("İ", "i").replace("I", "ı").lower()


def _explains(prose: str, place: int, turkish: str) -> bool:
    """Whether a place is within the parentheses that follow a term or its first word: “**gömmeler** (embeddings)”."""
    begin = prose.rfind("(", 0, place)
    if begin < 0 or ")" in prose[begin:place] or "\n\n" in prose[begin:place]:
        return False
    before = re.sub(r"[*_”“\ufffc]+", "", _folded(prose[max(0, begin - 60) : begin]))
    whole = _folded(turkish).split(" (")[0].split()
    soft = {"p": "[pb]", "ç": "[çc]", "t": "[td]", "k": "[kğ]"}
    for stem in (r"\s+".join(map(re.escape, whole)), re.escape(whole[0])):
        stem = re.sub("[pçtk]$", lambda last: soft[last[0]], stem)
        if re.search(rf"(?<!\w){stem}[\w'’]*\s*$", before):
            return True
    return False


# Typography.

_SIGNS = [
    (re.compile(r"\.\.\.+"), "…"),
    (re.compile(r'"[^"\n]{0,40}"?'), "“ ”"),
    (re.compile(r"\w*[’‘ʼ´]\w*"), "düz kesme imi: '"),
    (re.compile(r"(?<![\w\-–/.:])\d+(?:,\d+)?-\d+(?:,\d+)?(?![\w\-])"), "aralıkta –"),
    (re.compile(r"(?<=\S)[ \t]{2,}(?=\S)"), "tek boşluk"),
    (re.compile(r"\w*[ \t]+[,;!?](?=\s|$)|\w+[ \t]+[.:](?=\s|$)", re.MULTILINE), "noktalamadan önce boşluk yok"),
    (re.compile(r"(?<![%\d.,])\d[\d.,]*\s?%(?!\d)"), "yüzde imi sayıdan önce: %50"),
    (re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3}){2,}|(?!1,)[1-9]\d{0,2},000)(?![\d,])"), "binlikte nokta: 32.000"),
]
_DECIMAL = re.compile(r"(?<![\w.,\-/])(?P<whole>\d+)\.(?P<part>\d+)(?![\w.]|[.,]\d)")
# What stands before the number of a version, a section or an hour.
_NUMBERED = re.compile(
    r"(?:[a-zçğıöşü0-9,;(]\s[A-Z][\w+]*|(?:Python|PyTorch|CUDA|Apache|[Bb]ölüm|[Kk]ısım|[Ss]ürüm|[Ss]aat)\w*|§|≥|\ufffc)\s?$"
)


def typography(prose: str) -> Iterator[Fault]:
    """Signs that are written otherwise in Turkish, or here."""
    for pattern, right in _SIGNS:
        for match in pattern.finditer(prose):
            line = prose[prose.rfind("\n", 0, match.start()) + 1 :].split("\n", 1)[0].lstrip()
            if line.startswith("|") and right in ("tek boşluk", "noktalamadan önce boşluk yok"):
                continue  # a table's columns may be in line
            yield Fault(_line(prose, match.start()), _shown(match[0]) or match[0], right)
    for match in _DECIMAL.finditer(prose):
        whole, part = match["whole"], match["part"]
        if whole != "0" and (len(part) == 3 or _NUMBERED.search(prose[: match.start()])):
            continue  # 1.980 is a thousand and more; Python 3.11 is a version
        if len(whole) == 4 and len(part) in (4, 5):
            continue  # of arXiv
        yield Fault(_line(prose, match.start()), match[0], f"ondalık virgül: {whole},{part}")
    for number, line in enumerate(prose.split("\n"), 1):
        if not unicodedata.is_normalized("NFC", line):
            yield Fault(number, _shown(line)[:40], "NFC biçimi")


_OTHER_BLOCK = re.compile(r"\s*(?:#|[-*+]\s|\d+[.)]\s|\||>|:|\[\^|={3,}|-{3,})|\s{4,}")
_END = re.compile(r"[.!?…:;)”\ufffc][*_”)]*$")


def sentence_ends(prose: str) -> Iterator[Fault]:
    """Paragraphs that end without punctuation; not headings, lists, tables, quotations, nor a few words alone."""
    line = 1
    for block in re.split(r"(\n[ \t]*(?=\n))", prose):
        text = block.strip("\n")
        at, line = line + len(block) - len(block.lstrip("\n")), line + block.count("\n")
        if not text.strip() or _OTHER_BLOCK.match(text) or len(_shown(text).split()) < 4:
            continue
        last = text.rstrip().splitlines()
        if any(_OTHER_BLOCK.match(one) for one in last) or (
            text.strip().startswith("**") and text.strip().endswith("**")
        ):
            continue
        if not _END.search(text.rstrip()):
            end = at + len(last) - 1
            yield Fault(end, _shown(last[-1])[-30:], "cümle noktalamayla biter")


# The reader is “siz”.

_SEN = re.compile(
    r"(?<!\w)(?:\w+(?:[ae]bilirsin|m[ae]l[ıi]s[ıi]n|[ae]c[ae]ks[ıi]n|[ıiuü]yorsun|m[ıiuü]şs[ıiuü]n)"
    r"|sen|sana|seni|senin|sende|senden|seninle|gördün|yaptın|öğrendin|yazdın|denedin|kurdun|çalıştırdın|bilirsin|görürsün|edersin|olursun|yaparsın|kullanırsın|istersen|bakarsan"
    r"|(?:dene|çalıştır|değiştir|karşılaştır|hesapla|incele|ekle|yükle)(?=[.!]))(?!\w)",
    re.IGNORECASE,
)


def addressed(prose: str) -> Iterator[Fault]:
    """Words that say “sen” to the reader."""
    for match in _SEN.finditer(prose):
        yield Fault(_line(prose, match.start()), match[0], "okura siz denir")


# i and ı, and letters without their marks.

_PLAIN = str.maketrans("çğıöşü", "cgiosu")
_COMMON = """
için değil çok bütün üzere göre böyle şöyle yalnız sonuç öğrenme öğrenir çünkü aynı sayı yazı kısa bağlı başka önce
değişken düşük büyük küçük işlem satır hız sıra doğru yanlış çalıştırın bölüm örnek şimdi nasıl hangi
""".split()
_BARE_ALIKE = {"kisa", "hiz", "sira", "once", "yanlis"}  # shorter than what can be told apart, or words elsewhere
_SWAPPED = re.compile(
    r"(?<!\w)(?:ıçin|ıle|ılk|ıki|ıkı|bırlıkte|bırlikte|bır|değıl|dizı|dıl|modelı|verı|yenı|kendı|şımdi|hangı|ınce|ıleri|"
    r"Ilk|Iki|Ikinci|Icin|Ince|Ileri|Istem|Istanbul|Ingilizce|Islem|Icerik|Isim|Ise|Iyi|Ilgili|Izin|"
    r"sinif\w*|kayip\w*|agirlik\w*|egitim\w*|dikkatı\w*|ğ\w+)(?!\w)"
)

_TOKEN = re.compile(r"(?<!\w)[Tt]oken(?:['’]\w+|lar\w*|l[ıu]\w*|ı|ın\w*|a|da\w*|la|sız\w*)(?!\w)")


def dots(prose: str, terms: Sequence[Term]) -> Iterator[Fault]:
    """Turkish letters that lost or won a dot or a mark, and “tokenlar”: “icin”, “egitim”, “ıçin”, “Ilk”."""
    known = {word for term in terms for word in _folded(term.turkish).split() if word.isalpha() and len(word) >= 5}
    bare = {word.translate(_PLAIN): word for word in [*sorted(known), *_COMMON] if word.translate(_PLAIN) != word}
    for match in re.finditer(r"(?<!\w)[a-z]{3,}(?!\w)", prose):
        if match[0] in bare and match[0] not in _BARE_ALIKE:
            yield Fault(_line(prose, match.start()), match[0], bare[match[0]])
    for match in _TOKEN.finditer(prose):
        yield Fault(_line(prose, match.start()), match[0], "kesmesiz, ince ünlüyle: tokenler, tokeni")
    for match in _SWAPPED.finditer(prose):
        if match[0] not in bare:
            yield Fault(_line(prose, match.start()), match[0], "i ile ı, noktalı ve noktasız harfler")
