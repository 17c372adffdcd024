"""A trained model on disk, opened: weights, shape and tokenizer, from a run's folder or an exported one.

A run's folder (`runs/demo`) has `train/model.safetensors`, `train/model.json` and `tokenizer/`. A Hugging Face
folder made by `fidan export` has `config.json`, `model.safetensors` and `tokenizer.model`. Whatever else a folder
may be is refused by name.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from fidan.artifact import MANIFEST, read_json, read_manifest
from fidan.errors import ArtifactMismatch
from fidan.export.hugging_face import config_from_hugging_face, sampling_from_hugging_face
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import GenerateConfig
from fidan.settings import build
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


def open_trained(folder: Path, device: torch.device, dtype: torch.dtype = torch.float32) -> Trained:
    """The model in a run's folder or an exported one.

    Args:
        folder: where it is.
        device: where the weights go.
        dtype: their type in memory.

    Raises:
        ArtifactMismatch: not such a folder, or its parts do not belong together.
    """
    if (folder / "train").is_dir():
        return open_run(folder, device, dtype)
    if (folder / "config.json").is_file():
        config, vocabulary = config_from_hugging_face(read_json(folder / "config.json"))
        tokenizer = Tokenizer.load(folder)
        if tokenizer.vocab_size > vocabulary:
            raise ArtifactMismatch(
                f"{folder}: its tokenizer has {tokenizer.vocab_size:,} pieces, its model only {vocabulary:,}."
            )
        model = _load(config, vocabulary, folder / "model.safetensors", device, dtype)
        return Trained(model, tokenizer, sampling_from_hugging_face(folder))
    raise ArtifactMismatch(
        f"{folder}: holds no trained model. Name a run's folder (with train/{SHAPE}) or an exported one "
        "(with config.json)."
    )


def open_run(
    folder: Path, device: torch.device, dtype: torch.dtype = torch.float32, weights: str = "last"
) -> Trained:
    """The model in a run's folder; it samples as the run's own samples were made.

    Args:
        folder: of the run.
        device: where the weights go.
        dtype: their type in memory.
        weights: `last`, or `ema` for the average of them that the training kept.

    Raises:
        ArtifactMismatch: training has not finished, it used another tokenizer, or it kept no average.
    """
    train, tokenizer_folder = folder / "train", folder / "tokenizer"
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
        raise ArtifactMismatch(f"{file}: not there. Train with train.ema=0.999 to keep an average of the weights.")
    model = _load(config, shape["vocabulary"], file, device, dtype)
    sampling = GenerateConfig()
    if (folder / "generate" / MANIFEST).is_file():
        settings = read_manifest(folder / "generate").plan.settings["generate"]
        sampling = build(GenerateConfig, settings, f"{folder / 'generate' / MANIFEST} [generate]")
    return Trained(model, tokenizer, sampling)


def _load(config: ModelConfig, vocabulary: int, weights: Path, device: torch.device, dtype: torch.dtype) -> Decoder:
    model = Decoder(config, vocabulary).to(device, dtype)
    load_weights(model, read_weights(weights), str(weights))
    return model.eval()
