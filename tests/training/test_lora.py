"""LoRA: adapters learn beside weights that stay, and what comes out is a model like any other."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fidan.artifact import hash_file, read_json
from fidan.errors import ArtifactMismatch, FidanError, RecipeError, Stopped
from fidan.export.hugging_face import write_folder
from fidan.model.build import build_model
from fidan.progress import SilentReporter
from fidan.recipe import LORA_TARGETS, ExportConfig, LoraConfig, Recipe, SftConfig
from fidan.running import run_one
from fidan.settings import build
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate
from fidan.training.chatting import Chatting
from fidan.training.checkpoint import checkpoints
from fidan.training.distributed import World
from fidan.training.learner import Learner
from fidan.training.lora import ADAPTER, ADAPTER_WEIGHTS
from fidan.training.trainer import CHECKPOINTS, WEIGHTS, Trainer
from fidan.weights import load_weights, read_weights, write_weights
from tests.training.conftest import curve
from tests.training.test_trainer import stopping

CPU = torch.device("cpu")
IDS = torch.arange(3, 43).reshape(2, 20)
SETTINGS = SftConfig(
    sources=("synthetic:120",), epochs=2, batch_size=4, accumulate=2, learning_rate=1e-2, replay=0.2, samples=0,
    valid_share=0.1, test_share=0.1, lora_rank=4, lora_dropout=0.1,
)  # fmt: skip


def chat_recipe(run: Run, **changes: object) -> Recipe:
    return replace(run.recipe, sft=replace(SETTINGS, **changes))


def train(run: Run, folder: Path, weights: Path | None = None, **changes: object) -> Trainer:
    """A trainer on the tiny run's weights, or on others."""
    recipe, tokenizer = chat_recipe(run, **changes), Tokenizer.load(run.folder("tokenizer"))
    assert recipe.sft
    base = weights or run.folder("train") / WEIGHTS
    return Trainer(Chatting(recipe, recipe.sft, tokenizer, base, run.folder("pack")), folder, SilentReporter())


@pytest.fixture(scope="module")
def taught(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    """A finished training."""
    trainer = train(tiny_run, tmp_path_factory.mktemp("lora"))
    trainer.run()
    return trainer


def test_before_the_first_step_it_is_the_base_exactly(tiny_run: Run, tmp_path: Path) -> None:
    base = locate(tiny_run.out).load(CPU)
    adapted = train(tiny_run, tmp_path).learner.model.eval()
    with torch.no_grad():
        assert torch.equal(adapted(IDS), base(IDS))


def test_only_adapters_learn_and_only_they_are_kept(tiny_run: Run, taught: Trainer) -> None:
    checkpoint = checkpoints(taught.folder / CHECKPOINTS)[-1]
    kept, moments = (read_weights(checkpoint / f"{part}.safetensors") for part in ("model", "optimizer"))
    assert len(kept) == 2 * len(LORA_TARGETS) * tiny_run.recipe.model.n_layers
    assert all(".lora_A." in name or ".lora_B." in name for name in kept)
    assert {name.rpartition("/")[0] for name in moments} == set(kept)
    whole = (tiny_run.folder("train") / WEIGHTS).stat().st_size
    assert sum(file.stat().st_size for file in checkpoint.iterdir()) < whole
    base, merged = (read_weights(path / WEIGHTS) for path in (tiny_run.folder("train"), taught.folder))
    assert list(base) == list(merged)
    moved = {name for name in base if not torch.equal(base[name], merged[name])}
    assert moved == {name for name in base if name.split(".")[-2] in LORA_TARGETS}
    facts = taught.facts()
    assert facts["parameters"] == sum(tensor.numel() for tensor in base.values())
    assert facts["adapter_parameters"] == sum(tensor.numel() for tensor in kept.values())


def test_it_learns_what_conversations_look_like(taught: Trainer) -> None:
    losses = [loss for _, kind, loss, _ in curve(taught.folder) if kind == "valid"]
    assert losses[0] - 0.1 > losses[1] > losses[2]


def test_the_merged_model_is_the_adapted_one(taught: Trainer) -> None:
    """And it is what everything after the training opens."""
    merged = build_model(taught.recipe.model, taught.tokenizer.vocab_size).eval()
    load_weights(merged, read_weights(taught.folder / WEIGHTS), "merged")
    with torch.no_grad():
        adapted = taught.learner.model.eval()(IDS)
        torch.testing.assert_close(merged(IDS), adapted, rtol=0, atol=1e-5)


def test_peft_loads_the_adapter_on_the_exported_base(tiny_run: Run, taught: Trainer, tmp_path: Path) -> None:
    """The logits are those of our merged model, and peft's merge gives our weights."""
    import peft
    import transformers

    base = locate(tiny_run.out)
    write_folder(base.load(CPU), base.tokenizer, ExportConfig(), tiny_run.recipe.generate, tmp_path)
    exported = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    adapted = peft.PeftModel.from_pretrained(exported, str(taught.folder / ADAPTER)).eval()
    merged = build_model(taught.recipe.model, taught.tokenizer.vocab_size).eval()
    load_weights(merged, read_weights(taught.folder / WEIGHTS), "merged")
    with torch.no_grad():
        before, theirs, ours = base.load(CPU)(IDS), adapted(IDS).logits, merged(IDS)
    assert (ours - before).abs().max() > 0.1
    torch.testing.assert_close(theirs, ours, rtol=0, atol=1e-5)
    weights = adapted.merge_and_unload().state_dict()
    for name, tensor in read_weights(taught.folder / WEIGHTS).items():
        torch.testing.assert_close(tensor, weights[name], rtol=1e-6, atol=1e-7)
    config = read_json(taught.folder / ADAPTER / "adapter_config.json")
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (4, 16.0, "LORA")


def test_interrupted_and_resumed_is_bit_equal(
    tiny_run: Run, taught: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a step; dropout in the adapters comes by the sequence's number."""
    with monkeypatch.context() as patch:
        stopping(patch, 15)
        with pytest.raises(Stopped, match="SIGTERM"):
            train(tiny_run, tmp_path).run()
    torch.manual_seed(999)
    train(tiny_run, tmp_path).run()
    for file in (WEIGHTS, f"{ADAPTER}/{ADAPTER_WEIGHTS}"):
        assert hash_file(tmp_path / file) == hash_file(taught.folder / file)
    assert curve(tmp_path) == curve(taught.folder)


def test_a_checkpoint_goes_on_from_its_own_base_only(tiny_run: Run, taught: Trainer, tmp_path: Path) -> None:
    shutil.copytree(taught.folder, tmp_path / "sft")
    weights = read_weights(tiny_run.folder("train") / WEIGHTS)
    weights["lm_head.weight"] = weights["lm_head.weight"] + 1e-3
    write_weights(tmp_path / "other.safetensors", weights)
    with pytest.raises(ArtifactMismatch, match=r"its adapters belong to the weights \w{32}"):
        train(tiny_run, tmp_path / "sft", tmp_path / "other.safetensors")


def test_the_best_weights_and_the_average_are_merged_too(tiny_run: Run, tmp_path: Path) -> None:
    trainer = train(tiny_run, tmp_path, ema=0.5, patience=1, lora_targets=("q_proj", "down_proj"), epochs=1)
    trainer.run()
    assert trainer.best.checkpoint
    best, adapters = tmp_path / CHECKPOINTS / trainer.best.checkpoint, trainer.learner.adapters
    assert adapters
    for part, file in (("model", WEIGHTS), ("ema", "ema.safetensors")):
        kept = read_weights(best / f"{part}.safetensors")
        assert len(kept) == 4 * tiny_run.recipe.model.n_layers
        expected = adapters.merged(kept)
        found = read_weights(tmp_path / file)
        assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())


def test_the_stage_makes_both(tiny_run: Run, tmp_path: Path) -> None:
    for stage in ("corpus", "tokenizer", "pack", "train"):
        shutil.copytree(tiny_run.folder(stage), tmp_path / stage)
    manifest = run_one("sft", Run(chat_recipe(tiny_run, epochs=1), tmp_path, SilentReporter()))
    assert manifest
    assert {WEIGHTS, "model.json", f"{ADAPTER}/{ADAPTER_WEIGHTS}", f"{ADAPTER}/adapter_config.json"} <= set(
        manifest.outputs
    )
    located = locate(tmp_path)
    assert located.weights == tmp_path / "sft" / WEIGHTS
    assert located.chats
    located.load(CPU)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lora_alpha": 8.0}, "lora_alpha = 8.0: only with lora_rank above 0"),
        ({"lora_rank": -1}, "lora_rank = -1"),
        ({"lora_rank": 4, "lora_alpha": 0.0}, "lora_alpha = 0.0: must be positive"),
        ({"lora_rank": 4, "lora_dropout": 1.0}, "lora_dropout = 1.0"),
        ({"lora_rank": 4, "lora_targets": ["lm_head"]}, "'lm_head' is no matrix of a block. Known: q_proj"),
        ({"lora_rank": 4, "lora_targets": []}, "name at least one"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        build(LoraConfig, settings, "[sft]")


def test_what_adapters_cannot_do_is_refused(tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = train(tiny_run, tmp_path).task
    plain = (task.tokenizer.vocab_size, task.objective)
    gelu = replace(task.recipe, model=replace(task.recipe.model, feedforward="gelu"))

    def learn(recipe: Recipe, world: World, distributed: str = "ddp") -> None:
        config = replace(task.config, distributed=distributed)
        Learner(recipe, config, *plain, world, None, {}, lambda model: None, print, task.lora)

    with pytest.raises(FidanError, match=r"no gate_proj\. Leave it out"):
        learn(gelu, World())
    with pytest.raises(FidanError, match=r"lora_rank: not with train\.distributed = 'fsdp'"):
        learn(task.recipe, World(size=2), "fsdp")
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(FidanError, match=r"pip install 'fidan\[lora\]'"):
        learn(task.recipe, World())
