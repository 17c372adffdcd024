"""How well a model of good text predicts a document; head, middle and tail of the corpus by it.

After CCNet (Wenzek et al. 2020, arXiv:1911.00359), which trains a KenLM 5-gram model of SentencePiece pieces on
Wikipedia and cuts the web at the 30th and 60th percentile of perplexity. Ours is a model of characters. Turkish makes
words of suffixes without end, and a table of pieces has seen few of the runs that it is asked about; a model of
characters knows their insides, from a few megabytes of reference. It needs no tokenizer, which here comes after the
corpus. And bits a character compare between texts, where perplexity a piece depends on how many pieces a text takes.

What it leaves out: the model (`fidan.corpus.filters.character_model`), and whether anything is dropped for its score
(the pipeline, which knows all scores).
"""

from pathlib import Path

import numpy as np
from datatrove.data import DocumentsPipeline
from numpy.typing import NDArray

from fidan.corpus.base import Step
from fidan.corpus.filters.character_model import NGramModel

BUCKETS = ("head", "middle", "tail")
HEAD, MIDDLE, TAIL = range(3)


class PerplexityScore(Step):
    """Gives every document its `metadata["bits_per_character"]`; NaN where there is no text.

    Args:
        model: path of a model, see `NGramModel.save`.
    """

    type = "📊 - STATS"
    name = "perplexity"

    def __init__(self, model: Path) -> None:
        super().__init__()
        self.model = model

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """The documents, in order, with their scores."""
        model = NGramModel.load(self.model)  # here and not before, so that the step travels without it
        for document in data:
            document.metadata["bits_per_character"] = model.bits_per_character(document.text)
            yield document


def cut_offs(scores: NDArray[np.float32], quantiles: tuple[float, float]) -> tuple[float, float]:
    """The scores where head and middle end.

    Args:
        scores: (documents,), of all; NaN is passed over.
        quantiles: shares of the documents, the smaller first.

    Returns:
        Two scores of documents, so that they do not depend on how a machine rounds; infinite where there is no score.
    """
    scored = scores[~np.isnan(scores)]
    if not len(scored):
        return np.inf, np.inf
    first, second = np.quantile(scored, quantiles, method="inverted_cdf")
    return float(first), float(second)


def buckets(scores: NDArray[np.float32], cuts: tuple[float, float]) -> NDArray[np.uint8]:
    """Head, middle or tail of each document, as an index into `BUCKETS`.

    A score that equals a cut is on the better side of it. A document without a score is in the tail: nothing speaks
    for it.
    """
    found = np.full(len(scores), TAIL, dtype=np.uint8)
    found[scores <= np.float32(cuts[1])] = MIDDLE
    found[scores <= np.float32(cuts[0])] = HEAD
    return found
