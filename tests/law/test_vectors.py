"""Vectors of articles: how they are made, when they are refused, and what they change in a ranking."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import orjson
import pytest
import torch
from numpy.typing import NDArray
from typer.testing import CliRunner

from fidan.artifact import write_json
from fidan.cli.app import app
from fidan.corpus.sources.streams import Advance, ignore_progress
from fidan.corpus.synthetic.generator import generate
from fidan.errors import ArtifactMismatch, FidanError
from fidan.law import encoding
from fidan.law.encoding import TextEncoder, open_encoder
from fidan.law.fusion import SHARE, Vectors, fuse
from fidan.law.index import LawIndex, build_index
from fidan.law.search import search
from fidan.law.statutes import read_laws
from fidan.law.vectors import measured, whitened
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn
from fidan.weights import weights_of, write_weights

SHAPE = ModelConfig(d_model=32, n_layers=1, encoder_layers=1, n_heads=4, d_ff=64, context=96, norm_place="sandwich")
TEXTS = ["Kuyu derindir.", "Bahçıvan ağaçları sular ve otları yolar. " * 3, "Çit", "Kuyunun kapağı ağaçtan yapılır."]


@pytest.fixture(scope="module")
def pieces() -> bytes:
    texts = [made.text for made in islice(generate(7, 100_000), 80)]
    return learn(Sentences(texts), TokenizerConfig(vocab_size=400))


@pytest.fixture(scope="module")
def encoder(pieces: bytes) -> TextEncoder:
    return made(pieces, seed=0)


def made(pieces: bytes, seed: int) -> TextEncoder:
    tokenizer = Tokenizer(pieces)
    torch.manual_seed(seed)
    return TextEncoder(EncoderDecoder(SHAPE, tokenizer.vocab_size).eval(), tokenizer)


def a_run(folder: Path, pieces: bytes, config: ModelConfig) -> Path:
    """The folder of a training that has finished, with random weights."""
    tokenizer = Tokenizer(pieces)
    for name in ("train", "tokenizer"):
        (folder / name).mkdir(parents=True)
    (folder / "tokenizer" / "tokenizer.model").write_bytes(pieces)
    shape = {"model": asdict(config), "vocabulary": tokenizer.vocab_size, "tokenizer": tokenizer.hash}
    write_json(folder / "train" / "model.json", shape)
    torch.manual_seed(0)
    model = build_model(config, tokenizer.vocab_size)
    write_weights(folder / "train" / "model.safetensors", weights_of(model))
    return folder


@pytest.fixture(scope="module")
def run(pieces: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_run(tmp_path_factory.mktemp("runs") / "both", pieces, SHAPE)


class Planted:
    """An encoder whose vectors are told: by the first word of a text, and zeros where that is none of them."""

    identity = {"weights": "planted"}  # noqa: RUF012
    width = 2

    def __init__(self, vectors: dict[str, tuple[float, float]]) -> None:
        self.vectors = vectors

    def embed(self, texts: Sequence[str], tokens: int = 0, advance: Advance = ignore_progress) -> NDArray[np.float32]:
        """A vector a text."""
        advance(len(texts))
        return np.array([self.vectors.get(text.split()[0], (0.0, 0.0)) for text in texts], np.float32)


@pytest.fixture(scope="module")
def with_vectors(law_files: list[Path], encoder: TextEncoder, tmp_path_factory: pytest.TempPathFactory) -> LawIndex:
    out = tmp_path_factory.mktemp("vectors") / "index"
    build_index(read_laws(law_files), out, encoder=encoder)
    return LawIndex.open(out)


def test_a_texts_vector_is_the_same_alone_and_among_others(encoder: TextEncoder) -> None:
    together = encoder.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(encoder.embed([text])[0], vector, atol=1e-5)
    assert np.abs(together[0] - together[3]).max() > 0.1


def test_padding_changes_nothing_whatever_stands_in_it(pieces: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = made(pieces, seed=0)
    before = encoder.embed(TEXTS)
    monkeypatch.setattr(encoder._tokenizer, "pad_id", 77)
    np.testing.assert_allclose(encoder.embed(TEXTS), before, atol=1e-5)


def test_a_vector_is_the_mean_of_the_memory_over_the_texts_tokens(encoder: TextEncoder) -> None:
    ids = [*encoder._tokenizer.encode(TEXTS[0]), encoder._tokenizer.eos_id]
    with torch.inference_mode():
        memory = encoder._model.encode(torch.tensor([ids]))
    np.testing.assert_allclose(encoder.embed(TEXTS[:1])[0], memory[0].mean(0).numpy(), atol=1e-5)


def test_batches_hold_like_lengths_and_are_bounded(monkeypatch: pytest.MonkeyPatch, encoder: TextEncoder) -> None:
    monkeypatch.setattr(encoding, "POSITIONS", 12)
    lengths = [9, 2, 5, 3, 20, 3]
    batches = list(encoding._batches(lengths))
    assert batches == [[1, 3, 5], [2], [0], [4]]
    told: list[int] = []
    encoder.embed(TEXTS, advance=told.append)
    assert sum(told) == len(TEXTS)


def test_what_is_too_long_is_cut_where_it_was_said_to_be(encoder: TextEncoder) -> None:
    long = "Kuyunun kapağı ağaçtan yapılır. " * 100
    np.testing.assert_allclose(encoder.embed([long]), encoder.embed([long * 2]), atol=1e-5)
    assert np.abs(encoder.embed([long], 8) - encoder.embed([long], 20)).max() > 1e-3


def test_whitened_vectors_have_no_mean_and_every_direction_counts_alike() -> None:
    # Mean (5, 2), variances 8 and 2 along the axes: each vector becomes (±2/√8·√2, …) of length 1 along its own axis.
    vectors = np.array([[9, 2], [1, 2], [5, 4], [5, 0]], np.float32)
    mean, whitening = measured(vectors)
    np.testing.assert_allclose(mean, [5, 2], atol=1e-6)
    np.testing.assert_allclose(np.cov((vectors - mean) @ whitening, rowvar=False, bias=True), np.eye(2), atol=1e-6)
    found = whitened(vectors, mean, whitening)
    np.testing.assert_allclose(
        found @ found.T, [[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 1, -1], [0, 0, -1, 1]], atol=1e-6
    )
    between = whitened(np.array([[7, 3]], np.float32), mean, whitening)
    np.testing.assert_allclose(found @ between[0], [0.5**0.5, -(0.5**0.5)] * 2, atol=1e-6)


def test_a_direction_in_which_nothing_differs_is_left_out() -> None:
    vectors = np.array([[1, 7], [3, 7]], np.float32)
    found = whitened(np.array([[3, 900], [2, 7]], np.float32), *measured(vectors))
    np.testing.assert_allclose(np.abs(found).max(1), [1, 0], atol=1e-6)


def test_words_and_vectors_are_added_as_computed_by_hand() -> None:
    words = np.array([4.0, 3.9, 0.0, 0.0, 10.0], np.float32)
    likeness = np.array([-0.1, 0.5, 0.9, -np.inf, -1.0], np.float32)
    # The best by words has 10, so a likeness of 1 is worth 10 · SHARE = 1.
    assert SHARE == 0.1
    np.testing.assert_allclose(fuse(words, likeness), [3.9, 4.4, 0.9, 0.0, 9.0], rtol=1e-6)
    np.testing.assert_allclose(fuse(np.zeros(3, np.float32), np.array([0.5, -0.5, 0.1], np.float32)), [0.05, 0, 0.01])


def test_a_search_follows_the_fused_scores(law_files: list[Path], tmp_path: Path) -> None:
    # By words "kuyu" leads to the laws' articles on wells; its planted vector is that of the article on gardens.
    planted = Planted({"Bahçenin": (1.0, 0.0), "kuyu": (1.0, 0.0), "Ceza": (0.0, 1.0), "Yürürlük": (0.0, 1.0)})
    build_index(read_laws(law_files), tmp_path / "index", encoder=planted)
    index = LawIndex.open(tmp_path / "index")
    vectors = Vectors(index, planted)
    by_words = [(hit.position, hit.score) for hit in search(index, "kuyu", 15)]
    likeness = vectors.likeness("kuyu")
    best = max(score for _, score in by_words)
    expected = {position: score + SHARE * best * float(likeness[position]) for position, score in by_words}
    garden = next(at for at, article in enumerate(index.articles) if article.heading == "Bahçenin tanımı")
    assert garden not in expected
    expected[garden] = SHARE * best
    hits = search(index, "kuyu", 15, vectors)
    order = [position for position, score in sorted(expected.items(), key=lambda one: -one[1]) if score > 0]
    assert [hit.position for hit in hits] == order
    assert hits[order.index(garden)].why.endswith("vectors 1.00")
    cited = search(index, "Kuyu Kanunu m.2 kuyu", 3, vectors)
    assert cited[0].cited


def test_every_article_that_can_be_found_has_a_vector(with_vectors: LawIndex) -> None:
    stored = np.load(with_vectors.folder / "vectors.npy")
    lengths = np.linalg.norm(stored.astype(np.float32), axis=1)
    assert stored.dtype == np.float16
    assert stored.shape == (len(with_vectors.articles), 32)
    assert (lengths > 0).tolist() == [not a.repealed for a in with_vectors.articles]
    np.testing.assert_allclose(lengths[lengths > 0], 1, atol=2e-3)


def test_an_index_is_the_same_with_vectors_and_without(index: LawIndex, with_vectors: LawIndex) -> None:
    own = {"vectors.npy", "vectors_mean.npy", "vectors_whitening.npy"}
    assert set(with_vectors.manifest["files"]) - set(index.manifest["files"]) == own
    assert index.manifest["encoder"] is None
    assert with_vectors.manifest["encoder"]["width"] == 32


def test_an_article_is_most_like_itself(with_vectors: LawIndex, encoder: TextEncoder) -> None:
    likeness = Vectors(with_vectors, encoder).likeness("Kuyunun kapağı ağaçtan yapılır.")
    best = with_vectors.articles[int(likeness.argmax())]
    assert (best.law, best.number) == ("9902", "2")
    assert likeness.max() > 0.99
    assert np.isneginf(likeness[[a.repealed for a in with_vectors.articles]]).all()


def test_an_index_without_vectors_is_refused_with_the_way_out(index: LawIndex, encoder: TextEncoder) -> None:
    with pytest.raises(FidanError, match=r"built without --encoder.*fidan law index FILE… --out .* --encoder RUN"):
        Vectors(index, encoder)


def test_another_encoder_is_refused_and_told_apart(with_vectors: LawIndex, pieces: bytes) -> None:
    with pytest.raises(ArtifactMismatch, match=r"another encoder .*not the same: weights\)"):
        Vectors(with_vectors, made(pieces, seed=1))


def test_damaged_vectors_are_refused(with_vectors: LawIndex, encoder: TextEncoder, tmp_path: Path) -> None:
    folder = shutil.copytree(with_vectors.folder, tmp_path / "index")
    data = bytearray((folder / "vectors.npy").read_bytes())
    data[-1] ^= 0xFF
    (folder / "vectors.npy").write_bytes(data)
    with pytest.raises(ArtifactMismatch, match=r"vectors\.npy is damaged"):
        Vectors(LawIndex.open(folder), encoder)


def test_a_model_without_an_encoder_is_refused(pieces: bytes, tmp_path: Path) -> None:
    decoder = ModelConfig(d_model=32, n_layers=1, n_heads=4, d_ff=64, context=32)
    with pytest.raises(FidanError, match="a decoder alone"):
        open_encoder(a_run(tmp_path / "decoder", pieces, decoder))
    with pytest.raises(FidanError, match="has no encoder"):
        open_encoder(Path("model.gguf"))


def test_the_commands_take_an_encoder(run: Path, law_files: list[Path], tmp_path: Path) -> None:
    def told(*arguments: str | Path) -> str:
        result = CliRunner().invoke(app, ["law", *map(str, arguments)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    out = tmp_path / "index"
    told("index", *law_files, "--out", out, "--encoder", run)
    question = "kuyunun kapağı neden yapılır?"
    (hit,) = orjson.loads(told("search", question, "--index", out, "--encoder", run, "--k", 1, "--json"))["hits"]
    assert hit["citation"] == "Kuyu Kanunu m.2"
    assert "vectors" in hit["why"]
    (plain,) = orjson.loads(told("search", question, "--index", out, "--k", 1, "--json"))["hits"]
    assert "vectors" not in plain["why"]
    asked = told("ask", question, "--index", out, "--encoder", run, "--threshold", 0)
    assert "[Kuyu Kanunu m.2]" in asked
    questions = tmp_path / "questions.jsonl"
    questions.write_bytes(orjson.dumps({"question": question, "citations": [["9902", "2"]]}))
    assert "recall@1" in told("evaluate", questions, "--index", out, "--encoder", run)


def test_without_an_encoder_torch_is_not_imported(index_folder: Path) -> None:
    code = (
        "import sys; from fidan.cli.app import app; import fidan.cli.law\n"
        f"app(['law', 'search', 'kuyu', '--index', {str(index_folder)!r}], standalone_mode=False)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
