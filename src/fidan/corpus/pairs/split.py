"""Pairs into train, validation and test, so that no answer and no question is in two of them.

Pairs whose answers, or whose questions, have the same normal form are one group, and so are pairs that such pairs
join; `corpus.splits` draws. Without this a set with an answer that comes twenty-two times would be tested on an
answer it was trained on.

Texts that say the same in other words are not found: a baseline that answers as the nearest training question does
(`fidan.evaluation.baselines.answers`) shows what they are worth.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fidan.corpus.pairs.pair import Pair, normal_form
from fidan.corpus.splits import SPLITS, Drawn, Name, draw_splits, group_by_keys

# A group that is more than this share of a held-out split weighs on its figures.
GIANT = 0.05


class Giant(NamedTuple):
    """A group so large that a split's figures hang on it.

    Attributes:
        pairs: in it.
        answer: its most frequent answer.
        split: where it went.
    """

    pairs: int
    answer: str
    split: Name


class PairSplit(NamedTuple):
    """The splits, each in the order in which the pairs were given.

    Attributes:
        train: to learn from.
        valid: to watch and to stop by.
        test: to judge by, once.
        groups: how many groups there are.
        giants: groups with more than `GIANT` of the pairs that the smallest held-out split should have.
    """

    train: tuple[Pair, ...]
    valid: tuple[Pair, ...]
    test: tuple[Pair, ...]
    groups: int
    giants: tuple[Giant, ...]


def split_pairs(pairs: Sequence[Pair], valid: float = 0.1, test: float = 0.1, seed: int = 0) -> PairSplit:
    """Split by groups.

    Args:
        pairs: at least one group for every split asked for.
        valid: share of the groups for validation; 0: none.
        test: share for the test; 0: none.
        seed: of the draw.

    Raises:
        FidanError: a share is not from 0 to below 1, nothing is left to learn from, or a split that is asked for
            gets no pair.
    """
    drawn = draw_splits([_keys(pair) for pair in pairs], valid, test, seed, "pairs")
    train, valid_pairs, test_pairs = (
        tuple(pair for pair, own in zip(pairs, drawn.names, strict=True) if own == name) for name in SPLITS
    )
    held_out = [share for share in (valid, test) if share]
    giants = _giants(pairs, drawn, GIANT * min(held_out) * len(pairs)) if held_out else ()
    return PairSplit(train, valid_pairs, test_pairs, drawn.groups, giants)


def group_pairs(pairs: Sequence[Pair]) -> list[int]:
    """The group of each pair: the place of the group's first pair."""
    return group_by_keys([_keys(pair) for pair in pairs])


def shared_with(held_out: Iterable[Pair], pairs: Iterable[Pair]) -> list[Pair]:
    """Those of `pairs` that have a question or an answer of `held_out`: to be left out where splits come as files."""
    known = {key for pair in held_out for key in _keys(pair)}
    return [pair for pair in pairs if not known.isdisjoint(_keys(pair))]


def _keys(pair: Pair) -> tuple[str, str]:
    return f"question {normal_form(pair.question)}", f"answer {normal_form(pair.answer)}"


def _giants(pairs: Sequence[Pair], drawn: Drawn, limit: float) -> tuple[Giant, ...]:
    found = []
    for number, size in drawn.large(limit):
        answers = Counter(pair.answer for pair, own in zip(pairs, drawn.numbers, strict=True) if own == number)
        found.append(Giant(size, answers.most_common(1)[0][0], drawn.names[number]))
    return tuple(found)
