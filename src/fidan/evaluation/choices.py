"""Multiple choice: is the right choice the one that the model finds likeliest after the context?

As lm-evaluation-harness counts: context, space and choice are encoded as one text, and the ids beyond as many as the
context alone has are the choice's; their log-probabilities are summed. "Raw" takes the greatest sum, its `acc`,
"normalised" the greatest mean over the choice's characters, its `acc_norm`. Among equals the first one is taken, as
`numpy.argmax` does. Without a context a choice stands alone after `<s>`. `fidan.evaluation.choice_items` says how
items become text.

A context that does not fit is cut on its left, as there, but `<s>` stays, and all choices of an item see the same
rest of it, that of the longest choice. What it leaves out: generated answers, and examples before the question.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.evaluation.choice_items import Item
from fidan.evaluation.measure import comparisons
from fidan.evaluation.metrics.statistics import Comparison, Estimate, compare_means, proportion
from fidan.evaluation.scoring import Request, score
from fidan.model.decoder import Decoder
from fidan.progress import Reporter
from fidan.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class ChoiceResults:
    """What a model makes of items.

    Attributes:
        items: that were scored.
        log_probabilities: of each item's choices, in nats.
        cut: items whose context did not fit whole.
    """

    items: tuple[Item, ...]
    log_probabilities: tuple[NDArray[np.float64], ...]
    cut: int

    @property
    def chosen(self) -> NDArray[np.int64]:
        """(N,) the likeliest choice."""
        return np.array([np.argmax(sums) for sums in self.log_probabilities])

    @property
    def chosen_normalised(self) -> NDArray[np.int64]:
        """(N,) the choice that is likeliest for its number of characters."""
        return np.array(
            [
                np.argmax(sums / [len(choice) for choice in item.choices])
                for item, sums in zip(self.items, self.log_probabilities, strict=True)
            ]
        )

    @property
    def correct(self) -> NDArray[np.bool_]:
        """(N,) whether the likeliest choice is the right one."""
        return np.equal(self.chosen, self._answers)

    @property
    def correct_normalised(self) -> NDArray[np.bool_]:
        """(N,) the same for the normalised choice."""
        return np.equal(self.chosen_normalised, self._answers)

    @property
    def raw(self) -> Estimate:
        """The share of items whose likeliest choice is right."""
        return proportion(self.correct)

    @property
    def normalised(self) -> Estimate:
        """The same for the normalised choice."""
        return proportion(self.correct_normalised)

    @property
    def _answers(self) -> NDArray[np.int64]:
        return np.array([item.answer for item in self.items])


def score_choices(
    model: Decoder,
    tokenizer: Tokenizer,
    items: Sequence[Item],
    *,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
) -> ChoiceResults:
    """The log-probability of every choice of every item.

    Raises:
        FidanError: there is no item, one has no choices, or a choice alone is longer than the context.
    """
    if not items:
        raise FidanError("No multiple-choice items to score. Give at least one.")
    requests: list[Request] = []
    cut = 0
    for number, item in enumerate(items):
        asked = _requests(tokenizer, item, item.where or f"item {number}")
        drop = max(len(request.ids) for request in asked) - (model.config.context + 1)
        if drop > 0:
            cut += 1
            asked = [_shortened(request, drop, model.config.context, item, number) for request in asked]
        requests += asked
    scored = score(model, requests, autocast=autocast, reporter=reporter, what="multiple choice")
    sums = np.array([one.log_probabilities.sum() for one in scored])
    ends = np.cumsum([len(item.choices) for item in items])[:-1]
    return ChoiceResults(tuple(items), tuple(np.split(sums, ends)), cut)


def _requests(tokenizer: Tokenizer, item: Item, where: str) -> list[Request]:
    """A request a choice, of whatever length."""
    if not item.choices:
        raise FidanError(f"{where}: no choices. Give two or more.")
    context = item.context.rstrip()  # white space at its end belongs to the choice, as in the harness
    between = item.context[len(context) :] + " " if context else ""
    start = len(tokenizer.encode(context, bos=True)) if context else 1
    asked = []
    for choice in item.choices:
        ids = tokenizer.encode(context + between + choice, bos=True)
        if len(ids) <= start:
            raise FidanError(f"{where}: the choice {choice!r} adds no token to its context. Write it out.")
        asked.append(Request(ids, start))
    return asked


def _shortened(request: Request, drop: int, context: int, item: Item, number: int) -> Request:
    """Without the first `drop` ids after `<s>`, which must be the context's."""
    if drop >= request.start:
        longest = max(item.choices, key=len)
        raise FidanError(
            f"{item.where or f'item {number}'}: the choice {longest!r} alone is longer than the model's context of "
            f"{context:,} tokens. Take the item out."
        )
    return Request([request.ids[0], *request.ids[1 + drop :]], request.start - drop)


def chance(items: Sequence[Item]) -> float:
    """The share that guessing gets right: the mean of 1 / choices."""
    return float(np.mean([1 / len(item.choices) for item in items]))


def compare_choices(a: ChoiceResults, b: ChoiceResults, *, normalised: bool = False) -> Comparison:
    """B's accuracy minus A's, raw or normalised, on the same items.

    Raises:
        FidanError: the items are not the same.
    """
    if a.items != b.items:
        raise FidanError(
            f"{len(a.items)} items of A and {len(b.items)} of B are not the same. Score both on the same."
        )
    if normalised:
        return compare_means(a.correct_normalised, b.correct_normalised)
    return compare_means(a.correct, b.correct)


def to_json(name: str, results: Sequence[ChoiceResults]) -> dict[str, Any]:
    """A section of `evaluation.json`: the results of all models on one set of items; comparisons are of raw accuracy.

    Raises:
        FidanError: there is no result, or as `compare_choices`.
    """
    if not results:
        raise FidanError(f"{name}: no model's results. Score at least one.")
    return {
        "name": name,
        "items": len(results[0].items),
        "chance": chance(results[0].items),
        "models": [
            {"raw": one.raw._asdict(), "normalised": one.normalised._asdict(), "cut": one.cut} for one in results
        ],
        "comparisons": comparisons(len(results), lambda a, b: compare_choices(results[a], results[b])),
    }
