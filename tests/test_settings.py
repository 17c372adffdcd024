"""TOML to dataclasses: what is accepted, and that each refusal names the value and the fix."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fidan.corpus.config import CorpusConfig, Source
from fidan.errors import RecipeError
from fidan.recipe import Recipe, TrainConfig, load_recipe
from fidan.settings import build, decisive, override, to_toml

ROOT = Path(__file__).resolve().parents[1]

RECIPE = """
description = "for a test"
[corpus]
sources = ["a.txt", { path = "b.jsonl", text = "content" }]
[train]
tokens = 100_000
sequence_length = 128
warmup_steps = 2
"""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "demo.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_a_recipe_is_read_with_defaults_and_overrides(recipe_file: Path) -> None:
    recipe = load_recipe(recipe_file, ["train.learning_rate=1", "model.d_model=192", "train.device=cpu", "seed=7"])
    assert recipe.name == "demo"
    assert recipe.corpus.sources == (Source("a.txt"), Source("b.jsonl", text="content"))
    assert recipe.train.learning_rate == 1.0
    assert isinstance(recipe.train.learning_rate, float)
    assert (recipe.model.d_model, recipe.train.device, recipe.seed) == (192, "cpu", 7)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("train.leraning_rate=1", r"\[train\]: unknown key 'leraning_rate'. Did you mean 'learning_rate'"),
        ("trian.tokens=5", "unknown key 'trian'. Did you mean 'train'"),
        ("model.zzz=1", "unknown key 'zzz'. Known: context, d_ff"),
        ("train.tokens=many", r"\[train.tokens\] = 'many': must be a whole number, not a string"),
        ("train.tokens=1.5", r"\[train.tokens\] = 1.5: must be a whole number"),
        ("train.tokens=true", "must be a whole number, not true or false"),
        ("train.compile=1", "must be true or false"),
        ("train.precision=fp8", "'fp8': must be one of 'auto', 'bf16', 'fp16', 'fp32'"),
        ("train.tokens=0", "tokens = 0: must be at least 1"),
        ("train.warmup_steps=9000", "warmup_steps = 9000: the run has"),
        ("train.sequence_length=4096", "sequence_length = 4096: the model's context is 2048"),
        ("model.d_model=770", "d_model = 770 cannot be split among n_heads = 12"),
        ("corpus.sources=[]", "sources is empty"),
        ("corpus.sources=x.txt", "must be a list"),
        ("corpus.sources=[{path='a', txt='b'}]", "unknown key 'txt'. Did you mean 'text'"),
        ("corpus.valid_fraction=1.5", "valid_fraction = 1.5"),
        ("train", "write it as section.key=value"),
        ("name.x=1", "'name' is a value, not a section"),
        ("generate.top_p=0", "top_p = 0"),
        ("corpus.sources=['']", "path is empty"),
        ("train.valid_tokens=0", "valid_tokens = 0"),
        ("train.log_every=0", "log_every = 0"),
        ("model.context=1", "context = 1: must be at least 8"),
        ("model.init_std=-1", "init_std = -1.0: must be positive"),
        ("model.head_dim=0", "head width = 0"),
        ("evaluate.max_tokens=5", r"\[evaluate\]: unknown key 'max_tokens'. Did you mean 'max_bytes'"),
        ("evaluate.max_bytes=-1", "max_bytes = -1: must not be negative"),
        ("evaluate.weights=ema", "evaluate.weights = 'ema': train.ema is 0"),
        ("evaluate.stride=2048", "evaluate.stride = 2048: must be below model.context"),
        ("evaluate.pairs=fidan", "must be a list"),
        ("pack.workers=-3", "workers = -3"),
        ("tokenizer.threads=0", "threads = 0"),
        ("name=''", "name is empty"),
        ("seed=-1", "seed = -1"),
    ],
)
def test_each_mistake_is_named(recipe_file: Path, assignment: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe_file, [assignment])


def test_a_missing_section_and_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(RecipeError, match="missing train, corpus"):
        load_recipe(path)
    with pytest.raises(RecipeError, match="no such recipe"):
        load_recipe(tmp_path / "none.toml")
    path.write_text("a = [", encoding="utf-8")
    with pytest.raises(RecipeError, match="cannot be read as TOML"):
        load_recipe(path)


def test_incidental_settings_do_not_decide_a_result(recipe_file: Path) -> None:
    plain = load_recipe(recipe_file)
    busy = load_recipe(recipe_file, ["train.log_every=3", "train.tensorboard=false", "pack.workers=4"])
    other = load_recipe(recipe_file, ["train.beta2=0.99"])
    assert decisive(plain) == decisive(busy) != decisive(other)


def test_override_leaves_its_input_alone() -> None:
    data = {"a": {"b": 1, "c": [1]}}
    assert override(data, ["a.b=2", "d.e.f='x'"]) == {"a": {"b": 2, "c": [1]}, "d": {"e": {"f": "x"}}}
    assert data == {"a": {"b": 1, "c": [1]}}


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[1].glob("recipes/*.toml")), ids=lambda p: p.stem)
def test_every_recipe_of_the_repository_loads(path: Path) -> None:
    assert isinstance(load_recipe(path), Recipe)


@pytest.mark.parametrize(("name", "parameters"), [("turkish-134m", 134_105_856), ("turkish-110m-tied", 109_529_856)])
def test_the_recipes_build_what_their_names_say(name: str, parameters: int) -> None:
    recipe = load_recipe(Path(__file__).parents[1] / "recipes" / f"{name}.toml")
    assert recipe.model.parameters(recipe.tokenizer.vocab_size) == parameters


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").glob("*.toml")), ids=lambda path: path.stem)
def test_a_recipe_goes_to_toml_and_back(path: Path, tmp_path: Path) -> None:
    recipe = load_recipe(path, ["train.learning_rate=1e-5", "model.n_kv_heads=1", "seed=7"])
    written = tmp_path / "other-name.toml"
    written.write_text(to_toml(recipe), encoding="utf-8")
    assert load_recipe(written) == recipe


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1),
    st.floats(min_value=0.0, max_value=1.0),
)
def test_no_text_and_no_number_is_lost_in_toml(description: str, paths: list[str], share: float) -> None:
    sources = tuple(Source(path, "jsonl", name=path) for path in paths)
    recipe = Recipe(TrainConfig(tokens=10**9, final_learning_rate=share), CorpusConfig(sources), "x", description)
    assert build(Recipe, tomllib.loads(to_toml(recipe)), "test") == recipe
