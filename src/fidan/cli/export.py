"""`fidan export`: a model for other programs, from a recipe's run or from a folder that holds one.

With a recipe it is the stage `export`; `--to` and `--quantize` are short for the settings of `[export]`. With a
folder, what is asked for is written to `--out` and the folder is left as it was; a run's last weights are written in
float32 (another dtype or the average is for a recipe to say).
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from fidan.cli.app import app
from fidan.cli.options import SetOption, interruptible, prepare, run_prepared
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter
from fidan.recipe import ExportConfig, gguf_kind, load_recipe
from fidan.settings import build

USUAL_KIND = "Q8_0"  # what `--to gguf` makes unless told otherwise: half of F16, and hardly another model


class Target(StrEnum):
    """What can be made."""

    hugging_face = "hugging_face"
    gguf = "gguf"
    ollama = "ollama"


@app.command()
def export(
    source: Annotated[Path, typer.Argument(help="A recipe; or a folder: a run's, or an exported one.")],
    out: Annotated[
        Path | None,
        typer.Option(help="With a recipe: the run's folder. With a folder: where to write; its name is the model's."),
    ] = None,
    set_: SetOption = None,
    to: Annotated[
        list[Target] | None,
        typer.Option(help="What to make. Repeatable. Default: what the recipe or --quantize says."),
    ] = None,
    quantize: Annotated[
        list[str] | None,
        typer.Option(help="A GGUF file of this kind: F32, F16, BF16, Q8_0, Q6_K, Q5_K_M, Q4_K_M, Q4_0. Repeatable."),
    ] = None,
    create: Annotated[
        str | None, typer.Option(help="Let the Ollama of this machine make a model of this name.")
    ] = None,
    push: Annotated[
        str | None, typer.Option(help="Upload the Hugging Face folder to this repository: OWNER/NAME.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="With --push: a new repository is private.")] = False,
) -> None:
    """The trained model for Transformers, llama.cpp and Ollama, verified."""
    targets, kinds = set(to or ()), tuple(quantize or ())
    if kinds and targets == {Target.hugging_face}:
        raise FidanError("--quantize: makes GGUF files. Add --to gguf, or leave --to out.")
    if create and targets == {Target.hugging_face}:
        raise FidanError("--create: is for Ollama. Add --to ollama, or leave --to out.")
    if create and len(kinds) > 1:
        raise FidanError(f"--create {create}: makes one model, so name one --quantize, not {len(kinds)}.")
    if private and not push:
        raise FidanError("--private: only with --push.")
    if push and (kinds or targets) and not targets & {Target.hugging_face, Target.ollama}:
        raise FidanError("--push: uploads the Hugging Face folder. Add --to hugging_face, or leave --quantize out.")
    with interruptible():
        if push and source.is_dir() and not (out or targets or set_ or create):
            _push(source if (source / "config.json").is_file() else source / "export" / "hugging_face", push, private)
            return
        if source.is_dir():
            if set_:
                raise FidanError("--set: only with a recipe, not with a folder.")
            made = _of_folder(source, out, targets, kinds)
        else:
            made = _of_recipe(source, out, set_ or [], targets, kinds)
        if create:
            from fidan.export import ollama

            ollama.create(create, made)
        if push:
            _push(made.parent, push, private)


def _push(folder: Path, repository: str, private: bool) -> None:
    from fidan.export.push import push_folder

    address = push_folder(folder, repository, private=private, reporter=ConsoleReporter())
    Console(highlight=False).print(f"export: {address}", markup=False, soft_wrap=True)


def _of_recipe(
    path: Path, out: Path | None, assignments: Sequence[str], targets: set[Target], kinds: Sequence[str]
) -> Path:
    """Run the stage; returns the Modelfile for Ollama, of the one GGUF that was named or of the folder."""
    from fidan.export.formats import GGUF, HUGGING_FACE, gguf_modelfile, gguf_name
    from fidan.export.ollama import MODELFILE

    if kinds and any(assignment.partition("=")[0].strip() == "export.gguf" for assignment in assignments):
        raise FidanError("--quantize and --set export.gguf say the same: leave one out.")
    wanted = list(kinds)
    if Target.gguf in targets and not wanted:
        wanted = list(load_recipe(path, assignments).export.gguf) or [USUAL_KIND]
    if wanted or targets == {Target.hugging_face}:
        assignments = [*assignments, f"export.gguf={json.dumps(wanted)}"]
    prepared = prepare(path, out, list(assignments))
    run_prepared("export", prepared)
    folder = prepared.folder("export")
    if kinds:
        return gguf_modelfile(folder / GGUF / gguf_name(prepared.recipe.name, gguf_kind(kinds[0])))
    return Path(folder / HUGGING_FACE / MODELFILE)


def _of_folder(source: Path, out: Path | None, targets: set[Target], kinds: Sequence[str]) -> Path:
    """Write to `out`; returns the Modelfile for Ollama, as `_of_recipe` does."""
    from fidan.export import formats
    from fidan.export.card.facts import CardFacts
    from fidan.export.formats import GGUF, HUGGING_FACE, gguf_modelfile
    from fidan.export.licence import licence_told
    from fidan.export.ollama import MODELFILE
    from fidan.export.sums import write_sums
    from fidan.hardware import pick_device
    from fidan.trained import open_trained

    if out is None:
        raise FidanError(f"{source}: a folder is left as it is. Name another for what is made, with --out.")
    if out.resolve().is_relative_to(source.resolve()):
        raise FidanError(f"--out {out}: lies in {source}, which is left as it is. Name a folder outside.")
    config = build(ExportConfig, {"gguf": list(kinds) or [USUAL_KIND] * (Target.gguf in targets)}, "--quantize")
    name, say = out.resolve().name, ConsoleReporter().say
    folder, is_run = out / HUGGING_FACE, not (source / "config.json").is_file()
    whole = is_run or bool(targets & {Target.hugging_face, Target.ollama}) or not config.gguf
    if is_run:
        opened = open_trained(source, pick_device("cpu"))
        facts = CardFacts(name, opened.model.config, opened.model.vocabulary, config)
        made = formats.write_formats(opened.model, opened.tokenizer, opened.sampling, facts, out, say)["gguf"]
    else:
        licence = licence_told(source)
        if whole:
            _copy(source.iterdir(), folder)
            formats.add_modelfile(folder, licence)
            write_sums(folder)
        made = formats.write_gguf_files(source, config.gguf, out / GGUF, name, say, licence)
    written = [str(folder)] * whole + [str(out / GGUF / file["file"]) for file in made]
    Console(highlight=False).print(f"export: {', '.join(written)}", markup=False, soft_wrap=True)
    return folder / MODELFILE if whole and not kinds else gguf_modelfile(out / GGUF / made[0]["file"])


def _copy(files: Iterable[Path], folder: Path) -> None:
    """Copy an exported model's files, each whole or not at all, but for GGUF files: Ollama wants none there."""
    from fidan.artifact import atomic_path

    for path in files:
        if path.is_file() and path.suffix != ".gguf":
            with atomic_path(folder / path.name) as temporary:
                shutil.copyfile(path, temporary)
