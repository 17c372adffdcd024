"""`fidan recipes`: the recipes that come with the package, listed, shown, or copied to be edited."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fidan.artifact import atomic_write
from fidan.cli.app import app
from fidan.errors import FidanError
from fidan.recipe.shipped import SUFFIX, description, shipped_recipe, shipped_recipes


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(help="One of them. Without --out, its text is shown.")] = None,
    out: Annotated[Path | None, typer.Option(help="A new file for a copy of it, to edit.")] = None,
) -> None:
    """The recipes that come along, each a name that `fidan run` takes; or a copy of one, to edit."""
    if name is None:
        if out is not None:
            raise FidanError("--out: only with the name of a recipe, e.g. demo.")
        _list()
        return
    text = shipped_recipe(name.removesuffix(SUFFIX)).read_text(encoding="utf-8")
    if out is None:
        sys.stdout.write(text)
        return
    _check(out)
    with atomic_write(out, "w") as file:
        file.write(text)
    said = f"{out}: a copy of {name}, to be edited. Then: fidan run {out}"
    Console(highlight=False).print(said, markup=False, soft_wrap=True)


def _list() -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, path in shipped_recipes().items():
        table.add_row(name, description(path))
    console = Console(highlight=False)
    console.print(table)


def _check(out: Path) -> None:
    if out.suffix != SUFFIX:
        raise FidanError(f"--out {out}: a recipe's file ends with {SUFFIX}.")
    if out.exists():
        raise FidanError(f"--out {out}: is there already, and is not written over. Name a new file.")
