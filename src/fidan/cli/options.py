"""What commands share: arguments, how a recipe is opened, what is said when work is stopped."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fidan.errors import FidanError, Stopped
from fidan.progress import ConsoleReporter
from fidan.recipe import Recipe, load_recipe

RECIPE_HELP = "A TOML file, or the name of one that `fidan recipes` lists, e.g. demo."
RecipeArgument = Annotated[Path, typer.Argument(help=RECIPE_HELP)]
OutOption = Annotated[Path | None, typer.Option("--out", help="The run's folder. Default: runs/NAME-OF-RECIPE.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value: change a setting of the recipe. Repeatable.")
]
MinutesOption = Annotated[
    float | None, typer.Option(help="Save and stop the training so many minutes after the start; exit code 0.", min=0)
]
AcceptOption = Annotated[
    bool,
    typer.Option("--accept-changes", help="Go on with a training although settings of its section have changed."),
]


def run_stage(name: str, recipe: Path, out: Path | None, assignments: list[str] | None) -> None:
    """Run one stage of a recipe, and say what it made."""
    run_prepared(name, prepare(recipe, out, assignments))


def run_prepared(name: str, prepared: Any) -> None:
    """The same with what `prepare` gave."""
    from fidan.artifact import MANIFEST
    from fidan.running import run_one
    from fidan.summary import describe

    with interruptible(speak=prepared.world.main):
        manifest = run_one(name, prepared)
    if manifest is None:
        return  # the main process tells the user
    line = f"{name}: {describe(manifest)} (all counts: {prepared.folder(name) / MANIFEST})"
    Console(highlight=False).print(line, markup=False, soft_wrap=True)


def run_training(
    name: str,
    recipe: Path,
    out: Path | None,
    assignments: list[str] | None,
    max_minutes: float | None,
    accept_changes: bool,
) -> None:
    """Run a stage that trains; every process that torchrun starts calls it."""
    from fidan.training.distributed import open_world

    with open_world() as world:
        run_prepared(name, prepare(recipe, out, assignments, max_minutes, accept_changes, world))


def prepare(
    path: Path,
    out: Path | None,
    assignments: list[str] | None,
    max_minutes: float | None = None,
    accept_changes: bool = False,
    world: Any = None,
) -> Any:
    """The `Run` that options ask for; the imports inside keep `--help` fast, and the telling of a mistake."""
    if world is None and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise FidanError("one process does this. Start only `fidan train` with torchrun, or another training.")
    ends = None if max_minutes is None else time.monotonic() + 60 * max_minutes
    recipe: Recipe = load_recipe(path, assignments or ())
    from fidan.stages import Run
    from fidan.training.distributed import World

    folder = out or Path("runs") / recipe.name
    return Run(recipe, folder, ConsoleReporter(), world or World(), ends, accept_changes)


@contextmanager
def interruptible(speak: bool = True) -> Iterator[None]:
    """Ends stopped work with a word on how to go on, and exit code 0 where all of it was saved, else 130."""
    try:
        yield
    except Stopped as stopped:
        if speak:
            message = f"stopped: {stopped}. The same command goes on from there"
            Console(stderr=True, highlight=False).print(message, markup=False, soft_wrap=True)
        raise SystemExit(0) from None
    except KeyboardInterrupt as interrupt:
        message = "interrupted: what was finished is kept, and the same command goes on from there"
        message = f"{message}. {interrupt}" if str(interrupt) else message  # what goes on without this process
        Console(stderr=True, highlight=False).print(message, soft_wrap=True)
        raise SystemExit(130) from None
