"""Preferences: read, split and encoded without a leak, and learnt by DPO as its formula says."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from fidan.artifact import hash_file, read_json, write_json
from fidan.corpus.conversations.conversation import Message
from fidan.corpus.pairs.pair import normal_form
from fidan.corpus.preferences.preference import Preference
from fidan.corpus.preferences.read import Columns, preference_hash, read_preferences
from fidan.corpus.preferences.split import split_preferences
from fidan.errors import ArtifactMismatch, FidanError, RecipeError, SourceError, Stopped
from fidan.export.card.about import english
from fidan.export.card.record import training
from fidan.model.build import body_of
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.provenance import gather_facts
from fidan.recipe import DpoConfig, Recipe, SftConfig
from fidan.running import run_one
from fidan.settings import build, to_toml
from fidan.stages import Run, stages_of
from fidan.tokenizer.chat import IM_END, encode_prompt
from fidan.tokenizer.preferences import encode_preferences
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate
from fidan.training.distributed import World
from fidan.training.log import read_metrics
from fidan.training.loss import IGNORE
from fidan.training.preferences.loss import PreferenceObjective, answer_log_probabilities, preference_loss
from fidan.training.preferences.reference import REFERENCE
from fidan.training.preferring import Preferring
from fidan.training.trainer import CHECKPOINTS, WEIGHTS, Trainer
from tests.training.conftest import curve
from tests.training.test_trainer import stopping

CPU = torch.device("cpu")
SHORT = SftConfig(
    sources=("synthetic:600",), epochs=2, batch_size=16, learning_rate=3e-3, replay=0.0, samples=0, valid_share=0.1,
    test_share=0.1,
)  # fmt: skip
SETTINGS = DpoConfig(
    sources=("synthetic:600",), batch_size=8, accumulate=2, learning_rate=3e-3, valid_share=0.2, valid_every=15,
    samples=2, max_new_tokens=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def chat_run(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The tiny run with a chat model that has seen a few conversations."""
    out = tmp_path_factory.mktemp("chat")
    for stage in ("corpus", "tokenizer", "pack", "train"):
        shutil.copytree(tiny_run.folder(stage), out / stage)
    run = Run(replace(tiny_run.recipe, sft=SHORT, dpo=SETTINGS), out, SilentReporter())
    run_one("sft", run)
    return run


def train(run: Run, folder: Path, **changes: object) -> Trainer:
    assert run.recipe.dpo
    config, tokenizer = replace(run.recipe.dpo, **changes), Tokenizer.load(run.folder("tokenizer"))
    weights = run.folder("sft") / WEIGHTS
    recipe = replace(run.recipe, dpo=config)
    task = Preferring(recipe, config, tokenizer, weights, folder, {"chat": True}, World(), SilentReporter())
    return Trainer(task, folder, SilentReporter())


@pytest.fixture(scope="module")
def preferred(chat_run: Run) -> Run:
    """The chat run, tuned by its stage."""
    run_one("dpo", chat_run)
    return chat_run


def write(path: Path, *rows: Any) -> str:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return str(path)


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def test_texts_and_messages_say_the_same(tmp_path: Path) -> None:
    asked, good, bad = user("İki artı iki?"), assistant("Dört."), assistant("Beş.")
    forms: list[dict[str, Any]] = [
        {"prompt": " İki artı iki?", "chosen": "Dört.", "rejected": "Beş. "},
        {"prompt": [asked], "chosen": [good], "rejected": [bad]},
        {"prompt": "İki artı iki?", "chosen": [asked, good], "rejected": [asked, bad]},
        {"chosen": [asked, good], "rejected": [asked, bad]},
        {"prompt": [asked], "chosen": "Dört.", "rejected": [bad]},
    ]
    for row in forms:
        (found,) = read_preferences(write(tmp_path / "one.jsonl", row)).preferences
        assert found == Preference((Message("user", "İki artı iki?"),), "Dört.", "Beş.")
    read = read_preferences(write(tmp_path / "all.jsonl", *forms))
    assert (len(read.preferences), read.left_out.duplicates) == (1, 4)
    renamed = write(tmp_path / "names.jsonl", {"soru": "a", "iyi": "b", "kötü": "c"})
    assert len(read_preferences(renamed, Columns("soru", "iyi", "kötü")).preferences) == 1


def test_a_prompt_may_be_a_conversation(tmp_path: Path) -> None:
    before = [{"role": "system", "content": "Kısa yaz."}, user("Merhaba"), assistant("Selam"), user("Nasılsın?")]
    row = {"chosen": [*before, assistant("İyiyim.")], "rejected": [*before, assistant("Sana ne?")]}
    (found,) = read_preferences(write(tmp_path / "a.jsonl", row)).preferences
    assert [message.role for message in found.prompt] == ["system", "user", "assistant", "user"]
    assert (found.chosen, found.rejected) == ("İyiyim.", "Sana ne?")


def test_what_is_left_out_is_counted_with_its_place(tmp_path: Path) -> None:
    asked = user("Soru?")
    path = write(
        tmp_path / "a.jsonl",
        {"prompt": "Soru?", "chosen": "İyi.", "rejected": "Kötü."},
        {"prompt": "Soru?", "chosen": "Aynı.", "rejected": " Aynı. "},
        {"prompt": "Soru?", "chosen": "İyi.", "rejected": " "},
        {"prompt": None, "chosen": "İyi.", "rejected": "Kötü."},
        {"chosen": [asked, assistant("a")], "rejected": [user("Başka?"), assistant("b")]},
        {"prompt": "Soru?", "chosen": [asked], "rejected": "Kötü."},
        {"prompt": [assistant("Önce ben.")], "chosen": "İyi.", "rejected": "Kötü."},
        {"prompt": "Soru?", "chosen": "İyi.", "rejected": "Kötü."},
    )
    read = read_preferences(path)
    assert len(read.preferences) == 1
    left_out = read.left_out._asdict()
    examples = left_out.pop("examples")
    assert left_out == {"empty_texts": 2, "disorder": 2, "other_prompts": 1, "equal_answers": 1, "duplicates": 1}
    assert examples["equal_answers"] == (f"{path}:2",)
    with pytest.raises(SourceError, match=r"no preference to learn from in it \(1 equal answers\)"):
        read_preferences(write(tmp_path / "b.jsonl", {"prompt": "a", "chosen": "b", "rejected": "b"}))
    with pytest.raises(SourceError, match="no column 'rejected'"):
        read_preferences(write(tmp_path / "c.jsonl", {"prompt": "a", "chosen": "b"}))
    with pytest.raises(SourceError, match="no column 'prompt'"):
        read_preferences(write(tmp_path / "d.jsonl", {"chosen": [asked, assistant("a")], "rejected": "b"}))


def test_no_prompt_is_in_both_splits() -> None:
    preferences = read_preferences("synthetic:900").preferences
    assert len(set(preferences)) == 900
    assert read_preferences("synthetic:100").preferences == preferences[:100], "a larger count appends"
    split = split_preferences(preferences, 0.2)
    assert len(split.train) + len(split.valid) == 900
    assert split.groups < 900, "some questions come twice"
    assert 0.1 < len(split.valid) / 900 < 0.3
    questions = [{normal_form(each.prompt[-1].content) for each in part} for part in (split.train, split.valid)]
    assert not questions[0] & questions[1]
    assert split_preferences(preferences[::-1], 0.2).valid == split.valid[::-1], "the order decides nothing"
    answers = [{each.chosen for each in preferences}, {each.rejected for each in preferences}]
    assert len(answers[0] & answers[1]) > 0.5 * len(answers[0]), "an answer alone does not tell"
    assert preference_hash("synthetic:900") != preference_hash("synthetic:901")


def test_ids_are_those_of_the_prompt_and_the_answer(tiny_run: Run) -> None:
    tokenizer = Tokenizer.load(tiny_run.folder("tokenizer"))
    prompt = (Message("user", "Ali nerede?"), Message("assistant", "Evde."), Message("user", "Ne yapıyor?"))
    encoded = encode_preferences(tokenizer, [Preference(prompt, "Ali kitap okuyor.", "Bilmem.")], 200)
    before = encode_prompt(tokenizer, prompt, 200).ids
    end = tokenizer.special_id(IM_END)
    for row, answer, count in zip(encoded.rows, ("Ali kitap okuyor.", "Bilmem."), encoded.answers, strict=True):
        assert row[: len(before)].tolist() == before
        assert tokenizer.decode(row[len(before) : -1].tolist()) == answer
        assert row[-1] == end
        assert count == len(row) - len(before)
    inputs, labels = encoded.padded([1, 0], tokenizer.eos_id)
    for line, place in enumerate([1, 0]):
        row, count = encoded.rows[place], int(encoded.answers[place])
        assert inputs[line, : len(row) - 1].tolist() == row[:-1].tolist()
        counted = labels[line] != IGNORE
        assert labels[line][counted].tolist() == row[-count:].tolist()
        assert int(counted.argmax()) == len(before) - 1, "the first one is predicted by the prompt's last id"


def test_too_long_ones_are_left_out_not_cut(tiny_run: Run) -> None:
    tokenizer = Tokenizer.load(tiny_run.folder("tokenizer"))
    ask = (Message("user", "Kim?"),)
    some = [Preference(ask, "Ali.", "Ayşe. " * 40), Preference(ask, "Ali.", "Ayşe.")]
    encoded = encode_preferences(tokenizer, some, 40)
    assert (len(encoded), encoded.left_out, encoded.numbers.tolist()) == (1, 1, [1])
    with pytest.raises(FidanError, match="1 preferences: all of them are longer than 40 ids"):
        encode_preferences(tokenizer, some[:1], 40)


def by_the_book(model: Decoder, reference: Decoder, rows: list[Tensor], answers: list[int], beta: float) -> Tensor:
    """Equation 7 of the paper, one answer at a time: the mean loss of pairs (rows 2 n and 2 n + 1)."""

    def likely(one: Decoder, ids: Tensor, answer: int) -> Tensor:
        logits = one(ids[None, :-1])[0]
        return F.log_softmax(logits, 1).gather(1, ids[1:, None])[-answer:].sum()

    def gain(place: int) -> Tensor:
        with torch.no_grad():
            before = likely(reference, rows[place], answers[place])
        return likely(model, rows[place], answers[place]) - before

    pairs = range(0, len(rows), 2)
    return -torch.stack([torch.log(torch.sigmoid(beta * (gain(n) - gain(n + 1)))) for n in pairs]).mean()


def test_loss_and_gradients_are_those_of_the_formula(chat_run: Run, tmp_path: Path) -> None:
    """On a model that has moved away from its reference, in a batch with padding, in two passes."""
    trainer = train(chat_run, tmp_path, batch_size=3, beta=0.3, sources=("synthetic:60",))
    model = trainer.learner.model
    reference = locate(chat_run.out, stage="sft").load(CPU)
    with torch.no_grad():
        for number, parameter in enumerate(model.parameters()):
            parameter += 0.02 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number))
    for first in (0, 3):
        trainer.learner.accumulate(trainer.batches.take(first, 3), first, trainer.batches.targets(0, 6), first == 3)
    encoded = trainer.batches.preferences  # type: ignore[attr-defined]
    places = [row for pair in trainer.batches.places(0, 6) for row in (2 * pair, 2 * pair + 1)]  # type: ignore[attr-defined]
    rows = [torch.from_numpy(encoded.rows[place]) for place in places]
    assert len({len(row) for row in rows[:6]}) > 1, "some are padded"
    expected = by_the_book(model, reference, rows, [int(encoded.answers[place]) for place in places], 0.3)  # type: ignore[arg-type]
    assert abs(float(expected.detach()) - math.log(2)) > 0.01
    assert float(trainer.learner.partial) == pytest.approx(float(expected.detach()), rel=1e-5)
    names, parameters = zip(*model.named_parameters(), strict=True)
    for name, parameter, gradient in zip(names, parameters, torch.autograd.grad(expected, parameters), strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-7, msg=name)


def test_chunks_change_nothing(chat_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = train(chat_run, tmp_path, sources=("synthetic:60",))
    batch, model = trainer.batches.take(0, 8), trainer.learner.model
    arguments = (body_of(model), model.lm_head.weight, batch.inputs, batch.labels, torch.float32)
    whole = answer_log_probabilities(*arguments)
    gradient = torch.autograd.grad(whole.sum(), model.lm_head.weight)[0]
    monkeypatch.setattr("fidan.training.preferences.loss.chunk_elements", lambda device: 800 * 17)
    parts = answer_log_probabilities(*arguments)
    torch.testing.assert_close(parts, whole, rtol=1e-6, atol=1e-5)
    torch.testing.assert_close(torch.autograd.grad(parts.sum(), model.lm_head.weight)[0], gradient)


def test_conservative_dpo_wants_a_finite_margin() -> None:
    margin = torch.linspace(-4, 8, 1201, dtype=torch.float64)
    likely = torch.cat([margin / 0.5, torch.zeros_like(margin)])
    plain, smoothed = (preference_loss(likely, torch.zeros_like(likely), 0.5, share) for share in (0.0, 0.1))
    torch.testing.assert_close(plain.margins, margin)
    torch.testing.assert_close(plain.losses, torch.log1p(torch.exp(-margin)))
    best = float(margin[smoothed.losses.argmin()])
    assert best == pytest.approx(math.log(0.9 / 0.1), abs=0.01), "σ(margin) = 1 - ε"


def test_it_begins_at_ln_2_and_learns_what_is_preferred(preferred: Run) -> None:
    """Half is chance: no answer alone tells, and the held-out questions were never seen."""
    folder = preferred.folder("dpo")
    records, counts = read_metrics(folder), read_json(folder / "manifest.json")["counts"]
    valid = [r for r in records if r["kind"] == "valid"]
    assert counts["initial_loss"] == pytest.approx(math.log(2), abs=1e-4)
    assert valid[-1]["accuracy"] > 0.65
    assert valid[-1]["margin"] > 0.3
    assert valid[-1]["loss"] < 0.6
    assert counts["best_loss"] == min(r["loss"] for r in valid)
    assert counts["train_pairs"] + counts["valid_pairs"] + counts["too_long"] == 600
    assert len([r for r in records if r["kind"] == "sample" and r["step"] == 15]) == 2
    page = (folder / "report.html").read_text(encoding="utf-8")
    for told in ("Held-out pairs preferred as wanted", "Mean margin", "nats a pair"):
        assert told in page
    facts = gather_facts(preferred.out, preferred.recipe, 800)
    assert facts.last is facts.preferring
    assert f"It was then tuned by DPO on {counts['train_pairs']:,} pairs" in english(facts)
    assert "DPO (β = 0,1)" in training(facts)
    located = locate(preferred.out)
    assert located.weights == folder / WEIGHTS
    assert located.chats
    assert located.chat_system == locate(preferred.out, stage="sft").chat_system


def test_the_figures_of_a_validation_are_of_the_model_it_is_given(chat_run: Run, tmp_path: Path) -> None:
    task = train(chat_run, tmp_path, sources=("synthetic:60",)).task
    values = task.judge(locate(chat_run.out, stage="sft").load(CPU), score_only=True).values
    assert values["loss"] == pytest.approx(math.log(2), abs=1e-5)
    assert values["margin"] == pytest.approx(0, abs=1e-4)
    assert values["chosen_gain"] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("lora", [0, 4])
def test_interrupted_and_resumed_is_bit_equal(
    chat_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lora: int
) -> None:
    """And the log-probabilities of before are those of the first session, not computed again."""
    settings = {"sources": ("synthetic:100",), "samples": 0, "lora_rank": lora, "valid_every": 4}
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(chat_run, whole, **settings).run()
    with monkeypatch.context() as patch:
        stopping(patch, 7)
        with pytest.raises(Stopped, match="SIGTERM"):
            train(chat_run, parts, **settings).run()
    kept = hash_file(parts / REFERENCE)

    def never(*arguments: object) -> None:
        raise AssertionError("computed again")

    torch.manual_seed(999)
    with monkeypatch.context() as patch:
        patch.setattr(Preferring, "_by_start", never)
        train(chat_run, parts, **settings).run()
    assert hash_file(parts / REFERENCE) == kept
    assert hash_file(parts / WEIGHTS) == hash_file(whole / WEIGHTS)
    assert curve(parts) == curve(whole)
    assert len(list((parts / CHECKPOINTS).iterdir())) >= 2


def test_kept_log_probabilities_of_other_weights_are_refused(chat_run: Run, tmp_path: Path) -> None:
    train(chat_run, tmp_path, sources=("synthetic:60",))
    with pytest.raises(ArtifactMismatch, match="is of other preferences than this training"):
        train(chat_run, tmp_path, sources=("synthetic:61",))
    held = read_json(tmp_path / REFERENCE)
    write_json(tmp_path / REFERENCE, {**held, "weights": "0"})
    with pytest.raises(ArtifactMismatch, match="is of other weights than this training"):
        train(chat_run, tmp_path, sources=("synthetic:60",))


def test_a_recipe_needs_a_chat_model_for_it(tiny_recipe: Recipe) -> None:
    with pytest.raises(ValueError, match=r"\[dpo\]: starts from a chat model, and the recipe has no \[sft\]"):
        replace(tiny_recipe, dpo=SETTINGS)
    recipe = replace(tiny_recipe, sft=SHORT, dpo=SETTINGS)
    assert [stage.name for stage in stages_of(recipe)][3:6] == ["train", "sft", "dpo"]
    assert "beta = 0.1" in to_toml(recipe)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"beta": 0.0}, "beta = 0.0"),
        ({"label_smoothing": 0.5}, "label_smoothing = 0.5: a chance"),
        ({"max_length": 5}, "max_length = 5"),
        ({"chosen": "prompt"}, "name three columns"),
        ({"valid_share": 0.0}, "valid_share = 0.0"),
        ({"lora_dropout": 0.1}, "lora_dropout = 0.1: only with lora_rank"),
        ({"sources": []}, "sources: name at least one"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        build(DpoConfig, {"sources": ["synthetic:10"], **settings}, "[dpo]")


def test_the_objective_is_the_tasks_own(chat_run: Run, tmp_path: Path) -> None:
    assert isinstance(train(chat_run, tmp_path, sources=("synthetic:60",)).learner.objective, PreferenceObjective)
