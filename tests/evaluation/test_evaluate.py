"""`fidan evaluate`: from folders to the record, its page and its tables; what is kept, what is refused."""

import csv
import json
import math
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
import pytest
import torch
from typer.testing import CliRunner

import fidan.cli
from fidan.cli.app import app
from fidan.errors import FidanError
from fidan.evaluation.measures.grammar import Grammar
from fidan.evaluation.measures.leaks import Leaks
from fidan.evaluation.measures.multiple_choice import MultipleChoice
from fidan.evaluation.measures.samples import Samples
from fidan.evaluation.measures.tasks import HarnessTasks
from fidan.evaluation.measures.text_loss import TextLoss
from fidan.evaluation.measures.vocabularies import Vocabularies
from fidan.evaluation.texts import held_out_text
from fidan.stages import Run
from fidan.trained import open_trained
from fidan.weights import read_weights, write_weights

assert fidan.cli.main  # the commands are hung on the application

MEASURES = (TextLoss, Grammar, MultipleChoice, Vocabularies, HarnessTasks, Samples, Leaks)
PAIRS = [
    ("Çocuk okula gitti.", "Çocuk okula gittim.", "person"),
    ("Ben eve geldim.", "Ben eve geldi.", "person"),
    ("Ali kitabı okudu.", "Ali kitaba okudu.", "case"),
    ("Kedi süt içti.", "Kedi süt içtim.", "person"),
    ("Ayşe bahçede oynadı.", "Ayşe bahçeyi oynadı.", "case"),
    ("Evde kimse yok.", "Evde kimse var.", "negation"),
]
QUESTIONS = [
    {"premise": "Ali yoruldu.", "choice1": "Uyudu.", "choice2": "Koştu.", "question": "effect", "label": 0},
    {"premise": "Kedi kaçtı.", "choice1": "Süt içti.", "choice2": "Köpek geldi.", "question": "cause", "label": 1},
    {"premise": "Yağmur yağdı.", "choice1": "Islandık.", "choice2": "Güldük.", "question": "effect", "label": 0},
]


class Files(NamedTuple):
    """What is evaluated on."""

    text: Path
    pairs: Path
    choices: Path

    def options(self) -> tuple[object, ...]:
        return (
            "--text", self.text, "--pairs", self.pairs, "--choices", self.choices, "--prompt", "Ali", "--precision",
            "fp32", "--stride", 24,
        )  # fmt: skip


class Models(NamedTuple):
    """Folders: a run, its export, and the export with other weights."""

    run: Path
    export: Path
    other: Path


def call(*arguments: object) -> str:
    """What it prints; what it raises is raised."""
    result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def record_of(folder: Path) -> Any:
    return json.loads((folder / "evaluation.json").read_bytes())


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_files(folder: Path, run: Run) -> Files:
    folder.mkdir(parents=True, exist_ok=True)
    documents = held_out_text(run.folder("corpus")).documents[:6]
    files = Files(folder / "held.jsonl", folder / "mine.csv", folder / "asked.jsonl")
    rows = [{"text": one.text, "source": ("masal", "soru")[n % 2]} for n, one in enumerate(documents)]
    files.text.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    with files.pairs.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("good_sentence", "bad_sentence", "phenomenon"), *PAIRS])
    files.choices.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in QUESTIONS))
    return files


@pytest.fixture(scope="module")
def files(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("files"), tiny_run)


@pytest.fixture(scope="module")
def models(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Models:
    export = tiny_run.folder("export") / "hugging_face"
    other = tmp_path_factory.mktemp("models") / "other"
    copy_with(export, other, lambda weights: weights * 1.2 if weights.ndim > 1 else weights)
    return Models(tiny_run.out, export, other)


def copy_with(export: Path, other: Path, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    shutil.copytree(export, other)
    tensors = {name: change(weights) for name, weights in read_weights(export / "model.safetensors").items()}
    write_weights(other / "model.safetensors", tensors)


@pytest.fixture(scope="module")
def whole(models: Models, files: Files, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of an evaluation of all three, and what was printed. Tests read it; others copy it first."""
    out = tmp_path_factory.mktemp("evaluations") / "whole"
    return out, call(*models, *files.options(), "--out", out)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Fills with what is measured, and of which model."""
    found: list[tuple[str, str]] = []

    def wrap(cls: Any) -> None:
        before = cls.figures

        def noted(self: Any, subject: Any, reporter: Any) -> Any:
            found.append((cls.__name__, subject.name))
            return before(self, subject, reporter)

        monkeypatch.setattr(cls, "figures", noted)

    for cls in MEASURES:
        wrap(cls)
    return found


def test_it_writes_a_record_a_page_and_tables(whole: tuple[Path, str]) -> None:
    out, told = whole
    assert {path.name for path in out.iterdir()} == {
        "evaluation.json", "evaluation.html", "documents-held.csv", "pairs-mine.csv", "choices-asked.csv", "work",
    }  # fmt: skip
    record = record_of(out)
    assert [model["name"] for model in record["models"]] == ["tiny", "hugging_face", "other"]
    sections = ("texts", "pairs", "choices", "tokenizers", "harness", "samples", "contamination")
    assert [len(record[section]) for section in sections] == [1, 1, 1, 3, 0, 1, 3]
    assert [one["set"] for one in record["contamination"]] == ["held", "mine", "asked"]
    assert {one["model"] for one in record["contamination"]} == {0}
    assert [(own["precision"], own["stride"], own["context"]) for own in record["texts"][0]["models"]] == [
        ("float32", 24, 64)
    ] * 3
    names = [(one["name"], one["model"]) for one in record["texts"][0]["baselines"]]
    assert names == [*zip(["uniform", "unigram", "5-gram"], [0] * 3, strict=True), ("uniform", 1), ("uniform", 2),
                     ("xz -9", None)]  # fmt: skip
    assert record["models"][0]["training"]["curve"]
    assert record["models"][1]["training"] is None
    page = (out / "evaluation.html").read_text(encoding="utf-8")
    for heading in ("Models side by side", "Held-out text", "Grammar", "Multiple choice", "Tokenizers", "Samples"):
        assert f"<h2>{heading}</h2>" in page
    assert f"page: {out / 'evaluation.html'}" in told
    assert "hugging_face and tiny: the same weights." in page


def test_the_loss_is_that_of_every_token_after_all_before_it(
    whole: tuple[Path, str], models: Models, files: Files
) -> None:
    opened = open_trained(models.run, torch.device("cpu"))
    rows, bits, size = table(whole[0] / "documents-held.csv"), 0.0, 0
    for line, row in zip(files.text.read_text(encoding="utf-8").splitlines(), rows, strict=True):
        text = json.loads(line)["text"]
        ids = [opened.tokenizer.bos_id, *opened.tokenizer.encode(text), opened.tokenizer.eos_id]
        nats = 0.0
        for begin in range(0, len(ids), 24):
            part = torch.tensor(ids[begin : begin + 65])
            if begin and begin + 40 >= len(ids) - 1:
                break
            with torch.inference_mode():
                said = opened.model(part[None, :-1])[0].double().log_softmax(-1)
            new = slice(40 if begin else 0, None)
            nats -= float(said.gather(1, part[1:, None])[new].sum())
        assert float(row["tiny nats"]) == pytest.approx(nats, abs=1e-3)
        assert int(row["tiny tokens"]) == len(ids) - 1
        assert int(row["bytes"]) == len(text.encode())
        bits, size = bits + nats / math.log(2), size + len(text.encode())
    own = record_of(whole[0])["texts"][0]["models"][0]
    assert own["bits_per_byte"]["value"] == pytest.approx(bits / size, rel=1e-6)


def test_a_row_a_document_adds_up_to_the_totals(whole: tuple[Path, str]) -> None:
    text = record_of(whole[0])["texts"][0]
    rows = table(whole[0] / "documents-held.csv")
    assert len(rows) == text["documents"] == 6
    assert sum(int(row["bytes"]) for row in rows) == text["bytes"]
    for name, own in zip(("tiny", "hugging_face", "other"), text["models"], strict=True):
        nats, tokens = (sum(float(row[f"{name} {what}"]) for row in rows) for what in ("nats", "tokens"))
        assert tokens == own["tokens"] == sum(one["tokens"] for one in own["by_position"])
        assert nats / tokens == pytest.approx(own["loss"]["value"], rel=1e-6)
        assert math.exp(nats / tokens) == pytest.approx(own["perplexity"], rel=1e-5)
        assert nats / math.log(2) / text["bytes"] == pytest.approx(own["bits_per_byte"]["value"], rel=1e-6)
        of_source: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0])
        for row in rows:
            for place, amount in enumerate((1, int(row["bytes"]), float(row[f"{name} nats"]) / math.log(2))):
                of_source[row["source"]][place] += amount
        assert [one["name"] for one in own["by_domain"]] == sorted(of_source) == ["masal", "soru"]
        for one in own["by_domain"]:
            documents, size, bits = of_source[one["name"]]
            assert (one["documents"], one["bytes"]) == (documents, size)
            assert one["bits_per_byte"]["value"] == pytest.approx(bits / size, rel=1e-5)


def test_a_row_a_pair_and_an_item_make_the_accuracies(whole: tuple[Path, str]) -> None:
    record, rows = record_of(whole[0]), table(whole[0] / "pairs-mine.csv")
    assert [(row["good"], row["bad"], row["phenomenon"]) for row in rows] == PAIRS
    chosen = table(whole[0] / "choices-asked.csv")
    assert [row["choice"] for row in chosen if row["right"] == "1"] == ["uyudu.", "köpek geldi.", "ıslandık."]
    asked = defaultdict(list)
    for row in chosen:
        asked[row["context"]].append(row)
    for number, name in enumerate(("tiny", "hugging_face", "other")):
        right = defaultdict(list)
        for row in rows:
            right[row["phenomenon"]].append(float(row[f"{name} good"]) > float(row[f"{name} bad"]))
        own = record["pairs"][0]["models"][number]
        assert {one["name"]: one["accuracy"]["value"] for one in own["phenomena"]} == {
            phenomenon: pytest.approx(sum(found) / len(found)) for phenomenon, found in right.items()
        }
        assert own["accuracy"]["value"] == pytest.approx(np.mean([np.mean(found) for found in right.values()]))
        best = [max(item, key=lambda row: float(row[name])) for item in asked.values()]
        raw = sum(row["right"] == "1" for row in best) / len(best)
        assert record["choices"][0]["models"][number]["raw"]["value"] == pytest.approx(raw)


def test_an_export_has_the_figures_of_its_run(
    whole: tuple[Path, str], models: Models, files: Files, tmp_path: Path
) -> None:
    call(models.export, *files.options(), "--skip", "baselines", "--out", tmp_path)  # nothing kept of the run
    alone, record = record_of(tmp_path), record_of(whole[0])

    def close(found: Any, expected: Any) -> None:
        if isinstance(found, dict):
            assert found.keys() == expected.keys()
            for key in found:
                close(found[key], expected[key])
        elif isinstance(found, list):
            for one, other in zip(found, expected, strict=True):
                close(one, other)
        else:
            assert found == (pytest.approx(expected, rel=1e-6) if isinstance(expected, float) else expected)

    for section in ("texts", "pairs", "choices"):
        close(alone[section][0]["models"][0], record[section][0]["models"][0])
        same, other, _ = record[section][0]["comparisons"]
        assert (same["a"], same["b"], same["difference"], same["p"]) == (0, 1, 0.0, 1.0)
        assert (other["a"], other["b"]) == (0, 2)
    text = record["texts"][0]
    values = [own["bits_per_byte"]["value"] for own in text["models"]]
    assert text["comparisons"][1]["difference"] == pytest.approx(values[2] - values[0])
    assert abs(values[2] - values[0]) > 1e-3
    assert alone["samples"][0]["texts"] == record["samples"][0]["texts"][:1]


def test_what_was_measured_is_not_measured_again(
    whole: tuple[Path, str], models: Models, files: Files, tmp_path: Path, computed: list[tuple[str, str]]
) -> None:
    out = tmp_path / "again"
    shutil.copytree(whole[0], out)
    shutil.rmtree(out / "work")
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    shutil.copytree(whole[0] / "work", out / "work")
    call(*models, *files.options(), "--out", out)
    assert computed == []
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == written
    for one in (out / "work").iterdir():
        if "bin_tokens" in one.read_text(encoding="utf-8"):
            one.unlink()
    call(*models, *files.options(), "--out", out)
    assert computed == [("TextLoss", "tiny"), ("TextLoss", "hugging_face"), ("TextLoss", "other")]
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == written


def test_an_interrupted_evaluation_goes_on(
    models: Models, files: Files, tmp_path: Path, computed: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = ("--skip", "baselines", "--skip", "samples")
    options = ("--text", files.text, "--pairs", files.pairs, "--choices", files.choices, *skipped, "--out", tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(MultipleChoice, "figures", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        result = CliRunner().invoke(app, ["evaluate", *map(str, (models.export, *options))])
        assert result.exit_code == 130
        assert "what was finished is kept" in result.stderr
    assert computed == [("TextLoss", "hugging_face"), ("Grammar", "hugging_face")]
    assert not (tmp_path / "evaluation.json").exists()
    del computed[:]
    call(models.export, *options)
    assert computed == [("MultipleChoice", "hugging_face"), ("Vocabularies", "hugging_face")]
    del computed[:]
    call(models.export, models.other, *options)
    assert computed == [(name, "other") for name in ("TextLoss", "Grammar", "MultipleChoice")]


def test_a_changed_text_is_measured_anew_and_nothing_else(
    models: Models, files: Files, tmp_path: Path, computed: list[tuple[str, str]]
) -> None:
    (tmp_path / "held.txt").write_text("Ali okula gitti.\n\nKedi süt içti.\n", encoding="utf-8")
    out = tmp_path / "out"
    options = ("--text", tmp_path / "held.txt", "--pairs", files.pairs, "--skip", "samples", "--out", out)
    call(models.export, *options, "--precision", "fp32")
    first = record_of(out)
    del computed[:]
    (tmp_path / "held.txt").write_text("Ali okula gitti.\n\nKedi sütü içti.\n", encoding="utf-8")
    call(models.export, *options, "--precision", "fp32")
    assert computed == [("TextLoss", "hugging_face"), ("Vocabularies", "hugging_face")]
    second = record_of(out)
    assert first["texts"][0]["hash"] != second["texts"][0]["hash"]
    assert first["pairs"] == second["pairs"]
    del computed[:]
    call(models.export, *options, "--precision", "bf16", "--skip", "baselines")
    assert computed == [("TextLoss", "hugging_face"), ("Grammar", "hugging_face")]
    third = record_of(out)
    assert [one["texts"][0]["models"][0]["precision"] for one in (second, third)] == ["float32", "bfloat16"]
    assert [one["pairs"][0]["precision"] for one in (second, third)] == ["float32", "bfloat16"]
    assert [len(one["texts"][0]["baselines"]) for one in (second, third)] == [2, 0]


def test_nothing_of_the_machine_is_in_the_record(
    whole: tuple[Path, str], models: Models, tiny_run: Run, tmp_path: Path
) -> None:
    copied = Models(*(tmp_path / "elsewhere" / path.name for path in models))
    for path, copy in zip(models, copied, strict=True):
        shutil.copytree(path, copy)
    files = write_files(tmp_path / "texts", tiny_run)
    call(*copied, *files.options(), "--out", tmp_path / "out")
    for path in whole[0].iterdir():
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes(), path.name
    assert str(tmp_path) not in (tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8")


def test_what_is_skipped_is_not_there(models: Models, tmp_path: Path, computed: list[tuple[str, str]]) -> None:
    skipped = [part for name in ("texts", "pairs", "samples", "contamination") for part in ("--skip", name)]
    call(models.run, *skipped, "--out", tmp_path)  # on what the run held out
    assert computed == [("Vocabularies", "tiny")]
    record = record_of(tmp_path)
    assert [name for name, value in record.items() if isinstance(value, list) and value] == ["models", "tokenizers"]
    assert record["tokenizers"][0]["text"] == "held out"
    assert "Nothing was measured" in call(
        models.export, *skipped, "--skip", "tokenizers", "--out", tmp_path
    )  # and no text is asked for


def test_tokenizers_need_no_model(tiny_run: Run, files: Files, tmp_path: Path) -> None:
    own, exported = tiny_run.folder("tokenizer"), tiny_run.folder("export") / "hugging_face" / "tokenizer.json"
    told = call("--tokenizer", own, "--tokenizer", exported, "--text", files.text, "--out", tmp_path)
    assert told.splitlines()[0].startswith("tiny/tokenizer: ")
    assert told.splitlines()[1].startswith("tokenizer.json: ")
    first, second = record_of(tmp_path)["tokenizers"]
    assert {**first, "name": ""} == {**second, "name": ""}
    assert (first["text"], first["documents"], first["round_trip_failures"]) == ("held", 6, 0)
    assert f"{first['bytes_per_token']:.2f} bytes a token" in told
    page = (tmp_path / "evaluation.html").read_text(encoding="utf-8")
    assert "<h1>tiny/tokenizer and tokenizer.json</h1>" in page
    assert "no model was evaluated" in page
    assert "Measured on held: 6 documents" in page
    assert "standard error" not in page


def test_one_document_has_no_spread_and_that_is_told(models: Models, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Ali okula gitti, Ayşe evde kaldı.\n", encoding="utf-8")
    skipped = ("--skip", "pairs", "--skip", "samples")
    told = call(models.run, models.other, "--text", tmp_path / "one.txt", *skipped, "--out", tmp_path / "out")
    text = record_of(tmp_path / "out")["texts"][0]
    for own in text["models"]:
        assert own["bits_per_byte"]["value"] > 0
        assert [own["bits_per_byte"][name] for name in ("error", "low", "high")] == [None] * 3
    assert (text["comparisons"][0]["low"], text["comparisons"][0]["p"]) == (None, 1.0)
    assert "one document: no error can be told" in told
    assert "bits/byte; no error can be told." in told
    page = (tmp_path / "out" / "evaluation.html").read_text(encoding="utf-8").partition("</style>")[2]
    assert not [word for word in ("nan", "None", "null", "inf ") if f">{word}" in page or f" {word}" in page]


def test_texts_of_two_runs_have_their_names(tiny_run: Run, models: Models, tmp_path: Path) -> None:
    second = tmp_path / "second"
    shutil.copytree(tiny_run.out, second)
    removed = sorted((second / "corpus" / "valid").iterdir())
    assert len(removed) > 1
    removed[0].unlink()
    skipped = [part for name in ("baselines", "pairs", "samples", "contamination") for part in ("--skip", name)]
    options = (*skipped, "--max-bytes", 1500, "--out", tmp_path / "out")
    call(models.run, second, models.export, *options)
    record = record_of(tmp_path / "out")
    assert [text["name"] for text in record["texts"]] == ["held out by tiny", "held out by second"]
    assert all(len(text["models"]) == 3 for text in record["texts"])
    assert {path.name for path in (tmp_path / "out").glob("*.csv")} == {
        "documents-held-out-by-tiny.csv", "documents-held-out-by-second.csv",
    }  # fmt: skip
    call(models.run, models.export, *options)
    assert [text["name"] for text in record_of(tmp_path / "out")["texts"]] == ["held out"]


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_tables_of_an_earlier_evaluation_go_and_files_of_others_stay(
    whole: tuple[Path, str], models: Models, files: Files, tmp_path: Path
) -> None:
    out = tmp_path / "again"
    shutil.copytree(whole[0], out)
    (out / "pairs-notes.csv").write_text("mine\n", encoding="utf-8")
    call(models.run, "--text", files.text, "--skip", "pairs", "--skip", "contamination", "--out", out)
    assert {path.name for path in out.glob("*.csv")} == {"documents-held.csv", "pairs-notes.csv"}


def test_a_place_that_cannot_be_written_is_told_before_any_work(
    models: Models, files: Files, tmp_path: Path, computed: list[tuple[str, str]]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    with pytest.raises(FidanError, match=r"taken: nothing can be written there .* Name another place with --out"):
        call(models.run, *files.options(), "--out", taken)
    assert not computed


def test_a_model_that_says_no_number_is_refused(models: Models, files: Files, tmp_path: Path) -> None:
    copy_with(models.export, tmp_path / "broken", lambda weights: weights * math.nan)
    skip = ("--skip", "texts", "--skip", "tokenizers", "--skip", "pairs")
    for options in (("--text", files.text), (*skip[:4], "--pairs", files.pairs), (*skip, "--choices", files.choices)):
        with pytest.raises(FidanError, match="broken: its probabilities are not all numbers"):
            call(tmp_path / "broken", *options, "--out", tmp_path / "out")
    assert not list((tmp_path / "out" / "work").glob("*.json"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a recipe"),
        (("{none}",), "no such folder"),
        (("{texts}",), "holds no trained model"),
        (("{run}", "{run}/."), "named twice"),
        (("{gguf}", "--text", "{text}"), "a GGUF file is for writing, and cannot be evaluated. Name the run"),
        (("{export}",), "no held-out text: only a run's folder brings any. Name a file"),
        (("{run}", "--text", "{none}"), "none"),
        (("{run}", "--text", "{text}", "--text", "{text}"), "held.jsonl: named twice"),
        (("{run}", "--pairs", "{none}"), "none: cannot be read"),
        (("{run}", "--pairs", "{broken}"), "broken.csv:3: 2 cells where the header has 3"),
        (("{run}", "--pairs", "fidan", "--pairs", "fidan"), "fidan: named twice"),
        (("{run}", "--choices", "{none}"), "none: cannot be read"),
        (("{run}", "--choices", "{broken}"), "not valid JSON"),
        (("{run}", "--questions", "{none}.csv"), "none.csv: no such file"),
        (("{run}", "--questions", "{broken}"), "no column 'Soru'"),
        (("{run}", "--training-questions", "a.csv"), "--training-questions: only with --questions FILE"),
        (("{run}", "--question-columns", "soru,cevap"), "--question-columns: only with --questions FILE"),
        (("{run}", "--questions", "a.csv", "--question-columns", "soru"), "must be QUESTION,ANSWER"),
        (("{run}", "--tokenizer", "{none}"), "none"),
        (("{run}", "--morphology", "{none}"), "none"),
        (("{run}", "--skip", "text"), "--skip text: must be one of texts, baselines"),
        (("{run}", "--skip", "pairs", "--pairs", "fidan"), "--pairs: is not used with --skip pairs"),
        (("{run}", "--text", "{text}", "--skip", "texts", "--skip", "tokenizers"), "--text: is not used with"),
        (("{run}", "--set", "evaluate.stride=8"), "--set: only with a recipe"),
        (("{toml}", "--text", "{text}", "--seed", 3), "--text, --seed: only with folders"),
        (("{toml}", "{run}"), "a recipe is evaluated alone"),
        (("{run}", "--harness-data", "a=b"), "only with --harness TASKS"),
        (("{run}", "--harness", ","), "--harness: names no task"),
        (("{run}", "--harness", "a", "--harness-data", "a"), "--harness-data a: must be TASK=FILE"),
        (("{run}", "--harness", "a", "--harness-data", "a={none}"), "no such file, which is to be the data of a"),
        (("{run}", "--harness", "a", "--harness-tasks", "{none}"), "no such folder of task files"),
        (("{run}", "--precision", "fp8"), "--precision fp8: must be one of auto, bf16, fp32"),
        (("{run}", "--weights", "best"), "--weights best: must be one of last, ema"),
        (("{run}", "--weights", "ema"), "Train with train.ema"),
        (("{export}", "--weights", "ema", "--text", "{text}"), "an exported model has one set of weights"),
        (("{run}", "--device", "gpu"), "device = 'gpu'"),
        (("--tokenizer", "{run}/tokenizer"), "no held-out text"),
        (("--tokenizer", "{run}/tokenizer", "--text", "{text}", "--pairs", "fidan"), "--pairs: only with a model"),
    ],
)
def test_what_has_no_sense_is_refused_before_any_work(
    models: Models, files: Files, tiny_file: Path, tmp_path: Path, computed: list[tuple[str, str]],
    arguments: tuple[object, ...], message: str,
) -> None:  # fmt: skip
    (tmp_path / "broken.csv").write_text("good;bad;phenomenon\na;b;c\nd;e\n", encoding="utf-8")
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    places = {
        "none": tmp_path / "none", "texts": files.text.parent, "run": models.run, "export": models.export,
        "gguf": tmp_path / "small.gguf", "text": files.text, "broken": tmp_path / "broken.csv", "toml": tiny_file,
    }  # fmt: skip
    with pytest.raises(FidanError) as caught:
        call(*(str(argument).format(**places) for argument in arguments), "--out", tmp_path / "out")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert computed == []
    assert not (tmp_path / "out").exists()


HARNESS = """
task: mine
dataset_path: nowhere/at_all
output_type: multiple_choice
test_split: train
doc_to_text: ""
target_delimiter: ""
doc_to_target: 0
doc_to_choice: "{{[good_sentence,bad_sentence]}}"
num_fewshot: 0
metric_list:
  - metric: acc
"""


def test_pairs_have_the_harness_s_accuracy_pair_by_pair(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lm_eval")
    from fidan.evaluation.harness_model import HarnessModel

    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for name in ("HF_DATASETS_CACHE", "HF_MODULES_CACHE"):
        monkeypatch.setattr(f"datasets.config.{name}", tmp_path / "cache")
    asked: dict[str, float] = {}
    answer = HarnessModel.loglikelihood

    def noted(self: Any, requests: Any, *more: Any) -> Any:
        found = answer(self, requests, *more)
        asked.update((request.args[1], value) for request, (value, _) in zip(requests, found, strict=True))
        return found

    monkeypatch.setattr(HarnessModel, "loglikelihood", noted)
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "mine.yaml").write_text(HARNESS)
    sentences = [(good, bad) for good, bad, _ in PAIRS]
    (good, bad), *_ = sentences
    with (tmp_path / "one.csv").open("w", encoding="utf-8", newline="") as file:  # one phenomenon: a plain mean
        csv.writer(file).writerows([("good_sentence", "bad_sentence"), *sentences, (bad, good)])
    call(
        models.export, "--skip", "texts", "--skip", "tokenizers", "--skip", "samples", "--out", tmp_path / "out",
        "--pairs", tmp_path / "one.csv", "--harness", "mine", "--harness-data", f"mine={tmp_path / 'one.csv'}",
        "--harness-tasks", tmp_path / "tasks",
    )  # fmt: skip
    record, rows = record_of(tmp_path / "out"), table(tmp_path / "out" / "pairs-one.csv")
    for row in rows:
        for which in ("good", "bad"):
            assert asked[row[which]] == pytest.approx(float(row[f"hugging_face {which}"]), abs=1e-4)
    theirs, ours = record["harness"][0]["models"][0]["acc"], record["pairs"][0]["models"][0]["accuracy"]
    assert theirs["value"] == pytest.approx(ours["value"])
    assert 0 < ours["value"] < 1
    assert len(asked) == 2 * len(PAIRS)


def test_help_loads_no_heavy_package() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; import fidan.cli; from fidan.cli.app import app; "
        "told = CliRunner().invoke(app, ['evaluate', '--help']); assert '--harness' in told.stdout, told.output; "
        "print(sorted({'torch', 'lm_eval', 'transformers', 'numba', 'datasets', 'tokenizers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
