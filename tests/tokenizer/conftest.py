"""A tiny tokenizer, trained once on synthetic Turkish, and the strings that break tokenizers."""

import random
from itertools import islice
from pathlib import Path

import pytest

from fidan.corpus.documents import shard_path, write_documents
from fidan.corpus.synthetic.generator import generate
from fidan.export.proof.hostile import TEXTS
from fidan.progress import SilentReporter
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.tokenizer import SPACE, Tokenizer
from fidan.tokenizer.train import train_tokenizer

NAMES = ["<s>", "</s> <unk> <pad>", "<|im_start|>user\nmerhaba<|im_end|>"]
HOSTILE = [*(text for text in TEXTS if SPACE not in text), *NAMES]
WITH_BLOCK = [text for text in TEXTS if SPACE in text]


def write_corpus(folder: Path, documents: list[str], split: str, shards: int = 1) -> None:
    """Documents dealt out to shards in order, as the corpus stage leaves them."""
    size = -(-len(documents) // shards)
    for number in range(shards):
        with write_documents(shard_path(folder / split, number)) as write:
            for i, text in enumerate(documents[number * size : (number + 1) * size]):
                write({"id": f"{split}-{number * size + i}", "text": text, "source": "synthetic"})


@pytest.fixture(scope="session")
def documents() -> list[str]:
    return [made.text for made in islice(generate(7, 2_000_000), 1500)]


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory, documents: list[str]) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, documents[:1400], "train", shards=3)
    write_corpus(folder, documents[1400:], "valid")
    return folder


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory, corpus_folder: Path) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(TokenizerConfig(vocab_size=600), 42, corpus_folder, folder, SilentReporter())
    return folder


@pytest.fixture(scope="session")
def tokenizer(tokenizer_folder: Path) -> Tokenizer:
    return Tokenizer.load(tokenizer_folder)


@pytest.fixture(scope="session")
def hostile() -> list[str]:
    return HOSTILE


@pytest.fixture(scope="session")
def with_block() -> list[str]:
    """Strings with a literal U+2581, which SentencePiece takes for a space."""
    return WITH_BLOCK


def fuzz_string(draw: random.Random, texts: list[str], tokenizer: Tokenizer) -> str:
    kind = draw.random()
    if kind < 0.3:
        alphabet = "aeıioöuübcçdgğklmnrsştyzABCÇİIĞÖŞÜâ  \n\t.,'’-0123"
        return "".join(draw.choice(alphabet) for _ in range(draw.randint(0, 60)))
    if kind < 0.5:
        return "".join(draw.choice(HOSTILE + WITH_BLOCK) for _ in range(draw.randint(1, 3)))
    if kind < 0.75:
        pieces = [tokenizer.piece(draw.randrange(tokenizer.vocab_size)) for _ in range(draw.randint(1, 20))]
        return "".join(pieces).replace("▁", draw.choice(" ▁"))
    if kind < 0.85:
        ranges = [(0, 0x24F), (0, 0xD7FF), (0xE000, 0x10FFFF)]
        return "".join(chr(draw.randint(*draw.choice(ranges))) for _ in range(draw.randint(1, 30)))
    text = draw.choice(texts)
    start = draw.randrange(len(text))
    return text[start : start + draw.randint(0, 60)] * draw.randint(1, 3)


@pytest.fixture(scope="session")
def fuzz(documents: list[str], tokenizer: Tokenizer) -> list[str]:
    """2,000 strings of letters, hostile parts, pieces, any characters and cut text."""
    draw = random.Random(11)
    return [fuzz_string(draw, documents, tokenizer) for _ in range(2000)]
