"""The recipes that come with the package, by name: `demo` is as good as the path of its file.

They stand in `recipes/` of the checkout and in `fidan/recipes/` of an installed package. A file always has its path;
a bare word that is no file is the name of a shipped recipe. What it leaves out: reading them (`load_recipe`).
"""

import difflib
import tomllib
from pathlib import Path

from fidan.errors import RecipeError
from fidan.settings import nearest

PACKAGE = Path(__file__).resolve().parents[1]
SUFFIX = ".toml"


def shipped_folder() -> Path:
    """Where the shipped recipes are.

    Raises:
        RecipeError: the package was taken apart.
    """
    for folder in (PACKAGE / "recipes", PACKAGE.parents[1] / "recipes"):  # installed, or in the checkout
        if (folder / f"demo{SUFFIX}").is_file():
            return folder
    raise RecipeError(f"{PACKAGE}: the recipes that belong to fidan are not there. Install it again.")


def shipped_recipes() -> dict[str, Path]:
    """The file of every shipped recipe, by name."""
    return {path.stem: path for path in sorted(shipped_folder().glob(f"*{SUFFIX}"))}


def shipped_recipe(name: str) -> Path:
    """The file of the shipped recipe `name`.

    Raises:
        RecipeError: there is none; the message names the nearest.
    """
    recipes = shipped_recipes()
    if name not in recipes:
        raise RecipeError(f"{name}: no recipe of that name comes with fidan.{nearest(name, recipes)}")
    return recipes[name]


def description(recipe: Path) -> str:
    """What a recipe's file says of itself."""
    return str(tomllib.loads(recipe.read_text(encoding="utf-8")).get("description", ""))


def find_recipe(given: Path) -> Path:
    """The file that a RECIPE argument means: the one at that path, or the shipped one of that name.

    Raises:
        RecipeError: it is neither, or a bare name that may be both.
    """
    if given.is_file():
        return given
    if is_bare(given):
        beside = given.with_name(f"{given.name}{SUFFIX}")
        if beside.is_file() and given.name in shipped_recipes():
            raise RecipeError(
                f"{given}: comes with fidan, and {beside} is here, too. Write {beside} for the file here; for the "
                "other, go to another folder."
            )
        return shipped_recipe(given.name)
    if given.stem in shipped_recipes():
        raise RecipeError(f"{given}: no such file. The recipe of that name comes with fidan: write {given.stem}.")
    known = sorted(str(path) for path in given.parent.glob(f"*{SUFFIX}"))
    here = f" Here are: {', '.join(known)}." if known else ""
    raise RecipeError(f"{given}: no such recipe.{here}{did_you_mean(given)}")


def names_recipe(given: Path) -> bool:
    """Whether an argument that may be something else is a recipe: by its ending, or a name that nothing here has."""
    return given.suffix == SUFFIX or (is_bare(given) and given.name in shipped_recipes() and not given.exists())


def did_you_mean(given: Path) -> str:
    """The end of an error about what is neither recipe nor folder: the shipped recipe whose name is most like it."""
    match = difflib.get_close_matches(given.stem, shipped_recipes(), n=1, cutoff=0.5)
    return f" Did you mean the recipe {match[0]}?" if match else ""


def is_bare(given: Path) -> bool:
    """Whether an argument is one word, neither a path nor the name of a TOML file."""
    return given.parent == Path() and given.suffix != SUFFIX and given.name != ""
