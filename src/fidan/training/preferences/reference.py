"""How likely the answers are by the weights that a training starts from: computed once, and kept beside it.

A training that is gone on with takes them from the file, which names the weights and the preferences by their hashes:
computed again, on another machine or in another number format, they would be others in their last digits, and the
run would drift.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fidan.artifact import hash_json, read_json, write_json
from fidan.errors import ArtifactMismatch
from fidan.model.build import Model, body_of
from fidan.progress import Reporter
from fidan.tokenizer.preferences import EncodedPreferences
from fidan.training.distributed import World
from fidan.training.preferences.loss import answer_log_probabilities

REFERENCE = "reference.json"


@torch.no_grad()
def log_probabilities(
    model: Model, preferences: EncodedPreferences, rows: int, dtype: torch.dtype, padding: int, reporter: Reporter
) -> Tensor:
    """(2 N,) how likely each answer is, nats, on the CPU; the model is left in the mode in which it came.

    Args:
        model: a decoder.
        preferences: N of them.
        rows: that are read together, of like length.
        dtype: of the matrix products.
        padding: the id behind shorter rows.
        reporter: shows progress, in rows.
    """
    training, device, head = model.training, model.lm_head.weight.device, model.lm_head.weight
    found = torch.zeros(len(preferences.rows))
    order = np.argsort(-preferences.lengths, kind="stable")
    model.eval()
    try:
        with reporter.task("answers", total=len(order)) as bar:
            for start in range(0, len(order), rows):
                places = order[start : start + rows]
                inputs, labels = (torch.from_numpy(ids).to(device) for ids in preferences.padded(places, padding))
                likely = answer_log_probabilities(body_of(model), head, inputs, labels, dtype)
                found[torch.from_numpy(places)] = likely.float().cpu()
                bar.advance(len(places))
    finally:
        model.train(training)
    return found


def kept_reference(
    folder: Path,
    weights: str,
    parts: Sequence[EncodedPreferences],
    compute: Callable[[], Sequence[Tensor]],
    world: World,
) -> list[Tensor]:
    """The log-probabilities of sets of preferences, from the file in `folder`, which is made where it is missing.

    Args:
        folder: of the training.
        weights: the hash of those it starts from.
        parts: the sets.
        compute: gives (2 N,) log-probabilities of each; called in the main process.
        world: the processes; every one must call this.

    Raises:
        ArtifactMismatch: the file is of other weights or preferences.
    """
    path = folder / REFERENCE
    key = {"weights": weights, "preferences": hash_json([[row.tolist() for row in part.rows] for part in parts])}
    if world.main and not path.is_file():
        write_json(path, {**key, "log_probabilities": [tensor.tolist() for tensor in compute()]})
    world.from_main(None)  # the others wait until it is there
    held: dict[str, Any] = read_json(path)
    if other := [name for name, value in key.items() if held.get(name) != value]:
        raise ArtifactMismatch(
            f"{path}: is of other {' and '.join(other)} than this training. Name another --out, or remove its folder."
        )
    return [torch.tensor(values, dtype=torch.float32) for values in held["log_probabilities"]]
