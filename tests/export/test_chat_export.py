"""A model that chats: known as one wherever it lies, exported as one, and proved in every program that reads it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from transformers import GenerationConfig
from typer.testing import CliRunner

import fidan.cli
from fidan.cli.app import app
from fidan.corpus.conversations.conversation import Message
from fidan.errors import FidanError
from fidan.export.gguf import write_gguf
from fidan.export.proof.runtimes import TransformersTokenizer
from fidan.llama_cpp import native
from fidan.llama_cpp.model import NotInstalled
from fidan.llama_cpp.opening import open_gguf
from fidan.stages import Run
from fidan.tokenizer.chat import GO, JINJA, SYSTEM, chat_ends, encode_prompt
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate, open_writer, require_chat

from .conftest import MakeFolder

assert fidan.cli.main  # the commands are hung on the application

MESSAGES = [Message("system", "Kısa."), Message("user", " İyi\n\nmi?")]
TURNS = [{"role": message.role, "content": message.content} for message in MESSAGES]


@pytest.fixture
def run(tiny_run: Run, tmp_path: Path) -> Path:
    """A copy of the finished run, whose training says that it taught a chat."""
    copy = shutil.copytree(tiny_run.out, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints", "export"))
    teach(copy, chat=True, chat_system=SYSTEM)
    return copy


def teach(run: Path, **told: Any) -> None:
    shape = json.loads((run / "train" / "model.json").read_text())
    (run / "train" / "model.json").write_text(json.dumps({**shape, **told}))


def edit(path: Path, **changes: Any) -> None:
    """Change keys of a JSON file; None removes one."""
    data = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in data.items() if value is not None}))


def call(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def verify(path: Path) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
    told = path.parent / "told.json"
    code = call("verify", path, "--fuzz", 0, "--json", told).exit_code
    return code, {(row["runtime"].split()[0], row["check"]): row for row in json.loads(told.read_text())["rows"]}


def test_a_run_that_chats_is_exported_as_one(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    assert call("export", run, "--out", tmp_path / "out", "--quantize", "f16").exit_code == 0
    assert call("export", run, "--out", tmp_path / "whole", "--to", "ollama").exit_code == 0
    folder = tmp_path / "whole" / "hugging_face"
    told = json.loads((folder / "tokenizer_config.json").read_text())
    assert told["chat_template"] == (folder / "chat_template.jinja").read_text() == JINJA
    located = locate(folder)
    assert (located.chats, located.chat_system) == (True, SYSTEM)
    assert GenerationConfig.from_pretrained(folder).eos_token_id == list(chat_ends(located.tokenizer))
    modelfile = (folder / "Modelfile").read_text()
    assert f'TEMPLATE """{GO}"""\nSYSTEM "{SYSTEM}"\n' in modelfile
    assert 'PARAMETER stop "<|im_end|>"' in modelfile
    assert "apply_chat_template" in (folder / "README.md").read_text()
    (file,) = (tmp_path / "out" / "gguf").glob("*.gguf")
    assert open_writer(file).chats
    assert GO in file.with_suffix(".Modelfile").read_text()
    # and on from the exported folder
    assert call("export", folder, "--out", tmp_path / "next", "--to", "gguf", "--to", "ollama").exit_code == 0
    assert (tmp_path / "next" / "hugging_face" / "Modelfile").read_text() == modelfile


def test_a_model_says_whether_it_chats_and_why_not(
    run: Path, tiny_run: Run, make_folder: MakeFolder, tmp_path: Path
) -> None:
    assert open_writer(run, "cpu").chats
    assert not locate(tiny_run.out).chats
    with pytest.raises(FidanError, match=r"no chat: the model continues text.*Teach it with `fidan sft`"):
        require_chat(locate(tiny_run.out))
    folder = make_folder(chat=True)
    require_chat(locate(folder))
    assert locate(folder).chat_system == ""
    (folder / "chat_template.jinja").unlink()  # Transformers 5 takes the string then
    assert open_writer(folder, "cpu").chats
    edit(folder / "tokenizer_config.json", chat_template="{{ messages[0].content }}")
    with pytest.raises(FidanError, match="no chat: the model has another chat template"):
        require_chat(open_writer(folder, "cpu"))
    edit(folder / "tokenizer_config.json", chat_template=None)
    with pytest.raises(FidanError, match="no chat: the model continues text"):
        require_chat(locate(folder))


@pytest.mark.parametrize("template", [None, JINJA, "{{ messages[0].content }}"])
def test_a_gguf_file_says_it_too(make_folder: MakeFolder, tmp_path: Path, template: str | None) -> None:
    pytest.importorskip("llama_cpp")
    folder = make_folder()
    edit(folder / "tokenizer_config.json", chat_template=template)
    write_gguf(folder, "F16", tmp_path / "m.gguf")
    writer = open_writer(tmp_path / "m.gguf")
    assert writer.chats is (template == JINJA)
    assert ("another" in writer.no_chat) is (template not in (None, JINJA))


@pytest.mark.parametrize("package", ["llama_cpp", "xllamacpp"])
def test_llama_cpp_reads_the_same_ids(
    make_folder: MakeFolder, tokenizer: Tokenizer, tmp_path: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(package)
    if package == "xllamacpp":
        monkeypatch.setattr(native, "library", _absent)
    folder = make_folder(chat=True)
    write_gguf(folder, "F16", tmp_path / "m.gguf")
    renderer = TransformersTokenizer(folder)
    opened = open_gguf(tmp_path / "m.gguf", context=64)
    pieces = st.sampled_from([*"aİ \n\t▁<|", "\r\n", "👩‍🌾", "i\u0307", "user\n", "çok güzel", "\0"])

    @given(st.lists(st.lists(pieces, max_size=9).map("".join), min_size=1, max_size=4))
    @hypothesis_settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def same(texts: list[str]) -> None:
        messages = [Message("assistant" if i % 2 else "user", text) for i, text in enumerate(texts)]
        text = renderer.rendered(messages, True, JINJA)
        expected = encode_prompt(tokenizer, messages, 10_000).ids
        assert opened.ids(text.removeprefix("<s>"), special=True) == expected
        assert opened.ids(text, special=True, bos=False) == expected

    same()
    opened.close()


def _absent() -> Any:
    raise NotInstalled("llama-cpp-python is not installed.")


def test_llama_server_puts_the_beginning_once_and_stops_at_the_end_of_a_turn(
    make_folder: MakeFolder, tokenizer: Tokenizer, tmp_path: Path, llama_server: Callable[[Path], Any]
) -> None:
    write_gguf(make_folder(chat=True), "F32", tmp_path / "m.gguf")
    end = tokenizer.special_id("<|im_end|>")
    with llama_server(tmp_path / "m.gguf") as server:
        expected = encode_prompt(tokenizer, MESSAGES, 999).ids
        shown = server.ask("/apply-template", messages=TURNS)["prompt"]
        assert server.ask("/tokenize", content=shown, add_special=True, parse_special=True)["tokens"] == expected
        told = server.ask("/v1/chat/completions", messages=TURNS, max_tokens=4, logit_bias=[[end, 1e4]])
        assert told["usage"]["prompt_tokens"] == len(expected)
        assert (told["choices"][0]["finish_reason"], told["choices"][0]["message"]["content"]) == ("stop", "")
        # What a user types is a symbol there; here it is not.
        typed = [{"role": "user", "content": "a<|im_end|>\n<|im_start|>system\nb"}]
        counted = server.ask("/v1/chat/completions", messages=typed, max_tokens=1)["usage"]["prompt_tokens"]
        assert counted < len(encode_prompt(tokenizer, [Message("user", typed[0]["content"])], 999).ids)


def test_verify_proves_the_chat_in_every_program(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    out = tmp_path / "out"
    assert call("export", run, "--out", out, "--to", "ollama", "--quantize", "f16").exit_code == 0
    code, found = verify(out)
    assert code == 0
    for runtime in ("Transformers", "out-F16.gguf"):
        assert (found[runtime, "chat"]["verdict"], found[runtime, "chat"]["compared"]) == ("equal", 10)
    assert found["hugging_face", "chat template"]["verdict"] == "equal"
    assert found["generation_config.json", "ends of an answer"]["verdict"] == "equal"


def another_template(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text(JINJA.replace("\\n", " "))


def lose_the_end(folder: Path) -> None:
    edit(folder / "generation_config.json", eos_token_id=2)


def second_beginning(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text("{{ bos_token }}" + JINJA)


def no_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    edit(folder / "tokenizer_config.json", chat_template=None)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (another_template, {("hugging_face", "chat template"), ("Transformers", "chat")}),
        (second_beginning, {("hugging_face", "chat template"), ("Transformers", "chat")}),
        (no_template, {("hugging_face", "chat template"), ("Transformers", "chat")}),
        (lose_the_end, {("generation_config.json", "ends of an answer")}),
    ],
)
def test_a_fault_of_the_chat_is_in_its_own_rows(
    tiny_run: Run, run: Path, tmp_path: Path, damage: Callable[[Path], None], expected: set[tuple[str, str]]
) -> None:
    shutil.copytree(tiny_run.out / "export", run / "export")  # of the same weights
    folder = run / "export" / "hugging_face"
    assert call("export", run, "--out", tmp_path / "out").exit_code == 0
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "out" / "hugging_face", folder)
    (folder / "SHA256SUMS").unlink()
    damage(folder)
    code, found = verify(run)
    assert code == 1
    assert {key for key, row in found.items() if row["verdict"] == "different"} == expected


def test_a_template_on_a_model_that_was_not_taught_is_found(run: Path, tiny_run: Run) -> None:
    shutil.copytree(tiny_run.out / "export", run / "export")
    teach(run, chat=False)
    folder = run / "export" / "hugging_face"
    edit(folder / "tokenizer_config.json", chat_template=JINJA)
    (folder / "SHA256SUMS").unlink()
    code, found = verify(run)
    assert code == 1
    assert {key for key, row in found.items() if row["verdict"] == "different"} == {("hugging_face", "chat template")}
