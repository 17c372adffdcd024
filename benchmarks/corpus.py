"""Cleaning speed and verdicts: ours beside what others do with Turkish web text, in one process.

    python benchmarks/corpus.py FILE [--megabytes 8] [--rounds 3]

FILE is raw text in CC100 form. The variants take turns, so that a busy machine slows all alike; the figures are
megabytes of text a CPU second, the median of the rounds. The slow ones get the first part of the text. Peers:

    line loop      fastText on every line, length limits, a set of hashes: the usual first script
    datatrove      its steps and filters with FineWeb-2's thresholds for Turkish (ftfy, e-mail and IP masking, symbol
                   lines, Gopher quality and repetition, FineWeb quality), with its default spaCy words and with ours
                   as a regular expression

spaCy is no dependency: `pip install spacy`. What it leaves out: near duplicates (`near_duplicates.py`), and reading.
"""

import argparse
import importlib.util
import re
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from datatrove.data import Document
from datatrove.pipeline.filters import FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter, SymbolLinesFormatter
from datatrove.utils.word_tokenizers import SpaCyTokenizer, WordTokenizer

from fidan import turkish
from fidan.corpus.base import Step
from fidan.corpus.config import CorpusConfig, QualityConfig, Source
from fidan.corpus.duplicates import exact
from fidan.corpus.duplicates.line_hashes import hash_lines
from fidan.corpus.filters.language import language_model_path
from fidan.corpus.filters.quality import QualityFilter
from fidan.corpus.filters.repetition import DUPLICATE, TOP
from fidan.corpus.filters.words import measure, measured
from fidan.corpus.flow import StepFlow, run_steps
from fidan.corpus.ledger import Ledger
from fidan.corpus.sources.readers import read_cc100
from fidan.corpus.sources.streams import ignore_progress
from fidan.corpus.steps import clean_steps, filter_steps

CONFIG = CorpusConfig(sources=(Source("-"),))
_JOINER = re.escape(turkish.APOSTROPHES) + "\u00ad\u0300-\u036f"
TOKEN = re.compile(rf"\d+(?:[.,]\d+)+|[^\W_]+(?:[{_JOINER}][^\W_]+)*|\.\.+|[^\w\s]|_")


class RegexWords(WordTokenizer):
    """Our rule for words, as a regular expression, for datatrove."""

    def __init__(self) -> None:
        super().__init__("tr")

    def word_tokenize(self, text: str) -> list[str]:
        """The tokens."""
        return TOKEN.findall(text)

    def sent_tokenize(self, text: str) -> list[str]:
        """Not asked for."""
        raise NotImplementedError

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Not asked for."""
        raise NotImplementedError


def read(path: Path, size: int) -> list[str]:
    """The first `size` bytes of documents."""
    texts, left = [], size
    for text, _ in read_cc100(path, 1 << 24, ignore_progress, guess=False):
        texts.append(text)
        left -= len(text.encode())
        if left <= 0:
            break
    return texts


def documents(texts: Iterable[str]) -> Iterable[Document]:
    """As a reader makes them."""
    for number, text in enumerate(texts):
        yield Document(text=text, id=f"a/{number}", metadata={"source": "a"})


class Given(Step):
    """Documents that are in memory."""

    name = "given"

    def __init__(self, texts: list[str]) -> None:
        super().__init__()
        self.texts = texts

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterable[Document]:
        """The documents."""
        yield from documents(self.texts)


class HashLines(Step):
    """What repeated lines are told by, taken from every cleaned document."""

    name = "hashes of lines"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterable[Document]:
        """The same documents."""
        for document in data:
            hash_lines(document.text, CONFIG.repeated_lines.min_words)
            yield document


class Fingerprint(Step):
    """What equal documents are told by, taken from those that are left."""

    name = "fingerprints"

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterable[Document]:
        """The same documents."""
        for document in data:
            exact.fingerprint(measured(document).token_hashes)
            yield document


def fidan_all(texts: list[str]) -> list[StepFlow]:
    """Every step of ours that looks at one document, the hashes for equal documents and repeated lines among them."""
    ledger = Ledger(10)
    config = replace(CONFIG, repeated_lines=replace(CONFIG.repeated_lines, min_documents=0))
    cleaning, filtering = clean_steps(config, ledger), filter_steps(config, ledger, Path(), Path())
    return run_steps([Given(texts), *cleaning, HashLines(), *filtering, Fingerprint()], 0, 1)


def line_loop(texts: list[str]) -> None:
    """fastText on every line, limits of length, a set of hashes."""
    import fasttext

    model = fasttext.load_model(str(language_model_path(CONFIG.language)))
    seen: set[int] = set()
    for text in texts:
        for line in text.split("\n"):
            line = line.strip()
            if not line or len(line) > 1000 or not 5 <= len(line.split()) <= 200:
                continue
            labels, probabilities = model.predict(line, k=1)
            if labels[0] != "__label__tr" or probabilities[0] <= 0.8:
                continue
            seen.add(xxhash.xxh3_64_intdigest(line.encode()))


def datatrove_filters(words: WordTokenizer) -> list[Any]:
    """FineWeb-2's filters for Turkish."""
    config = QualityConfig()
    return [
        GopherRepetitionFilter(
            language=words,
            dup_line_frac=config.max_duplicate_lines,
            top_n_grams=tuple(zip(TOP, config.max_top_ngram, strict=True)),
            dup_n_grams=tuple(zip(DUPLICATE, config.max_duplicate_ngrams, strict=True)),
        ),
        FineWebQualityFilter(
            language=words,
            line_punct_thr=config.min_line_punctuation,
            short_line_thr=999,
            char_duplicates_ratio=config.max_duplicate_line_chars,
            new_line_ratio=config.max_newline_ratio,
        ),
        GopherQualityFilter(
            language=words,
            max_avg_word_length=config.max_word_length,
            max_non_alpha_words_ratio=config.min_alphabetic,
            stop_words=list(config.stop_words),
        ),
    ]


def datatrove_all(words: WordTokenizer) -> Callable[[list[str]], None]:
    """FineWeb-2's steps on one document, but for its language model, which is not to be had with pip."""
    steps = [
        FTFYFormatter(),
        *datatrove_filters(words),
        PIIFormatter(),
        SymbolLinesFormatter(symbols_to_remove=["|"]),
    ]

    def run(texts: list[str]) -> None:
        data: Any = documents(texts)
        for step in steps:
            data = step(data)
        for _ in data:
            pass

    return run


def verdicts(filters: list[Any], texts: list[str]) -> list[bool]:
    """Whether each text passes all filters."""
    return [all(each.filter(document) is True for each in filters) for document in documents(texts)]


def same_tokens(words: WordTokenizer, texts: list[str]) -> float:
    """F1 of our tokens and a tokenizer's, as spans of characters."""
    ours = theirs = common = 0
    for text in texts:
        mine = {match.span() for match in TOKEN.finditer(text)}
        other, place = set(), 0
        for token in words.word_tokenize(text):
            place = text.index(token, place)
            other.add((place, place := place + len(token)))
        ours, theirs, common = ours + len(mine), theirs + len(other), common + len(mine & other)
    return 2 * common / max(ours + theirs, 1)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--megabytes", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    texts = read(arguments.file, int(arguments.megabytes * 1e6))
    variants: dict[str, tuple[Callable[[list[str]], Any], float]] = {  # and the part of the text it gets
        "fidan, all steps": (fidan_all, 1.0),
        "line loop": (line_loop, 1.0),
        "datatrove, regex words": (datatrove_all(RegexWords()), 0.25),
        "fidan, quality": (lambda texts: verdicts([QualityFilter(Ledger(10), QualityConfig())], texts), 1.0),
        "datatrove quality, regex": (lambda texts: verdicts(datatrove_filters(RegexWords()), texts), 0.5),
    }
    spacy = importlib.util.find_spec("spacy") is not None
    if spacy:
        variants["datatrove, spaCy words"] = (datatrove_all(SpaCyTokenizer("tr")), 0.02)
        filters = datatrove_filters(SpaCyTokenizer("tr"))
        variants["datatrove quality, spaCy"] = (lambda texts: verdicts(filters, texts), 0.02)
    else:
        print("spaCy is not installed (pip install spacy): its variants are left out")
    speeds: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(arguments.rounds + 1):  # the first round warms up: models load, loops compile
        for name, (work, share) in variants.items():
            part = texts[: max(1, round(len(texts) * (share if number else min(share, 0.02))))]
            began = time.process_time()
            work(part)
            if number:
                speeds[name].append(sum(len(text.encode()) for text in part) / 1e6 / (time.process_time() - began))
    print(f"{len(texts):,} documents, {sum(len(text.encode()) for text in texts) / 1e6:.1f} MB")
    print(f"{'variant':<26} {'MB/s':>8} {'ratio':>7}")
    for name, found in speeds.items():
        first = statistics.median(speeds["fidan, quality" if "quality" in name else "fidan, all steps"])
        print(f"{name:<26} {statistics.median(found):>8.2f} {first / statistics.median(found):>7.1f}")
    flow = fidan_all(texts)
    total = sum(step.seconds for step in flow)
    print("\nwhere our time goes:")
    for step in flow:
        print(f"  {step.name:<24} {step.seconds / total:>6.1%}")
    normal = [document.text for document in clean(texts)]
    mine = verdicts([QualityFilter(Ledger(0), QualityConfig())], normal)
    theirs = verdicts(datatrove_filters(RegexWords()), normal)
    print(f"\nsame verdict as datatrove's with regex words: {np.mean(np.equal(mine, theirs)):.2%} of {len(normal):,}")
    if spacy:
        some = normal[: len(normal) // 20]
        print(f"tokens as spaCy's: F1 {same_tokens(SpaCyTokenizer('tr'), some):.3f}")
        theirs = verdicts(datatrove_filters(SpaCyTokenizer("tr")), some)
        agree = np.mean(np.equal(mine[: len(some)], theirs))
        print(f"same verdict as datatrove's with spaCy words: {agree:.2%} of {len(some):,}")


def clean(texts: list[str]) -> Iterable[Document]:
    """Cleaned and not filtered."""
    data: Any = documents(texts)
    for step in clean_steps(CONFIG, Ledger(0)):
        data = step(data)
    yield from (document for document in data if document.text)


if __name__ == "__main__":
    measure("")  # compiled before anything is timed
    main()
