"""A model in every format that was asked for, side by side in one folder.

`hugging_face/` comes first and is proved; a decoder's has Ollama's Modelfile in it. The GGUF files are made of it,
into `gguf/`, since Ollama wants no GGUF beside safetensors; each has a Modelfile of its own. Of an encoder-decoder
there can be a `ctranslate2/`, proved likewise. What it leaves out: which formats to make (`fidan.recipe`), and where
the model comes from.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fidan.artifact import read_json
from fidan.export import ctranslate2
from fidan.export.card.facts import CardFacts
from fidan.export.gguf import KINDS, write_gguf
from fidan.export.hugging_face import as_exported, torch_dtype, write_folder
from fidan.export.ollama import MODELFILE, check_for_ollama, write_modelfile
from fidan.export.proof.verify import verify_converted, verify_folder
from fidan.export.quantize import find_backend, quantize
from fidan.export.repository import complete_folder
from fidan.export.sums import write_sums
from fidan.model.build import Model
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.recipe import GenerateConfig
from fidan.tokenizer.chat import JINJA
from fidan.tokenizer.tokenizer import Tokenizer

HUGGING_FACE, GGUF = "hugging_face", "gguf"
_EXACT = {"float32": "F32", "bfloat16": "BF16", "float16": "F16"}  # the kind that loses nothing of a dtype


def write_formats(
    model: Model,
    tokenizer: Tokenizer,
    generate: GenerateConfig,
    facts: CardFacts,
    out: Path,
    say: Callable[[str], None],
    chat_system: str = "",
) -> dict[str, Any]:
    """Write a model in all its formats.

    Args:
        model: what was trained; rounded to `facts.export.dtype`.
        tokenizer: its tokenizer.
        generate: sampling defaults.
        facts: the model's name, which formats, whether it chats, and what its card tells.
        out: the folder for `hugging_face/` and the others.
        say: is told what is made.
        chat_system: the system message that its training put before conversations that had none; empty: it put none.

    Returns:
        What was proved and made, for a manifest.

    Raises:
        FidanError: another program would get another model, there is no llama.cpp for a K-quant, or no CTranslate2.
    """
    export = facts.export
    if export.ctranslate2:
        ctranslate2.imported()
    if not set(export.gguf) <= set(KINDS):
        find_backend()  # rather now than when the rest is made
    folder = out / HUGGING_FACE
    write_folder(model, tokenizer, export, generate, folder, JINJA if facts.chat else None, chat_system)
    if not isinstance(model, EncoderDecoder):
        add_modelfile(folder, export.license)
    complete_folder(folder, facts)
    model = as_exported(model, torch_dtype(export))
    checked = verify_folder(folder, model, tokenizer, chats=facts.chat)
    write_sums(folder)
    if export.ctranslate2:
        assert isinstance(model, EncoderDecoder)  # the recipe says so
        add_ctranslate2(folder, out, say)
        verify_converted(out / ctranslate2.FOLDER, model, tokenizer)
    return {
        "parameters": model.parameter_count(),
        "verified_texts": checked.texts,
        "verified_tokens": checked.tokens,
        "max_logit_difference": checked.max_logit_difference,
        "same_greedy_tokens": checked.same_greedy_tokens,
        "gguf": write_gguf_files(folder, export.gguf, out / GGUF, facts.name, say, export.license),
        "ctranslate2": export.ctranslate2,
    }


def add_ctranslate2(folder: Path, out: Path, say: Callable[[str], None]) -> None:
    """Make `out`/ctranslate2 of a Hugging Face folder.

    Raises:
        FidanError: CTranslate2 is not installed, or would run another model.
    """
    ctranslate2.convert(folder, out / ctranslate2.FOLDER)
    size = (out / ctranslate2.FOLDER / "model.bin").stat().st_size
    say(f"{ctranslate2.FOLDER}: {size / 1e6:,.1f} MB")


def add_modelfile(folder: Path, licence: str) -> None:
    """Put Ollama's Modelfile into a Hugging Face folder.

    Args:
        folder: to put it into.
        licence: of the weights, as an id; empty: not told.

    Raises:
        FidanError: Ollama would not take the folder for what it is.
    """
    write_modelfile(folder, folder / MODELFILE, licence=licence)
    check_for_ollama(folder)


def gguf_name(name: str, kind: str) -> str:
    """How the GGUF file of a kind is called: `NAME-KIND.gguf`, without spaces and slashes."""
    return f"{name.replace(' ', '-').replace('/', '-')}-{kind}.gguf"


def gguf_modelfile(file: Path) -> Path:
    """Where the Modelfile of a GGUF file lies."""
    return file.with_suffix(f".{MODELFILE}")


def write_gguf_files(
    folder: Path, kinds: Sequence[str], out: Path, name: str, say: Callable[[str], None], licence: str = ""
) -> list[dict[str, Any]]:
    """A GGUF file of each kind, with its Modelfile, out of a Hugging Face folder.

    Args:
        folder: the Hugging Face folder; left as it is.
        kinds: some of `fidan.recipe.GGUF_KINDS`.
        out: the folder for the files.
        name: of the model, and of the files.
        say: is told what is made.
        licence: of the weights, as an id; empty: not told.

    Returns:
        For each its name, its bytes and what made it.
    """
    made = []
    with ExitStack() as later:
        whole: Path | None = None  # what K-quants are made of; the same for all, and removed at the end
        for kind in kinds:
            path = out / gguf_name(name, kind)
            if kind in KINDS:
                write_gguf(folder, kind, path, name, say, licence)
                by = f"gguf {version('gguf')}"
            else:
                if whole is None:
                    whole = out / f".{gguf_name(name, 'whole')}.{os.getpid()}.tmp"
                    later.callback(whole.unlink, missing_ok=True)
                    write_gguf(folder, _EXACT[read_json(folder / "config.json")["dtype"]], whole, name, say, licence)
                by = quantize(whole, kind, path, say)
            write_modelfile(folder, gguf_modelfile(path), f"./{path.name}", licence)
            say(f"{path.name}: {path.stat().st_size / 1e6:,.1f} MB")
            made.append({"file": path.name, "bytes": path.stat().st_size, "by": by})
    return made
