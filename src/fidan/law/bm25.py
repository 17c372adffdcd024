"""BM25F: how much a term's occurrences in an article say, over the fields of the index.

A term's count in each field is divided by the field's relative length and weighed; the sum is what BM25 saturates
(Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", section 3.6). With one field of weight 1 this is
BM25 as Lucene computes it.

What it leaves out: what terms are (`fidan.law.terms`), and adding up what a query's terms say (`fidan.law.scoring`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fidan.law.index_format import FIELDS


@dataclass(frozen=True)
class Field:
    """How a field counts."""

    weight: float  # 0: not at all
    b: float = 0.75  # how much a field's length counts, 0 to 1


def _usual() -> Mapping[str, Field]:
    # Chosen on the dev halves of `benchmarks/law`; dev/LOG.md has the table. Flat around these values.
    return {
        "heading": Field(2.0, 0.3),
        "title": Field(1.0, 0.0),
        "section": Field(1.0, 0.3),
        "body": Field(1.0, 0.6),
        "everyday": Field(8.0, 0.3),
    }


@dataclass(frozen=True)
class Weights:
    """The parameters of BM25F."""

    k1: float = 1.2
    fields: Mapping[str, Field] = field(default_factory=_usual)


def idf(documents: int, of: int) -> float:
    """A term's weight by the number of articles that have it; never below 0."""
    return float(np.log1p((of - documents + 0.5) / (documents + 0.5)))


def scales(lengths: NDArray[np.int32], searchable: int, weights: Weights) -> NDArray[np.float32]:
    """By article and field: the weight of a count there.

    Args:
        lengths: (articles, fields) words of each field.
        searchable: how many articles can be found, over which lengths are averaged.
        weights: the parameters.
    """
    scale = np.zeros(lengths.shape, np.float32)
    for column, name in enumerate(FIELDS):
        settings = weights.fields.get(name, Field(0.0))
        own = lengths[:, column].astype(np.float64)
        # The mean over all that can be found, as in Lucene: an empty field counts as one.
        mean = own.sum() / max(searchable, 1)
        relative = own / mean if mean else own
        scale[:, column] = settings.weight / (1 - settings.b + settings.b * relative)
    return scale


def impact(
    counts: NDArray[np.uint8],
    scale: NDArray[np.float32],
    rarity: float | NDArray[np.float32],
    k1: float,
) -> NDArray[np.float32]:
    """What a term adds to the score of each article that has it, (n,).

    Args:
        counts: (n, fields) of the term.
        scale: (n, fields) of the articles, from `scales`.
        rarity: the term's idf, or one for each row.
        k1: how soon more occurrences say nothing more.
    """
    found = np.einsum("df,df->d", counts, scale, dtype=np.float32)
    return np.asarray(rarity * (found / (np.float32(k1) + found)), np.float32)
