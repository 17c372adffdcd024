"""Commands that take a recipe: `fidan run`, one command a stage, `doctor`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fidan.cli.app import app
from fidan.cli.options import (
    RECIPE_HELP,
    AcceptOption,
    MinutesOption,
    OutOption,
    RecipeArgument,
    SetOption,
    interruptible,
    prepare,
    run_stage,
    run_training,
)
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter
from fidan.recipe import load_recipe


@app.command()
def run(
    recipe: RecipeArgument,
    out: OutOption = None,
    set_: SetOption = None,
    max_minutes: MinutesOption = None,
    accept_changes: AcceptOption = False,
) -> None:
    """Every stage in order; what is done and still matches is skipped."""
    prepared = prepare(recipe, out, set_, max_minutes, accept_changes)
    from fidan.running import run_all
    from fidan.summary import write_summary

    with interruptible():
        manifests = run_all(prepared)
    write_summary(prepared.out, manifests, Console(highlight=False))


@app.command()
def corpus(
    recipe: Annotated[Path | None, typer.Argument(help=RECIPE_HELP)] = None,
    out: OutOption = None,
    set_: SetOption = None,
    download: Annotated[
        str | None, typer.Option(help="Instead: fetch a raw corpus by name, e.g. cc100-tr; goes on where it ended.")
    ] = None,
    to: Annotated[Path, typer.Option(help="With --download: the folder it is put in.")] = Path("data"),
) -> None:
    """Raw text to clean documents, split into train and held out; or fetch raw text."""
    if download is not None:
        if recipe is not None or out is not None or set_:
            raise FidanError("--download fetches and does nothing else: leave out the recipe, --out and --set.")
        _download(download, to)
    elif recipe is None:
        raise FidanError("name a recipe, e.g. turkish-134m, or what to fetch, e.g. --download cc100-tr.")
    elif to != Path("data"):
        raise FidanError("--to: only with --download.")
    else:
        run_stage("corpus", recipe, out, set_)


def _download(name: str, folder: Path) -> None:
    from fidan.corpus.sources.download import download

    with interruptible():
        path = download(name, folder, ConsoleReporter())
    Console(highlight=False).print(f"{path} is ready", markup=False, soft_wrap=True)


@app.command()
def tokenizer(recipe: RecipeArgument, out: OutOption = None, set_: SetOption = None) -> None:
    """Clean documents to a SentencePiece vocabulary."""
    run_stage("tokenizer", recipe, out, set_)


@app.command()
def pack(recipe: RecipeArgument, out: OutOption = None, set_: SetOption = None) -> None:
    """Clean documents to memory-mapped token files."""
    run_stage("pack", recipe, out, set_)


def _hang_training(stage: str, told: str) -> None:
    """Hang the command of a stage that trains on the application; all of them take the same."""

    def command(
        recipe: RecipeArgument,
        out: OutOption = None,
        set_: SetOption = None,
        max_minutes: MinutesOption = None,
        accept_changes: AcceptOption = False,
    ) -> None:
        run_training(stage, recipe, out, set_, max_minutes, accept_changes)

    app.command(stage, help=told)(command)


_hang_training(
    "train",
    "Token files to a trained model; goes on from the last checkpoint. Several processes: start it with torchrun.",
)
_hang_training(
    "finetune", "Pairs of questions and answers to a model that answers; goes on as `train` does, with torchrun too."
)
_hang_training("sft", "Conversations to a model that chats; goes on as `train` does, with torchrun too.")
_hang_training(
    "dpo", "Pairs of answers, one of them preferred, to a chat model that prefers it; goes on as `train` does."
)


@app.command()
def doctor(
    recipe: Annotated[Path | None, typer.Argument(help=f"To cost on this machine. {RECIPE_HELP}")] = None,
    set_: SetOption = None,
) -> None:
    """What this machine can do, and what a recipe will cost on it."""
    if recipe is None and set_:
        raise FidanError("--set: only with a recipe.")
    loaded = load_recipe(recipe, set_ or ()) if recipe else None
    from fidan.doctor import cost_table, estimate, machine_table

    console = Console(highlight=False)
    _print_table(console, "This machine", machine_table(Path.cwd()))
    if loaded:
        _print_table(console, f"{recipe}: {loaded.description}", cost_table(estimate(loaded, ConsoleReporter().say)))


def _print_table(console: Console, title: str, rows: list[tuple[str, str]]) -> None:
    table = Table(title=title, title_justify="left", show_header=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)
