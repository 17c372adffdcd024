"""The GGUF file: read back tensor by tensor, and opened by a real llama.cpp that computes what our model does."""

import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from fidan.artifact import read_json, write_json
from fidan.errors import ArtifactMismatch, DiskFullError, FidanError
from fidan.export.gguf import KINDS, interleaved, write_gguf
from fidan.tokenizer.chat import JINJA
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import open_trained

from .conftest import MakeFolder

CPU = torch.device("cpu")
TEXTS = (
    "Türkiye'nin başkenti neresidir?",
    "  IĞDIR'da ılık\t\n\nbir İLKBAHAR günü 1923, 3,14 🌱👩‍🌾",
    "<|im_start|> yalnız metin",
)
# The largest error of a weight, in units of the largest weight of its block (half a step of the format).
ERROR = {"F32": 0.0, "F16": 2**-11, "BF16": 2**-8, "Q8_0": 0.5 / 127 + 2**-11, "Q4_0": 0.13}
THEIRS = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}  # fmt: skip


def read(path: Path) -> tuple[dict[str, Any], dict[str, gguf.ReaderTensor]]:
    reader = gguf.GGUFReader(path)
    return {key: field.contents() for key, field in reader.fields.items()}, {t.name: t for t in reader.tensors}


def source_name(name: str) -> str:
    """The Hugging Face name of a tensor of the file, by a list of our own."""
    if found := re.fullmatch(r"blk\.(\d+)\.(\w+)\.weight", name):
        return f"model.layers.{found[1]}.{THEIRS[found[2]]}.weight"
    return {
        "token_embd.weight": "model.embed_tokens.weight",
        "output_norm.weight": "model.norm.weight",
        "output.weight": "lm_head.weight",
    }[name]


def expected_values(folder: Path, name: str) -> np.ndarray:
    """A tensor of the source, in the order of rows that llama.cpp wants, written as a loop."""
    values = load_file(folder / "model.safetensors")[source_name(name)].float().numpy()
    if not name.endswith(("attn_q.weight", "attn_k.weight")):
        return values
    width = read_json(folder / "config.json")["head_dim"]
    order = [
        head * width + (i // 2) + (i % 2) * (width // 2) for head in range(len(values) // width) for i in range(width)
    ]
    return values[order]


@pytest.mark.parametrize("shape", [{}, {"tie_embeddings": True}, {"n_kv_heads": 4}, {"head_dim": 32}], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_every_tensor_comes_back(make_folder: MakeFolder, tmp_path: Path, kind: str, shape: dict[str, Any]) -> None:
    folder, path = make_folder(**shape), tmp_path / "m.gguf"
    write_gguf(folder, kind, path)
    _, tensors = read(path)
    source = load_file(folder / "model.safetensors")
    assert {source_name(name) for name in tensors} == set(source)
    assert ("output.weight" in tensors) is not bool(shape.get("tie_embeddings"))
    head = "token_embd.weight" if shape.get("tie_embeddings") else "output.weight"
    for name, tensor in tensors.items():
        expected = expected_values(folder, name)
        wanted = "F32" if expected.ndim == 1 else "Q8_0" if kind == "Q4_0" and name == head else kind
        assert tensor.tensor_type.name == wanted, name
        assert tuple(tensor.shape[::-1]) == expected.shape
        found = gguf.dequantize(tensor.data, tensor.tensor_type).reshape(expected.shape)
        block = expected.reshape(-1, 32 if wanted.startswith("Q") else 1)
        limit = np.abs(block).max(1, keepdims=True) * ERROR[wanted] + 2**-25 * (wanted == "F16")  # or a subnormal
        assert (np.abs(found.reshape(block.shape) - block) <= limit).all(), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_folder_gives_the_same_bytes(make_folder: MakeFolder, tmp_path: Path, kind: str) -> None:
    folder = make_folder()
    digests = set()
    for place in ("one", "two"):
        write_gguf(folder, kind, tmp_path / place / "m.gguf")
        digests.add(hashlib.sha256((tmp_path / place / "m.gguf").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_what_the_file_says_of_the_model(make_folder: MakeFolder, tokenizer: Tokenizer, tmp_path: Path) -> None:
    folder = make_folder(rope_theta=50_000.0, norm_eps=1e-6, extra_rows=32, head_dim=32)
    write_gguf(folder, "Q8_0", tmp_path / "fidan-küçük-Q8_0.gguf", licence="apache-2.0")
    said, _ = read(tmp_path / "fidan-küçük-Q8_0.gguf")
    parameters = sum(t.numel() for t in load_file(folder / "model.safetensors").values())
    assert said["general.size_label"] == f"{parameters / 1000:.0f}K"
    expected = {
        "general.architecture": "llama", "general.name": "fidan-küçük", "general.languages": ["tr"],
        "general.license": "apache-2.0", "general.file_type": 7, "general.quantization_version": 2,
        "llama.vocab_size": tokenizer.vocab_size + 32, "llama.context_length": 64, "llama.embedding_length": 64,
        "llama.block_count": 2, "llama.feed_forward_length": 96, "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2, "llama.attention.key_length": 32, "llama.attention.value_length": 32,
        "llama.rope.dimension_count": 32, "llama.rope.freq_base": 50_000.0,
        "llama.attention.layer_norm_rms_epsilon": pytest.approx(1e-6),
        "general.sampling.temp": pytest.approx(0.8), "general.sampling.top_k": 7,
        "general.sampling.top_p": pytest.approx(0.95), "general.sampling.penalty_repeat": pytest.approx(1.1),
        "general.sampling.penalty_last_n": 64,
        "tokenizer.ggml.model": "llama", "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0, "tokenizer.ggml.padding_token_id": 3,
        "tokenizer.ggml.add_bos_token": True, "tokenizer.ggml.add_eos_token": False,
        "tokenizer.ggml.add_space_prefix": True,
    }  # fmt: skip
    assert {key: said.get(key) for key in expected} == expected
    assert "tokenizer.chat_template" not in said
    pieces, scores, types = (said[f"tokenizer.ggml.{part}"] for part in ("tokens", "scores", "token_type"))
    assert len(pieces) == len(scores) == len(types) == tokenizer.vocab_size + 32
    assert pieces[: tokenizer.vocab_size] == [tokenizer.piece(i) for i in range(tokenizer.vocab_size)]
    assert scores[: tokenizer.vocab_size] == [tokenizer.score(i) for i in range(tokenizer.vocab_size)]
    assert [types[0], types[1], types[tokenizer.special_id("<|im_end|>")], types[-1]] == [2, 3, 3, 5]
    assert sum(kind == 6 for kind in types) == 256
    assert pieces[-1] == f"[PAD{tokenizer.vocab_size + 31}]"


def test_a_chat_template_goes_along(make_folder: MakeFolder, tmp_path: Path) -> None:
    write_gguf(make_folder(chat=True), "F16", tmp_path / "m.gguf")
    said, _ = read(tmp_path / "m.gguf")
    assert said["tokenizer.chat_template"] == JINJA
    assert said["tokenizer.ggml.tokens"][said["tokenizer.ggml.eot_token_id"]] == "<|im_end|>"


def test_rows_that_do_not_fit_the_block_are_f16_and_named(make_folder: MakeFolder, tmp_path: Path) -> None:
    said: list[str] = []
    write_gguf(make_folder(d_ff=100), "Q8_0", tmp_path / "m.gguf", say=said.append)
    kinds = {name: t.tensor_type.name for name, t in read(tmp_path / "m.gguf")[1].items()}
    assert {name for name, kind in kinds.items() if kind == "F16"} == {
        "blk.0.ffn_down.weight",
        "blk.1.ffn_down.weight",
    }
    assert said == ["m.gguf: F16 instead of Q8_0, as their rows are no multiple of 32: blk.*.ffn_down.weight (100)"]


@pytest.mark.parametrize(
    ("shape", "kind", "tolerance"),
    [
        ({}, "F32", 1e-4),
        ({"tie_embeddings": True, "rope_theta": 50_000.0}, "F32", 1e-4),
        ({"n_kv_heads": 1, "extra_rows": 32}, "F32", 1e-4),
        ({"head_dim": 32, "dtype": "bfloat16"}, "BF16", 0.1),  # llama.cpp rounds what it multiplies by to BF16 too
        ({}, "F16", 0.02),
        ({}, "Q8_0", 0.1),
    ],
)
def test_llama_cpp_computes_the_same(
    make_folder: MakeFolder,
    llama_server: Callable[[Path], Any],
    tmp_path: Path,
    shape: Any,
    kind: str,
    tolerance: float,
) -> None:
    folder, path = make_folder(**shape), tmp_path / "m.gguf"
    write_gguf(folder, kind, path)
    ours = open_trained(folder, CPU)
    with llama_server(path) as server:
        for text in TEXTS:
            ids = ours.tokenizer.encode(text, bos=True)
            found = server.log_probabilities(ids, ours.model.vocabulary)
            with torch.inference_mode():
                expected = ours.model(torch.tensor([ids]))[0, -1].log_softmax(-1)
            assert expected.std() > 0.3, "a model that says the same of every token proves nothing"
            torch.testing.assert_close(found, expected, atol=tolerance, rtol=0.0)


def test_llama_cpp_reads_the_same_tokens_and_samples_as_we_say(
    make_folder: MakeFolder, llama_server: Callable[[Path], Any], tokenizer: Tokenizer, tmp_path: Path
) -> None:
    write_gguf(make_folder(), "F32", tmp_path / "m.gguf")
    with llama_server(tmp_path / "m.gguf") as server:
        for text in [*TEXTS[:2], "", " ", "▁ ", "iki  boşluk ", "\nsatır", "İıŞşĞğ ﬁ\u0307\xa0\u200b"]:
            assert server.tokens(text) == tokenizer.encode(text, bos=True), repr(text)
        assert server.tokens("<|im_start|>") == [1, tokenizer.special_id("<|im_start|>")]  # it parses their names
        settings = server.ask("/completion", prompt="Ali", n_predict=1)["generation_settings"]
        assert settings["samplers"] == ["penalties", "temperature", "top_k", "top_p", "min_p"]
        asked = {"temperature": 0.8, "top_k": 7, "top_p": 0.95, "repeat_penalty": 1.1, "repeat_last_n": 64}
        assert {key: settings[key] for key in asked} == pytest.approx(asked)


def test_the_permutation_keeps_heads_apart() -> None:
    weight = np.arange(2 * 6, dtype=np.float32).repeat(3).reshape(12, 3)
    assert interleaved(weight, 2)[:, 0].tolist() == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]


def lose_a_tensor(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors")


def add_a_tensor(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file({**weights, "model.layers.0.extra": torch.zeros(3)}, folder / "model.safetensors")


def poison(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.1.mlp.up_proj.weight"][0, 0] = torch.nan
    save_file(weights, folder / "model.safetensors")


def cut_short(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-10])


def shrink_vocabulary(folder: Path) -> None:
    write_json(folder / "config.json", {**json.loads((folder / "config.json").read_text()), "vocab_size": 700})


@pytest.mark.parametrize(
    ("damage", "error", "words"),
    [
        (lose_a_tensor, ArtifactMismatch, "missing blk.1.ffn_up.weight"),
        (add_a_tensor, ArtifactMismatch, "unknown model.layers.0.extra"),
        (poison, FidanError, "model.layers.1.mlp.up_proj.weight: has a weight that F32 cannot hold"),
        (cut_short, ArtifactMismatch, "cannot be read as safetensors"),
        (shrink_vocabulary, ArtifactMismatch, "800 pieces, its model only 700"),
    ],
)
def test_a_broken_folder_leaves_no_file(
    make_folder: MakeFolder, tmp_path: Path, damage: Callable[[Path], None], error: type[FidanError], words: str
) -> None:
    folder = make_folder()
    damage(folder)
    with pytest.raises(error, match=words):
        write_gguf(folder, "F32", tmp_path / "out" / "m.gguf")
    assert list((tmp_path / "out").glob("*")) == []


def test_an_unknown_kind_is_refused(make_folder: MakeFolder, tmp_path: Path) -> None:
    with pytest.raises(FidanError, match="'Q9': not a kind of GGUF that is written here"):
        write_gguf(make_folder(), "Q9", tmp_path / "m.gguf")


def test_weights_beyond_f16_are_refused(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder()
    weights = load_file(folder / "model.safetensors")
    weights["lm_head.weight"][3, 3] = 1e5
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(FidanError, match=r"lm_head.weight: has a weight that F16 cannot hold"):
        write_gguf(folder, "F16", tmp_path / "m.gguf")
    write_gguf(folder, "BF16", tmp_path / "m.gguf")


def test_a_full_disk_is_said(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder, small = make_folder(), tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        with pytest.raises(DiskFullError, match="the disk is full"):
            write_gguf(folder, "F32", small / "m.gguf")
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
