"""Preferences into training and validation, so that no prompt is in both.

Preferences are one group where all that the user says has the same normal form; `corpus.splits` draws. Answers bind
nothing: the same text may be chosen here and rejected there, and a split by answers would hold out those that the
training has seen only as the worse ones.
"""

from collections.abc import Sequence
from typing import NamedTuple

from fidan.corpus.pairs.pair import normal_form
from fidan.corpus.preferences.preference import Preference
from fidan.corpus.splits import draw_splits


class PreferenceSplit(NamedTuple):
    """The splits, each in the order in which the preferences were given.

    Attributes:
        train: to learn from.
        valid: to judge by.
        groups: how many groups there are.
    """

    train: tuple[Preference, ...]
    valid: tuple[Preference, ...]
    groups: int


def split_preferences(preferences: Sequence[Preference], valid_share: float, seed: int = 0) -> PreferenceSplit:
    """Split by groups.

    Args:
        preferences: of at least two groups.
        valid_share: share of the groups for validation.
        seed: of the draw.

    Raises:
        FidanError: a split gets no preference.
    """
    drawn = draw_splits([(_key(each),) for each in preferences], valid_share, 0.0, seed, "preferences")
    train, valid = (
        tuple(each for each, own in zip(preferences, drawn.names, strict=True) if own == name)
        for name in ("train", "valid")
    )
    return PreferenceSplit(train, valid, drawn.groups)


def _key(preference: Preference) -> str:
    return "\n".join(normal_form(message.content) for message in preference.prompt if message.role == "user")
