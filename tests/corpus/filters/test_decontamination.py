"""What an evaluation holds is found however it is written, what only resembles it is not, and every hit is listed."""

import copy
import json
import random
from itertools import pairwise
from pathlib import Path

import dill
import pytest
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan import turkish
from fidan.corpus.config import DecontaminationConfig
from fidan.corpus.filters.decontamination import DecontaminationFilter, EvaluationIndex, build_index
from fidan.corpus.filters.evaluation_items import read_texts
from fidan.corpus.filters.words import measure
from fidan.corpus.ledger import Ledger
from fidan.corpus.synthetic.generator import generate
from fidan.errors import SourceError

LONG = (
    "İstanbul'un fethinden sonra Fatih'in yaptırdığı ilk büyük cami hangisidir, mimarı kimdir ve inşaatı "
    "kaç yıl sürmüştür sorusuna kâğıt üzerinde cevap veriniz."
)
ELEVEN = "Kırmızı ışıkta duran ağır kamyonun sürücüsü yol kenarındaki IŞIKLI levhayı okumadı."
SHORT = "Bu soru yedi kelimelik ve çok kısa."


def index_of(tmp_path: Path, *texts: str, **settings: int) -> EvaluationIndex:
    path = tmp_path / "eval.txt"
    path.write_text("\n".join(texts), encoding="utf-8")
    return build_index(DecontaminationConfig(files=(str(path),), **settings), turkish.nfc)  # type: ignore[arg-type]


def found(index: EvaluationIndex, text: str) -> list[tuple[str, str]]:
    return [(hit.item, text.encode()[hit.start : hit.end].decode()) for hit in index.hits(measure(text))]


def disguised(text: str) -> list[str]:
    """The same words, written otherwise."""
    return [
        text,
        turkish.upper(text),
        turkish.lower(text),
        text.replace("'", "’").replace("â", "a"),
        text.replace(" ", "  \n").replace(",", " —"),
        " ** ".join(text.replace(",", "").split(" ")) + "!!!",
    ]


def test_long_text_is_found_in_any_writing(tmp_path: Path) -> None:
    index = index_of(tmp_path, SHORT, LONG, ELEVEN)
    for text in disguised(LONG):
        page = f"Sayfanın başı, ilgisiz sözler. {text} Ve sayfanın sonu da burada."
        ((item, words),) = found(index, page)
        assert item == "eval.txt:2"
        assert turkish.words(turkish.fold(words)) == turkish.words(turkish.fold(LONG))


def test_a_run_of_thirteen_and_not_of_twelve(tmp_path: Path) -> None:
    index, words = index_of(tmp_path, LONG, ELEVEN), LONG.split()
    assert len(turkish.words(LONG)) > 16
    for first in range(len(words) - 12):
        run = " ".join(words[first : first + 13])
        assert found(index, f"önce {run} sonra") == [("eval.txt:1", run.strip(".,"))]
        assert not found(index, f"önce {' '.join(words[first : first + 12])} sonra {' '.join(words[:12])}")


def test_shorter_texts_must_stand_whole(tmp_path: Path) -> None:
    index = index_of(tmp_path, SHORT, LONG, ELEVEN)
    assert len(turkish.words(ELEVEN)) == 11
    for text in disguised(ELEVEN):
        assert [item for item, _ in found(index, f"a b c {text} d e f")] == ["eval.txt:3"]
    words = ELEVEN.split()
    assert not found(index, " ".join(words[1:]) + " ve devamı da var burada, uzunca bir satır")
    assert not found(index, " ".join(words[:-1]) + " okudu")
    assert not found(index, f"{SHORT} {SHORT}")
    (count,) = index.counts
    assert (count.texts, count.used, count.short, count.repeated) == (3, 2, 1, 0)
    assert index.runs.lengths.tolist() == [11, 13]


def test_other_lengths(tmp_path: Path) -> None:
    index = index_of(tmp_path, "bir iki üç dört beş altı", "tek", ngram=3, min_words=1)
    assert [words for _, words in found(index, "dört beş altı, tek dört beş iki üç dört")] == [
        "dört beş altı",
        "tek",
        "iki üç dört",
    ]


def test_all_hits_are_listed(tmp_path: Path) -> None:
    texts = [f"numara {n} olan soru için yazılmış dokuz kelimelik cümledir" for n in range(50)]
    index = index_of(tmp_path, *texts)
    page = " Araya giren başka bir söz. ".join((*texts, texts[0]))
    hits = found(index, page)
    assert [item for item, _ in hits] == [*(f"eval.txt:{n}" for n in range(1, 51)), "eval.txt:1"]
    assert [words for _, words in hits] == [*texts, texts[0]]


def test_repeated_texts_and_files_of_one_name(tmp_path: Path) -> None:
    files = []
    for number, content in enumerate(([LONG, ELEVEN, turkish.upper(LONG)], [ELEVEN, LONG + " Devamı."])):
        path = tmp_path / str(number) / "eval.jsonl"
        path.parent.mkdir()
        path.write_text("\n".join(json.dumps({"text": text}) for text in content))
        files.append(str(path))
    index = build_index(DecontaminationConfig(files=tuple(files)), turkish.nfc)
    first, second = index.counts
    assert (first.used, first.repeated, second.used, second.repeated) == (2, 1, 1, 1)
    assert (first.file, second.file) == tuple(files)
    assert second.ngrams == 1
    assert {item for item, _ in found(index, LONG + " Devamı.")} == {f"{files[0]}:1", f"{files[1]}:2"}


def test_filter_drops_and_lists(tmp_path: Path) -> None:
    ledger, path = Ledger(5), tmp_path / "work" / "index.npy"
    step = copy.deepcopy(DecontaminationFilter(ledger, path))
    step = dill.loads(dill.dumps(step))
    index_of(tmp_path, LONG, ELEVEN).save(path)
    pages = [f"Önsöz. {turkish.upper(ELEVEN)}", "Temiz bir sayfa.", f"{LONG}\n{ELEVEN}", ""]
    documents = [Document(text=text, id=f"s/{n}", metadata={"source": "s"}) for n, text in enumerate(pages)]
    assert [document.id for document in step.run(iter(documents))] == ["s/1", "s/3"]
    assert step.ledger.documents == {("s", "contaminated"): 2}
    assert step.ledger.details["contaminated"] == {"eval.txt:2": 1, "eval.txt:1": 1}
    assert step.ledger.hits == [
        {"id": "s/0", "item": "eval.txt:2", "words": turkish.upper(ELEVEN).strip(".")},
        {"id": "s/2", "item": "eval.txt:1", "words": LONG.strip(".")},
        {"id": "s/2", "item": "eval.txt:2", "words": ELEVEN.strip(".")},
    ]
    dill.dumps(step)


def test_texts_are_cleaned_as_documents_are(tmp_path: Path) -> None:
    path = tmp_path / "eval.txt"
    path.write_text(LONG.replace("büyük", "bü\u200byük"), encoding="utf-8")
    config = DecontaminationConfig(files=(str(path),))
    assert found(build_index(config, lambda text: text.replace("\u200b", "")), LONG)


def test_nothing_long_enough(tmp_path: Path) -> None:
    for texts in ((SHORT, "kısa"), (" ", "")):
        with pytest.raises(SourceError, match=r"eval\.txt: none of its \d texts has min_words = 8 words"):
            index_of(tmp_path, *texts)


def test_planted_among_synthetic_pages(tmp_path: Path) -> None:
    pages = [document.text for document in generate(5, 400_000)]
    sentences = [s for page in pages for s in turkish.split_sentences(page) if len(turkish.words(s)) >= 8]
    assert len(sentences) > 200
    index, draw = index_of(tmp_path, *sentences), random.Random(2)
    for sentence in sentences:
        words = sentence.split()
        assert found(index, f"Başı başka. {draw.choice(disguised(sentence))} Sonu başka.")
        for _ in range(len(words) // 8 + 1):  # no run is left that is long enough
            words.insert(draw.randrange(4, 8), "başkası")
        assert not found(index, " ".join(words[:14]))


@settings(deadline=None)  # the first example compiles
@given(st.lists(st.sampled_from("abcd"), max_size=60), st.lists(st.sampled_from("abcd"), min_size=2, max_size=7))
def test_hits_are_the_runs_in_common(
    tmp_path_factory: pytest.TempPathFactory, page: list[str], item: list[str]
) -> None:
    index = index_of(tmp_path_factory.mktemp("eval"), " ".join(item), ngram=4, min_words=2)
    length = min(len(item), 4)
    runs = {tuple(item[at : at + length]) for at in range(len(item) - length + 1)}
    covered = {
        at + step
        for at in range(len(page) - length + 1)
        if tuple(page[at : at + length]) in runs
        for step in range(length)
    }
    hits = index.hits(measure(" ".join(page)))
    assert {word for hit in hits for word in range(hit.start // 2, hit.end // 2 + 1)} == covered
    assert all(before.end < after.start for before, after in pairwise(hits))


def test_real_evaluations(real_data: Path) -> None:
    path = real_data / "eval" / "xquad.tr.json"
    index = build_index(DecontaminationConfig(files=(str(path),)), turkish.nfc)
    looked_for = [text for _, text in read_texts(path) if len(turkish.words(text)) >= 8]
    draw = random.Random(4)
    assert len(looked_for) > 500
    assert all(found(index, draw.choice(disguised(turkish.nfc(text)))) for text in looked_for)
