"""The index on disk: what goes in comes out, it is replaced whole, and a strange or damaged one is refused."""

import errno
import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest

from fidan.errors import ArtifactMismatch, DiskFullError, FidanError
from fidan.law.citations import Citation
from fidan.law.everyday_words import Everyday
from fidan.law.index import LawIndex, build_index
from fidan.law.index_format import FIELDS
from fidan.law.statutes import read_laws
from fidan.law.terms import terms


def copy(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def test_articles_come_out_as_they_went_in(index: LawIndex, law_files: list[Path]) -> None:
    expected = [article for law in read_laws(law_files) for article in law.articles]
    assert list(index.articles) == expected
    assert index.articles[-1] == expected[-1]
    assert index.articles[2:4] == expected[2:4]
    with pytest.raises(IndexError):
        index.articles[len(expected)]
    assert index.law_articles("9902") == expected[-2:]
    assert index.laws["9901"].name == "Bahçe Kanunu"


def test_an_article_is_found_by_its_citation(index: LawIndex) -> None:
    article = index.article(Citation("9901", "mükerrer 10"))
    assert article is not None
    assert article.text == "Bahçe her yıl yeniden ölçülür."
    assert index.article(Citation("9901", "99")) is None
    assert index.article(Citation("1", "1")) is None


def test_of_articles_with_one_label_the_one_in_force_is_found(tmp_path: Path) -> None:
    path = tmp_path / "9903.txt"
    path.write_text("AĞAÇ KANUNU\n\nMadde 1 – Bir.\n\nGeçici Madde 1 – (Mülga: 1/2/2003-4800/1 md.)\n\n"
                    "Geçici Madde 1 – İki.\n", encoding="utf-8")  # fmt: skip
    build_index(read_laws([path]), tmp_path / "index", everyday=tmp_path)
    article = LawIndex.open(tmp_path / "index").article(Citation("9903", "geçici 1"))
    assert article is not None
    assert article.text == "İki."


def test_postings_are_the_counts_of_each_field(index: LawIndex) -> None:
    for term in ("bahçe", "kuyu", "parma", "ceza"):
        documents, counts = index.postings(term)
        assert np.all(np.diff(documents) > 0)
        for position, article in enumerate(index.articles):
            found = counts[documents == position]
            if article.repealed:
                assert not len(found)
                continue
            texts = {"heading": article.heading, "section": article.section, "body": article.text}
            for field, text in texts.items():
                expected = terms(text).count(term)
                assert (found[0, FIELDS.index(field)] if len(found) else 0) == expected, (term, article.label, field)
    documents, counts = index.postings("nirgends")
    assert documents.shape == (0,)
    assert counts.shape == (0, len(FIELDS))


def test_everyday_words_are_a_field_and_lines_that_point_nowhere_are_told(
    index: LawIndex, law_files: list[Path], everyday_folder: Path, tmp_path: Path
) -> None:
    documents, counts = index.postings("parma")
    assert [index.articles[int(position)].label for position in documents] == ["7/A"]
    assert counts[0, FIELDS.index("everyday")] == 1
    built = build_index(read_laws(law_files), tmp_path / "index", everyday=everyday_folder)
    assert built.absent == ("TMK",)
    assert built.unknown == ("bahce.tsv:3: 9901 has no article 99", "bahce.tsv:5: Yok Kanunu is no known law")
    assert (built.laws, built.articles, built.repealed, built.searchable, built.everyday) == (2, 15, 4, 11, 1)


def test_the_manifest_tells_sources_versions_and_maker(index: LawIndex, law_files: list[Path]) -> None:
    assert set(index.manifest["sources"]) == {path.name for path in law_files}
    assert index.manifest["newest"] == "2023-07-14"
    assert index.manifest["counts"]["articles"] == 15
    assert {law.number: law.version for law in index.laws.values()} == {"9901": "2023-07-14", "9902": "1950-01-01"}


def test_an_index_is_replaced_and_anything_else_is_left_alone(law_files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "index"
    build_index(read_laws(law_files), out, everyday=tmp_path)
    build_index(read_laws(law_files[1:]), out, everyday=tmp_path)
    assert list(LawIndex.open(out).laws) == ["9902"]
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    other = tmp_path / "mine"
    other.mkdir()
    (other / "diary.txt").write_text("…")
    with pytest.raises(FidanError, match="something that is no index"):
        build_index(read_laws(law_files), other, everyday=tmp_path)
    (other / "manifest.json").write_text("{}")
    with pytest.raises(FidanError, match="is no index's"):
        build_index(read_laws(law_files), other, everyday=tmp_path)
    assert (other / "diary.txt").is_file()


def test_a_build_that_fails_leaves_the_older_index(
    law_files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "index"
    build_index(read_laws(law_files), out, everyday=tmp_path)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fidan.law.index_writing._write_postings", fail)
    with pytest.raises(KeyboardInterrupt):
        build_index(read_laws(law_files[1:]), out, everyday=tmp_path)
    assert len(LawIndex.open(out).laws) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_a_place_that_cannot_be_written_is_told(law_files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FidanError, match="cannot be written"):
        build_index(read_laws(law_files), tmp_path / "file" / "index", everyday=tmp_path)


def test_a_full_disk_is_told_and_nothing_is_left(
    law_files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fidan.law.index_writing._write_articles", full)
    with pytest.raises(DiskFullError, match="the disk is full"):
        build_index(read_laws(law_files), tmp_path / "index", everyday=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_law_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FidanError, match="no article to index"):
        build_index([], tmp_path / "index")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 0, "package": "0.0.9"}, r"made by fidan 0\.0\.9 in format 0.*fidan law index.* again"),
        ({"analyser": "words"}, "with words terms"),
        ({"name": "something"}, "not an index of laws"),
    ],
)
def test_an_index_of_another_version_is_refused(
    index_folder: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    folder = copy(index_folder, tmp_path / "index")
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_bytes(orjson.dumps({**manifest, **change}))
    with pytest.raises(ArtifactMismatch, match=message):
        LawIndex.open(folder)


def test_a_folder_without_an_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match="no index of laws"):
        LawIndex.open(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ArtifactMismatch, match="damaged, or no index's manifest"):
        LawIndex.open(tmp_path)


@pytest.mark.parametrize(
    "name", ["laws.json", "keys.npy", "starts.npy", "documents.npy", "counts.npy", "lengths.npy"]
)
def test_a_flipped_byte_is_found_when_the_index_is_opened(index_folder: Path, tmp_path: Path, name: str) -> None:
    folder = copy(index_folder, tmp_path / "index")
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ArtifactMismatch, match=f"{name} is damaged"):
        LawIndex.open(folder)


def test_a_damaged_article_is_found_when_it_is_read(index_folder: Path, tmp_path: Path) -> None:
    folder = copy(index_folder, tmp_path / "index")
    data = bytearray((folder / "articles.zst").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "articles.zst").write_bytes(data)
    with pytest.raises(ArtifactMismatch, match="damaged"):
        list(LawIndex.open(folder).articles)


def test_a_missing_file_is_found(index_folder: Path, tmp_path: Path) -> None:
    folder = copy(index_folder, tmp_path / "index")
    (folder / "counts.npy").unlink()
    with pytest.raises(ArtifactMismatch, match=r"counts\.npy is missing"):
        LawIndex.open(folder)


def test_a_law_may_be_named_by_its_number_in_the_everyday_words() -> None:
    assert Everyday("9901", "1", ("çit",), "a.tsv:1").number() == "9901"
