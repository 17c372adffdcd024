"""A question and its answer, and when two such texts count as the same.

What it leaves out: where pairs come from (`read`), and ids (`fidan.tokenizer.pairs`).
"""

from collections.abc import Iterable
from typing import NamedTuple

from fidan.artifact import hash_json
from fidan.turkish import fold, words


class Pair(NamedTuple):
    """A question with the answer that is wanted.

    Attributes:
        question: in Unicode's form C, without white space around it; never empty.
        answer: likewise.
        context: a text that the answer rests on, such as an article of law; empty: none.
    """

    question: str
    answer: str
    context: str = ""


def normal_form(text: str) -> str:
    """The words of a text, folded by Turkish rules, without punctuation: equal for texts that say the same.

    A text without a word, such as "%", is its folded self.

    >>> normal_form("7 Kasım 1982’de, yürürlüğe GİRMİŞTİR.")
    "7 kasım 1982'de yürürlüğe girmiştir"
    """
    folded = fold(text)
    return " ".join(words(folded)) or folded


def pairs_hash(pairs: Iterable[Pair]) -> str:
    """What identifies pairs and their order, for a manifest or a key."""
    return hash_json([list(pair) for pair in pairs])
