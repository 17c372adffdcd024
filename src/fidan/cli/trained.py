"""Commands that take a trained model: a run's folder, an exported one, a GGUF file."""

import sys
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from fidan.cli import writing
from fidan.cli.app import app
from fidan.cli.options import OutOption, SetOption, run_stage
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter
from fidan.recipe.shipped import did_you_mean, names_recipe


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
    temperature: writing.Temperature = None,
    top_k: writing.TopK = None,
    top_p: writing.TopP = None,
    min_p: writing.MinP = None,
    typical_p: writing.TypicalP = None,
    repetition_penalty: writing.RepetitionPenalty = None,
    frequency_penalty: writing.FrequencyPenalty = None,
    presence_penalty: writing.PresencePenalty = None,
    no_repeat_ngram: writing.NoRepeatNgram = None,
    beams: writing.Beams = None,
    length_penalty: writing.LengthPenalty = None,
    stop: writing.Stop = None,
    seed: Annotated[int | None, typer.Option(help="The same seed writes the same text; else it is told.")] = None,
    device: writing.Device = "auto",
    weights: writing.WeightsOption = "auto",
) -> None:
    """Continue a text with a trained model, let an encoder-decoder answer it, or write the samples of a recipe."""
    given = locals()
    settings = writing.chosen(given)
    if model is None:
        unused = {"seed": None, "device": "auto", "weights": "auto"}
        ignored = [*settings, *(name for name, default in unused.items() if given[name] != default)]
        if ignored:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in ignored)
            raise FidanError(f"{options}: only with --model. For a recipe's samples use --set generate.KEY=VALUE.")
        if not names_recipe(Path(text)):
            hint = did_you_mean(Path(text))
            raise FidanError(f"{text!r} is no recipe.{hint} To continue a text, name a model with --model.")
        run_stage("generate", Path(text), out, set_)
        return
    if out is not None or set_:
        raise FidanError("--out and --set: only with a recipe, not with --model.")
    _continue(model, text, settings, seed, device, weights)


def _continue(path: Path, prompt: str, settings: dict[str, Any], seed: int | None, device: str, weights: str) -> None:
    from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
    from fidan.generation.generate import stream

    reporter = ConsoleReporter()
    writer = writing.open_model(path, device, weights, reporter)
    config = writing.sampling(writer.sampling, settings)
    if seed is None and config.temperature > 0:
        seed = writing.any_seed()
        reporter.say(f"--seed {seed} writes this again")
    pieces = stream(writer.engine, writer.tokenizer, prompt, config, seed)
    first = next(pieces, "")  # what is wrong shows before anything is written
    if not isinstance(writer.engine, EncoderDecoderEngine):  # which answers a text instead of going on with it
        sys.stdout.write(prompt)
    for piece in chain([first], pieces):
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")
