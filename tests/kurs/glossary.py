"""Reads `kurs/sozluk.md`: the terms, where each is in the library, and the words that are not used for it."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "kurs" / "sozluk.md"
COLUMNS = ["Türkçe", "İngilizce", "Kütüphanede", "Anlamı", "Bölüm", "Kullanılmaz"]
EMPTY = "–"

# What may follow a word: English plurals, and Turkish suffixes, in any number and order. Letters for one another in
# harmony are written together; an apostrophe may stand before them.
_SUFFIXES = "(?:['’]?(?:{})+)?".format(
    "|".join(
        """
        s es ed l[ae]r [ıiuü] y?[ae] [ysn][ıiuü] n?[ıiuü]n n[ae] n?[dt][ae]n? y?l[ae] [ıiuü]?m[ıiuü]z l[ıiuü][kğ]?
        s[ıiuü]z c[ıiuüae] k[iı] [dt][ıiuü]r s[ae]l
        """.split()
    )
)
_SOFT = {"p": "[pb]", "ç": "[çc]", "t": "[td]", "k": "[kğg]"}


class Term(NamedTuple):
    """A row of the glossary."""

    turkish: str
    english: str
    code: str
    meaning: str
    chapter: str
    unused: tuple[str, ...]


def read_terms(text: str) -> list[Term]:
    """The rows of all tables.

    Raises:
        ValueError: a table has other columns, or a row has not all of them.
    """
    terms = []
    for line in text.splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != len(COLUMNS):
            raise ValueError(f"kurs/sozluk.md: {len(cells)} cells, not {len(COLUMNS)}: {line}")
        if cells == COLUMNS or set("".join(cells)) == {"-"}:
            continue
        turkish, english, code, meaning, chapter, unused = cells
        words = () if unused == EMPTY else tuple(word.strip() for word in unused.split(","))
        terms.append(Term(turkish, english, code.strip("`"), meaning, chapter, words))
    return terms


@cache
def pattern_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of some words or phrases with any suffixes, as whole words; the longest where several begin alike."""
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(_stem(word) for word in sorted(words, key=len, reverse=True))}){_SUFFIXES}(?!\w)",
        re.IGNORECASE,
    )


def _stem(phrase: str) -> str:
    """A phrase as it may be written: over a line's end, without its last vowel if that is a possessive, softened."""
    phrase = phrase.replace("İ", "i")
    vowel = " " in phrase and phrase[-1] in "ıiuü"
    if vowel:
        phrase = phrase[:-1]
    escaped = r"\s+".join(re.escape(part) for part in phrase.split())
    return escaped[:-1] + _SOFT.get(phrase[-1], escaped[-1]) if escaped[-1].isalpha() else escaped
