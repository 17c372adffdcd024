"""Mojibake: text whose bytes were read by the wrong table, brought back to what was written.

Four damages, in the order of their repair:

- cp1252 read as ISO 8859-1: quotes and dashes have become control characters (U+0091 for `‘`). They are read as
  cp1252, as browsers do (WHATWG Encoding Standard: the label "iso-8859-1" means windows-1252), U+0085 as `…` too.
- UTF-8 read as cp1252, ISO 8859-1, cp1254 or cp1250, once or several times (`Ã§`, `ÅŸ`, `ÃƒÂ§`): ftfy decodes what it
  finds implausible, line by line. ftfy runs at 1 MB/s, so it only sees lines that hold such a pair of characters.
  What it leaves of the pairs that stand for a Turkish letter, as in a line where a right `ş` stands beside a broken
  `Ã§`, is replaced by a table: no language writes `ÅŸ`.
- Mac OS Turkish read as Mac OS Roman, or as it stands in old PDF files: `ﬂ › €` for `ş ı ğ`. Only in lines where `›`
  stands between two small letters, or `‹` or `⁄` between capitals, and only beside letters.
- cp1254 read as cp1252: `þ ð ý` for `ş ğ ı`; see `fidan.corpus.cleaning.thorns`.

What it leaves out: letters that are lost (`?` or U+FFFD in their place), and every other fix of ftfy's.
"""

import re

import ftfy
import ftfy.bad_codecs  # registers the sloppy code pages

from fidan.corpus.cleaning import thorns

# Those that cp1252 leaves undefined stay control characters, as they may be part of a UTF-8 pair.
_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
CONTROLS = {
    chr(code): bytes([code]).decode("sloppy-windows-1252") for code in range(0x80, 0xA0) if code not in _UNDEFINED
}
_COMMON_CONTROLS = "\x91\x92\x93\x94\x95\x96\x97\x85"  # quotes, bullet, dashes, ellipsis
_CONTROL = re.compile(f"[{''.join(CONTROLS)}]")


def _second_bytes(page: str) -> str:
    return re.escape("".join(bytes([code]).decode(page) for code in range(0x80, 0xC0)))


# The first byte of a Turkish letter or of Latin punctuation, then one that may follow; the start of a quotation mark
# or a dash, of an emoji, and of the Turkish letters as Mac OS Roman shows them. `Â` is a Turkish letter: `Âş`, `Â’`.
_PAIR = re.compile(
    f"[ÃÄÅ][{_second_bytes('sloppy-windows-1252')}]|[ĂÄĹ][{_second_bytes('sloppy-windows-1250')}]"
    "|Â[\xa0-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf]|â€|[ðğ]Ÿ|√[ß∂º∫áñú¢Æª]|ƒ[±∞ûü]|≈[ûü]"
)
_FIRST = "ÂÃÄÅĂĹ€Ÿ√ƒ≈"  # one of these is in every pair
# cp1252 read as ISO 8859-1, written as UTF-8, that read as cp1252: `TürkiyeÂ’nin`. Beside capitals `Â` is right.
_TWICE = re.compile(r"(?<=[a-zçğıöşü0-9.,;!?])Â([‘’“”„–—…•])|(?<!\w)Â([‘“„])(?=\w)")
_LETTERS = {letter.encode().decode("sloppy-windows-1252"): letter for letter in "çğıöşüÇĞİÖŞÜâîû"}
_LETTER = re.compile("|".join(map(re.escape, _LETTERS)))
_PIECE = re.compile(r".{1,5000}(?!\S)|.{1,5000}", re.DOTALL)  # ftfy is not given a line of 16 MB at once

_MACINTOSH = str.maketrans("›‹€⁄ﬂﬁ", "ıİğĞşŞ")
_MACINTOSH_LINE = re.compile("(?<=[a-zçöüâ])ﬂ*›[›ﬂ]*[a-zçöüâ]|(?<=[A-ZÇÖÜÂ])‹[A-ZÇÖÜÂ]|(?<=[AEIOÖUÜ])⁄[A-ZÇÖÜ]")
_MACINTOSH_LETTERS = re.compile(r"(?<=[^\W\d_])[›‹⁄ﬂﬁ€]+(?=[^\W\d_])|(?<=[^\W\d_])[›‹ﬂﬁ]|[›‹ﬂﬁ](?=[^\W\d_])")


def repair(text: str) -> str:
    """The text as it was written, where it is mojibake; right text is left alone.

    >>> repair("TÃ¼rkÃ§e, BaÅŸkan\\x92Ä±n â€œsÃ¶zÃ¼â€\\x9d")
    'Türkçe, Başkan’ın “sözü”'
    >>> repair("Sayýn Baþkan, deðerli arkadaþlar")
    'Sayın Başkan, değerli arkadaşlar'
    >>> repair("KAŞ‹FLER‹ yaz›yor")
    'KAŞİFLERİ yazıyor'
    """
    text = read_controls(text)
    # Searches for a fixed sign are many times as fast as the patterns, and mostly find nothing.
    if any(map(text.__contains__, _FIRST)) and _PAIR.search(text):
        text = "\n".join(_decoded(line) if _PAIR.search(line) else line for line in text.split("\n"))
    if "Â" in text:
        text = _TWICE.sub(lambda match: match[1] or match[2], text)
    if any(map(text.__contains__, "›‹⁄")) and _MACINTOSH_LINE.search(text):
        text = "\n".join(_from_macintosh(line) for line in text.split("\n"))
    return thorns.repair(text)


def read_controls(text: str) -> str:
    """The text with what cp1252 has in the place of control characters.

    >>> read_controls("Sayfa\x92y\x85")
    'Sayfa’y…'
    """
    for control in _COMMON_CONTROLS:
        text = text.replace(control, CONTROLS[control])
    return _CONTROL.sub(lambda match: CONTROLS[match[0]], text)


def _decoded(line: str) -> str:
    pieces = _PIECE.findall(line) if len(line) > 5000 else [line]
    line = "".join(map(ftfy.fix_encoding, pieces))
    # Every replacement shortens the line, so this ends.
    while _LETTER.search(line):
        line = _LETTER.sub(lambda match: _LETTERS[match[0]], line)
    return line


def _from_macintosh(line: str) -> str:
    if not _MACINTOSH_LINE.search(line):
        return line
    return _MACINTOSH_LETTERS.sub(lambda match: match[0].translate(_MACINTOSH), line)
