"""Our fastText gives what the library gives, for every kind of model, and says what is wrong with a file."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.corpus.config import LanguageConfig
from fidan.corpus.filters import fasttext_loops
from fidan.corpus.filters.fasttext import FastTextModel, huffman
from fidan.corpus.filters.language import language_model_path
from fidan.errors import SourceError

TEXTS = [
    "",
    " ",
    "a",
    "é",
    "ve",
    "Bugün hava çok güzeldi, çocuklar parkta oynadılar.",
    "Сегодня хорошая погода, и дети играют.",
    "今日は天気がいいです",
    "😀😀 👍🏽",
    "</s>",
    "önce </s> sonra",
    "__label__tr merhaba",
    "__label__none merhaba",
    "a\0b\tc\vd\fe\rf",
    "<",
    ">",
    "<>",
    "ş" * 5000,
    "kelime " * 3000,
]
HIERARCHICAL, NEGATIVE, SOFTMAX, ONE_VS_ALL = 1, 2, 3, 4
WORDS = ["</s>", "ve", "çok", "bir", "güzeldi,", "a", "é", "</s>x"]


def write_model(
    path: Path,
    loss: int = HIERARCHICAL,
    dim: int = 6,
    minn: int = 2,
    maxn: int = 4,
    word_ngrams: int = 1,
    labels: int = 9,
    kept: int | None = None,
    quantised: int = 0,
    norms: bool = False,
    quantised_output: bool = False,
    version: int = 12,
    kind: int = 3,
) -> Path:
    """A model of random numbers in fastText's form.

    Args:
        path: of the file.
        loss: 1 tree, 2 negative sampling, 3 softmax, 4 one question a label.
        dim: of the vectors.
        minn: least length of an n-gram.
        maxn: greatest; 0: none.
        word_ngrams: greatest number of words of an n-gram of words.
        labels: how many.
        kept: n-grams that pruning left; None: not pruned.
        quantised: columns of a piece; 0: plain vectors.
        norms: whether norms stand apart.
        quantised_output: likewise the vectors of the labels.
        version: of the form.
        kind: 3 is a classifier.
    """
    random = np.random.default_rng(7)
    bucket = 500
    grams = bucket if kept is None else kept
    out = struct.pack("<ii", 793712314, version)
    out += struct.pack("<12id", dim, 5, 1, 1, 5, word_ngrams, loss, kind, bucket, minn, maxn, 100, 0.0001)
    counts = sorted(random.integers(1, 1000, labels).tolist(), reverse=True)
    pruned = -1 if kept is None else kept
    out += struct.pack("<iiiqq", len(WORDS) + labels, len(WORDS), labels, 10_000, pruned)
    for word in WORDS:
        out += word.encode() + b"\0" + struct.pack("<qb", 5, 0)
    for label, count in enumerate(counts):
        out += f"__label__l{label}".encode() + b"\0" + struct.pack("<qb", count, 1)
    if kept is not None:
        buckets = random.choice(bucket, kept, replace=False)
        out += np.stack([buckets, random.permutation(kept)], axis=1).astype("<i4").tobytes()

    def quantiser(columns: int, step: int) -> bytes:
        pieces = -(-columns // step)
        head = struct.pack("<4i", columns, pieces, step, columns - step * (pieces - 1))
        return head + random.normal(size=columns * 256).astype("<f4").tobytes()

    def matrix(rows: int, step: int) -> bytes:
        if not step:
            return struct.pack("<?qq", False, rows, dim) + random.normal(size=(rows, dim)).astype("<f4").tobytes()
        pieces = -(-dim // step)
        body = struct.pack("<?", True) + struct.pack("<?qqi", norms, rows, dim, rows * pieces)
        body += random.integers(0, 256, rows * pieces, dtype=np.uint8).tobytes() + quantiser(dim, step)
        if norms:
            body += random.integers(0, 256, rows, dtype=np.uint8).tobytes() + quantiser(1, 1)
        return body

    out += matrix(len(WORDS) + grams, quantised)
    out += matrix(labels, quantised if quantised_output else 0)
    path.write_bytes(out)
    return path


def assert_same(ours: FastTextModel, library: Any, text: str, tolerance: float = 1e-4) -> None:
    text = text.replace("\n", " ")
    labels, expected = library.predict(text, k=len(ours.labels))
    found = ours.probabilities(text)
    assert len(labels) == len(ours.predict(text, len(ours.labels))) or np.abs(found - 1e-5).min() < 1e-8
    for label, probability in zip(labels, expected, strict=True):
        assert abs(found[ours.labels.index(label.removeprefix("__label__"))] - probability) < tolerance
    if not labels:
        assert not found.any()
    elif len(labels) == 1 or expected[0] - expected[1] > 2 * tolerance:
        assert ours.predict(text)[0][0] == labels[0].removeprefix("__label__")


@pytest.fixture(scope="module")
def shipped() -> tuple[FastTextModel, Any]:
    path = language_model_path(LanguageConfig())
    return FastTextModel.load(path), fasttext.load_model(str(path))


def test_shipped_model(shipped: tuple[FastTextModel, Any]) -> None:
    ours, library = shipped
    assert len(ours.labels) == 176
    assert ours.predict(TEXTS[5])[0][0] == "tr"
    for text in TEXTS:
        assert_same(ours, library, text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_shipped_model_on_any_text(shipped: tuple[FastTextModel, Any], text: str) -> None:
    if not any("\ud800" <= character <= "\udfff" for character in text):  # the library takes no lone surrogates
        assert_same(*shipped, text)


def test_shipped_model_on_real_text(real_data: Path, shipped: tuple[FastTextModel, Any]) -> None:
    rows = (real_data / "langid" / "lines.tsv").read_text(encoding="utf-8").splitlines()
    lines = [row.partition("\t")[2] for row in rows]
    for line in lines[: 5 * 1000 : 2] + lines[-2000:]:
        assert_same(*shipped, line)
    for start in range(0, 4000, 80):
        assert_same(*shipped, "\n".join(lines[start : start + 80]))


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"loss": SOFTMAX, "word_ngrams": 3, "minn": 0, "maxn": 0},
        {"loss": SOFTMAX, "minn": 1, "maxn": 5, "dim": 256},
        {"loss": ONE_VS_ALL, "word_ngrams": 2},
        {"loss": NEGATIVE, "minn": 3, "maxn": 6},
        {"loss": HIERARCHICAL, "minn": 0, "maxn": 0, "labels": 2},
        {"loss": SOFTMAX, "kept": 60, "word_ngrams": 2, "quantised": 1},
        {"loss": HIERARCHICAL, "kept": 0, "quantised": 4},
        {"loss": HIERARCHICAL, "kept": 60, "quantised": 2, "norms": True},
        {"loss": SOFTMAX, "dim": 7, "quantised": 3, "quantised_output": True},
        {"loss": HIERARCHICAL, "dim": 7, "quantised": 2, "norms": False, "quantised_output": True, "labels": 300},
    ],
)
def test_every_kind_of_model(tmp_path: Path, form: dict[str, Any]) -> None:
    path = write_model(tmp_path / "model.bin", **form)
    ours, library = FastTextModel.load(path), fasttext.load_model(str(path))
    tolerance = 8e-3 if form.get("loss") in (NEGATIVE, ONE_VS_ALL) else 1e-4  # a step of the library's table
    for text in TEXTS:
        assert_same(ours, library, text, tolerance)
        line = np.frombuffer(text.replace("\n", " ").encode("utf-8", "surrogatepass"), np.uint8)
        for label in range(len(ours.labels)):
            np.testing.assert_allclose(ours.ask(line, 1, label)[2][0], ours.probabilities(text)[label], rtol=1e-5)


def test_lines_add_up_to_the_whole(shipped: tuple[FastTextModel, Any]) -> None:
    model, _ = shipped
    lines = ["Bugün hava çok güzeldi.", "", "The weather was lovely", "son satır"]
    text = np.frombuffer(("\n".join(lines) + "\n").encode(), np.uint8)
    sums, counts, asked = model.ask(text, len(lines), model.labels.index("tr"))
    found = model.classify(sums, counts)
    np.testing.assert_allclose(asked, found[:, model.labels.index("tr")], rtol=1e-5)
    for line, probabilities in zip(lines, found, strict=True):
        np.testing.assert_allclose(probabilities, model.probabilities(line), rtol=1e-5)
    left_out = np.array([False, False, True, False])
    whole = model.probabilities("Bugün hava çok güzeldi. son satır")
    np.testing.assert_allclose(model.together(sums, counts, left_out), whole, rtol=1e-4, atol=1e-7)


def test_result_does_not_depend_on_what_came_before(shipped: tuple[FastTextModel, Any]) -> None:
    fresh = FastTextModel.load(language_model_path(LanguageConfig()))
    used = FastTextModel.load(language_model_path(LanguageConfig()))
    for number in range(40_000):  # more different words than are kept
        used.probabilities(f"kelime{number}")
    text = "Çocuklar parkta oynadılar ve kelime7 eve döndüler, kelime39999."
    assert used.probabilities(text).tolist() == fresh.probabilities(text).tolist()


def test_plain_vectors_stay_in_the_file(tmp_path: Path) -> None:
    model = FastTextModel.load(write_model(tmp_path / "model.bin"))
    assert not model._weights.inputs.flags.owndata
    assert not model._weights.inputs.flags.writeable


def test_end_of_line_has_its_hash() -> None:
    end = fasttext_loops.END
    assert fasttext_loops._hash(end, 0, end.size) == fasttext_loops._END_HASH


def test_huffman_tree_is_of_least_depth() -> None:
    depths = {}
    children = huffman(np.array([8, 4, 2, 1, 1]))
    frontier = [(5 + len(children) - 1, 0)]
    while frontier:
        node, depth = frontier.pop()
        if node < 5:
            depths[node] = depth
        else:
            frontier += [(child, depth + 1) for child in children[node - 5].tolist()]
    assert depths == {0: 1, 1: 2, 2: 3, 3: 4, 4: 4}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"", "too short"),
        (lambda data: b"%PDF-1.7 and so on", "not a fastText model"),
        (lambda data: data[:200], "ends in the middle"),
        (lambda data: data[:-1], "ends in the middle"),
        (lambda data: data[:64] + b"\xff\xff\xff\x7f" * 3 + data[76:], "damaged"),
        (lambda data: data[:8] + struct.pack("<i", 5) + data[12:], "do not fit together"),
        (lambda data: data[:32] + struct.pack("<i", 9) + data[36:], "no such loss"),
        (lambda data: data[:36] + struct.pack("<i", 1) + data[40:], "word vectors"),
        (lambda data: data[:40] + struct.pack("<i", 0) + data[44:], "no buckets"),
    ],
)
def test_damaged_files(tmp_path: Path, damage: Callable[[bytes], bytes], message: str) -> None:
    path = write_model(tmp_path / "model.bin")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SourceError, match=message) as error:
        FastTextModel.load(path)
    assert str(path) in str(error.value)


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    data = write_model(tmp_path / "whole.ftz", dim=3, kept=5, quantised=2, norms=True).read_bytes()
    path = tmp_path / "cut.ftz"
    for size in [*range(0, 600, 7), *range(600, len(data), 997), len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(SourceError):
            FastTextModel.load(path)


def test_other_versions_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="version 11"):
        FastTextModel.load(write_model(tmp_path / "old.bin", version=11))
    with pytest.raises(SourceError, match="no such file"):
        FastTextModel.load(tmp_path / "none.bin")
