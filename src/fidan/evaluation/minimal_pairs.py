"""Minimal pairs: does the model find the better of two sentences that differ in one thing the likelier one?

As TurBLiMP (Başar et al. 2025) and BLiMP (Warstadt et al. 2020, arXiv 1912.00582) count: of each sentence after `<s>`
the log-probabilities of its tokens are summed, without `</s>`, and the pair is right where the good one's sum is
strictly greater. Equal sums are ties; they are wrong, and counted apart, for a few pairs of TurBLiMP are the same
sentence twice. Every phenomenon counts the same.

The sum is not divided by the length. Many phenomena make one sentence longer (in TurBLiMP the good one is the longer
in all of binding, the shorter in all of passives), and a mean over characters favours the longer: there it puts
models that are right in 99% of the passives near 0, and turns the order of models round. What length alone can do
stands beside the result: the share of pairs whose good sentence has fewer characters, equal ones counting half.

What it leaves out: reading tables (`fidan.evaluation.pair_files`).
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.evaluation.measure import comparisons
from fidan.evaluation.metrics.statistics import (
    Comparison,
    Estimate,
    compare_macros,
    macro,
    proportion,
)
from fidan.evaluation.pair_files import Pair
from fidan.evaluation.scoring import Request, score
from fidan.model.decoder import Decoder
from fidan.progress import Reporter
from fidan.tokenizer.tokenizer import Tokenizer


class Phenomenon(NamedTuple):
    """The pairs of one phenomenon.

    Attributes:
        name: of the phenomenon.
        pairs: how many.
        accuracy: the share that is right.
        ties: pairs with equal sums.
        length: the share that the length alone gets right.
    """

    name: str
    pairs: int
    accuracy: Estimate
    ties: int
    length: float


@dataclass(frozen=True)
class PairResults:
    """What a model makes of pairs.

    Attributes:
        pairs: that were scored.
        good: (N,) log-probabilities of the good sentences, in nats.
        bad: (N,) of the bad ones.
    """

    pairs: tuple[Pair, ...]
    good: NDArray[np.float64]
    bad: NDArray[np.float64]

    @property
    def correct(self) -> NDArray[np.bool_]:
        """(N,) whether the good sentence is the likelier one."""
        return np.greater(self.good, self.bad)

    @property
    def ties(self) -> NDArray[np.bool_]:
        """(N,) whether both are equally likely."""
        return np.equal(self.good, self.bad)

    @property
    def phenomena(self) -> list[Phenomenon]:
        """Each phenomenon, in the order in which the pairs name them."""
        correct, ties, shorter = self.correct, self.ties, prefer_shorter(self.pairs)
        return [
            Phenomenon(name, len(rows), proportion(correct[rows]), int(ties[rows].sum()), float(shorter[rows].mean()))
            for name, rows in _groups(self.pairs).items()
        ]

    @property
    def accuracy(self) -> Estimate:
        """The mean over phenomena."""
        return macro([self.correct[rows] for rows in _groups(self.pairs).values()])

    @property
    def length(self) -> float:
        """What the length alone gets right: the mean over phenomena."""
        return float(np.mean([phenomenon.length for phenomenon in self.phenomena]))


def score_pairs(
    model: Decoder,
    tokenizer: Tokenizer,
    pairs: Sequence[Pair],
    *,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
) -> PairResults:
    """The log-probabilities of both sentences of every pair; a sentence that occurs again is scored once.

    Raises:
        FidanError: there is no pair, or a sentence has more tokens than the context.
    """
    if not pairs:
        raise FidanError("No minimal pairs to score. Give at least one.")
    sentences = [sentence for pair in pairs for sentence in (pair.good, pair.bad)]
    # Once: the same sentence in two batches of different shapes may differ in the last bit, and a tie would be none.
    numbers: dict[str, int] = {}
    for sentence in sentences:
        numbers.setdefault(sentence, len(numbers))
    encoded = tokenizer.encode_batch(list(numbers))
    limit = model.config.context
    for place, sentence in enumerate(sentences):
        if (tokens := len(encoded[numbers[sentence]])) > limit:
            pair = pairs[place // 2]
            raise FidanError(
                f"{pair.where or f'pair {place // 2}'}: a sentence of {tokens:,} tokens, and the model's context is "
                f"{limit:,}. Take the pair out."
            )
    requests = [Request([tokenizer.bos_id, *ids.tolist()], 1) for ids in encoded]
    scored = score(model, requests, autocast=autocast, reporter=reporter, what="minimal pairs")
    sums = np.array([one.log_probabilities.sum() for one in scored])
    each = sums[[numbers[sentence] for sentence in sentences]]
    good, bad = each.reshape(-1, 2).T.copy()
    return PairResults(tuple(pairs), good, bad)


def prefer_shorter(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """(N,) 1 where the good sentence has fewer characters, 0 where it has more, 1/2 where both have as many."""
    more = [len(pair.bad) - len(pair.good) for pair in pairs]
    return np.array([(characters > 0) + (characters == 0) / 2 for characters in more])


def compare_pairs(a: PairResults, b: PairResults) -> Comparison:
    """B's accuracy minus A's, on the same pairs, which are resampled within each phenomenon.

    Raises:
        FidanError: the pairs are not the same.
    """
    if a.pairs != b.pairs:
        raise FidanError(
            f"{len(a.pairs)} pairs of A and {len(b.pairs)} of B are not the same. Score both on the same."
        )
    rows = list(_groups(a.pairs).values())
    return compare_macros([a.correct[part] for part in rows], [b.correct[part] for part in rows])


def to_json(name: str, results: Sequence[PairResults]) -> dict[str, Any]:
    """A section of `evaluation.json`: the results of all models on one set of pairs.

    Raises:
        FidanError: as `compare_pairs`.
    """
    if not results:
        raise FidanError(f"{name}: no model's results. Score at least one.")
    return {
        "name": name,
        "pairs": len(results[0].pairs),
        "models": [
            {
                "accuracy": one.accuracy._asdict(),
                "ties": int(one.ties.sum()),
                "phenomena": [
                    {"name": p.name, "pairs": p.pairs, "accuracy": p.accuracy._asdict(), "ties": p.ties}
                    for p in one.phenomena
                ],
            }
            for one in results
        ],
        "length": {"accuracy": results[0].length, "phenomena": {p.name: p.length for p in results[0].phenomena}},
        "comparisons": comparisons(len(results), lambda a, b: compare_pairs(results[a], results[b])),
    }


def _groups(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    """The rows of each phenomenon."""
    groups: dict[str, list[int]] = {}
    for row, pair in enumerate(pairs):
        groups.setdefault(pair.phenomenon, []).append(row)
    return groups
