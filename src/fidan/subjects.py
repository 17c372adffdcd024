"""The models of an evaluation, from the folders of runs and from exported ones.

What is not there is None: an exported folder does not say what text it was trained on. What it leaves out: every
measure (`fidan.evaluation`).
"""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fidan.artifact import MANIFEST, hash_file, read_manifest
from fidan.errors import ArtifactMismatch
from fidan.evaluation.names import short_names
from fidan.evaluation.subject import Subject
from fidan.trained import TRAININGS, locate
from fidan.training.log import read_metrics
from fidan.training.packed_tokens import PackedTokens


def subjects_of(folders: Sequence[Path], device: torch.device, weights: str = "last") -> list[Subject]:
    """A subject for each folder, called by its name; where two have the same, by more of their paths.

    Only their shapes and tokenizers are read here.

    Args:
        folders: of runs whose training has finished, or exported.
        device: that evaluates.
        weights: of a run: `last`, or `ema` for their average.

    Raises:
        ArtifactMismatch: one holds no trained model, or is a GGUF file.
        FidanError: two are the same.
    """
    names = short_names(folders)
    return [subject_of(folder, name, device, weights) for folder, name in zip(folders, names, strict=True)]


def subject_of(
    folder: Path, name: str, device: torch.device, weights: str = "last", stage: str | None = None
) -> Subject:
    """The subject in a folder; its weights are read when they are asked for.

    Args:
        folder: of a run whose training has finished, or exported.
        name: in the report.
        device: that evaluates.
        weights: as of `locate`.
        stage: as of `locate`.

    Raises:
        ArtifactMismatch: it holds no trained model, or is a GGUF file.
    """
    if folder.suffix == ".gguf":
        raise ArtifactMismatch(
            f"{folder}: a GGUF file is for writing, and cannot be evaluated. Name the run, or the exported folder, "
            "that it was made from."
        )
    located = locate(folder, weights, stage)
    run = folder if any((folder / stage).is_dir() for stage in TRAININGS) else None
    return Subject(
        name=name,
        path=folder,
        tokenizer=located.tokenizer,
        parameters=located.config.parameters(located.vocabulary),
        context=located.config.context,
        weights=hash_file(located.weights),
        load=partial(located.build, device),
        corpus=run / "corpus" if run and (run / "corpus" / MANIFEST).is_file() else None,
        training_ids=partial(_training_ids, run, located.tokenizer.hash)
        if run and (run / "pack" / MANIFEST).is_file()
        else None,
        training=_training(run) if run and not located.config.encoder_layers else None,
        encoder=located.config.encoder_layers > 0,
    )


def _training_ids(run: Path, tokenizer: str, tokens: int) -> Iterable[NDArray[np.int64]]:
    return (ids for ids, _ in PackedTokens.open(run / "pack", "train", tokenizer).spread(tokens))


def _training(run: Path) -> dict[str, Any]:
    counts = read_manifest(run / "train").counts
    curve = [[r["step"], r["bits_per_byte"]] for r in read_metrics(run / "train") if r["kind"] == "valid"]
    return {
        "tokens": counts["tokens"],
        "epochs": counts["epochs"],
        "curve": curve,
    }
