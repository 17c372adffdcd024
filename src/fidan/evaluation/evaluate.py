"""An evaluation, whole: every measure of every model, in one record, with a page to look at.

    evaluation.json     the record: what was measured, with errors, and the models side by side
    evaluation.html     the same, to be read
    documents/ pairs/   what the figures are made of, a row a document or a pair
    work/               the figures of each model, so that an interrupted evaluation goes on

What it leaves out: which measures there are (`measures`).
"""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from fidan import __version__
from fidan.artifact import source_commit, write_json
from fidan.evaluation.measure import Kept, Measure
from fidan.evaluation.subject import Subject
from fidan.progress import Reporter

RECORD, PAGE, WORK = "evaluation.json", "evaluation.html", "work"
VERSION = 1
SECTIONS = ("texts", "pairs", "choices", "tokenizers", "harness", "samples", "contamination")


def evaluate(
    subjects: Sequence[Subject], measures: Sequence[Measure], folder: Path, reporter: Reporter
) -> dict[str, Any]:
    """Measure all, and write the record; what was measured before is taken from `folder`.

    Args:
        subjects: the models; one after the other is held in memory.
        measures: in the order of the report.
        folder: is made where needed.
        reporter: shows what happens.
    """
    kept = Kept(folder / WORK)
    figures = []
    for subject in subjects:
        with closing(subject):
            figures.append([kept.of(measure, subject, reporter) for measure in measures])
    record: dict[str, Any] = {
        "version": VERSION,
        "package": __version__,
        "commit": source_commit(),
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "models": [_about(subject) for subject in subjects],
        **{section: [] for section in SECTIONS},
    }
    for number, measure in enumerate(measures):
        record[measure.section] += measure.told(subjects, [of_model[number] for of_model in figures])
    write_json(folder / RECORD, record)
    return record


def _about(subject: Subject) -> dict[str, Any]:
    return {
        "name": subject.name,
        "path": str(subject.path),
        "parameters": subject.parameters,
        "vocabulary": subject.tokenizer.vocab_size,
        "context": subject.context,
        "tokenizer": subject.tokenizer.hash,
        "weights": subject.weights,
        "training": subject.training,
    }
