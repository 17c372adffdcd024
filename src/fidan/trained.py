"""A trained model on disk, opened: weights, shape and tokenizer, from a run's folder, an exported one or a GGUF.

A run's folder (`runs/demo`) has `train/model.safetensors`, `train/model.json` and `tokenizer/`. A Hugging Face
folder made by `fidan export` has `config.json`, `model.safetensors` and `tokenizer.model`. Whatever else a folder
may be is refused by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from fidan.artifact import MANIFEST, read_json, read_manifest
from fidan.errors import ArtifactMismatch, FidanError
from fidan.export.hugging_face import (
    chat_system_of,
    chat_template_of,
    config_from_hugging_face,
    read_folder_weights,
    sampling_from_hugging_face,
)
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.engine import Engine, TorchEngine
from fidan.hardware import has_fast_bf16, pick_device
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.recipe import GenerateConfig
from fidan.settings import build
from fidan.tokenizer.chat import JINJA
from fidan.tokenizer.hugging_face import CHAT_SYSTEM
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.ema import EMA_WEIGHTS
from fidan.training.trainer import SHAPE, WEIGHTS
from fidan.weights import load_weights, read_weights


@dataclass(frozen=True)
class Trained:
    """A model with its tokenizer, and how to sample from it unless the user says otherwise."""

    model: Decoder
    tokenizer: Tokenizer
    sampling: GenerateConfig


# The stages that make weights; the last one that has finished is the run's model.
TRAININGS = ("train", "finetune", "sft", "dpo")
NOT_TAUGHT = "the model continues text, and was not taught to chat. Teach it with `fidan sft`."
OTHER_TEMPLATE = "the model has another chat template than `fidan` writes, which only its own programs can fill."
Weights = Literal["auto", "float32", "bfloat16", "int8"]
LOOPS_FROM = 20_000_000  # parameters: below, compiling the loops takes longer than a few texts


@dataclass(frozen=True)
class Writer:
    """A model ready to write.

    Attributes:
        engine: what computes.
        tokenizer: its own.
        sampling: how to sample from it unless the user says otherwise.
        chats: whether it was taught to chat, with the template of `fidan.tokenizer.chat`.
        no_chat: why it does not, where it does not, and what to do.
    """

    engine: Engine
    tokenizer: Tokenizer
    sampling: GenerateConfig
    chats: bool = False
    no_chat: str = NOT_TAUGHT


def require_chat(model: "Writer | Located") -> None:
    """Refuse a model where a chat is asked for.

    Raises:
        FidanError: it does not chat; the message says why and what to do.
    """
    if not model.chats:
        raise FidanError(f"no chat: {model.no_chat}")


def open_writer(
    path: Path,
    device: str = "auto",
    weights: Weights = "auto",
    say: Callable[[str], None] = lambda text: None,
    compiled: bool = False,
) -> Writer:
    """The model in a run's folder, an exported one or a GGUF file, with the fastest way to decode it here.

    Args:
        path: where it is.
        device: as `pick_device` takes it; for a GGUF, auto or cpu.
        weights: their type in memory. auto: on a GPU bf16 where it has that in hardware, on a CPU fp32; int8 is for
            the CPU. A GGUF file has the type it has.
        say: told when something takes a while.
        compiled: whether a small Llama on the CPU gets the compiled loops, too, as one that writes all day should.

    Raises:
        FidanError: no such model, or settings that it cannot have.
    """
    if path.suffix == ".gguf":
        if weights != "auto" or device not in ("auto", "cpu"):
            raise FidanError(f"{path}: a GGUF file has weights of its own kind, and runs on the CPU here.")
        from fidan.generation.gguf_engine import GgufEngine

        gguf = GgufEngine(path, torch.get_num_threads())
        return Writer(gguf, gguf.tokenizer, gguf.sampling, *_chat_of(gguf.chat_template))
    place = pick_device(device)
    if weights == "int8" and place.type != "cpu":
        raise FidanError(f"weights = 'int8': only on the CPU, and the device is {place.type}. Set the device to cpu.")
    located = locate(path)
    model = located.build(place, _dtype(weights, place))
    unlike = located.config.llama_shaped()
    if weights == "int8" and unlike:
        raise FidanError(f"weights = 'int8': the loops for them are for a Llama, and {path} has {', '.join(unlike)}.")
    if isinstance(model, EncoderDecoder):
        engine: Engine = EncoderDecoderEngine(model, located.tokenizer.bos_id)
        return Writer(engine, located.tokenizer, located.sampling, located.chats, located.no_chat)
    engine = TorchEngine(model)
    worth = compiled or weights == "int8" or model.parameter_count() >= LOOPS_FROM
    if not unlike and place.type == "cpu" and worth:
        from fidan.generation.fast_step import FastStep  # imports Numba
        from fidan.generation.int8 import quantise

        quick = quantise(model) if weights == "int8" else model
        engine = TorchEngine(quick, FastStep(quick, say))
    if place.type == "cuda":
        from fidan.generation.graph_step import GraphStep

        engine = TorchEngine(model, GraphStep(model, say))
    return Writer(engine, located.tokenizer, located.sampling, located.chats, located.no_chat)


def _chat_of(template: object) -> tuple[bool, str]:
    """Whether a model with this template chats, and why not."""
    if template == JINJA:
        return True, ""
    return False, OTHER_TEMPLATE if template else NOT_TAUGHT


def _dtype(weights: Weights, device: torch.device) -> torch.dtype:
    if weights == "float32" or not has_fast_bf16(device):
        return torch.bfloat16 if weights == "bfloat16" else torch.float32
    # With int8, of what is left: the embedding, and the products of a prompt.
    return torch.float32 if weights == "auto" and device.type == "cpu" else torch.bfloat16


@dataclass(frozen=True)
class Located:
    """A trained model on disk whose weights are not read yet.

    Attributes:
        config: its shape.
        vocabulary: V, of its head.
        weights: the file that holds them.
        tokenizer: its own.
        sampling: how to sample from it unless the user says otherwise.
        exported: whether the weights are as `fidan.export` writes them, which for an encoder-decoder is another way.
        chats: whether it was taught to chat, with the template of `fidan.tokenizer.chat`.
        no_chat: why it does not, where it does not, and what to do.
        chat_system: the system message that its training put before conversations that had none; empty: it put none.
    """

    config: ModelConfig
    vocabulary: int
    weights: Path
    tokenizer: Tokenizer
    sampling: GenerateConfig
    exported: bool = False
    chats: bool = False
    no_chat: str = NOT_TAUGHT
    chat_system: str = ""

    def build(self, device: torch.device, dtype: torch.dtype = torch.float32) -> Decoder | EncoderDecoder:
        """The model, in evaluation mode."""
        model = build_model(self.config, self.vocabulary).to(device, dtype)
        read = read_folder_weights(self.weights, self.config) if self.exported else read_weights(self.weights)
        load_weights(model, read, str(self.weights))
        return model.eval()

    def load(self, device: torch.device, dtype: torch.dtype = torch.float32) -> Decoder:
        """The same, where a decoder alone is wanted.

        Raises:
            ArtifactMismatch: it is an encoder-decoder.
        """
        if self.config.encoder_layers:
            raise ArtifactMismatch(
                f"{self.weights}: an encoder-decoder (encoder_layers = {self.config.encoder_layers}), and a decoder "
                "alone is needed here."
            )
        model = self.build(device, dtype)
        assert isinstance(model, Decoder)
        return model


def open_trained(
    folder: Path, device: torch.device, dtype: torch.dtype = torch.float32, weights: str = "last"
) -> Trained:
    """The model in a run's folder or an exported one; the arguments are those of `locate` and `Located.load`."""
    located = locate(folder, weights)
    return Trained(located.load(device, dtype), located.tokenizer, located.sampling)


def locate(folder: Path, weights: str = "last", stage: str | None = None) -> Located:
    """Where the parts of a trained model are.

    Args:
        folder: of a run, or an exported one.
        weights: of a run: `last`, or `ema` for the average of them that the training kept.
        stage: of a run: the training whose weights are wanted; None: the last one that has finished.

    Raises:
        ArtifactMismatch: not such a folder, its parts do not belong together, or there is no such average.
    """
    if any((folder / stage).is_dir() for stage in TRAININGS):
        return _in_run(folder, weights, stage)
    if (folder / "hugging_face" / "config.json").is_file():  # what `fidan export --out` made
        folder = folder / "hugging_face"
    if (folder / "config.json").is_file():
        if weights != "last":
            raise ArtifactMismatch(f"{folder}: an exported model has one set of weights; {weights!r} is of a run.")
        config, vocabulary = config_from_hugging_face(read_json(folder / "config.json"))
        tokenizer = Tokenizer.load(folder)
        if tokenizer.vocab_size > vocabulary:
            raise ArtifactMismatch(
                f"{folder}: its tokenizer has {tokenizer.vocab_size:,} pieces, its model only {vocabulary:,}."
            )
        weights_file, sampling = folder / "model.safetensors", sampling_from_hugging_face(folder)
        chat = _chat_of(chat_template_of(folder))
        return Located(config, vocabulary, weights_file, tokenizer, sampling, True, *chat, chat_system_of(folder))
    found = "holds no trained model" if folder.exists() else "no such folder"
    raise ArtifactMismatch(
        f"{folder}: {found}. Name a run's folder (with train/{SHAPE}), an exported one (with config.json), "
        "or to write with, a .gguf file."
    )


def _in_run(folder: Path, weights: str, wanted: str | None) -> Located:
    trainings = TRAININGS if wanted is None else (wanted,)
    finished = [folder / stage for stage in trainings if (folder / stage / SHAPE).is_file()]
    train, tokenizer_folder = (finished or [folder / trainings[0]])[-1], folder / "tokenizer"
    if not (train / SHAPE).is_file():
        raise ArtifactMismatch(f"{train}: training has not finished. The command that began it goes on with it.")
    shape = read_json(train / SHAPE)
    tokenizer = Tokenizer.load(tokenizer_folder)
    if tokenizer.hash != shape["tokenizer"]:
        raise ArtifactMismatch(
            f"{train}: trained with tokenizer {shape['tokenizer']}, but {tokenizer_folder} holds {tokenizer.hash}."
        )
    config = build(ModelConfig, shape["model"], f"{train / SHAPE} [model]")
    file = train / {"last": WEIGHTS, "ema": EMA_WEIGHTS}[weights]
    if not file.is_file():
        raise ArtifactMismatch(
            f"{file}: not there. Train with {train.name}.ema=0.999 to keep an average of the weights."
        )
    sampling = GenerateConfig()
    if (folder / "generate" / MANIFEST).is_file():
        settings = read_manifest(folder / "generate").plan.settings["generate"]
        sampling = build(GenerateConfig, settings, f"{folder / 'generate' / MANIFEST} [generate]")
    chats = bool(shape.get("chat"))
    chat = (chats, "" if chats else NOT_TAUGHT, str(shape.get(CHAT_SYSTEM, "")))
    return Located(config, shape["vocabulary"], file, tokenizer, sampling, False, *chat)
