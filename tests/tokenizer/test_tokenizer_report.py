"""The report: words, boundaries and round trips, of ours and of others' tokenizers."""

import lzma
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from fidan.errors import FidanError, SourceError
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.foreign import HuggingFaceTokenizer, open_tokenizer
from fidan.tokenizer.morphology import Boundaries, GoldSet, GoldWord, read_gold, respected, synthetic_gold
from fidan.tokenizer.report import measure
from fidan.tokenizer.spans import Spans, spans_of_bytes
from fidan.tokenizer.tokenizer import SPACE, Tokenizer, round_trip
from fidan.tokenizer.train import Sentences, learn


@pytest.fixture(scope="module")
def second(documents: list[str]) -> Tokenizer:
    """A tokenizer of another vocabulary."""
    return Tokenizer(learn(Sentences(documents[:300]), TokenizerConfig(vocab_size=420)))


@pytest.fixture(scope="module")
def ours_as_json(tokenizer_folder: Path) -> HuggingFaceTokenizer:
    return HuggingFaceTokenizer(tokenizer_folder / "tokenizer.json")


def save(library: tokenizers.Tokenizer, folder: Path) -> HuggingFaceTokenizer:
    library.save(str(folder / "tokenizer.json"))
    return HuggingFaceTokenizer(folder / "tokenizer.json")


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory: pytest.TempPathFactory, documents: list[str]) -> HuggingFaceTokenizer:
    """Byte-level BPE as GPT-2 has it; it cuts at 40 tokens and fills up to 10, which measuring must undo."""
    library = tokenizers.Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=500, initial_alphabet=alphabet, special_tokens=["<|end|>"], show_progress=False
    )
    library.train_from_iterator(documents[:200], trainer)
    library.enable_truncation(40)
    library.enable_padding(length=10)
    return save(library, tmp_path_factory.mktemp("byte-level"))


class Cutter:
    """A tokenizer that cuts each text where a function says; spaces are tokens of their own."""

    vocab_size = 1
    special_ids: frozenset[int] = frozenset()

    def __init__(self, cuts: Callable[[str], Iterable[int]]) -> None:
        self.cuts = cuts

    def is_byte(self, token: int) -> bool:
        return False

    def decode(self, ids: Iterable[int]) -> str:
        return ""

    def spans(self, texts: Sequence[str], threads: int = 1) -> list[Spans]:
        found = []
        for text in texts:
            space = text.rindex(" ")
            ends = [0, space, space + 1, *(space + 1 + cut for cut in self.cuts(text[space + 1 :])), len(text)]
            places = np.array(list(pairwise(sorted(set(ends)))))
            found.append(Spans(np.zeros(len(places), dtype=np.int64), places[:, 0], places[:, 1]))
        return found


def gold(**analyses: str) -> GoldSet:
    words = tuple(
        GoldWord(
            word, tuple(frozenset(np.cumsum([len(m) for m in one.split("|")])[:-1].tolist()) for one in told.split())
        )
        for word, told in analyses.items()
    )
    return GoldSet("hand", words)


# --- where tokens stand ---


def check_spans(tokenizer: Tokenizer, text: str) -> None:
    spans = tokenizer.spans([text])[0]
    assert spans.ids.tolist() == tokenizer.encode(text)
    characters = round_trip(text)
    place = 0
    for number, (token, start, end) in enumerate(zip(*(part.tolist() for part in spans), strict=True)):
        part = tokenizer.piece_bytes(token)
        part = part if number else part.removeprefix(b" ")
        before, upto = len(characters[:start].encode()), len(characters[:end].encode())
        assert before <= place
        assert place + len(part) <= upto or not part
        assert characters.encode()[place : place + len(part)] == part
        assert len(characters[start + 1 :].encode()) < len(characters.encode()) - place or not part
        place += len(part)
    assert place == len(characters.encode())


@settings(max_examples=100)
@given(text=st.text(alphabet=" ▁\n\t'aıİi̇ğüev漢👍🏽0<s>"))
def test_every_token_covers_its_own_characters(tokenizer: Tokenizer, text: str) -> None:
    check_spans(tokenizer, text)


def test_spans_are_those_of_the_tokenizers_library(
    tokenizer: Tokenizer, ours_as_json: HuggingFaceTokenizer, fuzz: list[str], hostile: list[str]
) -> None:
    texts = [text for text in [*hostile, *fuzz[:400]] if "\u2581" not in text]
    for text, mine, theirs in zip(texts, tokenizer.spans(texts), ours_as_json.spans(texts), strict=True):
        assert mine.ids.tolist() == theirs.ids.tolist()
        assert mine.boundaries().tolist() == theirs.boundaries().tolist(), text


def test_no_boundary_is_inside_a_character(byte_level: HuggingFaceTokenizer, tokenizer: Tokenizer) -> None:
    for one in (byte_level, tokenizer):
        (spans,) = one.spans(["漢字 ev"])
        assert len(spans.ids) > 4
        assert set(spans.boundaries().tolist()) <= {1, 2, 3, 4}
        assert spans.boundaries().tolist()[0] == 1
        (spans,) = one.spans(["👍"])
        assert spans.boundaries().tolist() == []


def test_lengths_that_are_not_the_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes for a text of 2"):
        spans_of_bytes("ev", np.array([5, 6]), np.array([1, 2]))


# --- bytes: what bits per byte rest on ---


def check_bytes(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    size = len(round_trip(text).encode())
    assert tokenizer.count_bytes(ids) == size
    assert int(tokenizer.token_bytes[ids].sum()) - bool(text) == size


@settings(max_examples=100)
@given(text=st.text())
def test_bytes_of_tokens_add_up_to_the_text(tokenizer: Tokenizer, second: Tokenizer, text: str) -> None:
    assert tokenizer.vocab_size != second.vocab_size
    for one in (tokenizer, second):
        check_bytes(one, text)


def test_bytes_of_tokens_add_up_to_10000_real_lines(tokenizer: Tokenizer, second: Tokenizer, real_data: Path) -> None:
    with lzma.open(real_data / "web" / "tr-web.txt.xz", "rt", encoding="utf-8", newline="") as file:
        lines = list(islice(file, 10_000))
    for one in (tokenizer, second):
        for line, ids in zip(lines, one.encode_batch(lines), strict=True):
            size = len(round_trip(line).encode())
            assert one.count_bytes(ids) == int(one.token_bytes[ids].sum()) - 1 == size


# --- suffixes ---


def test_boundaries_by_hand() -> None:
    words = gold(evlerde="ev|ler|de", kitabım="kitab|ım", ve="ve")
    at = {"evlerde": [2, 4], "kitabım": [5], "ve": [1]}
    result = respected(Cutter(at.__getitem__), words)
    assert result == Boundaries("hand", 3, hits=2, placed=4, expected=3)
    assert result.recall == pytest.approx(2 / 3)
    assert result.precision == pytest.approx(1 / 2)
    assert result.f1 == pytest.approx(4 / 7)


def test_of_several_analyses_the_best_counts() -> None:
    words = gold(evleri="ev|leri ev|ler|i evleri")
    assert respected(Cutter(lambda word: [2]), words)[2:] == (1, 1, 1)
    assert respected(Cutter(lambda word: [2, 5]), words)[2:] == (2, 2, 2)
    assert respected(Cutter(lambda word: [3]), words)[2] == 0
    whole = respected(Cutter(lambda word: []), words)
    assert whole[2:] == (0, 0, 0)
    assert (whole.recall, whole.precision, whole.f1) == (None, None, None)


def test_letters_find_every_boundary_and_whole_words_none_and_the_inflector_all() -> None:
    words = synthetic_gold()
    assert len(words.words) > 2000
    letters = respected(Cutter(lambda word: range(1, len(word))), words)
    assert letters.recall == 1
    assert letters.precision is not None
    assert letters.precision < 0.4
    assert respected(Cutter(lambda word: []), words).recall == 0
    first = {entry.word: entry.analyses[0] for entry in words.words}
    oracle = respected(Cutter(lambda word: first[word]), words)
    assert oracle.recall == oracle.precision == oracle.f1 == 1


def test_words_are_measured_as_they_stand_in_text(
    tokenizer: Tokenizer, ours_as_json: HuggingFaceTokenizer, byte_level: HuggingFaceTokenizer
) -> None:
    words = synthetic_gold()
    mine = respected(tokenizer, words)
    assert mine == respected(ours_as_json, words)
    placed = 0
    for entry in words.words:
        pieces = [tokenizer.piece(i) for i in tokenizer.encode(entry.word)]  # a space is put in front here, too
        placed += len(pieces) - 1 - (pieces[0] == SPACE)
    assert mine.placed == placed
    other = respected(byte_level, words)
    for result in (mine, other):
        assert 0.2 < result.hits / result.expected < 1


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_gold_file_in_its_many_forms(tmp_path: Path) -> None:
    path = write(
        tmp_path / "turkish.txt",
        "evlerde\tev ler de",
        "kitabım\tkitab+ım\r",
        "geldim\tgel|di|m",
        "suyu\tsu-yu",
        "kitaplar\tkitap:kitap_N ler:+PL, kitaplar:kitaplar_N".replace("ler", "lar"),
        "",
        "e-postalar\te-posta lar",
        "İzmir'de\tizmir ' de",
        "gel\tgel:gel_V ~:+IMP",
        "ve\tve",
        "evleri\tev leri, ev ler i",
    )
    read = read_gold(path)
    assert read.name == "turkish"
    assert [(entry.word, [sorted(cuts) for cuts in entry.analyses]) for entry in read.words] == [
        ("evlerde", [[2, 5]]),
        ("kitabım", [[5]]),
        ("geldim", [[3, 5]]),
        ("suyu", [[2]]),
        ("kitaplar", [[5], []]),
        ("e-postalar", [[7]]),
        ("İzmir'de", [[5, 6]]),
        ("gel", [[]]),
        ("ve", [[]]),
        ("evleri", [[2], [2, 5]]),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("kitabım\tkitap ım", "line 2: the morphs 'kitap ım' do not join to 'kitabım'"),
        ("kitabım\tkitab ım, kitap ım", "line 2: the morphs 'kitap ım'"),
        ("kitabım kitab ım", "line 2: .* is no word, tab and morphs"),
        ("kitabım\t", "line 2"),
        ("iki kelime\tiki kelime", "line 2"),
    ],
)
def test_a_gold_line_that_is_wrong_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_gold(write(tmp_path / "gold.txt", "ev\tev", line))


def test_a_gold_file_without_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no words"):
        read_gold(write(tmp_path / "gold.txt", "", " "))
    with pytest.raises(SourceError, match="no such file"):
        read_gold(tmp_path / "none.txt")
    (tmp_path / "latin.txt").write_bytes("ağ\tağ".encode("iso-8859-9"))
    with pytest.raises(SourceError, match="UTF-8"):
        read_gold(tmp_path / "latin.txt")


# --- the report ---


def slow_whole_words(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[float, float]:
    """Word by word, from the pieces' own texts."""
    count, whole = 0, 0
    types: set[str] = set()
    whole_types: set[str] = set()
    for text in texts:
        parts = [tokenizer.piece_bytes(i).decode("utf-8", "replace") for i in tokenizer.encode(text)]
        ends = np.cumsum([len(part) for part in parts]) - 1
        single = {int(end): part.lstrip() for part, end in zip(parts, ends, strict=True)}
        at = 0
        for separated in text.split():
            at = text.index(separated, at)
            begin, finish = 0, len(separated)
            while begin < finish and not separated[begin].isalnum():
                begin += 1
            while begin < finish and not separated[finish - 1].isalnum():
                finish -= 1
            word = separated[begin:finish]
            if word:
                count += 1
                types.add(word)
                if single.get(at + finish) == word:
                    whole += 1
                    whole_types.add(word)
            at += len(separated)
    return whole / count, len(whole_types) / len(types)


def test_whole_words_one_by_one(tokenizer: Tokenizer, documents: list[str]) -> None:
    texts = [*documents[1400:], 'Dedi ki: "ev, (ve) bir..." -- 3 "o" ğ']
    report = measure(tokenizer, texts)
    assert (report["whole_words"], report["whole_word_types"]) == pytest.approx(
        slow_whole_words(tokenizer, texts), abs=1e-6
    )
    assert 0 < report["whole_word_types"] < report["whole_words"] < 1


def test_the_report_has_what_others_read(tokenizer: Tokenizer, documents: list[str]) -> None:
    report = measure(tokenizer, documents[1400:], [synthetic_gold()])
    (boundaries,) = report["boundaries"]
    assert boundaries["gold"] == "synthetic"
    assert boundaries["f1"] == pytest.approx(respected(tokenizer, synthetic_gold()).f1, abs=1e-6)
    assert report["vocabulary"] == 600
    learnt = 600 - 256 - len(tokenizer.special_ids)
    assert report["vocabulary_unused_share"] == pytest.approx(report["unused"] / learnt, abs=1e-6)
    empty = measure(tokenizer, [])
    assert empty["whole_words"] is empty["unused"] is None
    assert measure(tokenizer, ["", "?!"])["whole_words"] is None


def test_the_same_tokenizer_has_the_same_report_in_either_form(
    tokenizer: Tokenizer, ours_as_json: HuggingFaceTokenizer, documents: list[str], hostile: list[str]
) -> None:
    texts = [*documents[1400:], *hostile]
    assert measure(tokenizer, texts, [synthetic_gold()]) == measure(ours_as_json, texts, [synthetic_gold()])


def test_byte_level_bpe_is_measured_exactly(
    byte_level: HuggingFaceTokenizer, documents: list[str], hostile: list[str]
) -> None:
    texts = [*documents[1400:], *hostile, "<|end|>"]
    report = measure(byte_level, texts)
    assert report["round_trip_failures"] == 0
    assert report["tokens"] > 40 * len(texts)  # not cut
    assert report["vocabulary"] == 500
    assert byte_level.special_ids == {0}
    only_bytes = measure(byte_level, ["漢"])  # three bytes, none of them a character
    assert only_bytes["tokens"] == 3
    assert only_bytes["byte_piece_share"] == 1
    assert measure(byte_level, ["xqj"])["byte_piece_share"] == 0
    assert sum(byte_level.is_byte(i) for i in range(500)) == 128


def test_a_tokenizer_that_changes_text_shows_it(tmp_path: Path) -> None:
    library = tokenizers.Tokenizer(
        models.WordPiece({"[UNK]": 0, "ev": 1, "##ler": 2, "ve": 3, "!": 4}, unk_token="[UNK]")
    )
    library.normalizer = normalizers.Lowercase()
    library.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    library.decoder = decoders.WordPiece()
    report = measure(save(library, tmp_path), ["Ev  evler! yok", "ev ve"], [gold(evler="ev|ler")])
    assert report["tokens"] == 7
    assert report["round_trip_failures"] == 1
    assert report["whole_words"] == pytest.approx(3 / 5)  # Ev, ev, ve; of yok nothing is known
    assert report["boundaries"][0]["f1"] == 1
    assert report["unused"] == 0


def test_a_path_is_opened_by_what_is_there(
    tokenizer_folder: Path, byte_level: HuggingFaceTokenizer, tmp_path: Path
) -> None:
    assert isinstance(open_tokenizer(tokenizer_folder), Tokenizer)
    assert isinstance(open_tokenizer(tokenizer_folder / "tokenizer.model"), Tokenizer)
    assert isinstance(open_tokenizer(tokenizer_folder / "tokenizer.json"), HuggingFaceTokenizer)
    (tmp_path / "tokenizer.json").write_bytes((tokenizer_folder / "tokenizer.json").read_bytes())
    assert isinstance(open_tokenizer(tmp_path), HuggingFaceTokenizer)
    (tmp_path / "tokenizer.model").write_bytes(b"no model")
    with pytest.raises(FidanError, match=r"not a SentencePiece model.*name .*tokenizer\.json"):
        open_tokenizer(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FidanError, match=r"no tokenizer here. Name a folder with a tokenizer\.model or a tokenizer"):
        open_tokenizer(tmp_path / "empty")
    with pytest.raises(FidanError, match="no such file"):
        open_tokenizer(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FidanError, match="that tokenizers can read"):
        open_tokenizer(tmp_path / "broken.json")
