"""An evaluation, whole: every measure of every model, in one record, with a page to look at.

    evaluation.json                           what was measured, with errors, and the models side by side
    evaluation.html                           the same, to be read
    documents-*.csv pairs-*.csv choices-*.csv questions-*.csv
                                              what the figures are made of, a row a document, a pair, an item
    work/                                     the figures of each model, so that an interrupted evaluation goes on

What it leaves out: which measures there are (`measures`).
"""

import csv
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from fidan import __version__
from fidan.artifact import all_files, atomic_write, hash_file, hash_json, read_json, source_commit, write_json
from fidan.errors import FidanError
from fidan.evaluation.grammar.make import FILE as OWN_FILE
from fidan.evaluation.measure import Kept, Measure, Table
from fidan.evaluation.report import write_page
from fidan.evaluation.subject import Subject
from fidan.progress import Reporter
from fidan.recipe import OWN_PAIRS, EvaluateConfig

RECORD, PAGE, WORK = "evaluation.json", "evaluation.html", "work"
VERSION = 2  # of the record
SECTIONS = (
    "texts",
    "conversations",
    "pairs",
    "choices",
    "questions",
    "tokenizers",
    "harness",
    "samples",
    "contamination",
)


def evaluate(
    subjects: Sequence[Subject], measures: Sequence[Measure], folder: Path, reporter: Reporter
) -> dict[str, Any]:
    """Measure all, and write the record; what was measured before is taken from `folder`.

    Args:
        subjects: the models; one after the other is held in memory.
        measures: in the order of the report.
        folder: is made where needed; tables of an earlier evaluation that are not of this one are removed.
        reporter: shows what happens.

    Raises:
        FidanError: nothing can be written to the folder, or as the measures say.
    """
    _open_folder(folder)
    kept = Kept(folder / WORK)
    figures = []
    for subject in subjects:
        with closing(subject):
            figures.append([kept.of(measure, subject, reporter) for measure in measures])
    record: dict[str, Any] = {
        "version": VERSION,
        "package": __version__,
        "commit": source_commit(),
        "models": [_about(subject) for subject in subjects],
        **{section: [] for section in SECTIONS},
    }
    tables: list[str] = []
    for number, measure in enumerate(measures):
        own = [of_model[number] for of_model in figures]
        record[measure.section] += measure.told(subjects, own)
        tables += [_write_table(folder, table) for table in measure.tables(subjects, own)]
    _remove_tables(folder, tables)
    write_json(folder / RECORD, {**record, "tables": tables})
    write_page(record, folder / PAGE)
    return record


def _open_folder(folder: Path) -> None:
    """Know before the work that there is a place for its results."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FidanError(
            f"{folder}: nothing can be written there ({error.strerror}). Name another place with --out."
        ) from error


def _remove_tables(folder: Path, kept: Sequence[str]) -> None:
    """Those that the record of an earlier evaluation names; a file of anyone else's stays."""
    if (folder / RECORD).is_file():
        for name in read_json(folder / RECORD).get("tables", []):
            if name not in kept:
                (folder / Path(name).name).unlink(missing_ok=True)


def _write_table(folder: Path, table: Table) -> str:
    name = re.sub(r"[^\w.-]+", "-", table.name) + ".csv"
    with atomic_write(folder / name, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.head)
        writer.writerows(table.rows)
    return name


def _about(subject: Subject) -> dict[str, Any]:
    return {
        "name": subject.name,
        "parameters": subject.parameters,
        "vocabulary": subject.tokenizer.vocab_size,
        "context": subject.context,
        "tokenizer": subject.tokenizer.hash,
        "weights": subject.weights,
        "training": subject.training,
    }


def file_hashes(config: EvaluateConfig) -> dict[str, str]:
    """What an evaluation reads beside the run: the hashes of the files that a recipe names.

    Raises:
        FidanError: one is not there.
    """
    named = [("pairs", name) for name in config.pairs] + [("choices", name) for name in config.choices]
    return {f"{key} {name}": _file_hash(key, name) for key, name in named}


def _file_hash(key: str, name: str) -> str:
    path = OWN_FILE if key == "pairs" and name == OWN_PAIRS else Path(name)
    if not path.exists():
        raise FidanError(f"{name}: no such file. evaluate.{key} names it.")
    if path.is_dir():
        return hash_json({part: hash_file(file) for part, file in all_files(path).items()})
    return hash_file(path)


def answer_counts(record: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of the first model's answers in short, for a manifest.

    Args:
        record: with a set of questions at least.
    """
    asked = record["questions"][0]
    own = asked["models"][0]
    names = ("corpus_bleu", "sentence_bleu", "chrf", "rouge_l", "exact")
    return {
        "questions": asked["pairs"],
        **{name: own[name] for name in names},
        **{f"given_{name}": own["given"][name] for name in ("loss", "accuracy", "top_accuracy", "perplexity")},
        "unfinished": own["unfinished"],
        "baselines": {one["name"]: {name: one[name] for name in names} for one in asked["baselines"]},
    }


def _of_conversations(told: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of the first model, and of the last, which was there before all tunings."""
    own, before = told["models"][0], told["models"][-1]
    return {
        "items": told["conversations"],
        **{name: own[name]["value"] for name in ("loss", "accuracy", "bits_per_byte")},
        **{f"{name}_before": before[name]["value"] for name in ("loss", "accuracy", "bits_per_byte")},
    }


def counts_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of the first model in short, for a manifest and a model card.

    Args:
        record: with a text at least.
    """
    text = record["texts"][0]
    own = text["models"][0]
    pairs = [
        {"kind": "pairs", "name": test["name"], "items": test["pairs"], "chance": 0.5,
         "length": test["length"]["accuracy"], **test["models"][0]["accuracy"]}
        for test in record["pairs"]
    ]  # fmt: skip
    choices = [
        {"kind": "choices", "name": test["name"], "items": test["items"], "chance": test["chance"],
         "length": None, **test["models"][0]["raw"]}
        for test in record["choices"]
    ]  # fmt: skip
    return {
        **({"conversations": _of_conversations(record["conversations"][0])} if record["conversations"] else {}),
        "text": text["name"],
        "bits_per_byte": own["bits_per_byte"]["value"],
        "bits_per_byte_error": own["bits_per_byte"]["error"],
        "loss": own["loss"]["value"],
        "perplexity": own["perplexity"],
        "accuracy": own["accuracy"]["value"],
        "documents": text["documents"],
        "tokens": own["tokens"],
        "text_bytes": text["bytes"],
        "context": own["context"],
        "stride": own["stride"],
        "precision": own["precision"],
        "baselines": {one["name"]: one["bits_per_byte"] for one in text["baselines"]},
        "tasks": pairs + choices,
        "contamination": [
            {key: one[key] for key in ("set", "items", "looked_for", "contaminated")}
            for one in record["contamination"]
            if one["model"] == 0
        ],
    }
