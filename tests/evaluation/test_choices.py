"""Multiple choice: sums that a naive scorer finds, too, contexts that are cut, and what is told of the results."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from fidan.errors import FidanError
from fidan.evaluation.choice_items import Item, read_items
from fidan.evaluation.choices import ChoiceResults, chance, compare_choices, score_choices, to_json
from fidan.hardware import autocast
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.tokenizer.tokenizer import Tokenizer

FP32 = autocast(torch.device("cpu"), torch.float32)
CONTEXT = 48  # of the fixture

ITEMS = [
    Item("Adam musluğu açtı bu yüzden", ("tuvalet su ile doldu.", "su aktı."), 1),
    Item("Kız eve gitti çünkü", ("çok yorgundu.", "kedi.", "ev mavi bir kuştu."), 0),
    Item("Soru: Kaç?\n\nCevap:", ("iki", "üç yüz"), 0),
    Item("Kapıyı  ", ("açtı.", "kapattı ve gitti."), 1),  # the white space goes to the choice
    Item("", ("Bugün hava güzel.", "Güzel hava bugün."), 0),
]


def measured(model: Decoder, tokenizer: Tokenizer, items: Sequence[Item]) -> ChoiceResults:
    return score_choices(model, tokenizer, items, autocast=FP32, reporter=SilentReporter())


def naive(model: Decoder, ids: Sequence[int], start: int) -> float:
    """Token by token: a forward pass for each."""
    total = 0.0
    for place in range(start, len(ids)):
        with torch.inference_mode():
            logits = model(torch.tensor([ids[:place]]))[0, -1]
        total += float(logits.log_softmax(-1)[ids[place]])
    return total


def split(tokenizer: Tokenizer, context: str, continuation: str) -> tuple[list[int], int]:
    """As `TemplateLM._encode_pair` of lm-evaluation-harness."""
    spaces = len(context) - len(context.rstrip())
    if spaces:
        context, continuation = context[:-spaces], context[-spaces:] + continuation
    whole = tokenizer.encode(context + continuation, bos=True)
    return whole, len(tokenizer.encode(context, bos=True))


def test_sums_are_those_of_a_naive_scorer(model: Decoder, tokenizer: Tokenizer) -> None:
    results = measured(model, tokenizer, ITEMS)
    assert results.cut == 0
    for item, sums in zip(ITEMS[:4], results.log_probabilities, strict=False):
        wanted = [naive(model, *split(tokenizer, item.context, f" {choice}")) for choice in item.choices]
        assert sums == pytest.approx(wanted, abs=1e-4)
    alone = [naive(model, tokenizer.encode(choice, bos=True), 1) for choice in ITEMS[4].choices]
    assert results.log_probabilities[4] == pytest.approx(alone, abs=1e-4)


def made(sums: Sequence[Sequence[float]], items: Sequence[Item], cut: int = 0) -> ChoiceResults:
    return ChoiceResults(tuple(items), tuple(np.array(each) for each in sums), cut)


def test_raw_takes_the_sum_and_normalised_the_mean_over_characters() -> None:
    item = Item("Kız", ("gitti", "eve doğru gitti"), 1)  # 5 and 15 characters
    results = made([[-5, -12]], [item])
    assert results.chosen.tolist() == [0]
    assert results.chosen_normalised.tolist() == [1]  # -1 and -0.8 a character
    assert (results.raw.value, results.normalised.value) == (0, 1)


def test_among_equals_the_first_one_is_taken() -> None:
    results = made([[-3, -3], [-3, -3]], [Item("a", ("bc", "de"), 0), Item("a", ("bc", "de"), 1)])
    assert results.correct.tolist() == results.correct_normalised.tolist() == [True, False]


def test_guessing_is_right_once_in_as_many_choices() -> None:
    assert chance(ITEMS) == pytest.approx((4 / 2 + 1 / 3) / 5)


def test_a_long_context_is_cut_on_its_left_and_keeps_its_beginning_of_text(
    model: Decoder, tokenizer: Tokenizer
) -> None:
    long = Item("Kız eve gitti ve orada uyudu. " * 8 + "Sonra", ("uyandı.", "kapıyı açıp dışarı çıktı."), 0)
    results = measured(model, tokenizer, [*ITEMS, long])
    assert results.cut == 1
    wholes = [split(tokenizer, long.context, f" {choice}") for choice in long.choices]
    drop = max(len(ids) for ids, _ in wholes) - (CONTEXT + 1)
    assert drop > 0
    # Both choices see the same rest of the context, that of the longer one.
    wanted = [naive(model, [ids[0], *ids[1 + drop :]], start - drop) for ids, start in wholes]
    assert results.log_probabilities[-1] == pytest.approx(wanted, abs=1e-4)


def test_a_choice_may_fill_the_whole_context_but_no_more(model: Decoder, tokenizer: Tokenizer) -> None:
    item = Item("Kız eve gitti ve", ("uyudu.", ""), 0, "items.jsonl:4")
    tail = " bir" * 60

    def with_tokens(number: int) -> Item:
        start = len(tokenizer.encode(item.context, bos=True))
        ids = tokenizer.encode(item.context + tail, bos=True)[: start + number]
        return item._replace(choices=("uyudu.", tokenizer.decode(ids).removeprefix(f"{item.context} ")))

    full = measured(model, tokenizer, [with_tokens(CONTEXT)])
    assert full.cut == 1
    ids, start = split(tokenizer, item.context, f" {with_tokens(CONTEXT).choices[1]}")
    assert len(ids) - start == CONTEXT
    assert full.log_probabilities[0][1] == pytest.approx(naive(model, [ids[0], *ids[start:]], 1), abs=1e-4)
    with pytest.raises(FidanError, match=r"items\.jsonl:4: the choice .* alone is longer than .* 48 tokens"):
        measured(model, tokenizer, [with_tokens(CONTEXT + 1)])


def test_two_models_are_compared_on_the_same_items() -> None:
    items = [Item("a", ("b", "c"), 0)] * 40
    a = made([[-1, -2]] * 20 + [[-2, -1]] * 20, items)
    b = made([[-1, -2]] * 38 + [[-2, -1]] * 2, items)
    compared = compare_choices(a, b)
    assert compared.difference == pytest.approx(18 / 40)
    assert 0 < compared.low < 18 / 40 < compared.high
    assert compared.p < 0.01
    assert compare_choices(a, b, normalised=True) == compared  # all choices have one character
    assert compare_choices(a, a).p == 1
    with pytest.raises(FidanError, match="40 items of A and 39 of B are not the same"):
        compare_choices(a, made([[-1, -2]] * 39, items[1:]))


def test_the_record_tells_all_of_it() -> None:
    items = [Item("a", ("b", "c"), 0)] * 4
    results = [made([[-1, -2]] * 4, items, cut=2), made([[-2, -1]] * 4, items)]
    record = json.loads(json.dumps(to_json("mini", results)))
    assert (record["name"], record["items"], record["chance"]) == ("mini", 4, 0.5)
    assert record["models"][0]["cut"] == 2
    assert record["models"][0]["raw"]["value"] == 1
    assert record["models"][1]["normalised"]["value"] == 0
    assert [(c["a"], c["b"], c["difference"]) for c in record["comparisons"]] == [(0, 1, -1)]
    with pytest.raises(FidanError, match="no model's results"):
        to_json("mini", [])


def test_bad_items_are_named(model: Decoder, tokenizer: Tokenizer) -> None:
    with pytest.raises(FidanError, match="No multiple-choice items"):
        measured(model, tokenizer, [])
    with pytest.raises(FidanError, match="item 1: no choices"):
        measured(model, tokenizer, [ITEMS[0], Item("a", (), 0)])
    with pytest.raises(FidanError, match="item 0: the choice '' adds no token"):
        measured(model, tokenizer, [Item("", ("", "b"), 0)])


def test_real_xcopa_is_scored(real_data: Path, model: Decoder, tokenizer: Tokenizer) -> None:
    def wholes(item: Item) -> list[tuple[list[int], int]]:
        return [split(tokenizer, item.context, f" {choice}") for choice in item.choices]

    items = read_items(real_data / "eval" / "xcopa-val.tr.jsonl")
    short = [item for item in items if all(len(ids) <= CONTEXT + 1 for ids, _ in wholes(item))][:8]
    assert len(short) == 8
    results = measured(model, tokenizer, short)
    for item, sums in zip(short, results.log_probabilities, strict=True):
        assert sums == pytest.approx([naive(model, *whole) for whole in wholes(item)], abs=1e-4)
