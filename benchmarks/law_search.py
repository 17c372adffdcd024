"""What words are searched by: beginnings, stems, pieces of our tokenizer; and bm25s, on the same articles.

    python benchmarks/law_search.py INDEX QUESTIONS… [--split dev] [--tokenizer FILE]

INDEX is a folder made by `fidan law index` of all laws in force; QUESTIONS are files as `fidan law evaluate` reads
them, of JSONL ones the rows of the split. For each way the articles are indexed anew, in memory, with the same
fields, weights and words left out, and asked without synonyms, neighbours and citations, so that only the terms
differ. Prints recall@1, recall@5 and MRR of each file, seconds of processor time to build, MB of postings, and
milliseconds of processor time a question in the median. bm25s has one field: all of an article's words.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fidan.law.article import Article
from fidan.law.bm25 import Weights, impact, scales
from fidan.law.citations import Citation
from fidan.law.everyday_words import read_everyday
from fidan.law.index import LawIndex
from fidan.law.index_format import FIELDS
from fidan.law.questions import Question, read_questions
from fidan.law.terms import JOINING, index_terms, words
from fidan.tokenizer.tokenizer import Tokenizer

Terms = Callable[[list[str]], list[str]]


class Ask(NamedTuple):
    """A way to ask, and what it took to build."""

    scores: Callable[[list[str]], NDArray[np.float32]]
    seconds: float
    bytes: int


def main() -> None:
    """Build each way, ask, print a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--tokenizer", type=Path, help="a SentencePiece model of ours")
    options = parser.parse_args()
    index = LawIndex.open(options.index)
    articles, texts = list(index.articles), fields_of(index)
    sets = {
        path.stem: read_questions(path, options.split if path.suffix == ".jsonl" else "", index.names).questions
        for path in options.questions
    }
    sets = {name: [one for one in questions if one.citations] for name, questions in sets.items()}
    print(f"{len(articles):,} articles; {', '.join(f'{name}: {len(own)}' for name, own in sets.items())}")
    for name, terms in ways(options.tokenizer).items():
        report(name, bm25f_of(texts, terms, index.searchable), articles, sets)
    report("bm25s, prefix 5", bm25s_of(texts, prefix(5)), articles, sets)


def ways(tokenizer: Path | None) -> dict[str, Terms]:
    """The ways to take terms from the words of a line."""
    import snowballstemmer

    stem = cache(snowballstemmer.stemmer("turkish").stemWord)
    found: dict[str, Terms] = {f"prefix {length}": prefix(length) for length in (4, 5, 6)}
    found["snowball"] = lambda line: [stem(word) for word in line]
    found["prefix 5 + snowball"] = lambda line: [*prefix(5)(line), *(f"·{stem(word)}" for word in line)]
    found["the same + pairs (ours)"] = index_terms
    if tokenizer is not None:
        pieces = Tokenizer.load(tokenizer)
        known: dict[str, list[str]] = {}

        def cut(line: list[str]) -> list[str]:
            for word in line:
                if word not in known:
                    known[word] = [str(token) for token in pieces.encode(word)]
            return [piece for word in line for piece in known[word]]

        found["pieces of our tokenizer"] = cut
        found["a word's first piece"] = lambda line: (cut(line), [known[word][0] for word in line])[1]
    return found


def prefix(length: int) -> Terms:
    """Each word's first letters; a number whole."""
    return lambda line: [word if word[0].isdigit() else word[:length] for word in line]


def fields_of(index: LawIndex) -> list[list[list[list[str]]] | None]:
    """By article and field the folded words of each line; None for an article that is not searched for."""
    everyday: dict[tuple[str, str], list[str]] = {}
    for entry in read_everyday():
        everyday.setdefault((entry.number(index.names) or "", entry.article), []).extend(entry.words)
    found: list[list[list[list[str]]] | None] = []
    for article in index.articles:
        if article.repealed or not article.paragraphs:
            found.append(None)
            continue
        title = f"{index.laws[article.law].name} {index.names.short(article.law)}"
        own = "\n".join(everyday.get((article.law, article.label), ()))
        lines = (article.heading, title, article.section, article.text, own)
        found.append([[words(line) for line in text.splitlines()] for text in lines])
    return found


def bm25f_of(texts: Sequence[list[list[list[str]]] | None], terms: Terms, searchable: int) -> Ask:
    """BM25F as the index has it, over terms of one's own."""
    begun = time.process_time()
    vocabulary: dict[str, int] = {}
    term_of, document_of, counts = [], [], bytearray()
    lengths = np.zeros((len(texts), len(FIELDS)), np.int32)
    for position, fields in enumerate(texts):
        row: dict[int, bytearray] = {}
        for column, lines in enumerate(fields or ()):
            for line in lines:
                lengths[position, column] += len(line)
                for term in terms(line):
                    cell = row.setdefault(vocabulary.setdefault(term, len(vocabulary)), bytearray(len(FIELDS)))
                    cell[column] = min(cell[column] + 1, 255)
        term_of += row
        document_of += [position] * len(row)
        for cell in row.values():
            counts += cell
    order = np.argsort(term_of, kind="stable")
    documents = np.array(document_of, np.int32)[order]
    held = np.bincount(term_of, minlength=len(vocabulary))
    ends = np.cumsum(held)
    weights = Weights()
    rarity = np.repeat(np.log1p((searchable - held + 0.5) / (held + 0.5)).astype(np.float32), held)
    by_field = np.frombuffer(counts, np.uint8).reshape(-1, len(FIELDS))[order]
    scale = scales(lengths, searchable, weights)
    said = impact(by_field, scale[documents], rarity, weights.k1).astype(np.float16)

    def scores(question: list[str]) -> NDArray[np.float32]:
        total = np.zeros(len(texts), np.float32)
        for term, count in Counter(terms(question)).items():
            if (at := vocabulary.get(term)) is not None:
                place = slice(ends[at] - held[at], ends[at])
                total[documents[place]] += np.float32(2 * count / (count + 1)) * said[place]
        return total

    return Ask(scores, time.process_time() - begun, documents.nbytes + said.nbytes + 16 * len(vocabulary))


def bm25s_of(texts: Sequence[list[list[list[str]]] | None], terms: Terms) -> Ask:
    """bm25s with its own settings over all of an article's words."""
    import bm25s

    begun = time.process_time()
    corpus = [[term for field in fields or () for line in field for term in terms(line)] for fields in texts]
    engine = bm25s.BM25()
    engine.index(corpus, show_progress=False)
    size = sum(array.nbytes for array in engine.scores.values() if isinstance(array, np.ndarray))
    known = engine.vocab_dict

    def scores(question: list[str]) -> NDArray[np.float32]:
        asked = [term for term in terms(question) if term in known]
        return np.asarray(engine.get_scores(asked), np.float32) if asked else np.zeros(len(texts), np.float32)

    return Ask(scores, time.process_time() - begun, size)


def report(name: str, ask: Ask, articles: Sequence[Article], sets: dict[str, list[Question]]) -> None:
    """A line: the figures of each set, and what it took."""
    told, taken = [], []
    for questions in sets.values():
        ranks = []
        for question in questions:
            begun = time.process_time()
            written = words(question.question)
            scores = ask.scores([word for word in written if word not in JOINING] or written)
            best = np.argsort(-scores, kind="stable")[:10]
            taken.append(time.process_time() - begun)
            found = [Citation(articles[at].law, articles[at].label) for at in best if scores[at] > 0]
            hits = (rank for rank, one in enumerate(found, 1) if one in (question.citations or ()))
            ranks.append(next(hits, 0))
        top = [np.mean([0 < rank <= k for rank in ranks]) for k in (1, 5)]
        told.append(f"{top[0]:.2f} {top[1]:.2f} {np.mean([1 / rank if rank else 0 for rank in ranks]):.2f}")
    figures = " | ".join(told)
    print(
        f"{name:<26} {figures} | {ask.seconds:5.1f} s {ask.bytes / 1e6:6.1f} MB {1000 * np.median(taken):5.1f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
