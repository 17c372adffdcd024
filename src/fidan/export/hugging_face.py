"""A Hugging Face folder of the trained model: config, weights, tokenizer, generation defaults.

A decoder is written as a Llama (`llama`), an encoder-decoder as a T5Gemma (`t5gemma`). The config carries the new and
the old spelling of what Transformers 5 renamed (`dtype`, `rope_parameters`), since each reader knows one of them.
What it leaves out: what makes the folder a repository, card, licence and sums (`repository`, `sums`); GGUF.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fidan.artifact import atomic_write, read_json, write_json
from fidan.errors import ArtifactMismatch
from fidan.export import llama, t5gemma
from fidan.export.llama import llama_shape
from fidan.model.build import Model
from fidan.model.config import ModelConfig
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.recipe import ExportConfig, GenerateConfig
from fidan.settings import build
from fidan.tokenizer.chat import JINJA, chat_ends
from fidan.tokenizer.hugging_face import CHAT_SYSTEM, TOKENIZER_CONFIG, write_hugging_face_tokenizer
from fidan.tokenizer.pairs import require_ids
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.weights import load_weights, read_weights, weights_of, write_weights

CHAT_TEMPLATE = "chat_template.jinja"
VERSION = 4  # of all that the export stage writes


# Our name of a rule and Transformers', for those that it has and that are usually off.
_RULES = {
    "min_p": "min_p",
    "typical_p": "typical_p",
    "no_repeat_ngram": "no_repeat_ngram_size",
    "beams": "num_beams",
    "length_penalty": "length_penalty",
}


def torch_dtype(export: ExportConfig) -> torch.dtype:
    """The number format of the exported weights."""
    dtype: torch.dtype = getattr(torch, export.dtype)
    return dtype


def config_to_hugging_face(config: ModelConfig, vocabulary: int, tokenizer: Tokenizer, dtype: str) -> dict[str, Any]:
    """The `config.json` of a `LlamaForCausalLM`, or of a `T5GemmaForConditionalGeneration`.

    Raises:
        FidanError: the model is neither, or its tokenizer lacks an id that an encoder-decoder needs.
    """
    ids = special_ids(config, tokenizer)
    shape = (
        t5gemma.t5gemma_shape(config, vocabulary, ids) if config.encoder_layers else llama_shape(config, vocabulary)
    )
    return {
        **shape,
        "use_cache": True,
        **ids,
        "dtype": dtype,  # Transformers 5
        "torch_dtype": dtype,  # Transformers 4
    }


def config_from_hugging_face(data: Mapping[str, Any]) -> tuple[ModelConfig, int]:
    """Our shape and V from a `config.json`.

    Raises:
        ArtifactMismatch: another architecture, or a feature that our models do not have.
    """
    readers = {llama.MODEL_TYPE: llama.read_llama, t5gemma.MODEL_TYPE: t5gemma.read_t5gemma}
    kind = data.get("model_type")
    if kind not in readers:
        known = " and ".join(map(repr, readers))
        raise ArtifactMismatch(f"config.json: model_type = {kind!r}: only {known} can be opened.")
    return readers[kind](data)


def special_ids(config: ModelConfig, tokenizer: Tokenizer) -> dict[str, int | None]:
    """The ids of special tokens, by their names in Transformers.

    Raises:
        FidanError: an encoder-decoder's tokenizer lacks one of them.
    """
    ids: dict[str, int | None] = {
        "bos_token_id": tokenizer.bos_id,
        "eos_token_id": tokenizer.eos_id,
        "pad_token_id": tokenizer.pad_id if tokenizer.pad_id >= 0 else None,
    }
    if config.encoder_layers:
        require_ids(tokenizer)  # Transformers tells padding in a source by its id
        ids["decoder_start_token_id"] = tokenizer.bos_id
    return ids


def folder_weights(model: Model, dtype: torch.dtype) -> dict[str, Tensor]:
    """The weights of `model` as they are in the folder: names, and number format."""
    weights = weights_of(model)
    if isinstance(model, EncoderDecoder):
        return t5gemma.to_t5gemma(weights, dtype)
    return {name: tensor.to(dtype) for name, tensor in weights.items()}


def read_folder_weights(path: Path, config: ModelConfig) -> dict[str, Tensor]:
    """The weights of a folder's file, by our names.

    Raises:
        ArtifactMismatch: it cannot be read, or embeddings are not shared.
    """
    weights = read_weights(path)
    return t5gemma.from_t5gemma(weights, str(path)) if config.encoder_layers else weights


def as_exported(model: Model, dtype: torch.dtype) -> Model:
    """`model` itself, on the CPU in fp32, with its weights as a folder of that number format gives them back."""
    model.to("cpu", torch.float32)
    weights = folder_weights(model, dtype)
    named = t5gemma.from_t5gemma(weights, "export") if isinstance(model, EncoderDecoder) else weights
    load_weights(model, named, "export")
    return model.eval()


def generation_config(config: GenerateConfig, ids: Mapping[str, Any]) -> dict[str, Any]:
    """The `generation_config.json`: how to sample unless the user says otherwise.

    Args:
        config: ours.
        ids: what `special_ids` gives; of a model that chats, every id that ends an answer as `eos_token_id`.

    Of the rules that are off only those are told whose default is on there (top-k). Penalties for frequency and
    presence have no name there, and stop strings would make a call without a tokenizer fail.
    """
    off = GenerateConfig()  # by default, these are
    rules = {
        theirs: getattr(config, ours)
        for ours, theirs in _RULES.items()
        if getattr(config, ours) != getattr(off, ours)
    }
    sampling = {"temperature": config.temperature, "top_p": config.top_p, "top_k": config.top_k}
    return {
        **ids,
        "do_sample": config.temperature > 0,
        **(sampling if config.temperature > 0 else {}),
        **rules,
        "repetition_penalty": config.repetition_penalty,
        "max_new_tokens": config.max_new_tokens,
    }


def sampling_from_hugging_face(folder: Path) -> GenerateConfig:
    """How a folder's `generation_config.json` asks to be sampled; our defaults for what it does not say.

    Raises:
        RecipeError: it says something impossible.
    """
    path = folder / "generation_config.json"
    data = read_json(path) if path.is_file() else {}
    same = ("temperature", "top_p", "top_k", "repetition_penalty", "max_new_tokens")
    names = {**{name: name for name in same}, **_RULES}
    settings = {ours: data[theirs] for ours, theirs in names.items() if data.get(theirs) is not None}
    if not data.get("do_sample", True):
        settings["temperature"] = 0.0
    return build(GenerateConfig, settings, str(path))


def chat_template_of(folder: Path) -> Any:
    """The template in a folder, from where Transformers 5 reads it: the file, else the string; None: there is none.

    Older models have a list of named ones.
    """
    if (path := folder / CHAT_TEMPLATE).is_file():
        return path.read_text(encoding="utf-8")
    path = folder / TOKENIZER_CONFIG
    return read_json(path).get("chat_template") if path.is_file() else None


def chat_system_of(folder: Path) -> str:
    """The system message that the model's training put before conversations that had none; empty: it put none."""
    path = folder / TOKENIZER_CONFIG
    return str(read_json(path).get(CHAT_SYSTEM, "")) if path.is_file() else ""


def write_folder(
    model: Model,
    tokenizer: Tokenizer,
    export: ExportConfig,
    generate: GenerateConfig,
    folder: Path,
    chat_template: str | None = None,
    chat_system: str = "",
) -> None:
    """Write the folder; `fidan.export.proof.verify` decides whether it may be called an export.

    Args:
        model: its weights are converted to `export.dtype`.
        tokenizer: copied as `tokenizer.model` and written as `tokenizer.json`.
        export: the number format.
        generate: sampling defaults.
        folder: made if it is not there.
        chat_template: Jinja, for a model that chats. It is written twice: Transformers 5 and llama.cpp read the file,
            Transformers 4 and Ollama the string in `tokenizer_config.json`.
        chat_system: the system message that its training put before conversations that had none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shape = config_to_hugging_face(model.config, model.vocabulary, tokenizer, export.dtype)
    write_weights(folder / "model.safetensors", folder_weights(model, torch_dtype(export)))
    write_json(folder / "config.json", shape)
    ids: dict[str, Any] = special_ids(model.config, tokenizer)
    if chat_template == JINJA:
        ids["eos_token_id"] = list(chat_ends(tokenizer))
    write_json(folder / "generation_config.json", generation_config(generate, ids))
    sources = model.config.encoder_layers > 0
    write_hugging_face_tokenizer(tokenizer, folder, model.config.context, chat_template, sources, chat_system)
    if chat_template is not None:
        with atomic_write(folder / CHAT_TEMPLATE, "w") as file:
            file.write(chat_template)
    with atomic_write(folder / "tokenizer.model") as file:
        file.write(tokenizer.model_bytes)
