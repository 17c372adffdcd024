"""Files of laws: what is read of them, and every fault told with its place and its remedy."""

import lzma
import re
from collections import Counter
from pathlib import Path

import orjson
import pytest

from fidan.errors import SourceError
from fidan.law.parsing import article_starts
from fidan.law.starts import number_key
from fidan.law.statutes import distinct_numbers, read_laws
from tests.law.conftest import GARDEN, WELL


def row(number: str = "9902", status: str = "in_force", accepted: str = "1950-01-01", text: str = WELL) -> bytes:
    meta = {
        "law_number": number, "title": "KUYU  KANUNU", "slug": f"{number}-kuyu", "effective_status": status,
        "accepted_date": accepted, "official_gazette": {"date": None}, "source_url": "https://example.org",
    }  # fmt: skip
    return orjson.dumps({"id": f"{number}-kuyu", "meta": meta, "text": text}) + b"\n"


def test_a_text_file_is_a_law_with_number_title_and_dates(law_files: list[Path]) -> None:
    garden, well = read_laws(law_files)
    assert (garden.number, garden.title, garden.name) == ("9901", "BAHÇE KANUNU", "Bahçe Kanunu")
    assert (garden.accepted, garden.version, garden.status) == ("1999-05-03", "2023-07-14", "in_force")
    assert (well.number, len(well.articles), well.version) == ("9902", 2, "1950-01-01")


def test_the_number_may_be_told_by_the_files_name(tmp_path: Path) -> None:
    path = tmp_path / "9903-agac.txt"
    path.write_text("AĞAÇ KANUNU\n\nMadde 1 – Ağaç dikilir.\n", encoding="utf-8")
    assert next(read_laws([path])).number == "9903"


def test_a_jsonl_file_gives_laws_in_force_unless_others_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "laws.jsonl.xz"
    path.write_bytes(lzma.compress(row() + b"\n" + row("9904", "repealed")))
    assert [law.number for law in read_laws([path])] == ["9902"]
    assert [law.number for law in read_laws([path], "repealed")] == ["9904"]
    (law, _) = read_laws([path], "all")
    assert (law.title, law.source, law.articles[0].law) == ("KUYU KANUNU", "https://example.org", "9902")


def test_of_two_laws_with_one_number_the_older_is_told_by_its_year(tmp_path: Path) -> None:
    path = tmp_path / "laws.jsonl"
    path.write_bytes(row(accepted="1925-03-04") + row(accepted="1965-07-14"))
    laws = distinct_numbers(read_laws([path]))
    assert [law.number for law in laws] == ["9902/1925", "9902"]
    assert laws[0].articles[0].law == "9902/1925"


def test_the_same_law_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "laws.jsonl"
    path.write_bytes(row() * 2)
    with pytest.raises(SourceError, match="law 9902: read twice"):
        distinct_numbers(read_laws([path]))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"\n\n", "nothing but blank lines"),
        ("a.txt", b"KUYU KANUNU\n\nKuyu derin olur.", "number is not told"),
        ("9902.txt", b"KUYU KANUNU\n\nKuyu derin olur.", "no article in it"),
        ("9902.txt", "KUYU KANUNU\n\nMadde 1 – Çit.".encode("cp1254"), "byte 21 is not UTF-8 .*iconv"),
        ("a.jsonl", row() + row().replace(b"Kuyu", b"\xff", 1), r"byte 728 is not UTF-8"),
        ("a.jsonl", b"{}\n", "line 1 is no law"),
        ("a.jsonl", b"5\n", r"line 1 is no law \(no text, meta, law_number, title\)"),
        ("a.jsonl", b'{"text": 5}', r"line 1 is no law \(no meta, law_number, title\)"),
        ("a.jsonl", b'{"text": 5, "meta": {"law_number": 1, "title": "x"}}', "its text is 5"),
        ("a.jsonl", row() + b"{", "line 2 .* is no JSON"),
        ("a.jsonl", row("1", "lost"), "effective_status 'lost'"),
        ("a.jsonl.xz", lzma.compress(row() * 50)[:-40], "truncated"),
        ("a.jsonl.xz", b"no archive at all", "should be xz"),
    ],
)
def test_a_file_that_is_no_law_is_told_with_its_place(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message) as caught:
        list(read_laws([path]))
    assert str(path) in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(read_laws([tmp_path / "none.jsonl"]))


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder"):
        list(read_laws([tmp_path]))


def test_text_with_windows_line_ends_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "9901.txt"
    path.write_bytes(GARDEN.replace("\n", "\r\n").encode())
    assert len(next(read_laws([path])).articles) == 13


# The laws that people ask about most, and how many main articles each has.
COMPLETE = {
    "2709": 177, "4721": 1030, "6098": 649, "5237": 345, "5271": 335, "6100": 452, "6102": 1535, "2004": 370,
    "4857": 122, "6502": 88, "213": 416, "193": 126, "657": 239, "2918": 138, "5510": 109, "6183": 118, "2577": 65,
    "1136": 201, "1512": 210, "6769": 193, "5411": 171, "6362": 151, "4458": 248, "298": 189, "5275": 124,
    "2547": 68, "3213": 54, "5018": 83, "3194": 50, "4734": 70, "6698": 33, "5326": 45, "634": 76,
}  # fmt: skip


@pytest.fixture(scope="module")
def some_laws(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The laws above, cut from the collection."""
    path = tmp_path_factory.mktemp("real") / "laws.jsonl"
    wanted = re.compile(rb'"law_number": ?"(?:%s)"' % "|".join(COMPLETE).encode())
    with lzma.open(real_data / "law" / "laws.jsonl.xz") as file, path.open("wb") as out:
        out.writelines(line for line in file if wanted.search(line[:600]))
    return path


def test_the_large_laws_are_whole(some_laws: Path) -> None:
    found = {}
    for row in map(orjson.loads, some_laws.read_bytes().splitlines()):
        meta = row["meta"]
        if meta["effective_status"] == "in_force":  # of two with one number the newer one
            known = found.setdefault(meta["law_number"], row)
            if meta["accepted_date"] > known["meta"]["accepted_date"]:
                found[meta["law_number"]] = row
    for number, last in COMPLETE.items():
        # Where articles begin, without their texts: all of it takes three times as long.
        starts = [start for start in article_starts(found[number]["text"])[1] if start.kind == "madde"]
        labels = Counter(label for start in starts for label in (start.number, *start.others))
        assert sorted({number_key(label)[0] for label in labels}) == list(range(1, last + 1)), number
        assert labels.most_common(1)[0][1] == 1, number


def test_a_large_law_of_the_collection_is_read(some_laws: Path, tmp_path: Path) -> None:
    path = tmp_path / "laws.jsonl"
    lines = some_laws.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if re.search(rb'"law_number": ?"(?:657|5237)"', line[:600])))
    laws = {law.number: law for law in distinct_numbers(read_laws([path]))}
    assert set(laws) >= {"657", "5237"}
    theft = next(article for article in laws["5237"].articles if article.label == "142")
    assert theft.heading == "Nitelikli hırsızlık"
    items = theft.paragraphs[0].split("\n")
    assert [item[:2] for item in items[1:-1]] == ["a)", "c)", "d)", "e)"]  # b and f are repealed
    assert items[-1].startswith("İşlenmesi hâlinde")
    duties = next(article for article in laws["657"].articles if article.label == "125")
    assert sum(line.startswith("h)") for line in duties.text.split("\n")) >= 3
