"""A law's text as blocks: what stood between two blank lines, on one line; without what is printed after the law.

What it leaves out: footnotes and page numbers (`fidan.law.annotations`).
"""

import re

from fidan.law.starts import DASH, NUMBER, START, find_start
from fidan.turkish import upper

# An article in the block of its heading: "Bekletici sorun MADDE 165- (1)".
_KINDS = "Geçici GEÇİCİ Ek EK Mükerrer MÜKERRER Muvakkat".split()
_WITHIN = re.compile(
    "".join(f"(?<!{re.escape(word)})" for word in [*_KINDS, "ilâ", "ila", "ve", *'“"(-–'])
    + rf"\s+(?=(?:(?:{'|'.join(_KINDS)}) ){{0,2}}(?:Madde|MADDE) \d+(?:/[A-Z])?\s*[{DASH}]\s*[(A-ZÇĞİÖŞÜ])"
)
_ALONE = re.compile(r"(?:(?:ek|geçici|mükerrer)\s+)*(?:madde)?", re.IGNORECASE)
# "MADDE 34 ila", its end in the next block.
_OPEN = re.compile(rf"madde\s+{NUMBER}\s*(?:ilâ|ila|ve|,)", re.IGNORECASE)
# An amendment note that goes on in the next block; a longer one was never closed.
_NOTE_OPEN = re.compile(r"[^()]{0,30}\((?=\s*(?:[Dd]eğişik|[Ee]k\b|[Mm]ülga|[İi]ptal|\d{1,2}/\d))[^)]{0,300}$")
_LISTED = re.compile(rf"madde(?:\s*\d+\s*[{DASH}])+", re.IGNORECASE)
_LAST = re.compile(r"(?i:(?:kanun|anayasa|kararname)\w*\b.*\b(?:yürütür|icra eder|me[’']?murdur))\W*$")
_END = re.compile(
    r"(?:SAYILI|TARİHLİ)?\s*(?:ANA )?KANUN\S* .*(?:İŞLENE?MEYEN|EK VE DE[ĞG]İŞİKLİK)"
    r"|^İŞLENE?MEYEN (?:HÜKÜM|GEÇİCİ|MADDE)|EK VE DE[ĞG]İŞİKLİK (?:GETİREN|YAPAN)|ANA KANUNA İŞLENE?MEYEN"
    r"|SAYILI KANUNA DEĞİŞİKLİK GETİREN|SAYILI KANUNDA DEĞİŞEN|GİRİŞ TARİH\S* GÖSTER"
    r"|DEĞİŞİKLİKLER (?:CETVELİ|TABLOSU)"
)
_TABLE_HEAD = re.compile(
    r"Değiştiren (?:Kanun|Mevzuat)\S* .*(?:Numarası|Mevzuat|İptal Eden).*"
    r"|Yayımlandığı R(?:esm[iî]|\.)\s?G(?:azete|\.)\W?n[iı]n"
)
_ANNEX = re.compile(
    r"\(?\s*(?:[IVX]+|\d+)(?:\s*/\s*\w)?\s*\)?\s*(?:SAYILI|NUMARALI|NOLU)\s+(?:LİSTE|CETVEL|TARİFE|TABLO|EK)\w{0,4}\s*$"
    r"|EK\s*[-–:]?\s*(?:\d+|[IVX]+)?\s*(?:SAYILI\s+)?(?:LİSTE|CETVEL|TABLO)?\s*$|(?:LİSTE|CETVEL|TABLO|KROKİ)LER\s*$"
)


def split_blocks(text: str) -> list[str]:
    """The blocks between blank lines, each on one line; a word that is cut by a hyphen is whole again.

    "Madde" and its number are one block even where a blank line parts them, and an article that begins in the block
    of its heading begins a new one.
    """
    text = re.sub(r"(?<=[a-zçğıöşü]{2})-\n(?=[a-zçğıöşü]{2})", "", text.replace("\r\n", "\n").replace("\u00ad", ""))
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        joined = " ".join(block.split())
        if not joined:
            continue
        if blocks and joined[0] in "mM0123456789" and _goes_on(blocks[-1], joined):
            joined = f"{blocks.pop()} {joined}"
        if blocks and _is_open_note(blocks[-1]) and not START.match(joined):
            blocks[-1] += f" {joined}"
        elif "adde " in joined or "ADDE " in joined:
            blocks += _WITHIN.split(joined)
        else:
            blocks.append(joined)
    return blocks


def _is_open_note(block: str) -> bool:
    return _NOTE_OPEN.match(block) is not None and block.count("(") > block.count(")")


def _goes_on(block: str, following: str) -> bool:
    """Whether the head of an article is parted by a blank line: "Madde" from its number, "MADDE 52-" from "53-"."""
    if _ALONE.fullmatch(block) or _OPEN.fullmatch(block):
        return True
    numbers = re.findall(r"\d+", block) if _LISTED.fullmatch(block) else []
    further = re.match(rf"(\d+)\s*[{DASH}]\s*(?:\d|\(|$)", following)
    return bool(numbers and further) and int(further[1]) == int(numbers[-1]) + 1  # type: ignore[index]


def before_tables(blocks: list[str]) -> list[str]:
    """The law without what is printed after it: other laws' provisions, and the table of its amendments."""
    seen = False
    for index, block in enumerate(blocks):
        seen = seen or find_start(index, block) is not None
        if seen and _TABLE_HEAD.fullmatch(block):
            return blocks[:index]
        if seen and len(block) < 400 and block == upper(block):
            joined = " ".join(blocks[index : index + 2])
            if _END.search(joined) and not START.match(block):
                return blocks[:index]
    return blocks


def before_annex(blocks: list[str]) -> list[str]:
    """An article without the lists and tables that follow it."""
    cut = next((i for i, block in enumerate(blocks) if len(block) < 60 and _ANNEX.match(block)), len(blocks))
    return blocks[:cut]


def after_execution(blocks: list[str]) -> int | None:
    """The number of blocks after which the article on execution ends ("Bu Kanunu Cumhurbaşkanı yürütür.").

    What follows the last article of a law without a heading is of other laws.
    """
    return next((index for index, block in enumerate(blocks[:6]) if _LAST.search(block)), None)
