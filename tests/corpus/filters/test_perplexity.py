"""Scores go with their documents, and head, middle and tail follow from all scores."""

import copy
import math
from pathlib import Path

import dill
import numpy as np
from datatrove.data import Document

from fidan.corpus.filters.character_model import train
from fidan.corpus.filters.perplexity import BUCKETS, HEAD, MIDDLE, TAIL, PerplexityScore, buckets, cut_offs

REFERENCE = ["Bugün hava çok güzeldi, çocuklar parkta oynadılar.", "Akşam eve döndüler ve yemek yediler."]


def documents(*texts: str) -> list[Document]:
    return [Document(text=text, id=f"s/{number}", metadata={"source": "s"}) for number, text in enumerate(texts)]


def test_step_scores_and_keeps_all(tmp_path: Path) -> None:
    path = tmp_path / "model.npy"
    step = PerplexityScore(path)
    step = dill.loads(dill.dumps(copy.deepcopy(step)))  # as the executor does, before the model need be there
    model = train(REFERENCE, 5)
    model.save(path)
    texts = "Bugün çocuklar parkta oynadılar.", "xq wj zzkq", ""
    done = list(step.run(iter(documents(*texts))))
    assert [document.text for document in done] == list(texts)
    good, bad, none = (document.metadata["bits_per_character"] for document in done)
    assert good == model.bits_per_character(texts[0])
    assert good < bad
    assert math.isnan(none)


def test_buckets() -> None:
    scores = np.array([3.0, 1.0, 2.0, np.nan, 4.0, 5.0, 6.0], dtype=np.float32)
    cuts = cut_offs(scores, (1 / 3, 2 / 3))
    assert cuts == (2.0, 4.0)
    found = buckets(scores, cuts)
    assert found.dtype == np.uint8
    assert found.tolist() == [MIDDLE, HEAD, HEAD, TAIL, MIDDLE, TAIL, TAIL]
    assert [BUCKETS[index] for index in (HEAD, MIDDLE, TAIL)] == ["head", "middle", "tail"]


def test_cuts_do_not_depend_on_the_order() -> None:
    scores = np.random.default_rng(0).gamma(3.0, size=10_001).astype(np.float32)
    cuts = cut_offs(scores, (0.3, 0.6))
    assert cut_offs(scores[::-1].copy(), (0.3, 0.6)) == cuts
    share = np.bincount(buckets(scores, cuts), minlength=3) / len(scores)
    assert np.allclose(share, [0.3, 0.3, 0.4], atol=0.001)


def test_scores_alike_and_none() -> None:
    same = np.full(5, 2.1, dtype=np.float32)
    assert set(buckets(same, cut_offs(same, (0.3, 0.6))).tolist()) == {HEAD}
    for nothing in (np.array([], dtype=np.float32), np.full(3, np.nan, dtype=np.float32)):
        assert (buckets(nothing, cut_offs(nothing, (0.3, 0.6))) == TAIL).all()
