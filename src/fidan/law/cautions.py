"""What a reader of an answer should know of how it was read or found, in Turkish.

"BK 41" is read as the Code of Obligations in force, though old decisions mean the repealed one by it; a provisional
article may have run out. What it leaves out: cautions about the search itself (`fidan.law.assistant`).
"""

import re
from calendar import monthrange
from datetime import date

from fidan.law.article import Article
from fidan.law.citations import Found
from fidan.law.names import plain

_OLD = {
    "bk": "BK, yürürlükteki 6098 sayılı Türk Borçlar Kanunu olarak okundu; 818 sayılı eski kanunun madde numaraları "
    "başkadır.",
    "mk": "MK, yürürlükteki 4721 sayılı Türk Medeni Kanunu olarak okundu; 743 sayılı eski kanunun madde numaraları "
    "başkadır.",
}
_SHORT_FORM = re.compile(r"(?<!\w)(bk|mk)(?!\w)")
_DATE = r"(\d{1,2})\s?/\s?(\d{1,2})\s?/\s?(\d{4})"
# "1/1/2020 ilâ 31/12/2023 tarihleri arasında", "31/12/2023 tarihine (bu tarih dâhil) kadar".
_UNTIL = re.compile(
    rf"(?:\bil[aâ]|\d{{4}}\s?[-–])\s*{_DATE}|{_DATE}\s*(?:tarih\w+|gün\w+|'\w+)\s+(?:\([^)]*\)\s*)?kadar"
)


def short_forms_read(question: str, found: list[Found]) -> list[str]:
    """That "BK" and "MK" in the citations of a question were read as the codes in force."""
    text = plain(question)
    read = (match for one in found for match in _SHORT_FORM.finditer(text, one.start, one.end))
    return list(dict.fromkeys(_OLD[match[1]] for match in read))


def lapsed(article: Article, today: date | None = None) -> date | None:
    """The last end date that a provisional article names, where it is past; None for any other article.

    Args:
        article: any article.
        today: the day to compare with; None: the present one.
    """
    if article.kind not in ("geçici", "ek geçici"):
        return None
    ends = []
    for match in _UNTIL.finditer(plain(article.text)):
        day, month, year = (int(part) for part in match.groups() if part is not None)
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
            ends.append(date(year, month, day))
    end = max(ends, default=None)
    return end if end is not None and end < (today or date.today()) else None


def lapsed_told(short: str, end: date) -> str:
    """The caution for a provisional article that may have run out."""
    return f"{short}: bu geçici maddenin süresi {end.day}/{end.month}/{end.year} tarihinde dolmuş olabilir."
