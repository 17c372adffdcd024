"""Texts to evaluate on: every form is read as it stands, documents keep their labels, and a bad file is refused."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fidan.corpus.documents import read_documents, shards
from fidan.errors import ArtifactMismatch, FidanError, SourceError
from fidan.evaluation import texts
from fidan.evaluation.names import short_names
from fidan.evaluation.texts import Text, TextSet, held_out_text, read_text
from fidan.stages import Run


def write_jsonl(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return path


def said(found: TextSet) -> list[tuple[str, str]]:
    return [(document.text, document.source) for document in found.documents]


def test_a_text_file_has_blank_lines_between_documents(tmp_path: Path) -> None:
    path = tmp_path / "held.tr.txt"
    path.write_text("İlk satır.\nİkinci satır.\n\n\nBaşka bir belge.\n", encoding="utf-8")
    found = read_text(path)
    assert found.name == "held.tr"
    assert said(found) == [("İlk satır.\nİkinci satır.", "held.tr.txt"), ("Başka bir belge.", "held.tr.txt")]
    assert [document.id for document in found.documents] == ["held.tr.txt:1", "held.tr.txt:2"]
    assert found.sizes == [len("İlk satır.\nİkinci satır.".encode()), len("Başka bir belge.".encode())]
    assert found.bytes == sum(found.sizes) == found.characters + 5  # İ, ı, İ, ı, ş


def test_json_lines_keep_their_labels_and_their_very_characters(tmp_path: Path) -> None:
    odd = "  boşluk \u2028 ve\ttab\r\n, a\u0308 ile  "
    rows = [{"text": odd, "source": "haber"}, {"text": "Etiketsiz."}, {"text": "Boş etiket.", "source": None}]
    found = read_text(write_jsonl(tmp_path / "a.jsonl", [*rows, {"text": ""}, {"text": None}]))
    assert said(found) == [(odd, "haber"), ("Etiketsiz.", "a.jsonl"), ("Boş etiket.", "a.jsonl")]


def test_a_folder_has_a_document_a_file(tmp_path: Path) -> None:
    (tmp_path / "metin.v2").mkdir()
    for name, text in (("b.txt", "İki.\n\nHâlâ iki."), ("a.txt", "Bir."), ("c.txt", ""), ("d.md", "Okunmaz.")):
        (tmp_path / "metin.v2" / name).write_text(text, encoding="utf-8")
    found = read_text(tmp_path / "metin.v2")
    assert found.name == "metin.v2"
    assert [document.text for document in found.documents] == ["Bir.", "İki.\n\nHâlâ iki."]


def test_what_a_run_held_out_is_read_whole(tiny_run: Run) -> None:
    corpus = tiny_run.folder("corpus")
    records = [record for shard in shards(corpus, "valid") for record in read_documents(shard)]
    found = held_out_text(corpus)
    assert found.name == "held out"
    assert found.documents == tuple(Text(one["id"], one["text"], one["source"]) for one in records)
    assert len(records) > 10
    with pytest.raises(ArtifactMismatch, match="no documents"):
        held_out_text(tiny_run.out)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.9, 90), (0.25, 25), (0.001, 1), (1.0, 100)])
def test_a_part_is_whole_documents_evenly_spread(tmp_path: Path, share: float, expected: int) -> None:
    path = write_jsonl(tmp_path / "many.jsonl", [{"text": f"belge {number:04d}"} for number in range(100)])
    whole = read_text(path)
    found = read_text(path, max_bytes=int(whole.bytes * share))
    places = [whole.documents.index(document) for document in found.documents]
    assert places[0] == 0
    assert places == sorted(places)
    assert abs(len(places) - expected) <= 1
    gaps = {b - a for a, b in itertools.pairwise(places)}
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert found.bytes <= whole.bytes * share + whole.sizes[0]


def test_the_hash_tells_texts_apart_but_not_names_and_labels() -> None:
    def hashed(*documents: tuple[str, str], name: str = "a") -> str:
        return TextSet(name, tuple(Text(f"{name}:{n}", *one) for n, one in enumerate(documents))).hash

    one = hashed(("Ali geldi.", "haber"), ("Gitti.", "forum"))
    assert one == hashed(("Ali geldi.", "haber"), ("Gitti.", "forum"), name="b")
    assert one == hashed(("Ali geldi.", "forum"), ("Gitti.", "forum"))
    others = [
        hashed(("Ali geldi!", "haber"), ("Gitti.", "forum")),
        hashed(("Gitti.", "forum"), ("Ali geldi.", "haber")),
        hashed(("Ali geldi.", "haber")),
        hashed(("Ali geldi.Gitti.", "haber")),
    ]
    assert len({one, *others}) == 5


def test_bytes_that_are_no_utf8_are_not_measured(tmp_path: Path) -> None:
    for name, content in (("a.txt", "Çağrı şöyle dedi."), ("a.jsonl", '{"text": "Çağrı"}\n')):
        path = tmp_path / name
        path.write_bytes(content.encode("iso-8859-9"))
        with pytest.raises(SourceError, match=r"not UTF-8 near byte \d+\. Convert it first"):
            read_text(path)
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "b.txt").write_bytes("Şu".encode("iso-8859-9"))
    with pytest.raises(SourceError, match=r"b\.txt: not UTF-8"):
        read_text(folder)


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content, message in (
        ("empty.txt", b"", "empty"),
        ("empty.jsonl", b"", "empty"),
        ("none.jsonl", b'{"text": ""}\n', "no document with a text in it"),
        ("broken.jsonl", b'{"text": "Ali"}\n{"text": \n', r"broken\.jsonl:2"),
        ("list.jsonl", b"[1]\n", r"list\.jsonl:1"),
        ("column.jsonl", b'{"content": "Ali"}\n', "text"),
        ("number.jsonl", b'{"text": 3}\n', "text"),
        ("label.jsonl", b'{"text": "Ali", "source": 3}\n', "source"),
        ("json.txt", b'{"text": "Ali"}\n', "JSON object"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FidanError, match=message) as caught:
            read_text(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(SourceError, match="none"):
        read_text(tmp_path / "none")
    monkeypatch.setattr(texts, "DOCUMENT_BYTES", 40)
    with pytest.raises(SourceError, match=r"long\.jsonl:1: a document of more than 40 bytes"):
        read_text(write_jsonl(tmp_path / "long.jsonl", [{"text": "uzun " * 60}]))


def test_a_text_is_never_cut_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fidan.corpus.sources.named.document_cap", lambda config: 20)
    (tmp_path / "long.txt").write_text("Kısa.\n\nBu satır yirmi bayttan uzun.\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"long\.txt/1: a document of more than"):
        read_text(tmp_path / "long.txt")


def test_names_are_as_short_as_tells_them_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("a/run", "b/run", "c/small-0.5"):
        (tmp_path / folder).mkdir(parents=True)

    def names(*paths: str, taken: Sequence[str] = ()) -> list[str]:
        return short_names([Path(path) for path in paths], taken)

    assert names("a/run", "c/small-0.5", "x/held.tr.jsonl") == ["run", "small-0.5", "held.tr"]
    assert names("a/run", "b/run/.") == ["a/run", "b/run"]
    assert names("x/held.txt", "x/held.csv") == ["held.txt", "held.csv"]
    assert names("x/held.txt", "held.txt", "x/y/held.txt")[::2] == ["x/held.txt", "y/held.txt"]
    assert len(set(names("x/held.txt", "held.txt", "x/y/held.txt"))) == 3
    assert names("fidan.csv", taken=["fidan"]) == ["fidan.csv"]
    assert names("x/.held") == [".held"]
    with pytest.raises(FidanError, match=r"a/run: named twice"):
        names("a/run", "b/../a/run")
