"""A trained decoder learns to chat: judged before and after, resumed bit for bit, and the run's model after it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fidan.artifact import hash_file, read_json
from fidan.errors import ArtifactMismatch, FidanError, Stopped
from fidan.evaluation.evaluate import PAGE, RECORD
from fidan.progress import SilentReporter
from fidan.recipe import Recipe, load_recipe
from fidan.running import run_one
from fidan.stages import Run, stages_of
from fidan.summary import describe, write_summary
from fidan.tokenizer.chat import SYSTEM
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate
from fidan.training.chatting import Chatting, splits_of, with_system
from fidan.training.checkpoint import checkpoints
from fidan.training.log import read_metrics
from fidan.training.trainer import CHECKPOINTS, WEIGHTS, Trainer
from fidan.weights import read_weights
from tests.training.conftest import curve
from tests.training.test_trainer import stopping

SHORT = {"sources": ("synthetic:60",), "epochs": 1, "valid_every": 5}


def task(run: Run, **changes: object) -> Chatting:
    assert run.recipe.sft
    tokenizer = Tokenizer.load(run.folder("tokenizer"))
    folders = (run.folder("train") / WEIGHTS, run.folder("pack"))
    return Chatting(run.recipe, replace(run.recipe.sft, **changes), tokenizer, *folders)


def train(run: Run, folder: Path, **changes: object) -> Trainer:
    return Trainer(task(run, **changes), folder, SilentReporter())


def test_it_learns_and_says_what_it_was_before(chat_run: Run) -> None:
    folder = chat_run.folder("sft")
    records, counts = read_metrics(folder), read_json(folder / "manifest.json")["counts"]
    valid = [r for r in records if r["kind"] == "valid"]
    assert valid[0]["step"] == 0
    assert counts["valid_loss_before"] == valid[0]["loss"]
    assert counts["best_loss"] == min(r["loss"] for r in valid[1:]) < valid[0]["loss"] - 0.5
    assert {"loss", "accuracy", "bits_per_byte"} <= valid[0].keys()
    splits = splits_of(chat_run.recipe.sft)  # type: ignore[arg-type]
    assert counts["test_conversations"] == len(splits.test)
    assert counts["train_conversations"] + counts["without_answer"] == len(splits.train)
    assert counts["rows"] == counts["steps"] * 8 >= 2 * (counts["conversation_rows"] + counts["replayed_rows"])
    asked = [r for r in records if r["kind"] == "sample"]
    assert {r["step"] for r in asked} == {r["step"] for r in valid}
    questions = [message.content for one in splits.valid for message in one if message.role == "user"]
    assert {r["prompt"] for r in asked} <= set(questions)
    page = (folder / "report.html").read_text(encoding="utf-8")
    for told in ("Finished", "Held-out answers take", "at step 0 it took", "wanted", "replay"):
        assert told in page


def test_the_model_of_the_run_is_the_one_that_chats(chat_run: Run, tmp_path: Path) -> None:
    shape = read_json(chat_run.folder("sft") / "model.json")
    assert (shape["chat"], shape["chat_system"]) == (True, SYSTEM)
    located = locate(chat_run.out)
    assert located.chats
    assert located.weights == chat_run.folder("sft") / WEIGHTS
    before = locate(chat_run.out, stage="train")
    assert not before.chats
    assert before.weights == chat_run.folder("train") / WEIGHTS
    copy = shutil.copytree(chat_run.out, tmp_path / "copy")
    (copy / "sft" / "model.json").unlink()
    assert locate(copy).weights == copy / "train" / WEIGHTS
    with pytest.raises(ArtifactMismatch, match="sft: training has not finished"):
        locate(copy, stage="sft")


def test_the_evaluation_tells_what_it_gave_and_what_it_cost(chat_run: Run) -> None:
    record, counts = (read_json(chat_run.folder("evaluate") / name) for name in (RECORD, "manifest.json"))
    assert [model["name"] for model in record["models"]] == ["tiny", "tiny before sft"]
    told, counts = record["conversations"][0], counts["counts"]
    own, before = told["models"]
    assert own["bits_per_byte"]["value"] < before["bits_per_byte"]["value"] - 0.3
    assert own["tokens"] == before["tokens"]
    difference = own["bits_per_byte"]["value"] - before["bits_per_byte"]["value"]
    assert told["comparisons"][0]["difference"] == pytest.approx(-difference)
    assert counts["conversations"]["loss_before"] == before["loss"]["value"]
    assert counts["bits_per_byte"] == record["texts"][0]["models"][0]["bits_per_byte"]["value"]
    assert len(record["texts"][0]["models"]) == 2, "held-out text, with the model as it was"
    page = (chat_run.folder("evaluate") / PAGE).read_text(encoding="utf-8")
    assert "test conversations" in page
    assert "Assistant's turns" in page or "Assistant&#x27;s turns" in page


def test_samples_are_answers_and_continuations(chat_run: Run) -> None:
    samples = json.loads((chat_run.folder("generate") / "samples.json").read_text())
    assert [set(one) for one in samples] == [{"prompt", "answer"}, *[{"prompt", "continuation"}] * 2]
    assert samples[0]["prompt"] == "Kedinin kaç ayağı vardır?"


def test_the_card_and_the_summary_tell_of_it(chat_run: Run, tmp_path: Path) -> None:
    from rich.console import Console

    from fidan.artifact import read_manifest

    card = (chat_run.folder("export") / "hugging_face" / "README.md").read_text(encoding="utf-8")
    for told in (
        "240 kısa sohbet",
        "Ardından sohbet etmek",
        "Sohbet eğitiminden önce",
        "Soru: `Kedinin",
        "conversational",
    ):
        assert told in card, told
    out = shutil.copytree(chat_run.out, tmp_path / "run")
    manifests = [read_manifest(out / stage.name) for stage in stages_of(chat_run.recipe)]
    assert "loss of held-out answers" in describe(manifests[4])
    assert "test answers" in describe(manifests[5])
    write_summary(out, manifests, Console(quiet=True))
    assert "> Kedinin kaç ayağı vardır?\n> " in (out / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("passes", [1, 9])
def test_interrupted_and_resumed_is_bit_equal(
    chat_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes: int
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    settings = {**SHORT, "prompt_weight": 0.1}
    train(chat_run, whole, **settings).run()
    with monkeypatch.context() as patch:
        stopping(patch, passes)
        with pytest.raises(Stopped, match="SIGTERM"):
            train(chat_run, parts, **settings).run()
    assert checkpoints(parts / CHECKPOINTS)[-1].name == f"step-{passes // 2:06d}-pass-001"
    torch.manual_seed(999)
    counts = train(chat_run, parts, **settings).run()
    assert hash_file(parts / WEIGHTS) == hash_file(whole / WEIGHTS)
    assert curve(parts) == curve(whole)
    assert [r["step"] for r in read_metrics(parts) if r["kind"] == "valid"][0:2] == [0, 5], "judged once before"
    assert counts["valid_loss_before"] == read_metrics(whole)[0]["loss"]


def test_what_was_recorded_before_the_first_checkpoint_is_not_told_twice(
    chat_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Trainer, *arguments: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", killed)
        with pytest.raises(KeyboardInterrupt):
            train(chat_run, tmp_path, **SHORT).run()
    assert [r["kind"] for r in read_metrics(tmp_path)] == ["valid", "sample", "sample"]
    train(chat_run, tmp_path, **SHORT).run()
    assert [r["step"] for r in read_metrics(tmp_path) if r["kind"] == "valid"].count(0) == 1


def test_without_prompt_weight_nothing_is_learnt_of_questions(chat_run: Run) -> None:
    """The gradient of the head tells: rows of ids that stand only in questions get none beyond their own softmax."""
    made, weighted = task(chat_run, replay=0.0), task(chat_run, replay=0.0, prompt_weight=0.2)
    batch = made.batches.take(0, 4)
    assert batch.weights is None
    other = weighted.batches.take(0, 4)
    assert torch.equal(batch.inputs, other.inputs)
    assert int((other.labels != -100).sum()) > 2 * int((batch.labels != -100).sum())
    assert weighted.batches.targets(0, 4) > made.batches.targets(0, 4)


def test_half_of_the_conversations_know_the_system_message(chat_run: Run) -> None:
    assert chat_run.recipe.sft
    given = splits_of(chat_run.recipe.sft).train
    made = with_system(given, 0.5)
    plain = [conversation for conversation in given if conversation[0].role != "system"]
    share = sum(one[0].content == SYSTEM for one in made if one[0].role == "system") / len(plain)
    assert share == pytest.approx(0.5, abs=0.1)
    assert with_system(given, 0.0) == list(given)
    assert [one[-1] for one in made] == [one[-1] for one in given]


def test_stages_and_what_may_change(chat_run: Run, chat_recipe: Recipe, tiny_recipe: Recipe, tmp_path: Path) -> None:
    names = [stage.name for stage in stages_of(chat_recipe)]
    assert names == ["corpus", "tokenizer", "pack", "train", "sft", "evaluate", "generate", "export"]
    assert chat_recipe.trainings == ("train", "sft")
    with pytest.raises(FidanError, match=r"sft: the recipe has no \[sft\]: name the conversations there"):
        run_one("sft", Run(tiny_recipe, tmp_path / "none", SilentReporter()))
    assert chat_recipe.sft
    out = tmp_path / "run"
    for stage in ("corpus", "tokenizer", "pack", "train", "sft"):
        shutil.copytree(chat_run.folder(stage), out / stage)

    def again(**changes: object) -> None:
        assert chat_run.recipe.sft
        recipe = replace(chat_run.recipe, sft=replace(chat_run.recipe.sft, **changes))
        run_one("sft", Run(recipe, out, SilentReporter(), accept_changes=True))

    with pytest.raises(FidanError, match=r"cannot be gone on with \(setting sft.replay 0.2 → 0.1\)"):
        again(replay=0.1)
    before = read_weights(out / "sft" / WEIGHTS)["lm_head.weight"]
    again(learning_rate=1e-3)  # nothing is left to do: the weights stay
    assert torch.equal(read_weights(out / "sft" / WEIGHTS)["lm_head.weight"], before)


@pytest.mark.parametrize(
    ("section", "changes", "message"),
    [
        ("sft", {"sequence_length": 65}, "sft.sequence_length = 65: the model's context is 64"),
        ("sft", {"sequence_length": 3}, "sequence_length = 3: must be at least 16"),
        ("sft", {"replay": 1.0}, "replay = 1.0: a share of the rows"),
        ("sft", {"prompt_weight": 1.5}, "prompt_weight = 1.5: a share"),
        ("sft", {"prompts": ("",)}, "prompts: one of them is empty"),
        ("sft", {"epochs": 0}, "epochs = 0: must be at least 1"),
        ("evaluate", {"weights": "ema"}, "evaluate.weights = 'ema': sft.ema is 0"),
    ],
)
def test_what_does_not_go_together_is_refused(
    chat_recipe: Recipe, section: str, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(chat_recipe, **{section: replace(getattr(chat_recipe, section), **changes)})


def test_an_encoder_does_not_chat(denoising_recipe: Recipe, chat_recipe: Recipe) -> None:
    with pytest.raises(ValueError, match=r"\[sft\]: needs a decoder alone. Set model.encoder_layers = 0"):
        replace(denoising_recipe, sft=chat_recipe.sft)


def test_a_prompt_without_room_is_told_before_the_training(chat_run: Run) -> None:
    with pytest.raises(FidanError, match=r"prompts: 'kedi kedi"):
        task(chat_run, prompts=("kedi " * 60,))


@pytest.mark.parametrize("name", ["turkish-134m", "turkish-small-cpu"])
def test_a_chat_recipe_goes_on_from_the_pretraining_of_its_namesake(name: str) -> None:
    """All that decides the stages before is the same, so that `--out` of a finished run goes on from there."""
    folder = Path(__file__).parents[2] / "recipes"
    plain = load_recipe(folder / f"{name}.toml")
    chat = load_recipe(folder / f"{name.removesuffix('-cpu')}-chat.toml")
    assert chat.sft
    assert (chat.seed, chat.generate.prompts) == (plain.seed, plain.generate.prompts)
    for section in ("corpus", "tokenizer", "pack", "model", "train"):
        assert getattr(chat, section) == getattr(plain, section), section
