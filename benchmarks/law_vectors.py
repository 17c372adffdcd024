"""What an encoder's vectors add to the search by words: recall and MRR of words alone, vectors alone, and both.

    python benchmarks/law_vectors.py INDEX RUN [FILE …]

INDEX is a folder made by `fidan law index … --encoder RUN`. Prints a table for the dev halves of `benchmarks/law`,
from which `SHARE` of `fidan.law.fusion` was chosen, one for the test halves, and one for each FILE of questions. What
a question cites counts as found by any of them, and definitions are not preferred: this is the ranking alone.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.law.citations import parse_citations
from fidan.law.encoding import open_encoder
from fidan.law.fusion import Vectors
from fidan.law.index import LawIndex
from fidan.law.questions import Question, read_questions
from fidan.law.scoring import bm25f
from fidan.law.search import query_terms, with_neighbours
from fidan.law.terms import words

HERE = Path(__file__).parent / "law"
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
FACTORS = (0.1, 0.25, 0.5, 1.0)
FIRST = 60  # the constant of reciprocal rank fusion: Cormack et al. 2009, doi 10.1145/1571941.1572114
DEPTH = 10
Scores = NDArray[np.float32]


class Asked(NamedTuple):
    """A question, with what both rankings say."""

    gold: set[int]
    cited: list[int]
    words: Scores
    likeness: Scores


def main() -> None:
    """Print the tables."""
    index = LawIndex.open(Path(sys.argv[1]))
    vectors = Vectors(index, open_encoder(Path(sys.argv[2])))
    sets = [(f"{name}, {split}", HERE / f"{name}.jsonl", split) for split in ("dev", "test")
            for name in ("citizens", "in_scope")]  # fmt: skip
    sets += [(Path(name).name, Path(name), "") for name in sys.argv[3:]]
    for name, path, split in sets:
        questions = [one for one in read_questions(path, split, index.names).questions if one.citations]
        asked = [ask(index, vectors, question) for question in questions]
        print(f"\n{name}: {len(asked)} questions")
        print_row("words", asked, [ready(one.words) for one in asked])
        print_row("vectors", asked, [one.likeness for one in asked])
        for share in SHARES:
            fused = [one.words / (one.words.max() or 1) + share * np.maximum(one.likeness, -1) for one in asked]
            print_row(f"sum, {share}", asked, fused)
        for factor in FACTORS:
            fused = [
                np.where(one.words > 0, 1 / (FIRST + ranks(one.words)), 0) + factor / (FIRST + ranks(one.likeness))
                for one in asked
            ]
            print_row(f"reciprocal ranks, {factor}", asked, fused)


def ask(index: LawIndex, vectors: Vectors, question: Question) -> Asked:
    """Both rankings of a question."""
    gold = {place for citation in question.citations or () if (place := index.find(citation)) is not None}
    cited = (index.find(citation) for citation in parse_citations(question.question, index.names))
    said = with_neighbours(index, bm25f(index, query_terms(words(question.question))))
    return Asked(gold, [place for place in cited if place is not None], said, vectors.likeness(question.question))


def ready(scores: Scores) -> Scores:
    """Scores in which an article that no word leads to cannot be found."""
    return np.where(scores > 0, scores, np.float32(-np.inf))


def ranks(scores: Scores) -> NDArray[np.float64]:
    """(articles,) the rank of each, from 1; equal scores in the order of the index."""
    rank = np.empty(len(scores))
    rank[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return rank


def print_row(name: str, asked: Sequence[Asked], rankings: Sequence[NDArray[np.floating]]) -> None:
    """One line: recall@1, @5, @10 and MRR."""
    found = np.array([gold_rank(one, scores) for one, scores in zip(asked, rankings, strict=True)])
    recall = "  ".join(f"{np.mean(found <= k):.3f}" for k in (1, 5, 10))
    print(f"{name:24} {recall}  {np.mean(np.where(found <= DEPTH, 1 / found, 0)):.3f}")


def gold_rank(one: Asked, scores: NDArray[np.floating]) -> float:
    """The rank of the first gold article, what is cited coming first; infinite where there is none."""
    order = [int(place) for place in np.argsort(-scores, kind="stable")[: DEPTH + len(one.cited)]]
    shown = [*one.cited, *(place for place in order if place not in one.cited and np.isfinite(scores[place]))]
    return next((rank for rank, place in enumerate(shown[:DEPTH], 1) if place in one.gold), np.inf)


if __name__ == "__main__":
    main()
