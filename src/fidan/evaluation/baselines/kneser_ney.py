"""An n-gram model of tokens with interpolated modified Kneser-Ney smoothing, the best of the counting models.

After Chen and Goodman (1998, "An empirical study of smoothing techniques for language modeling", Harvard TR-10-98,
section 3), for a token w after the history h, and h' the history without its first token:

    p(w | h) = (a(hw) - D(a(hw))) / A(h) + (D1 N1(h) + D2 N2(h) + D3 N3(h)) / A(h) · p(w | h')

A(h) is the sum of a(hw) over all w; N1, N2, N3 count the w with a(hw) of 1, 2, and 3 or more; D is D1, D2 or D3 by
the same. Of the highest order a(hw) is the count. Of a lower one it is the number of different tokens before hw;
where hw begins a document nothing can be before it, and its count is taken (Heafield et al. 2013, "Scalable modified
Kneser-Ney language model estimation", section 3). With n_k of an order's a(hw) being k:

    Y = n1 / (n1 + 2 n2)    D1 = 1 - 2 Y n2/n1    D2 = 2 - 3 Y n3/n2    D3 = 3 - 4 Y n4/n3

Below the unigrams stands the uniform distribution over the vocabulary, so no token is impossible. A history that was
not seen costs nothing: p(w | h) = p(w | h').

Where n1, n2 or n3 is 0, or a D_k outside of (0, k], as in little or artificial text, that order takes D1, D2, D3 =
0.5, 1, 1.5, which KenLM has for the same case.

n-grams are numbered order by order: one of order k by the number of its first k - 1 tokens and its last token, in
sorted rows, so that all is sorting and searching. What it leaves out: pruning, quantising, files.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.errors import FidanError
from fidan.evaluation.baselines.simple import Baseline, Rows

ORDER = 5
FALLBACK = (0.5, 1.0, 1.5)
_SCORED_AT_ONCE = 1 << 20  # tokens

Numbers = NDArray[np.int32]  # of n-grams; -1: none


class _Order(NamedTuple):
    """The n-grams of one length.

    Attributes:
        keys: (n-grams,), rising: number of the history · vocabulary + last token.
        parts: (n-grams,), (a - D(a)) / A of its history.
        rest: (histories,), what is left of a history's probability for shorter ones; 1 where it has no n-gram.
        discounts: D1, D2, D3.
    """

    keys: NDArray[np.int64]
    parts: NDArray[np.float64]
    rest: NDArray[np.float64]
    discounts: tuple[float, float, float]


class KneserNey:
    """A model of tokens by the `order - 1` tokens before, within a document.

    Args:
        training: documents to count; `gather` bounds them.
        vocabulary: the probabilities of so many ids add up to one.
        order: the longest n-gram's length, at least 1.

    Raises:
        FidanError: no token to predict, or an order below 1.
    """

    def __init__(self, training: Rows, vocabulary: int, order: int = ORDER) -> None:
        if order < 1:
            raise FidanError(f"an n-gram model of order {order}. Use 1 or more.")
        self.vocabulary = vocabulary
        self.tokens = int((training.lengths - 1).sum())
        if not self.tokens:
            raise FidanError("no training token after <s> to count. Give the n-gram model text.")
        places = training.places()
        keys, numbers = np.arange(vocabulary, dtype=np.int64), training.ids
        self._orders: list[_Order] = []
        histories = 1
        for length in range(1, order + 1):
            last = length == order
            longer = None if last else _number(training.ids, numbers, places >= length, vocabulary)
            counts = _counts(numbers, places, length, len(keys), None if longer is None else longer[1])
            self._orders.append(_smooth(keys, counts, histories, vocabulary))
            histories = len(keys)
            if longer is not None:
                keys, numbers = longer

    @property
    def discounts(self) -> list[tuple[float, float, float]]:
        """D1, D2 and D3 of each order, the unigrams' first."""
        return [order.discounts for order in self._orders]

    def log2_probabilities(self, documents: Rows) -> NDArray[np.float64]:
        """(tokens,): log2 p of each id after those before it in its document; 0 for the first, which is given."""
        found = np.zeros(len(documents.ids))
        ends = np.cumsum(documents.lengths)
        first = start = 0
        while first < len(ends):
            # whole documents of about so many tokens, at least one
            after = max(first + 1, int(np.searchsorted(ends, start + _SCORED_AT_ONCE, side="right")))
            stop = int(ends[after - 1])
            part = Rows(documents.ids[start:stop], documents.lengths[first:after])
            found[start:stop] = self._log2_probabilities(part)
            first, start = after, stop
        return found

    def _log2_probabilities(self, documents: Rows) -> NDArray[np.float64]:
        places, ids = documents.places(), documents.ids.astype(np.int64)
        one = self._orders[0]
        chances = one.parts[ids] + one.rest[0] / self.vocabulary
        numbers = ids
        for length, order in enumerate(self._orders[1:], 2):
            at = np.flatnonzero(places >= length - 1)
            at = at[numbers[at - 1] >= 0]
            history = numbers[at - 1]
            wanted = history * self.vocabulary + ids[at]
            number = np.searchsorted(order.keys, wanted)
            known = order.keys[np.minimum(number, len(order.keys) - 1)] == wanted if len(order.keys) else number > 0
            chances[at] *= order.rest[history]
            chances[at[known]] += order.parts[number[known]]
            numbers = np.full(len(ids), -1, dtype=np.int64)
            numbers[at[known]] = number[known]
        return np.where(places > 0, np.log2(chances), 0.0)


def n_gram(training: Rows, held_out: Rows, vocabulary: int, order: int = ORDER) -> Baseline:
    """What the model costs: the bits of every id of a document after its `<s>`."""
    model = KneserNey(training, vocabulary, order)
    bits = held_out.sums(-model.log2_probabilities(held_out))
    about = f"interpolated modified Kneser-Ney of order {order}, counts of {model.tokens:,} training tokens"
    return Baseline(f"{order}-gram", bits, about)


def _number(
    ids: Numbers, histories: Numbers, ends_here: NDArray[np.bool_], vocabulary: int
) -> tuple[NDArray[np.int64], Numbers]:
    """The different n-grams of a length: their keys, and at each place the number of the one that ends there.

    Args:
        ids: (tokens,).
        histories: (tokens,), the number of the n-gram that is one shorter and ends at each place.
        ends_here: (tokens,), where an n-gram of the length ends.
        vocabulary: every id is below it.
    """
    at = np.flatnonzero(ends_here)
    keys = histories[at - 1].astype(np.int64) * vocabulary + ids[at]
    by_key = np.argsort(keys)
    keys = keys[by_key]
    new = np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]
    numbers = np.full(len(ids), -1, dtype=np.int32)
    numbers[at[by_key]] = np.cumsum(new) - 1
    return keys[new], numbers


def _counts(
    numbers: Numbers, places: NDArray[np.int64], length: int, amount: int, longer: Numbers | None
) -> NDArray[np.int64]:
    """a of each n-gram of a length.

    Args:
        numbers: (tokens,), of the n-gram that ends at each place.
        places: (tokens,), ids of the document before each.
        length: of the n-grams.
        amount: how many different ones.
        longer: (tokens,), the same as `numbers` for those that are one longer; None for the highest order.
    """
    if longer is None:
        return np.bincount(numbers[places >= max(length - 1, 1)], minlength=amount)
    at = np.flatnonzero(longer >= 0)
    shorter = np.zeros(int(longer.max()) + 1, dtype=np.int32)
    shorter[longer[at]] = numbers[at]  # of every longer n-gram, the one without its first token
    counts = np.bincount(shorter, minlength=amount)
    if length > 1:
        counts += np.bincount(numbers[places == length - 1], minlength=amount)
    return counts


def _smooth(keys: NDArray[np.int64], counts: NDArray[np.int64], histories: int, vocabulary: int) -> _Order:
    chosen = _discounts(counts)
    discounts = np.array([0.0, *chosen])[np.minimum(counts, 3)]
    history = keys // vocabulary
    totals = np.bincount(history, weights=counts, minlength=histories)
    rest = np.ones(histories)
    np.divide(np.bincount(history, weights=discounts, minlength=histories), totals, out=rest, where=totals > 0)
    parts = np.zeros(len(keys))
    np.divide(counts - discounts, totals[history], out=parts, where=counts > 0)
    return _Order(keys, parts, rest, chosen)


def _discounts(counts: NDArray[np.int64]) -> tuple[float, float, float]:
    """D1, D2 and D3 of an order, or the fallback."""
    n = np.bincount(np.minimum(counts, 5), minlength=6)[:5].tolist()
    if not (n[1] and n[2] and n[3]):
        return FALLBACK
    y = n[1] / (n[1] + 2 * n[2])
    one, two, three = (k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3))
    return (one, two, three) if 0 < one <= 1 and 0 < two <= 2 and 0 < three <= 3 else FALLBACK
