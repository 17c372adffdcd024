import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from fidan.artifact import hash_file
from fidan.corpus.documents import shard_path, write_documents
from fidan.errors import FidanError
from fidan.progress import SilentReporter
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import CONTROL_SYMBOLS, SENTENCE_BYTES, Sentences, cut_line, learn, train_tokenizer

SMALL = TokenizerConfig(vocab_size=600)
Corpus = Callable[[list[str], list[str]], Path]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    def write(train: list[str], valid: list[str]) -> Path:
        for split, texts in (("train", train), ("valid", valid)):
            with write_documents(shard_path(tmp_path / "made" / split, 0)) as put:
                for i, text in enumerate(texts):
                    put({"id": f"{split}{i}", "text": text, "source": "made"})
        return tmp_path / "made"

    return write


def test_files_and_counts(tmp_path: Path, corpus_folder: Path, documents: list[str]) -> None:
    counts = train_tokenizer(SMALL, 42, corpus_folder, tmp_path, SilentReporter())
    names = {"tokenizer.model", "tokenizer.json", "tokenizer_config.json", "report.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    train = documents[:1400]
    assert counts["vocab_size"] == 600
    assert counts["corpus_documents"] == counts["sample_documents"] == 1400
    assert counts["corpus_bytes"] == counts["sample_bytes"] == sum(len(text.encode()) for text in train)
    assert counts["lines"] == sum(text.count("\n") + 1 for text in train)
    assert counts["lines_cut"] == 0
    assert counts["held_out"] == orjson.loads((tmp_path / "report.json").read_bytes())
    assert counts["held_out"]["documents"] == 100
    assert counts["held_out"]["round_trip_failures"] == 0


def test_the_same_input_gives_the_same_bytes_whatever_the_threads(
    tmp_path: Path, corpus_folder: Path, tokenizer_folder: Path
) -> None:
    for threads in (1, 4):
        train_tokenizer(replace(SMALL, threads=threads), 42, corpus_folder, tmp_path, SilentReporter())
        for path in tokenizer_folder.iterdir():
            assert hash_file(tmp_path / path.name) == hash_file(path)


def test_control_symbols_are_reserved(tokenizer: Tokenizer) -> None:
    assert [tokenizer.piece(i) for i in range(4)] == ["<unk>", "<s>", "</s>", "<pad>"]
    for name in CONTROL_SYMBOLS:
        assert tokenizer.special_id(name) in tokenizer.special_ids
    assert len(tokenizer.special_ids) == 4 + len(CONTROL_SYMBOLS)
    assert sum(tokenizer.is_byte(i) for i in range(tokenizer.vocab_size)) == 256


def test_digits_are_single_and_no_piece_crosses_a_line(tokenizer: Tokenizer) -> None:
    for i in range(tokenizer.vocab_size):
        if i not in tokenizer.special_ids and not tokenizer.is_byte(i):
            piece = tokenizer.piece(i)
            assert not any(c.isdigit() for c in piece) or len(piece.removeprefix("▁")) == 1
            assert not set(piece) & set("\n\r\t\x1f\0")


def test_words_in_the_tail_of_a_very_long_line_are_learnt(documents: list[str]) -> None:
    head = " ".join(" ".join(text.split()) for text in documents[:400])
    tail = " ".join(["kuyrukluyıldız"] * 300)
    assert len(head.encode()) > 10 * SENTENCE_BYTES
    sentences = Sentences([f"{head} {tail}"])
    model = learn(sentences, SMALL)
    assert (sentences.lines, sentences.cut) == (1, 1)
    assert len(Tokenizer(model).encode("kuyrukluyıldız")) == 1


def test_a_line_cut_for_training_counts_as_the_same_words(documents: list[str]) -> None:
    line = " ".join(" ".join(text.split()) for text in documents[:200])
    for limit in (50, 333, SENTENCE_BYTES):
        parts = list(cut_line(line, limit))
        assert " ".join(parts) == line
        assert all(0 < len(part.encode()) <= limit for part in parts)


def test_a_word_too_long_is_cut_between_characters() -> None:
    for text in ("ğ" * 9000, "kısa " + "👍" * 3000 + " son", "a" * SENTENCE_BYTES, " " * 9000):
        parts = list(cut_line(text))
        assert all(len(part.encode()) <= SENTENCE_BYTES for part in parts)
        assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_sentences_hold_all_lines_within_the_limit(documents: list[str]) -> None:
    texts = [*documents[:50], "a\r\nb\tc\0d▅e", "\n\n", "x " * 5000, "\n".join(documents[:60])]
    sentences = Sentences(texts)
    found = list(sentences)
    assert all(len(sentence.encode()) <= SENTENCE_BYTES for sentence in found)
    words = [word for text in texts for word in text.replace("\0", " ").replace("▅", " ").split()]
    assert [word for sentence in found for word in sentence.replace("\x1f", " ").split()] == words
    assert sentences.cut == 1


def test_tabs_and_marks_do_not_lose_their_line(documents: list[str]) -> None:
    texts = [f"{text}\tözgünkelime\0özgünkelime ▅ özgünkelime" for text in documents[:300]]
    tokenizer = Tokenizer(learn(Sentences(texts), SMALL))
    assert len(tokenizer.encode("özgünkelime")) == 1


def test_words_after_a_line_break_are_learnt_without_a_space(documents: list[str]) -> None:
    texts = [f"{text}\nÖzetle" for text in documents[:300]]
    tokenizer = Tokenizer(learn(Sentences(texts), SMALL))
    pieces = [tokenizer.piece(i) for i in tokenizer.encode("ev\nÖzetle")]
    assert pieces[-2:] == ["<0x0A>", "Özetle"]


def test_the_sample_is_bounded_seeded_and_spread(tmp_path: Path, corpus_folder: Path, documents: list[str]) -> None:
    budget = 60_000
    longest = max(len(text.encode()) for text in documents)
    hashes = set()
    for seed in (1, 1, 2):
        config = replace(SMALL, vocab_size=500, sample_bytes=budget)
        counts = train_tokenizer(config, seed, corpus_folder, tmp_path, SilentReporter())
        assert budget <= counts["sample_bytes"] < budget + longest
        assert counts["corpus_documents"] == 1400
        hashes.add(hash_file(tmp_path / "tokenizer.model"))
    assert len(hashes) == 2


def test_the_sample_reaches_the_end_of_the_corpus(tmp_path: Path, corpus: Corpus, documents: list[str]) -> None:
    train = [*documents[:700], *(f"{text} uzaktakikelime" for text in documents[700:])]
    folder = corpus(train, documents[:5])
    train_tokenizer(replace(SMALL, sample_bytes=50_000), 3, folder, tmp_path / "out", SilentReporter())
    assert len(Tokenizer.load(tmp_path / "out").encode("uzaktakikelime")) == 1


def test_a_vocabulary_beyond_the_text_names_the_largest_that_works(
    tmp_path: Path, corpus: Corpus, documents: list[str]
) -> None:
    folder = corpus(documents[:20], documents[:2])
    with pytest.raises(FidanError, match=r"vocab_size = 30000: this text supports \d+ pieces at most") as caught:
        train_tokenizer(TokenizerConfig(vocab_size=30_000), 1, folder, tmp_path / "out", SilentReporter())
    largest = int(str(caught.value).split("supports ")[1].split()[0])
    assert f"Set tokenizer.vocab_size = {largest}" in str(caught.value)
    assert not (tmp_path / "out" / "tokenizer.model").exists()
    counts = train_tokenizer(TokenizerConfig(vocab_size=largest), 1, folder, tmp_path / "out", SilentReporter())
    assert counts["vocab_size"] == largest


def test_a_vocabulary_below_the_letters_says_so(tmp_path: Path, corpus: Corpus) -> None:
    letters = "".join(chr(c) for c in range(0x4E00, 0x4E00 + 300))
    folder = corpus([letters * 3] * 20, [letters])
    with pytest.raises(FidanError, match=r"vocab_size = 400: its letters alone need \d+ pieces"):
        train_tokenizer(TokenizerConfig(vocab_size=400), 1, folder, tmp_path / "out", SilentReporter())


def test_no_documents_say_so(tmp_path: Path, corpus: Corpus) -> None:
    with pytest.raises(FidanError, match="the train split has no documents"):
        train_tokenizer(SMALL, 1, corpus([], []), tmp_path / "out", SilentReporter())


def test_no_held_out_documents_is_no_fault(tmp_path: Path, corpus: Corpus, documents: list[str]) -> None:
    counts = train_tokenizer(SMALL, 1, corpus(documents[:300], []), tmp_path / "out", SilentReporter())
    assert counts["held_out"]["documents"] == 0


def test_sentencepiece_prints_nothing(tmp_path: Path, corpus_folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from fidan.recipe import TokenizerConfig; "
        "from fidan.progress import SilentReporter; from fidan.tokenizer.train import train_tokenizer; "
        "train_tokenizer(TokenizerConfig(vocab_size=600), 42, Path(sys.argv[1]), Path(sys.argv[2]), SilentReporter())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(corpus_folder), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TRANSFORMERS_VERBOSITY": "error"},
    )
    assert (done.stdout, done.stderr) == ("", "")
