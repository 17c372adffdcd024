"""The checker accepts what the generator writes and rejects what is broken on purpose."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fidan.corpus.synthetic import checker, recognizer
from fidan.corpus.synthetic.checker import check, grammatical_share
from fidan.corpus.synthetic.generator import generate
from fidan.corpus.synthetic.lexicon import NOUNS
from fidan.corpus.synthetic.lexicon_data import CITIES, NAMES
from fidan.turkish import capitalize, lower, split_sentences

VOWELS = "aeıioöuü"
FLIPPED = str.maketrans("aeıiuü", "eaiıüu")
PEOPLE = frozenset(NAMES.split())
BARE_NAMES = PEOPLE | frozenset(CITIES.split())


def prose(seed: int, size: int) -> list[str]:
    """Sentences of clean stories, the only place where all damages can be done."""
    found = []
    for document in generate(seed, size, kinds={"story": 1.0}):
        for line in document.text.split("\n"):
            found += [sentence for sentence in split_sentences(line) if sentence.endswith((".", "!", "?"))]
    return found


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    return prose(11, 300_000)


def replace_word(sentence: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, sentence, count=1)


def wrong_harmony(sentence: str, rng: random.Random) -> str | None:
    """Flip the vowel of the last syllable of a word that certainly carries a suffix there."""
    found = [
        word
        for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", sentence)
        if re.search(r"(?:l[ae]r|[dt][ae]n?|[ae]n|[ıiuü]n|y[ae]|[dt][ıiuü]|m[ıiuü]ş)$", word)
        and len(word) > 4
        and not word.endswith(("neden", "zaman", "orman", "beden", "meydan", "insan", "için"))
        and any(len(r.stem) < len(word) - 1 for r in recognizer.readings(word))
        and not any(r.stem == lower(word) for r in recognizer.readings(word))
    ]
    if not found:
        return None
    word = found[int(rng.random() * len(found))]
    place = max(index for index, letter in enumerate(word) if letter in VOWELS)
    return replace_word(sentence, word, word[:place] + word[place].translate(FLIPPED) + word[place + 1 :])


SOFT = {
    noun.before_vowel: noun.text
    for group in NOUNS.values()
    for noun in group
    if noun.before_vowel and " " not in noun.text and len(noun.text) == len(noun.before_vowel)
}


def missing_softening(sentence: str, rng: random.Random) -> str | None:
    for word in re.findall(r"[^\W\d_]+", sentence):
        for end in range(3, len(word)):
            hard = SOFT.get(word[:end])
            if hard and word[end] in VOWELS:
                return replace_word(sentence, word, hard + word[end:])
    return None


OPEN_STEMS = frozenset(
    noun.text for group in NOUNS.values() for noun in group if noun.text[-1] in VOWELS and " " not in noun.text
)


def missing_buffer(sentence: str, rng: random.Random) -> str | None:
    for word in re.findall(r"[^\W\d_]+", sentence):
        for end in range(2, len(word) - 1):
            if word[:end] in OPEN_STEMS and word[end] in "yns" and word[end + 1] in VOWELS:
                return replace_word(sentence, word, word[:end] + word[end + 1 :])
    return None


def missing_apostrophe(sentence: str, rng: random.Random) -> str | None:
    return sentence.replace("'", "", 1) if "'" in sentence else None


def shuffled(sentence: str, rng: random.Random) -> str | None:
    """Shuffle the words of a plain sentence; the final mark stays, and the new first word gets the capital."""
    words = sentence[:-1].split()
    if '"' in sentence or len(words) < 5:
        return None
    words[0] = words[0] if words[0].split("'")[0] in BARE_NAMES else lower(words[0])
    order = sorted(range(len(words)), key=lambda index: rng.random())
    if order == list(range(len(words))):
        return None
    return capitalize(" ".join(words[index] for index in order)).rstrip(",") + sentence[-1]


def wrong_person(sentence: str, rng: random.Random) -> str | None:
    """Put the verb of a named subject into the first or second person."""
    words = sentence[:-1].split()
    if '"' in sentence or "," in sentence or words[0] not in PEOPLE or {"ile", "ve", "da", "de"} & set(words):
        return None
    if words[1] in PEOPLE or any(word.endswith(("ınca", "ince", "unca", "ünce", "ken")) for word in words):
        return None
    verb = words[-1]
    if re.search(r"[dt][ıiuü]$", verb):
        words[-1] = verb + rng.choice("mnk")
    elif verb.endswith("yor"):
        words[-1] = verb + rng.choice(["um", "sun", "uz"])
    elif re.search(r"m[ıiuü]ş$", verb):
        words[-1] = verb + verb[-2] + "m"
    else:
        return None
    return " ".join(words) + sentence[-1]


DAMAGES: tuple[Callable[[str, random.Random], str | None], ...] = (
    wrong_harmony, missing_softening, missing_buffer, missing_apostrophe, shuffled, wrong_person,
)  # fmt: skip


def damaged(sentences: list[str], damage: Callable[[str, random.Random], str | None]) -> Iterator[str]:
    rng = random.Random(5)
    for sentence in sentences:
        broken = damage(sentence, rng)
        if broken is not None and broken != sentence:
            yield broken


@pytest.mark.parametrize("seed", [1, 2])
def test_accepts_what_is_generated(seed: int) -> None:
    shares = [(checker.check(s), s) for d in generate(seed, 300_000) for s in checker.judged_sentences(d.text)]
    refused = [(problems, sentence) for problems, sentence in shares if problems]
    assert len(shares) > 5000
    assert len(refused) / len(shares) < 0.005, refused[:10]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_rejects_damage(sentences: list[str], damage: Callable[[str, random.Random], str | None]) -> None:
    broken = list(damaged(sentences, damage))
    passed = [sentence for sentence in broken if not check(sentence)]
    assert len(broken) > 100
    assert len(passed) / len(broken) < 0.10, passed[:20]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ali Ankara'da yaşıyor.",
        "Küçük kız kırmızı topunu bahçede buldu.",
        '"Benimle gelir misin?" diye sordu Ayşe.',
        "Kedinin dört ayağı vardır.",
        "Hava çok güzel.",
        "Soru: Türkiye'nin başkenti neresidir?",
        "Cevap: Ankara'dır.",
        "Çocuklar parkta oynadılar, ama Elif eve gitti.",
        "Ben okula gidiyorum.",
        "Biz seni çok sevdik.",
        "3'üncü gün yağmur yağdı.",
    ],
)
def test_accepts_by_hand(sentence: str) -> None:
    assert check(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "part"),
    [
        ("ali eve gitti.", "lower case"),
        ("Ali eve gitti", "no mark"),
        ("Ali evde gittı.", "unknown word"),
        ("Ali kitapı aldı.", "unknown word"),
        ("Ali arabaı gördü.", "unknown word"),
        ("Ali Ankarada yaşıyor.", "unknown word"),
        ("Ben okula gitti.", "does not go with"),
        ("Sen çok güzel yazıyorum.", "does not go with"),
        ("Geldin mı?", "harmony"),
        ("Bora de geldi.", "harmony"),
        ("Gitti Ali okula bugün.", "predicate in the middle"),
        ("Ali okulu göre gitti.", "wrong case"),
        ("Ali beni güldü.", "an object before"),
        ("Ali'nin okula gitti.", "nothing is owned"),
        ('Ali, "Gel, dedi.', "left open"),
        ("Zilfan moru küpledi.", "unknown word"),
    ],
)
def test_rejects_by_hand(sentence: str, part: str) -> None:
    assert any(part in problem for problem in check(sentence)), check(sentence)


def test_share() -> None:
    assert grammatical_share("Ali'nin Günü\nAli eve gitti. Kedi süt içti. Sonra bir") == 1.0
    assert grammatical_share("Ali eve gitti. Ali kitapı aldı.") == 0.5
    assert grammatical_share("") == 0.0


def test_is_independent_of_the_inflector() -> None:
    inflector = {"nouns", "verbs", "phonology", "numerals", "sentences", "lexicon"}
    for module in (checker, recognizer):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name.rsplit(".", 1)[-1] for name in imported} & inflector
