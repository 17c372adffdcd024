"""Recognises the numbers that point to a person: identity number, tax number, IBAN, telephone, IP address.

Every recogniser looks at one place of a text, where a run of digits begins, and says what number stands there and
how far it reaches. Numbers with check digits are told by them; a telephone by the numbering plan and by how it is
grouped; an IP address by whether it can be reached from outside. What it leaves out: searching a text
(`personal_data`).

Neighbours decide whether a number is a whole one: digits glued on by a dot or a comma make it an amount. Square
brackets count as digits there and end the words that are looked at for context, so that a number is judged the same
when the one beside it has been replaced by a placeholder.

Sources: TCKN and VKN as the Turkish civil registry and revenue administration define their check digits (test value
10000000146; github.com/kumbasar/tckimlik-dogrulama); IBAN by ISO 13616 (remainder 1 by 97) and its Turkish form
(`TR`, 2 check digits, 5 of the bank, a reserved 0, 16 of the account); area codes of the national numbering plan.
"""

import ipaddress
import re

from fidan.turkish import lower

Found = tuple[str, int, int]  # kind, start, end
"""A kind of number, or "" for a number of no kind that is to be stepped over."""

_AREAS = frozenset(
    int(code)
    for code in (
        "212 216 222 224 226 228 232 236 242 246 248 252 256 258 262 264 266 272 274 276 282 284 286 288 312 318 "
        "322 324 326 328 332 338 342 344 346 348 352 354 356 358 362 364 366 368 370 372 374 376 378 380 382 384 "
        "386 388 392 412 414 416 422 424 426 428 432 434 436 438 442 446 452 454 456 458 462 464 466 472 474 476 "
        "478 482 484 486 488 "
    ).split()
)
_SERVICES = frozenset((800, 811, 822, 850, 888, 900))
_REACH = 40  # characters before a number in which a word tells what it is

_GAP = r"(?: ?[.–/-] ?| )?"
_PHONE = re.compile(
    r"(?P<prefix>(?:00)?90\)?[ .–/-]?(?:\(?0\)?[ .–/-]?)?|0[ .–/-]?)?"
    r"(?P<open>\()? ?(?P<area>[2-589][0-9]{2})(?P<gap> ?\)?[ .–/-]{0,3})"
    rf"(?P<body>[0-9]{{3}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}|[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{3}}|"
    rf"[0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{2}}|[0-9]{{3}}{_GAP}[0-9]{_GAP}[0-9]{{3}}|[0-9]{{4}}{_GAP}[0-9]{{3}})"
    r"(?!\w|[.,][0-9\[])"
)
_USUAL_BODY = re.compile(r"[0-9]{3}(?:[ .–/-]| - )[0-9]{2}(?:[ .–/-]| - )[0-9]{2}|[0-9]{7}")
_CALL_CENTRE = re.compile(r"444(?:[ -]?[0-9]{4}|[ -][0-9][ -]?[0-9]{3}|[ -][0-9]{2}[ -]?[0-9]{2})(?!\w|[.,-][0-9\[])")
_ROW = re.compile(r"(?:^|[^0-9])[0-9] ")  # a single digit
_IBAN = re.compile(r"[0-9]{2}(?:[ -]?[0-9]){22}(?![0-9A-Za-z])")
_RUN = re.compile(r"[0-9]+")
_GROUPED_TCKN = re.compile(r"[1-9][0-9]{2} [0-9]{3} [0-9]{3} [0-9]{2}(?!\w|[.,:/-][0-9\[]| [0-9])")
_GROUPED_VKN = re.compile(r"[0-9]{3} [0-9]{3} (?:[0-9]{4}|[0-9]{2} [0-9]{2})(?!\w|[.,:/-][0-9\[]| [0-9])")
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\w|\.[0-9\[])")
_IPV6 = re.compile(r"2[0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_CUT = re.compile(r"[0-9\[\]\n]")
# What tells in words what a number is, in Turkish lower case, where the I of English capitals is an ı.
_TAX = re.compile(r"vergi|\bvkn|\bv\.? ?k\.? ?n|mükellef")
_CALL = re.compile(
    r"\btel\b|telefon|\bgsm|\bcep\b|\bfaks|\bfax|whatsapp|irtibat|iletişim|çağrı|danışma|hattı\b|\bsms\b|"
    r"müşteri hizmet"
)
_CALL_AFTER = re.compile(
    r"['’]?\w{0,4} ?(?:numaralı |nolu |no'lu )?(?:telefon|hat\b|hattı|gsm|cep|arayın|arayabil|arayarak)"
)
_ADDRESS = re.compile(
    r"\b[ıi]p(?:v4)?\b|adres|sunucu|server|\bhost|\bdns|\bp[ıi]ng|bağlan|proxy|\bport\b|\bağ\b|https?:|ftp"
)
_ADDRESS_AFTER = re.compile(r" (?:nolu |numaralı )?[ıi]p\b")
_VERSION = re.compile(
    r"sürüm|vers[ıi](?:on|yon)|\bv\.? ?$|bu[ıi]ld|güncelle|yama|f[ıi]rmware|madde|bölüm|kısım|paket|framework"
)
_BOOK = re.compile(r"[ıi]sbn|[ıi]ssn|barkod|\bean\b|\bdo[ıi]\b")
_ROUND = re.compile(r"0000$|1234567890|(.)\1{5}")  # examples and round amounts; one in ten fits the check digit
_AMOUNT = re.compile(
    r" ?(?:[$€₺£%]|(?:TL|YTL|USD|EUR|KB|MB|GB|[Ll]ira|LİRA|kuruş|[Dd]olar|[Ee]uro|[Aa]vro|sterlin|mark|frank|bin|"
    r"milyon|milyar|trilyon|kişi|adet|ton|metre|kilo|km|kg|bayt|byte)(?![a-zçğıöşü]{4}))"
)


def is_tckn(digits: str) -> bool:
    """Whether eleven digits are an identity number.

    The tenth digit is (7 · (d1 + d3 + d5 + d7 + d9) − (d2 + d4 + d6 + d8)) mod 10, the eleventh the sum of the others
    mod 10, and the first is not 0.

    >>> is_tckn("10000000146"), is_tckn("10000000147")
    (True, False)
    """
    d = [int(digit) for digit in digits]
    if len(d) != 11 or d[0] == 0:
        return False
    return (7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10 == d[9] and sum(d[:10]) % 10 == d[10]


def is_vkn(digits: str) -> bool:
    """Whether ten digits are a tax number.

    With t = (d_i + 9 − i) mod 10 for the i-th of the first nine (from 0, so 9 − i falls from 9 to 1), each adds
    t · 2^(9 − i) mod 9, or 9 where that is 0 and t is not; the tenth digit brings the sum to a multiple of 10.

    >>> is_vkn("1234567890")
    True
    """
    if len(digits) != 10:
        return False
    total = 0
    for index, digit in enumerate(digits[:9]):
        shifted = (int(digit) + 9 - index) % 10
        part = shifted * 2 ** (9 - index) % 9
        total += 9 if shifted and not part else part
    return (10 - total % 10) % 10 == int(digits[9])


def is_iban(digits: str) -> bool:
    """Whether the 24 digits after `TR` are those of a Turkish IBAN: a reserved 0, and a remainder of 1 by 97.

    >>> is_iban("330006100519786457841326")
    True
    """
    # The country goes to the end with its check digits, T as 29 and R as 27.
    return len(digits) == 24 and digits[7] == "0" and int(digits[2:] + "2927" + digits[:2]) % 97 == 1


def _before(text: str, start: int) -> str:
    """The words just before a place, in lower case, back to the last digit, bracket or line break."""
    return lower(_CUT.split(text[max(0, start - _REACH) : start])[-1])


def _after(text: str, end: int) -> str:
    return lower(_CUT.split(text[end : end + _REACH], maxsplit=1)[0])


def _in_link(text: str, start: int) -> bool:
    begin = max(text.rfind(" ", max(0, start - 100), start), text.rfind("\n", max(0, start - 100), start)) + 1
    token = text[begin or max(0, start - 100) : start]
    return ("://" in token or "www." in token) and not token.endswith("wa.me/")


def _begins(text: str, start: int, dividers: str) -> bool:
    """Whether a number can begin here: nothing glued on, and no divider between it and another number."""
    if start == 0:
        return True
    before = text[start - 1]
    if before.isalnum() or before in "]_&#%@$€₺£":
        return False
    return not (before in dividers and start > 1 and (text[start - 2].isdecimal() or text[start - 2] == "]"))


def _follows_number(text: str, start: int) -> bool:
    """Whether a number stands before, with a space between: a row of a table."""
    return start > 1 and text[start - 1] == " " and (text[start - 2].isdecimal() or text[start - 2] == "]")


def _ends(text: str, end: int) -> bool:
    """Whether a number without dividers can end here."""
    after = text[end : end + 2]
    if not after:
        return True
    if after[0].isalnum() or after[0] == "_":
        return False
    return not (after[0] in ".,:/-" and len(after) > 1 and (after[1].isdecimal() or after[1] == "["))


def find_number(text: str, start: int, kinds: frozenset[str]) -> Found | None:
    """The number that stands where a run of digits begins, or None.

    Args:
        text: it.
        start: of the run of digits; a `+`, `(` or `TR` before it may belong to the number.
        kinds: those that are looked for, of tckn, vkn, iban, phone and ip.
    """
    if (found := _iban(text, start, kinds)) or (found := _address(text, start, kinds)):
        return found
    run = _RUN.match(text, start)
    end = run.end() if run else start
    count = end - start
    taxed = count == 10 and "vkn" in kinds and is_vkn(text[start:end]) and _is_number(text, start, end)
    if taxed and _TAX.search(_before(text, start)):
        return "vkn", start, end
    # A mobile number is ten digits too, and one in ten of them has the check digit of a tax number by chance. Without
    # a word that says which it is, it is taken for the commoner of the two.
    if "phone" in kinds and (found := _phone(text, start)):
        return found
    if taxed and not _ROUND.search(text[start:end]) and not _CALL.search(_before(text, start)):
        return "vkn", start, end
    if "tckn" in kinds and count == 11 and is_tckn(text[start:end]) and _is_number(text, start, end):
        return "tckn", start, end
    return _grouped(text, start, kinds) if count == 3 else None


def _is_number(text: str, start: int, end: int) -> bool:
    """Whether digits stand alone, and are no amount, no book and no part of a link."""
    if not (_begins(text, start, ".,:'-/") and _ends(text, end)) or _AMOUNT.match(text, end):
        return False
    return not _in_link(text, start) and not _BOOK.search(_before(text, start) + _after(text, end))


def _iban(text: str, start: int, kinds: frozenset[str]) -> Found | None:
    country = start - 3 if text[max(0, start - 1) : start] == " " else start - 2
    if country < 0 or text[country : country + 2] not in ("TR", "tr", "Tr") or not _begins(text, country, ""):
        return None
    match = _IBAN.match(text, start)
    if not match:
        return None
    if "iban" in kinds and is_iban("".join(_RUN.findall(match[0]))):
        return "iban", country, match.end()
    return "", start, match.end()  # what is inside a wrong one is nothing else


def _grouped(text: str, start: int, kinds: frozenset[str]) -> Found | None:
    """An identity number written as 100 000 001 46, or a tax number as 123 456 7890 after a word that says so."""
    if not _begins(text, start, ".,:'-/") or _follows_number(text, start):
        return None
    match = _GROUPED_TCKN.match(text, start)
    if match and "tckn" in kinds and is_tckn(match[0].replace(" ", "")) and not _AMOUNT.match(text, match.end()):
        return "tckn", start, match.end()
    match = _GROUPED_VKN.match(text, start)
    if match and "vkn" in kinds and is_vkn(match[0].replace(" ", "")) and _TAX.search(_before(text, start)):
        return "vkn", start, match.end()
    return None


def _address(text: str, start: int, kinds: frozenset[str]) -> Found | None:
    """A public IP address. Four numbers with dots are also how versions and sections are counted.

    They are an address when a word beside them says so, or when three of them have at least two digits; not when a
    word says that they are a version.
    """
    match = _IPV4.match(text, start)
    if match is None:
        match = _IPV6.match(text, start) if text[start + 4 : start + 5] == ":" else None
        if match is None or not _begins(text, start, ".:-") or not _is_public(match[0]):
            return None
        return ("ip" if "ip" in kinds else ""), start, match.end()
    if not _begins(text, start, ".,") or not _is_public(match[0]):
        return None
    before = _before(text, start)
    if _CALL.search(before) or _VERSION.search(before):
        return None
    named = _ADDRESS.search(before) or _ADDRESS_AFTER.match(_after(text, match.end()))
    if not named and sum(len(part) > 1 for part in match[0].split(".")) < 3:
        return None
    return ("ip" if "ip" in kinds else ""), start, match.end()


def _is_public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False  # above 255, a leading zero, too few groups
    return parsed.is_global and not parsed.is_multicast


def _phone(text: str, start: int) -> Found | None:
    """A telephone number of Turkey. Without 0 or +90 it needs its usual grouping, or a word that says what it is."""
    match = _PHONE.match(text, start)
    if match is None:
        return _call_centre(text, start)
    area, body, prefix, end = int(match["area"]), match["body"], match["prefix"] or "", match.end()
    mobile, landline = area // 100 == 5, area in _AREAS and body[0] > "1"
    begin = start - 1 if text[max(0, start - 1) : start] == "+" else start
    if begin < start and "9" not in prefix:
        return None  # of another country
    if text[max(0, begin - 1) : begin] == "(" and not match["open"] and (")" in match["gap"] or ")" in prefix):
        begin -= 1
    if not (mobile or landline or area in _SERVICES) or not _begins(text, begin, ".,"):
        return None
    if _in_link(text, begin):
        return None
    before = _before(text, begin)
    called = bool(_CALL.search(before) or _CALL_AFTER.match(_after(text, end)))
    if prefix:
        decimal = prefix == "0." and match[0][2:].isdecimal()
        # The 0 of a table: 5 5 0 364 322 10 42.
        table = prefix == "0 " and not called and _ROW.fullmatch(text[max(0, begin - 3) : begin])
        return None if decimal or table else ("phone", begin, end)
    if area in _SERVICES or _AMOUNT.match(text, end) or _TAX.search(before):
        return None
    if match[0].isdecimal():
        sure = mobile and area < 570 and _is_number(text, begin, end)
    else:
        usual = match["gap"] != "" and _USUAL_BODY.fullmatch(body) and not _follows_number(text, begin)
        sure = ")" in match["gap"] or bool(usual)
    return ("phone", begin, end) if sure or called else None


def _call_centre(text: str, start: int) -> Found | None:
    """A number such as 444 1 444."""
    match = _CALL_CENTRE.match(text, start)
    if match is None or not _begins(text, start, ".,-/") or _AMOUNT.match(text, match.end()) or _in_link(text, start):
        return None
    if _CALL.search(_before(text, start)) or _CALL_AFTER.match(_after(text, match.end())):
        return "phone", start, match.end()
    # Without a word for it, neither a number in one piece nor one in a row of numbers.
    return None if match[0].isdecimal() or _follows_number(text, start) else ("phone", start, match.end())
