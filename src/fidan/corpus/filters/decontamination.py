"""Documents that hold a piece of an evaluation: found by runs of words in common, dropped, and every hit listed.

After GPT-3 (Brown et al. 2020, arXiv:2005.14165, appendix C): a run of 13 words of an evaluation text that stands in
a document. Texts of 8 to 12 words count when they stand there whole; shorter ones are told from chance by nothing,
and are counted and left out. Words are those with a letter or digit, in folded form, so that casing, punctuation and
the kind of apostrophe do not hide a text.

Where GPT-3 cuts out a window around a hit, here the document goes. GPT-3 also ignores runs that stand in more than
ten documents, as common phrases; here none is ignored. An answer that is the long name of a law drops every document
that cites it, but this can be seen in the list of hits, and the answer be taken out of the evaluation file; a test
that leaked into eleven pages could not be seen.

Runs are compared by 64-bit hashes, and a hit is not compared again by its text. Of two different runs of words one in
2^64 are taken for the same: for a million runs of evaluation and all of CC100-tr (4 billion words, six lengths of
runs) one false hit is to be expected in 800 such corpora.

What it leaves out: reading evaluation files (`fidan.corpus.filters.evaluation_items`).
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from datatrove.data import Document

from fidan.corpus.base import Filter, Verdict
from fidan.corpus.config import DecontaminationConfig
from fidan.corpus.filters.evaluation_items import read_texts
from fidan.corpus.filters.run_index import RunIndex, index_runs, merge_runs
from fidan.corpus.filters.word_runs import run_keys
from fidan.corpus.filters.words import Hashes, Measures, measure, measured
from fidan.corpus.ledger import Ledger
from fidan.corpus.tables import load_table, save_table
from fidan.errors import SourceError

_KIND = "index of evaluation texts"
_NUMBER_BITS = np.uint64(32)  # of a value: the low ones are the number in the file, the high ones the file


@dataclass(frozen=True, slots=True)
class FileCount:
    """What of an evaluation file is looked for.

    Attributes:
        file: its label.
        texts: in the file.
        used: of them, those that are looked for.
        short: of them, those with fewer than `min_words` words, which are not.
        repeated: of them, those whose words an earlier text has, too.
        ngrams: different runs of words that no earlier file has.
    """

    file: str
    texts: int
    used: int
    short: int
    repeated: int
    ngrams: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A run of words in common.

    Attributes:
        item: label of the evaluation text: file and number.
        start: of the run, in the UTF-8 bytes of the document.
        end: of it.
    """

    item: str
    start: int
    end: int


@dataclass(frozen=True)
class EvaluationIndex:
    """The runs of words of evaluation texts.

    Attributes:
        counts: one for each file.
        runs: their value says the text; a run of several texts belongs to the first.
    """

    counts: tuple[FileCount, ...]
    runs: RunIndex

    def hits(self, measures: Measures) -> list[Hit]:
        """The runs that a document shares with evaluation texts; those of one text that overlap are one hit."""
        runs = merge_runs(self.runs.find(measures.word_hashes).tolist())
        starts, ends = measures.word_starts, measures.word_ends
        return [Hit(self._label(value), int(starts[first]), int(ends[last])) for value, first, last in runs]

    def _label(self, value: int) -> str:
        bits = int(_NUMBER_BITS)
        return f"{self.counts[value >> bits].file}:{value & ((1 << bits) - 1)}"

    def save(self, path: Path) -> None:
        """Write the index to a file (.npy), whole or not at all."""
        about = {
            "lengths": self.runs.lengths.tolist(),
            "counts": [asdict(count) for count in self.counts],
            "table": len(self.runs.table),
        }
        save_table(path, _KIND, about, np.concatenate([self.runs.table, self.runs.beginnings]))

    @classmethod
    def load(cls, path: Path) -> Self:
        """The index in a file, mapped into memory: processes of one machine share it.

        Raises:
            ArtifactMismatch: the file is missing, damaged or not an index.
        """
        about, table = load_table(path, _KIND)
        lengths, end = np.array(about["lengths"], dtype=np.int64), about["table"]
        counts = tuple(FileCount(**count) for count in about["counts"])
        return cls(counts, RunIndex(lengths, table[:end], table[end:]))


def build_index(config: DecontaminationConfig, clean: Callable[[str], str]) -> EvaluationIndex:
    """The runs of words to look for.

    Args:
        config: names the files.
        clean: what is done to the text of documents, so that both are written alike.

    Raises:
        SourceError: a file cannot be read, or has no text that is long enough.
    """
    labels = _labels(config.files)
    taken: dict[int, int] = {}  # a run's hash to its text
    texts: dict[bytes, Hashes] = {}  # the words of every text that is looked for
    counts = []
    for file, (path, label) in enumerate(zip(config.files, labels, strict=True)):
        read = short = 0
        runs_before, texts_before = len(taken), len(texts)
        for number, text in read_texts(Path(path)):
            read += 1
            words = measure(clean(text)).word_hashes
            if len(words) < config.min_words:
                short += 1
            elif (known := words.tobytes()) not in texts:
                texts[known] = words
                for key in run_keys(words, min(len(words), config.ngram)).tolist():
                    taken.setdefault(key, file << int(_NUMBER_BITS) | number)
        if read == short:
            raise SourceError(
                f"{path}: none of its {read:,} texts has min_words = {config.min_words} words, so nothing of it can "
                "be found. Lower corpus.decontamination.min_words, or take the file out of its files."
            )
        used = len(texts) - texts_before
        counts.append(FileCount(label, read, used, short, read - short - used, len(taken) - runs_before))
    keys = np.fromiter(taken.keys(), np.uint64, len(taken))
    values = np.fromiter(taken.values(), np.uint64, len(taken))
    return EvaluationIndex(tuple(counts), index_runs(list(texts.values()), config.ngram, keys, values))


def _labels(files: tuple[str, ...]) -> list[str]:
    """Names for the files: those without their folders, where no two are alike."""
    names = [Path(file).name for file in files]
    return names if len(set(names)) == len(names) else list(files)


class DecontaminationFilter(Filter):
    """Drops documents that share a run of words with an evaluation text as `contaminated`; lists every hit.

    The detail of a drop is the first text that was met, as `file:number`.

    Args:
        ledger: where drops and hits are noted.
        index: path of an index, see `EvaluationIndex.save`.
    """

    name = "decontamination"

    def __init__(self, ledger: Ledger, index: Path) -> None:
        super().__init__(ledger)
        self.path = index
        self._index: EvaluationIndex | None = None  # read at the first document, so that the step travels without it

    def filter(self, doc: Document) -> Verdict:
        """Keeps documents without a hit."""
        if self._index is None:
            self._index = EvaluationIndex.load(self.path)
        hits = self._index.hits(measured(doc))
        if not hits:
            return True
        for hit, words in _quoted(doc.text, hits):
            self.ledger.hit(doc.id, hit.item, words)
        doc.metadata["detail"] = hits[0].item
        return False, "contaminated"


def _quoted(text: str, hits: list[Hit]) -> Iterator[tuple[Hit, str]]:
    """The hits with their words as they stand in the document."""
    data = text.encode("utf-8", "surrogatepass")
    for hit in hits:
        yield hit, data[hit.start : hit.end].decode("utf-8", "replace")
