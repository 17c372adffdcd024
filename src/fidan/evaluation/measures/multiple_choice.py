"""Multiple choice of one set. In fp32 unless asked otherwise: a small difference of sums may decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fidan.artifact import hash_json
from fidan.evaluation.choice_items import Item
from fidan.evaluation.choices import ChoiceResults, score_choices, to_json
from fidan.evaluation.measure import Json, Table, must_be_finite
from fidan.evaluation.subject import Subject
from fidan.hardware import autocast, dtype_name
from fidan.progress import Reporter


@dataclass(frozen=True)
class MultipleChoice:
    """Of one set of items.

    Attributes:
        name: of the set, in the report.
        items: at least one.
        dtype: the number format to compute in.
    """

    name: str
    items: tuple[Item, ...]
    dtype: torch.dtype = torch.float32

    section = "choices"
    version = 2

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        items = hash_json([[item.context, item.choices] for item in self.items])
        return [items, dtype_name(self.dtype), subject.weights, subject.tokenizer.hash]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`; the log-probabilities of every item's choices."""
        context = autocast(subject.decoder.lm_head.weight.device, self.dtype)
        result = score_choices(subject.decoder, subject.tokenizer, self.items, autocast=context, reporter=reporter)
        must_be_finite(subject, *result.log_probabilities)
        return {"log_probabilities": list(result.log_probabilities), "cut": result.cut}

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`."""
        told = to_json(self.name, [self._result(values) for values in figures])
        return [{**told, "precision": dtype_name(self.dtype)}]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """See `Measure`; a row a choice, with what each model gives it."""
        columns = [np.concatenate(self._result(values).log_probabilities) for values in figures]
        choices = [
            [item.context, choice, int(place == item.answer)]
            for item in self.items
            for place, choice in enumerate(item.choices)
        ]
        rows = (
            [*choice, *(round(float(column[row]), 4) for column in columns)] for row, choice in enumerate(choices)
        )
        yield Table(f"choices-{self.name}", ["context", "choice", "right", *(one.name for one in subjects)], rows)

    def _result(self, values: Json) -> ChoiceResults:
        return ChoiceResults(self.items, tuple(map(np.array, values["log_probabilities"])), values["cut"])
