"""The shipped recipes by name, for every command that takes one; `fidan recipes`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fidan.cli import app
from fidan.errors import FidanError, RecipeError
from fidan.recipe import load_recipe
from fidan.recipe.shipped import description, find_recipe, names_recipe, shipped_recipes

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted(path.stem for path in (ROOT / "recipes").glob("*.toml"))


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder, as a user does who has no checkout."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> str:
    """What a command says; its error is raised."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_name_is_the_recipe_of_that_name() -> None:
    assert sorted(shipped_recipes()) == NAMES
    for name in NAMES:
        assert load_recipe(Path(name)) == load_recipe(ROOT / "recipes" / f"{name}.toml")
    assert load_recipe(Path("demo")).name == "demo"


def test_a_file_is_taken_before_a_name(empty_folder: Path) -> None:
    (empty_folder / "turkish-134m").write_text('description = "mine"', encoding="utf-8")
    assert find_recipe(Path("turkish-134m")) == Path("turkish-134m")
    (empty_folder / "demo").mkdir()
    assert find_recipe(Path("demo")) == shipped_recipes()["demo"]  # a folder is no recipe
    assert not names_recipe(Path("demo"))  # but where either may stand, it is the folder


def test_an_edited_copy_is_not_passed_over_in_silence(empty_folder: Path) -> None:
    (empty_folder / "demo.toml").write_text("", encoding="utf-8")
    with pytest.raises(RecipeError, match=r"demo: comes with fidan, and demo\.toml is here, too"):
        load_recipe(Path("demo"))
    assert find_recipe(Path("demo.toml")) == Path("demo.toml")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("dmeo", "dmeo: no recipe of that name comes with fidan. Did you mean 'demo'?"),
        ("xyzzy", "Known: demo, law-qa"),
        ("recipes/demo.toml", "/demo.toml: no such file. The recipe of that name comes with fidan: write demo."),
        ("recipes/dmeo.toml", "recipes/dmeo.toml: no such recipe. Did you mean the recipe demo?"),
    ],
)
def test_an_unknown_recipe_names_the_nearest(given: str, words: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(Path(given))
    assert words in str(caught.value).replace("\\", "/")


TAKE_A_RECIPE = ["run", "corpus", "tokenizer", "pack", "train", "finetune", "sft", "dpo", "doctor"]


@pytest.mark.parametrize("command", TAKE_A_RECIPE)
def test_every_command_takes_a_name(command: str) -> None:
    """Known by what it says of a setting that no recipe has: it was read."""
    with pytest.raises(FidanError, match=r"demo \[train\]: unknown key 'x'"):
        call(command, "demo", "--set", "train.x=1")


@pytest.mark.parametrize("command", ["generate", "evaluate", "export"])
def test_a_name_is_a_recipe_where_a_text_or_folder_may_stand_too(command: str) -> None:
    with pytest.raises(FidanError, match=r"demo \[train\]: unknown key 'x'"):
        call(command, "demo", "--set", "train.x=1")
    with pytest.raises(FidanError, match=r"dmeo.*Did you mean the recipe demo"):
        call(command, "dmeo")


def test_a_long_text_is_no_name() -> None:
    with pytest.raises(FidanError, match=r"is no recipe\. To continue a text"):
        call("generate", "Bir varmış bir yokmuş. " * 100)


def test_recipes_lists_them_with_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = call("recipes")
    for name, path in shipped_recipes().items():
        assert description(path)
        assert f"{name} " in said
        assert description(path) in said


def test_recipes_shows_one_and_copies_it(empty_folder: Path) -> None:
    text = (ROOT / "recipes" / "law-qa.toml").read_text(encoding="utf-8")
    assert call("recipes", "law-qa") == text
    said = call("recipes", "law-qa", "--out", "new/mine.toml")
    assert "fidan run" in said
    assert (empty_folder / "new" / "mine.toml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["demo", "--out", "there.toml"], "is there already"),
        (["demo", "--out", "mine.txt"], "ends with .toml"),
        (["--out", "mine.toml"], "only with the name of a recipe"),
        (["dmeo"], "Did you mean 'demo'"),
    ],
)
def test_recipes_refuses(empty_folder: Path, arguments: list[str], words: str) -> None:
    (empty_folder / "there.toml").write_text("seed = 3", encoding="utf-8")
    with pytest.raises(FidanError, match=words):
        call("recipes", *arguments)
    assert (empty_folder / "there.toml").read_text(encoding="utf-8") == "seed = 3"
    assert len(list(empty_folder.iterdir())) == 1
