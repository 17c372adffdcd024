"""Tasks of lm-evaluation-harness, in fp32 as it computes itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from fidan.artifact import all_files, hash_file
from fidan.evaluation.harness import Figure, harness_section, run_harness
from fidan.evaluation.measure import Json, Table
from fidan.evaluation.subject import Subject
from fidan.hardware import autocast
from fidan.progress import Reporter


@dataclass(frozen=True)
class HarnessTasks:
    """Tasks by their names; the other attributes are arguments of `run_harness`."""

    names: tuple[str, ...]
    folders: tuple[Path, ...] = ()
    data: Mapping[str, Path] = field(default_factory=dict)
    limit: int | None = None

    section = "harness"
    version = 2

    def key(self, subject: Subject) -> Json:
        """See `Measure`; what the harness downloads is known by its name and the harness's version alone."""
        files = {
            f"{folder}/{name}": hash_file(path) for folder in self.folders for name, path in all_files(folder).items()
        }
        data = {task: hash_file(path) for task, path in self.data.items()}
        return [self.names, files, data, self.limit, _harness(), subject.weights, subject.tokenizer.hash]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`."""
        results = run_harness(
            subject.decoder,
            subject.tokenizer,
            self.names,
            folders=self.folders,
            data=self.data,
            limit=self.limit,
            autocast=autocast(subject.decoder.lm_head.weight.device, torch.float32),
            reporter=reporter,
        )
        return {task: {name: list(figure) for name, figure in found.items()} for task, found in results.items()}

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`."""
        results = [
            {task: {name: Figure(*figure) for name, figure in found.items()} for task, found in values.items()}
            for values in figures
        ]
        return [{**entry, "limit": self.limit} for entry in harness_section(results)]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """None."""
        return iter(())


def _harness() -> str | None:
    try:
        return version("lm_eval")
    except PackageNotFoundError:
        return None  # then it cannot run
