"""The texts on which tokenizers differ: hard ones written down, names of control symbols, and random ones.

What has gone wrong with each kind elsewhere: spaces at the ends and in runs are dropped or doubled, line breaks and
tabs are taken for spaces, U+2581 and U+2047 stand for something inside SentencePiece, NUL ends a C string, a byte
order mark is skipped, joined emoji and combining marks are recomposed, bytes' names become bytes, and Turkish letters
are folded. What it leaves out: halves of surrogate pairs, which are no text.
"""

import random

from fidan.tokenizer.tokenizer import SPACE, Tokenizer

TEXTS = (
    "",
    " ",
    "  ",
    "   a   b   ",
    " baştaki boşluk",
    "sondaki boşluk ",
    "iki  boşluk   üç boşluk",
    "\n",
    "\n\n\nüç satır\n",
    " \n \n",
    "bir\r\niki\rüç\u0085dört",
    "\tsekme\t\tsekme ",
    "\0",
    "a\0b\x01\x1b[0m\x7f\x1f",
    "İIıi i̇ I\u0307 â î û Â Î Û ğüşöç ĞÜŞÖÇ",
    "IĞDIR'ın ILIK İLKBAHARI; Kâğıthane’nin hâlâ kâr eden dükkânı",
    "Ankara'da Ankara’da Ankara`da Ankara´da Ankaraʼda ''' ’’’",
    "1234567890 3,14 1.000.000 ½ ² Ⅷ ٣ ৩ १२",
    "漢字かな 한국어 العربية עברית हिन्दी ไทย ქართული",
    "السَّلَامُ عَلَيْكُمْ \u202bمرحبا\u202c",
    "👨‍👩‍👧‍👦 🇹🇷 🇹🇷🇦🇿 👍🏽 👩🏿‍🌾 ❤️ ❤ 🏴\U000e0067\U000e0062\U000e007f 1️⃣",
    "\ufeffbaşta BOM, ortada\ufeffBOM",
    "\u00a0\u200b\u200c\u200d\u2060\ufeff\u202e\u2028\u2029\u3000\u00ad",
    "a\u00a0b\u200bc\u2009d\u202fe",
    "⁇ \u2047 ▅ ⁇ ▂ \ufffd",
    SPACE,
    SPACE * 3,
    f" {SPACE} ",
    f"a{SPACE}b",
    f"{SPACE}a",
    f"a{SPACE}",
    "e\u0301" * 20 + "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "ş ş ç ç ğ ğ",  # one code point, and a letter with its mark
    "\u0301\u0327\u0307",
    "ﬁ ﬂ ﷺ Ǆ ａｂｃ",  # what NFKC would take apart
    "<0x0A><0xFF><0x00> <0x0a> <0xGG>",
    "\U0010ffff\ue000𝕏\ufdd0\U0001fffe",
    "if x:\n    return {'a': [1, 2]}\n",
    "https://ornek.com.tr/şehir?id=1&x=%20#a_b",
    "a" * 5_000,
    " " * 3_000,
    "\n" * 1_000,
    "ab" * 2_000,
    "İ" * 1_000,
    "👩‍🌾" * 300,
    "Muvaffakiyetsizleştiricileştiriveremeyebileceklerimizdenmişsinizcesine" * 20,
)
_LETTERS = "aeıioöuübcçdgğklmnrsştyzABCÇİIĞÖŞÜâîû  \n\t.,'’-0123"
_RANGES = ((0, 0x24F), (0x300, 0x36F), (0, 0xD7FF), (0xE000, 0x10FFFF))


def named_texts(tokenizer: Tokenizer) -> list[str]:
    """Texts that hold the names of the tokenizer's control symbols: alone, side by side, and within text."""
    names = [tokenizer.piece(i) for i in sorted(tokenizer.special_ids)]
    return [
        *names,
        "".join(names),
        " ".join(names),
        *(f"ev{name}göl {name} deniz{name}\n{name}" for name in names),
        *(name[:-1] for name in names),
        *(f"<{name}>" for name in names),
    ]


def random_texts(tokenizer: Tokenizer, count: int, seed: int = 11) -> list[str]:
    """Texts of random letters, of random pieces, of parts of `TEXTS`, and of random characters.

    Args:
        tokenizer: whose pieces are strung together.
        count: how many.
        seed: the same seed gives the same texts.
    """
    draw = random.Random(seed)
    parts = [text for text in TEXTS if len(text) < 300]
    return [_random_text(draw, tokenizer, parts) for _ in range(count)]


def _random_text(draw: random.Random, tokenizer: Tokenizer, parts: list[str]) -> str:
    kind = draw.random()
    if kind < 0.3:
        return "".join(draw.choice(_LETTERS) for _ in range(draw.randint(0, 60)))
    if kind < 0.5:
        return "".join(draw.choice(parts) for _ in range(draw.randint(1, 3)))
    if kind < 0.8:
        pieces = [tokenizer.piece(draw.randrange(tokenizer.vocab_size)) for _ in range(draw.randint(1, 20))]
        return "".join(pieces).replace(SPACE, draw.choice(f" {SPACE}"))
    return "".join(chr(draw.randint(*draw.choice(_RANGES))) for _ in range(draw.randint(1, 30)))
