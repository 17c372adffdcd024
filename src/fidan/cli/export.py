"""`fidan export`: a model for other programs, from a recipe's run or from a folder that holds one.

With a recipe it is the stage `export`; `--to` and `--quantize` are short for the settings of `[export]`. With a
folder, what is asked for is written to `--out` and the folder is left as it was; a run's last weights are written in
float32 (another dtype or the average is for a recipe to say).
"""

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fidan.cli.app import app
from fidan.cli.options import SetOption, interruptible, prepare, run_prepared
from fidan.errors import FidanError
from fidan.model.config import ModelConfig
from fidan.progress import ConsoleReporter
from fidan.recipe import NO_LLAMA_CPP, ExportConfig, gguf_kind, load_recipe
from fidan.recipe.shipped import did_you_mean, names_recipe
from fidan.settings import build

USUAL_KIND = "Q8_0"  # what `--to gguf` makes unless told otherwise: half of F16, and hardly another model


class Target(StrEnum):
    """What can be made."""

    hugging_face = "hugging_face"
    gguf = "gguf"
    ollama = "ollama"
    ctranslate2 = "ctranslate2"


@app.command()
def export(
    source: Annotated[Path, typer.Argument(help="A recipe; or a folder: a run's, or an exported one.")],
    out: Annotated[
        Path | None,
        typer.Option(help="With a recipe: the run's folder. With a folder: a new one; GGUF files are called by it."),
    ] = None,
    set_: SetOption = None,
    to: Annotated[
        list[Target] | None,
        typer.Option(help="What to make. Repeatable. Default: what the recipe or --quantize says."),
    ] = None,
    quantize: Annotated[
        list[str] | None,
        typer.Option(
            help="A GGUF file of this kind, instead of the recipe's: F32, F16, BF16, Q8_0, Q6_K, Q5_K_M, Q4_K_M, "
            "Q4_0. Repeatable."
        ),
    ] = None,
    create: Annotated[
        str | None, typer.Option(help="Let the Ollama of this machine make a model of this name.")
    ] = None,
    push: Annotated[
        str | None, typer.Option(help="Upload the Hugging Face folder to this repository: OWNER/NAME.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="With --push: a new repository is private.")] = False,
) -> None:
    """The trained model for Transformers, llama.cpp and Ollama, or CTranslate2, verified."""
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
    if source.is_dir():
        if set_:
            raise FidanError("--set: only with a recipe, not with a folder.")
        if push and not (out or targets or create):
            _push(source if (source / "config.json").is_file() else source / "export" / "hugging_face", push, private)
            return
        made, modelfile = _of_folder(source, out, targets, kinds, bool(create))
    elif names_recipe(source):
        with interruptible():
            made, modelfile = _of_recipe(source, out, set_ or [], targets, kinds, bool(create))
    else:
        raise FidanError(f"{source}: neither a recipe nor a folder with a model.{did_you_mean(source)}")
    if create:
        from fidan.export import ollama

        ollama.create(create, modelfile)
    if push:
        _push(made / "hugging_face", push, private)


def _push(folder: Path, repository: str, private: bool) -> None:
    from fidan.export.push import push_folder

    address = push_folder(folder, repository, private=private, reporter=ConsoleReporter())
    Console(highlight=False).print(f"export: {address}", markup=False, soft_wrap=True)


def _of_recipe(
    path: Path,
    out: Path | None,
    assignments: Sequence[str],
    targets: set[Target],
    kinds: Sequence[str],
    create: bool,
) -> tuple[Path, Path]:
    """Run the stage; returns its folder, and the Modelfile of the one GGUF that was named or of the folder."""
    from fidan.export.formats import GGUF, HUGGING_FACE, gguf_modelfile, gguf_name
    from fidan.export.ollama import MODELFILE

    if kinds and any(assignment.partition("=")[0].strip() == "export.gguf" for assignment in assignments):
        raise FidanError("--quantize and --set export.gguf say the same: leave one out.")
    recipe = load_recipe(path, assignments)
    _check_targets(recipe.model, targets, kinds, create)
    wanted = list(kinds)
    if Target.gguf in targets and not wanted:
        wanted = list(recipe.export.gguf) or [USUAL_KIND]
    if wanted or targets == {Target.hugging_face}:
        assignments = [*assignments, f"export.gguf={json.dumps(wanted)}"]
    if Target.ctranslate2 in targets or targets == {Target.hugging_face}:
        assignments = [*assignments, f"export.ctranslate2={json.dumps(Target.ctranslate2 in targets)}"]
    prepared = prepare(path, out, list(assignments))
    run_prepared("export", prepared)
    folder = prepared.folder("export")
    if kinds:
        return folder, gguf_modelfile(folder / GGUF / gguf_name(prepared.recipe.name, gguf_kind(kinds[0])))
    return folder, folder / HUGGING_FACE / MODELFILE


def _check_targets(model: ModelConfig, targets: set[Target], kinds: Sequence[str], create: bool) -> None:
    """Refuse what cannot be made of a model, before anything is."""
    if model.encoder_layers and (kinds or create or targets & {Target.gguf, Target.ollama}):
        asked = "--quantize" if kinds else "--create" if create else f"--to {min(targets & {'gguf', 'ollama'})}"
        raise FidanError(f"{asked}: {NO_LLAMA_CPP} Make --to hugging_face or --to ctranslate2.")
    if not model.encoder_layers and Target.ctranslate2 in targets:
        raise FidanError("--to ctranslate2: is for an encoder-decoder, and this is a decoder. Make --to gguf.")


def _of_folder(
    source: Path, out: Path | None, targets: set[Target], kinds: Sequence[str], create: bool
) -> tuple[Path, Path]:
    """Write to `out`, all of it or nothing; returns what `_of_recipe` does."""
    from fidan.export.ctranslate2 import FOLDER
    from fidan.export.formats import GGUF, HUGGING_FACE, gguf_modelfile
    from fidan.export.ollama import MODELFILE
    from fidan.trained import locate

    if out is None:
        raise FidanError(f"{source}: a folder is left as it is. Name another for what is made, with --out.")
    if out.resolve().is_relative_to(source.resolve()):
        raise FidanError(f"--out {out}: lies in {source}, which is left as it is. Name a folder outside.")
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise FidanError(f"--out {out}: there is something already. Name a new folder, or remove that one.")
    _check_targets(locate(source).config, targets, kinds, create)
    asked = {
        "gguf": list(kinds) or [USUAL_KIND] * (Target.gguf in targets),
        "ctranslate2": Target.ctranslate2 in targets,
    }
    config = build(ExportConfig, asked, "--quantize")
    is_run = not (source / "config.json").is_file()
    part = bool(config.gguf) or config.ctranslate2
    whole = is_run or bool(targets & {Target.hugging_face, Target.ollama}) or not part
    name = out.resolve().name
    place = out.resolve().with_name(f".{name}.{os.getpid()}.tmp")
    try:
        made = (_of_run if is_run else _of_exported)(source, place, name, config, whole)
        if out.is_dir():
            out.rmdir()  # empty
        place.rename(out)
    except KeyboardInterrupt:
        ConsoleReporter().say(f"interrupted: nothing was written to {out}")
        raise SystemExit(130) from None
    finally:
        shutil.rmtree(place, ignore_errors=True)
    folder = out / HUGGING_FACE
    written = [str(folder)] * whole + [str(out / GGUF / file["file"]) for file in made]
    written += [str(out / FOLDER)] * config.ctranslate2
    Console(highlight=False).print(f"export: {', '.join(written)}", markup=False, soft_wrap=True)
    return out, folder / MODELFILE if whole and not kinds else gguf_modelfile(out / GGUF / made[0]["file"])


def _of_run(source: Path, place: Path, name: str, config: ExportConfig, _: bool) -> list[dict[str, Any]]:
    """A run's model in every format; what its card tells, and the licence, are those of its own export."""
    from fidan.export.card.facts import CardFacts
    from fidan.export.card.writing import RECIPE
    from fidan.export.formats import HUGGING_FACE, write_formats
    from fidan.hardware import pick_device
    from fidan.provenance import gather_facts
    from fidan.trained import locate

    located, say = locate(source), ConsoleReporter().say
    vocabulary, told = located.vocabulary, source / "export" / HUGGING_FACE / RECIPE
    if told.is_file():
        recipe = load_recipe(told)
        facts = gather_facts(source, recipe, vocabulary)
        export = replace(recipe.export, gguf=config.gguf, dtype=config.dtype, ctranslate2=config.ctranslate2)
        facts = replace(facts, name=name, export=export, chat=located.chats)
    else:
        say(f"{told}: not there, so the card tells nothing of the training. `fidan export RECIPE` makes it.")
        facts = CardFacts(name, located.config, vocabulary, config, located.chats)
    model = located.build(pick_device("cpu"))
    counts = write_formats(model, located.tokenizer, located.sampling, facts, place, say, located.chat_system)
    made: list[dict[str, Any]] = counts["gguf"]
    return made


def _of_exported(source: Path, place: Path, name: str, config: ExportConfig, whole: bool) -> list[dict[str, Any]]:
    """An exported model, copied as it is where `whole`, and its GGUF files, or what CTranslate2 reads."""
    from fidan.artifact import read_json
    from fidan.export.formats import GGUF, HUGGING_FACE, add_ctranslate2, add_modelfile, write_gguf_files
    from fidan.export.hugging_face import config_from_hugging_face
    from fidan.export.licence import licence_told
    from fidan.export.sums import SUMS, check_sums, write_sums

    if (source / SUMS).is_file():
        check_sums(source)
    licence = licence_told(source)
    if whole:
        _copy(source.iterdir(), place / HUGGING_FACE)
        if not config_from_hugging_face(read_json(source / "config.json"))[0].encoder_layers:
            add_modelfile(place / HUGGING_FACE, licence)
        write_sums(place / HUGGING_FACE)
    if config.ctranslate2:
        add_ctranslate2(source, place, ConsoleReporter().say)
    return write_gguf_files(source, config.gguf, place / GGUF, name, ConsoleReporter().say, licence)


def _copy(files: Iterable[Path], folder: Path) -> None:
    """Copy an exported model's files, each whole or not at all, but for GGUF files: Ollama wants none there."""
    from fidan.artifact import atomic_path

    for path in files:
        if path.is_file() and path.suffix != ".gguf":
            with atomic_path(folder / path.name) as temporary:
                shutil.copyfile(path, temporary)
