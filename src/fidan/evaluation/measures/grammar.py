"""Minimal pairs of one set. In fp32 unless asked otherwise: a small difference of sums may decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fidan.artifact import hash_json
from fidan.evaluation.measure import Json, Table, must_be_finite
from fidan.evaluation.minimal_pairs import PairResults, score_pairs, to_json
from fidan.evaluation.pair_files import Pair
from fidan.evaluation.subject import Subject
from fidan.hardware import autocast, dtype_name
from fidan.progress import Reporter


@dataclass(frozen=True)
class Grammar:
    """Of one set of pairs.

    Attributes:
        name: of the set, in the report.
        pairs: at least one.
        dtype: the number format to compute in.
    """

    name: str
    pairs: tuple[Pair, ...]
    dtype: torch.dtype = torch.float32

    section = "pairs"
    version = 2

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        pairs = hash_json([[pair.good, pair.bad] for pair in self.pairs])
        return [pairs, dtype_name(self.dtype), subject.weights, subject.tokenizer.hash]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`; the log-probabilities of the good and of the bad sentences."""
        context = autocast(subject.decoder.lm_head.weight.device, self.dtype)
        result = score_pairs(subject.decoder, subject.tokenizer, self.pairs, autocast=context, reporter=reporter)
        must_be_finite(subject, result.good, result.bad)
        return {"good": result.good, "bad": result.bad}

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`."""
        told = to_json(self.name, [self._result(values) for values in figures])
        return [{**told, "precision": dtype_name(self.dtype)}]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """See `Measure`; a row a pair."""
        results = [self._result(values) for values in figures]
        heads = [f"{subject.name} {which}" for subject in subjects for which in ("good", "bad")]
        columns = [sums for result in results for sums in (result.good, result.bad)]
        rows = (
            [pair.phenomenon, pair.good, pair.bad, *(round(float(column[row]), 4) for column in columns)]
            for row, pair in enumerate(self.pairs)
        )
        yield Table(f"pairs-{self.name}", ["phenomenon", "good", "bad", *heads], rows)

    def _result(self, values: Json) -> PairResults:
        return PairResults(self.pairs, np.array(values["good"]), np.array(values["bad"]))
