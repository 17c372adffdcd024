"""A SentencePiece BPE model from a sample of the training documents.

The options make a tokenizer that changes nothing and that every runtime (SentencePiece, Transformers, llama.cpp)
reads alike: no normalisation, no collapsing of spaces, bytes for rare characters, single digits, chat tokens as
control symbols. Text is normalised in the corpus, never here.

A line break is the byte piece <0x0A>, always one token of its own: lines stay apart while learning. Letting pieces
such as ".\\n" be learnt would save 1.5% of the tokens of web text, but a prompt that ends in a full stop would then
be unlike anything the model saw, and a stream could not be cut at line ends.

The model's bytes follow from the sample and the settings alone, whatever the machine and its cores.

What it leaves out: encoding (`tokenizer`), `tokenizer.json` (`hugging_face`), how good the result is (`report`).
"""

import heapq
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sentencepiece
import xxhash

from fidan.artifact import atomic_write, write_json
from fidan.corpus.documents import read_documents, shards
from fidan.errors import FidanError
from fidan.progress import Reporter
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.hugging_face import verify_tokenizer_json, write_hugging_face_tokenizer
from fidan.tokenizer.report import measure
from fidan.tokenizer.tokenizer import MODEL, SENTINEL, Tokenizer

VERSION = 1
REPORT = "report.json"
CONTROL_SYMBOLS = ("<|im_start|>", "<|im_end|>", *(f"<|reserved_{n}|>" for n in range(6)))
MAX_PIECE_CHARS = 16  # at 24, 17 of 16,000 pieces of Turkish web text are longer and 0.01% of its tokens are saved
SENTENCE_BYTES = 4096  # SentencePiece skips a longer training sentence than 4,192 without a word
REPORT_BYTES = 5_000_000  # held-out text to measure on
_BOUNDARY = "\x1f"  # no piece is learnt across it
# A line ends at these; tab, NUL and ▅ are SentencePiece's own marks in training, and would make it skip the line.
_LINE_ENDS = re.compile("[\n\r\t\0\x1f\u2585]+")


def train_tokenizer(
    config: TokenizerConfig, seed: int, corpus_folder: Path, folder: Path, reporter: Reporter
) -> dict[str, Any]:
    """Learn a vocabulary from the train split; write model, Hugging Face files and report into `folder`.

    Args:
        config: the vocabulary's size, and how many bytes to learn from.
        seed: decides which documents are sampled.
        corpus_folder: clean documents, as the corpus stage writes them.
        folder: where `tokenizer.model`, `tokenizer.json`, `tokenizer_config.json` and `report.json` go.
        reporter: told what happens.

    Returns:
        Counts: of the corpus, the sample and the report on held-out text.

    Raises:
        FidanError: no training documents, or a vocabulary the text cannot fill or cannot be held in.
    """
    sample, counts = _sample(corpus_folder, "train", config.sample_bytes, seed)
    if not sample:
        raise FidanError(f"{corpus_folder}: the train split has no documents. Run the corpus stage, or add sources.")
    reporter.say(
        f"  learning {config.vocab_size:,} pieces from {counts['sample_bytes']:,} of {counts['corpus_bytes']:,} bytes"
    )
    sentences = Sentences(sample)
    model = learn(sentences, config)
    with atomic_write(folder / MODEL) as file:
        file.write(model)
    tokenizer = Tokenizer(model)
    write_hugging_face_tokenizer(tokenizer, folder)
    held_out, _ = _sample(corpus_folder, "valid", REPORT_BYTES, seed)
    verify_tokenizer_json(folder, (held_out or sample)[:200])
    report = measure(tokenizer, held_out, threads=config.threads)
    write_json(folder / REPORT, report)
    if report["tokens"]:
        reporter.say(
            f"  held-out text: {report['bytes_per_token']:.3f} bytes a token, "
            f"{report['tokens_per_word']:.3f} tokens a word"
        )
    return {
        "vocab_size": tokenizer.vocab_size,
        **counts,
        "lines": sentences.lines,
        "lines_cut": sentences.cut,
        "held_out": report,
    }


def learn(sentences: "Sentences", config: TokenizerConfig) -> bytes:
    """The bytes of a SentencePiece model.

    Raises:
        FidanError: `vocab_size` is above what the text supports, or below its letters.
    """
    model = io.BytesIO()
    try:
        # The number of threads stays at its default: SentencePiece writes it into the model, whose bytes (and so
        # whose hash) must not depend on the machine. It only reads the text in parallel; merging is sequential.
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=model,
            model_type="bpe",
            vocab_size=config.vocab_size,
            character_coverage=config.character_coverage,
            byte_fallback=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            add_dummy_prefix=True,
            split_digits=True,
            allow_whitespace_only_pieces=True,
            max_sentencepiece_length=MAX_PIECE_CHARS,
            pretokenization_delimiter=_BOUNDARY,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=3,
            unk_piece="<unk>",
            bos_piece="<s>",
            eos_piece="</s>",
            pad_piece="<pad>",
            control_symbols=[*CONTROL_SYMBOLS, *map(SENTINEL.format, range(config.sentinels))],
            minloglevel=2,
        )
    except RuntimeError as error:
        raise _explain(error, config) from error
    return model.getvalue()


class Sentences:
    """Training sentences of documents: lines joined up to `SENTENCE_BYTES`, longer lines cut at white space.

    The cut loses nothing: SentencePiece puts before every sentence the space that was cut away. The lines of one
    sentence are kept apart, and the later ones teach words without a space before, as they are after a line break.

    Attributes:
        lines: lines that were read.
        cut: lines among them that were too long for one sentence.
    """

    def __init__(self, documents: list[str]) -> None:
        self.documents, self.lines, self.cut = documents, 0, 0

    def __iter__(self) -> Iterator[str]:
        self.lines = self.cut = 0
        for text in self.documents:
            yield from self._of(text)

    def _of(self, text: str) -> Iterator[str]:
        joined: list[str] = []
        room = SENTENCE_BYTES
        for line in _LINE_ENDS.split(text):
            if not line:
                continue
            self.lines += 1
            size = len(line.encode()) + 1
            if size > room and joined:
                yield _BOUNDARY.join(joined)
                joined, room = [], SENTENCE_BYTES
            if size > room:
                self.cut += 1
                yield from cut_line(line)
            else:
                joined.append(line)
                room -= size
        if joined:
            yield _BOUNDARY.join(joined)


def cut_line(line: str, limit: int = SENTENCE_BYTES) -> Iterator[str]:
    """Parts of a line of at most `limit` UTF-8 bytes each, cut at spaces, which are dropped.

    A word longer than that is cut wherever the limit falls between two characters.
    """
    start = 0
    while start < len(line):
        part = line[start : start + limit].encode()[:limit].decode("utf-8", errors="ignore")
        end = start + len(part)
        if end < len(line) and line[end] != " " and (space := part.rfind(" ")) > 0:
            end = start + space
        yield line[start:end]
        start = end + (line[end : end + 1] == " ")


def _sample(corpus_folder: Path, split: str, budget: int, seed: int) -> tuple[list[str], dict[str, int]]:
    """The documents whose hashes are smallest, as many as `budget` bytes need, in the corpus's order; and counts.

    One pass, no need to know the corpus's size, spread evenly over it, and memory for the sample alone. It ends less
    than one document above the budget.
    """
    heap: list[tuple[int, int, str]] = []  # the largest hash first: (-hash, -position, text)
    documents = corpus_bytes = kept_bytes = 0
    for path in shards(corpus_folder, split):
        for document in read_documents(path):
            text: str = document["text"]
            size = len(text.encode())
            heapq.heappush(heap, (-xxhash.xxh3_64_intdigest(document["id"].encode(), seed=seed), -documents, text))
            documents += 1
            corpus_bytes += size
            kept_bytes += size
            while len(heap) > 1 and kept_bytes - (last := len(heap[0][2].encode())) >= budget:
                heapq.heappop(heap)
                kept_bytes -= last
    texts = [text for _, position, text in sorted(heap, key=lambda entry: -entry[1])]
    counts = {
        "corpus_documents": documents,
        "corpus_bytes": corpus_bytes,
        "sample_documents": len(texts),
        "sample_bytes": kept_bytes,
    }
    return texts, counts


def _explain(error: RuntimeError, config: TokenizerConfig) -> Exception:
    message = str(error)
    if match := re.search(r"too high \(\d+\).*<= (\d+)", message):
        return FidanError(
            f"tokenizer.vocab_size = {config.vocab_size}: this text supports {int(match[1])} pieces at most. "
            f"Set tokenizer.vocab_size = {int(match[1])} or lower, or add text to corpus.sources."
        )
    if match := re.search(r"smaller than required_chars\. \d+ vs (\d+)", message):
        return FidanError(
            f"tokenizer.vocab_size = {config.vocab_size}: its letters alone need {int(match[1])} pieces. "
            "Raise tokenizer.vocab_size, or lower tokenizer.character_coverage (rare letters become bytes)."
        )
    return error
