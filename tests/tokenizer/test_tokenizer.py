import random
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.errors import FidanError
from fidan.tokenizer.report import measure
from fidan.tokenizer.tokenizer import StreamDecoder, Tokenizer, round_trip


def streamed(tokenizer: Tokenizer, ids: list[int], prompt: list[int] | None = None) -> list[str]:
    decoder = StreamDecoder(tokenizer, prompt or [])
    return [*(decoder.push(i) for i in ids), decoder.finish()]


def check_round_trip(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == round_trip(text)
    assert not tokenizer.special_ids.intersection(ids)
    size = len(round_trip(text).encode())
    assert tokenizer.token_bytes[ids].sum() == (size + 1 if text else 0)
    assert tokenizer.count_bytes(ids) == tokenizer.count_bytes(tokenizer.encode(text, bos=True, eos=True)) == size
    assert "".join(streamed(tokenizer, ids)) == round_trip(text)


def test_hostile_texts_come_back(tokenizer: Tokenizer, hostile: list[str]) -> None:
    for text in hostile:
        assert round_trip(text) == text
        check_round_trip(tokenizer, text)


def test_a_literal_block_comes_back_as_a_space_and_nothing_else_changes(
    tokenizer: Tokenizer, with_block: list[str]
) -> None:
    for text in with_block:
        check_round_trip(tokenizer, text)
        assert tokenizer.encode(text) == tokenizer.encode(text.replace("▁", " "))


@settings(max_examples=500)
@given(text=st.text())
def test_any_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    check_round_trip(tokenizer, text)


@settings(max_examples=200)
@given(text=st.text(alphabet=" ▁\n\t\0'aıİi̇ğ👍🏽\u200d0<s>|"))
def test_any_text_of_hard_characters_comes_back(tokenizer: Tokenizer, text: str) -> None:
    check_round_trip(tokenizer, text)


def test_ids_and_text_are_those_of_sentencepiece(tokenizer: Tokenizer, fuzz: list[str]) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=tokenizer.model_bytes)
    for text in fuzz:
        ids = tokenizer.encode(text)
        assert ids == processor.encode(text)
        assert tokenizer.decode(ids) == processor.decode(ids)


def test_a_batch_is_the_single_texts_whatever_the_threads(tokenizer: Tokenizer, fuzz: list[str]) -> None:
    texts = fuzz[:300]
    single = [tokenizer.encode(text) for text in texts]
    for threads in (1, 2):
        batch = tokenizer.encode_batch(texts, threads)
        assert [ids.tolist() for ids in batch] == single
    assert tokenizer.encode_batch([]) == []


def test_special_ids(tokenizer: Tokenizer) -> None:
    assert (tokenizer.unk_id, tokenizer.bos_id, tokenizer.eos_id, tokenizer.pad_id) == (0, 1, 2, 3)
    assert tokenizer.encode("ev", bos=True, eos=True) == [1, *tokenizer.encode("ev"), 2]
    assert tokenizer.decode([1, *tokenizer.encode("ev de"), 2]) == "ev de"
    assert tokenizer.decode([1, *tokenizer.encode("ev de"), 2], skip_special=False) == "<s>ev de</s>"
    start = tokenizer.special_id("<|im_start|>")
    assert tokenizer.piece(start) == "<|im_start|>"
    assert tokenizer.decode([start]) == ""
    assert tokenizer.token_bytes[sorted(tokenizer.special_ids)].sum() == 0
    with pytest.raises(FidanError, match=r"not a control symbol.*<\|im_start\|>"):
        tokenizer.special_id("<|im_middle|>")


def test_names_of_control_symbols_in_a_text_are_plain_text(tokenizer: Tokenizer) -> None:
    for i in tokenizer.special_ids:
        for text in (tokenizer.piece(i), f"a {tokenizer.piece(i)} b"):
            assert not tokenizer.special_ids.intersection(tokenizer.encode(text))
            check_round_trip(tokenizer, text)


def test_newline_is_one_token(tokenizer: Tokenizer) -> None:
    before, after = tokenizer.encode("ev"), tokenizer.encode("ev\n")
    assert after == [*before, after[-1]]
    assert tokenizer.piece(after[-1]) == "<0x0A>"
    assert tokenizer.is_byte(after[-1])


def test_token_bytes_are_those_of_the_pieces(tokenizer: Tokenizer) -> None:
    assert tokenizer.token_bytes.shape == (tokenizer.vocab_size,)
    assert tokenizer.token_bytes.dtype == np.int64
    for i in range(tokenizer.vocab_size):
        piece = tokenizer.piece(i)
        expected = 0 if i in tokenizer.special_ids else 1 if tokenizer.is_byte(i) else len(round_trip(piece).encode())
        assert tokenizer.token_bytes[i] == expected == len(tokenizer.piece_bytes(i))
    with pytest.raises(ValueError, match="read-only"):
        tokenizer.token_bytes[0] = 1


@settings(max_examples=300)
@given(data=st.data())
def test_a_stream_of_any_ids_is_their_text(tokenizer: Tokenizer, data: st.DataObject) -> None:
    low = st.integers(0, 300)  # special ids and bytes, most of them no UTF-8
    ids = data.draw(st.lists(low | st.integers(0, tokenizer.vocab_size - 1), max_size=30))
    assert "".join(streamed(tokenizer, ids)) == tokenizer.decode(ids)


def test_a_stream_shows_whole_characters_only(tokenizer: Tokenizer) -> None:
    text = "i\u0307yi 👨‍👩‍👧 漢 👍🏽 🇹🇷 ❤\ufe0f e\u0301\u0302 son"
    shown = [part for part in streamed(tokenizer, tokenizer.encode(text)) if part]
    assert "".join(shown) == text
    assert len(shown) > 5
    for part in shown:
        assert "\ufffd" not in part
        assert not unicodedata.combining(part[0])
        assert part[0] not in "\u200d\ufe0f\U0001f3fd"
        assert not part.endswith("\u200d")
    assert any("👨‍👩‍👧" in part for part in shown)
    assert any("🇹🇷" in part for part in shown)


def test_a_stream_lags_by_one_character_at_most(tokenizer: Tokenizer, documents: list[str]) -> None:
    ids = tokenizer.encode(documents[0])
    decoder, shown = StreamDecoder(tokenizer), ""
    for n, i in enumerate(ids, 1):
        shown += decoder.push(i)
        complete = tokenizer.decode(ids[:n]).rstrip("\ufffd")
        assert complete.startswith(shown)
        assert len(complete) - len(shown) <= 1


def test_a_stream_after_a_prompt_keeps_its_first_space(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("Ankara'da ev geldi", bos=True)
    for cut in range(1, len(ids)):
        prompt = ids[:cut]
        continued = "".join(streamed(tokenizer, ids[cut:], prompt))
        assert tokenizer.decode(prompt) + continued == "Ankara'da ev geldi"


def test_half_a_surrogate_pair_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(FidanError, match=r"\\ud800.*at character 1"):
        tokenizer.encode("a\ud800")
    with pytest.raises(FidanError, match="surrogate"):
        tokenizer.encode_batch(["iyi", "a\ud800"])


def test_load_takes_a_folder_or_the_file(tokenizer_folder: Path, tokenizer: Tokenizer) -> None:
    file = tokenizer_folder / "tokenizer.model"
    assert Tokenizer.load(file).hash == Tokenizer.load(tokenizer_folder).hash == tokenizer.hash
    assert tokenizer.model_bytes == file.read_bytes()


def test_missing_and_broken_models_are_named(tmp_path: Path, tokenizer: Tokenizer) -> None:
    with pytest.raises(FidanError, match=r"tokenizer\.model: no such file"):
        Tokenizer.load(tmp_path)
    model = tokenizer.model_bytes
    for broken in (b"", b"not a model", model[: len(model) // 2], random.Random(0).randbytes(5000)):
        (tmp_path / "tokenizer.model").write_bytes(broken)
        with pytest.raises(FidanError, match=r"tokenizer\.model: not a SentencePiece model"):
            Tokenizer.load(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalization_rule_name": "nmt_nfkc"}, "changes text"),
        ({"remove_extra_whitespaces": True}, "changes text"),
        ({"add_dummy_prefix": False}, "changes text"),
        ({"byte_fallback": False}, "has no byte pieces"),
    ],
)
def test_a_model_that_cannot_round_trip_is_refused(
    documents: list[str], tmp_path: Path, options: dict[str, object], message: str
) -> None:
    exact = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "byte_fallback": True}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(documents[:50]),
        model_prefix=str(tmp_path / "tokenizer"),
        model_type="bpe",
        vocab_size=400,
        minloglevel=2,
        **{**exact, **options},
    )
    with pytest.raises(FidanError, match=message):
        Tokenizer.load(tmp_path)


def test_report(tokenizer: Tokenizer, documents: list[str], hostile: list[str]) -> None:
    report = measure(tokenizer, documents[1400:])
    assert report["documents"] == 100
    assert report["bytes"] == sum(len(text.encode()) for text in documents[1400:])
    assert report["bytes_per_token"] == pytest.approx(report["bytes"] / report["tokens"], abs=1e-6)
    assert report["tokens_per_word"] == pytest.approx(report["tokens"] / report["words"], abs=1e-6)
    assert report["round_trip_failures"] == 0
    assert 0 <= report["vocabulary_unused_share"] < 0.5
    assert measure(tokenizer, hostile)["round_trip_failures"] == 0
    empty = measure(tokenizer, [])
    assert empty["tokens"] == 0
    assert empty["bytes_per_token"] is None
    assert empty["vocabulary_unused_share"] is None


def test_real_text_comes_back(tokenizer: Tokenizer, real_data: Path) -> None:
    import lzma

    with lzma.open(real_data / "web" / "tr-web.valid.txt.xz", "rt", encoding="utf-8", newline="") as file:
        lines = [next(file) for _ in range(3000)]
    for line in lines:
        check_round_trip(tokenizer, line)
