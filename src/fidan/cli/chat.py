"""`fidan chat`: a conversation in the terminal with a model that was taught to answer."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from fidan.cli import writing
from fidan.cli.app import app
from fidan.progress import ConsoleReporter


@app.command()
def chat(
    model: Annotated[Path, typer.Option(help="A run's folder, an exported one, or a GGUF file.")],
    system: Annotated[str, typer.Option(help="How the assistant shall be; /sistem changes it.")] = "",
    max_new_tokens: Annotated[
        int | None, typer.Option(help="Tokens of an answer at most. Default: as many as the context has room for.")
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
    seed: Annotated[
        int | None, typer.Option(help="The same seed and questions give the same answers.", min=0, max=(1 << 63) - 1)
    ] = None,
    device: writing.Device = "auto",
    weights: writing.WeightsOption = "auto",
) -> None:
    """Chat with a model; /yardım lists the commands. From a pipe, each line is a question."""
    settings = writing.chosen(locals())
    from functools import partial

    from fidan.generation.chat import Reply
    from fidan.serving.terminal.loop import run
    from fidan.serving.terminal.session import Session
    from fidan.trained import require_chat

    writer = writing.open_model(model, device, weights, ConsoleReporter())
    require_chat(writer)
    # As on the API: an answer ends by itself, and beams, which stream nothing, only where they are asked for.
    own = replace(writer.sampling, max_new_tokens=writer.engine.context, beams=1, length_penalty=1.0)
    config = writing.sampling(own, settings)
    chosen = writing.any_seed() if seed is None else seed
    session = Session(partial(Reply, writer.engine, writer.tokenizer), config, chosen, system)
    raise typer.Exit(run(session, model.resolve().name))
