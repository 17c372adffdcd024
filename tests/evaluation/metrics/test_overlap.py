"""Overlap: by hand, by nltk, by rouge_score, and by plain loops; on made and on real text."""

import json
import math
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from nltk.translate.bleu_score import SmoothingFunction
from nltk.translate.bleu_score import corpus_bleu as nltk_corpus_bleu
from nltk.translate.bleu_score import sentence_bleu as nltk_sentence_bleu
from nltk.translate.chrf_score import sentence_chrf as nltk_sentence_chrf
from rouge_score.rouge_scorer import RougeScorer

from fidan.errors import FidanError
from fidan.evaluation.metrics.overlap import (
    common_subsequence,
    corpus_bleu,
    corpus_chrf,
    corpus_rouge_l,
    rouge_l,
    sentence_bleu,
    sentence_chrf,
)

WORDS = "kedi masanin ustunde uyuyor ve bir adam kapiyi acti sonra eve gitti cok guzel gun".split()


def sentences(seed: int, count: int) -> tuple[list[str], list[list[str]]]:
    """Texts of ASCII words with one to three references that share runs of words with them."""
    draw = random.Random(seed)
    texts, references = [], []
    for _ in range(count):
        text = draw.choices(WORDS, k=draw.randint(5, 25))
        known = []
        for _ in range(draw.randint(1, 3)):
            other = [word if draw.random() < 0.8 else draw.choice(WORDS) for word in text]
            known.append(" ".join(other[draw.randint(0, 2) :]))
        texts.append(" ".join(text))
        references.append(known)
    return texts, references


def split_all(references: Sequence[Sequence[str]]) -> list[list[list[str]]]:
    return [[reference.split() for reference in known] for known in references]


def test_corpus_bleu_is_nltks() -> None:
    for seed in range(5):
        texts, references = sentences(seed, 20)
        theirs = nltk_corpus_bleu(split_all(references), [text.split() for text in texts])
        assert corpus_bleu(texts, references) == pytest.approx(100 * theirs, abs=1e-6)


def test_sentence_bleu_is_nltks() -> None:
    smoothing = SmoothingFunction().method3  # sacrebleu's "exp"
    texts, references = sentences(9, 60)
    for text, known in zip(texts, references, strict=True):
        theirs = nltk_sentence_bleu([k.split() for k in known], text.split(), smoothing_function=smoothing)
        assert sentence_bleu(text, known) == pytest.approx(100 * theirs, abs=1e-6)


def test_bleu_by_hand() -> None:
    # n-grams met: 4 of 5, 2 of 4, 1 of 3, 0 of 2, for which exp smoothing takes 1/2 of 2. No brevity penalty.
    expected = 100 * (4 / 5 * 2 / 4 * 1 / 3 * 1 / 4) ** 0.25
    assert sentence_bleu("bir iki üç beş dört", ["bir iki üç altı dört"]) == pytest.approx(expected)
    # Three words have no 4-grams; the effective order is 3.
    assert sentence_bleu("bir iki üç", ["bir iki üç"]) == pytest.approx(100)


def test_bleu_keeps_casing_and_the_apostrophe() -> None:
    assert sentence_bleu("IŞIK açık kaldı bak", ["ışık açık kaldı bak"]) < 100
    assert sentence_bleu("İzmir'de kaldık bugün yine", ["İzmir de kaldık bugün yine"]) < 100
    assert sentence_bleu("Bugün gel, gidelim.", ["Bugün gel , gidelim ."]) == pytest.approx(100)


def test_a_text_with_fewer_references_than_others_has_no_empty_one_instead() -> None:
    texts, references = ["bir iki üç dört", "a b"], [["bir iki üç dört", "beş"], ["a b c d e"]]
    # All n-grams are met; 6 words for 4 + 5. An empty reference would be nearer to "a b", and nothing be too short.
    assert corpus_bleu(texts, references) == pytest.approx(100 * math.exp(1 - 9 / 6))
    alone = corpus_chrf(texts, [references[0][:1], references[1]])
    assert corpus_chrf(texts, references) == pytest.approx(alone)


def char_grams(text: str, n: int) -> Counter[str]:
    joined = "".join(text.split())
    return Counter(joined[i : i + n] for i in range(len(joined) - n + 1))


def word_grams(text: str, n: int) -> Counter[tuple[str, ...]]:
    found = text.split()
    return Counter(tuple(found[i : i + n]) for i in range(len(found) - n + 1))


def naive_chrf(pairs: Sequence[tuple[str, str]], word_order: int) -> float:
    """chrF of Popović: precision and recall averaged over the orders that both sides have, recall counting twice."""
    precisions, recalls = [], []
    for grams, orders in ((char_grams, 6), (word_grams, word_order)):
        for n in range(1, orders + 1):
            matched = text_total = known_total = 0
            for text, known in pairs:
                a, b = grams(text, n), grams(known, n)
                matched += (a & b).total()
                text_total += a.total() if b else 0
                known_total += b.total()
            if text_total and known_total:
                precisions.append(matched / text_total)
                recalls.append(matched / known_total)
    p, r = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 100 * 5 * p * r / (4 * p + r)


def test_chrf_is_a_plain_loop_that_is_near_nltks() -> None:
    texts, references = sentences(3, 40)
    first = [known[0] for known in references]
    for text, known in zip(texts, first, strict=True):
        assert sentence_chrf(text, [known]) == pytest.approx(naive_chrf([(text, known)], 2), abs=1e-6)
    pairs = list(zip(texts, first, strict=True))
    assert corpus_chrf(texts, [[known] for known in first]) == pytest.approx(naive_chrf(pairs, 2), abs=1e-6)
    # nltk has no words, and averages F over the orders; where precision and recall are the same, so is that.
    same_length = ("kedi masa ustunde", "kedi kasa ustunde")
    theirs = 100 * nltk_sentence_chrf(same_length[1], same_length[0], beta=2.0)
    assert naive_chrf([same_length], 0) == pytest.approx(theirs, abs=1e-6)


def test_of_several_references_the_best_counts_for_chrf_and_rouge() -> None:
    for measure in (sentence_chrf, rouge_l):
        alone = [measure("kedi eve gitti", [known]) for known in ("adam eve gitti", "kedi uyudu")]
        assert measure("kedi eve gitti", ["adam eve gitti", "kedi uyudu"]) == max(alone)


def slow_common(a: Sequence[str], b: Sequence[str]) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def test_the_longest_common_subsequence_is_the_tables() -> None:
    draw = random.Random(0)
    for _ in range(300):
        a, b = (draw.choices("abcde", k=draw.randint(0, 90)) for _ in range(2))
        assert common_subsequence(a, b) == slow_common(a, b)


def test_rouge_l_is_rouge_scores_on_ascii() -> None:
    scorer = RougeScorer(["rougeL"])
    texts, references = sentences(4, 60)
    ours = []
    for text, known in zip(texts, references, strict=True):
        theirs = max(scorer.score(reference, text)["rougeL"].fmeasure for reference in known)
        ours.append(rouge_l(text, known))
        assert ours[-1] == pytest.approx(theirs, abs=1e-6)
    assert corpus_rouge_l(texts, references) == pytest.approx(sum(ours) / 60)


def test_rouge_l_by_hand() -> None:
    # "kedi … uyuyor" of 3 words and of 4: 2·2/7.
    assert rouge_l("kedi çok uyuyor", ["kedi masanın üstünde uyuyor"]) == pytest.approx(4 / 7)


def test_rouge_l_reads_turkish() -> None:
    assert rouge_l("IŞIK İzmir’de RÜZGÂR", ["ışık izmir'de rüzgar"]) == 1
    assert rouge_l("IŞIK", ["işık"]) == 0


def test_on_real_text(real_data: Path) -> None:
    """Shortened answers against whole ones; XCOPA's two alternatives against each other."""
    rows = [json.loads(row) for row in (real_data / "eval" / "xcopa-val.tr.jsonl").read_text("utf-8").splitlines()]
    texts, known = [row["premise"] for row in rows], [row["choice1"] for row in rows]
    for text, reference in zip(texts, known, strict=True):
        plain, other = (" ".join(part.replace(".", " ").replace(",", " ").split()) for part in (text, reference))
        assert sentence_chrf(plain, [other]) == pytest.approx(naive_chrf([(plain, other)], 2), abs=1e-6)
    assert 0 < corpus_bleu(texts, [[reference] for reference in known]) < 20
    assert corpus_bleu(texts, [[text] for text in texts]) == pytest.approx(100)
    assert corpus_chrf(texts, [[text] for text in texts]) == pytest.approx(100)
    assert corpus_rouge_l(texts, [[text] for text in texts]) == 1


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_without_words_scores_0(text: str) -> None:
    for measure in (sentence_bleu, sentence_chrf, rouge_l):
        assert measure(text, ["kedi uyuyor"]) == 0
    for corpus in (corpus_bleu, corpus_chrf, corpus_rouge_l):
        assert corpus([text], [["kedi uyuyor"]]) == 0


def test_a_reference_of_marks_alone_has_nothing_in_common() -> None:
    assert rouge_l("…", ["!?"]) == 0


def test_bad_values_are_named() -> None:
    for measure in (sentence_bleu, sentence_chrf, rouge_l):
        with pytest.raises(FidanError, match=r"no list of references: \[\]"):
            measure("kedi", [])
        with pytest.raises(FidanError, match="'kedi'"):
            measure("kedi", "kedi")
        with pytest.raises(FidanError, match="empty reference"):
            measure("kedi", ["kedi", " "])
    for corpus in (corpus_bleu, corpus_chrf, corpus_rouge_l):
        with pytest.raises(FidanError, match="2 texts and references for 1"):
            corpus(["a", "b"], [["a"]])
        with pytest.raises(FidanError, match="0 texts"):
            corpus([], [])
        with pytest.raises(FidanError, match="Text 1 has no list"):
            corpus(["a", "b"], [["a"], []])
