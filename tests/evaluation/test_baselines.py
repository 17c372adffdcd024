"""What text costs without a model: sums to one, equals the formulas written out, and the order of the baselines."""

import lzma
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice, product

import numpy as np
import pytest

from fidan.corpus.synthetic.generator import generate
from fidan.errors import FidanError
from fidan.evaluation.baselines import kneser_ney
from fidan.evaluation.baselines.kneser_ney import FALLBACK, KneserNey, n_gram
from fidan.evaluation.baselines.simple import Rows, gather, uniform, unigram, xz


def rows(*documents: Sequence[int], vocabulary: int = 1000) -> Rows:
    return gather([np.array(document) for document in documents], vocabulary, None)


def random_documents(seed: int, vocabulary: int, count: int) -> list[list[int]]:
    """Documents of few words, some much likelier; 1 begins and 2 ends each, and stand nowhere else."""
    draw = np.random.default_rng(seed)
    chances = 1 / np.arange(1, vocabulary - 2)
    words = np.arange(3, vocabulary)
    return [[1, *draw.choice(words, size, p=chances / chances.sum()), 2] for size in draw.integers(0, 40, count)]


def text_documents(count: int) -> list[list[int]]:
    """Stories as the ids of their characters."""
    texts = [made.text[:400] for made in islice(generate(3, 400_000), count)]
    ids = {character: i + 3 for i, character in enumerate(sorted(set("".join(texts))))}
    return [[1, *(ids[character] for character in text), 2] for text in texts]


class Slow:
    """The formulas of the module, with dictionaries and loops."""

    def __init__(self, documents: list[list[int]], vocabulary: int, order: int) -> None:
        self.vocabulary, self.order = vocabulary, order
        self.a: list[Counter[tuple[int, ...]]] = [Counter()]
        for length in range(1, order + 1):
            counts: Counter[tuple[int, ...]] = Counter()
            before: defaultdict[tuple[int, ...], set[int]] = defaultdict(set)
            for document in documents:
                for end in range(1, len(document)):
                    start = end - length + 1
                    if start < 0:
                        continue
                    gram = tuple(document[start : end + 1])
                    if length == order or start == 0:
                        counts[gram] += 1
                    else:
                        before[gram].add(document[start - 1])
            for gram, tokens in before.items():
                counts[gram] += len(tokens)
            self.a.append(counts)
        self.d = [self.discounts(counts) for counts in self.a]
        self.after: list[defaultdict[tuple[int, ...], list[int]]] = []
        for counts in self.a:
            after: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
            for gram, count in counts.items():
                after[gram[:-1]].append(count)
            self.after.append(after)

    @staticmethod
    def discounts(counts: Counter[tuple[int, ...]]) -> tuple[float, ...]:
        n = Counter(counts.values())
        if 0 in (n[1], n[2], n[3]):
            return FALLBACK
        y = n[1] / (n[1] + 2 * n[2])
        found = (1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3])
        return found if all(0 < d <= k for k, d in enumerate(found, 1)) else FALLBACK

    def p(self, history: tuple[int, ...], token: int) -> float:
        length = len(history) + 1
        shorter = self.p(history[1:], token) if history else 1 / self.vocabulary
        seen = self.after[length].get(history)
        if not seen:
            return shorter
        count, total = self.a[length][(*history, token)], sum(seen)
        d = self.d[length]
        kept = count - d[min(count, 3) - 1] if count else 0.0
        return kept / total + sum(d[min(other, 3) - 1] for other in seen) / total * shorter

    def log2(self, document: list[int]) -> list[float]:
        return [
            math.log2(self.p(tuple(document[max(0, end - self.order + 1) : end]), document[end]))
            for end in range(1, len(document))
        ]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("source", ["random", "few", "text"])
def test_the_model_is_the_formulas_written_out(source: str, order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kneser_ney, "_SCORED_AT_ONCE", 100)
    documents = {
        "random": lambda: random_documents(0, 30, 300),
        "few": lambda: random_documents(1, 5, 4),
        "text": lambda: text_documents(48),
    }[source]()
    vocabulary = 200
    training, held_out = documents[: -len(documents) // 3], documents[-len(documents) // 3 :]
    slow = Slow(training, vocabulary, order)
    model = KneserNey(rows(*training), vocabulary, order)
    np.testing.assert_allclose(model.discounts, slow.d[1:], rtol=0, atol=1e-12)
    found = model.log2_probabilities(rows(*held_out))
    expected = [value for document in held_out for value in (0.0, *slow.log2(document))]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    bits = n_gram(rows(*training), rows(*held_out), vocabulary, order).bits
    np.testing.assert_allclose(bits, [-sum(slow.log2(document)) for document in held_out], rtol=1e-9)


def test_real_discounts_and_the_fallback_are_both_tried() -> None:
    assert KneserNey(rows(*random_documents(0, 30, 300)), 200).discounts[2] != FALLBACK
    assert KneserNey(rows(*random_documents(1, 5, 4)), 200).discounts[0] == FALLBACK


@pytest.mark.parametrize("count", [1, 3, 60])
def test_probabilities_after_any_context_add_up_to_one(count: int) -> None:
    vocabulary = 6
    model = KneserNey(rows(*random_documents(2, vocabulary, count), [1, 3, 4], vocabulary=vocabulary), vocabulary)
    contexts = [context for length in range(1, 5) for context in product(range(vocabulary), repeat=length)]
    asked = rows(*([*context, token] for context in contexts for token in range(vocabulary)), vocabulary=vocabulary)
    last = model.log2_probabilities(asked)[np.cumsum(asked.lengths) - 1]
    assert np.isfinite(last).all()
    np.testing.assert_allclose(np.exp2(last).reshape(-1, vocabulary).sum(1), 1, atol=1e-12)


def test_no_context_crosses_documents() -> None:
    model = KneserNey(rows(*random_documents(0, 30, 300)), 30)
    documents = random_documents(5, 30, 20)
    together = model.log2_probabilities(rows(*documents))
    alone = [model.log2_probabilities(rows(document)) for document in documents]
    np.testing.assert_array_equal(together, np.concatenate(alone))


def test_uniform_and_unigram_by_hand() -> None:
    training, held_out = rows([1, 5, 5, 2]), rows([1, 5, 2], [1, 9, 9, 9, 2])
    assert uniform(held_out, 16).bits == pytest.approx([8.0, 16.0])
    # 3 training tokens after <s> and 16 added ones; 5 twice, 2 once, 9 never
    expected = [math.log2(19 / 3) + math.log2(19 / 2), 3 * math.log2(19) + math.log2(19 / 2)]
    assert unigram(training, held_out, 16).bits == pytest.approx(expected)


def test_unigram_is_a_distribution() -> None:
    training = rows(*random_documents(0, 20, 50))
    asked = rows(*([1, token] for token in range(20)))
    assert np.exp2(-np.asarray(unigram(training, asked, 20).bits)).sum() == pytest.approx(1)


def test_each_baseline_that_knows_more_costs_less() -> None:
    documents = text_documents(150)
    training, held_out = rows(*documents[:100]), rows(*documents[100:])
    costs = [uniform(held_out, 100).bits, unigram(training, held_out, 100).bits]
    costs += [n_gram(training, held_out, 100, order).bits for order in (2, 5)]
    totals = [float(np.sum(cost)) for cost in costs]
    assert totals == sorted(totals, reverse=True)
    assert totals[3] < totals[2] < 0.8 * totals[1]


def test_xz_is_the_size_of_a_file_that_holds_the_texts() -> None:
    texts = [made.text for made in islice(generate(3, 50_000), 20)]
    baseline = xz(texts)
    joined = "".join(f"{text}\n" for text in texts).encode()
    assert baseline.bits == 8 * len(lzma.compress(joined, preset=9))
    assert baseline.bits < 8 * len(joined) / 2


def test_whole_documents_are_gathered_up_to_the_limit() -> None:
    documents = [np.arange(3), np.arange(4), np.arange(2)]
    assert gather(documents, 4, 7).lengths.tolist() == [3, 4]
    assert gather(documents, 4, 6).lengths.tolist() == [3]
    assert gather(documents, 4, 1).lengths.tolist() == [3]
    assert gather(documents, 4, None).ids.tolist() == [0, 1, 2, 0, 1, 2, 3, 0, 1]


@pytest.mark.parametrize(
    ("documents", "message"),
    [([], "no documents"), ([[]], "no ids"), ([[1], [1, 7]], "the id 7 is outside"), ([[-1]], "the id -1")],
)
def test_documents_that_cannot_be_are_refused(documents: list[list[int]], message: str) -> None:
    with pytest.raises(FidanError, match=message):
        gather([np.array(document, dtype=np.int64) for document in documents], 7)


def test_a_model_without_anything_to_count_is_refused() -> None:
    with pytest.raises(FidanError, match="no training token"):
        KneserNey(rows([1], [1]), 7)
    with pytest.raises(FidanError, match="order 0"):
        KneserNey(rows([1, 2]), 7, 0)
