"""Makes the set of minimal pairs and reads and writes its file.

Every phenomenon is drawn with its own seed, so that a change of one leaves the others as they were. What it leaves
out: scoring.
"""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

from fidan.errors import FidanError
from fidan.evaluation.grammar import clauses, nominal, sound, verbal
from fidan.evaluation.pair_files import Pair

FILE = Path(__file__).with_name("pairs.csv")
HEADER = ("good_sentence", "bad_sentence", "phenomenon")
PAIRS = 60  # of one phenomenon
SEED = 1
_TRIES = 20 * PAIRS  # draws before a phenomenon is said to be too small

PHENOMENA: dict[str, Callable[[Random], Iterator[tuple[str, str]]]] = {
    make.__name__: make
    for make in (
        sound.two_way_harmony, sound.four_way_harmony, sound.assimilation, sound.softening, sound.vowel_loss,
        sound.buffer_consonant, sound.question_particle_harmony, sound.additive_particle_harmony,
        nominal.possessor_agreement, nominal.possessor_case, nominal.pronoun_forms, nominal.number,
        nominal.postposition_case, nominal.postposition_order, nominal.comparison, nominal.subject_and_object,
        nominal.reflexive_agreement, nominal.modifier_order,
        verbal.subject_agreement, verbal.copula_agreement, verbal.verb_government, verbal.goal_and_place,
        verbal.tense_and_time, verbal.wish_agreement, verbal.question_person, verbal.negative_polarity,
        verbal.absence_and_negation,
        clauses.before_and_after, clauses.condition, clauses.relative_clause, clauses.embedded_agreement,
        clauses.embedded_subject, clauses.infinitive_government,
    )
}  # fmt: skip
"""Name → endless pairs of a good and a bad sentence, drawn with the generator given."""


def build(seed: int = SEED) -> list[Pair]:
    """`PAIRS` pairs of every phenomenon; no sentence stands in two of them.

    Raises:
        FidanError: a phenomenon has too few different pairs.
    """
    made: list[Pair] = []
    seen: set[str] = set()
    for name, make in PHENOMENA.items():
        begin = len(made)
        for good, bad in islice(make(Random(f"{seed} {name}")), _TRIES):
            if len(made) - begin < PAIRS and good != bad and good not in seen and bad not in seen:
                made.append(Pair(good, bad, name))
                seen |= {good, bad}
        if len(made) - begin < PAIRS:
            raise FidanError(f"{name} has only {len(made) - begin} different pairs of {PAIRS}. Give it more words.")
    return made


def written(pairs: list[Pair]) -> str:
    """The file of `pairs`: a header, `;` between fields, LF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((pair.good, pair.bad, pair.phenomenon) for pair in pairs)
    return text.getvalue()


def load() -> list[Pair]:
    """The pairs of the file in the package."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        if tuple(next(rows)) != HEADER:
            raise FidanError(
                f"{FILE} does not begin with {';'.join(HEADER)}. Write it again: python -m {__package__}"
            )
        return [Pair(*row) for row in rows]
