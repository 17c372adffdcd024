"""What of every evaluation set stands in the text a model was trained on, where that text is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fidan.artifact import hash_json, read_manifest
from fidan.evaluation.contamination import Contamination, EvaluationSet, contamination, contamination_section
from fidan.evaluation.measure import Json, Table
from fidan.evaluation.subject import Subject
from fidan.progress import Reporter


@dataclass(frozen=True)
class Leaks:
    """Of several sets."""

    sets: tuple[EvaluationSet, ...]

    section = "contamination"
    version = 1

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        corpus = read_manifest(subject.corpus).output_hash if subject.corpus else None
        return [hash_json([[one.name, one.texts] for one in self.sets]), corpus]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`; none where the corpus is unknown."""
        if subject.corpus is None:
            reporter.say(f"{subject.name}: its training text is unknown, so nothing can be looked for in it")
            return []
        return [list(found) for found in contamination(self.sets, subject.corpus, reporter=reporter)]

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`."""
        return [
            entry
            for model, values in enumerate(figures)
            for entry in contamination_section([Contamination(*one) for one in values], model)
        ]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """None."""
        return iter(())
