"""llama.cpp as a library: both packages give our ids and our probabilities, and go on token by token."""

import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from fidan.errors import FidanError
from fidan.export.gguf import write_gguf
from fidan.llama_cpp import native
from fidan.llama_cpp.model import GgufModel, NotInstalled
from fidan.llama_cpp.native import NativeModel
from fidan.llama_cpp.opening import open_gguf
from fidan.llama_cpp.server import ServedModel
from fidan.stages import Run
from fidan.trained import Trained, open_trained

TEXTS = ["", "merhaba dünya", " boşluk  boşluk ", "a\0b\n", "İıi’â", "<s> </s><unk>", "👩‍🌾🇹🇷", "x" * 9000]


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.folder("export") / "hugging_face", torch.device("cpu"))


@pytest.fixture(scope="module")
def file(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "tiny-F32.gguf"
    write_gguf(tiny_run.folder("export") / "hugging_face", "F32", path)
    return path


@pytest.fixture(params=["llama_cpp", "xllamacpp"])
def kind(request: pytest.FixtureRequest) -> Callable[..., GgufModel]:
    pytest.importorskip(request.param)
    return NativeModel if request.param == "llama_cpp" else ServedModel


def test_ids_are_ours_and_come_back_as_the_text(kind: Callable[..., GgufModel], file: Path, trained: Trained) -> None:
    expected = [trained.tokenizer.encode(text, bos=True) for text in TEXTS]
    with closing(kind(file)) as model:
        assert model.vocabulary == trained.tokenizer.vocab_size
        assert model.ids_of_many(TEXTS) == [model.ids(text) for text in TEXTS] == expected
        assert model.ids_of_many(TEXTS, bos=False) == [ids[1:] for ids in expected]
        assert [model.text(ids[1:]) for ids in expected] == TEXTS
        start, end = trained.tokenizer.special_id("<s>"), trained.tokenizer.special_id("</s>")
        assert model.ids_of_many(["<s>ev</s>"], special=True, bos=False) == [
            [start, *trained.tokenizer.encode("ev"), end]
        ]


def test_probabilities_are_ours(kind: Callable[..., GgufModel], file: Path, trained: Trained) -> None:
    ids = trained.tokenizer.encode("Bugün hava çok güzel, diye düşündü Ali.", bos=True)
    with torch.inference_mode():
        expected = trained.model(torch.tensor([ids]))[0].log_softmax(-1).numpy()
    with closing(kind(file)) as model:
        found = model.log_probabilities(ids)
        assert found.shape == (len(ids), trained.tokenizer.vocab_size)
        np.testing.assert_allclose(found, expected, atol=2e-5)
        np.testing.assert_allclose(model.log_probabilities(ids, [3, 0]), expected[[3, 0]], atol=2e-5)


def test_greedy_text_is_ours(kind: Callable[..., GgufModel], file: Path, trained: Trained) -> None:
    ids = trained.tokenizer.encode("Bugün hava", bos=True)
    with closing(kind(file)) as model:
        found = model.greedy(ids, 12)
        assert found == model.greedy(ids, 12)
    with torch.inference_mode():
        assert trained.model(torch.tensor([[*ids, *found]]))[0, len(ids) - 1 : -1].argmax(-1).tolist() == found


def test_half_a_character_has_probabilities_too(
    kind: Callable[..., GgufModel], tiny_run: Run, tmp_path: Path, trained: Trained
) -> None:
    folder = shutil.copytree(tiny_run.folder("export") / "hugging_face", tmp_path / "hf")
    weights = load_file(folder / "model.safetensors")
    first = next(i for i in range(800) if trained.tokenizer.piece(i) == "<0xC4>")
    row = weights["lm_head.weight"][first].normal_(generator=torch.Generator().manual_seed(0))
    weights["lm_head.weight"][first], weights["lm_head.weight"][first + 1] = row, -row  # one of them is the likeliest
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    write_gguf(folder, "F32", tmp_path / "m.gguf")
    ids = trained.tokenizer.encode("Bugün hava", bos=True)
    with torch.inference_mode():
        expected = open_trained(folder, torch.device("cpu")).model(torch.tensor([ids]))[0].log_softmax(-1)
    assert {first, first + 1} >= set(expected.argmax(-1).tolist())
    with closing(kind(tmp_path / "m.gguf")) as model:
        np.testing.assert_allclose(model.log_probabilities(ids), expected.numpy(), atol=1e-4)
        assert set(model.greedy(ids, 3)) <= {first, first + 1}


def test_what_llama_cpp_would_abort_for_is_refused(
    kind: Callable[..., GgufModel], file: Path, tmp_path: Path
) -> None:
    with closing(kind(file)) as model:
        for ids, message in (([], "0 ids"), ([1] * 65, "65 ids"), ([1, 800], "id 800"), ([-1], "id -1")):
            with pytest.raises(FidanError, match=message):
                model.log_probabilities(ids)
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(file.read_bytes()[:-50_000])
    with pytest.raises(FidanError, match=r"cut\.gguf: llama\.cpp cannot load it"):
        kind(cut)


def test_steps_through_the_cache_give_what_one_pass_gives(file: Path, trained: Trained) -> None:
    pytest.importorskip("llama_cpp")
    ids = trained.tokenizer.encode("Bugün hava çok güzel, diye düşündü Ali.", bos=True)
    with torch.inference_mode():
        expected = trained.model(torch.tensor([ids]))[0].numpy()
    with closing(NativeModel(file)) as model:
        np.testing.assert_allclose(model.decode(ids[:5], 0), expected[4], atol=2e-5)
        for place in range(5, len(ids)):
            np.testing.assert_allclose(model.decode([ids[place]], place), expected[place], atol=2e-5)
        model.forget(7)
        np.testing.assert_allclose(model.decode(ids[7:10], 7), expected[9], atol=2e-5)
        np.testing.assert_allclose(model.decode(ids[3:6], 3), expected[5], atol=2e-5)  # forgets on its own
        with pytest.raises(FidanError, match="the cache holds 6 ids"):
            model.decode([5], 7)
        with pytest.raises(FidanError, match="the cache holds 6 ids"):
            model.forget(7)


def test_a_short_context_is_kept(file: Path) -> None:
    pytest.importorskip("llama_cpp")
    with closing(NativeModel(file, context=8)) as model:
        assert model.log_probabilities(range(1, 9)).shape == (8, 800)
        with pytest.raises(FidanError, match="room for 1 to 8"):
            model.log_probabilities(range(1, 10))


def test_which_one_is_taken(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xllamacpp")
    monkeypatch.setattr(native, "library", _absent)
    with closing(open_gguf(file)) as model:
        assert model.name.startswith("xllamacpp")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(NotInstalled, match="pip install xllamacpp"):
        open_gguf(file)
    with pytest.raises(FidanError, match="no such file"):
        open_gguf(file.with_name("none.gguf"))


def test_the_best_one_is_taken_first(file: Path) -> None:
    pytest.importorskip("llama_cpp")
    with closing(open_gguf(file, context=16)) as model:
        assert model.name.startswith("llama-cpp-python")
        assert model.context == 16


def _absent() -> None:
    raise NotInstalled("llama-cpp-python is not installed")
