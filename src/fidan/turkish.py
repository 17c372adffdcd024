"""What every stage must know of Turkish: casing of İ/I/ı/i, folding, apostrophes, words and sentence ends.

Python's own casing follows English: ``"I".lower()`` is ``"i"`` and ``"İ".lower()`` is two code points. Both are
wrong here, so every other file calls this one instead of ``str.lower``, ``upper``, ``capitalize``, ``title`` or
``casefold``.

Left out on purpose: morphology (see ``corpus.synthetic``), language identification, and any repair of broken
encodings. Only the standard library is used.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "APOSTROPHES",
    "STOP_WORDS",
    "capitalize",
    "fold",
    "lower",
    "nfc",
    "split_sentences",
    "upper",
    "words",
]

APOSTROPHES = "'’‘ʼ´`′＇‛"
"""Characters met on the web between a proper name and its suffix; the first one is the plain form."""

# Source: huggingface/fineweb-2, configs/tur_Latn.yml. "the" is kept: the list was measured on web pages.
STOP_WORDS: tuple[str, ...] = (
    "ve", "bir", "olarak", "bu", "ile", "için", "olan", "da", "de", "tarafından", "yılında", "sonra", "en", "daha",
    "ilk", "the",
)  # fmt: skip
"""The sixteen stop words by which FineWeb-2 recognises Turkish prose (a document needs at least two)."""

_DOTTED = re.compile("[iİ]\u0307+")
FOLDED = str.maketrans(
    {
        **dict.fromkeys("âÂ", "a"),
        **dict.fromkeys("îÎ", "i"),
        **dict.fromkeys("ûÛ", "u"),
        **dict.fromkeys(APOSTROPHES[1:], "'"),
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‚‹›", "'"),
    }
)
_FOLDABLE = re.compile(f"[{re.escape(''.join(map(chr, FOLDED)))}]")
# Text made only of these settles in one pass of folding; anything else (loose accents, Greek) may need more.
_UNSETTLED = re.compile("[^\x00-\u02af‐-›]|[âîû]")


def nfc(text: str) -> str:
    """Return ``text`` in Unicode normal form C, the form every artifact of the package is kept in."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def lower(text: str) -> str:
    """Lower-case by Turkish rules: ``I`` → ``ı``, ``İ`` → ``i``, also when the dot is a separate U+0307.

    >>> lower("ILGAZ İzmir")
    'ılgaz izmir'
    """
    if "\u0307" in text:
        text = _DOTTED.sub(lambda match: match[0][0], text.replace("I\u0307", "İ"))
    # Two replaces are ten times as fast as one translate.
    return text.replace("I", "ı").replace("İ", "i").lower()


def upper(text: str) -> str:
    """Upper-case by Turkish rules: ``i`` → ``İ``, ``ı`` → ``I``; ``i`` with a loose U+0307 is one ``İ``.

    >>> upper("ışık için")
    'IŞIK İÇİN'
    """
    if "\u0307" in text:
        text = _DOTTED.sub(lambda match: match[0][0], text.replace("I\u0307", "İ"))
    return text.replace("i", "İ").replace("ı", "I").upper()


def capitalize(text: str) -> str:
    """Upper-case the first letter and leave the rest alone, so that names keep their capitals.

    Leading quotes, digits and spaces are stepped over. For the behaviour of ``str.capitalize`` write
    ``capitalize(lower(text))``.

    >>> capitalize("istanbul'da")
    "İstanbul'da"
    """
    for index, character in enumerate(text):
        if character.isalpha():
            end = index + 1
            while text[end : end + 1] == "\u0307":
                end += 1
            return text[:index] + upper(text[index:end]) + text[end:]
    return text


def _fold_once(text: str) -> str:
    text = lower(nfc(text))
    if _FOLDABLE.search(text):
        text = text.translate(FOLDED)
    return " ".join(nfc(text).split())


def fold(text: str) -> str:
    """Reduce ``text`` to the form used for matching and for finding duplicates.

    NFC, Turkish lower case, ``â î û`` → ``a i u``, typographic quotes and apostrophes → ``"`` and ``'``, every run of
    whitespace → one space, stripped. Folding twice changes nothing.

    >>> fold("  İSTANBUL’da   Rüzgâr ")
    "istanbul'da rüzgar"
    """
    folded = _fold_once(text)
    if _UNSETTLED.search(folded):
        while (again := _fold_once(folded)) != folded:
            folded = again
    return folded


# A loose accent or an apostrophe joins what stands around it; "1.250,5" is one word too.
_WORD = re.compile(rf"\d+(?:[.,]\d+)+|[^\W_]+(?:[{APOSTROPHES}\u00ad\u0300-\u036f][^\W_]+)*")


def words(text: str) -> list[str]:
    """Return the words of ``text`` as written; a suffix after an apostrophe stays with its word.

    >>> words("Ankara'da 3 gün kaldık.")
    ["Ankara'da", '3', 'gün', 'kaldık']
    """
    return _WORD.findall(text)


# Titles and address words: something always follows them.
_ABBREVIATIONS = frozenset(
    "dr prof doç yrd av sn op uzm öğr gör arş dt ecz müh mim hz st mr mrs ms alb gen org kor tuğ yzb tğm bşk "
    "no nu tel faks cad cd sok sk mah mh apt blv bul kat bkz krş örn ör bk s sf yy md f fık age çev haz ed "
    "yak ort maks min tic san ltd der".split()
)
# These may close a sentence: only a following capital decides.
_OPEN_ABBREVIATIONS = frozenset("vb vs vd şti inc co".split())
_AFTER_ORDINAL = frozenset(
    "Dünya Cadde Sokak Bölge Lig Ordu Kolordu Yüzyıl Kat Madde Sınıf Murat Mehmet Selim Ahmet Mahmut Mustafa Osman "
    "Süleyman Abdülhamit Abdülhamid Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım "
    "Aralık".split()
)
_CANDIDATE = re.compile(r"""[.!?…]+["'”’»)\]]*(?=\s|$)""")
_LAST_TOKEN = re.compile(r"[^\s(\[\"“«'‘]+$")
_OPENING = "\"'“‘«([-–—"
_ROMAN = re.compile(r"[IVXLC]+$")


def _ends_sentence(line: str, start: int, match: re.Match[str]) -> bool:
    following = line[match.end() :].lstrip().lstrip(_OPENING)
    if following[:1].islower():
        return False
    # Inside a quotation that is closed later on the line, nothing ends yet.
    if line.count('"', start, match.end()) % 2 and '"' in line[match.end() :]:
        return False
    mark = match[0]
    if mark[0] != "." or mark.startswith("..") or not following:
        return True
    token = _LAST_TOKEN.search(line[start : match.start()])
    if token is None:
        return True
    word = token[0]
    last_part = word.rsplit(".", 1)[-1]
    if word.isdigit() or _ROMAN.match(word):
        # "3. Kat Malikleri" at the start is an ordinal or a list number; "1923. Bugün" later on is an end.
        opens = not line[start : match.start() - len(word)].strip()
        following_word = following.split(None, 1)[0].strip(".,;:!?")
        return not (opens or (len(word) < 3 and following_word in _AFTER_ORDINAL) or bool(_ROMAN.match(word)))
    if len(last_part) == 1 and last_part.isalpha():
        return last_part.islower() and last_part not in "sf"
    folded = lower(last_part)
    if folded in _OPEN_ABBREVIATIONS:
        return True
    return folded not in _ABBREVIATIONS or (folded in {"kat", "bul", "der", "min", "gör"} and last_part.islower())


def split_sentences(text: str) -> list[str]:
    """Split ``text`` into sentences, stripped, in order. A line break always ends a sentence.

    A sentence ends on ``. ! ? …`` (with closing quotes) before white space, unless what follows starts in lower case,
    or the full stop belongs to an abbreviation (``Dr.``), an initial (``M. Kemal``) or an ordinal (``3. kat``).
    A quotation in straight quotes stays in one piece. A full stop without a space after it is not taken as an end.

    >>> split_sentences("Dr. Ak geldi. 3. kata çıktı, vb. işler yaptı! Sonra?")
    ['Dr. Ak geldi.', '3. kata çıktı, vb. işler yaptı!', 'Sonra?']
    """
    sentences: list[str] = []
    for line in text.splitlines():
        start = 0
        for match in _CANDIDATE.finditer(line):
            if _ends_sentence(line, start, match):
                sentences.append(line[start : match.end()].strip())
                start = match.end()
        if rest := line[start:].strip():
            sentences.append(rest)
    return sentences


def grouped(number: int) -> str:
    """A whole number as Turkish writes it, with a point at the thousands.

    >>> grouped(1397)
    '1.397'
    """
    return f"{number:,}".replace(",", ".")
