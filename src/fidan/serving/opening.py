"""From what is on disk to a `Service`: everything that can be wrong with it shows here, before anything listens."""

import threading
from collections.abc import Callable
from pathlib import Path

from fidan.errors import FidanError
from fidan.generation.generate import prompt_ids
from fidan.law.assistant import Assistant
from fidan.law.index import LawIndex
from fidan.recipe import GenerateConfig
from fidan.serving.batcher import Batcher, Piece, Request
from fidan.serving.service import Limits, Service
from fidan.trained import TRAININGS, Weights, Writer, open_writer


def open_service(
    model: Path,
    law: Path | None = None,
    *,
    device: str = "auto",
    weights: Weights = "auto",
    name: str = "",
    limits: Limits | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Service:
    """Open a model, and an index of laws, to be asked.

    Args:
        model: a run's folder, an exported one, or a GGUF file.
        law: the folder of an index.
        device: as of `open_writer`.
        weights: as of `open_writer`.
        name: the id that clients know the model by; empty: that of its folder or file.
        limits: of requests.
        say: told when something takes a while.

    Raises:
        FidanError: there is no such model or index, or the model cannot be had so.
    """
    limits = limits or Limits()
    assistant = None if law is None else Assistant(LawIndex.open(law))
    writer = open_writer(model, device, weights, say, compiled=True)
    batcher = Batcher(writer.engine, writer.tokenizer, limits.slots, limits.queue)
    in_run = any((model / stage).is_dir() for stage in TRAININGS)
    _warm_up(writer, batcher)
    return Service(writer, name or model_name(model), batcher, assistant, model if in_run else None, limits)


def _warm_up(writer: Writer, batcher: Batcher) -> None:
    """Have two tokens written: what is compiled at first use is compiled before the first client waits for it.

    Raises:
        FidanError: the model cannot write.
    """
    ended = threading.Event()
    errors: list[str] = []

    def deliver(piece: Piece) -> None:
        if piece.error:
            errors.append(piece.error)
        if piece.finish or piece.error:
            ended.set()

    config = GenerateConfig(max_new_tokens=2, temperature=0.0)
    batcher.submit(Request(prompt_ids(writer.engine, writer.tokenizer, "."), config, ()), deliver)
    ended.wait()
    if errors:
        raise FidanError(errors[0])


def model_name(model: Path) -> str:
    """The id of a model: its folder's name, or its file's without the ending.

    Raises:
        FidanError: it has no name to go by.
    """
    place = model.resolve()
    if place.name == "hugging_face":  # what `fidan export --out NAME` makes inside NAME
        place = place.parent
    name = place.stem if place.suffix == ".gguf" else place.name
    if not name:
        raise FidanError(f"{model}: a folder without a name. Give the model one with --name.")
    return name
