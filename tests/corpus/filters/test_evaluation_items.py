"""Every text of an evaluation file is read, with the number by which a person finds it; bad files are named."""

import gzip
import json
import lzma
from pathlib import Path

import pytest

from fidan.corpus.filters.evaluation_items import read_texts
from fidan.errors import SourceError


def written(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_json_lines(tmp_path: Path) -> None:
    content = '{"soru": "Kim?", "şıklar": ["Ali", {"b": "Can"}], "no": 3}\n\n"tek"\n{"a": null, "b": NaN, "c": " "}\n'
    for name, data in (("a.jsonl", content.encode()), ("a.jsonl.gz", gzip.compress(content.encode()))):
        assert list(read_texts(written(tmp_path, name, data))) == [(1, "Kim?"), (1, "Ali"), (1, "Can"), (3, "tek")]


def test_nested_json(tmp_path: Path) -> None:
    squad = {
        "version": "1.1",
        "data": [
            {"title": "Başlık", "paragraphs": [{"context": "Uzun.\u2028Yazı", "qas": [{"id": 7, "question": "Ne?"}]}]}
        ],
    }
    path = written(tmp_path, "a.json", json.dumps(squad))
    assert list(read_texts(path)) == [(1, "1.1"), (2, "Başlık"), (3, "Uzun.\u2028Yazı"), (4, "Ne?")]


@pytest.mark.parametrize("mark", [",", ";"])
def test_csv(tmp_path: Path, mark: str) -> None:
    rows = [["soru", "cevap", "not"], ['Ne "dedi"; kim, nerede?', "İki\nsatır", ""], ["Üç", "x" * 200_000, "z"]]
    content = "\ufeff" + "".join(mark.join('"' + cell.replace('"', '""') + '"' for cell in r) + "\r\n" for r in rows)
    numbered = [(number, cell) for number, row in enumerate(rows, start=1) for cell in row if cell]
    assert list(read_texts(written(tmp_path, "a.csv", content))) == numbered


def test_tsv_and_lines(tmp_path: Path) -> None:
    content = 'bir "iki\tüç\n\ndört'
    found = [(1, 'bir "iki'), (1, "üç"), (3, "dört")]
    assert list(read_texts(written(tmp_path, "a.tsv", content))) == found
    path = written(tmp_path, "a.txt.xz", lzma.compress(content.encode()))
    assert list(read_texts(path)) == [(1, 'bir "iki\tüç'), (3, "dört")]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", '{"a": 1}\n{"a": \n', r"a\.jsonl:2: not valid JSON"),
        ("a.json", '{"a": 1}\n{"a": 2}', r"a\.json: not valid JSON.*A value a line is \.jsonl"),
        ("deep.json", "[" * 100_000, "not valid JSON"),
        ("a.csv", 'a,b\n"c,d\n', r"a\.csv: not a table of cells.*Mend its quotes"),
        ("a.txt", "Türkçe".encode("iso-8859-9"), r"a\.txt: not UTF-8 at byte 1\. Convert"),
        ("a.txt", b"", "the file is empty"),
        ("a.jsonl.gz", gzip.compress(b'{"a": "b"}', mtime=0)[:-9], "truncated"),
        ("a.parquet", b"PAR1", r"a\.parquet: an evaluation file ends in \.jsonl"),
        ("a", "x", "an evaluation file ends in"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: str | bytes, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        list(read_texts(written(tmp_path, name, content)))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.json: no such file\. corpus\.decontamination\.files names it"):
        list(read_texts(tmp_path / "none.json"))
    folder = tmp_path / "folder.json"
    folder.mkdir()
    with pytest.raises(SourceError, match=r"folder\.json: cannot be read"):
        list(read_texts(folder))
