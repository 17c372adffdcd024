"""The fast encoder gives SentencePiece's ids, for every text, whatever it remembers; what it cannot take is named."""

import io
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.errors import FidanError
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.encoders import SentencePieceEncoder
from fidan.tokenizer.fast_encoder import LONGEST, FastEncoder, why_not
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn

LETTERS = "aeıioöuübcçdgğhklmnprsştvyzâîûABCÇİIĞÖŞÜ"
NAMES = ["<s>", "</s>", "<unk>", "<pad>", "<|im_start|>", "<|im_end|>", "<|reserved_0|>", "<0x0A>", "<0xFF>", "▁"]
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)]
MARKS = [chr(code) for code in (*range(0x300, 0x370), *range(0x64B, 0x660), 0x93C, 0x20E3, 0xFE0F, 0x200D)]
EMOJI = ["👨‍👩‍👧‍👦", "🇹🇷", "👍🏽", "❤️‍🔥", "🏴\U000e0067\U000e0062\U000e007f", "👩🏾‍🚀", "\U0001f1f9", "\u200d"]


def characters(draw: random.Random, alphabet: Sequence[str], most: int) -> str:
    return "".join(draw.choice(alphabet) for _ in range(draw.randint(0, most)))


def any_block(draw: random.Random, _: Tokenizer) -> str:
    """Characters of one block of 256, of any plane, without surrogates."""
    block = draw.choice([b for b in range(0x1100) if not 0xD8 <= b < 0xE0])
    return characters(draw, [chr(block << 8 | low) for low in range(256)], 30)


def pieces(draw: random.Random, tokenizer: Tokenizer) -> str:
    """Pieces as they stand, special and byte ones by their names, with and without spaces."""
    found = "".join(tokenizer.piece(draw.randrange(tokenizer.vocab_size)) for _ in range(draw.randint(1, 25)))
    return found.replace("▁", draw.choice([" ", "▁", "", "  "]))


def near_the_limit(draw: random.Random, _: Tokenizer) -> str:
    """A word of about as many bytes as a part may have."""
    word = "".join(draw.choice(LETTERS + "漢👍") for _ in range(LONGEST)).encode()
    return draw.choice(["", "iki ", "\n"]) + word[: LONGEST + draw.randint(-4, 4)].decode(errors="ignore") + " son"


def runs(draw: random.Random, _: Tokenizer) -> str:
    return "".join(
        draw.choice([" ", "\t", "\n", "\u00a0", "a", ".", "ş", "▁"]) * draw.randint(1, 40) for _ in range(8)
    )


KINDS: list[Callable[[random.Random, Tokenizer], str]] = [
    any_block,
    pieces,
    near_the_limit,
    runs,
    lambda draw, _: characters(draw, LETTERS + "  \n\t.,'’-0123", 80),
    lambda draw, _: characters(draw, [*NAMES, *"<>s|_ \n", "ev", "0x"], 12),
    lambda draw, _: characters(draw, [*CONTROLS, *"a  ı"], 25),
    lambda draw, _: characters(draw, [*MARKS, *"aei ı"], 25),
    lambda draw, _: characters(draw, [*EMOJI, *MARKS[-2:], *"a ı"], 12),
    lambda draw, _: characters(draw, LETTERS, 3000) if draw.random() < 0.05 else characters(draw, LETTERS, 300),
    lambda draw, _: draw.randbytes(draw.randint(0, 60)).decode("utf-8", "replace"),
    lambda draw, _: draw.randbytes(draw.randint(0, 60)).decode("latin-1"),
    lambda draw, _: "".join(
        chr(draw.choice([draw.randrange(0xD800), draw.randrange(0xE000, 0x110000)])) for _ in EMOJI
    ),
]


def hostile_strings(seed: int, count: int, tokenizer: Tokenizer) -> list[str]:
    """As many strings of each kind, shuffled, some of them glued together."""
    draw = random.Random(seed)
    found = [KINDS[number % len(KINDS)](draw, tokenizer) for number in range(count)]
    draw.shuffle(found)
    return [a + b if draw.random() < 0.2 else a for a, b in zip(found, found[1:] + found[:1], strict=True)]


def assert_same(tokenizer: Tokenizer, fast: FastEncoder, texts: Sequence[str]) -> None:
    expected, rows = SentencePieceEncoder(tokenizer).rows(texts), fast.rows(texts)
    ends = np.cumsum(rows.counts)
    for text, end, count, wanted in zip(texts, ends, rows.counts, tokenizer.encode_batch(texts), strict=True):
        row = rows.ids[end - count : end].tolist()
        assert row == [tokenizer.bos_id, *wanted.tolist(), tokenizer.eos_id], repr(text)
    for of_fast, of_theirs in zip(rows, expected, strict=True):
        assert of_fast.dtype == of_theirs.dtype
        np.testing.assert_array_equal(of_fast, of_theirs)


@pytest.fixture(scope="module")
def larger(documents: list[str]) -> Tokenizer:
    """A vocabulary of whole words and of runs of spaces and signs."""
    texts = [
        text.replace(". ", ".\t\t").replace(" ", "  ") if i % 5 == 0 else text for i, text in enumerate(documents)
    ]
    return Tokenizer(learn(Sentences(texts), TokenizerConfig(vocab_size=3000)))


@pytest.fixture(scope="module", params=["small", "large"])
def either(request: pytest.FixtureRequest, tokenizer: Tokenizer, larger: Tokenizer) -> Tokenizer:
    return tokenizer if request.param == "small" else larger


@pytest.fixture(scope="module")
def forgetful(larger: Tokenizer) -> FastEncoder:
    return FastEncoder(larger, words=64)


def test_documents_and_hostile_strings(
    either: Tokenizer, documents: list[str], hostile: list[str], with_block: list[str], fuzz: list[str]
) -> None:
    fast = FastEncoder(either)
    for texts in (documents, hostile, with_block, fuzz, [line for text in documents for line in text.split("\n")]):
        assert_same(either, fast, texts)


def test_fuzz(either: Tokenizer) -> None:
    fast = FastEncoder(either)
    texts = hostile_strings(5, 2600, either)
    for start in range(0, len(texts), 200):
        assert_same(either, fast, texts[start : start + 200])


@settings(max_examples=300)
@given(texts=st.lists(st.text() | st.text(alphabet=" ▁\n\t\0'aeıİi̇ğ👍🏽\u200d0<s>|"), max_size=6))
def test_any_texts(larger: Tokenizer, forgetful: FastEncoder, texts: list[str]) -> None:
    assert_same(larger, forgetful, texts)


def test_every_character(larger: Tokenizer) -> None:
    """Alone and between letters, 64 characters a text."""
    everything = [
        chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and (code < 0x3400 or code % 7 == 0)
    ]
    texts = ["".join(everything[start : start + 64]) for start in range(0, len(everything), 64)]
    assert_same(larger, FastEncoder(larger), texts + ["a".join(text) for text in texts[:300]])


def test_a_megabyte_without_a_space(larger: Tokenizer) -> None:
    draw = random.Random(1)
    word = "".join(draw.choice(LETTERS) for _ in range(600_000))
    assert_same(larger, FastEncoder(larger), ["önce", word, "", " " * 100_000, f"{word[:400]} {word[:400]}", "sonra"])


@pytest.mark.parametrize("words", [64, 500])
def test_what_is_forgotten_is_worked_out_again(larger: Tokenizer, documents: list[str], words: int) -> None:
    fast = FastEncoder(larger, words=words)
    for _ in range(2):
        assert_same(larger, fast, [*documents[:200], *hostile_strings(6, 100, larger)])
    assert 0 < fast._used[0] <= words


def test_a_word_with_the_key_of_another_is_not_taken_for_it(larger: Tokenizer) -> None:
    fast = FastEncoder(larger)
    assert_same(larger, fast, ["ev geldi"])
    assert fast._spellings[:3].tobytes() == b" ev"
    fast._spellings[1] = ord("a")  # as if " av" had been remembered by the key of " ev"
    fast._found[0] += 1
    assert_same(larger, fast, ["ev geldi", "geldi ev"])


def test_no_texts(larger: Tokenizer) -> None:
    fast = FastEncoder(larger)
    assert_same(larger, fast, [])
    assert_same(larger, fast, ["", ""])


def test_half_a_surrogate_pair_is_refused(larger: Tokenizer) -> None:
    fast = FastEncoder(larger)
    with pytest.raises(FidanError, match=r"\\ud800.*at character 1"):
        fast.rows(["iyi", "a\ud800"])
    assert_same(larger, fast, ["iyi"])


def trained(documents: Iterable[str], **options: object) -> Tokenizer:

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(documents),
        model_writer=model,
        vocab_size=500,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        minloglevel=2,
        **options,
    )
    return Tokenizer(model.getvalue())


@pytest.mark.parametrize(
    "options",
    [
        {"model_type": "unigram"},
        {"model_type": "bpe", "user_defined_symbols": ["<ev>"]},
        {"model_type": "bpe", "user_defined_symbols": ["geldi", "x"]},
    ],
)
def test_other_kinds_of_models_are_refused(documents: list[str], options: dict[str, object]) -> None:
    with pytest.raises(FidanError, match="not numbered in the order of their merges"):
        FastEncoder(trained(documents[:100], **options))


def test_pieces_across_spaces_are_taken(documents: list[str]) -> None:
    """Where words are not kept apart in training, parts are longer, and the ids the same."""
    across = trained(documents[:100], model_type="bpe", split_by_whitespace=False, max_sentencepiece_length=20)
    assert any("▁" in across.piece(i)[1:] for i in range(300, 500))
    assert_same(across, FastEncoder(across), [*documents[:50], *hostile_strings(7, 500, across)])


@pytest.mark.parametrize(
    ("is_special", "name", "message"),
    [(True, "§", "its control symbol '§' is a single character"), (False, "☃a", "the character '☃' of a piece")],
)
def test_pieces_that_it_cannot_take_are_named(
    tokenizer: Tokenizer, tmp_path: Path, is_special: bool, name: str, message: str
) -> None:
    class Renamed(Tokenizer):
        def piece(self, token: int) -> str:
            renamed = tokenizer.special_id("<|im_end|>") if is_special else tokenizer.vocab_size - 1
            return name if token == renamed else super().piece(token)

    assert why_not(Renamed(tokenizer.model_bytes)).startswith(message)


def test_a_missing_byte_piece_is_named(tokenizer: Tokenizer) -> None:
    class WithoutOne(Tokenizer):
        def is_byte(self, token: int) -> bool:
            return super().is_byte(token) and self.piece(token) != "<0x0A>"

    assert why_not(WithoutOne(tokenizer.model_bytes)) == "it has not one piece for every byte"
    assert why_not(tokenizer) == ""


def test_real_text(real_data: Path, larger: Tokenizer) -> None:
    lzma = pytest.importorskip("lzma")
    with lzma.open(real_data / "web" / "tr-web.valid.txt.xz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    fast = FastEncoder(larger)
    for start in range(0, len(lines), 500):
        assert_same(larger, fast, lines[start : start + 500])
