"""Items into train, validation and test by groups, so that no text that counts is in two of them.

Items with a key in common are one group, and so are items that such items join (union-find). A group goes to one
split, by a hash of its content and the seed: the order of the items decides nothing, and an item that is added moves
no group but the one it joins. What it leaves out: which texts of an item are its keys (`pairs.split`,
`conversations.split`).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

import xxhash

from fidan.errors import FidanError

Name = Literal["train", "valid", "test"]
SPLITS: tuple[Name, ...] = ("train", "valid", "test")


class Drawn(NamedTuple):
    """Where items went.

    Attributes:
        names: the split of each item.
        numbers: the group of each item: the place of the group's first.
        groups: how many there are.
    """

    names: list[Name]
    numbers: list[int]
    groups: int

    def large(self, limit: float) -> list[tuple[int, int]]:
        """Groups of more than `limit` items: number and size, the largest first."""
        sizes = Counter(self.numbers).most_common()
        return [(number, size) for number, size in sizes if size > max(limit, 1)]


def require_shares(valid: float, test: float) -> None:
    """Refuse shares of a config that leave nothing to learn from, or nothing to judge by.

    Raises:
        ValueError: one is not between 0 and 1, or they are 1 together.
    """
    for name, share in (("valid_share", valid), ("test_share", test)):
        if not 0 < share < 1:
            raise ValueError(f"{name} = {share}: above 0, below 1.")
    if valid + test >= 1:
        raise ValueError("valid_share + test_share: nothing is left to learn from. Set them lower.")


def draw_splits(
    keys: Sequence[Collection[str]],
    valid: float,
    test: float,
    seed: int = 0,
    what: str = "items",
    largest: float | None = None,
) -> Drawn:
    """Split by groups.

    Args:
        keys: of each item, one at least.
        valid: share of the groups for validation; 0: none.
        test: share for the test; 0: none.
        seed: of the draw.
        what: the items are, for messages.
        largest: groups of more items than that go to train, whatever is drawn; None: any group may go anywhere.

    Raises:
        FidanError: a share is not from 0 to below 1, nothing is left to learn from, or a split that is asked for
            gets no item.
    """
    if not (0 <= valid < 1 and 0 <= test < 1 and valid + test < 1):
        raise FidanError(f"shares of {valid:g} for validation and {test:g} for the test: from 0, below 1 together.")
    numbers = group_by_keys(keys)
    chosen = _draw(keys, numbers, valid, test, seed)
    if largest is not None:
        chosen |= {number: "train" for number, size in Counter(numbers).items() if size > max(largest, 1)}
    names = [chosen[number] for number in numbers]
    asked: dict[Name, float] = {"train": 1 - valid - test, "valid": valid, "test": test}
    for name, share in asked.items():
        if share and name not in names:
            raise FidanError(
                f"{len(keys):,} {what} in {len(chosen):,} groups: the {name} split, {share:.0%} of them, gets none. "
                f"Give more {what}, ask for a larger share, or set another seed."
            )
    return Drawn(names, numbers, len(chosen))


def group_by_keys(keys: Sequence[Collection[str]]) -> list[int]:
    """The group of each item: the place of the group's first item."""
    parent = list(range(len(keys)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    first: dict[str, int] = {}
    for place, own in enumerate(keys):
        for key in own:
            a, b = root(first.setdefault(key, place)), root(place)
            parent[max(a, b)] = min(a, b)
    return [root(place) for place in range(len(keys))]


def _draw(
    keys: Sequence[Collection[str]], numbers: Sequence[int], valid: float, test: float, seed: int
) -> dict[int, Name]:
    """The split of each group.

    A group is known by the one of its keys whose hash is the smallest, which stays when other items join it, more
    often than not. The draw is another hash of that key: the smallest itself would be the smaller the larger a group
    is, and large groups would all go to one split.
    """
    known: dict[int, tuple[int, str]] = {}
    for own, number in zip(keys, numbers, strict=True):
        for key in own:
            mark = (xxhash.xxh3_64_intdigest(key.encode()), key)
            known[number] = min(known.get(number, mark), mark)
    chosen: dict[int, Name] = {}
    for number, (_, key) in known.items():
        drawn = xxhash.xxh3_64_intdigest(f"split {seed} of {key}".encode()) / 2**64
        chosen[number] = "valid" if drawn < valid else "test" if drawn < valid + test else "train"
    return chosen
