"""The page of an evaluation says what the figures amount to, by its rules, and no text in it can break out."""

import itertools
import json
import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fidan.evaluation.report.comparisons import ahead, better, differences
from fidan.evaluation.report.harness import beyond_chance_unpaired
from fidan.evaluation.report.page import make_page, write_page
from fidan.evaluation.report.terminal import summary_lines
from fidan.evaluation.report.verdict import Outcome, findings, headline, warnings

HOSTILE = "</div></section></style><script>alert(1)</script><img src=x onerror=alert(2)> \u202e\0\x1b[31m & \"'"
PHENOMENA = (
    "anaphor_agreement", "argument_structure_ditransitive", "argument_structure_transitive", "binding",
    "determiners", "ellipsis", "irregular_forms", "island_effects", "nominalization", "npi_licensing", "passives",
    "quantifiers", "relative_clauses", "scrambling", "subject_agreement", "suspended_affixation",
)  # fmt: skip
SHORTER = (0.12, 0.33, 0.21, 0, 0, 0, 0, 1, 0.59, 0.96, 1, 0.99, 0.5, 0, 0.18, 0)
TEXTS = (
    "Sabah erkenden kalkıp bahçedeki çiçekleri sulayan kadın, komşusuyla uzun uzun konuştu.",
    "Belediye, yeni otobüs hatlarının gelecek hafta çalışmaya başlayacağını duyurdu.",
    "Öğretmen sınıfa girince çocuklar sessizleşti ve ders başladı. Ders başladı ve ders başladı.",
)


def estimate(value: float, error: float) -> dict[str, float]:
    return {"value": value, "error": error, "low": value - 1.96 * error, "high": value + 1.96 * error}


def nothing(value: float) -> dict[str, float | None]:
    """Of one unit: no spread is known, which JSON writes as null."""
    return {"value": value, "error": None, "low": None, "high": None}


def compared(measure: float, error: float, p: float, a: int = 0, b: int = 1) -> dict[str, float]:
    low, high = measure - 1.96 * error, measure + 1.96 * error
    return {"a": a, "b": b, "difference": measure, "low": low, "high": high, "p": p}


def pair_model(skill: float) -> dict[str, Any]:
    chance = random.Random(skill)
    phenomena = []
    for place, name in enumerate(PHENOMENA):
        value = min(0.5 + (skill - 0.5) * chance.uniform(0.7, 1.15), 0.999) if place != 5 else 0.442
        error = math.sqrt(value * (1 - value) / 1000)
        phenomena.append({"name": name, "pairs": 1000, "accuracy": estimate(value, error), "ties": 10 * (place == 0)})
    mean = sum(one["accuracy"]["value"] for one in phenomena) / 16
    return {"accuracy": estimate(mean, 0.002), "ties": 10, "phenomena": phenomena}


def text_model(bits: float, shift: float) -> dict[str, Any]:
    places = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
    return {
        "bits_per_byte": estimate(bits, 0.0123), "bits_per_character": estimate(1.09 * bits, 0.0134),
        "loss": estimate(2.9 * bits, 0.031), "perplexity": math.exp(2.9 * bits),
        "accuracy": estimate(0.38 - shift, 0.0031), "top5": estimate(0.61 - shift, 0.0034), "ece": 0.0112,
        "documents": 1520, "tokens": 1_204_113, "context": 1024, "stride": 512, "precision": "bfloat16",
        "by_position": [
            {"from": low, "to": high, "tokens": 1520 * (high - low), "bits_per_byte": bits + 1.1 * math.exp(-n / 2.5)}
            for n, (low, high) in enumerate(itertools.pairwise(places))
        ],
        "by_domain": [
            {"name": name, "documents": number, "bytes": 4000 * number, "bits_per_byte": estimate(bits + more, 0.02)}
            for name, number, more in (("news", 700, -0.1), ("forum", 500, 0.21), ("wiki", 320, -0.02))
        ],
        "calibration": [
            {"confidence": (n + 0.5) / 10, "accuracy": (n + 0.5) / 10 - 0.04 * shift * 20 * math.sin(n / 3),
             "tokens": 300_000 // (n + 1)} for n in range(10)
        ],
    }  # fmt: skip


def make_model(name: str, parameters: int, shift: float = 0) -> dict[str, Any]:
    curve = [[step, 1.25 + shift + 1.4 * math.exp(-step / 700)] for step in range(250, 4001, 250)]
    return {
        "name": name, "parameters": parameters, "vocabulary": 8000, "context": 1024,
        "tokenizer": "9f3c11aa87e2d001", "weights": f"c0ffee0123456789{parameters:016d}",
        "training": {"tokens": 65_536_000, "epochs": 1.21, "curve": curve},
    }  # fmt: skip


def make_record(models: int = 1) -> dict[str, Any]:
    """As an evaluation leaves it, of one model or of several that are a little worse each."""
    every = range(models)
    versus = [(a, b) for b in every for a in range(b)]
    bits = [1.312 + 0.12 * n for n in every]
    return {
        "version": 1, "package": "0.4.0", "commit": "3f2a9c1",
        "models": [make_model(("small", "tiny", "nano")[n], (9_200_000, 4_100_000, 9950)[n], n / 8) for n in every],
        "texts": [
            {
                "name": "valid", "documents": 1520, "bytes": 6_080_000, "characters": 5_590_000, "hash": "ab12" * 8,
                "baselines": [
                    {"name": "uniform", "model": n, "bits_per_byte": 4.31, "about": "each token alike"} for n in every
                ] + [
                    {"name": "unigram", "model": n, "bits_per_byte": 2.71, "about": "tokens by how often they occur"}
                    for n in every
                ] + [
                    {"name": "5-gram", "model": None, "bits_per_byte": 1.93, "about": "Kneser-Ney, on training text"},
                    {"name": "xz -9", "model": None, "bits_per_byte": 2.12, "about": "all documents as one file"},
                ],
                "models": [text_model(bits[n], n / 20) for n in every],
                "comparisons": [compared(bits[b] - bits[a], 0.0051, 0.0005, a, b) for a, b in versus],
            }
        ],
        "pairs": [
            {
                "name": "turblimp", "pairs": 16_000, "models": [pair_model(0.95 - n / 10) for n in every],
                "precision": "float32",
                "length": {"accuracy": 0.515, "phenomena": dict(zip(PHENOMENA, SHORTER, strict=True))},
                "comparisons": [compared(-0.07 * (b - a), 0.0031, 0.0005, a, b) for a, b in versus],
            }
        ],
        "choices": [
            {
                "precision": "float32",
                "name": "xcopa", "items": 500, "chance": 0.5, "comparisons": [compared(-0.012, 0.02, 0.53, a, b)
                for a, b in versus],
                "models": [{"raw": estimate(0.57 - n / 100, 0.022), "normalised": estimate(0.582 - n / 100, 0.022),
                            "cut": 0} for n in every],
            },
            {
                "precision": "float32", "name": "belebele", "items": 900, "chance": 0.25, "comparisons": [],
                "models": [{"raw": estimate(0.241, 0.0143), "normalised": estimate(0.252, 0.0145), "cut": 12}
                           for _ in every],
            },
        ],
        "tokenizers": [
            {"name": "small", "vocabulary": 8000, "bytes_per_token": 3.81, "tokens_per_word": 2.06,
             "whole_words": 0.41, "round_trip_failures": 0, "unused": 31,
             "boundaries": [{"gold": "boun", "words": 41_203, "recall": 0.412, "precision": 0.533, "f1": 0.4647}]}
        ],
        "harness": [
            {"task": "xcopa_tr", "models": [{"acc": {"value": 0.57, "error": 0.0222}} for _ in every]},
            {"task": "perplexed", "models": [{"word_ppl": {"value": 91.4, "error": None}}, *({} for _ in every[1:])]},
        ],
        "samples": [
            {"prompt": prompt, "seed": 7, "texts": [
                {"text": f" {TEXTS[n]}" * 3, "distinct_2": 0.42, "repetition": 0.31} for n in every]}
            for prompt in ("Bugün hava", "Bir varmış\nbir yokmuş,")
        ],
        "contamination": [
            {"model": n, "set": name, "items": items, "looked_for": items, "contaminated": 0,
             "training_documents": 0, "hits": []}
            for n in every for name, items in (("turblimp", 16_000), ("xcopa", 500))
        ],
    }  # fmt: skip


EMPTY = ("texts", "pairs", "choices", "tokenizers", "harness", "samples", "contamination")


@pytest.fixture
def parse(load_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    module = load_script("tests/corpus/test_report_page.py")
    monkeypatch.setattr(module, "VOID", module.VOID | {"polyline"})
    return module.Page  # type: ignore[no-any-return]


def outcomes(record: dict[str, Any]) -> list[Outcome]:
    return [one.outcome for one in findings(record)]


def only(section: str, record: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """The same record with one test left."""
    return {**record, **{name: [] for name in EMPTY}, section: [record[section][number]]}


def test_it_tells_of_one_model(parse: Callable[[str], Any]) -> None:
    page = parse(make_page(make_record()))
    assert page.sections == [
        *"held-out grammar choices tokenizers harness samples training contamination method".split()
    ]
    for told in (
        "small Better than chance and all baselines in 3 and no better in 1 of 4 tests.",
        "✓ On held-out text (valid) it takes 1.312 ± 0.012 bits a byte, less than every baseline: the best of them, "
        "5-gram, takes 1.930.",
        "(chance 50%, the shorter sentence 51.5%). Not above chance in 1 of 16 phenomena: ellipsis 44.2 ± 1.6%.",
        "✓ Of the questions of xcopa it gets 57.0 ± 2.2% right (normalised 58.2 ± 2.2%), above chance (50%).",
        "✗ Of the questions of belebele it gets 24.1 ± 1.4% right (normalised 25.2 ± 1.5%), not told apart from "
        "chance (25%).",
        "24.1 ± 1.4%multiple choice, belebele✗ not told apart from chance",
        "1.312 ± 0.012bits a byte, valid✓ less than every baseline (5-gram 1.930)",
        "9.2Mparameters", "65.5Mtokens of training1.21 epochs",
        "Lower is better.", "95%: 1.288 to 1.336", "Kneser-Ney, on training text",
        "1.430 ± 0.013", "38.00 ± 0.31%", "1.12%", "compares only models with the same tokenizer.",
        "forum5002.00 MB1.522 ± 0.020", "512 to 1,024778,2401.3", "15.0%",
        "16,000 pairs (1,000 a phenomenon)", "mean of the 16 below", "90.6 ± 0.9% 10 ties",
        "58.2 ± 2.2%", "12 were longer than the context",
        "8,0003.812.0641.0%031", "boun41,20341.2%53.3%46.5%", "xcopa_tracc0.570 ± 0.022", "perplexedword_ppl91.4",
        "Bir varmış bir yokmuş, seed 7", "distinct-2 0.42 · repetition 0.31",
        "No item was found in the training text.", "1,520", "512", "bfloat16", "3f2a9c1",
        "c0ffee01234567890000000009200000", "16,000 of 16,000", "training documents that hold one",
        "Later places exist only in longer documents", "The axis may go beyond the context",
        "A held-out text of which a document was found in the training text",
        "Items of other tests that were found count as wrong for the verdict",
    ):  # fmt: skip
        assert told in page.text, told
    assert page.tags["polyline"] == 4  # by position, the ideal, calibration, training
    assert not re.search(r"\b(null|None|nan|inf)\b(?! of)", page.text)


def test_it_tells_of_several_models(parse: Callable[[str], Any]) -> None:
    page = parse(make_page(make_record(2)))
    assert page.sections[0] == "side-by-side"
    for told in (
        "small and tiny Ahead of all others, beyond chance: small in 2 and nobody in 2 of 4 tests.",
        "Held-out text (valid): small is better than tiny: 0.120 bits/byte less, 95% between 0.110 and 0.130, "
        "p < 0.001.",
        "Grammar (turblimp): small is better than tiny: 7.00 points more, 95% between 6.39 and 7.61, p < 0.001.",
        "Multiple choice (xcopa): tiny and small cannot be told apart: tiny minus small is −1.2 points, 95% between "
        "−5.1 and 2.7, p = 0.53.",
        "tiny: Better than chance and all baselines in 3 and no better in 1 of 4 tests.",
        "multiple choice belebele24.1 ± 1.4% ✗not told apart from chance24.1 ± 1.4% ✗",
        "uniform tokens of tiny", "44.2 ± 1.6% tiny",
    ):  # fmt: skip
        assert told in page.text, told
    assert page.tags["polyline"] == 7


def test_the_bars_are_drawn_to_scale() -> None:
    text = make_page(only("choices", make_record()))
    found = re.search(
        r'<rect class="m0" y="20" width="([\d.]+)" height="60"/><line class="against" x1="([\d.]+)".*?'
        r'<line class="whisker" x1="([\d.]+)" x2="([\d.]+)"', text
    )  # fmt: skip
    assert found
    assert [float(number) for number in found.groups()] == pytest.approx([57, 50, 57 - 4.312, 57 + 4.312], abs=0.01)


def test_a_model_at_chance_is_not_called_better(parse: Callable[[str], Any]) -> None:
    record = make_record()
    record["texts"][0]["models"][0]["bits_per_byte"] = estimate(4.4, 0.02)
    record["pairs"][0]["models"][0]["accuracy"] = estimate(0.503, 0.004)
    record["choices"][0]["models"][0] = {"raw": estimate(0.51, 0.022), "normalised": estimate(0.53, 0.022), "cut": 0}
    assert outcomes(record) == [Outcome.FAILED] * 4
    page = parse(make_page(record))
    assert "small No better than chance and the baselines in any of 4 tests." in page.text
    assert "✓" not in page.text.rpartition("How it was measured")[0]
    assert "more than 5-gram (1.930), xz -9 (2.120), unigram (2.710) and uniform (4.310)" in page.text
    assert not any(re.search(r"\bbetter than chance|above chance\b", line[:60]) for line in summary_lines(record)[1:])


@pytest.mark.parametrize(
    ("value", "outcome", "told"),
    [
        (1.90, Outcome.PASSED, "less than every baseline"),
        (
            1.92,
            Outcome.PART,
            "unigram (2.710) and uniform (4.310); not told apart from 5-gram",
        ),
        (2.00, Outcome.PART, "more than 5-gram (1.930)"),
        (4.30, Outcome.FAILED, "not told apart from uniform (4.310); more than 5-gram"),
    ],
)
def test_held_out_text_against_the_baselines(value: float, outcome: Outcome, told: str) -> None:
    record = only("texts", make_record())
    record["texts"][0]["models"][0]["bits_per_byte"] = estimate(value, 0.01)
    found = findings(record)
    assert [one.outcome for one in found] == [outcome]
    assert told in found[0].said


def test_baselines_of_another_models_tokens_do_not_count() -> None:
    record = only("texts", make_record(2))
    record["texts"][0]["baselines"] = [{"name": "5-gram", "model": 1, "bits_per_byte": 1.2, "about": ""}]
    assert outcomes(record) == [Outcome.OPEN, Outcome.FAILED]
    assert headline(findings(record)[:1]) == "Nothing was measured that could be held against chance or a baseline."


@pytest.mark.parametrize(
    ("low", "high", "length", "outcome", "told"),
    [
        (0.5151, 0.53, 0.515, Outcome.PASSED, "above chance and length"),
        (0.515, 0.53, 0.515, Outcome.PART, "not above choosing the shorter sentence"),
        (0.5001, 0.53, 0.515, Outcome.PART, "not above choosing the shorter sentence"),
        (0.5, 0.53, 0.515, Outcome.FAILED, "not told apart from chance"),
        (0.5001, 0.53, 0.4, Outcome.PASSED, "above chance and length"),
        (0.46, 0.499, 0.4, Outcome.FAILED, "below chance"),
        (None, None, 0.4, Outcome.OPEN, "no error can be told"),
    ],
)
def test_grammar_against_chance_and_length(
    low: float, high: float, length: float, outcome: Outcome, told: str
) -> None:
    record = only("pairs", make_record())
    test = record["pairs"][0]
    test["models"][0]["accuracy"] = {"value": 0.52, "error": 0.01, "low": low, "high": high}
    test["length"]["accuracy"] = length
    found = findings(record)
    assert [one.outcome for one in found] == [outcome]
    assert told in found[0].said


@pytest.mark.parametrize(
    ("raw", "normalised", "outcome", "told"),
    [
        (0.56, 0.56, Outcome.PASSED, "56.0 ± 2.0% right (normalised 56.0 ± 2.0%), above chance (50%)"),
        (0.56, 0.53, Outcome.PART, "above chance by the raw score alone"),
        (0.53, 0.56, Outcome.PART, "above chance by the normalised score alone"),
        (0.53, 0.47, Outcome.FAILED, "not told apart from chance"),
        (0.44, 0.44, Outcome.FAILED, "below chance"),
    ],
)
def test_choices_against_chance_by_both_scores(raw: float, normalised: float, outcome: Outcome, told: str) -> None:
    record = only("choices", make_record())
    record["choices"][0]["models"][0] |= {"raw": estimate(raw, 0.02), "normalised": estimate(normalised, 0.02)}
    found = findings(record)
    assert [one.outcome for one in found] == [outcome]
    assert told in found[0].said


def test_items_seen_in_training_count_as_wrong_and_are_warned_of(parse: Callable[[str], Any]) -> None:
    record = only("choices", make_record())
    hits = [{"item": "adam kapıyı açtı", "words": "adam kapıyı açtı çünkü zil çaldı"}]
    record["contamination"] = [
        {
            "model": 0,
            "set": "xcopa",
            "items": 500,
            "looked_for": 60,
            "contaminated": 5,
            "training_documents": 9,
            "hits": hits,
        }
    ]
    assert outcomes(record) == [Outcome.PASSED]  # 57% − 4.3% − 1% of all is above 50% still
    record["contamination"][0]["contaminated"] = 15
    assert outcomes(record) == [Outcome.PART]  # 57% − 4.3% − 3% is not
    assert findings(record)[0].said.endswith("Of 60 items looked for, 15 were found in its training text.")
    warning = (
        "15 of 60 items of xcopa that were looked for (25%) were found in the training text of small: its figures "
        "there may be too good."
    )
    assert warnings(record) == [warning]
    assert summary_lines(record)[0] == f"! {warning}"
    few = {"looked_for": 16_000, "contaminated": 3}
    assert "(<0.1%)" in warnings({**record, "contamination": [record["contamination"][0] | few]})[0]
    page = parse(make_page(record))
    assert page.text.index(warning) < page.text.index("Multiple choice")
    assert "adam kapıyı açtı çünkü zil çaldı" in page.text
    assert "xcopasmall60 of 5001525.0%9" in page.text
    record = only("texts", make_record())
    record["contamination"] = [
        {
            "model": 0,
            "set": "valid",
            "items": 1520,
            "looked_for": 1500,
            "contaminated": 1,
            "training_documents": 9,
            "hits": [],
        }
    ]
    assert outcomes(record) == [Outcome.PART]
    record["contamination"] = []
    assert (
        "Whether the training text of small holds any of these tests was not looked for."
        in parse(make_page(record)).text
    )


@pytest.mark.parametrize(
    ("change", "p", "winner"),
    [
        ({"low": 0.001, "high": 0.2}, 0.049, 0),
        ({"low": 0.0, "high": 0.2}, 0.049, None),
        ({"low": 0.001, "high": 0.2}, 0.05, None),
        ({"difference": -0.1, "low": -0.2, "high": -0.001}, 0.04, 1),
        ({"low": None, "high": None}, 0.0001, None),
    ],
)
def test_a_difference_counts_where_interval_and_p_agree(
    change: dict[str, float | None], p: float, winner: int | None
) -> None:
    comparison = {"a": 0, "b": 1, "difference": 0.1, "p": p} | change
    assert better(comparison, lower_is_better=True) == winner
    assert better(comparison, lower_is_better=False) == (None if winner is None else 1 - winner)


def test_the_best_of_three_is_ahead_of_those_it_beats() -> None:
    record = only("texts", make_record(3))
    assert ahead(record) == ["Held-out text (valid): small is better than tiny and nano, beyond chance."]
    record["texts"][0]["comparisons"][0]["p"] = 0.3
    assert ahead(record) == [
        "Held-out text (valid): small has the best figure, but it is not told apart from tiny; "
        "it is better than nano."
    ]
    record["texts"][0]["comparisons"] = []
    assert "whether that is chance was not tested" in ahead(record)[0]
    assert not differences(record)
    assert "No model is ahead of all others, beyond chance, in any of 1 test." in summary_lines(record)


def test_what_is_missing_is_left_out(parse: Callable[[str], Any]) -> None:
    record = make_record(2) | {name: [] for name in EMPTY}
    for model in record["models"]:
        model["training"] = None
    page = parse(make_page(record))
    assert page.sections == ["method"]
    assert "Nothing was measured" in page.text


def test_figures_without_a_spread_are_told_without_one(parse: Callable[[str], Any]) -> None:
    record = make_record(2)
    for own in record["texts"][0]["models"]:
        own |= {name: nothing(1.3) for name in ("bits_per_byte", "bits_per_character", "loss")}
        own |= {"perplexity": None, "by_position": [{"from": 0, "to": 1, "tokens": 2, "bits_per_byte": None}]}
    record["texts"][0]["comparisons"] = [{**compared(0, 1, 1.0), "low": None, "high": None}]
    record["pairs"][0]["models"][0]["phenomena"][0]["accuracy"] = nothing(1.0)
    text = make_page(record)
    assert "1.300" in parse(text).text
    assert not re.search(r"\b(null|None|nan|inf)\b", text.partition("</style>")[2])
    assert "no error can be told" in summary_lines(record)[1]


def test_it_stands_alone_and_text_stays_in_its_box(parse: Callable[[str], Any]) -> None:
    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: spoil(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [spoil(one) for one in value]
        return HOSTILE if isinstance(value, str) else value

    record = spoil(make_record(2))
    record["contamination"][0] |= {"contaminated": 3, "hits": [{"item": HOSTILE, "words": HOSTILE}]}
    record["harness"][0]["models"][0] = {HOSTILE: {"value": 1.0, "error": 0.1}}
    for own in record["pairs"][0]["models"]:
        own["phenomena"] = [{**own["phenomena"][0], "name": HOSTILE}]
    record["pairs"][0]["length"]["phenomena"] = {HOSTILE: 0.4}
    text = make_page(record)
    page = parse(text)
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert page.tags["style"] == page.tags["title"] == 1
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert not re.search(r"url\(|@import|https?:", text)
    assert not re.search("[\0\x1b\u202e]", text)
    assert "U+202E" in page.boxes[0]
    assert not re.search("[\0\x1b\u202e]", "".join(summary_lines(record)))


def test_models_of_one_name_are_told_apart() -> None:
    record = make_record(2)
    record["models"][1]["name"] = "small"
    assert any(line.startswith("small (2): ") for line in summary_lines(record))


def test_the_file_is_written_from_a_record_that_went_through_json(tmp_path: Path) -> None:
    record = json.loads(json.dumps(make_record(3)))
    write_page(record, tmp_path / "evaluation.html")
    assert (tmp_path / "evaluation.html").read_text(encoding="utf-8") == make_page(make_record(3))


def test_a_set_with_nothing_long_enough_is_not_called_clean(parse: Callable[[str], Any]) -> None:
    record = make_record()
    for one in record["contamination"]:
        one["looked_for"] = 0
    text = parse(make_page(record)).text
    told = text.rpartition("How it was measured")[0].rpartition("Contamination")[2]
    assert "Nothing of turblimp and xcopa is long enough to be looked for." in told
    assert "turblimpsmall0 of 16,000–––" in told
    assert "0.0%" not in told
    assert "No item was found" not in text
    record["contamination"][0]["looked_for"] = 7
    text = parse(make_page(record)).text
    assert "No item was found in the training text.Nothing of xcopa is long enough" in text
    assert "turblimpsmall7 of 16,00000.0%0" in text


def test_without_an_n_gram_model_of_the_training_text_a_model_passes_in_part_at_most() -> None:
    record = only("texts", make_record())
    record["texts"][0]["baselines"] = [
        one for one in record["texts"][0]["baselines"] if one["name"] in ("uniform", "xz -9")
    ]
    found = findings(record)
    assert [one.outcome for one in found] == [Outcome.PART]
    assert found[0].said == (
        "On held-out text (valid) it takes 1.312 ± 0.012 bits a byte: less than xz -9 (2.120) and uniform (4.310); "
        "no n-gram model of its training text to compare with."
    )
    assert headline(found) == "Only in part better than what knows no language in 1 of 1 test."
    record["pairs"] = make_record()["pairs"]
    assert headline(findings(record)) == "Better than chance in 1 and only in part in 1 of 2 tests."
    record["texts"][0]["models"][0]["bits_per_byte"] = estimate(4.4, 0.02)
    assert outcomes(record)[0] == Outcome.FAILED


def test_a_model_whose_training_text_is_unknown_is_told_once(parse: Callable[[str], Any]) -> None:
    told = "its training text is unknown: nothing could be looked for in it"
    record = make_record(2)
    record["contamination"] = [one for one in record["contamination"] if one["model"] == 0]
    assert parse(make_page(record)).text.count(told) == 1
    assert f"tiny: {told}." in parse(make_page(record)).text
    lines = summary_lines(record)
    assert lines.count(f"  {told}") == 1
    at = lines.index(f"  {told}")
    assert any(line.startswith("tiny: ") for line in lines[:at])
    record["contamination"] = []  # nothing was looked for, and both say how they were trained
    assert told not in parse(make_page(record)).text
    record["models"][0]["training"] = None
    assert f"small: {told}." in parse(make_page(record)).text


@pytest.mark.parametrize(
    ("comparison", "outcome"),
    [
        ({"difference": -0.02, "low": -0.03, "high": -0.01, "p": 0.001}, Outcome.PASSED),
        ({"difference": -0.02, "low": -0.04, "high": 0.0, "p": 0.049}, Outcome.PART),
        ({"difference": -0.02, "low": -0.04, "high": -0.001, "p": 0.05}, Outcome.PART),
        ({"difference": 0.02, "low": 0.01, "high": 0.03, "p": 0.001}, Outcome.PART),
        (None, Outcome.PART),
    ],
)
def test_a_paired_difference_decides_about_a_baseline(
    comparison: dict[str, float] | None, outcome: Outcome, parse: Callable[[str], Any]
) -> None:
    record = only("texts", make_record())
    text = record["texts"][0]
    text["models"][0]["bits_per_byte"] = estimate(1.91, 0.05)  # its own interval takes the 5-gram's 1.93 in
    gram = next(one for one in text["baselines"] if one["name"] == "5-gram")
    gram |= {"model": 0, "comparison": comparison}
    found = findings(record)[0]
    assert found.outcome is outcome
    if comparison and comparison["low"] > 0:
        assert "more than 5-gram (1.930)" in found.said
    elif outcome is Outcome.PART:
        assert "not told apart from 5-gram (1.930)" in found.said
    assert ("Models against baselines" in parse(make_page(record)).text) == (comparison is not None)


def test_one_unit_is_not_judged(parse: Callable[[str], Any]) -> None:
    record = make_record(2)
    record["texts"][0] |= {"documents": 1, "comparisons": [{**compared(0.12, 1, 1.0), "low": None, "high": None}]}
    for own in record["texts"][0]["models"]:
        own["bits_per_byte"] = nothing(1.3)
    record["pairs"][0]["pairs"] = 1
    record["choices"][0]["items"] = 1
    found = findings(record)
    assert [one.outcome for one in found[:6]] == [Outcome.OPEN] * 6
    assert [one.against for one in found[:6:2]] == [
        "one document: no error can be told", "one pair: no error can be told", "one question: no error can be told",
    ]  # fmt: skip
    assert found[0].said == (
        "On held-out text (valid) it takes 1.300 bits a byte; one document: no error can be told."
    )
    assert headline([one for one in found if one.model == 0]).endswith("3 tests could not be judged.")
    assert "tiny minus small is +0.120 bits/byte; no error can be told." in differences(record)[0].said
    parse(make_page(record))


def test_the_harness_is_in_the_terminal_with_its_limit(parse: Callable[[str], Any]) -> None:
    record = make_record(2)
    record["harness"][0]["limit"] = 1
    record["harness"][1]["limit"] = None
    lines = summary_lines(record)
    assert lines.count("  harness: xcopa_tr acc 0.570 ± 0.022 (first 1 item); perplexed word_ppl 91.4") == 1
    assert lines.count("  harness: xcopa_tr acc 0.570 ± 0.022 (first 1 item)") == 1
    assert "xcopa_tr first 1 itemacc0.570 ± 0.0220.570 ± 0.022not beyond chance" in parse(make_page(record)).text
    record["harness"] = [{"task": f"task{n}", "models": [{"z": {"value": 1, "error": 0.1}}] * 2} for n in range(10)]
    assert any(line.endswith("task7 z 1.00 ± 0.10; 2 more on the page") for line in summary_lines(record))


@pytest.mark.parametrize(
    ("a", "b", "beyond"),
    [
        ((0.5, 0.03), (0.597, 0.04), False),  # 1.96 errors of 0.05 are 0.098
        ((0.5, 0.03), (0.599, 0.04), True),
        ((0.599, 0.03), (0.5, 0.04), True),
        ((0.5, None), (0.9, 0.01), None),
        ((1.0, 0.0), (0.0, 0.0), None),
    ],
)
def test_two_figures_of_the_harness_differ_by_an_unpaired_z_test(
    a: tuple[float, float | None], b: tuple[float, float | None], beyond: bool | None
) -> None:
    first, second = ({"value": value, "error": error} for value, error in (a, b))
    assert beyond_chance_unpaired(first, second) is beyond
    assert beyond_chance_unpaired(None, second) is None


def test_the_same_weights_are_not_compared(parse: Callable[[str], Any]) -> None:
    record = make_record(2)
    record["models"][1]["weights"] = record["models"][0]["weights"]
    assert [one.said for one in differences(record)] == ["tiny and small: the same weights."] * 3
    assert all(one.better is None for one in differences(record))
    lines = summary_lines(record)
    assert "small and tiny have the same weights." in lines
    assert "Grammar (turblimp): tiny and small: the same weights." in lines
    assert "0.570 ± 0.022the same weights" in parse(make_page(record)).text
    record["models"][1]["tokenizer"] = "another"  # reads text otherwise
    assert "the same weights" not in " ".join(one.said for one in differences(record))
    record = only("texts", make_record(3))
    record["models"][1]["weights"] = record["models"][0]["weights"]
    assert ahead(record) == [
        "Held-out text (valid): small (the same weights: tiny) is better than nano, beyond chance."
    ]


def test_comparisons_say_that_what_was_found_in_training_is_included(parse: Callable[[str], Any]) -> None:
    record = make_record(2)
    assert "are included" not in " ".join(ahead(record))
    record["contamination"].append(
        {"model": 1, "set": "valid", "items": 1520, "looked_for": 1520, "contaminated": 2, "training_documents": 2,
         "hits": []}
    )  # fmt: skip
    told = [line for line in ahead(record) if line.endswith("Documents found in a training text are included.")]
    assert len(told) == 1
    assert told[0].startswith("Held-out text (valid): small is better than tiny")
    assert told[0] in summary_lines(record)
    assert told[0] in parse(make_page(record)).text


def test_one_thing_is_not_told_in_the_plural(parse: Callable[[str], Any]) -> None:
    record = make_record()
    record["choices"][1]["models"][0]["cut"] = 1
    record["pairs"][0]["models"][0]["phenomena"] = record["pairs"][0]["models"][0]["phenomena"][5:6]
    record["models"][0] |= {"context": 1, "vocabulary": 1}
    text = parse(make_page(record)).text
    assert "1 was longer than the context and lost its beginning." in text
    assert "Not above chance in the one phenomenon: ellipsis" in text
    assert "all the one below" in text
    assert "1 token in the vocabulary" in text
    assert not re.search(r"(?<![\d.,])1 (samples|cells|choices|tokens|documents|items|pairs|questions|tests)\b", text)
