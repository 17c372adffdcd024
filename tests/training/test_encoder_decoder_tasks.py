"""An encoder-decoder learns to restore text, then to answer: bit for bit, and to its best weights."""

import json
import math
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from fidan.artifact import hash_file, read_json
from fidan.doctor import cost_table, estimate
from fidan.errors import ArtifactMismatch, FidanError, RecipeError, Stopped
from fidan.generation.engines import plain_engine
from fidan.generation.generate import prompt_ids, write
from fidan.model.build import body_of
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.progress import SilentReporter
from fidan.recipe import FinetuneConfig, Recipe
from fidan.running import run_one
from fidan.settings import build, to_toml
from fidan.stages import Run, stages_of
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate, open_writer
from fidan.training.answering import Answering
from fidan.training.checkpoint import checkpoints
from fidan.training.ema import EMA_WEIGHTS
from fidan.training.log import read_metrics
from fidan.training.memory import training_memory
from fidan.training.restoring import Restoring
from fidan.training.task import Judgement, Task
from fidan.training.trainer import CHECKPOINTS, WEIGHTS, Trainer
from fidan.weights import read_weights
from tests.training.conftest import curve
from tests.training.test_trainer import stopping

KINDS = ("train", "finetune")


def task(run: Run, kind: str, **changes: object) -> Task:
    recipe, tokenizer = run.recipe, Tokenizer.load(run.folder("tokenizer"))
    if kind == "train":
        return Restoring(replace(recipe, train=replace(recipe.train, **changes)), run.folder("pack"), tokenizer)
    assert recipe.finetune
    config = replace(recipe.finetune, **changes)
    return Answering(recipe, config, tokenizer, run.folder("train") / WEIGHTS)


def train(run: Run, kind: str, folder: Path, **changes: object) -> Trainer:
    return Trainer(task(run, kind, **changes), folder, SilentReporter())


def objective_of(trainer: Trainer) -> nn.Module:
    return trainer.task.objective(trainer.learner.model, body_of(trainer.learner.model), torch.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_and_tells_how(denoising_run: Run, kind: str) -> None:
    folder = denoising_run.folder(kind)
    records, counts = read_metrics(folder), read_json(folder / "manifest.json")["counts"]
    losses = [r["loss"] for r in records if r["kind"] == "train"]
    valid = [r for r in records if r["kind"] == "valid"]
    assert losses[-1] < losses[0] - 0.3
    assert valid[-1]["loss"] < valid[0]["loss"]
    assert counts["best_loss"] == min(r["loss"] for r in valid)
    if kind == "train":
        assert counts["initial_loss"] == pytest.approx(math.log(800.0), rel=0.01)
        assert [r["prompt"] for r in records if r["kind"] == "sample"][:2] == ["Bugün hava", "Ali"]
        return
    assert counts["initial_loss"] < math.log(800.0) - 0.2, "it began with the weights of the training"
    pairs = counts["train_pairs"] + counts["valid_pairs"] + counts["test_pairs"]
    assert pairs == 132
    assert counts["pairs"] == pytest.approx(3 * counts["train_pairs"], abs=8)
    assert len(valid) == 3, "one an epoch"
    assert {"accuracy", "top_5_accuracy", "perplexity", "sentence_bleu", "corpus_bleu", "chrf", "rouge_l"} <= set(
        valid[0]
    )
    assert valid[0]["perplexity"] == pytest.approx(math.exp(valid[0]["loss"]))
    assert valid[0]["accuracy"] <= valid[0]["top_5_accuracy"] <= 1
    page = (folder / "report.html").read_text(encoding="utf-8")
    for told in ("Finished", "Answers it wrote, chrF", "wanted", "label smoothing"):
        assert told in page


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("passes", [5, 10])
def test_interrupted_and_resumed_is_bit_equal(
    denoising_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, passes: int
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"  # both in this process: another's kernels may be others
    train(denoising_run, kind, whole).run()
    with monkeypatch.context() as patch:
        stopping(patch, passes)
        with pytest.raises(Stopped, match="SIGTERM"):
            train(denoising_run, kind, parts).run()
    assert checkpoints(parts / CHECKPOINTS)[-1].name == f"step-{passes // 2:06d}" + "-pass-001" * (passes % 2)
    torch.manual_seed(999)
    torch.use_deterministic_algorithms(True)  # as a compiled training in the same process leaves it
    train(denoising_run, kind, parts).run()
    assert not torch.are_deterministic_algorithms_enabled()
    assert hash_file(parts / WEIGHTS) == hash_file(whole / WEIGHTS)
    assert curve(parts) == curve(whole)
    texts = [[r for r in read_metrics(folder) if r["kind"] == "sample"] for folder in (parts, whole)]
    assert texts[0] == texts[1]


def test_without_a_better_score_it_stops_with_the_best_weights(
    denoising_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {4: 3.0, 8: 2.0, 12: 2.5, 16: 2.1, 20: 1.0}
    settings = {"valid_every": 4, "patience": 2, "ema": 0.5, "epochs": 9}
    seen: dict[int, torch.Tensor] = {}

    def run(folder: Path, stop: int = 0) -> Trainer:
        trainer = train(denoising_run, "finetune", folder, **settings)

        def judge(model: EncoderDecoder, score_only: bool = False) -> Judgement:
            if not score_only:
                seen[trainer.course.step] = model.lm_head.weight.detach().clone()
            return Judgement({"loss": scores[trainer.course.step], "accuracy": 0.0})

        trainer.task.judge = judge  # type: ignore[method-assign]
        with monkeypatch.context() as patch:
            if stop:
                stopping(patch, stop)
            counts = trainer.run()
        assert (counts["best_step"], counts["steps"], counts["stopped_early"]) == (8, 16, True)
        return trainer

    run(tmp_path / "whole")
    weights = read_weights(tmp_path / "whole" / WEIGHTS)
    assert torch.equal(weights["encoder.embed_tokens.weight"], seen[8])
    assert not torch.equal(seen[8], seen[16])
    best = tmp_path / "whole" / CHECKPOINTS / "step-000008"
    assert hash_file(best / "ema.safetensors") == hash_file(tmp_path / "whole" / EMA_WEIGHTS)
    with pytest.raises(Stopped, match="SIGTERM"):
        run(tmp_path / "parts", stop=27)  # between the validations that were worse
    run(tmp_path / "parts")
    assert hash_file(tmp_path / "parts" / WEIGHTS) == hash_file(tmp_path / "whole" / WEIGHTS)
    assert curve(tmp_path / "parts") == curve(tmp_path / "whole")
    (tmp_path / "parts" / WEIGHTS).unlink()
    run(tmp_path / "parts")  # it is over, and stays so
    assert hash_file(tmp_path / "parts" / WEIGHTS) == hash_file(tmp_path / "whole" / WEIGHTS)


def test_accumulated_batches_of_unlike_size_weigh_by_their_labels(denoising_run: Run, tmp_path: Path) -> None:
    """The loss of a step is that of all its labels, whatever pass they are in: a mean of means would differ."""
    settings = {"epochs": 1, "ema": 0.0, "patience": 0, "valid_answers": 0}
    one = train(denoising_run, "finetune", tmp_path / "a", batch_size=4, accumulate=2, **settings)
    passes = [(0, 1), (1, 7)]
    batches = [one.batches.take(first, rows) for first, rows in passes]
    counts = [int((batch.labels != -100).sum()) for batch in batches]
    assert 3 * counts[0] < counts[1]
    assert one.batches.targets(0, 8) == sum(counts)
    for (first, _), batch in zip(passes, batches, strict=True):
        one.learner.accumulate(batch, first, one.batches.targets(0, 8), last=True)
    losses = objective_of(one)(one.batches.take(0, 8))
    gradient = torch.autograd.grad(losses.objective / sum(counts), one.learner.model.lm_head.weight)[0]
    assert float(one.learner.partial) == pytest.approx(float(losses.cross_entropy) / sum(counts), rel=1e-5)
    torch.testing.assert_close(one.learner.model.lm_head.weight.grad, gradient, rtol=1e-4, atol=1e-6)


def test_padding_does_not_change_the_loss(denoising_run: Run, tmp_path: Path) -> None:
    made = train(denoising_run, "finetune", tmp_path)
    objective = objective_of(made)
    batch = made.batches.take(0, 16)
    alone = [made.batches.take(n, 1) for n in range(16)]
    widths = {one.source.shape[1] for one in alone if one.source is not None}
    assert len(widths) > 1, "some are padded"
    with torch.no_grad():
        together = float(objective(batch).objective)
        apart = sum(float(objective(one).objective) for one in alone)
    assert together == pytest.approx(apart, rel=1e-5)


def test_the_fine_tuned_model_is_the_one_that_is_opened_and_answers(denoising_run: Run, tmp_path: Path) -> None:
    located = locate(denoising_run.out)
    assert located.weights == denoising_run.folder("finetune") / WEIGHTS
    writer = open_writer(denoising_run.out, "cpu")
    model = located.build(torch.device("cpu"))
    ids = prompt_ids(writer.engine, writer.tokenizer, "ev ile kira: hangisi 1?")
    assert ids[-1] == writer.tokenizer.eos_id
    answers = [
        write(engine, writer.tokenizer, [ids], writer.sampling)[0].text
        for engine in (writer.engine, plain_engine(model, writer.tokenizer.bos_id))
    ]
    assert answers[0] == answers[1]
    shutil.copytree(denoising_run.out, tmp_path / "copy")
    (tmp_path / "copy" / "finetune" / "model.json").unlink()
    assert locate(tmp_path / "copy").weights == tmp_path / "copy" / "train" / WEIGHTS
    with pytest.raises(ArtifactMismatch, match="encoder-decoder"):
        located.load(torch.device("cpu"))


def test_the_test_questions_are_measured_and_no_training_saw_them(denoising_run: Run) -> None:
    record = read_json(denoising_run.folder("evaluate") / "evaluation.json")
    (asked,) = record["questions"]
    counts = read_json(denoising_run.folder("evaluate") / "manifest.json")["counts"]
    assert counts["questions"] == asked["pairs"] > 5
    assert counts["chrf"] == asked["models"][0]["chrf"]
    assert set(counts["baselines"]) == {"most frequent", "nearest question"}
    made = task(denoising_run, "finetune")
    assert isinstance(made, Answering)
    seen = {pair.question for part in (made._splits.train, made._splits.valid) for pair in part}
    assert not seen & {sample["question"] for sample in asked["samples"]}


def test_a_recipe_has_the_stages_it_asks_for(denoising_run: Run, tiny_recipe: Recipe, tmp_path: Path) -> None:
    recipe = denoising_run.recipe
    assert recipe.finetune
    names = [stage.name for stage in stages_of(recipe)]
    assert names == ["corpus", "tokenizer", "pack", "train", "finetune", "evaluate", "generate", "export"]
    scratch = replace(recipe, finetune=replace(recipe.finetune, start="random", epochs=1, valid_answers=0))
    assert [stage.name for stage in stages_of(scratch)] == [
        "corpus", "tokenizer", "finetune", "evaluate", "generate", "export",
    ]  # fmt: skip
    assert "finetune" not in [stage.name for stage in stages_of(tiny_recipe)]
    with pytest.raises(FidanError, match=r"finetune: the recipe has no \[finetune\]"):
        run_one("finetune", Run(tiny_recipe, tmp_path / "none", SilentReporter()))
    for name in ("corpus", "tokenizer"):
        shutil.copytree(denoising_run.folder(name), tmp_path / "scratch" / name)
    manifest = run_one("finetune", Run(scratch, tmp_path / "scratch", SilentReporter()))
    assert manifest
    assert manifest.counts["initial_loss"] == pytest.approx(math.log(800.0), rel=0.01)
    assert set(manifest.plan.inputs) == {"tokenizer", *(f"pairs {source}" for source in recipe.finetune.sources)}


def test_the_doctor_costs_the_training_and_says_what_is_not_counted(denoising_recipe: Recipe) -> None:
    said: list[str] = []
    cost = estimate(denoising_recipe, said.append)
    assert cost.parameters == denoising_recipe.model.parameters(800)
    assert cost.tokens_per_second
    whole = cost.memory.total
    halved = training_memory(
        replace(denoising_recipe, train=replace(denoising_recipe.train, batch_size=2)),
        torch.device("cpu"),
        torch.float32,
    )
    assert 0 < halved.work < cost.memory.work < whole
    assert ("not counted", "the tuning after it: finetune") in cost_table(cost)


@pytest.mark.parametrize(
    ("section", "changes", "message"),
    [
        ("model", {"encoder_layers": 0}, "train.objective = 'denoising': needs an encoder"),
        ("train", {"objective": "next-token"}, "has no use for an encoder. Set train.objective = 'denoising'"),
        ("train", {"document_mask": True}, "document_mask = True: only for objective = 'next-token'"),
        ("tokenizer", {"sentinels": 1}, "tokenizer.sentinels = 1: .* has 2 gaps.* Set tokenizer.sentinels = 2"),
        ("finetune", {"max_source": 65}, "finetune.max_source = 65 ids: the model's context is 64"),
        ("finetune", {"warmup": 1.0}, "warmup = 1.0: a share of the steps"),
        ("finetune", {"label_smoothing": 1.0}, "label_smoothing = 1.0"),
        ("finetune", {"score": "chrf", "valid_answers": 0}, "valid_answers must be above 0"),
        ("finetune", {"test_share": 0.9}, "nothing is left to learn from"),
        ("evaluate", {"stride": 3}, "evaluate"),
    ],
)
def test_what_does_not_go_together_is_refused(
    denoising_recipe: Recipe, section: str, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(denoising_recipe, **{section: replace(getattr(denoising_recipe, section), **changes)})


def test_the_recipe_goes_to_toml_and_back(denoising_recipe: Recipe) -> None:
    assert build(Recipe, tomllib.loads(to_toml(denoising_recipe)), "test") == denoising_recipe
    with pytest.raises(RecipeError, match=r"unknown key 'epoch'\. Did you mean 'epochs'"):
        build(FinetuneConfig, {"sources": ["a.csv"], "epoch": 3}, "test")


def test_manifests_of_decoders_do_not_name_what_came_later(tiny_run: Run) -> None:
    plan = json.loads((tiny_run.folder("train") / "manifest.json").read_text())["plan"]
    assert not {"objective", "label_smoothing", "patience", "noise_share"} & set(plan["settings"]["train"])
    assert "encoder_layers" not in plan["settings"]["model"]
