"""Ollama: the Modelfile, each thing that its converter would stumble over, and the call of a (played) Ollama."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from fidan.errors import FidanError
from fidan.export.ollama import MODELFILE, check_for_ollama, create, modelfile, write_modelfile
from fidan.tokenizer.chat import GO, SYSTEM

from .conftest import MakeFolder


@pytest.fixture
def folder(make_folder: MakeFolder) -> Path:
    made = make_folder()
    write_modelfile(made, made / MODELFILE)
    return made


def edit(folder: Path, name: str, **changes: Any) -> None:
    """Change keys of a JSON file; None removes one."""
    data = {**json.loads((folder / name).read_text()), **changes}
    (folder / name).write_text(json.dumps({key: value for key, value in data.items() if value is not None}))


def test_the_modelfile_of_a_base_model(folder: Path) -> None:
    assert (folder / MODELFILE).read_text() == (
        'FROM .\nTEMPLATE """{{ .Prompt }}"""\n'
        "PARAMETER num_ctx 64\nPARAMETER temperature 0.8\nPARAMETER top_k 7\nPARAMETER top_p 0.95\n"
        "PARAMETER min_p 0\nPARAMETER repeat_penalty 1.1\nPARAMETER repeat_last_n -1\n"
        'PARAMETER stop "</s>"\n'
    )
    assert modelfile(folder, ".", "cc-by-4.0").endswith('LICENSE """cc-by-4.0"""\n')
    assert modelfile(folder, "./x.gguf").startswith("FROM ./x.gguf\n")
    check_for_ollama(folder)


def test_the_modelfile_of_a_model_that_chats(make_folder: MakeFolder) -> None:
    folder = make_folder(chat=True, system=SYSTEM)
    text = modelfile(folder, ".")
    assert f'TEMPLATE """{GO}"""\nSYSTEM "Türkçe yardımcı asistan."\n' in text
    assert 'PARAMETER stop "</s>"\nPARAMETER stop "<|im_end|>"\n' in text
    write_modelfile(folder, folder / MODELFILE)
    check_for_ollama(folder)
    edit(folder, "tokenizer_config.json", chat_system='Kısa yanıt ver.\n"Evet" de.  ')
    assert f'TEMPLATE """{GO}"""\nSYSTEM """Kısa yanıt ver.\n"Evet" de.  """\n' in modelfile(folder, ".")
    edit(folder, "tokenizer_config.json", chat_system=None)
    assert "SYSTEM" not in modelfile(folder, ".")  # its training put none anywhere
    for bad in ('"""', 'Adın "fidan"'):
        edit(folder, "tokenizer_config.json", chat_system=bad)
        with pytest.raises(FidanError, match="cannot hold three quotation marks, nor one at the end"):
            modelfile(folder, ".")


def test_a_model_with_another_template_keeps_it(make_folder: MakeFolder) -> None:
    folder = make_folder()
    edit(folder, "tokenizer_config.json", chat_template="{{ messages[0].content }}")
    text = modelfile(folder, "./x.gguf")
    assert "TEMPLATE" not in text
    assert "im_end" not in text


def test_the_go_template_writes_what_the_jinja_template_does(make_folder: MakeFolder) -> None:
    turns = [("system", "Kısa yanıt ver."), ("user", "Merhaba!\nNasılsın?"), ("assistant", "İyiyim."), ("user", "?")]
    body = GO.removeprefix("{{- range .Messages }}").partition("{{ end }}")
    ours = "".join(body[0].replace("{{ .Role }}", role).replace("{{ .Content }}", text) for role, text in turns)
    messages = [{"role": role, "content": text} for role, text in turns]
    theirs = AutoTokenizer.from_pretrained(make_folder(chat=True))
    expected = theirs.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert f"<s>{ours}{body[2]}" == expected  # Ollama puts <s> before it


def drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)

    return put


def change(name: str, **changes: Any) -> Callable[[Path], None]:
    return lambda folder: edit(folder, name, **changes)


def rename_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "weights.safetensors")


def double_weights(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] = weights["model.norm.weight"].double()
    save_file(weights, folder / "model.safetensors")


def fewer_rows(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["model.embed_tokens.weight"] = torch.zeros(700, 64)
    save_file(weights, folder / "model.safetensors")


def lose_an_added_token(folder: Path) -> None:
    added = json.loads((folder / "tokenizer.json").read_text())["added_tokens"]
    edit(folder, "tokenizer.json", added_tokens=[token for token in added if token["content"] != "</s>"])


def smaller_vocabulary(folder: Path) -> None:
    fewer_rows(folder)
    edit(folder, "config.json", vocab_size=700)


def link_out(folder: Path) -> None:
    elsewhere = folder.with_name("blobs")
    elsewhere.mkdir()
    (folder / "model.safetensors").rename(elsewhere / "abc")
    (folder / "model.safetensors").symlink_to(elsewhere / "abc")


def edit_modelfile(old: str, new: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        (folder / MODELFILE).write_text((folder / MODELFILE).read_text().replace(old, new))

    return put


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (drop("config.json"), "config.json is missing"),
        (drop("tokenizer.model"), "tokenizer.model is missing"),
        (drop("tokenizer.json"), "tokenizer.json is missing"),
        (drop("tokenizer_config.json"), "tokenizer_config.json is missing"),
        (drop(MODELFILE), "Modelfile is missing"),
        (change("config.json", architectures=["MistralForCausalLM"]), "architectures = ['MistralForCausalLM']"),
        (change("config.json", architectures=None), "architectures = None; must be ['LlamaForCausalLM']"),
        (change("config.json", rope_theta=None), "rope_theta = None at the top level"),
        (change("config.json", rope_theta=5e5), "rope_theta = 500000.0 at the top level"),
        (change("config.json", vocab_size=801), "vocab_size = 801, but the embedding has 800 rows"),
        (fewer_rows, "vocab_size = 800, but the embedding has 700 rows"),
        (smaller_vocabulary, "tokenizer.model has 800 pieces, config.json says 700"),
        (double_weights, "model.norm.weight is F64; must be F32, F16 or BF16"),
        (rename_weights, "looked for as model*.safetensors; there is weights.safetensors"),
        (drop("model.safetensors"), "looked for as model*.safetensors; there is none"),
        (write("model.safetensors", POINTER), "model.safetensors cannot be read as safetensors"),
        (write("tokenizer.model", POINTER), "tokenizer.model begins as text and would be passed over"),
        (write("extra.json", b'{"a": "\x00"}'), "extra.json does not begin as text"),
        (write("old/state.json", b"\x01"), "old/state.json does not begin as text"),
        (write("old/model.safetensors", b""), "old/model.safetensors would be added to the weights"),
        (write("m.gguf", b"GGUF"), "m.gguf lies beside the safetensors"),
        (link_out, "model.safetensors is a link out of the folder"),
        (lose_an_added_token, "eos_token = '</s>' is not in added_tokens"),
        (change("tokenizer_config.json", pad_token=None), "pad_token = None is not in added_tokens"),
        (change("tokenizer_config.json", bos_token="<bos>"), "bos_token = '<bos>' is not in added_tokens"),
        (change("tokenizer_config.json", add_bos_token=None), "add_bos_token = None; must be true"),
        (
            change("tokenizer_config.json", chat_template="{{ messages[0].content }}"),
            "chat_template is not that of `fidan`",
        ),
        (
            change("tokenizer_config.json", chat_template=[{"name": "default"}]),
            "chat_template is not that of `fidan`",
        ),
        (write("chat_template.jinja", b"x"), "chat_template.jinja is not read"),
        (
            write("special_tokens_map.json", b'{"additional_special_tokens": ["<|im_start|>"]}'),
            "additional_special_tokens = ['<|im_start|>'] makes Ollama crash",
        ),
        (write("added_tokens.json", b'{"<x>": 900}'), "ids [900] do not go on from 800"),
        (edit_modelfile("FROM .", "FROM x"), "has no line `FROM .`"),
        (edit_modelfile("TEMPLATE", "# "), "has no TEMPLATE"),
        (edit_modelfile("num_ctx 64", "num_ctx 4096"), "num_ctx = 4096; the model's context is 64"),
    ],
)
def test_what_ollama_would_stumble_over_is_found_before(
    folder: Path, damage: Callable[[Path], None], words: str
) -> None:
    damage(folder)
    with pytest.raises(FidanError) as error:
        check_for_ollama(folder)
    assert words in str(error.value)
    assert str(folder) in str(error.value)


@pytest.mark.parametrize(
    "harmless",
    [
        write("special_tokens_map.json", b'{"bos_token": "<s>", "additional_special_tokens": [{"content": "a"}]}'),
        write("added_tokens.json", b'{"<x>": 800, "<y>": 801}'),
        write("README.md", b"# x"),
        edit_modelfile("num_ctx 64", "num_ctx 32"),
    ],
)
def test_what_does_no_harm_is_let_through(folder: Path, harmless: Callable[[Path], None]) -> None:
    harmless(folder)
    check_for_ollama(folder)


def test_create_calls_ollama_where_the_modelfile_is(folder: Path, ollama: Path) -> None:
    create("fidan", folder)
    assert json.loads(ollama.read_text()) == [["create", "fidan", "-f", "Modelfile"], str(folder)]
    write_modelfile(folder, folder.parent / "gguf" / "x-Q6_K.Modelfile", "./x-Q6_K.gguf")
    create("fidan:q6", folder.parent / "gguf" / "x-Q6_K.Modelfile")
    expected = [["create", "fidan:q6", "-f", "x-Q6_K.Modelfile"], str(folder.parent / "gguf")]
    assert json.loads(ollama.read_text()) == expected


def test_create_says_what_went_wrong(folder: Path, ollama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FidanError, match=r"`ollama create bad -f Modelfile` in .* failed with exit code 1"):
        create("bad", folder)
    with pytest.raises(FidanError, match="no such file"):
        create("fidan", folder / "none")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FidanError, match=r"Ollama is not installed .* run in .*: ollama create fidan -f Modelfile"):
        create("fidan", folder)
