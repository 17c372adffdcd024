"""The harness on our model: the numbers of its own model class, tasks on local files, and errors that help."""

import ast
import csv
import importlib.util
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from rich.console import Console

from fidan.errors import FidanError, SourceError
from fidan.evaluation import harness
from fidan.evaluation.harness import Figure, Results, harness_section, run_harness
from fidan.evaluation.scoring import Request, score
from fidan.export.hugging_face import write_folder
from fidan.hardware import autocast
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import ConsoleReporter, SilentReporter
from fidan.recipe import ExportConfig, GenerateConfig
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer

pytest.importorskip("lm_eval")

FP32 = autocast(torch.device("cpu"), torch.float32)
TASKS = Path(importlib.util.find_spec("lm_eval").origin).parent / "tasks"  # type: ignore[union-attr,arg-type]
LONG = "Ankara'da yağmur yağdı, çocuklar eve gitti ve annelerine olanları anlattı. " * 6
PAIRS = [
    ("Çocuk okula gitti.", "Çocuk okula gittim."),
    ("Ben eve geldim.", "Ben eve geldi."),
    ("Kitabı masaya koydu.", "Kitabı masayı koydu."),
    ("Kedi süt içti.", "Kedi süt içtim."),
    ("Biz denize gittik.", "Biz denize gittiniz."),
    ("Annem yemek yaptı.", "Annem yemek yaptın."),
    ("Sen çok çalıştın.", "Sen çok çalıştım."),
]


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, and nothing written but to the test's folder."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for name in ("HF_DATASETS_CACHE", "HF_MODULES_CACHE"):
        monkeypatch.setattr(f"datasets.config.{name}", tmp_path / "cache")


@pytest.fixture(scope="module")
def tokenizer(tiny_run: Run) -> Tokenizer:
    return Tokenizer.load(tiny_run.folder("tokenizer"))


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> Decoder:
    """Random, far enough from zero that every text has a likelihood of its own, with a row more than the tokenizer.

    It writes no single bytes, of which the two decoders make different signs where they are no UTF-8.
    """
    torch.manual_seed(0)
    shape = ModelConfig(d_model=64, n_layers=2, n_heads=4, n_kv_heads=2, d_ff=96, context=64)
    model = Decoder(shape, tokenizer.vocab_size + 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4.0) if parameter.ndim > 1 else parameter.add_(0.2 * torch.randn_like(parameter))
        for token in range(tokenizer.vocab_size):
            if tokenizer.is_byte(token):
                model.lm_head.weight[token] = 0.0
    return model.eval()


@pytest.fixture(scope="module")
def benchmark(load_script: Callable[[str], ModuleType]) -> ModuleType:
    return load_script("benchmarks/evaluation.py")


@pytest.fixture(scope="module")
def ours(model: Decoder, tokenizer: Tokenizer) -> Any:
    from fidan.evaluation.harness_model import HarnessModel

    return HarnessModel(model, tokenizer, FP32, SilentReporter())


@pytest.fixture(scope="module")
def theirs(
    model: Decoder, tokenizer: Tokenizer, benchmark: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    folder = tmp_path_factory.mktemp("exported") / "hf"
    plain = GenerateConfig(temperature=0.0, repetition_penalty=1.0, top_p=1.0)
    write_folder(model, tokenizer, ExportConfig(dtype="float32"), plain, folder)
    return benchmark.hflm(folder, batch_size=3)


def run(model: Decoder, tokenizer: Tokenizer, *tasks: str, **settings: Any) -> Results:
    settings = {"autocast": FP32, "reporter": SilentReporter(), **settings}
    return run_harness(model, tokenizer, tasks, **settings)


def write_csv(path: Path, header: list[str], rows: list[tuple[Any, ...]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def test_log_likelihoods_are_those_of_the_export(ours: Any, theirs: Any, benchmark: ModuleType) -> None:
    asked = [
        ("", "Bugün hava güzel."),
        ("Bugün hava", " çok güzel."),
        ("Bugün hava ", "çok güzel."),
        ("Soru:\nCevap:", " evet"),
        ("Soru:\nCevap:", " hayır"),
        (" baş", " son"),
        ("<s>Bugün", " hava"),
        ("bir <s> iki</s>", " üç </s>"),
        ("", "<s>Merhaba"),
        (LONG, " Sonra eve gitti."),
        ("Ali", " " + LONG[:90]),
    ]
    requests = [benchmark.ask("loglikelihood", *pair) for pair in asked]
    assert len(ours.tok_encode(LONG)) > 2 * ours.max_length
    assert ours.max_length == theirs.max_length
    found, expected = ours.loglikelihood(requests), theirs.loglikelihood(requests)
    assert [greedy for _, greedy in found] == [greedy for _, greedy in expected]
    assert [value for value, _ in found] == pytest.approx([value for value, _ in expected], abs=1e-4, rel=1e-6)


def test_rolling_log_likelihoods_are_those_of_the_export(ours: Any, theirs: Any, benchmark: ModuleType) -> None:
    requests = [benchmark.ask("loglikelihood_rolling", text) for text in ("", "Ali", LONG, LONG[:150] + "<s>", LONG)]
    expected = theirs.loglikelihood_rolling(requests)
    assert ours.loglikelihood_rolling(requests) == pytest.approx(expected, abs=1e-4, rel=1e-6)


def test_greedy_texts_are_those_of_the_export(ours: Any, theirs: Any, benchmark: ModuleType) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("Bugün hava", {"max_gen_toks": 20}),
        ("Ali", {"max_gen_toks": 20}),
        ("", {"max_gen_toks": 12}),
        (LONG, {"max_gen_toks": 15, "do_sample": False, "temperature": 0.0}),
    ]
    free = theirs.generate_until([benchmark.ask("generate_until", *one) for one in asked])
    assert len(set(free)) == len(free)
    stop = free[0][len(free[0]) // 2 :][:2]
    asked += [("Bugün hava", {"until": [stop], "max_gen_toks": 20}), ("Bugün", {"until": "a", "max_new_tokens": 9})]
    requests = [benchmark.ask("generate_until", *one) for one in asked]
    found = ours.generate_until(requests)
    assert found == theirs.generate_until(requests)
    assert free[0].startswith(found[4])
    assert stop not in found[4]


def test_rules_of_writing_are_the_task_s(ours: Any, benchmark: ModuleType) -> None:
    def written(**rules: Any) -> list[str]:
        texts: list[str] = ours.generate_until(
            [benchmark.ask("generate_until", "Ali", {"max_gen_toks": 16, **rules}) for _ in range(2)]
        )
        return texts

    greedy = written()
    assert greedy[0] == greedy[1]
    assert written(do_sample=True, temperature=0.7, top_k=1) == greedy
    drawn = written(do_sample=True, temperature=1.5)
    assert drawn[0] != drawn[1]
    assert written(do_sample=True, temperature=1.5) == drawn
    with pytest.raises(FidanError, match="magic: not known here"):
        written(magic=3)
    with pytest.raises(FidanError, match="64 new tokens: the model's context is 64"):
        written(max_gen_toks=64)
    with pytest.raises(FidanError, match="temperature = -1"):
        written(do_sample=True, temperature=-1.0)
    with pytest.raises(FidanError, match="empty continuation of 'Ali'"):
        ours.loglikelihood([benchmark.ask("loglikelihood", "Ali", "")])
    with pytest.raises(FidanError, match="more than the model's context"):
        ours.loglikelihood([benchmark.ask("loglikelihood", "Ali", LONG)])


MINIMAL_PAIRS = """
task: my_pairs
dataset_path: nowhere/at_all
output_type: multiple_choice
test_split: train
doc_to_text: ""
target_delimiter: ""
doc_to_target: 0
doc_to_choice: "{{[sentence_good,sentence_bad]}}"
num_fewshot: 0
metric_list:
  - metric: acc
"""


def test_minimal_pairs_have_our_accuracy(model: Decoder, tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "pairs.yaml").write_text(MINIMAL_PAIRS)
    file = write_csv(tmp_path / "pairs.csv", ["good_sentence", "bad_sentence"], PAIRS, ";")
    found = run(model, tokenizer, "my_pairs", folders=[tmp_path], data={"my_pairs": file}, shots=3)
    ids = [tokenizer.encode(text, bos=True) for pair in PAIRS for text in pair]
    scored = score(model, [Request(one, 1) for one in ids], autocast=FP32, reporter=SilentReporter())
    sums = [float(one.log_probabilities.sum()) for one in scored]
    wins = [good > bad for good, bad in zip(sums[::2], sums[1::2], strict=True)]
    accuracy = sum(wins) / len(wins)
    assert 0 < accuracy < 1
    assert found["my_pairs"]["acc"].value == pytest.approx(accuracy)
    error = (accuracy * (1 - accuracy) / (len(wins) - 1)) ** 0.5
    assert found["my_pairs"]["acc"].error == pytest.approx(error)
    first = run(model, tokenizer, "my_pairs", folders=[tmp_path], data={"my_pairs": file}, limit=1)
    assert first == {"my_pairs": {"acc": Figure(float(wins[0]), None)}}


def write_xcopa(path: Path) -> Path:
    rows = [
        {
            "premise": f"{name} eve geldi.",
            "choice1": "Yoruldu.",
            "choice2": "Uyudu.",
            "question": kind,
            "label": label,
        }
        for name, label in (("Ali", 0), ("Ayşe", 1), ("Kedi", 0))
        for kind in ("cause", "effect")
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_task_of_the_harness_reads_a_local_file(model: Decoder, tokenizer: Tokenizer, tmp_path: Path) -> None:
    file = write_xcopa(tmp_path / "xcopa.jsonl")
    told = io.StringIO()
    found = run(
        model, tokenizer, "xcopa_tr", folders=[TASKS / "xcopa"], data={"xcopa_tr": file}, shots=2,
        reporter=ConsoleReporter(Console(file=told)),
    )  # fmt: skip
    assert found["xcopa_tr"]["acc"].value * 6 == pytest.approx(round(found["xcopa_tr"]["acc"].value * 6))
    assert told.getvalue() == "harness: xcopa_tr\n"
    assert harness_section([found, {}]) == [
        {"task": "xcopa_tr", "models": [{"acc": found["xcopa_tr"]["acc"]._asdict()}, {}]}
    ]


def test_shots_never_hold_the_item_itself(
    model: Decoder, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fidan.evaluation.harness_model import HarnessModel

    asked: list[tuple[str, str]] = []

    def note(self: Any, requests: list[Any]) -> list[tuple[float, bool]]:
        asked.extend(request.args for request in requests)
        return [(0.0, False)] * len(requests)

    monkeypatch.setattr(HarnessModel, "loglikelihood", note)
    data = {"xcopa_tr": write_xcopa(tmp_path / "xcopa.jsonl")}
    run(model, tokenizer, "xcopa_tr", folders=[TASKS / "xcopa"], data=data, shots=4)
    assert len(asked) == 12
    for context, _ in asked:
        *shots, item = context.split("\n\n")
        assert len(set(shots)) == 4
        assert not [shot for shot in shots if shot.startswith(item)]


def test_questions_in_squad_s_form_are_written_to(model: Decoder, tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "qa.yaml").write_text(
        "task: qa\ndataset_path: nowhere/at_all\nvalidation_split: validation\noutput_type: generate_until\n"
        "doc_to_text: '{{context}} {{question}}'\ndoc_to_target: '{{answers[\"text\"][0]}}'\n"
        "generation_kwargs: {until: ['\\n'], max_gen_toks: 4}\nmetric_list: [{metric: exact_match}]\n"
    )
    question = {"id": "1", "question": "Kim?", "answers": [{"text": "Ali", "answer_start": 0}]}
    paragraph = {"context": "Ali geldi.", "qas": [question, {**question, "id": "2"}]}
    file = tmp_path / "qa.json"
    file.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    assert run(model, tokenizer, "qa", folders=[tmp_path], data={"qa": file})["qa"]["exact_match"] == (0.0, 0.0)


def test_errors_name_the_task_and_the_fix(
    model: Decoder, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def error(*tasks: str, **settings: Any) -> str:
        with pytest.raises(FidanError) as caught:
            run(model, tokenizer, *tasks, **settings)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def only_own(manager: Any, names: Any, folders: list[Path]) -> Any:
        return manager(include_path=[str(folder) for folder in folders], include_defaults=False)

    monkeypatch.setattr(harness, "_manager", only_own)  # to look through all of the harness's takes seconds
    own = [TASKS / "xcopa"]
    told = error("xcopa_tr", folders=own)
    assert told.startswith("xcopa_tr: its data cannot be had (")
    assert "path: TASK=FILE" in told
    assert "Did you mean 'xcopa_tr'?" in error("xcopa_trr", folders=own)
    assert "no such folder of task files" in error("xcopa_tr", folders=[tmp_path / "none"])
    assert "no task of the harness" in error("xcopa_tr", folders=own, data={"xcopa_ttr": tmp_path})
    assert "Name one task" in error("xcopa_tr", folders=own, data={"xcopa": tmp_path})
    (tmp_path / "odd.yaml").write_text("task: odd\nclass: !function no_such_module.Task\n")
    assert "odd: the task needs a package that is not there (" in error("odd", folders=[tmp_path])
    rows = write_csv(tmp_path / "rows.csv", ["premise", "label"], [("Ali.", 1)])
    assert f"xcopa_tr: {rows} is not what the task asks for (" in error(
        "xcopa_tr", folders=own, data={"xcopa_tr": rows}
    )
    for name, content, message in (
        ("a.txt", "x", "data of a task end in"),
        ("a.csv", "a,b\n1,2\n3\n", "a row of 1 cells under 2 columns"),
        ("b.csv", "a,b\n", "has no items"),
        ("a.json", "[1]", "must be a list of objects"),
        ("a.jsonl", "{", "not valid JSON"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(SourceError, match=message):
            run(model, tokenizer, "xcopa_tr", folders=own, data={"xcopa_tr": tmp_path / name})


@pytest.mark.parametrize("name", ["harness", "harness_data"])
def test_the_harness_is_imported_only_where_it_is_used(name: str) -> None:
    source = Path(harness.__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    imported = [node for node in ast.parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [line for node in imported if "harness_model" in (line := ast.unparse(node)) or "lm_eval" in line]


def test_without_the_harness_the_error_says_how_to_get_it(
    model: Decoder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lm_eval.evaluator", None)
    with pytest.raises(FidanError, match=r'pip install "fidan\[harness\]"'):
        run(model, tokenizer, "xcopa_tr")


def test_real_xcopa(model: Decoder, tokenizer: Tokenizer, real_data: Path) -> None:
    data = {"xcopa_tr": real_data / "eval" / "xcopa-test.tr.jsonl"}
    found = run(model, tokenizer, "xcopa_tr", folders=[TASKS / "xcopa"], data=data, limit=60)
    assert 0.2 < found["xcopa_tr"]["acc"].value < 0.8
