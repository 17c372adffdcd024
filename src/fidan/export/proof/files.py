"""The files of an exported folder, before any program reads them: there, whole, as listed, and what was trained.

What it leaves out: what other programs make of them (`compare`).
"""

from pathlib import Path

import torch

from fidan.artifact import read_json
from fidan.errors import FidanError
from fidan.export.hugging_face import config_to_hugging_face, read_folder_weights
from fidan.export.proof.rows import Row, exact, failed, within
from fidan.export.sums import SUMS, changes, read_sums
from fidan.model.build import Model
from fidan.tokenizer.hugging_face import TOKENIZER_CONFIG, TOKENIZER_JSON
from fidan.tokenizer.tokenizer import MODEL, Tokenizer
from fidan.weights import read_weights, weights_of

CONFIG, WEIGHTS = "config.json", "model.safetensors"


def check_files(folder: Path) -> list[Row]:
    """That every file is there that a reader needs, and can be read; and the sums, where they are listed."""
    readers = {
        CONFIG: read_json,
        WEIGHTS: read_weights,
        MODEL: Tokenizer.load,
        TOKENIZER_JSON: read_json,
        TOKENIZER_CONFIG: read_json,
    }
    faults = []
    for name, read in readers.items():
        if not (folder / name).is_file():
            faults.append(f"{name} is missing: export the model again")
            continue
        try:
            read(folder / name)
        except FidanError as error:
            faults.append(str(error))
    rows = [within("files", folder.name, len(readers), "files", len(faults), 0, "; ".join(faults))]
    return [*rows, check_sums(folder)] if (folder / SUMS).is_file() else rows


def check_sums(folder: Path) -> Row:
    """The folder held against its `SHA256SUMS`."""
    try:
        faults = changes(folder)
    except FidanError as error:
        return failed(SUMS, folder.name, error)
    return within(SUMS, folder.name, len(read_sums(folder)), "files", len(faults), 0, "; ".join(faults))


def check_config(folder: Path, model: Model, tokenizer: Tokenizer) -> Row:
    """Every setting of `config.json` that follows from the model, in the old and in the new spelling."""
    try:
        found = read_json(folder / CONFIG)
    except (FidanError, OSError) as error:
        return failed("settings", CONFIG, error)
    dtype = str(found.get("dtype"))
    wanted = config_to_hugging_face(model.config, model.vocabulary, tokenizer, dtype)
    names = list(wanted)
    values = [found.get(name) for name in names]
    return exact("settings", CONFIG, "settings", list(wanted.values()), values, names)


def check_weights(folder: Path, model: Model) -> Row:
    """The weights as they are in the file, bit for bit those of the model (which was rounded to the file's type)."""
    try:
        found = read_folder_weights(folder / WEIGHTS, model.config)
    except FidanError as error:
        return failed("weights", WEIGHTS, error)
    wanted = weights_of(model)
    names = sorted(wanted.keys() | found.keys())
    other = [
        name
        for name in names
        if name not in wanted
        or name not in found
        or not torch.equal(wanted[name], found[name].to(wanted[name].dtype))
    ]
    note = f"{other[0]} is {'missing' if other[0] not in found else 'another'}" if other else ""
    return within("weights", WEIGHTS, len(names), "tensors", len(other), 0, note)
