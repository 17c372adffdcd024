"""Skipping, going on, beginning anew: what the stages do when recipe, inputs or outputs change."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from fidan.artifact import hash_file, read_json, read_manifest, write_json
from fidan.errors import ArtifactMismatch, FidanError
from fidan.evaluation import evaluate as evaluation
from fidan.evaluation.measures.grammar import Grammar
from fidan.evaluation.measures.text_loss import TextLoss
from fidan.recipe import Recipe
from fidan.running import run_all, run_one
from fidan.stages import Run, stages_of
from fidan.training.ema import EMA_WEIGHTS
from fidan.training.trainer import WEIGHTS, Trainer

WEIGHT_FILES = {"last": WEIGHTS, "ema": EMA_WEIGHTS}


class Listener:
    """A reporter that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def task(self, description: str, total: float | None = None, done: float = 0.0) -> object:
        from fidan.progress import SilentReporter

        return SilentReporter().task(description, total, done)

    def about(self, stage: str) -> str:
        """What was said about one stage."""
        return next(line for line in self.said if line.startswith(f"{stage}: "))


@pytest.fixture
def run(tiny_run: Run, tmp_path: Path) -> Run:
    """A copy of the finished run, to be changed."""
    return Run(tiny_run.recipe, shutil.copytree(tiny_run.out, tmp_path / "tiny"), Listener())


def changed(run: Run, section: str, **values: object) -> Run:
    recipe = replace(run.recipe, **{section: replace(getattr(run.recipe, section), **values)})
    return replace(run, recipe=recipe, reporter=Listener())


def test_everything_up_to_date_is_skipped(run: Run) -> None:
    run_all(run)
    assert run.reporter.said == [f"{stage.name}: up to date" for stage in stages_of(run.recipe)]


def test_incidental_settings_change_nothing(run: Run) -> None:
    other = changed(run, "train", log_every=1, keep_checkpoints=5)
    run_all(other)
    assert all(line.endswith("up to date") for line in other.reporter.said)


def test_a_changed_setting_runs_its_stage_and_what_depends_on_it(run: Run) -> None:
    other = changed(run, "generate", max_new_tokens=3)
    run_all(other)
    assert "generate: runs again (setting generate.max_new_tokens 20 → 3)" in other.reporter.said
    assert other.reporter.about("train") == "train: up to date"
    assert other.reporter.about("export").startswith("export: runs again")


def test_another_evaluation_writes_the_card_again(run: Run) -> None:
    card = run.folder("export") / "hugging_face" / "README.md"
    other = changed(run, "evaluate", stride=8)
    run_all(other)
    assert other.reporter.about("export").startswith("export: runs again (input evaluate ")
    assert "pencere her kez 8 token kaydı" in card.read_text(encoding="utf-8")
    shutil.rmtree(run.folder("evaluate"))
    run_one("export", other)
    assert "input evaluate" in other.reporter.said[-1]
    assert "kaybı ölçülmedi" in card.read_text(encoding="utf-8")
    run_one("export", other)
    assert other.reporter.said[-1] == "export: up to date"


def test_a_changed_input_says_so_and_keeps_the_old_training(run: Run) -> None:
    old = hash_file(run.folder("train") / WEIGHTS)
    other = changed(run, "tokenizer", vocab_size=700)
    run_all(other)
    assert "input tokenizer" in other.reporter.about("pack")
    assert "input pack" in other.reporter.about("train")
    assert hash_file(run.out / "train.old-1" / WEIGHTS) == old != hash_file(run.folder("train") / WEIGHTS)


def test_a_lost_output_of_training_comes_from_the_last_checkpoint(
    run: Run, tiny_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run.folder("train") / WEIGHTS).unlink()
    monkeypatch.setattr(Trainer, "_step", lambda self: pytest.fail("it must not train again"))
    run_all(run)
    assert not (run.out / "train.old-1").exists()
    assert run.reporter.about("train") == "train: runs again (model.safetensors is missing)"
    assert hash_file(run.folder("train") / WEIGHTS) == hash_file(tiny_run.folder("train") / WEIGHTS)
    assert run.reporter.about("evaluate") == "evaluate: up to date", "the same weights need no new evaluation"


def test_what_a_kill_left_half_written_is_no_output(run: Run, tiny_run: Run) -> None:
    for name in ("tokenizer", "evaluate"):
        folder = run.folder(name)
        (folder / "manifest.json").unlink()
        (folder / ".manifest.json.4711.tmp").write_bytes(b'{"plan": ')
    run_all(run)
    for name in ("tokenizer", "evaluate"):
        assert read_manifest(run.folder(name)).outputs == read_manifest(tiny_run.folder(name)).outputs
    assert run.reporter.about("pack") == "pack: up to date"


def test_killed_before_the_plan_was_written_it_begins(run: Run) -> None:
    shutil.rmtree(run.folder("evaluate"))
    run.folder("evaluate").mkdir()
    (run.folder("evaluate") / ".plan.json.4711.tmp").touch()
    run_all(run)
    assert run.reporter.about("evaluate") == "evaluate: begins"


def test_killed_while_deleting_it_begins(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(path: Path, **_: object) -> None:
        (path / "manifest.json").unlink(missing_ok=True)
        raise KeyboardInterrupt

    other = changed(run, "tokenizer", vocab_size=700)
    with monkeypatch.context() as patch:
        patch.setattr("fidan.running.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            run_one("tokenizer", other)
    run_one("tokenizer", other)
    assert other.reporter.said[-1] != "tokenizer: up to date"
    assert [path.name for path in run.out.glob(".*.deleted")] == []


def test_a_manifest_of_another_version_runs_its_stage_again(run: Run) -> None:
    path = run.folder("evaluate") / "manifest.json"
    write_json(path, {**read_json(path), "a field of the future": 1})
    run_all(run)
    assert "not a manifest of this version" in run.reporter.about("evaluate")
    run_one("evaluate", run)
    assert run.reporter.said[-1] == "evaluate: up to date"


def test_unfinished_work_for_another_recipe_is_not_gone_on_with(run: Run) -> None:
    (run.folder("train") / "manifest.json").unlink()
    other = changed(run, "train", learning_rate=1e-3)
    run_all(other)
    assert other.reporter.about("train").startswith("train: begins anew, its unfinished work was for something else")
    assert (run.out / "train.old-1").is_dir()


def test_one_stage_wants_those_before_it_done(run: Run, tiny_recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match="train needs corpus, which is not up to date: it has not finished"):
        run_one("train", Run(tiny_recipe, tmp_path / "new", Listener()))
    with pytest.raises(ArtifactMismatch, match="evaluate needs train, which is not up to date: setting train"):
        run_one("evaluate", changed(run, "train", beta1=0.8))
    run_one("evaluate", run)
    assert run.reporter.said == ["evaluate: up to date"]


def test_a_folder_of_somebody_else_is_not_touched(tiny_recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "thesis.txt").write_text("years of work")
    with pytest.raises(FidanError, match="holds files that fidan did not write"):
        run_all(Run(tiny_recipe, tmp_path, Listener()))
    assert (tmp_path / "corpus" / "thesis.txt").read_text() == "years of work"


def test_two_runs_do_not_share_a_folder(run: Run) -> None:
    with FileLock(run.out / ".lock"), pytest.raises(FidanError, match="another fidan is at work"):
        run_all(run)


def test_a_new_version_of_a_stage_runs_it_again(run: Run) -> None:
    path = run.folder("evaluate") / "manifest.json"
    manifest = read_json(path)
    manifest["plan"]["version"] = 0
    write_json(path, manifest)
    run_all(run)
    assert run.reporter.about("evaluate") == f"evaluate: runs again (version 0 → {evaluation.VERSION})"


LIGHT = {"baselines": False, "contamination": False, "max_bytes": 3000}
PAIRS = "good,bad\nAli eve gitti.,Ali eve gittim.\nBen geldim.,Ben geldin.\n"


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(PAIRS, encoding="utf-8")
    return path


def test_only_the_record_and_the_page_are_the_result_of_an_evaluation(run: Run) -> None:
    folder = run.folder("evaluate")
    assert set(read_manifest(folder).outputs) == {evaluation.RECORD, evaluation.PAGE}
    assert list(folder.glob("*.csv"))
    shutil.rmtree(folder / evaluation.WORK)
    run_one("evaluate", run)
    assert run.reporter.said == ["evaluate: up to date"]


def test_a_changed_file_of_pairs_is_scored_again(run: Run, pairs_file: Path) -> None:
    other = changed(run, "evaluate", pairs=(str(pairs_file),), **LIGHT)
    run_one("evaluate", other)
    record = read_json(run.folder("evaluate") / evaluation.RECORD)
    assert [(one["name"], one["pairs"]) for one in record["pairs"]] == [("mine", 2)]
    assert (record["texts"][0]["baselines"], record["contamination"]) == ([], [])
    assert record["texts"][0]["bytes"] < read_manifest(run.folder("corpus")).counts["valid"]["bytes"]
    pairs_file.write_text(PAIRS + "Kuş öttü.,Kuş öttük.\n", encoding="utf-8")
    again = replace(other, reporter=Listener())
    manifest = run_one("evaluate", again)
    assert again.reporter.about("evaluate").startswith(f"evaluate: runs again (input pairs {pairs_file} ")
    assert manifest
    assert [(task["name"], task["items"]) for task in manifest.counts["tasks"]] == [("mine", 3)]


def test_choices_and_a_folder_of_pairs_are_part_of_the_stage(run: Run, pairs_file: Path, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    shutil.copy(pairs_file, tmp_path / "many" / "a.csv")
    choices = tmp_path / "quiz.jsonl"
    choices.write_text('{"question": "Kedi ne yer?", "choices": ["balık", "taş", "demir"], "answer": 0}\n')
    settings = {"pairs": (str(tmp_path / "many"),), "choices": (str(choices),), **LIGHT}
    manifest = run_one("evaluate", changed(run, "evaluate", **settings))
    assert manifest
    told = [(task["kind"], task["name"], task["items"], task["chance"]) for task in manifest.counts["tasks"]]
    assert told == [("pairs", "many", 2, 0.5), ("choices", "quiz", 1, pytest.approx(1 / 3))]
    shutil.copy(pairs_file, tmp_path / "many" / "b.csv")
    again = changed(run, "evaluate", **settings)
    run_one("evaluate", again)
    assert f"input pairs {tmp_path / 'many'} " in again.reporter.about("evaluate")


@pytest.mark.parametrize(
    ("section", "setting", "value"),
    [
        ("evaluate", "pairs", ("none.csv",)),
        ("evaluate", "choices", ("none.csv",)),
        ("export", "license_file", "none.csv"),
    ],
)
def test_a_missing_file_is_told_before_any_work(
    tiny_recipe: Recipe, tmp_path: Path, section: str, setting: str, value: object
) -> None:
    run = changed(Run(tiny_recipe, tmp_path / "new", Listener()), section, **{setting: value})
    with pytest.raises(
        FidanError, match=rf"none\.csv.*{section}\.{setting}|{section}\.{setting}.*none\.csv"
    ) as error:
        run_all(run)
    assert "\n" not in str(error.value)
    assert (run.reporter.said, [path.name for path in run.out.iterdir()]) == ([], [".lock"])


def test_an_interrupted_evaluation_goes_on(run: Run, tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    shutil.rmtree(run.folder("evaluate"))
    with monkeypatch.context() as patch:
        patch.setattr(Grammar, "figures", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_one("evaluate", run)
    assert not (run.folder("evaluate") / evaluation.RECORD).exists()
    monkeypatch.setattr(TextLoss, "figures", lambda *_: pytest.fail("the loss was computed"))
    manifest = run_one("evaluate", run)
    assert run.reporter.said[0] == "evaluate: begins"
    assert "evaluate: goes on" in run.reporter.said
    assert manifest
    assert manifest.outputs == read_manifest(tiny_run.folder("evaluate")).outputs


def test_the_average_of_the_weights_can_be_evaluated(run: Run, pairs_file: Path) -> None:
    averaged = changed(run, "train", ema=0.5, tokens=1000, warmup_steps=1)
    run_one("train", averaged)
    hashes = {}
    for weights in ("last", "ema"):
        run_one("evaluate", changed(averaged, "evaluate", pairs=(str(pairs_file),), weights=weights, **LIGHT))
        hashes[weights] = read_json(run.folder("evaluate") / evaluation.RECORD)["models"][0]["weights"]
    assert hashes == {name: hash_file(run.folder("train") / file) for name, file in WEIGHT_FILES.items()}
