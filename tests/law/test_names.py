"""What people call a law."""

from collections import Counter

import pytest

from fidan.law.names import Names, plain, resolve_law
from fidan.law.names_data import NAMES


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("TMK", "4721"), ("tmk", "4721"), ("4721", "4721"), ("4721 sayılı Kanun", "4721"), ("657/1925", "657/1925"),
        ("Türk Medenî Kanunu", "4721"), ("TÜRK MEDENİ KANUNU", "4721"), ("Medeni Kanun'un", "4721"), ("MK", "4721"),
        ("Anayasa'nın", "2709"), ("Anayasanın", "2709"), ("İİK", "2004"), ("iik", "2004"), ("İş Kanunu'na", "4857"),
        ("Tüketicinin Korunması Hakkında Kanunun", "6502"), ("KABAHATLER KANUNU", "5326"), ("KVKK’dan", "6698"),
        ("Anayasal", None), ("Bilinmeyen Kanun", None), ("", None),
    ],
)  # fmt: skip
def test_a_law_is_known_by_number_short_form_and_name(name: str, number: str | None) -> None:
    assert resolve_law(name) == number


def test_titles_of_an_index_are_names_too_but_never_against_the_table() -> None:
    names = Names({"9901": "Bahçe Kanunu", "9905": "İş Kanunu"})
    assert names.resolve("Bahçe Kanunu'nun") == "9901"
    assert names.resolve("İş Kanunu") == "4857"


def test_no_name_stands_for_two_laws() -> None:
    names = [plain(name.strip()) for line in NAMES.strip().splitlines() for name in line.partition(" ")[2].split(";")]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(NAMES.strip().splitlines()) >= 100


def test_every_common_name_is_a_title_or_told_to_be_none(real_data: object) -> None:
    """Numbers of the table belong to laws of the collection, but for a few that are repealed or missing there."""
    import lzma
    import re
    from pathlib import Path

    assert isinstance(real_data, Path)
    with lzma.open(real_data / "law" / "laws.jsonl.xz") as file:
        heads = [re.search(rb'"law_number": ?"(\d+)"', line[:600]) for line in file]
    numbers = {head[1].decode() for head in heads if head}
    assert {number for number in Names().shorts if number not in numbers} <= {"3984"}
