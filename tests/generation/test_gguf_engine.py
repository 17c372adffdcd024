"""A GGUF file as an engine: the same tokenizer, logits, draws and beams as the folder it was made of."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fidan.errors import FidanError
from fidan.export.gguf import write_gguf
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import write
from fidan.recipe import GenerateConfig
from fidan.stages import Run
from fidan.trained import Trained, Writer, open_trained, open_writer

pytest.importorskip("llama_cpp")
CONFIG = GenerateConfig(max_new_tokens=24)
PROMPTS = ["Bir gün", "Ali", "Bugün hava çok güzel, çünkü"]


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, torch.device("cpu"))


@pytest.fixture(scope="module")
def writer(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_gguf(tiny_run.folder("export") / "hugging_face", "F32", path)
    return open_writer(path)


def test_the_tokenizer_inside_is_the_one_that_went_in(writer: Writer, trained: Trained) -> None:
    texts = ["IĞDIR'da  ılık\n\t🌱👩‍🌾", " <s> </s>", "▁x", "\x00", "1923'te", ""]
    assert [writer.tokenizer.encode(text) for text in texts] == [trained.tokenizer.encode(text) for text in texts]
    assert writer.tokenizer.special_ids == trained.tokenizer.special_ids
    for name in ("bos_id", "eos_id", "unk_id", "pad_id", "vocab_size"):
        assert getattr(writer.tokenizer, name) == getattr(trained.tokenizer, name)
    assert replace(writer.sampling, prompts=(), max_new_tokens=1) == replace(
        trained.sampling, prompts=(), max_new_tokens=1
    )


def test_rows_of_unequal_length_grow_turn_and_double(writer: Writer, trained: Trained) -> None:
    ids = [trained.tokenizer.encode(prompt, bos=True) for prompt in PROMPTS]
    theirs, ours = (engine.open(ids, 9, 4) for engine in (writer.engine, TorchEngine(trained.model)))
    for tokens, rows in (([5, 300, 7], [2, 0, 2, 1]), ([9, 10, 11, 12], [3, 1]), ([400, 13], [0, 0, 0, 1])):
        for decoding in (theirs, ours):
            decoding.advance(tokens)
            decoding.select(rows)
        # llama.cpp keeps keys and values in F16 here.
        torch.testing.assert_close(theirs.logits, ours.logits, atol=5e-3, rtol=0)


def test_greedy_text_and_beams_are_those_of_the_folder(writer: Writer, trained: Trained) -> None:
    ids = [trained.tokenizer.encode(prompt, bos=True) for prompt in PROMPTS]
    for config in (replace(CONFIG, temperature=0.0), replace(CONFIG, temperature=0.0, beams=3)):
        theirs = write(writer.engine, writer.tokenizer, ids, config)
        assert theirs == write(TorchEngine(trained.model), trained.tokenizer, ids, config)


def test_what_cannot_be_opened(tmp_path: Path, tiny_run: Run) -> None:
    with pytest.raises(FidanError, match="no such file"):
        open_writer(tmp_path / "none.gguf")
    (tmp_path / "bad.gguf").write_bytes(b"GGUF\x03\x00\x00\x00 no more")
    with pytest.raises(FidanError, match=r"bad\.gguf: llama.cpp cannot load it"):
        open_writer(tmp_path / "bad.gguf")
    with pytest.raises(FidanError, match="weights of its own kind"):
        open_writer(tmp_path / "bad.gguf", weights="int8")
