"""What the tokenizers make of one text, beside each other and beside others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fidan.artifact import hash_json
from fidan.evaluation.measure import Json, Table
from fidan.evaluation.subject import Subject
from fidan.evaluation.texts import TextSet
from fidan.progress import Reporter
from fidan.tokenizer.morphology import GoldSet
from fidan.tokenizer.report import measure
from fidan.tokenizer.spans import Measurable


@dataclass(frozen=True)
class Vocabularies:
    """Of one set of texts.

    Attributes:
        text: held-out documents.
        gold: words with their morphs.
        others: tokenizers without a model, by their names.
    """

    text: TextSet
    gold: tuple[GoldSet, ...]
    others: Mapping[str, Measurable] = field(default_factory=dict)

    section = "tokenizers"
    version = 1

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        gold = hash_json(
            [[name, [[word, [sorted(cuts) for cuts in found]] for word, found in words]] for name, words in self.gold]
        )
        return [self.text.hash, gold, subject.tokenizer.hash]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`."""
        reporter.say(f"{subject.name}: its tokenizer on {self.text.name}")
        return measure(subject.tokenizer, self._texts, self.gold)

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`; those without a model stand last."""
        named = [(subject.name, values) for subject, values in zip(subjects, figures, strict=True)]
        named += [(name, measure(other, self._texts, self.gold)) for name, other in self.others.items()]
        return [{"name": name, "text": self.text.name, **values} for name, values in named]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """None."""
        return iter(())

    @property
    def _texts(self) -> list[str]:
        return [document.text for document in self.text.documents]
