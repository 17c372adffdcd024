"""How much texts repeat themselves: distinct-n over many texts, and the share of repeated n-grams within one.

Words are those of `fidan.turkish`, folded, so that a word at the beginning of a sentence is the same as within it.
What it leaves out: likeness between texts (self-BLEU), and what a good value is: people repeat themselves, too, and
longer texts more.
"""

from collections.abc import Sequence

from fidan.errors import FidanError
from fidan.turkish import fold, words


def distinct(texts: Sequence[str], n: int = 2) -> float:
    """distinct-n of Li et al. 2016 (arXiv 1510.03055): different n-grams of all texts / words of all texts; 0 to 1.

    No n-gram runs over the end of a text. Texts without words give 0.

    Raises:
        FidanError: n is below 1, or there is no text.
    """
    if not texts:
        raise FidanError("No texts to look for different n-grams in. Give at least one.")
    spoken = [words(fold(text)) for text in texts]
    different = {gram for found in spoken for gram in _grams(found, n)}
    total = sum(map(len, spoken))
    return len(different) / total if total else 0.0


def repetition(text: str, n: int = 4) -> float:
    """seq-rep-n of Welleck et al. 2019 (arXiv 1908.04319): 1 − different n-grams / n-grams of one text; 0 to 1.

    This is the share of n-grams that occurred before in the text. Theirs are of the model's tokens, these of words,
    so that tokenizers compare. A text of fewer than n words repeats nothing and gives 0.

    Raises:
        FidanError: n is below 1.
    """
    grams = _grams(words(fold(text)), n)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def _grams(found: list[str], n: int) -> list[tuple[str, ...]]:
    if n < 1:
        raise FidanError(f"n = {n}: an n-gram has at least one word. Take 2 or 4.")
    return [tuple(found[start : start + n]) for start in range(len(found) - n + 1)]
