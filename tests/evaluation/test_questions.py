"""The measure of questions: what it tells of models, of what needs no model, and of pairs that were trained on."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from fidan.corpus.pairs.pair import Pair
from fidan.corpus.pairs.read import Columns
from fidan.errors import FidanError
from fidan.evaluation.evaluate import evaluate
from fidan.evaluation.measures.questions import Questions
from fidan.evaluation.standard import Asked, standard_measures
from fidan.evaluation.subject import Subject
from fidan.evaluation.written_answers import answer_figures
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import write
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.progress import SilentReporter
from fidan.recipe import GenerateConfig
from fidan.tokenizer.tokenizer import Tokenizer

PAIRS = tuple(Pair(f"Soru {n} nedir?", f"Yanıt {n}, yani bir şeydir.") for n in range(15))
TRAINING = (*(Pair(f"{n} nedir?", f"Yanıt {n}") for n in range(15, 20)), Pair("Soru?", "Yanıt 15."))
SHORT = GenerateConfig(prompts=(), max_new_tokens=6, temperature=0, top_p=1, repetition_penalty=1)
Make = Callable[[str, nn.Module], Subject]


@pytest.fixture
def make(tokenizer: Tokenizer) -> Make:
    def made(name: str, model: Any) -> Subject:
        return Subject(name, Path(name), tokenizer, 1, model.config.context, name, lambda: model)

    return made


@pytest.fixture(scope="module")
def answerer(tokenizer: Tokenizer) -> EncoderDecoder:
    torch.manual_seed(1)
    shape = ModelConfig(d_model=32, n_layers=1, encoder_layers=1, n_heads=4, d_ff=64, context=64)
    return EncoderDecoder(shape, tokenizer.vocab_size).eval()


def test_models_and_baselines_stand_side_by_side_with_samples(
    make: Make, model: Decoder, answerer: EncoderDecoder, tmp_path: Path, tokenizer: Tokenizer
) -> None:
    measure = Questions("hukuk", PAIRS, TRAINING, 2, SHORT)
    subjects = [make("decoder", model.eval()), make("<answerer>", answerer)]
    record = evaluate(subjects, [measure], tmp_path, SilentReporter())
    (told,) = record["questions"]
    with (tmp_path / "questions-hukuk.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["question"] for row in rows] == [pair.question for pair in PAIRS]
    for number, subject in enumerate(subjects):
        own, answers = told["models"][number], [row[subject.name] for row in rows]
        assert {k: own[k] for k in ("chrf", "corpus_bleu", "exact")} == {
            k: v
            for k, v in answer_figures(answers, [pair.answer for pair in PAIRS])._asdict().items()
            if k in ("chrf", "corpus_bleu", "exact")
        }
        assert [sample["answers"][number] for sample in told["samples"]] == [
            row[subject.name] for row in rows if row["question"] in {sample["question"] for sample in told["samples"]}
        ]
        mean = sum(float(row[f"{subject.name} chrF"]) for row in rows) / len(rows)
        assert math.isclose(own["estimates"]["chrf"]["value"], mean, abs_tol=0.01)
    assert told["models"][0]["given"] is None
    assert told["models"][1]["given"]["tokens"] == sum(len(tokenizer.encode(p.answer, eos=True)) for p in PAIRS)
    assert len(told["samples"]) == 12
    names = [one["name"] for one in told["baselines"]]
    assert names == ["most frequent", "nearest question"]
    assert told["samples"][0]["baselines"]["most frequent"] == "Yanıt 15"
    page = (tmp_path / "evaluation.html").read_text(encoding="utf-8")
    assert "&lt;answerer&gt;" in page
    assert "<answerer>" not in page
    assert "Soru 0 nedir?" in page
    assert "2 further pairs" in page
    assert "nearest question" in page


def test_a_decoder_goes_on_after_the_question_and_stops_at_the_line(
    make: Make, model: Decoder, tokenizer: Tokenizer
) -> None:
    subject = make("decoder", model.eval())
    found = Questions("a", PAIRS[:2], config=SHORT).figures(subject, SilentReporter())
    ids = [tokenizer.encode(f"Soru: {pair.question}\n\nCevap:", bos=True) for pair in PAIRS[:2]]
    ids = [one if len(one) <= 42 else [one[0], *one[-41:]] for one in ids]  # a context of 48, six to be written
    written = write(TorchEngine(model), tokenizer, ids, SHORT)
    assert [text for text, _ in found["answers"]] == [one.text.split("\n")[0].strip() for one in written]


def test_all_that_decides_the_answers_is_in_the_key(make: Make, model: Decoder) -> None:
    subject = make("decoder", model)
    keys = [
        str(measure.key(subject))
        for measure in (
            Questions("a", PAIRS),
            Questions("a", PAIRS[1:]),
            Questions("a", PAIRS, config=SHORT),
            Questions("a", PAIRS, max_source=9),
            Questions("a", PAIRS, max_target=9),
            Questions("a", PAIRS, dtype=torch.bfloat16),
        )
    ]
    assert len(set(keys)) == len(keys)
    assert keys[0] == str(Questions("b", PAIRS, TRAINING).key(subject))  # baselines are no model's figures


def test_pairs_that_were_trained_on_are_left_out_and_counted(make: Make, model: Decoder, tmp_path: Path) -> None:
    held_out, training = tmp_path / "test.csv", tmp_path / "train.csv"
    held_out.write_text("soru,cevap\nKira nedir?,Bir sözleşme.\nSatış nedir?,Başka.\n", encoding="utf-8")
    training.write_text("soru,cevap\nKİRA NEDİR,Hiç.\n", encoding="utf-8")
    asked = Asked(
        pairs=(),
        questions=(str(held_out),),
        training_questions=(str(training),),
        question_columns=Columns("soru", "cevap"),
        skip=frozenset({"texts", "tokenizers", "samples", "pairs"}),
    )
    (measure,) = standard_measures([make("decoder", model)], asked)
    assert isinstance(measure, Questions)
    assert measure.name == "test"
    assert measure.pairs == (Pair("Satış nedir?", "Başka."),)
    assert measure.shared == 1
    held_out.write_text("soru,cevap\nKira nedir?,Bir sözleşme.\n", encoding="utf-8")
    with pytest.raises(FidanError, match="every pair shares its question or its answer with a training pair"):
        standard_measures([make("decoder", model)], asked)
