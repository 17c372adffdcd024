"""What of a test stands in the training documents is found, counted for every item that has it, and quoted."""

import json
from pathlib import Path

import pytest

from fidan import turkish
from fidan.corpus.documents import read_documents, shard_path, shards, write_documents
from fidan.errors import ArtifactMismatch, SourceError
from fidan.evaluation.contamination import (
    HITS,
    QUOTE,
    Contamination,
    EvaluationSet,
    contamination,
    contamination_section,
    read_set,
    text_set,
)
from fidan.progress import SilentReporter
from fidan.stages import Run

LONG = "Eski köprünün altından akan su her bahar taşar ve aşağıdaki köyün bütün tarlalarını basar derler"
TEN = "Kırmızı ışıkta duran ağır kamyonun sürücüsü yol kenarındaki levhayı okumadı."
SHORT = "Kedi süt içti."


def write_corpus(folder: Path, *shards: list[str]) -> Path:
    for number, texts in enumerate(shards):
        with write_documents(shard_path(folder / "train", number)) as write:
            for place, text in enumerate(texts):
                write({"id": f"s/{number}-{place}", "text": text, "source": "s"})
    return folder


def look(corpus: Path, *sets: EvaluationSet, **settings: int) -> list[Contamination]:
    return contamination(sets, corpus, reporter=SilentReporter(), **settings)  # type: ignore[arg-type]


def test_items_are_counted_and_quoted(tmp_path: Path) -> None:
    corpus = write_corpus(
        tmp_path,
        [f"Önsöz. {turkish.upper(TEN)} Son.", f"{TEN} {TEN}", SHORT],
        ["Temiz bir sayfa.", f"Denir ki: {LONG}."],
    )
    first = text_set("first", [SHORT, TEN, "Bu cümle hiçbir eğitim belgesinde geçmiyor, o yüzden temiz.", LONG])
    second = text_set("second", [SHORT])
    found = look(corpus, first, second)
    assert found[0][:-1] == ("first", 4, 3, 2, 3)
    assert found[0].hits == [
        {"item": "first:4", "words": LONG, "document": "s/1-1"},
        {"item": "first:2", "words": turkish.upper(TEN).strip("."), "document": "s/0-0"},
    ]
    assert found[1] == ("second", 1, 0, 0, 0, [])
    assert contamination_section(found, 3)[1] == {
        "model": 3, "set": "second", "items": 1, "looked_for": 0, "contaminated": 0, "training_documents": 0,
        "hits": [],
    }  # fmt: skip


def test_every_item_with_the_same_words_counts(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, [f"Bir söz. {LONG}. {TEN}"])
    same = text_set("same", [LONG, f"{LONG} ve böyle sürer", turkish.upper(LONG)])
    other = text_set("other", [f"Başka bir başlangıç {LONG}"])
    found = look(corpus, same, other)
    assert [(one.looked_for, one.contaminated, one.training_documents) for one in found] == [(3, 3, 1), (1, 1, 1)]
    assert {hit["words"] for one in found for hit in one.hits} == {LONG}


def test_texts_of_one_line_are_one_item(tmp_path: Path) -> None:
    file = tmp_path / "test.jsonl"
    rows = [{"question": TEN, "answers": [SHORT, LONG]}, {"question": SHORT}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = write_corpus(tmp_path, [TEN, LONG])
    (found,) = look(corpus, read_set("test", file))
    assert found[:-1] == ("test", 2, 1, 1, 2)
    assert found.hits == [{"item": "test:1", "words": LONG, "document": "s/0-1"}]


def test_the_lengths_can_be_chosen(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, ["kedi süt içti"])
    assert look(corpus, text_set("a", [SHORT]), min_words=3)[0].contaminated == 1
    assert look(corpus, text_set("a", ["Kedi süt içti ve uyudu."]), min_words=3)[0].contaminated == 0
    assert look(corpus, text_set("a", ["Kedi süt içti ve uyudu."]), ngram=3, min_words=3)[0].contaminated == 1


def test_hits_and_quotations_are_bounded(tmp_path: Path) -> None:
    texts = [f"numara {n} olan soru için yazılmış dokuz kelimelik cümledir" for n in range(50)]
    corpus = write_corpus(tmp_path, [" ".join(texts), " ".join([LONG] * 20)])
    (found,) = look(corpus, text_set("many", [*texts, " ".join([LONG] * 9)]))
    assert (found.contaminated, found.training_documents, len(found.hits)) == (51, 2, HITS)
    assert found.hits[0]["item"] == "many:51"
    assert len(found.hits[0]["words"]) == QUOTE


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match="no documents"):
        look(tmp_path, text_set("a", [LONG]))
    with pytest.raises(SourceError, match="no such file"):
        read_set("a", tmp_path / "none.jsonl")


def test_a_run_s_documents_are_found_in_it(tiny_run: Run) -> None:
    corpus = tiny_run.folder("corpus")
    texts = [record["text"] for shard in shards(corpus, "train") for record in read_documents(shard)]
    (found,) = look(corpus, text_set("train", texts))
    assert found.contaminated == found.looked_for == found.items == len(texts)
    assert found.training_documents == len(texts)
