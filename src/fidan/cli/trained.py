"""Commands that take a model: a run's folder, an exported one, a file."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fidan.cli.app import app
from fidan.cli.options import OutOption, SetOption, run_stage
from fidan.errors import FidanError
from fidan.recipe import GenerateConfig


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
        run_stage("generate", Path(text), out, set_)
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
