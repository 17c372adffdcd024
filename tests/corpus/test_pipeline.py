"""The whole stage: what is kept and what is dropped, and that nothing but its input decides it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from fidan import turkish
from fidan.corpus import pipeline
from fidan.corpus.config import DecontaminationConfig, LanguageConfig, NearDuplicatesConfig, PerplexityConfig, Source
from fidan.corpus.synthetic.generator import SyntheticDocument, generate
from fidan.errors import ArtifactMismatch, SourceError


def test_counts_and_files(stage: Any, source: Path, tmp_path: Path, text_of: Callable[[int], str]) -> None:
    counts = stage.build(stage.config(source), tmp_path / "out")
    train, valid = (stage.read(tmp_path / "out", split) for split in ("train", "valid"))
    assert counts["read"]["documents"] == 300
    assert {reason: tally["documents"] for reason, tally in counts["dropped"].items()} == {
        "duplicate": 30,
        "foreign": 9,
        "invalid_utf8": 1,
        "too_short": 10,
    }
    assert len(train) + len(valid) == 250
    assert (counts["train"]["documents"], counts["valid"]["documents"]) == (len(train), len(valid))
    assert counts["train"]["bytes"] == sum(len(record["text"].encode()) for record in train)
    assert {record["text"] for record in train + valid} == {text_of(n) for n in range(250)}
    assert not {record["text"] for record in train} & {record["text"] for record in valid}
    assert 5 < len(valid) < 60
    assert train[0].keys() == {"id", "text", "source"}
    assert [int(record["id"].removeprefix("source/")) for record in train] == sorted(
        int(record["id"].removeprefix("source/")) for record in train
    )
    report = orjson.loads((tmp_path / "out" / "report.json").read_bytes())
    assert counts == {name: report[name] for name in counts}
    through = {step["name"]: step for step in report["steps"]}
    assert through["length"]["documents_in"] - through["length"]["documents_out"] == 10
    assert report["histograms"]["length"]["kept"]
    assert counts["details"] == {"foreign": {"en": 9}}
    assert counts["notes"] == {"cut": 0, "invalid_bytes": 1, "repaired": 0}
    assert not (tmp_path / "out" / "work").exists()
    assert sum(1 for path in (tmp_path / "out" / "train").iterdir()) > 3
    dropped = {p.stem: p.read_bytes().splitlines() for p in (tmp_path / "out" / "samples" / "dropped").iterdir()}
    assert dropped.keys() == counts["dropped"].keys()
    assert orjson.loads(dropped["too_short"][0])["reason"] == "too_short"


def test_workers_do_not_change_a_byte(stage: Any, source: Path, tmp_path: Path) -> None:
    stage.build(stage.config(source), tmp_path / "one", workers=1)
    stage.build(stage.config(source), tmp_path / "two", workers=2)
    assert stage.tree(tmp_path / "one") == stage.tree(tmp_path / "two")


def test_again_changes_nothing(stage: Any, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    counts = stage.build(stage.config(source), out)
    before, written = stage.tree(out), (out / "report.json").stat().st_mtime_ns
    assert stage.build(stage.config(source), out) == counts
    assert (out / "report.json").stat().st_mtime_ns == written
    assert stage.tree(out) == before


def test_unfinished_work_of_other_settings_is_refused(stage: Any, source: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        stage.build(stage.config(source, min_chars=5000), tmp_path / "out")
    with pytest.raises(ArtifactMismatch, match="unfinished work of other settings"):
        stage.build(stage.config(source), tmp_path / "out")


def test_a_source_that_is_gone_does_not_cost_the_outputs(stage: Any, source: Path, tmp_path: Path) -> None:
    stage.build(stage.config(source), tmp_path / "out")
    before = stage.tree(tmp_path / "out")
    source.unlink()
    with pytest.raises(SourceError, match="no such file"):
        stage.build(stage.config(source), tmp_path / "out")
    assert stage.tree(tmp_path / "out") == before


def test_held_out_text_of_its_own(stage: Any, source: Path, tmp_path: Path, text_of: Callable[[int], str]) -> None:
    valid = tmp_path / "valid.txt"
    texts = [
        text_of(5),
        turkish.upper(text_of(6)),
        "kısa",
        "Not in Turkish at all, but kept.",
        "a\xa0\ufeff  b",
        "kısa",
    ]
    valid.write_text("\n\n".join(texts), encoding="utf-8")
    made = stage.config(source, valid_sources=(Source(str(valid)),))
    counts = stage.build(made, tmp_path / "out", workers=2)
    assert [record["text"] for record in stage.read(tmp_path / "out", "valid")] == [*texts[:4], "a b"]
    trained = {record["text"] for record in stage.read(tmp_path / "out", "train")}
    assert trained == {text_of(n) for n in range(250) if n not in (5, 6)}
    assert counts["dropped"]["in_validation"]["documents"] == 4  # two documents, and their doubles in capitals
    assert counts["sources"]["valid"]["dropped"] == {"duplicate": {"documents": 1, "bytes": 5}}
    assert counts["sources"]["valid"]["split"] == "valid"


def test_repaired_and_unsplit(stage: Any, tmp_path: Path, text_of: Callable[[int], str]) -> None:
    path = tmp_path / "a.jsonl"
    lines = [b'{"text": "%s"}' % (text_of(n).replace("\n", " ").encode() + b"\xff") for n in range(40)]
    path.write_bytes(b"\n".join(lines))
    counts = stage.build(stage.config(path), tmp_path / "out")
    assert counts["notes"]["repaired"] == 40
    assert not any("\ufffd" in record["text"] for record in stage.read(tmp_path / "out", "train"))


def test_nothing_left_is_explained(stage: Any, source: Path, tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"left for train: 300 read.*too_short 29.*To keep more: lower corpus.min_chars"
    ):
        stage.build(stage.config(source, min_chars=5000), tmp_path / "a")
    with pytest.raises(SourceError, match=r"dropped: foreign \d+.*corpus.language.threshold"):
        stage.build(stage.config(source, language=LanguageConfig(code="fi")), tmp_path / "b")
    with pytest.raises(SourceError, match=r"left for valid.*Raise corpus.valid_fraction \(1e-09\)"):
        stage.build(stage.config(source, valid_fraction=1e-9), tmp_path / "c")
    same = stage.config(source, valid_sources=(Source(str(source)),), min_chars=5)
    with pytest.raises(SourceError, match=r"in_validation.*corpus.valid_sources"):
        stage.build(same, tmp_path / "d")


def test_source_hashes(stage: Any, source: Path) -> None:
    made = stage.config(source, "synthetic:1KB", valid_sources=(Source("synthetic:1KB"),), noise=0.5)
    hashes = pipeline.source_hashes(made, 3)
    assert list(hashes) == ["source", "synthetic", "synthetic#2", "language model"]
    assert len(set(hashes.values())) == 4
    assert pipeline.source_hashes(made, 3) == hashes
    assert "language model" not in pipeline.source_hashes(stage.config(source, language=LanguageConfig(code="")), 3)


# Planted noise


def planted(document: SyntheticDocument) -> set[str]:
    return {label.kind for label in document.labels}


def test_planted_noise_is_found(stage: Any, tmp_path: Path) -> None:
    size, noise, seed = 3_000_000, 0.2, 11
    made = stage.config(f"synthetic:{size}", noise=noise, shard_bytes=1_000_000)
    counts = stage.build(made, tmp_path / "out", workers=2, seed=seed)
    kept = {
        int(record["id"].rpartition("/")[2])
        for split in ("train", "valid")
        for record in stage.read(tmp_path / "out", split)
    }
    total: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for number, document in enumerate(generate(seed, size, noise=noise)):
        for kind in planted(document) or {"clean"}:
            total[kind] += 1
            left[kind] += number in kept
    assert counts["read"]["documents"] == sum(1 for _ in generate(seed, size, noise=noise))
    assert left["clean"] >= 0.995 * total["clean"]
    for kind in ("foreign", "exact_duplicate", "too_short"):
        assert total[kind] > 10
        assert left[kind] == 0, kind


def test_real_text(stage: Any, real_data: Path, tmp_path: Path) -> None:
    counts = stage.build(
        stage.config(real_data / "web" / "tr-web.valid.txt.xz", shard_bytes=1_000_000), tmp_path / "out", workers=2
    )
    assert counts["read"]["documents"] == 3390
    assert counts["train"]["documents"] + counts["valid"]["documents"] > 2800
    assert counts["dropped"]["foreign"]["documents"] < 0.02 * 3390


def test_one_shard_starts_no_processes(
    stage: Any, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fidan.corpus.executors.local.in_processes", None)
    stage.build(stage.config(source, shard_bytes=10_000_000), tmp_path / "out", workers=2)


def test_evaluations_and_good_text(stage: Any, source: Path, tmp_path: Path, text_of: Callable[[int], str]) -> None:
    evaluation, reference = tmp_path / "eval.txt", tmp_path / "good.txt"
    evaluation.write_text(f"{turkish.upper(text_of(7).split(chr(10))[0])}\nkısa bir soru", encoding="utf-8")
    reference.write_text("\n\n".join(text_of(number) for number in range(40)), encoding="utf-8")
    made = stage.config(
        source,
        decontamination=DecontaminationConfig(files=(str(evaluation),), ngram=11, min_words=8),
        perplexity=PerplexityConfig(reference=str(reference), keep=("head", "middle")),
    )
    counts = stage.build(made, tmp_path / "out")
    report = orjson.loads((tmp_path / "out" / "report.json").read_bytes())
    hits = [orjson.loads(line) for line in (tmp_path / "out" / "contamination.jsonl").read_bytes().splitlines()]
    assert counts["dropped"]["contaminated"]["documents"] == len({hit["id"] for hit in hits}) > 0
    assert {hit["item"] for hit in hits} == {"eval.txt:1"}
    assert report["contamination"]["files"][0] | {"used": 1, "short": 1} == report["contamination"]["files"][0]
    kept = counts["train"]["documents"] + counts["valid"]["documents"]
    assert kept == report["perplexity"]["buckets"]["head"] + report["perplexity"]["buckets"]["middle"]
    assert counts["dropped"]["perplexity"]["documents"] == report["perplexity"]["buckets"]["tail"]
    assert "too short to be" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_rehydrated(stage: Any, tmp_path: Path, text_of: Callable[[int], str]) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "\n\n".join([text_of(1)] * 3 + [f"{text_of(n)} {n}" * 2 for n in range(40, 60)]), encoding="utf-8"
    )
    near = NearDuplicatesConfig(rehydrate=((1, 1), (3, 2)))
    stage.build(stage.config(path, near_duplicates=near, valid_fraction=0.3), tmp_path / "out")
    written = [record["id"] for record in stage.read(tmp_path / "out", "train")]
    held_out = [record["id"] for record in stage.read(tmp_path / "out", "valid")]
    assert len(written) == len(set(written))
    assert ("a/0#2" in written) != ("a/0" in held_out)
