"""A vector for every article that can be found, written beside the postings.

A sentence's mean vector says little as it is: all of a model's vectors point the same way. What they share, the mean
over the articles, is taken away, and what is left is brought to length 1 (Mu & Viswanath, "All-but-the-top", arXiv
1702.01417, without its second step, which takes leading components away too). A question's vector is treated alike,
and its likeness to an article is the cosine.

In the index's folder: `vectors.npy`, (articles, D) float16, a row of zeros for an article that cannot be found;
`vectors_mean.npy`, (D,) float32; and in its manifest under `encoder` what made them. What it leaves out: the encoder
(`fidan.law.encoding`, which alone imports torch), and asking them (`fidan.law.fusion`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.sources.streams import Advance
from fidan.law.article import Article
from fidan.law.index_format import MEAN, VECTORS
from fidan.progress import Reporter

ARTICLE_TOKENS = 200  # of an article that are read: most laws say what they rule at its beginning

Identity = Mapping[str, str | int]
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
    mean = raw[places].mean(0, dtype=np.float64).astype(np.float32) if places else np.zeros(encoder.width, np.float32)
    vectors = np.zeros(raw.shape, np.float16)
    vectors[places] = normalised(raw[places], mean)
    np.save(folder / VECTORS, vectors)
    np.save(folder / MEAN, mean)


def normalised(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, D) vectors less their mean, of length 1; one that is the mean itself stays zero."""
    centred = vectors - mean
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    found: NDArray[np.float32] = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    return found
