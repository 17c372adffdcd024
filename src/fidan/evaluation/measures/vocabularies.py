"""What the tokenizers make of one text, beside each other and beside others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fidan.artifact import hash_json
from fidan.evaluation.measure import Json, Table
from fidan.evaluation.subject import Subject
from fidan.evaluation.texts import TextSet
from fidan.progress import Reporter
from fidan.tokenizer.foreign import open_tokenizer
from fidan.tokenizer.morphology import GoldSet
from fidan.tokenizer.report import measure


@dataclass(frozen=True)
class Vocabularies:
    """Of one set of texts.

    Attributes:
        text: held-out documents.
        gold: words with their morphs.
        others: tokenizers without a model.
    """

    text: TextSet
    gold: tuple[GoldSet, ...]
    others: tuple[Path, ...] = ()

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
        others = [
            {"name": str(path), **measure(open_tokenizer(path), self._texts, self.gold)} for path in self.others
        ]
        return [{"name": subject.name, **values} for subject, values in zip(subjects, figures, strict=True)] + others

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """None."""
        return iter(())

    @property
    def _texts(self) -> list[str]:
        return [document.text for document in self.text.documents]
