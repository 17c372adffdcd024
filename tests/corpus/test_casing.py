"""Nothing happens to a document for being written in capitals: no list and no rule is fooled by İ, I, ı and i."""

import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from datatrove.data import Document

from fidan import turkish
from fidan.corpus.cleaning.normalize import normalize
from fidan.corpus.config import CorpusConfig, RepeatedLinesConfig, Source
from fidan.corpus.ledger import Ledger
from fidan.corpus.steps import clean_steps, filter_steps
from fidan.corpus.synthetic.generator import generate

CONFIG = CorpusConfig(sources=(Source("-"),), repeated_lines=RepeatedLinesConfig(min_documents=0))


def kept(texts: list[str]) -> set[int]:
    """The numbers of the documents that every filter leaves."""
    ledger = Ledger(0)
    data = (Document(text=text, id=str(n), metadata={"source": "a"}) for n, text in enumerate(texts))
    for step in [*clean_steps(CONFIG, ledger), *filter_steps(CONFIG, ledger, Path(), Path())]:
        data = step(data)
    return {int(document.id) for document in data}


@pytest.mark.parametrize("case", [turkish.upper, turkish.lower])
def test_synthetic_documents_have_the_same_fate(case: Callable[[str], str]) -> None:
    texts = [normalize(document.text) for document in generate(5, 1_500_000, noise=0.2)]
    left = kept(texts)
    assert len(left) > 300
    assert kept([case(text) for text in texts]) == left


@pytest.mark.parametrize("case", [turkish.upper, turkish.lower])
def test_real_documents_have_the_same_fate(real_data: Path, case: Callable[[str], str]) -> None:
    with lzma.open(real_data / "web" / "tr-web.valid.txt.xz", "rt", encoding="utf-8", errors="replace") as file:
        texts = [normalize(text) for text in file.read().split("\n\n")]
    left = kept(texts)
    assert len(left) > 700
    assert kept([case(text) for text in texts]) == left
