"""Commands that take a trained model: a run's folder, an exported one, a GGUF file."""

import secrets
import sys
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from fidan.cli.app import app
from fidan.cli.options import OutOption, SetOption, run_stage
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter
from fidan.recipe import GenerateConfig


@app.command()
def generate(
    text: Annotated[
        str, typer.Argument(help="With --model: the beginning of the text, or a question. Without: a recipe.")
    ],
    model: Annotated[Path | None, typer.Option(help="A run's folder, an exported one, or a GGUF file.")] = None,
    out: OutOption = None,
    set_: SetOption = None,
    max_new_tokens: Annotated[
        int | None,
        typer.Option(help="With --model, as all that follow: tokens to write at most. Default: the model's own."),
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="0 is greedy.")] = None,
    top_k: Annotated[int | None, typer.Option(help="Only the k likeliest; 0 is off.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Only the likeliest that reach p; 1 is off.")] = None,
    min_p: Annotated[float | None, typer.Option(help="Only p times as likely as the likeliest; 0 is off.")] = None,
    typical_p: Annotated[float | None, typer.Option(help="Only the most typical that reach p; 1 is off.")] = None,
    repetition_penalty: Annotated[float | None, typer.Option(help="Of what prompt and text hold; 1 is off.")] = None,
    frequency_penalty: Annotated[float | None, typer.Option(help="For each time it was written; 0 is off.")] = None,
    presence_penalty: Annotated[float | None, typer.Option(help="If it was written at all; 0 is off.")] = None,
    no_repeat_ngram: Annotated[int | None, typer.Option(help="No n tokens twice in a row; 0 is off.")] = None,
    beams: Annotated[int | None, typer.Option(help="Beam search, which draws nothing; 1 is off.")] = None,
    length_penalty: Annotated[float | None, typer.Option(help="Of beams: log-probability / length^this.")] = None,
    stop: Annotated[list[str] | None, typer.Option(help="End before this text. Repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed writes the same text; else it is told.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps; auto takes the best.")] = "auto",
    weights: Annotated[
        str, typer.Option(help="float32, bfloat16, or int8 (CPU: the fastest); auto: bfloat16 on a GPU that has it.")
    ] = "auto",
) -> None:
    """Continue a text with a trained model, let an encoder-decoder answer it, or write the samples of a recipe."""
    given = locals()
    names = {field.name for field in fields(GenerateConfig)}
    settings = {name: value for name, value in given.items() if name in names and value is not None}
    if model is None:
        unused = {"seed": None, "device": "auto", "weights": "auto"}
        ignored = [*settings, *(name for name, default in unused.items() if given[name] != default)]
        if ignored:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in ignored)
            raise FidanError(f"{options}: only with --model. For a recipe's samples use --set generate.KEY=VALUE.")
        if not text.endswith(".toml"):
            raise FidanError(f"{text!r} is no recipe (a .toml file). To continue a text, name a model with --model.")
        run_stage("generate", Path(text), out, set_)
        return
    if out is not None or set_:
        raise FidanError("--out and --set: only with a recipe, not with --model.")
    _continue(model, text, settings, seed, device, weights)


def _continue(path: Path, prompt: str, settings: dict[str, Any], seed: int | None, device: str, weights: str) -> None:
    from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
    from fidan.generation.generate import stream
    from fidan.settings import build, decisive
    from fidan.trained import Weights, open_writer

    if weights not in get_args(Weights):
        raise FidanError(f"--weights {weights}: must be one of {', '.join(get_args(Weights))}.")
    if settings.get("beams", 1) > 1:
        settings.setdefault("temperature", 0.0)
    reporter = ConsoleReporter()
    writer = open_writer(path, device, weights, reporter.say)  # type: ignore[arg-type]
    config = build(GenerateConfig, {**decisive(writer.sampling), **settings}, "options")
    if seed is None and config.temperature > 0:
        seed = secrets.randbelow(1 << 32)
        reporter.say(f"--seed {seed} writes this again")
    pieces = stream(writer.engine, writer.tokenizer, prompt, config, seed)
    first = next(pieces, "")  # what is wrong shows before anything is written
    if not isinstance(writer.engine, EncoderDecoderEngine):  # which answers a text instead of going on with it
        sys.stdout.write(prompt)
    for piece in chain([first], pieces):
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")
