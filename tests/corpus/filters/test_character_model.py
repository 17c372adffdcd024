"""The character model is a probability, that of its formula, whatever pieces and writing the text came in."""

import math
import random
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan import turkish
from fidan.corpus.filters import character_model
from fidan.corpus.filters.character_model import DISCOUNTS, NGramModel, alphabet, train, which_other
from fidan.corpus.synthetic.generator import generate
from fidan.errors import ArtifactMismatch, SourceError

SMALL = ["Evde bir kedi var.", "Kedi, evde bir o yana bir bu yana gidiyor!", "ŞİMDİ 3 kedi var; ÇOK iyi."]


@pytest.fixture(scope="module")
def text() -> list[str]:
    return [document.text for document in generate(3, 300_000)]


@pytest.fixture(scope="module")
def model(text: list[str]) -> NGramModel:
    return train(text[:-20], 5)


def symbols_of(text: str, order: int) -> list[int]:
    known, size = alphabet()
    found = [1] * (order - 1)
    for character in text:
        symbol = int(known[ord(character)]) if ord(character) < len(known) else size
        if symbol != 1 or found[-1] != 1:
            found.append(symbol)
    return found


class Plain:
    """The formula written out: slow, and with nothing packed, hashed or stored."""

    def __init__(self, texts: list[str], order: int) -> None:
        self.order = order
        longest: Counter[tuple[int, ...]] = Counter()
        for text in texts:
            symbols = symbols_of(text, order)
            longest.update(tuple(symbols[end - order : end]) for end in range(order, len(symbols) + 1))
        self.after: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        level = longest
        for _ in range(order):
            for gram, count in level.items():
                self.after[gram[:-1]][gram[-1]] = count
            level = Counter(gram[1:] for gram in level)

    def probability(self, context: tuple[int, ...], symbol: int) -> float:
        size, counts = alphabet()[1], self.after.get(context)
        if not context:
            assert counts
            return (counts[symbol] + len(counts) / size) / (counts.total() + len(counts))
        shorter = self.probability(context[1:], symbol)
        if not counts:
            return shorter
        kept = sum(DISCOUNTS[min(count, 3)] for count in counts.values())
        own = counts[symbol] - DISCOUNTS[min(counts[symbol], 3)]
        return float((own + kept * shorter) / counts.total())

    def bits(self, text: str) -> float:
        symbols, first = symbols_of(text, self.order), self.order - 1
        costs = [
            -math.log2(self.probability(tuple(symbols[at - first : at]), symbols[at]))
            + (which_other() if symbols[at] == alphabet()[1] else 0)
            for at in range(first, len(symbols))
        ]
        return sum(costs) / len(costs)


@pytest.mark.parametrize("order", [2, 3, 5, 8])
def test_it_is_its_formula(order: int) -> None:
    model, plain = train(SMALL, order), Plain(SMALL, order)
    for text in (*SMALL, "kedi yok", "zzzz", "Ω and 漢字 😀", "q", "  bir  \n\n iki "):
        assert model.bits_per_character(text) == pytest.approx(plain.bits(text), rel=1e-5)


@pytest.mark.parametrize("context", ["", "k", "evde bir kedi", "zqx", "漢字", "a. "])
def test_probabilities_sum_to_one(model: NGramModel, context: str) -> None:
    known, size = alphabet()
    one_each = {int(symbol): chr(code) for code, symbol in reversed(list(enumerate(known)))}
    start, total = model.bits_per_character(context + "a") * (len(context) + 1), 0.0
    for symbol, character in one_each.items():
        if symbol == 1 and context[-1:] in ("", " "):
            continue  # white space after white space is none; the formula gives it a share all the same
        bits = model.bits_per_character(context + character) * (len(context) + 1)
        total += 2 ** -(bits - (which_other() if symbol == size else 0))
    before = 2 ** -(model.bits_per_character(context) * len(context)) if context else 1.0
    assert len(one_each) == size
    assert start > 0
    assert total / before == pytest.approx(1.0, abs=2e-3 if context[-1:] in ("", " ") else 1e-4)


def test_alphabet() -> None:
    known, size = alphabet()
    same = ["Iı", "İi", "ÂAâa", "Şş", "0793٣", " \t\n\u00a0", "'’ʼ", '“"”', "Əə", "漢Жე😀"[:3]]
    for characters in same:
        assert len({known[ord(character)] for character in characters}) == 1, characters
    assert len({int(known[ord(c)]) for c in "abcçdefgğhıijklmnoöprsştuüvyzqwx0.,!?-–—'\" əß"}) == 45
    assert known[ord("Ж")] == size <= 255
    assert known.min() == 1
    assert which_other() == pytest.approx(20.0, abs=0.1)


def test_casing_digits_and_layout_do_not_count(model: NGramModel) -> None:
    text = "Işıl, 1985 yılında İzmir'de doğdu; kâğıt üzerinde 12.500 lira kazandı."
    score = model.bits_per_character(text)
    for other in (
        turkish.upper(text),
        text.replace("1985", "2071"),
        "\n " + text.replace(" ", "\n \t"),
        text.replace("'", "’"),
    ):
        assert model.bits_per_character(other) == pytest.approx(score)


def test_order_of_scores(model: NGramModel, text: list[str]) -> None:
    held_out = " ".join(text[-20:])
    words, letters = held_out.split(), list(held_out)
    shuffle = random.Random(1).shuffle
    shuffle(words)
    shuffle(letters)
    english = "The weather was lovely today and the children played in the park for hours before going home."
    scores = [
        model.bits_per_character(other)
        for other in (held_out, " ".join(words), english, "".join(letters), "Погода была хорошая, дети играли.")
    ]
    assert scores == sorted(scores)
    assert scores[0] < 1.5
    assert scores[-1] > 15
    assert np.log2(alphabet()[1]) < 8


def test_text_longer_than_a_piece_counts_as_one(monkeypatch: pytest.MonkeyPatch, text: list[str]) -> None:
    joined = [" ".join(text[:40])]
    whole = train(joined, 6)
    monkeypatch.setattr(character_model, "_PIECE", 997)  # and the table grows many times
    assert np.array_equal(train(joined, 6).table, whole.table)


def test_memory_is_bounded(text: list[str]) -> None:
    read = []

    def reference():  # type: ignore[no-untyped-def]
        for document in text * 1000:
            read.append(len(document))
            yield document

    model = train(reference(), 5, max_ngrams=5000)
    assert len(read) < 20
    assert model.table.nbytes < 28 * 5 * (5000 + max(read))
    assert model.characters <= sum(read)


def test_file(tmp_path: Path, model: NGramModel) -> None:
    path = tmp_path / "model.npy"
    model.save(path)
    loaded = NGramModel.load(path)
    assert (loaded.order, loaded.characters) == (5, model.characters)
    assert loaded.bits_per_character("Kediler uyudu.") == model.bits_per_character("Kediler uyudu.")
    with pytest.raises(ArtifactMismatch, match="a character model should be there"):
        NGramModel.load(tmp_path / "other.npy")


def test_nothing_to_learn_from() -> None:
    for texts in ([], [""], [" \n "]):
        with pytest.raises(SourceError, match=r"corpus\.perplexity has no text"):
            train(texts, 5)


@settings(deadline=None)  # the first example compiles
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_has_a_cost(text: str) -> None:
    score = train(SMALL, 4).bits_per_character(text)
    blank = all(alphabet()[0][ord(c)] == 1 if ord(c) < len(alphabet()[0]) else False for c in text)
    assert math.isnan(score) if blank else 0 < score < 64


def test_real_text_is_told_apart(real_data: Path) -> None:
    rows = [row.split("\t", 1) for row in (real_data / "langid/lines.tsv").read_text("utf-8").splitlines()]
    by_language: dict[str, list[str]] = defaultdict(list)
    for language, line in rows:
        by_language[language].append(line)
    turkish = by_language.pop("Turkish")
    model = train(turkish[:1800], 5)
    held_out = model.bits_per_character("\n".join(turkish[1800:]))
    assert held_out < 3.5
    for language, lines in by_language.items():
        assert model.bits_per_character("\n".join(lines)) > 1.3 * held_out, language
