"""Ollama: the Modelfile, what its converter must find in the folder, and the call that creates a model.

Ollama makes its own GGUF of a Hugging Face folder (`FROM .`), and quantises it to some formats (Q8_0, Q4_K_M, …); for
the others a Modelfile beside the ready GGUF says `FROM ./x.gguf`. Its converter is silent about much that it does
not find, and then makes another model; `check_for_ollama` finds that out before. Each check follows its source
(github.com/ollama/ollama, parser/parser.go and convert/), as it was in 2026-08.

Ollama draws as our sampling does but cools last, after top-p; that cannot be set. What it leaves out: Ollama itself.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from fidan.artifact import atomic_write, read_json
from fidan.errors import FidanError
from fidan.export.hugging_face import config_from_hugging_face, sampling_from_hugging_face
from fidan.recipe import NO_LLAMA_CPP
from fidan.tokenizer.chat import GO, IM_END, JINJA
from fidan.tokenizer.hugging_face import CHAT_SYSTEM, TOKENIZER_CONFIG, TOKENIZER_JSON
from fidan.tokenizer.tokenizer import MODEL, Tokenizer

MODELFILE = "Modelfile"
# Without a template of ours Ollama would put ChatML around what a base model shall continue.
CONTINUE = "{{ .Prompt }}"
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # Go's http.DetectContentType: none of these is in a text


def modelfile(folder: Path, source: str, licence: str = "") -> str:
    """The content of a Modelfile.

    Args:
        folder: the Hugging Face folder that says how to sample, and whether the model chats.
        source: what stands after FROM: `.`, or a GGUF file beside the Modelfile.
        licence: of the weights, as an id; empty: not told.
    """
    config, _ = config_from_hugging_face(read_json(folder / "config.json"))
    if config.encoder_layers:
        raise FidanError(f"{folder}: {NO_LLAMA_CPP}")
    told, sampling = read_json(folder / TOKENIZER_CONFIG), sampling_from_hugging_face(folder)
    chats = told.get("chat_template") == JINJA
    parameters: list[tuple[str, Any]] = [
        ("num_ctx", config.context),
        ("temperature", f"{sampling.temperature:g}"),
        ("top_k", sampling.top_k),
        ("top_p", f"{sampling.top_p:g}"),
        ("min_p", f"{sampling.min_p:g}"),
        ("repeat_penalty", f"{sampling.repetition_penalty:g}"),
        ("repeat_last_n", -1),  # the whole text counts, not its last 64 tokens
        *(("stop", f'"{stop}"') for stop in [told["eos_token"], *([IM_END] if chats else [])]),
    ]
    lines = [f"FROM {source}"]
    if chats or not told.get("chat_template"):  # else Ollama takes the model's own
        lines.append(f'TEMPLATE """{GO if chats else CONTINUE}"""')
    if chats and told.get(CHAT_SYSTEM):
        lines.append(f"SYSTEM {_quoted(told[CHAT_SYSTEM])}")
    lines += [f"PARAMETER {name} {value}" for name, value in parameters]
    lines += [f'LICENSE """{licence}"""'] * bool(licence)
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A text as a Modelfile has it."""
    if not re.search('["\n]', text):
        return f'"{text}"'
    if '"""' in text or text.endswith('"'):
        raise FidanError(f"{text!r}: a Modelfile cannot hold three quotation marks, nor one at the end. Change it.")
    return f'"""{text}"""'


def write_modelfile(folder: Path, path: Path, source: str = ".", licence: str = "") -> None:
    """Write a Modelfile to `path`; the other arguments are those of `modelfile`."""
    with atomic_write(path, "w") as file:
        file.write(modelfile(folder, source, licence))


def check_for_ollama(folder: Path) -> None:
    """Everything that Ollama's converter needs of a Hugging Face folder with a Modelfile.

    Raises:
        FidanError: the first thing that it would refuse, or take for something else.
    """
    for problem in _problems(folder):
        raise FidanError(f"{folder}: {problem}")


def create(name: str, path: Path) -> None:
    """Let the Ollama of this machine make a model of a Modelfile, or of the folder that holds one.

    Raises:
        FidanError: there is no Ollama here, no Modelfile there, or it failed.
    """
    file = path / MODELFILE if path.is_dir() else path
    if not file.is_file():
        raise FidanError(f"{file}: no such file. Write it with: fidan export ... --to ollama")
    command = ["ollama", "create", name, "-f", file.name]
    program = shutil.which("ollama")
    if program is None:
        raise FidanError(
            f"Ollama is not installed on this machine. Install it (https://ollama.com/download), then run in "
            f"{file.parent}: {' '.join(command)}"
        )
    ended = subprocess.run([program, *command[1:]], cwd=file.parent, check=False).returncode  # it shows its progress
    if ended:
        raise FidanError(
            f"`{' '.join(command)}` in {file.parent} failed with exit code {ended}. Does `ollama serve` run?"
        )


def _problems(folder: Path) -> Iterator[str]:
    """Every fault, in words; what comes later relies on what came before."""
    for name in ("config.json", TOKENIZER_JSON, TOKENIZER_CONFIG, MODEL, MODELFILE):
        if not (folder / name).is_file():
            yield f"{name} is missing; Ollama would take another way without a word. Export the model again."
    yield from _files(folder)
    config = read_json(folder / "config.json")
    yield from _shape(folder, config)
    yield from _tokenizer(folder, config)
    yield from _modelfile(folder, config)


def _files(folder: Path) -> Iterator[str]:
    """What it uploads: by name, and by a look at the first bytes."""
    for path in chain(folder.glob("*.json"), folder.glob("*/*.json")):
        if _BINARY.search(_head(path)):
            yield f"{path.relative_to(folder)} does not begin as text. Write it again, as UTF-8 JSON."
    if not _BINARY.search(_head(folder / MODEL)):
        yield f"{MODEL} begins as text and would be passed over; is it a pointer of Git LFS? Fetch the file."
    for path in sorted(folder.glob("*.gguf")):
        yield f"{path.name} lies beside the safetensors, and one of them would be passed over. Move it elsewhere."
    for path in sorted(folder.glob("*/model*.safetensors")):
        yield f"{path.relative_to(folder)} would be added to the weights. Move it elsewhere."
    if not list(folder.glob("model*.safetensors")):
        there = ", ".join(sorted(path.name for path in folder.glob("*.safetensors"))) or "none"
        yield f"weights are looked for as model*.safetensors; there is {there}. Rename the file."
    for path in chain(folder.glob("*.json"), folder.glob("*.safetensors"), [folder / MODEL]):
        if not path.resolve().is_relative_to(folder.resolve()):
            yield f"{path.name} is a link out of the folder, which is refused as insecure. Copy the file."


def _shape(folder: Path, config: dict[str, Any]) -> Iterator[str]:
    """The config, and the tensors held against it."""
    if (found := config.get("architectures")) != ["LlamaForCausalLM"]:
        yield f"config.json: architectures = {found!r}; must be ['LlamaForCausalLM']."
    theta = (config.get("rope_parameters") or {}).get("rope_theta", config.get("rope_theta"))
    if theta is None or config.get("rope_theta") != theta:
        yield (
            f"config.json: rope_theta = {config.get('rope_theta')!r} at the top level, the only one that is read; "
            f"must be {theta or 'there'!r}, as in rope_parameters."
        )
    rows = 0
    for path in sorted(folder.glob("model*.safetensors")):
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118
                    tensor = file.get_slice(name)
                    if tensor.get_dtype() not in ("F32", "F16", "BF16"):
                        yield f"{path.name}: {name} is {tensor.get_dtype()}; must be F32, F16 or BF16."
                    if name == "model.embed_tokens.weight":
                        rows = tensor.get_shape()[0]
        except SafetensorError as error:
            yield f"{path.name} cannot be read as safetensors ({error}); is it a pointer of Git LFS? Fetch the file."
    if rows != config.get("vocab_size"):
        yield f"config.json: vocab_size = {config.get('vocab_size')!r}, but the embedding has {rows:,} rows."


def _tokenizer(folder: Path, config: dict[str, Any]) -> Iterator[str]:
    """The special tokens, which it looks up by their text in tokenizer.json."""
    tokenizer = Tokenizer.load(folder)  # refuses one without the space in front, which Ollama always adds
    if tokenizer.vocab_size > config["vocab_size"]:
        yield f"{MODEL} has {tokenizer.vocab_size:,} pieces, config.json says {config['vocab_size']:,}. Export again."
    told = read_json(folder / TOKENIZER_CONFIG)
    added = {token["content"]: token["id"] for token in read_json(folder / TOKENIZER_JSON).get("added_tokens", [])}
    ids = {"bos": tokenizer.bos_id, "eos": tokenizer.eos_id, "unk": tokenizer.unk_id, "pad": tokenizer.pad_id}
    for name, expected in ids.items():
        if expected >= 0 and added.get(told.get(f"{name}_token")) != expected:
            yield (
                f"{TOKENIZER_CONFIG}: {name}_token = {told.get(f'{name}_token')!r} is not in added_tokens of "
                f"{TOKENIZER_JSON} with the id {expected}, so its id would be lost. Export again."
            )
    if told.get("add_bos_token") is not True:
        yield f"{TOKENIZER_CONFIG}: add_bos_token = {told.get('add_bos_token')!r}; must be true."
    if (path := folder / "special_tokens_map.json").is_file():
        more = read_json(path).get("additional_special_tokens", [])
        if any(isinstance(token, str) for token in more):
            yield f"{path.name}: additional_special_tokens = {more!r} makes Ollama crash. Delete the key."
    if (path := folder / "added_tokens.json").is_file():
        beyond = sorted(read_json(path).values())
        if beyond != list(range(tokenizer.vocab_size, tokenizer.vocab_size + len(beyond))):
            yield f"{path.name}: ids {beyond} do not go on from {tokenizer.vocab_size:,}. Delete the file."
    template = told.get("chat_template")
    if template is None and (folder / "chat_template.jinja").is_file():
        yield f"chat_template.jinja is not read. Put it into {TOKENIZER_CONFIG} too, as the string chat_template."
    if template is not None and template != JINJA:
        yield f"{TOKENIZER_CONFIG}: chat_template is not that of `fidan`, so {MODELFILE} would say something else."


def _modelfile(folder: Path, config: dict[str, Any]) -> Iterator[str]:
    text = (folder / MODELFILE).read_text(encoding="utf-8")
    if not re.search(r"^FROM \.$", text, re.MULTILINE):
        yield f"{MODELFILE}: has no line `FROM .`."
    if not re.search(r"^TEMPLATE ", text, re.MULTILINE):
        yield f'{MODELFILE}: has no TEMPLATE, so ChatML would be assumed. Add TEMPLATE """{CONTINUE}""".'
    for asked in re.findall(r"^PARAMETER num_ctx (\d+)$", text, re.MULTILINE):
        if int(asked) > (context := config["max_position_embeddings"]):
            yield f"{MODELFILE}: num_ctx = {asked}; the model's context is {context}. Write at most that."


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)
