"""Near duplicates: our signatures against those of other libraries, same documents, one run.

    python benchmarks/near_duplicates.py [--pairs 2000] [--rounds 5]

Makes pairs of documents of about 2.3 kB whose Jaccard similarity is known (of their sets of runs of five words), and
prints for each variant the documents a second of one core (CPU time, the median of rounds that take turns), how many
times as fast ours is, and what share of the pairs it finds: of those at J >= 0.8, of those at its lower end, and of
those at J <= 0.5, which it should not find. The peers find pairs by 14 bands of 8 alone. Those that are not installed
are left out:

    pip install rensa datasketch

What it leaves out: the time to bring bands together, which is `fidan.corpus.duplicates.clusters`.
"""

import argparse
import importlib.util
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

os.environ["RAYON_NUM_THREADS"] = "1"  # rensa's threads, before it is loaded

import numpy as np
import xxhash
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
from datatrove.utils.word_tokenizers import WordTokenizer
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from fidan.corpus.config import NearDuplicatesConfig
from fidan.corpus.duplicates import minhash
from fidan.corpus.duplicates.clusters import cluster
from fidan.corpus.filters.words import measure

CONFIG = NearDuplicatesConfig()
SIZE = CONFIG.bands * CONFIG.rows
WORDS = 300  # of about 6.7 letters and a space: 2.3 kB
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Signatures = NDArray[np.uint64]  # (documents, SIZE)
Sign = Callable[[Sequence[str]], Any]


@dataclass
class Variant:
    """A way to make signatures: from texts, or from what `prepare` made of them, which is not timed."""

    sign: Callable[[Any], Any]
    prepare: Callable[[Sequence[str]], Any] = list
    rows: Callable[[Any], Signatures] = lambda made: np.array(made, dtype=np.uint64)
    peer: bool = True


@dataclass
class Pairs:
    """Documents 2i and 2i + 1 are a pair, of similarity `jaccard[i]`."""

    texts: list[str]
    jaccard: NDArray[np.float64]


def make_pairs(count: int, seed: int = 0) -> Pairs:
    """As many pairs with J drawn evenly from 0.8 … 1 as from 0.3 … 0.5; the changed words stand in a few places."""
    generator = np.random.default_rng(seed)
    syllables = [first + vowel + last for first in "bdgkmnst" for vowel in "aeıiou" for last in ("", "l", "n", "r")]
    vocabulary = np.array(["".join(generator.choice(syllables, generator.integers(1, 5))) for _ in range(30_000)])
    popular = 1.0 / np.arange(2, 30_002)
    popular /= popular.sum()
    texts, found = [], []
    for jaccard in np.concatenate([generator.uniform(0.8, 1.0, count), generator.uniform(0.3, 0.5, count)]):
        one = generator.choice(vocabulary, int(generator.integers(WORDS // 2, 3 * WORDS // 2)), p=popular)
        other, lost = one.copy(), round((len(one) - 4) * (1 - jaccard) / (1 + jaccard))
        while lost > 0:  # a run of r other words takes r + 4 shingles away
            run = int(min(lost, generator.integers(5, 30)))
            start = int(generator.integers(0, len(one) - run))
            other[start : start + max(1, run - 4)] = generator.choice(vocabulary, max(1, run - 4))
            lost -= run
        texts += [" ".join(one), " ".join(other)]
        found.append(true_jaccard(one, other))
    return Pairs(texts, np.array(found))


def true_jaccard(one: NDArray[np.str_], other: NDArray[np.str_]) -> float:
    """Of the sets of runs of words themselves."""
    first, second = (set(map(tuple, sliding_window_view(words, CONFIG.ngram).tolist())) for words in (one, other))
    return len(first & second) / len(first | second)


def joined_ngrams(texts: Sequence[str]) -> list[list[str]]:
    """Runs of words as strings, as the libraries want them."""
    split = (WORD.findall(text) for text in texts)
    return [[" ".join(words[at : at + 5]) for at in range(len(words) - 4)] for words in split]


def ours() -> dict[str, Variant]:
    """Signature, band keys and checks: all that is kept of a document."""
    hasher = minhash.MinHash(CONFIG)

    def from_hashes(documents: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint32]:
        signatures = np.stack([hasher.sign(hashes) for hashes in documents])
        hasher.keys(signatures)
        minhash.checks(signatures)
        return signatures

    def split(texts: Sequence[str]) -> list[NDArray[np.uint64]]:
        return [measure(text).word_hashes for text in texts]

    return {
        "fidan, text to keys": Variant(lambda texts: from_hashes(split(texts)), peer=False),
        "fidan, word hashes to keys": Variant(from_hashes, split, peer=False),
    }


def numpy_words() -> dict[str, Variant]:
    """The plain way: hash the words, then the runs, then all permutations of them at once."""
    factors, offsets = np.random.default_rng(1).integers(1, 2**32, (2, SIZE, 1), dtype=np.uint64) | np.uint64(1)
    weights = np.random.default_rng(2).integers(1, 2**63, 5, dtype=np.uint64) | np.uint64(1)

    def sign(text: str) -> Signatures:
        words = [xxhash.xxh3_64_intdigest(word.encode()) for word in WORD.findall(text)]
        runs = (sliding_window_view(np.array(words, np.uint64), 5) * weights).sum(axis=1)
        return np.min((factors * (runs >> np.uint64(32)) + offsets) & np.uint64(0xFFFFFFFF), axis=1)

    return {"numpy": Variant(lambda texts: [sign(text) for text in texts])}


def datatrove() -> dict[str, Variant]:
    """Its own step, with a regular expression for spaCy."""

    class Regex(WordTokenizer):
        def word_tokenize(self, text: str) -> list[str]:
            return WORD.findall(text)

        def sent_tokenize(self, text: str) -> list[str]:
            raise NotImplementedError

        def span_tokenize(self, text: str) -> list[tuple[int, int]]:
            raise NotImplementedError

    config = MinhashConfig(num_buckets=CONFIG.bands, hashes_per_bucket=CONFIG.rows)
    with tempfile.TemporaryDirectory() as folder:
        step = MinhashDedupSignature(folder, config, language=Regex())
    # Its own function, with the encoding that xxhash 4 no longer does by itself.
    step._hash_func = lambda run: xxhash.xxh64_intdigest(run.encode())

    def sign(texts: Sequence[str]) -> list[list[list[int]]]:
        return [step.get_signature(step.get_shingles(text)) for text in texts]

    return {"datatrove": Variant(sign, rows=lambda made: np.array(made, dtype=np.uint64).reshape(-1, SIZE))}


def rensa() -> dict[str, Variant]:
    """One object a document; its bulk call on strings; and that on hashed runs of words, which leaves out most."""
    from rensa import RMinHash

    hasher = minhash.MinHash(CONFIG)

    def one_by_one(texts: Sequence[str]) -> list[list[int]]:
        made = []
        for runs in joined_ngrams(texts):
            signature = RMinHash(num_perm=SIZE, seed=1)
            signature.update(runs)
            made.append(signature.digest())
        return made

    def hashed(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        runs = [minhash._shingles(measure(text).word_hashes, hasher.ngram) for text in texts]
        wide = np.concatenate(runs).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return wide, np.cumsum([0, *map(len, runs)], dtype=np.uint64)

    def rows(matrix: Any) -> Signatures:
        return np.array(matrix.to_rows(), dtype=np.uint64)

    return {
        "rensa": Variant(one_by_one),
        "rensa, bulk": Variant(
            lambda texts: RMinHash.digest_matrix_from_token_sets(joined_ngrams(texts), SIZE, 1), rows=rows
        ),
        "rensa, from shingle hashes": Variant(
            lambda made: RMinHash.digest_matrix_from_flat_token_hashes(*made, SIZE, 1), hashed, rows
        ),
    }


def datasketch() -> dict[str, Variant]:
    """Its batch update."""
    from datasketch import MinHash

    def sign(texts: Sequence[str]) -> list[NDArray[np.uint64]]:
        made = []
        for runs in joined_ngrams(texts):
            signature = MinHash(num_perm=SIZE)
            signature.update_batch([run.encode() for run in runs])
            made.append(signature.hashvalues)
        return made

    return {"datasketch": Variant(sign)}


def met(signatures: Signatures) -> NDArray[np.bool_]:
    """(pairs,): is a band of both the same?"""
    bands = signatures.reshape(-1, 2, CONFIG.bands, CONFIG.rows)
    same: NDArray[np.bool_] = (bands[:, 0] == bands[:, 1]).all(axis=2).any(axis=1)
    return same


def clustered(signatures: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """(pairs,): do both end in one cluster of the whole set?"""
    keys = minhash.MinHash(CONFIG).keys(signatures)
    roots = cluster([keys], [minhash.checks(signatures)], CONFIG.threshold, 1 << 28)
    same: NDArray[np.bool_] = roots[::2] == roots[1::2]
    return same


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2000, help="of each kind")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    missing = [name for name in ("rensa", "datasketch") if importlib.util.find_spec(name) is None]
    variants = ours() | numpy_words() | datatrove()
    for name, make in (("rensa", rensa), ("datasketch", datasketch)):
        variants |= {} if name in missing else make()
    pairs = make_pairs(arguments.pairs)
    timed = pairs.texts[: min(1000, len(pairs.texts))]
    prepared = {name: variant.prepare(timed) for name, variant in variants.items()}
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(arguments.rounds + 1):  # the first round warms up
        for name, variant in variants.items():
            began = time.process_time()
            variant.sign(prepared[name])
            if number:
                seconds[name].append((time.process_time() - began) / len(timed))
    size = statistics.mean(len(text.encode()) for text in timed)
    print(
        f"{len(timed):,} documents of {size:,.0f} bytes; {arguments.pairs:,} pairs at J >= 0.8, as many at J <= 0.5"
    )
    print(f"{'variant':<36} {'documents/s':>12} {'ours is':>9} {'J >= .8':>8} {'.8–.82':>7} {'J <= .5':>8}")
    first = statistics.median(seconds[next(iter(variants))])
    for name, variant in variants.items():
        median = statistics.median(seconds[name])
        signatures = variant.rows(variant.sign(variant.prepare(pairs.texts)))
        ways = [("", met(signatures))] if variant.peer else [(", confirmed", clustered(signatures.astype(np.uint32)))]
        for ending, same in ways:
            near, edge, far = (
                np.mean(same[(pairs.jaccard >= low) & (pairs.jaccard <= high)])
                for low, high in ((0.8, 1.0), (0.8, 0.82), (0.0, 0.5))
            )
            speed = f"{1 / median:>12,.0f} {median / first:>8.1f}×"
            print(f"{name + ending:<36} {speed} {near:>8.4f} {edge:>7.3f} {far:>8.4f}")
    if missing:
        print(f"Left out: {', '.join(missing)}. To compare with them: pip install {' '.join(missing)}")


if __name__ == "__main__":
    main()
