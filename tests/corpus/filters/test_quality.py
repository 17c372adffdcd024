"""Each rule drops what it names and nothing else; the bounds are FineWeb-2's; a text is measured once."""

import re
from dataclasses import replace

import numpy as np
import pytest
from datatrove.data import Document

from fidan.corpus.config import QualityConfig
from fidan.corpus.filters import quality
from fidan.corpus.filters.quality import QualityFilter
from fidan.corpus.filters.words import measured
from fidan.corpus.ledger import Ledger

GOOD = (
    "Sabah erkenden kalkan balıkçılar ve oğulları denize açıldı. Hava serindi ama gökyüzü açıktı.\n"
    "Akşama kadar çalışıp limana döndüler, çünkü fırtına için uyarı yapılmıştı. Pazarda bir kasa istavrit sattılar.\n"
    "Eve gelince sobayı yakıp çay demlediler; komşuları da geldi. Bu kış daha önce hiç böyle soğuk olmamıştı.\n"
    "Gece yarısına doğru herkes evine dağıldı. Ertesi gün yine erken kalkacaklar, ağları onaracaklar."
)


def verdict(text: str, config: QualityConfig | None = None) -> str:
    result = QualityFilter(Ledger(0), config or QualityConfig()).filter(document(text))
    return "kept" if result is True else result[1]


def document(text: str) -> Document:
    return Document(text=text, id="a/0", metadata={"source": "a"})


def test_prose_is_kept() -> None:
    assert verdict(GOOD) == "kept"


def test_capitals_are_prose_too() -> None:
    from fidan import turkish

    assert verdict(turkish.upper(GOOD)) == "kept"


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("few_words", "Kısa bir metin ve bu kadar."),
        ("many_words", " ".join(f"kelime{n} ve bir" for n in range(40_000))),
        ("short_words", "a b ve o da en bu c ç d " * 10),
        ("long_words", GOOD + " afyonkarahisarlılaştıramadıklarımızdan" * 90),
        ("hash_signs", GOOD.replace(" ", " # ")),
        ("ellipses", GOOD.replace(" ", " … ")),
        ("bullet_lines", "- " + GOOD.replace("\n", "\n- ")),
        ("ellipsis_lines", GOOD.replace("\n", "…\n")),
        ("few_letters", GOOD + " 12 34 / 56 ; 78 : 90 , 11 ! 22" * 8),
        ("few_stop_words", re.sub("(?i) (ve|için|bir|da|daha)(?= )|Bu ", " ", GOOD)),
        ("line_punctuation", GOOD.replace(".\n", "\n").replace("onaracaklar.", "onaracaklar")),
        ("line_breaks", "\n".join(f"balıkçı{n} ve bu oğlu{n}" + "." * (n % 5 == 0) for n in range(20))),
        ("duplicate_line_chars", GOOD + "\n" + GOOD.split("\n")[1]),
        ("duplicate_lines", GOOD + "\nEvet." * 4),
        ("top_2_gram", GOOD + " çok güzel" * 14),
        ("duplicate_5_grams", GOOD + " " + GOOD.split("\n")[0]),
    ],
)  # fmt: skip
def test_each_rule(reason: str, text: str) -> None:
    assert verdict(text) == reason


def test_every_rule_has_its_figure() -> None:
    assert len(quality.rules(QualityConfig())) == quality.FIGURES
    step = QualityFilter(Ledger(0), QualityConfig(min_words=1))
    assert step.filter(document(GOOD)) is True
    assert not np.isnan(step._figures).any()
    assert step._figures[0] == len(measured(document(GOOD)).word_hashes)


def test_a_bound_is_the_last_that_is_kept() -> None:
    count = len(GOOD.split())
    assert verdict(GOOD, replace(QualityConfig(), min_words=count)) == "kept"
    assert verdict(GOOD, replace(QualityConfig(), min_words=count + 1)) == "few_words"


def test_nearly_dropped_documents_are_noted() -> None:
    ledger = Ledger(3)
    count = len(GOOD.split())
    assert QualityFilter(ledger, replace(QualityConfig(), min_words=count - 1)).filter(document(GOOD)) is True
    ((margin, sample),) = ledger.as_json()["samples"]["kept/few_words"]
    assert margin == pytest.approx(1 / (count - 1))
    assert sample["text"] == GOOD


def test_measures_follow_the_text() -> None:
    doc = document("bir iki")
    first = measured(doc)
    assert measured(doc) is first
    doc.text = "bir iki üç"
    assert len(measured(doc).word_hashes) == 3


def test_an_empty_text_is_dropped_without_an_error() -> None:
    assert verdict("") == "few_words"
