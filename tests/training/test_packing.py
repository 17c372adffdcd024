import pickle
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import orjson
import pytest
import sentencepiece

from fidan.corpus.documents import shard_path, write_documents
from fidan.corpus.synthetic.generator import generate
from fidan.errors import ArtifactMismatch, FidanError
from fidan.progress import SilentReporter
from fidan.recipe import PackConfig, TokenizerConfig
from fidan.tokenizer.encoders import EncoderDiffers, Rows
from fidan.tokenizer.fast_encoder import FastEncoder
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import train_tokenizer
from fidan.training import packed_tokens, packing
from fidan.training.packed_tokens import PackedTokens
from fidan.training.packing import pack


def write_split(folder: Path, split: str, shards: list[list[str]]) -> None:
    for number, texts in enumerate(shards):
        with write_documents(shard_path(folder / split, number)) as write:
            for i, text in enumerate(texts):
                write({"id": f"{split}-{number}-{i}", "text": text, "source": "synthetic"})


def documents_of(tokens: PackedTokens) -> Iterator[np.ndarray]:
    """The ids of every document, in order."""
    return (ids for ids, _ in tokens.spread(tokens.tokens))


def texts_of(seed: int, count: int) -> list[str]:
    return [made.text for made in islice(generate(seed, 2000 * count), count)]


@pytest.fixture(scope="module")
def train_shards() -> list[list[str]]:
    odd = ["", " ", "bir ▁ blok", "👨‍👩‍👧 漢字 \0 \r\n", "<s> </s>"]
    return [texts_of(1, 300), texts_of(2, 200) + odd, [], texts_of(3, 1), texts_of(4, 250)]


@pytest.fixture(scope="module")
def valid_shards() -> list[list[str]]:
    return [texts_of(9, 40)]


@pytest.fixture(scope="module")
def corpus(
    tmp_path_factory: pytest.TempPathFactory, train_shards: list[list[str]], valid_shards: list[list[str]]
) -> Path:
    folder = tmp_path_factory.mktemp("packing") / "corpus"
    write_split(folder, "train", train_shards)
    write_split(folder, "valid", valid_shards)
    return folder


@pytest.fixture(scope="module")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Path:
    folder = tmp_path_factory.mktemp("packing_tokenizer")
    train_tokenizer(TokenizerConfig(vocab_size=400), 1, corpus, folder, SilentReporter())
    return folder


@pytest.fixture(scope="module")
def tokenizer(tokenizer_folder: Path) -> Tokenizer:
    return Tokenizer.load(tokenizer_folder)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory, corpus: Path, tokenizer_folder: Path) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    pack(PackConfig(workers=1), corpus, tokenizer_folder, folder, SilentReporter())
    return folder


@pytest.fixture
def own(tmp_path: Path, packed: Path) -> Path:
    """A copy of the packed folder to spoil."""
    return Path(shutil.copytree(packed, tmp_path / "own"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_counts_and_index(
    tmp_path: Path, corpus: Path, tokenizer_folder: Path, tokenizer: Tokenizer, train_shards: list[list[str]]
) -> None:
    counts = pack(PackConfig(workers=1), corpus, tokenizer_folder, tmp_path, SilentReporter())
    texts = [text for shard in train_shards for text in shard]
    assert counts["train"] == {
        "shards": 5,
        "documents": len(texts),
        "tokens": sum(len(tokenizer.encode(text)) + 2 for text in texts),
        "text_bytes": sum(len(text.encode()) for text in texts),
    }
    assert counts["valid"]["documents"] == 40
    assert counts["round_trips_checked"] >= 20
    index = orjson.loads((tmp_path / "index.json").read_bytes())
    assert (index["tokenizer"], index["dtype"], index["vocab_size"]) == (tokenizer.hash, "uint16", 400)
    sizes = {name: size for shard in index["splits"]["train"] for name, size in shard["files"].items()}
    assert sizes == {name: (tmp_path / name).stat().st_size for name in sizes}


def test_documents_are_the_encoded_texts(packed: Path, tokenizer: Tokenizer, train_shards: list[list[str]]) -> None:
    tokens = PackedTokens.open(packed, "train", tokenizer.hash)
    texts = [text for shard in train_shards for text in shard]
    assert tokens.documents == len(texts)
    for i, (text, ids) in enumerate(zip(texts, documents_of(tokens), strict=True)):
        assert ids.dtype == np.int64
        assert ids.tolist() == tokenizer.encode(text, bos=True, eos=True) == tokens.document(i).tolist()
        assert tokens.document_bytes(i) == len(text.encode())
    assert tokens.text_bytes == sum(tokens.document_bytes(i) for i in range(tokens.documents))


def test_windows_are_slices_of_the_whole_row(packed: Path) -> None:
    tokens = PackedTokens.open(packed, "train")
    row = np.concatenate(list(documents_of(tokens)))
    assert tokens.tokens == len(row)
    np.testing.assert_array_equal(tokens.window(0, tokens.tokens), row)
    draw = random.Random(0)
    for _ in range(500):
        start = draw.randint(0, tokens.tokens)
        length = draw.randint(0, min(4000, tokens.tokens - start))
        window = tokens.window(start, length)
        assert window.dtype == np.int64
        np.testing.assert_array_equal(window, row[start : start + length])


def test_documents_of_a_window(packed: Path) -> None:
    tokens = PackedTokens.open(packed, "train")
    owner = np.concatenate([np.full(len(ids), i) for i, ids in enumerate(documents_of(tokens))])
    draw = random.Random(0)
    for _ in range(300):
        start = draw.randint(0, tokens.tokens - 1)
        length = draw.randint(1, min(900, tokens.tokens - start))
        part = owner[start : start + length]
        assert tokens.documents_in(start, length) == range(int(part[0]), int(part[-1]) + 1)
    assert len(tokens.documents_in(5, 0)) == 0


def test_what_lies_outside_is_refused(packed: Path) -> None:
    tokens = PackedTokens.open(packed, "valid")
    for start, length in ((-1, 2), (0, tokens.tokens + 1), (tokens.tokens, 1), (3, -1)):
        with pytest.raises(IndexError, match="valid split has"):
            tokens.window(start, length)
    for i in (-1, tokens.documents):
        with pytest.raises(IndexError, match="valid split has 40"):
            tokens.document(i)


def test_more_shards_than_stay_open(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PackedTokens.open(packed, "train").window(0, PackedTokens.open(packed, "train").tokens)
    monkeypatch.setattr(packed_tokens, "_OPEN_SHARDS", 1)
    tokens = PackedTokens.open(packed, "train")
    for start in (0, tokens.tokens - 10, 5):
        np.testing.assert_array_equal(tokens.window(start, 10), whole[start : start + 10])
    assert len(tokens._open) == 1


def test_it_travels_to_another_process(packed: Path) -> None:
    tokens = PackedTokens.open(packed, "train")
    window = tokens.window(0, 100)
    sent = pickle.dumps(tokens)
    assert len(sent) < 5000
    np.testing.assert_array_equal(pickle.loads(sent).window(0, 100), window)


def test_large_vocabularies_take_four_bytes(own: Path) -> None:
    expected = PackedTokens.open(own, "valid").window(0, 500)
    index = orjson.loads((own / "index.json").read_bytes())
    index["dtype"] = "uint32"
    (shard,) = index["splits"]["valid"]
    file = own / "valid-00000.tokens.bin"
    np.fromfile(file, "<u2").astype("<u4").tofile(file)
    shard["files"][file.name] *= 2
    (own / "index.json").write_bytes(orjson.dumps(index))
    np.testing.assert_array_equal(PackedTokens.open(own, "valid").window(0, 500), expected)


@pytest.mark.parametrize(("vocab_size", "name"), [(400, "uint16"), (65_536, "uint16"), (65_537, "uint32")])
def test_ids_take_two_bytes_where_they_suffice(vocab_size: int, name: str, tokenizer: Tokenizer) -> None:
    class OfSize(Tokenizer):
        def __init__(self) -> None:
            self.vocab_size = vocab_size

    assert packing._dtype(OfSize()).name == name


def test_another_tokenizer_is_refused_with_both_hashes(packed: Path, tokenizer: Tokenizer) -> None:
    with pytest.raises(ArtifactMismatch) as caught:
        PackedTokens.open(packed, "train", "0123456789abcdef")
    assert tokenizer.hash in str(caught.value)
    assert "0123456789abcdef" in str(caught.value)


def spoil_truncate(folder: Path) -> None:
    with (folder / "train-00001.tokens.bin").open("r+b") as file:
        file.truncate(1001)


def spoil_remove(folder: Path) -> None:
    (folder / "train-00001.offsets.npy").unlink()


def spoil_index(folder: Path) -> None:
    (folder / "index.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_truncate, r"train-00001\.tokens\.bin has 1,001 bytes, not"),
        (spoil_remove, r"train-00001\.offsets\.npy is missing"),
        (spoil_index, "no packed tokens here"),
    ],
)
def test_broken_folders_are_refused_and_mended(
    own: Path, packed: Path, corpus: Path, tokenizer_folder: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(own)
    with pytest.raises(ArtifactMismatch, match=message):
        PackedTokens.open(own, "train")
    pack(PackConfig(workers=1), corpus, tokenizer_folder, own, SilentReporter())
    assert contents(own) == contents(packed)


def test_an_unknown_split_is_named(packed: Path) -> None:
    with pytest.raises(ArtifactMismatch, match="no split 'test'; it has train, valid"):
        PackedTokens.open(packed, "test")


def test_the_number_of_workers_does_not_show(
    tmp_path: Path, corpus: Path, tokenizer_folder: Path, packed: Path
) -> None:
    pack(PackConfig(workers=2), corpus, tokenizer_folder, tmp_path / "two", SilentReporter())
    assert contents(tmp_path / "two") == contents(packed)


def test_finished_shards_are_kept_and_others_made(
    own: Path, corpus: Path, tokenizer_folder: Path, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real = packing._pack_shard
    monkeypatch.setattr(packing, "_pack_shard", lambda job, *rest: (made.append(job.name), real(job, *rest)))
    pack(PackConfig(workers=1), corpus, tokenizer_folder, own, SilentReporter())
    assert made == []
    (own / "train-00003.json").unlink()
    (own / "valid-00000.json").write_bytes(b'{"half')
    (own / ".train-00003.tokens.bin.123.tmp").write_bytes(b"half")
    (own / "train-00017.tokens.bin").write_bytes(b"of an earlier corpus")
    pack(PackConfig(workers=1), corpus, tokenizer_folder, own, SilentReporter())
    assert made == ["train-00003", "valid-00000"]
    assert contents(own) == contents(packed)


def test_other_documents_or_another_tokenizer_make_new_shards(
    own: Path, tmp_path: Path, corpus: Path, tokenizer_folder: Path, train_shards: list[list[str]]
) -> None:
    changed = Path(shutil.copytree(corpus, tmp_path / "changed"))
    write_split(changed, "train", [["başka bir metin"]])
    pack(PackConfig(workers=1), changed, tokenizer_folder, own, SilentReporter())
    tokenizer = Tokenizer.load(tokenizer_folder)
    assert tokenizer.decode(PackedTokens.open(own, "train").document(0).tolist()) == "başka bir metin"
    train_tokenizer(TokenizerConfig(vocab_size=420), 1, corpus, tmp_path / "other", SilentReporter())
    pack(PackConfig(workers=1), changed, tmp_path / "other", own, SilentReporter())
    other = Tokenizer.load(tmp_path / "other")
    assert PackedTokens.open(own, "train", other.hash).document(0).tolist() == other.encode(
        "başka bir metin", True, True
    )


def test_a_document_that_does_not_come_back_is_named(
    tmp_path: Path, corpus: Path, tokenizer_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tokenizer, "decode", lambda *_: "başka")
    with pytest.raises(FidanError, match="document 'train-0-0' does not come back"):
        pack(PackConfig(workers=1), corpus, tokenizer_folder, tmp_path, SilentReporter())
    assert not (tmp_path / "index.json").exists()


class Told(SilentReporter):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def encoders_of(folder: Path) -> dict[str, str]:
    """Which encoder made a shard, by its marker."""
    markers = [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*-?????.json"))]
    return {marker["name"]: marker["encoder"] for marker in markers}


def without_markers(folder: Path) -> dict[str, bytes]:
    return {
        name: data for name, data in contents(folder).items() if not name.endswith(".json") or name == "index.json"
    }


def plant_fault(monkeypatch: pytest.MonkeyPatch, is_wrong: Callable[[str], bool]) -> None:
    """Another last id for the texts that are chosen."""
    real = FastEncoder.rows

    def rows(self: FastEncoder, texts: Sequence[str]) -> Rows:
        found = real(self, texts)
        for text, end in zip(texts, np.cumsum(found.counts), strict=True):
            if is_wrong(text):
                found.ids[end - 2] = 5
        return found

    monkeypatch.setattr(FastEncoder, "rows", rows)


def test_both_encoders_make_the_same_files(
    tmp_path: Path, corpus: Path, tokenizer_folder: Path, packed: Path
) -> None:
    told = Told()
    counts = pack(PackConfig(1, encoder="sentencepiece"), corpus, tokenizer_folder, tmp_path, told)
    assert told.said == ["  encoding with SentencePiece"]
    assert without_markers(tmp_path) == without_markers(packed)
    assert set(encoders_of(tmp_path).values()) == {"sentencepiece"}
    assert set(encoders_of(packed).values()) == {"fast"}
    kept = contents(tmp_path)
    assert pack(PackConfig(1), corpus, tokenizer_folder, tmp_path, told) == counts
    assert contents(tmp_path) == kept  # SentencePiece's shards are good for every setting


@pytest.mark.parametrize("workers", [1, 2])
def test_shards_of_the_fast_encoder_are_made_again_for_sentencepiece(
    own: Path, packed: Path, corpus: Path, tokenizer_folder: Path, workers: int
) -> None:
    pack(PackConfig(workers, encoder="sentencepiece"), corpus, tokenizer_folder, own, SilentReporter())
    assert set(encoders_of(own).values()) == {"sentencepiece"}
    assert without_markers(own) == without_markers(packed)


def test_a_fast_encoder_that_errs_is_told_and_all_shards_are_sentencepieces(
    tmp_path: Path,
    corpus: Path,
    tokenizer_folder: Path,
    packed: Path,
    train_shards: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant_fault(monkeypatch, lambda text: text == train_shards[3][0])
    told = Told()
    pack(PackConfig(workers=1), corpus, tokenizer_folder, tmp_path / "auto", told)
    assert told.said[0].startswith("  encoding with the fast encoder")
    assert "document 'train-3-0': the fast encoder gives other ids than SentencePiece" in told.said[1]
    assert "All shards are packed by SentencePiece instead" in told.said[1]
    assert set(encoders_of(tmp_path / "auto").values()) == {"sentencepiece"}
    assert without_markers(tmp_path / "auto") == without_markers(packed)
    with pytest.raises(EncoderDiffers, match="document 'train-3-0'"):
        pack(PackConfig(1, encoder="fast"), corpus, tokenizer_folder, tmp_path / "fast", SilentReporter())
    assert encoders_of(tmp_path / "fast") == dict.fromkeys(["train-00000", "train-00001", "train-00002"], "fast")
    assert not (tmp_path / "fast" / "index.json").exists()


def test_every_document_with_a_literal_block_is_checked(
    tmp_path: Path, corpus: Path, tokenizer_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_fault(monkeypatch, lambda text: "▁" in text)
    with pytest.raises(EncoderDiffers, match="document 'train-1-202'") as caught:
        pack(PackConfig(1, encoder="fast"), corpus, tokenizer_folder, tmp_path, SilentReporter())
    travelled = pickle.loads(pickle.dumps(caught.value))  # as it does from a worker
    assert (type(travelled), str(travelled)) == (EncoderDiffers, str(caught.value))


def test_a_tokenizer_that_the_fast_encoder_cannot_take(
    tmp_path: Path, corpus: Path, train_shards: list[list[str]]
) -> None:
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(train_shards[0]),
        model_prefix=str(tmp_path / "tokenizer"),
        model_type="bpe",
        vocab_size=400,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        user_defined_symbols=["<ev>"],
        minloglevel=2,
    )
    told = Told()
    pack(PackConfig(workers=2), corpus, tmp_path, tmp_path / "auto", told)
    assert told.said[0].startswith("  encoding with SentencePiece: The fast encoder cannot take this tokenizer")
    assert set(encoders_of(tmp_path / "auto").values()) == {"sentencepiece"}
    with pytest.raises(FidanError, match=r'Set pack\.encoder = "sentencepiece"'):
        pack(PackConfig(2, encoder="fast"), corpus, tmp_path, tmp_path / "fast", SilentReporter())


def test_an_empty_train_split_is_refused(tmp_path: Path, tokenizer_folder: Path) -> None:
    write_split(tmp_path / "corpus", "train", [[]])
    write_split(tmp_path / "corpus", "valid", [[]])
    with pytest.raises(FidanError, match="the train split has no documents"):
        pack(PackConfig(workers=1), tmp_path / "corpus", tokenizer_folder, tmp_path / "out", SilentReporter())
