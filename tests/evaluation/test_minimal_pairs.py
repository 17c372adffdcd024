"""Minimal pairs: tables of every kind, sums that a naive scorer finds, too, and what is told of the results."""

import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from fidan.errors import FidanError, SourceError
from fidan.evaluation.minimal_pairs import PairResults, compare_pairs, prefer_shorter, score_pairs, to_json
from fidan.evaluation.pair_files import Pair, read_pairs
from fidan.hardware import autocast
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.tokenizer.tokenizer import Tokenizer

FP32 = autocast(torch.device("cpu"), torch.float32)

PAIRS = [
    Pair("Ali eve geldi.", "Ali eve geldin.", "agreement"),
    Pair("Kitabı kim okudu?", "Kitabı kimi okudu?", "agreement"),
    Pair("Çocuklar uyuyor.", "Çocuklar uyuyorum.", "agreement"),
    Pair("Hiç kimse gelmedi.", "Hiç kimse geldi.", "negation"),
    Pair("Aynı cümle.", "Aynı cümle.", "negation"),
]


def measured(model: Decoder, tokenizer: Tokenizer, pairs: Sequence[Pair]) -> PairResults:
    return score_pairs(model, tokenizer, pairs, autocast=FP32, reporter=SilentReporter())


def naive(model: Decoder, tokenizer: Tokenizer, sentence: str) -> float:
    """Token by token: a forward pass for each."""
    ids = tokenizer.encode(sentence, bos=True)
    total = 0.0
    for place in range(1, len(ids)):
        with torch.inference_mode():
            logits = model(torch.tensor([ids[:place]]))[0, -1]
        total += float(logits.log_softmax(-1)[ids[place]])
    return total


def test_sums_are_those_of_a_naive_scorer(model: Decoder, tokenizer: Tokenizer) -> None:
    results = measured(model, tokenizer, PAIRS)
    assert results.good == pytest.approx([naive(model, tokenizer, pair.good) for pair in PAIRS], abs=1e-4)
    assert results.bad == pytest.approx([naive(model, tokenizer, pair.bad) for pair in PAIRS], abs=1e-4)
    assert results.correct.tolist() == [good > bad for good, bad in zip(results.good, results.bad, strict=True)]


def test_a_uniform_model_prefers_fewer_tokens(tokenizer: Tokenizer) -> None:
    model = Decoder(ModelConfig(d_model=32, n_layers=1, n_heads=4, d_ff=64, context=48), tokenizer.vocab_size)
    torch.nn.init.zeros_(model.lm_head.weight)
    results = measured(model, tokenizer, PAIRS)
    tokens = np.array([len(tokenizer.encode(pair.good)) for pair in PAIRS])
    assert results.good == pytest.approx(-tokens * math.log(tokenizer.vocab_size), rel=1e-6)


def test_the_same_sentence_twice_is_a_tie_whatever_stands_around_it(model: Decoder, tokenizer: Tokenizer) -> None:
    same = [Pair(f"{name} geldi.", f"{name} geldi.", "same") for name in "Ali Ayşe Mehmet Zeynep".split()]
    results = measured(model, tokenizer, [*PAIRS, *same])
    assert results.ties.tolist() == [False] * 4 + [True] * 5
    assert not results.correct[4:].any()


def results_of(correct: Sequence[int], pairs: Sequence[Pair] = PAIRS) -> PairResults:
    """Made results: 1 right, -1 wrong, 0 a tie."""
    return PairResults(tuple(pairs), np.array(correct, float) - 10, np.full(len(correct), -10.0))


def test_phenomena_count_the_same_and_ties_are_wrong_and_counted_apart() -> None:
    results = results_of([1, 1, -1, 1, 0])
    agreement, negation = results.phenomena
    assert (agreement.name, agreement.pairs, agreement.ties) == ("agreement", 3, 0)
    assert (negation.name, negation.pairs, negation.ties) == ("negation", 2, 1)
    assert agreement.accuracy.value == pytest.approx(2 / 3)
    assert negation.accuracy.value == pytest.approx(1 / 2)
    assert results.accuracy.value == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert results.accuracy.error == pytest.approx(math.sqrt(2 / 9 / 3 + 1 / 4 / 2) / 2)


def test_what_the_length_alone_gets_right() -> None:
    # Fewer characters, fewer, fewer; more, as many.
    assert prefer_shorter(PAIRS).tolist() == [1, 1, 1, 0, 0.5]
    results = results_of([1, 1, 1, 1, 1])
    assert [phenomenon.length for phenomenon in results.phenomena] == [1, 0.25]
    assert results.length == pytest.approx(0.625)


def test_comparison_is_of_the_mean_over_phenomena() -> None:
    a, b = results_of([1, 1, -1, -1, -1]), results_of([1, 1, -1, 1, 1])
    compared = compare_pairs(a, b)
    assert compared.difference == pytest.approx(b.accuracy.value - a.accuracy.value) == pytest.approx(0.5)
    assert compare_pairs(a, a).p == 1


def test_models_with_other_pairs_are_not_compared() -> None:
    with pytest.raises(FidanError, match="5 pairs of A and 4 of B are not the same"):
        compare_pairs(results_of([1] * 5), results_of([1] * 4, PAIRS[:4]))


def test_the_record_tells_all_of_it() -> None:
    results = [results_of([1, 1, -1, 1, 0]), results_of([1, 1, 1, 1, 1]), results_of([-1] * 5)]
    record = json.loads(json.dumps(to_json("mini", results)))
    assert (record["name"], record["pairs"]) == ("mini", 5)
    assert record["models"][0]["ties"] == 1
    assert record["models"][0]["accuracy"].keys() == {"value", "error", "low", "high"}
    assert record["models"][1]["phenomena"][1]["name"] == "negation"
    assert record["length"] == {"accuracy": 0.625, "phenomena": {"agreement": 1.0, "negation": 0.25}}
    assert [(c["a"], c["b"]) for c in record["comparisons"]] == [(0, 1), (0, 2), (1, 2)]
    assert record["comparisons"][2]["difference"] == -1
    with pytest.raises(FidanError, match="no model's results"):
        to_json("mini", [])


def test_a_sentence_beyond_the_context_is_named(model: Decoder, tokenizer: Tokenizer) -> None:
    fits = "a" * 200
    while len(tokenizer.encode(fits)) > 48:
        fits = fits[:-1]
    measured(model, tokenizer, [Pair(fits, "a", "long")])
    row = Pair("a", "zq" * 60, "long", "pairs.csv:17")
    with pytest.raises(FidanError, match=r"pairs\.csv:17: a sentence of \d+ tokens.*context is 48"):
        measured(model, tokenizer, [*PAIRS, row])
    with pytest.raises(FidanError, match="pair 5: a sentence"):
        measured(model, tokenizer, [*PAIRS, row._replace(where="")])
    with pytest.raises(FidanError, match="No minimal pairs"):
        measured(model, tokenizer, [])


def table(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def without_places(pairs: Sequence[Pair]) -> list[tuple[str, str, str]]:
    return [(pair.good, pair.bad, pair.phenomenon) for pair in pairs]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_any_separator_and_a_byte_order_mark(tmp_path: Path, separator: str, encoding: str) -> None:
    rows = ["good_sentence,bad_sentence,verb,phenomenon", "Geldim.,Geldin.,gel,agreement", "", "A.,B.,c,npi"]
    path = table(tmp_path / "a.csv", "\r\n".join(rows).replace(",", separator), encoding)
    pairs = read_pairs(path)
    assert without_places(pairs) == [("Geldim.", "Geldin.", "agreement"), ("A.", "B.", "npi")]
    assert [pair.where for pair in pairs] == [f"{path}:2", f"{path}:4"]


@pytest.mark.parametrize(("good", "bad"), [("good", "bad"), ("sentence_good", "sentence_bad")])
def test_columns_go_by_their_names_and_a_table_without_phenomenon_is_one(tmp_path: Path, good: str, bad: str) -> None:
    path = table(tmp_path / "island_effects.csv", f"id,{bad},{good}\n1,kötü,iyi\n")
    assert without_places(read_pairs(path)) == [("iyi", "kötü", "island_effects")]


def test_cells_in_quotes_hold_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    cells = ['Ali, "gel" dedi;\nsustu.', "Ali; geldi, dedi."]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["good", "bad"], cells])
    assert without_places(read_pairs(path)) == [(cells[0], cells[1], "q")]


def test_sentences_come_in_form_c_and_otherwise_as_they_are(tmp_path: Path) -> None:
    path = table(tmp_path / "nfd.csv", "good,bad\n Go\u0308l. ,I\u0307yi\n")
    assert without_places(read_pairs(path)) == [(" Göl. ", "İyi", "nfd")]


def test_a_folder_is_all_of_its_tables(tmp_path: Path) -> None:
    table(tmp_path / "b.csv", "good,bad\nb1,b2\n")
    table(tmp_path / "a.tsv", "good\tbad\na1\ta2\n")
    table(tmp_path / "README.md", "no table")
    assert without_places(read_pairs(tmp_path)) == [("a1", "a2", "a"), ("b1", "b2", "b")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        ("good,bad\n", "a header and no rows"),
        ("iyi;kötü\na;b\n", "no column good_sentence, good or sentence_good. Its columns are iyi, kötü"),
        ("good,wrong\na,b\n", "no column bad_sentence, bad or sentence_bad. Its columns are good, wrong"),
        ("good,bad\na,b\n,b\n", ":3: the cell 'good' is empty"),
        ("good,bad,phenomenon\na,b,npi\na,b, \n", ":3: the cell 'phenomenon' is empty"),
        ("good,bad\nAli, gel,git\n", ":2: 3 cells where the header has 2"),
        ("good,bad\na\n", ":2: 1 cells where the header has 2"),
        ('good,bad\n"a,b\n', "not a table of cells"),
    ],
)
def test_bad_tables_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = table(tmp_path / "bad.csv", content)
    with pytest.raises(SourceError) as caught:
        read_pairs(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_files_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = table(tmp_path / "old.csv", "good,bad\nşık,şik\n", "iso8859-9")
    with pytest.raises(SourceError, match="not UTF-8 at byte 9"):
        read_pairs(path)
    with pytest.raises(SourceError, match="cannot be read"):
        read_pairs(tmp_path / "missing.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="no tables in this folder"):
        read_pairs(tmp_path / "empty")
