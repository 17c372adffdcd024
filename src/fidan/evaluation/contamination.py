"""What of the texts of an evaluation stands in the corpus a model was trained on.

By the rule of the corpus stage's own decontamination: a run of 13 words in common, or a text of 8 to 12 words that
stands there whole, on folded words. Shorter texts are told from chance by nothing; how many items have no longer one
is told. Where several items have the same run, each of them counts, and no item is spared because another has its
words, too.

A run is told by a 64-bit hash. What it leaves out: what to do about it, and paraphrases and translations, which no
run of words shows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.corpus.cleaning.normalize import normalize
from fidan.corpus.config import DecontaminationConfig
from fidan.corpus.documents import read_documents, shards
from fidan.corpus.filters.evaluation_items import read_texts
from fidan.corpus.filters.run_index import RunIndex, index_runs, merge_runs
from fidan.corpus.filters.word_runs import run_keys
from fidan.corpus.filters.words import Hashes, Measures, measure
from fidan.progress import Reporter

HITS = 20  # of a set that are quoted
QUOTE = 300  # characters of a quotation
_RULE = DecontaminationConfig()


class EvaluationSet(NamedTuple):
    """The texts of a test.

    Attributes:
        name: of the set.
        texts: the number of an item, and a text of it; an item may have several (question, answers, …).
    """

    name: str
    texts: Sequence[tuple[int, str]]


class Contamination(NamedTuple):
    """What of a set stands in a corpus.

    Attributes:
        set: its name.
        items: of it.
        looked_for: of them, those with a text that is long enough.
        contaminated: of them, those of which something is in the corpus.
        training_documents: in which something of the set is.
        hits: the longest one of each item, as "item" (`name:number`), "words" and "document" (its id); the longest
            first, at most `HITS`.
    """

    set: str
    items: int
    looked_for: int
    contaminated: int
    training_documents: int
    hits: list[dict[str, str]]


def read_set(name: str, path: Path) -> EvaluationSet:
    """The texts of an evaluation file (.jsonl, .json, .csv, .tsv, .txt); what lies in one line or row is one item.

    In a .json file, which has no lines, every string is an item.

    Raises:
        SourceError: it cannot be read.
    """
    return EvaluationSet(name, list(read_texts(path)))


def text_set(name: str, texts: Iterable[str]) -> EvaluationSet:
    """A set of texts, an item each, numbered from 1."""
    return EvaluationSet(name, list(enumerate(texts, start=1)))


def contamination(
    sets: Sequence[EvaluationSet],
    corpus: Path,
    *,
    reporter: Reporter,
    ngram: int = _RULE.ngram,
    min_words: int = _RULE.min_words,
    clean: Callable[[str], str] = normalize,
) -> list[Contamination]:
    """Look for evaluation texts in the training documents of a finished corpus stage.

    Args:
        sets: what to look for; their names differ.
        corpus: the stage's folder.
        reporter: shows progress.
        ngram: words of a run.
        min_words: of the shortest text that is looked for.
        clean: what the corpus stage does to the text of documents, so that both are written alike.

    Raises:
        ArtifactMismatch: the corpus has no training documents.
        SourceError: one of its files is damaged.
    """
    files = shards(corpus, "train")
    items = _Items(sets, ngram, min_words, clean)
    with reporter.task("contamination", total=sum(file.stat().st_size for file in files)) as task:
        for file in files:
            if items.index is not None:
                for record in read_documents(file):
                    items.look(items.index, measure(record["text"]), record["id"])
            task.advance(file.stat().st_size)
    return list(items.told())


class _Items:
    """The items of all sets, numbered through, and what was found of them."""

    def __init__(
        self, sets: Sequence[EvaluationSet], ngram: int, min_words: int, clean: Callable[[str], str]
    ) -> None:
        self._names = [one.name for one in sets]
        numbers: dict[tuple[int, int], int] = {}  # set and number in it → item
        texts: list[Hashes] = []
        keys: list[Hashes] = []
        owners: list[NDArray[np.int64]] = []
        self._looked_for: set[int] = set()
        for place, one in enumerate(sets):
            for number, text in one.texts:
                item = numbers.setdefault((place, number), len(numbers))
                words = measure(clean(text)).word_hashes
                if len(words) >= min_words:
                    self._looked_for.add(item)
                    texts.append(words)
                    keys.append(run_keys(words, min(len(words), ngram)))
                    owners.append(np.full(len(keys[-1]), item, np.int64))
        self._items = list(numbers)
        self._longest: dict[int, tuple[int, str, str]] = {}  # item → words, quotation, document
        self._documents = [0] * len(sets)
        self.index: RunIndex | None = None
        if texts:
            # A run's value is its number; the items that have it stand beside one another in `_owners`.
            runs, order = np.concatenate(keys), np.concatenate(owners)
            by_run = np.argsort(runs, kind="stable")
            once, begins = np.unique(runs[by_run], return_index=True)
            self._owners, self._begins = order[by_run], np.append(begins, len(runs))
            self.index = index_runs(texts, ngram, once, np.arange(len(once), dtype=np.uint64))

    def look(self, index: RunIndex, document: Measures, name: str) -> None:
        """Note what stands in a document."""
        found = index.find(document.word_hashes)
        if not len(found):
            return
        owned = (
            (first, length, item)
            for first, length, run in found.tolist()
            for item in dict.fromkeys(self._owners[self._begins[run] : self._begins[run + 1]].tolist())
        )
        met = set()
        for item, first, last in merge_runs(owned):
            met.add(self._items[item][0])
            if last + 1 - first > self._longest.get(item, (0,))[0]:
                words = document.data[document.word_starts[first] : document.word_ends[last]]
                quote = words.tobytes().decode("utf-8", "replace")
                self._longest[item] = last + 1 - first, _short(quote), name
        for place in met:
            self._documents[place] += 1

    def told(self) -> Iterator[Contamination]:
        """For each set, in order."""
        for place, name in enumerate(self._names):
            own = [item for item, (of, _) in enumerate(self._items) if of == place]
            met = sorted((item for item in own if item in self._longest), key=lambda item: -self._longest[item][0])
            hits = [
                {"item": f"{name}:{self._items[item][1]}", "words": words, "document": document}
                for item in met[:HITS]
                for _, words, document in [self._longest[item]]
            ]
            looked_for = len(self._looked_for.intersection(own))
            yield Contamination(name, len(own), looked_for, len(met), self._documents[place], hits)


def _short(text: str) -> str:
    return text if len(text) <= QUOTE else f"{text[: QUOTE - 1]}…"


def contamination_section(found: Sequence[Contamination], model: int) -> list[dict[str, Any]]:
    """The record of what was found in one model's corpus; `model` is its number."""
    return [{"model": model, **one._asdict()} for one in found]
