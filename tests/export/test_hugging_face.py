"""The exported folder: Transformers loads it and agrees, and a folder that does not is refused."""

import json
import logging
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from fidan.artifact import write_json
from fidan.errors import ArtifactMismatch
from fidan.export.hugging_face import (
    config_from_hugging_face,
    config_to_hugging_face,
    generation_config,
    sampling_from_hugging_face,
    special_ids,
    write_folder,
)
from fidan.export.proof.verify import ExportError, verify_folder
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import ExportConfig, GenerateConfig
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import Trained, open_trained

from .damage import change_theta, damage_weights, lose_a_weight, swap_two_pieces

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, CPU)


@pytest.fixture
def folder(tiny_run: Run, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_run.folder("export") / "hugging_face", tmp_path / "exported")


def test_a_stranger_loads_it_with_transformers_alone(folder: Path, trained: Trained) -> None:
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder)
    inputs = tokenizer("Türkiye'nin İLK baharı", return_tensors="pt")
    assert inputs["input_ids"][0].tolist() == trained.tokenizer.encode("Türkiye'nin İLK baharı", bos=True)
    with torch.inference_mode():
        torch.testing.assert_close(model(**inputs).logits, trained.model(inputs["input_ids"]), atol=1e-5, rtol=1e-5)
    padded = tokenizer(["kısa", "daha uzun bir metin"], padding=True, return_tensors="pt")
    assert model.generate(**padded, max_new_tokens=5).shape[0] == 2
    assert model.generation_config.temperature == pytest.approx(0.8)


def test_it_holds_every_file_and_both_spellings(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "config.json", "generation_config.json", "model.safetensors",
        "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "Modelfile",
        "README.md", "LICENSE", "recipe.toml", ".gitattributes", "SHA256SUMS",
    }  # fmt: skip
    config = json.loads((folder / "config.json").read_text())
    assert config["rope_theta"] == config["rope_parameters"]["rope_theta"] == 10_000.0
    assert config["dtype"] == config["torch_dtype"] == "float32"


def test_the_snippet_everyone_copies_runs_and_nothing_of_ours_is_warned_of(folder: Path) -> None:
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            model_id = str(folder)
            tok = AutoTokenizer.from_pretrained(model_id)
            mdl = AutoModelForCausalLM.from_pretrained(model_id, torch_dtype=torch.bfloat16)
            inputs = tok("Türkiye'nin başkenti neresidir?", return_tensors="pt")
            out = mdl.generate(
                **inputs,
                max_new_tokens=40,  # as many as the context of the tiny model has room for
                temperature=0.7,
                top_p=0.9,
                do_sample=True,
                eos_token_id=tok.eos_token_id,
            )
            text = tok.decode(out[0], skip_special_tokens=True)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert text.startswith("Türkiye'nin başkenti neresidir?")
    assert mdl.dtype == torch.bfloat16
    assert inputs.keys() == {"input_ids", "attention_mask"}
    assert [line for line in heard if "torch_dtype" not in line] == []  # the snippet's own spelling of dtype
    assert [str(w.message) for w in warned if "transformers" in w.filename] == []


def test_a_chat_template_is_where_each_program_looks(tmp_path: Path, trained: Trained) -> None:
    template = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}\n{% endfor %}"
    write_folder(trained.model, trained.tokenizer, ExportConfig(), GenerateConfig(), tmp_path, template)
    assert json.loads((tmp_path / "tokenizer_config.json").read_text())["chat_template"] == template
    assert (tmp_path / "chat_template.jinja").read_text() == template
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    messages = [{"role": "user", "content": "merhaba"}]
    assert tokenizer.apply_chat_template(messages, tokenize=False) == "<|user|>merhaba\n"


def test_our_own_reader_opens_it(folder: Path, trained: Trained) -> None:
    opened = open_trained(folder, CPU)
    tokens = torch.arange(20)[None]
    assert torch.equal(opened.model(tokens), trained.model(tokens))
    assert opened.tokenizer.hash == trained.tokenizer.hash


@pytest.mark.parametrize("damage", [damage_weights, lose_a_weight, change_theta, swap_two_pieces])
def test_an_export_that_differs_fails(folder: Path, trained: Trained, damage: object) -> None:
    verify_folder(folder, trained.model, trained.tokenizer)
    damage(folder)  # type: ignore[operator]
    with pytest.raises(ExportError):
        verify_folder(folder, trained.model, trained.tokenizer)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_narrow_formats_and_tied_heads(tmp_path: Path, trained: Trained, tied: bool, dtype: str) -> None:
    torch.manual_seed(0)
    config = ModelConfig(d_model=32, n_layers=2, n_heads=4, n_kv_heads=2, d_ff=64, context=64, tie_embeddings=tied)
    model = Decoder(config, trained.tokenizer.vocab_size)
    write_folder(model, trained.tokenizer, ExportConfig(dtype=dtype), GenerateConfig(temperature=0.0), tmp_path)
    assert ("lm_head.weight" in load_file(tmp_path / "model.safetensors")) is not tied
    with pytest.raises(ExportError, match="logits differ"):  # the unrounded weights are another model
        verify_folder(tmp_path, model, trained.tokenizer)
    verify_folder(tmp_path, model.to(getattr(torch, dtype)), trained.tokenizer)


def test_the_config_goes_there_and_back(trained: Trained) -> None:
    config = ModelConfig(d_model=96, n_layers=3, n_heads=6, n_kv_heads=2, head_dim=32, d_ff=100, rope_theta=5e5)
    written = config_to_hugging_face(config, 777, trained.tokenizer, "bfloat16")
    assert config_from_hugging_face(written) == (config, 777)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "gpt2"}, "model_type = 'gpt2'"),
        ({"attention_bias": True}, "not supported: attention_bias"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1.0}}, "not supported: rope_type"),
        ({"hidden_size": None}, "hidden_size is missing"),
    ],
)
def test_what_we_cannot_open_is_refused(trained: Trained, change: dict[str, object], message: str) -> None:
    data = config_to_hugging_face(ModelConfig(), 32_000, trained.tokenizer, "float32") | change
    data = {key: value for key, value in data.items() if value is not None}
    with pytest.raises(ArtifactMismatch, match=message):
        config_from_hugging_face(data)


def test_folders_without_a_model_are_named(tmp_path: Path, tiny_run: Run) -> None:
    with pytest.raises(ArtifactMismatch, match="holds no trained model"):
        open_trained(tmp_path, CPU)
    copy = shutil.copytree(tiny_run.out, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    model = copy / "tokenizer" / "tokenizer.model"
    other = bytearray(model.read_bytes())
    place = other.find("▁bir".encode())
    other[place + 3 : place + 4] = b"v"
    model.write_bytes(other)
    assert Tokenizer.load(copy / "tokenizer").hash
    with pytest.raises(ArtifactMismatch, match="trained with tokenizer"):
        open_trained(copy, CPU)
    weights = copy / "train" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    shutil.copy(tiny_run.folder("tokenizer") / "tokenizer.model", model)
    with pytest.raises(ArtifactMismatch, match="cannot be read as safetensors"):
        open_trained(copy, CPU)


def test_every_rule_that_transformers_knows_goes_there_and_back(trained: Trained, tmp_path: Path) -> None:
    ids = special_ids(ModelConfig(), trained.tokenizer)
    for config in (
        GenerateConfig(min_p=0.05, typical_p=0.9, no_repeat_ngram=3, top_k=40),
        GenerateConfig(temperature=0.0, beams=4, length_penalty=0.7),
    ):
        write_json(tmp_path / "generation_config.json", generation_config(config, ids))
        found = sampling_from_hugging_face(tmp_path)
        told = {"prompts": config.prompts, "top_p": config.top_p}  # a greedy search tells no top-p
        assert replace(found, **told) == config
        theirs = GenerationConfig.from_pretrained(tmp_path)
        theirs.validate(strict=True)
