"""Options of commands that write with a trained model, and how they become settings and an opened model."""

import secrets
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from fidan.errors import FidanError
from fidan.recipe import GenerateConfig

if TYPE_CHECKING:
    from fidan.progress import Reporter
    from fidan.trained import Writer

Temperature = Annotated[float | None, typer.Option(help="0 is greedy.")]
TopK = Annotated[int | None, typer.Option(help="Only the k likeliest; 0 is off.")]
TopP = Annotated[float | None, typer.Option(help="Only the likeliest that reach p; 1 is off.")]
MinP = Annotated[float | None, typer.Option(help="Only p times as likely as the likeliest; 0 is off.")]
TypicalP = Annotated[float | None, typer.Option(help="Only the most typical that reach p; 1 is off.")]
RepetitionPenalty = Annotated[float | None, typer.Option(help="Of what prompt and text hold; 1 is off.")]
FrequencyPenalty = Annotated[float | None, typer.Option(help="For each time it was written; 0 is off.")]
PresencePenalty = Annotated[float | None, typer.Option(help="If it was written at all; 0 is off.")]
NoRepeatNgram = Annotated[int | None, typer.Option(help="No n tokens twice in a row; 0 is off.")]
Beams = Annotated[int | None, typer.Option(help="Beam search, which draws nothing; 1 is off.")]
LengthPenalty = Annotated[float | None, typer.Option(help="Of beams: log-probability / length^this.")]
Stop = Annotated[list[str] | None, typer.Option(help="End before this text. Repeatable.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, mps; auto takes the best.")]
WeightsOption = Annotated[
    str, typer.Option(help="float32, bfloat16, or int8 (CPU: the fastest); auto: bfloat16 on a GPU that has it.")
]


def chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of a command's arguments, those that set something of `GenerateConfig`."""
    names = {field.name for field in fields(GenerateConfig)}
    return {name: value for name, value in given.items() if name in names and value is not None}


def open_model(path: Path, device: str, weights: str, reporter: "Reporter") -> "Writer":
    """The model to write with.

    Raises:
        FidanError: no such model, or no such kind of weights.
    """
    from fidan.trained import Weights, open_writer

    if weights not in get_args(Weights):
        raise FidanError(f"--weights {weights}: must be one of {', '.join(get_args(Weights))}.")
    return open_writer(path, device, weights, reporter.say)  # type: ignore[arg-type]


def sampling(own: GenerateConfig, settings: Mapping[str, Any]) -> GenerateConfig:
    """A model's own way to sample, changed by options.

    Raises:
        RecipeError: options that cannot be.
    """
    from fidan.settings import build, decisive

    if settings.get("beams", 1) > 1:
        settings = {"temperature": 0.0, **settings}
    return build(GenerateConfig, {**decisive(own), **settings}, "options")


def any_seed() -> int:
    """A seed by chance."""
    return secrets.randbelow(1 << 32)
