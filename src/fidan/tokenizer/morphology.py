"""Whether a tokenizer cuts Turkish words where their suffixes begin.

Recall is the share of a gold standard's boundaries between morphs that are boundaries between tokens; precision the
share of the boundaries between tokens, inside words, that are boundaries between morphs; F1 their harmonic mean:
boundary precision and recall as in Creutz and Lagus (2007, "Unsupervised models for morpheme segmentation and
morphology learning", ACM TSLP 4(1)), counted over all words together. Of several analyses the one counts that the
tokens fit best, as in the boundary evaluation of Virpioja et al. (2011, TAL 52(2)); best is the highest F1 here.

Both ends are bad in their own way: a tokenizer of single letters has a recall of 1, one of whole words a precision
that nothing contradicts. What it leaves out: what morphs mean, and how often a word is used; each counts once.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from fidan.corpus.synthetic.segmented import segmented_words
from fidan.errors import SourceError
from fidan.tokenizer.spans import Measurable
from fidan.turkish import lower, nfc

SYNTHETIC_WORDS = 4000
CARRIER = "bir "  # a word is measured where it stands in running text: after another one and a space
_BATCH = 4096
_SEPARATORS = (r"\s+", r"\|", r"\+", "-")
_ALTERNATIVES = re.compile(r",\s+")

Cuts = frozenset[int]


class GoldWord(NamedTuple):
    """A word, and for each of its analyses the characters before which a morph begins (0 not among them)."""

    word: str
    analyses: tuple[Cuts, ...]


class GoldSet(NamedTuple):
    """Words whose morphs are known."""

    name: str
    words: tuple[GoldWord, ...]


class Boundaries(NamedTuple):
    """How well the tokens of a gold set's words fit their morphs; a rate is None where there is nothing to divide by.

    Attributes:
        gold: the set's name.
        words: in it.
        hits: boundaries of tokens and of morphs.
        placed: boundaries of tokens inside words.
        expected: boundaries of morphs.
    """

    gold: str
    words: int
    hits: int
    placed: int
    expected: int

    @property
    def recall(self) -> float | None:
        """Of the morphs' boundaries, the share that is one of tokens."""
        return self.hits / self.expected if self.expected else None

    @property
    def precision(self) -> float | None:
        """Of the tokens' boundaries, the share that is one of morphs."""
        return self.hits / self.placed if self.placed else None

    @property
    def f1(self) -> float | None:
        """2 · hits / (placed + expected), the harmonic mean of the two."""
        total = self.placed + self.expected
        return 2 * self.hits / total if total else None


def respected(tokenizer: Measurable, gold: GoldSet) -> Boundaries:
    """Hold a tokenizer's boundaries in the words of a gold set against those of the morphs."""
    hits = placed = expected = 0
    for start in range(0, len(gold.words), _BATCH):
        batch = gold.words[start : start + _BATCH]
        spans = tokenizer.spans([CARRIER + entry.word for entry in batch])
        for entry, found in zip(batch, spans, strict=True):
            inside = {cut - len(CARRIER) for cut in found.boundaries().tolist()}
            cuts = frozenset(cut for cut in inside if 0 < cut < len(entry.word))
            best = max(entry.analyses, key=lambda analysis: _fit(cuts, analysis))
            hits, placed, expected = hits + len(cuts & best), placed + len(cuts), expected + len(best)
    return Boundaries(gold.name, len(gold.words), hits, placed, expected)


def _fit(cuts: Cuts, analysis: Cuts) -> tuple[float, int]:
    """F1 of one word, 1 where both have no boundary; of equals the one with more boundaries found."""
    hits, total = len(cuts & analysis), len(cuts) + len(analysis)
    return (2 * hits / total if total else 1.0, -len(analysis))


@cache
def synthetic_gold(count: int = SYNTHETIC_WORDS) -> GoldSet:
    """Inflected nouns and verbs of the small language, cut by the inflector that makes them.

    See `corpus.synthetic.segmented`. The stems are common ones, and every form is as likely as another, where running
    text has mostly short ones.
    """
    return GoldSet(
        "synthetic",
        tuple(GoldWord(word, tuple(map(_cuts, analyses))) for word, analyses in segmented_words(count)),
    )


def read_gold(path: Path) -> GoldSet:
    """A gold standard from a text file, a word a line.

    `word<TAB>morph morph …`, several analyses separated by a comma and a space. Morphs stand apart by a space, `|`,
    `+` or `-`; what follows a colon is a tag and dropped, and `~` is a morph that is not written, as in the Morpho
    Challenge (`kitaplar<TAB>kitap:kitap ler:+PL`). An empty line is passed over.

    Args:
        path: UTF-8.

    Raises:
        SourceError: no such file, no UTF-8, no word in it, or a line whose morphs do not join to its word; they may
            differ in casing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file. Name a file of words and their morphs.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as UTF-8 text ({error}).") from error
    lines = (line for line in enumerate(text.split("\n"), 1) if line[1].strip())
    words = tuple(_gold_word(nfc(line.rstrip("\r")), f"{path}, line {number}") for number, line in lines)
    if not words:
        raise SourceError(f"{path}: no words. A line is a word, a tab, and its morphs with spaces between.")
    return GoldSet(path.stem, words)


def _gold_word(line: str, where: str) -> GoldWord:
    word, tab, told = line.partition("\t")
    word = word.strip()
    if not tab or not told.strip() or not word or len(word.split()) > 1:
        raise SourceError(f"{where}: {line!r} is no word, tab and morphs. Write kitabım, a tab, kitab ım.")
    analyses = [_morphs(word, analysis.strip(), where) for analysis in _ALTERNATIVES.split(told.strip())]
    return GoldWord(word, tuple(dict.fromkeys(map(_cuts, analyses))))


def _morphs(word: str, analysis: str, where: str) -> list[str]:
    """The morphs of an analysis, by the first of the separators with which they join to the word.

    So a hyphen of the word itself (e-posta lar) is none.
    """
    for separator in _SEPARATORS:
        parts = [_surface(part) for part in re.split(separator, analysis)]
        joined = "".join(parts)
        if len(joined) == len(word) and lower(joined) == lower(word):
            return [part for part in parts if part]
    raise SourceError(
        f"{where}: the morphs {analysis!r} do not join to {word!r}. Write them as they stand in the word."
    )


def _surface(part: str) -> str:
    morph = part.partition(":")[0] or part
    return "" if morph == "~" else morph


def _cuts(morphs: Sequence[str]) -> Cuts:
    return frozenset(accumulate(map(len, morphs[:-1])))


def told(results: Iterable[Boundaries]) -> list[dict[str, str | int | float | None]]:
    """The results as a report keeps them."""
    return [
        {
            "gold": one.gold,
            "words": one.words,
            "boundaries": one.expected,
            "recall": _rounded(one.recall),
            "precision": _rounded(one.precision),
            "f1": _rounded(one.f1),
        }
        for one in results
    ]


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 6)
