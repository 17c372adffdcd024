"""Every format is read, and every bad input is refused by name."""

import gzip
import lzma
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import zstandard

from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.sources import named, readers, streams
from fidan.errors import SourceError

TEXTS = ["İlk belge.\nİkinci satır: ığüşöç.", "İkinci belge", "Üçüncü\nbelge 🌱"]
CC100 = "\n\n".join(TEXTS).encode() + b"\n"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}


def config(path: Path | str, **settings: object) -> CorpusConfig:
    return CorpusConfig(sources=(Source(str(path), **settings),))  # type: ignore[arg-type]


def texts(path: Path | str, **settings: object) -> list[str]:
    made = config(path, **settings)
    return [doc.text.rstrip("\n") for doc in named.read_source(made.sources[0], "s", made, 0)]


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("ending", COMPRESS)
def test_cc100(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.txt{ending}", COMPRESS[ending](CC100))
    assert texts(path) == TEXTS


@pytest.mark.parametrize("ending", COMPRESS)
def test_jsonl(tmp_path: Path, ending: str) -> None:
    lines = b"".join(orjson.dumps({"id": 1, "body": text}) + b"\r\n\n" for text in TEXTS)
    path = write(tmp_path / f"a.jsonl{ending}", COMPRESS[ending](lines))
    assert texts(path, text="body") == TEXTS


def test_separators_of_cc100(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b"\n\n\xef\xbb\xbfbir\r\n\r\n \t\r\n\niki\nsat\xc4\xb1r\n \n\n\n\xc3\xbc\xc3\xa7")
    assert [text.strip("\r\ufeff") for text in texts(path)] == ["bir", "iki\nsatır", "üç"]


def test_separators_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt", CC100.replace(b"\n\n", b"\n \n\n"))
    for size in range(1, 12):
        monkeypatch.setattr(streams, "BLOCK", size)
        assert texts(path) == TEXTS


def test_compressed_members_in_a_row(tmp_path: Path) -> None:
    for ending in (".gz", ".xz", ".zst"):
        members = COMPRESS[ending](CC100[:20]) + COMPRESS[ending](CC100[20:])
        assert texts(write(tmp_path / f"a.txt{ending}", members)) == TEXTS


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    write(tmp_path / "b" / "1.txt", TEXTS[1].encode())
    write(tmp_path / "a.txt", TEXTS[0].encode())
    write(tmp_path / "c.txt.xz", lzma.compress(TEXTS[2].encode()))
    write(tmp_path / "d.txt", b"")
    write(tmp_path / "notes.md", b"not read")
    assert texts(tmp_path) == [*TEXTS, ""]


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [1, 2, 3, 4], "body": [*TEXTS, None]}), path, row_group_size=2)
    assert texts(path, text="body") == [*TEXTS, ""]
    with pytest.raises(SourceError, match=r"no column 'text'. There are: id, body"):
        texts(path)
    with pytest.raises(SourceError, match="'id' holds int, not text"):
        texts(path, text="id")
    data = path.read_bytes()
    with pytest.raises(SourceError, match=r"cut\.parquet: damaged Parquet"):
        texts(write(tmp_path / "cut.parquet", data[: len(data) // 2]), text="body")
    with pytest.raises(SourceError, match="content is parquet"):
        texts(write(tmp_path / "b.txt", data))
    with pytest.raises(SourceError, match="content is text"):
        texts(write(tmp_path / "b.parquet", CC100))


def test_hugging_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for split in ("train", "validation"):
        lines = b"".join(orjson.dumps({"body": f"{split} {text}"}) + b"\n" for text in TEXTS)
        write(tmp_path / f"{split}.jsonl", lines)
    assert texts(f"hf:{tmp_path}", text="body") == [f"train {text}" for text in TEXTS]
    assert texts(f"hf:{tmp_path}:default:validation", text="body") == [f"validation {text}" for text in TEXTS]
    assert texts(f"hf:{tmp_path}::validation", text="body")[0] == f"validation {TEXTS[0]}"
    with pytest.raises(SourceError, match=r"no column 'text'. There are: body"):
        texts(f"hf:{tmp_path}")
    with pytest.raises(SourceError, match="nosplit"):
        texts(f"hf:{tmp_path}::nosplit", text="body")
    with pytest.raises(SourceError, match="cannot be read"):
        texts(f"hf:{tmp_path / 'nothing'}")


@pytest.mark.parametrize(("package", "source"), [("pyarrow", "a.parquet"), ("datasets", "hf:owner/name")])
def test_missing_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, source: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    extra = "parquet" if package == "pyarrow" else "datasets"
    with pytest.raises(SourceError, match=rf"pip install 'fidan\[{extra}\]'"):
        texts(source)


def test_synthetic() -> None:
    made = config("synthetic:30KB")
    first, again = (list(named.read_source(made.sources[0], "s", made, 5)) for _ in range(2))
    assert [doc.text for doc in first] == [doc.text for doc in again]
    assert 20_000 < sum(len(doc.text.encode()) for doc in first) < 60_000
    assert first[3].id == "s/3"
    assert first[3].metadata == {"source": "s"}


def test_synthetic_sizes() -> None:
    sizes = {"20MB": 20_000_000, "1.5 kb": 1500, "500KB": 500_000, "1000000": 1_000_000, "2G": 2_000_000_000}
    assert {size: named.synthetic_bytes(f"synthetic:{size}") for size in sizes} == sizes
    for size in ("", "zwanzig", "-3MB", "0", "3TB"):
        with pytest.raises(SourceError, match="is not a size"):
            named.synthetic_bytes(f"synthetic:{size}")


def test_missing_and_empty(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.txt: no such file"):
        texts(tmp_path / "none.txt")
    with pytest.raises(SourceError, match="no such folder"):
        texts(tmp_path / "none", format="folder")
    with pytest.raises(SourceError, match=r"no \.txt file"):
        texts(tmp_path)
    with pytest.raises(SourceError, match="empty"):
        texts(write(tmp_path / "zero.txt.xz", b""))
    for name, data in (("a.txt", b"\n\n \n"), ("a.jsonl", b"\n"), ("a.txt.gz", gzip.compress(b""))):
        with pytest.raises(SourceError, match="no documents"):
            texts(write(tmp_path / name, data))


@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_truncated(tmp_path: Path, ending: str, name: str) -> None:
    data = b"".join(orjson.dumps({"text": os.urandom(300).hex()}) + b"\n\n" for _ in range(3000))
    whole = COMPRESS[ending](data)
    settings = {"format": "cc100"} if name == "a.txt" else {}
    assert len(texts(write(tmp_path / f"{name}{ending}", whole), **settings)) == 3000
    for share in (0.5, 0.9999):
        path = write(tmp_path / f"{name}{ending}", whole[: int(len(whole) * share)])
        with pytest.raises(
            SourceError, match=rf"{name}{ending}: the \w+ file is truncated: it ends after [\d,]+ bytes"
        ):
            texts(path, **settings)


@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst"])
def test_damaged(tmp_path: Path, ending: str) -> None:
    whole = bytearray(COMPRESS[ending](os.urandom(700_000).hex().encode()))
    whole[len(whole) // 2 : len(whole) // 2 + 50] = b"x" * 50
    with pytest.raises(SourceError, match="damaged"):
        texts(write(tmp_path / f"a.txt{ending}", bytes(whole)))


def test_content_is_not_what_the_name_says(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="should be xz by its name, but its content is text"):
        texts(write(tmp_path / "a.txt.xz", CC100))
    with pytest.raises(
        SourceError, match=r"should be text by its name, but its content is gzip\. Rename it to end in .gz"
    ):
        texts(write(tmp_path / "a.txt", gzip.compress(CC100)))
    with pytest.raises(SourceError, match="should be gzip by its name, but its content is zstd"):
        texts(write(tmp_path / "a.txt.gz", COMPRESS[".zst"](CC100)))
    with pytest.raises(SourceError, match="content is zip"):
        texts(write(tmp_path / "b.txt", b"PK\x03\x04 and so on"))
    with pytest.raises(SourceError, match="content is UTF-16 text"):
        texts(write(tmp_path / "c.txt", "Türkçe".encode("utf-16")))
    with pytest.raises(SourceError, match="content is binary data"):
        texts(write(tmp_path / "d.txt", b"\x00\x01\x02"))
    path = write(tmp_path / "e.txt", b'{"text": "bir"}\n{"text": "iki"}\n')
    with pytest.raises(SourceError, match='Say format = "jsonl"'):
        texts(path)
    assert texts(path, format="jsonl") == ["bir", "iki"]
    assert len(texts(path, format="cc100")) == 1


def test_broken_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for line, message in (
        (b'{"text": "iki"', r"a\.jsonl:3: not valid JSON"),
        (b'["iki"]', r"a\.jsonl:3: a JSON object is needed on every line, this is list"),
        (b'{"title": "iki", "body": ""}', r"a\.jsonl:3: no column 'text'. There are: title, body"),
        (b'{"text": 2}', r"a\.jsonl:3: column 'text' holds int, not text"),
    ):
        with pytest.raises(SourceError, match=message):
            texts(write(path, b'{"text": "bir"}\n\n' + line + b"\n"))


def test_lone_surrogate_and_null(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rb'{"text": "ak\ud83d"}' + b'\n{"text": null}\n')
    assert texts(path) == ["ak\ufffd", ""]


def test_invalid_utf8_is_marked(tmp_path: Path) -> None:
    assert texts(write(tmp_path / "a.txt", b"\xfe\xc4\xb1\xffz\n\n\xc3")) == ["\ufffdı\ufffdz", "\ufffd"]
    assert texts(write(tmp_path / "a.jsonl", b'{"text": "\xff"}')) == ["\ufffd"]


def test_long_documents_are_cut_between_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "DOCUMENT_BYTES", 101)
    long, short = "ş" * 500, "kısa"
    for block in (7, 64, 1 << 20):
        monkeypatch.setattr(streams, "BLOCK", block)
        for name, data in (
            ("a.txt", f"{short}\n\n{long}\n\n{short}\n\n{long}"),
            ("a.jsonl", "\n".join(f'{{"text": "{text}"}}' for text in (short, long, short, long))),
        ):
            made = CorpusConfig(
                sources=(Source(str(write(tmp_path / name, data.encode()))),), min_chars=0, max_chars=10
            )
            documents = list(named.read_source(made.sources[0], "s", made, 0))
            assert [doc.metadata.get("cut", False) for doc in documents] == [False, True, False, True]
            assert [doc.text for doc in documents[::2]] == [short, short]
            assert set(documents[1].text) <= {"ş"}
            assert len(documents[1].text.encode()) <= 6 * 101


def test_a_line_of_200_mb_does_not_fill_the_memory(tmp_path: Path) -> None:
    compressor = zstandard.ZstdCompressor().compressobj()
    with (tmp_path / "a.txt.zst").open("wb") as file:
        for _ in range(200):
            file.write(compressor.compress(b"uzun " * 200_000))
        file.write(compressor.compress(b"\n\nson belge"))
        file.write(compressor.flush())
    child = os.fork()  # its own peak, apart from what other tests used
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        right = [len(text) for text in texts(tmp_path / "a.txt.zst")] == [named.DOCUMENT_BYTES, 9]
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os._exit(0 if right and grown < 200_000 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_names_are_told_apart() -> None:
    made = CorpusConfig(
        sources=(Source("x/a.txt.xz"), Source("y/a.jsonl"), Source("synthetic:1KB"), Source("z", name="a")),
        valid_sources=(Source("hf:owner/name:tr:valid"), Source("synthetic:1KB")),
    )
    assert named.source_names(made) == ["a", "a#2", "synthetic", "a#3", "owner/name", "synthetic#2"]
    assert len(set(named.source_seeds(made, 3))) == 6
    assert named.source_seeds(made, 3)[0] == 3


def test_hashes_follow_the_content(tmp_path: Path) -> None:
    def of(path: Path | str, seed: int = 0, noise: float = 0.0) -> str:
        made = CorpusConfig(sources=(Source(str(path)),), noise=noise)
        return named.source_hash(made.sources[0], made, seed)

    path = write(tmp_path / "a.txt", b"bir")
    first, folder = of(path), of(tmp_path)
    assert of(path, seed=1) == first
    write(path, b"iki")
    assert of(path) != first
    assert of(tmp_path) != folder
    before = of(tmp_path)
    path.rename(tmp_path / "b.txt")
    assert of(tmp_path) != before
    assert len({of("synthetic:1KB"), of("synthetic:2KB"), of("synthetic:1KB", 1), of("synthetic:1KB", 0, 0.5)}) == 4
    assert of("synthetic:1KB") == of("synthetic:1000")
    assert of("hf:owner/name") == "unhashed hf:owner/name"
    with pytest.raises(SourceError, match="no such file"):
        of(tmp_path / "none")


def test_progress_adds_up_to_the_size(tmp_path: Path) -> None:
    for name, data in (("a.txt", CC100), ("a.txt.xz", lzma.compress(CC100 * 1000))):
        source = Source(str(write(tmp_path / name, data)))
        seen: list[int] = []
        list(named.read_source(source, "s", CorpusConfig(sources=(source,)), 0, advance=seen.append))
        assert sum(seen) == named.size_hint(source) == len(data)
    assert named.size_hint(Source("hf:a/b")) is None
    assert named.size_hint(Source(str(tmp_path))) == sum(f.stat().st_size for f in readers.text_files(tmp_path))
