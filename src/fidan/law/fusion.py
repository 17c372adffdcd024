"""The vectors of an open index asked, and the ranking by words and the one by vectors made one.

Scores are added and not ranks: reciprocal rank fusion (Cormack et al. 2009, doi 10.1145/1571941.1572114) trusts both
rankings alike, and a small encoder's, which is far behind the one by words, then does harm (dev/LOG.md). What it
leaves out: how vectors come about (`fidan.law.vectors`, `fidan.law.encoding`).
"""

import numpy as np
from numpy.typing import NDArray

from fidan.artifact import hash_file
from fidan.errors import ArtifactMismatch, FidanError
from fidan.law.index import LawIndex
from fidan.law.index_format import MEAN, VECTORS, WHITENING
from fidan.law.vectors import Encoder, whitened

# Of the best score by words that a likeness of 1 is worth. Chosen on the dev halves of `benchmarks/law` for an
# encoder of 5.7 M parameters; flat from 0.05 to 0.3. One that was trained to find articles would deserve more.
SHARE = 0.1


def require_vectors(index: LawIndex) -> None:
    """Refuse an index without vectors.

    Raises:
        FidanError: it was built without an encoder.
    """
    if index.manifest.get("encoder") is None:
        raise FidanError(f"{index.folder}: built without --encoder, so it has no vectors. {_again(index)}.")


def _again(index: LawIndex) -> str:
    return f"Build it with them: fidan law index FILE… --out {index.folder} --encoder RUN"


class Vectors:
    """The vectors of an open index, with the encoder that made them.

    Args:
        index: an open index.
        encoder: for questions.

    Raises:
        FidanError: the index has no vectors.
        ArtifactMismatch: another encoder made them, or they are damaged.
    """

    def __init__(self, index: LawIndex, encoder: Encoder) -> None:
        require_vectors(index)
        made, own = index.manifest["encoder"], encoder.identity
        if made != own:
            unlike = ", ".join(name for name in own if made.get(name) != own[name])
            raise ArtifactMismatch(
                f"{index.folder}: another encoder made its vectors (not the same: {unlike}). Name that one with "
                "--encoder, or build the index again with this one."
            )
        for name in (VECTORS, MEAN, WHITENING):
            if hash_file(index.folder / name) != index.manifest["files"][name]["xxh3_128"]:
                raise ArtifactMismatch(f"{index.folder}: {name} is damaged. {_again(index)}.")
        self._encoder = encoder
        # In single precision, (articles, D): half precision would be converted anew for every question.
        self._vectors = np.load(index.folder / VECTORS).astype(np.float32)
        self._mean, self._whitening = np.load(index.folder / MEAN), np.load(index.folder / WHITENING)
        self._without = ~self._vectors.any(1)

    def likeness(self, question: str) -> NDArray[np.float32]:
        """(articles,) the cosine of each article with a question; −∞ for one that has no vector."""
        vector = whitened(self._encoder.embed([question]), self._mean, self._whitening)[0]
        cosines: NDArray[np.float32] = self._vectors @ vector
        cosines[self._without] = -np.inf
        return cosines


def fuse(words: NDArray[np.float32], likeness: NDArray[np.float32]) -> NDArray[np.float32]:
    """One score for every article: its score by words, and `SHARE` of the best one times its likeness.

    Args:
        words: (articles,) at least 0.
        likeness: (articles,) cosines; −∞ for an article that cannot be found.

    Returns:
        (articles,), in the unit of `words`; of one that no word leads to, its likeness alone, and
        0 where that is below 0.
    """
    best = words.max(initial=0.0) or 1.0
    found: NDArray[np.float32] = np.maximum(words + np.float32(SHARE * best) * np.maximum(likeness, -1.0), 0.0)
    return found
