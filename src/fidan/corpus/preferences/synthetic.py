"""Preferences of this package's own making: the right answer to a small question, against that to another question.

Each answer stands among the chosen and among the rejected ones, so that only the question tells which it is to be.
They show that a training works; they are no substitute for what people prefer. Preference *i* depends on the seed and
on those before it, with which it must not agree; a larger count appends.
"""

import random
from collections.abc import Iterator

from fidan.corpus.conversations.conversation import Message
from fidan.corpus.pairs.pair import normal_form
from fidan.corpus.preferences.preference import Preference
from fidan.corpus.synthetic.generator import GENERATOR_VERSION
from fidan.corpus.synthetic.questions import small_question
from fidan.errors import SourceError

_TRIES = 10_000  # in a row that were all known
VERSION = (GENERATOR_VERSION, 1)  # raised whenever the preferences of a seed change


def make_preferences(count: int, seed: int = 0) -> Iterator[Preference]:
    """As many preferences, all of them different.

    Raises:
        SourceError: there are not so many.
    """
    rng = random.Random(seed)
    known: set[tuple[str, str]] = set()
    tries = 0
    while len(known) < count:
        (question, right), (_, wrong) = small_question(rng), small_question(rng)
        if (question, wrong) in known or normal_form(right) == normal_form(wrong):
            tries += 1
            if tries == _TRIES:
                raise SourceError(f"synthetic:{count}: there are not many more than {len(known):,} different pairs.")
            continue
        tries = 0
        known.add((question, wrong))
        yield Preference((Message("user", question),), right, wrong)
