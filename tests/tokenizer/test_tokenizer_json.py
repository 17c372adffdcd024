import json
import lzma
from pathlib import Path
from shutil import copytree

import pytest
from transformers import AutoTokenizer

from fidan.errors import FidanError
from fidan.tokenizer.hugging_face import merges, verify_tokenizer_json, write_hugging_face_tokenizer
from fidan.tokenizer.tokenizer import Tokenizer


def test_transformers_gives_the_same_ids_for_hostile_texts(
    tokenizer_folder: Path, hostile: list[str], with_block: list[str]
) -> None:
    verify_tokenizer_json(tokenizer_folder, hostile + with_block)


def test_transformers_gives_the_same_ids_for_2000_fuzz_strings(tokenizer_folder: Path, fuzz: list[str]) -> None:
    assert len(fuzz) == 2000
    verify_tokenizer_json(tokenizer_folder, fuzz)


def test_transformers_gives_the_same_ids_for_real_text(tokenizer_folder: Path, real_data: Path) -> None:
    with lzma.open(real_data / "web" / "tr-web.valid.txt.xz", "rt", encoding="utf-8", newline="") as file:
        verify_tokenizer_json(tokenizer_folder, [next(file) for _ in range(3000)])


def test_what_a_user_of_transformers_sees(tokenizer_folder: Path, tokenizer: Tokenizer) -> None:
    theirs = AutoTokenizer.from_pretrained(str(tokenizer_folder))
    text = "Ankara'da 3 ev\n geldi"
    assert theirs(text)["input_ids"] == tokenizer.encode(text, bos=True)
    assert theirs.decode(tokenizer.encode(text, bos=True, eos=True), skip_special_tokens=True) == text
    assert theirs("ev", "göl")["input_ids"] == [1, *tokenizer.encode("ev"), *tokenizer.encode("göl")]
    assert len(theirs) == tokenizer.vocab_size
    ids = (theirs.unk_token_id, theirs.bos_token_id, theirs.eos_token_id, theirs.pad_token_id)
    assert ids == (0, 1, 2, 3)
    assert theirs.padding_side == "left"
    batch = theirs(["ev", "ev göl deniz"], padding=True)["input_ids"]
    assert batch[0][0] == tokenizer.pad_id
    assert len(batch[0]) == len(batch[1])


def test_chat_symbols_are_control_ids_in_transformers(tokenizer_folder: Path, tokenizer: Tokenizer) -> None:
    theirs = AutoTokenizer.from_pretrained(str(tokenizer_folder))
    start, end = tokenizer.special_id("<|im_start|>"), tokenizer.special_id("<|im_end|>")
    ids = theirs.encode("<|im_start|>user\nev<|im_end|>", add_special_tokens=False)
    assert ids == [start, *tokenizer.encode("user\nev"), end]
    assert theirs.decode(ids, skip_special_tokens=True).strip() == "user\nev"


def test_config_arguments(tmp_path: Path, tokenizer: Tokenizer) -> None:
    template = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    write_hugging_face_tokenizer(tokenizer, tmp_path, model_max_length=128, chat_template=template)
    theirs = AutoTokenizer.from_pretrained(str(tmp_path))
    assert theirs.model_max_length == 128
    rendered = theirs.apply_chat_template([{"role": "user", "content": "ev"}], tokenize=False)
    assert rendered == "<|im_start|>user\nev<|im_end|>\n"


def test_saved_again_by_transformers_it_stays_equal(
    tmp_path: Path, tokenizer_folder: Path, tokenizer: Tokenizer, fuzz: list[str]
) -> None:
    AutoTokenizer.from_pretrained(str(tokenizer_folder)).save_pretrained(str(tmp_path))
    (tmp_path / "tokenizer.model").write_bytes(tokenizer.model_bytes)
    verify_tokenizer_json(tmp_path, fuzz[:200])


def test_merges_hold_learnt_pieces_only(tokenizer: Tokenizer) -> None:
    pairs = merges(tokenizer)
    pieces = {tokenizer.piece(i): i for i in range(tokenizer.vocab_size)}
    ranks = [tokenizer.score(pieces[left + right]) for left, right in pairs]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(pairs)) == len(pairs) > 100
    for left, right in pairs:
        for part in (left, right, left + right):
            assert not tokenizer.is_byte(pieces[part])
            assert pieces[part] not in tokenizer.special_ids


def test_the_same_model_gives_the_same_files(tmp_path: Path, tokenizer_folder: Path, tokenizer: Tokenizer) -> None:
    write_hugging_face_tokenizer(tokenizer, tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / name).read_bytes() == (tokenizer_folder / name).read_bytes()


def test_a_difference_is_found_and_shown(tmp_path: Path, tokenizer_folder: Path) -> None:
    broken = copytree(tokenizer_folder, tmp_path / "broken")
    content = json.loads((broken / "tokenizer.json").read_text(encoding="utf-8"))
    content["model"]["merges"] = content["model"]["merges"][:10]
    (broken / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FidanError, match=r"other ids than .*tokenizer\.model.*'Ankara'"):
        verify_tokenizer_json(broken, ["\n", "Ankara", "İstanbul"])


def test_another_decoder_is_found(tmp_path: Path, tokenizer_folder: Path) -> None:
    broken = copytree(tokenizer_folder, tmp_path / "broken")
    content = json.loads((broken / "tokenizer.json").read_text(encoding="utf-8"))
    content["decoder"]["decoders"].pop()
    (broken / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FidanError, match="decodes 'ev' to ' ev'"):
        verify_tokenizer_json(broken, ["ev"])


def test_files_that_cannot_be_loaded_are_named(tmp_path: Path, tokenizer_folder: Path) -> None:
    broken = copytree(tokenizer_folder, tmp_path / "broken")
    whole = (broken / "tokenizer.json").read_text(encoding="utf-8")
    for content in ("{}", whole[:5000], whole.replace('"BPE"', '"XYZ"')):
        (broken / "tokenizer.json").write_text(content, encoding="utf-8")
        with pytest.raises(FidanError, match="Transformers cannot load"):
            verify_tokenizer_json(broken, ["ev"])
