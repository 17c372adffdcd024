"""Encoding speed: the fast encoder and packing against SentencePiece and others, same texts, same core, in turns.

    python benchmarks/encode.py TEXT [--model tokenizer.model] [--vocab 32000] [--megabytes 20] [--rounds 5]

TEXT holds documents parted by blank lines. Without a model one is trained on its first 30 MB. Printed are MB/s of
UTF-8 text, the median of rounds that take turns (so that a busy machine slows all alike), how many times
SentencePiece that is, and in how many documents the ids are other ones than SentencePiece's. Every encoder is made
anew for every round, so one that remembers words starts without them, and all run on one core. `pack` is all of
packing a shard but the disk: reading JSON lines in Zstandard, encoding, the checks, arrays.

Other encoders are measured where they are installed: `pip install kitoken gigatoken`. What it leaves out: training.
"""

import argparse
import importlib.util
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ.update(TOKENIZERS_PARALLELISM="false", RAYON_NUM_THREADS="1")

import numpy as np

from fidan.artifact import hash_file
from fidan.corpus.documents import shard_path, write_documents
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.encoders import Name, make_encoder
from fidan.tokenizer.hugging_face import write_hugging_face_tokenizer
from fidan.tokenizer.tokenizer import MODEL, Tokenizer
from fidan.tokenizer.train import Sentences, learn
from fidan.training import packing

BATCH = 256  # documents, as packing takes them
Texts = Sequence[str]
Encode = Callable[[Texts], list[np.ndarray]]
"""Some documents to their ids, an array each, without `<s>` and `</s>`."""


def sentencepiece(tokenizer: Tokenizer, _: Path) -> Encode:
    """SentencePiece's own batch, as packing takes it."""
    return tokenizer.encode_batch


def hugging_face(_: Tokenizer, folder: Path) -> Encode:
    """Hugging Face tokenizers, from our `tokenizer.json`."""
    from tokenizers import Tokenizer as Theirs

    theirs = Theirs.from_file(str(folder / "tokenizer.json"))
    theirs.encode_special_tokens = True  # a control symbol's name in a text is text
    return lambda texts: [
        np.array(found.ids, np.int32) for found in theirs.encode_batch_fast(list(texts), add_special_tokens=False)
    ]


def kitoken(_: Tokenizer, folder: Path) -> Encode:
    """Kitoken, from the model."""
    from kitoken import Kitoken

    theirs = Kitoken.from_file(str(folder / MODEL))
    return lambda texts: [np.array(ids, np.int32) for ids in theirs.encode_all(list(texts), False)]


def gigatoken(_: Tokenizer, folder: Path) -> Encode:
    """Gigatoken, from the model."""
    import gigatoken as theirs

    made = theirs.Tokenizer.from_sentencepiece(folder / MODEL)
    return lambda texts: [np.asarray(ids, np.int32) for ids in made.encode_batch(list(texts), parallel=False)]


def ours(tokenizer: Tokenizer, _: Path) -> Encode:
    """The fast encoder of this package."""
    encoder = make_encoder("fast", tokenizer)

    def encode(texts: Texts) -> list[np.ndarray]:
        rows = encoder.rows(texts)
        return [row[1:-1] for row in np.split(rows.ids, np.cumsum(rows.counts)[:-1])]

    return encode


OTHERS = {"kitoken": kitoken, "gigatoken": gigatoken}


def seconds(encode: Encode, texts: Texts) -> tuple[float, list[np.ndarray]]:
    """Time to encode all texts, and their ids."""
    encode(texts[:1])  # what an encoder does once
    found: list[np.ndarray] = []
    begin = time.perf_counter()
    for start in range(0, len(texts), BATCH):
        found += encode(texts[start : start + BATCH])
    return time.perf_counter() - begin, found


def pack_seconds(tokenizer: Tokenizer, name: Name, source: Path) -> float:
    """Time to pack one shard."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    encoder = make_encoder(name, tokenizer)
    encoder.rows(["a"])
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        job = packing._Job(source, hash_file(source), Path(folder), "train-00000")
        begin = time.perf_counter()
        packing._pack_shard(job, tokenizer, encoder)
        return time.perf_counter() - begin


def prepare(arguments: argparse.Namespace, folder: Path) -> tuple[Tokenizer, list[str]]:
    """A tokenizer, with its files in `folder`, and the documents to encode."""
    parts = arguments.text.read_text(encoding="utf-8").split("\n\n")
    documents = [part.strip("\n") for part in parts if part.strip("\n")]
    if arguments.model is None:
        model = learn(Sentences(up_to(documents, 30_000_000)), TokenizerConfig(vocab_size=arguments.vocab))
    else:
        model = arguments.model.read_bytes()
    (folder / MODEL).write_bytes(model)
    tokenizer = Tokenizer(model)
    write_hugging_face_tokenizer(tokenizer, folder)
    return tokenizer, up_to(documents[::-1], int(arguments.megabytes * 1e6))


def up_to(documents: list[str], size: int) -> list[str]:
    """The first documents, of about `size` bytes in all."""
    ends = np.cumsum([len(document.encode()) for document in documents])
    return documents[: int(np.searchsorted(ends, size)) + 1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--vocab", type=int, default=32_000)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokenizer, texts = prepare(arguments, folder)
        source = shard_path(folder, 0)
        with write_documents(source) as write:
            for number, text in enumerate(texts):
                write({"id": str(number), "text": text, "source": "benchmark"})
        peers = {"sentencepiece": sentencepiece, "tokenizers": hugging_face, "fidan": ours}
        peers |= {name: peer for name, peer in OTHERS.items() if importlib.util.find_spec(name)}
        times: dict[str, list[float]] = {}
        differ: dict[str, int] = {}
        expected: list[np.ndarray] = []
        for _ in range(arguments.rounds):
            for peer, make in peers.items():
                taken, found = seconds(make(tokenizer, folder), texts)
                times.setdefault(peer, []).append(taken)
                expected = expected or found
                differ[peer] = sum(not np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
            for encoder in ("sentencepiece", "fast"):
                times.setdefault(f"pack, {encoder}", []).append(pack_seconds(tokenizer, encoder, source))
        megabytes = sum(len(text.encode()) for text in texts) / 1e6
        print(f"{len(texts):,} documents, {megabytes:.1f} MB, vocabulary {tokenizer.vocab_size:,}, one core")
        for peer, taken in times.items():
            base = "pack, sentencepiece" if peer.startswith("pack") else "sentencepiece"
            ratio = statistics.median(a / b for a, b in zip(times[base], taken, strict=True))
            told = f"{differ[peer]:8,} documents differ" if peer in differ else ""
            print(f"{peer:20} {megabytes / statistics.median(taken):8.1f} MB/s {ratio:6.1f} times {told}")


if __name__ == "__main__":
    main()
