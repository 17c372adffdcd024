"""The minimal pairs of Turkish grammar: the file, its balance, and what a judge that never inflects says of them."""

from collections import Counter, defaultdict
from random import Random

import pytest

from fidan.corpus.synthetic.checker import check
from fidan.errors import FidanError
from fidan.evaluation.grammar import FILE, PHENOMENA, build, load, make
from fidan.evaluation.pair_files import Pair, read_pairs
from fidan.turkish import capitalize, words

# What the checker cannot say, by phenomenon: a word its closed lists lack, or a rule of its own that is too strict
# ("evin" is "your house" as well as "of the house").
NOT_JUDGED = {
    "possessor_agreement": "nothing is owned by",
    "postposition_case": "unknown word: dolayı",
    "postposition_order": "unknown word: dolayı",
    "comparison": "unknown word: boylu",
}
# The least share of bad sentences in which the checker sees an error. Where it is 0 the checker has no rule for the
# error: number after numerals, reflexives, verbs and their cases, tense with time, negation, converbs.
REJECTED = {
    **dict.fromkeys(
        (
            "two_way_harmony", "four_way_harmony", "assimilation", "softening", "vowel_loss", "buffer_consonant",
            "question_particle_harmony", "additive_particle_harmony", "copula_agreement", "condition",
        ),
        1.0,
    ),
    "possessor_agreement": 0.3, "possessor_case": 0.8, "pronoun_forms": 0.6, "number": 0, "postposition_case": 0.6,
    "postposition_order": 0.6, "comparison": 0.4, "subject_and_object": 0.3, "reflexive_agreement": 0,
    "modifier_order": 0.3, "subject_agreement": 0.7, "verb_government": 0.05, "goal_and_place": 0,
    "tense_and_time": 0, "wish_agreement": 0.6, "question_person": 0, "negative_polarity": 0,
    "absence_and_negation": 0, "before_and_after": 0, "relative_clause": 0.3, "embedded_agreement": 0.6,
    "embedded_subject": 0.2, "infinitive_government": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return load()


@pytest.fixture(scope="module")
def by_phenomenon(pairs: list[Pair]) -> dict[str, list[Pair]]:
    groups = defaultdict(list)
    for pair in pairs:
        groups[pair.phenomenon].append(pair)
    return groups


def test_the_file_is_what_the_rules_write() -> None:
    assert FILE.read_bytes() == make.written(build()).encode()
    assert build() == load() == [pair._replace(where="") for pair in read_pairs(FILE)]


def test_another_seed_draws_other_pairs(pairs: list[Pair]) -> None:
    assert len({pair.good for pair in build(2)} & {pair.good for pair in pairs}) < len(pairs) / 2


def test_every_phenomenon_has_its_pairs_and_no_sentence_stands_twice(pairs: list[Pair]) -> None:
    counts = Counter(pair.phenomenon for pair in pairs)
    assert list(counts) == list(PHENOMENA)
    assert len(PHENOMENA) >= 16
    assert set(counts.values()) == {make.PAIRS}
    assert make.PAIRS >= 60
    sentences = [sentence for pair in pairs for sentence in (pair.good, pair.bad)]
    assert len(set(sentences)) == len(sentences)


def test_every_sentence_begins_with_a_turkish_capital_and_ends_with_its_mark(pairs: list[Pair]) -> None:
    for pair in pairs:
        for sentence in (pair.good, pair.bad):
            assert sentence == capitalize(sentence)
            assert sentence[-1] == ("?" if "question" in pair.phenomenon else ".")
            assert "  " not in sentence
            assert "_" not in sentence


def test_the_two_sentences_differ_in_one_place(pairs: list[Pair]) -> None:
    for pair in pairs:
        good, bad = words(pair.good), words(pair.bad)
        before = next(i for i, (a, b) in enumerate(zip(good, bad, strict=False)) if a != b)
        after = next(i for i, (a, b) in enumerate(zip(good[::-1], bad[::-1], strict=False)) if a != b)
        assert max(len(good), len(bad)) - before - after <= 2, pair


def test_length_tells_nothing(pairs: list[Pair], by_phenomenon: dict[str, list[Pair]]) -> None:
    def shorter(some: list[Pair]) -> float:
        return sum((len(p.good) < len(p.bad)) + 0.5 * (len(p.good) == len(p.bad)) for p in some) / len(some)

    assert 0.45 <= shorter(pairs) <= 0.55
    for name, some in by_phenomenon.items():
        assert 0.4 <= shorter(some) <= 0.6, name


def test_the_words_of_a_phenomenon_are_many(by_phenomenon: dict[str, list[Pair]]) -> None:
    for name, some in by_phenomenon.items():
        assert len({word for pair in some for word in words(pair.good)}) >= 50, name


@pytest.mark.parametrize("name", PHENOMENA)
def test_an_independent_judge_accepts_the_good_and_sees_the_error_where_it_has_a_rule(
    name: str, by_phenomenon: dict[str, list[Pair]]
) -> None:
    for pair in by_phenomenon[name]:
        for problem in check(pair.good):
            assert name in NOT_JUDGED, f"{pair.good} {problem}"
            assert problem.startswith(NOT_JUDGED[name]), f"{pair.good} {problem}"
    rejected = sum(bool(check(pair.bad)) for pair in by_phenomenon[name])
    assert rejected / make.PAIRS >= REJECTED[name]
    assert REJECTED[name] > 0 or rejected < 6, "the checker has a rule now: ask for its share"


def test_a_phenomenon_with_too_few_words_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(draw: Random):
        while True:
            yield "Ali geldi.", f"Ali geldin{'.' * int(1 + 2 * draw.random())}"

    monkeypatch.setitem(PHENOMENA, "two", two)
    with pytest.raises(FidanError, match="two has only 1 different pairs of 60"):
        build()


def test_a_file_without_its_header_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "pairs.csv").write_text("Ali geldi.;Ali geldin.;person\n", encoding="utf-8")
    monkeypatch.setattr(make, "FILE", tmp_path / "pairs.csv")
    with pytest.raises(FidanError, match="does not begin with good_sentence;bad_sentence;phenomenon"):
        load()
