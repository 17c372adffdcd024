"""What there is of a set of pairs, in figures for a manifest and lines for a terminal.

What it leaves out: lengths in tokens, which are a tokenizer's (`fidan.tokenizer.pairs`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fidan.corpus.pairs.pair import Pair, pairs_hash
from fidan.corpus.pairs.read import PairSet
from fidan.corpus.pairs.split import PairSplit
from fidan.corpus.splits import SPLITS
from fidan.turkish import words


def counts_of(read: PairSet, split: PairSplit) -> dict[str, Any]:
    """Counts for a manifest: pairs, what was left out, groups, and of each split its hash, size and lengths."""
    left = read.left_out
    return {
        "pairs": len(read.pairs),
        "left_out": {name: getattr(left, name) for name in ("empty_questions", "empty_answers", "duplicates")},
        "groups": split.groups,
        "giants": [giant._asdict() for giant in split.giants],
        **{name: _of_split(getattr(split, name)) for name in SPLITS},
    }


def lines_of(read: PairSet, split: PairSplit) -> Iterator[str]:
    """The same for a person: a line of what there is, then one of each thing to know."""
    sizes = ", ".join(f"{len(getattr(split, name)):,} {name}" for name in SPLITS)
    yield f"{len(read.pairs):,} pairs in {split.groups:,} groups that share no question and no answer: {sizes}"
    yield from left_out_lines(read.left_out)
    for giant in split.giants:
        yield (
            f"one group has {giant.pairs:,} pairs and went to {giant.split} whole; most of them are answered "
            f"“{giant.answer}”"
        )


def left_out_lines(left_out: Any) -> Iterator[str]:
    """A line of each reason for which examples were left out: how many, and the places of the first."""
    for name, places in left_out.examples.items():
        number = getattr(left_out, name)
        more = ", …" if number > len(places) else ""
        yield f"left out: {number:,} {name.replace('_', ' ')} ({'; '.join(places)}{more})"


def _of_split(pairs: Sequence[Pair]) -> dict[str, Any]:
    if not pairs:
        return {"pairs": 0}
    return {
        "pairs": len(pairs),
        "hash": pairs_hash(pairs),
        "question_words": lengths([pair.question for pair in pairs]),
        "answer_words": lengths([pair.answer for pair in pairs]),
        "with_context": sum(bool(pair.context) for pair in pairs),
    }


def lengths(texts: Sequence[str]) -> dict[str, int]:
    """Half of the texts have at most `median` words, 95 % at most `p95`."""
    found = np.array([len(words(text)) for text in texts])
    return {
        "median": int(np.quantile(found, 0.5, method="inverted_cdf")),
        "p95": int(np.quantile(found, 0.95, method="inverted_cdf")),
        "max": int(found.max()),
    }
