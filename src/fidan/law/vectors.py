"""A vector for every article that can be found, written beside the postings.

A text's mean vector says little as it is: a model's vectors all point the same way, and differ most along a few
directions that mean little. So the articles' mean is taken away, every direction is brought to the same variance, and
each vector to length 1: whitening (Su et al., arXiv 2103.15316), of which "All-but-the-top" (Mu & Viswanath, arXiv
1702.01417) is the coarse form; dev/LOG.md compares them. A question's vector is treated alike, and its likeness to an
article is the cosine.

In the index's folder: `vectors.npy`, (articles, D) float16, a row of zeros for an article that cannot be found;
`vectors_mean.npy`, (D,), and `vectors_whitening.npy`, (D, D), both float32; and in its manifest under `encoder` what
made them. What it leaves out: the encoder (`fidan.law.encoding`, which alone imports torch), and asking them
(`fidan.law.fusion`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.sources.streams import Advance
from fidan.law.article import Article
from fidan.law.index_format import MEAN, VECTORS, WHITENING
from fidan.progress import Reporter

ARTICLE_TOKENS = 200  # of an article that are read: most laws say what they rule at its beginning

Array = NDArray[np.float32]
Identity = Mapping[str, str | int]
SMALLEST = 1e-6  # of the largest variance: below, what differs is rounding
BLOCK = 4096  # articles whose texts are in memory at once


class Encoder(Protocol):
    """What gives texts their vectors; `fidan.law.encoding.TextEncoder` is one.

    Attributes:
        identity: plain JSON that is equal for encoders that give equal vectors.
        width: D.
    """

    @property
    def identity(self) -> Identity: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102
    def embed(self, texts: Sequence[str], tokens: int = ..., advance: Advance = ...) -> NDArray[np.float32]:
        """(texts, D) vectors of texts, each of its first `tokens` tokens, or of all that it can read."""


def article_text(article: Article) -> str:
    """What an article is read as: its heading and its text in one line, as a question is one."""
    return " ".join(" ".join((article.heading, article.text)).split())


def write_vectors(folder: Path, articles: Sequence[Article], encoder: Encoder, reporter: Reporter) -> None:
    """Write the vectors of the articles that can be found.

    Args:
        folder: of the index; both files must not be there yet.
        articles: all of the index, by position.
        encoder: gives them.
        reporter: where progress is shown.
    """
    places = [at for at, article in enumerate(articles) if not article.repealed and article.text.strip()]
    raw = np.zeros((len(articles), encoder.width), np.float32)
    with reporter.task("vectors", total=len(places)) as task:
        for start in range(0, len(places), BLOCK):
            block = places[start : start + BLOCK]
            raw[block] = encoder.embed([article_text(articles[at]) for at in block], ARTICLE_TOKENS, task.advance)
    mean, whitening = measured(raw[places])
    vectors = np.zeros(raw.shape, np.float16)
    vectors[places] = whitened(raw[places], mean, whitening)
    for name, array in ((VECTORS, vectors), (MEAN, mean), (WHITENING, whitening)):
        np.save(folder / name, array)


def measured(vectors: Array) -> tuple[Array, Array]:
    """The mean of vectors and the matrix that whitens what is left without it.

    Args:
        vectors: (n, D).

    Returns:
        (D,) and (D, D). A direction in which the vectors do not differ is left out.
    """
    mean = vectors.mean(0, dtype=np.float64) if len(vectors) else np.zeros(vectors.shape[1])
    centred = vectors - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / max(len(vectors), 1))
    kept = variances > max(float(variances.max()), 0.0) * SMALLEST
    scales = np.where(kept, 1 / np.sqrt(np.where(kept, variances, 1.0)), 0.0)
    return mean.astype(np.float32), (directions * scales).astype(np.float32)


def whitened(vectors: Array, mean: Array, whitening: Array) -> Array:
    """(n, D) vectors by what `measured` gives, each of length 1; one that is the mean itself is zero."""
    found = (vectors - mean) @ whitening
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    made: Array = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
    return made
