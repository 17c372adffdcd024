"""Tokenizers of Transformers for pairs: ours in that form, T5's kind, and those that cannot be used."""

from pathlib import Path

import pytest

from fidan.corpus.pairs.pair import Pair
from fidan.errors import FidanError
from fidan.tokenizer.auto import AutoPairTokenizer
from fidan.tokenizer.hugging_face import write_hugging_face_tokenizer
from fidan.tokenizer.pairs import encode_pairs
from fidan.tokenizer.tokenizer import Tokenizer

PAIR = Pair("Kira nedir </s> ?", "Ev kirası, İzmir'de ağırdır.")


def word_tokenizer(folder: Path, **special: str) -> str:
    from tokenizers import Tokenizer as Library
    from tokenizers import models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = [*special.values(), "kira", "nedir", "ev"]
    library = Library(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>"))
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=library, **special).save_pretrained(folder)
    return str(folder)


def test_our_own_tokenizer_gives_the_same_ids_by_transformers(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_hugging_face_tokenizer(tokenizer, tmp_path)
    foreign = AutoPairTokenizer(str(tmp_path))
    assert (foreign.bos_id, foreign.eos_id, foreign.pad_id) == (tokenizer.bos_id, tokenizer.eos_id, tokenizer.pad_id)
    assert foreign.vocab_size == tokenizer.vocab_size
    for text in PAIR[:2]:
        assert foreign.encode(text) == tokenizer.encode(text)
        assert foreign.decode([*tokenizer.encode(text), tokenizer.eos_id]) == text
    ours, theirs = encode_pairs(tokenizer, [PAIR]), encode_pairs(foreign, [PAIR])
    for one, other in zip(ours.padded([0]), theirs.padded([0]), strict=True):
        assert one.tolist() == other.tolist()
    assert foreign.hash == AutoPairTokenizer(str(tmp_path)).hash


def test_of_t5s_kind_the_decoder_starts_with_padding_and_what_it_cannot_write_is_counted(tmp_path: Path) -> None:
    folder = word_tokenizer(tmp_path, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    tokenizer = AutoPairTokenizer(folder)
    assert tokenizer.bos_id == tokenizer.pad_id == 0
    found = encode_pairs(tokenizer, [Pair("kira nedir", "ev İzmir")])
    assert found.unknown == 1
    assert found.padded([0]).inputs.tolist() == [[0, 5, 2]]
    assert found.padded([0]).labels.tolist() == [[5, 2, 1]]


@pytest.mark.parametrize(
    ("special", "told"),
    [
        ({"eos_token": "</s>", "unk_token": "<unk>"}, "no id for start and padding"),
        ({"pad_token": "<pad>", "unk_token": "<unk>"}, "no id for end"),
    ],
)
def test_without_padding_or_an_end_it_is_refused_by_name(tmp_path: Path, special: dict[str, str], told: str) -> None:
    folder = word_tokenizer(tmp_path, **special)
    with pytest.raises(FidanError, match=f"{folder}: .*{told}"):
        AutoPairTokenizer(folder)


def test_what_is_no_tokenizer_is_told(tmp_path: Path) -> None:
    with pytest.raises(FidanError, match="no tokenizer that Transformers can open"):
        AutoPairTokenizer(str(tmp_path))
