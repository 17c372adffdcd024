"""Pairs into train, validation and test, so that no answer and no question is in two of them.

Pairs whose answers, or whose questions, have the same normal form are one group, and so are pairs that such pairs
join (union-find). A group goes to one split, by a hash of its content and the seed: the order of the file decides
nothing, and a pair that is added moves no group but the one it joins. Without this a set with an answer that comes
twenty-two times would be tested on an answer it was trained on.

Texts that say the same in other words are not found: a baseline that answers as the nearest training question does
(`fidan.evaluation.baselines.answers`) shows what they are worth.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import xxhash

from fidan.corpus.pairs.pair import Pair, normal_form
from fidan.errors import FidanError

Name = Literal["train", "valid", "test"]
SPLITS: tuple[Name, ...] = ("train", "valid", "test")

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
    if not (0 <= valid < 1 and 0 <= test < 1 and valid + test < 1):
        raise FidanError(f"shares of {valid:g} for validation and {test:g} for the test: from 0, below 1 together.")
    numbers = group_pairs(pairs)
    chosen = _draw(pairs, numbers, valid, test, seed)
    parts: dict[Name, list[Pair]] = {name: [] for name in SPLITS}
    for pair, number in zip(pairs, numbers, strict=True):
        parts[chosen[number]].append(pair)
    asked: dict[Name, float] = {"train": 1 - valid - test, "valid": valid, "test": test}
    for name, share in asked.items():
        if share and not parts[name]:
            raise FidanError(
                f"{len(pairs):,} pairs in {len(chosen):,} groups: the {name} split, {share:.0%} of them, gets none. "
                "Give more pairs, ask for a larger share, or set another seed."
            )
    held_out = [share for share in (valid, test) if share]
    giants = _giants(pairs, numbers, chosen, GIANT * min(held_out) * len(pairs)) if held_out else ()
    return PairSplit(tuple(parts["train"]), tuple(parts["valid"]), tuple(parts["test"]), len(chosen), giants)


def group_pairs(pairs: Sequence[Pair]) -> list[int]:
    """The group of each pair: the place of the group's first pair."""
    parent = list(range(len(pairs)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    first: dict[str, int] = {}
    for place, pair in enumerate(pairs):
        for key in _keys(pair):
            a, b = root(first.setdefault(key, place)), root(place)
            parent[max(a, b)] = min(a, b)
    return [root(place) for place in range(len(pairs))]


def shared_with(held_out: Iterable[Pair], pairs: Iterable[Pair]) -> list[Pair]:
    """Those of `pairs` that have a question or an answer of `held_out`: to be left out where splits come as files."""
    known = {key for pair in held_out for key in _keys(pair)}
    return [pair for pair in pairs if not known.isdisjoint(_keys(pair))]


def _keys(pair: Pair) -> tuple[str, str]:
    return f"question {normal_form(pair.question)}", f"answer {normal_form(pair.answer)}"


def _draw(pairs: Sequence[Pair], numbers: Sequence[int], valid: float, test: float, seed: int) -> dict[int, Name]:
    """The split of each group.

    A group is known by the one of its keys whose hash is the smallest, which stays when other pairs join it, more
    often than not. The draw is another hash of that key: the smallest itself would be the smaller the larger a group
    is, and large groups would all go to one split.
    """
    known: dict[int, tuple[int, str]] = {}
    for pair, number in zip(pairs, numbers, strict=True):
        for key in _keys(pair):
            mark = (xxhash.xxh3_64_intdigest(key.encode()), key)
            known[number] = min(known.get(number, mark), mark)
    chosen: dict[int, Name] = {}
    for number, (_, key) in known.items():
        drawn = xxhash.xxh3_64_intdigest(f"split {seed} of {key}".encode()) / 2**64
        chosen[number] = "valid" if drawn < valid else "test" if drawn < valid + test else "train"
    return chosen


def _giants(
    pairs: Sequence[Pair], numbers: Sequence[int], chosen: dict[int, Name], limit: float
) -> tuple[Giant, ...]:
    found = []
    for number, size in Counter(numbers).most_common():
        if size <= max(limit, 1):
            break
        answers = Counter(pair.answer for pair, own in zip(pairs, numbers, strict=True) if own == number)
        found.append(Giant(size, answers.most_common(1)[0][0], chosen[number]))
    return tuple(found)
