"""The command line: `fidan run RECIPE`, one command a stage, `generate --model`, `doctor`.

It parses, calls one function of the package, and turns an error of a user's or of the system's into a message and
exit code 1. A training that was stopped has saved and exits with 0; anything else that was interrupted, with 130.
"""

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from fidan import __version__
from fidan.errors import FidanError, Stopped
from fidan.progress import ConsoleReporter
from fidan.recipe import GenerateConfig, Recipe, load_recipe

app = typer.Typer(
    help="Grow a small Turkish language model from seed.", no_args_is_help=True, pretty_exceptions_enable=False
)

RecipeArgument = Annotated[Path, typer.Argument(help="A TOML file, e.g. recipes/demo.toml.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="The run's folder. Default: runs/NAME-OF-RECIPE.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="section.key=value: change a setting of the recipe. Repeatable.")
]
MinutesOption = Annotated[
    float | None, typer.Option(help="Save and stop the training so many minutes after the start; exit code 0.", min=0)
]
AcceptOption = Annotated[
    bool, typer.Option("--accept-changes", help="Go on with a training although settings of [train] have changed.")
]


@app.command()
def run(
    recipe: RecipeArgument,
    out: OutOption = None,
    set_: SetOption = None,
    max_minutes: MinutesOption = None,
    accept_changes: AcceptOption = False,
) -> None:
    """Every stage in order; what is done and still matches is skipped."""
    from fidan.running import run_all
    from fidan.summary import write_summary

    prepared = _prepare(recipe, out, set_, max_minutes, accept_changes)
    with _interruptible():
        manifests = run_all(prepared)
    write_summary(prepared.out, manifests, Console(highlight=False))


@app.command()
def corpus(
    recipe: Annotated[Path | None, typer.Argument(help="A TOML file, e.g. recipes/demo.toml.")] = None,
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
        raise FidanError("name a recipe, e.g. recipes/turkish-134m.toml, or what to fetch, e.g. --download cc100-tr.")
    elif to != Path("data"):
        raise FidanError("--to: only with --download.")
    else:
        _one_stage("corpus", recipe, out, set_)


def _download(name: str, folder: Path) -> None:
    from fidan.corpus.sources.download import download

    with _interruptible():
        path = download(name, folder, ConsoleReporter())
    Console(highlight=False).print(f"{path} is ready", markup=False, soft_wrap=True)


@app.command()
def tokenizer(recipe: RecipeArgument, out: OutOption = None, set_: SetOption = None) -> None:
    """Clean documents to a SentencePiece vocabulary."""
    _one_stage("tokenizer", recipe, out, set_)


@app.command()
def pack(recipe: RecipeArgument, out: OutOption = None, set_: SetOption = None) -> None:
    """Clean documents to memory-mapped token files."""
    _one_stage("pack", recipe, out, set_)


@app.command()
def train(
    recipe: RecipeArgument,
    out: OutOption = None,
    set_: SetOption = None,
    max_minutes: MinutesOption = None,
    accept_changes: AcceptOption = False,
) -> None:
    """Token files to a trained model; goes on from the last checkpoint. Several processes: start it with torchrun."""
    from fidan.training.distributed import open_world

    with open_world() as world:
        _run_one("train", _prepare(recipe, out, set_, max_minutes, accept_changes, world))


@app.command()
def evaluate(recipe: RecipeArgument, out: OutOption = None, set_: SetOption = None) -> None:
    """Bits per byte of the trained model on held-out text."""
    _one_stage("evaluate", recipe, out, set_)


@app.command()
def export(recipe: RecipeArgument, out: OutOption = None, set_: SetOption = None) -> None:
    """The trained model as a Hugging Face folder, verified."""
    _one_stage("export", recipe, out, set_)


@app.command()
def generate(
    text: Annotated[str, typer.Argument(help="With --model: the beginning of the text. Without: a recipe.")],
    model: Annotated[Path | None, typer.Option(help="A run's folder or an exported one.")] = None,
    out: OutOption = None,
    set_: SetOption = None,
    max_new_tokens: Annotated[
        int | None,
        typer.Option(help="With --model: tokens to write at most. Default, here and below: the model's own."),
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="With --model: 0 is greedy.")] = None,
    top_k: Annotated[int | None, typer.Option(help="With --model: only the k likeliest; 0 is off.")] = None,
    top_p: Annotated[float | None, typer.Option(help="With --model: only the likeliest that reach p.")] = None,
    repetition_penalty: Annotated[float | None, typer.Option(help="With --model: 1 is off.")] = None,
    seed: Annotated[int | None, typer.Option(help="With --model: the same seed writes the same text.")] = None,
    device: Annotated[str, typer.Option(help="With --model: cpu, cuda, mps; auto takes the best.")] = "auto",
) -> None:
    """Continue a text with a trained model, or write the samples of a recipe."""
    chosen = {
        "max_new_tokens": max_new_tokens,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "repetition_penalty": repetition_penalty,
    }
    settings = {name: value for name, value in chosen.items() if value is not None}
    if model is None:
        ignored = [*settings, *(["seed"] if seed is not None else []), *(["device"] if device != "auto" else [])]
        if ignored:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in ignored)
            raise FidanError(f"{names}: only with --model. For a recipe's samples use --set generate.KEY=VALUE.")
        _one_stage("generate", Path(text), out, set_)
        return
    if out is not None or set_:
        raise FidanError("--out and --set: only with a recipe, not with --model.")
    _continue(model, text, settings, seed, device)


def _continue(folder: Path, prompt: str, settings: dict[str, Any], seed: int | None, device: str) -> None:
    from fidan.generation.generate import stream
    from fidan.hardware import pick_device
    from fidan.settings import build, decisive
    from fidan.trained import open_trained

    opened = open_trained(folder, pick_device(device))
    config = build(GenerateConfig, {**decisive(opened.sampling), **settings}, "options")
    sys.stdout.write(prompt)
    for piece in stream(opened.model, opened.tokenizer, prompt, config, seed):
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")


@app.command()
def doctor(
    recipe: Annotated[Path | None, typer.Argument(help="A recipe to cost on this machine.")] = None,
    set_: SetOption = None,
) -> None:
    """What this machine can do, and what a recipe will cost on it."""
    from fidan.doctor import cost_table, estimate, machine_table

    console = Console(highlight=False)
    if recipe is None and set_:
        raise FidanError("--set: only with a recipe.")
    loaded = load_recipe(recipe, set_ or ()) if recipe else None
    _print_table(console, "This machine", machine_table(Path.cwd()))
    if loaded:
        _print_table(console, f"{recipe}: {loaded.description}", cost_table(estimate(loaded, ConsoleReporter().say)))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fidan {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Grow a small Turkish language model from seed."""


def _one_stage(name: str, recipe: Path, out: Path | None, assignments: list[str] | None) -> None:
    _run_one(name, _prepare(recipe, out, assignments))


def _run_one(name: str, prepared: Any) -> None:
    from fidan.artifact import MANIFEST
    from fidan.running import run_one
    from fidan.summary import describe

    with _interruptible(speak=prepared.world.main):
        manifest = run_one(name, prepared)
    if manifest is None:
        return  # the main process tells the user
    line = f"{name}: {describe(manifest)} (all counts: {prepared.folder(name) / MANIFEST})"
    Console(highlight=False).print(line, markup=False, soft_wrap=True)


def _prepare(
    path: Path,
    out: Path | None,
    assignments: list[str] | None,
    max_minutes: float | None = None,
    accept_changes: bool = False,
    world: Any = None,
) -> Any:
    from fidan.stages import Run
    from fidan.training.distributed import World

    if world is None and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise FidanError("one process does this. Start only `fidan train` with torchrun.")
    ends = None if max_minutes is None else time.monotonic() + 60 * max_minutes
    recipe: Recipe = load_recipe(path, assignments or ())
    folder = out or Path("runs") / recipe.name
    return Run(recipe, folder, ConsoleReporter(), world or World(), ends, accept_changes)


@contextmanager
def _interruptible(speak: bool = True) -> Iterator[None]:
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


def _print_table(console: Console, title: str, rows: list[tuple[str, str]]) -> None:
    table = Table(title=title, title_justify="left", show_header=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def main() -> None:
    """The `fidan` command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a letter must not end a text
    try:
        app()
    except (FidanError, OSError) as error:
        Console(stderr=True, highlight=False).print(f"error: {error}", markup=False, soft_wrap=True, style="red")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
