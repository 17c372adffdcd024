"""A Hugging Face folder of the trained model: config, weights, tokenizer, generation defaults.

Our parameter names and layouts are Llama's, so the weights are written as they are. The config carries the new and
the old spelling of what Transformers 5 renamed (`dtype`, `rope_parameters`), since each reader knows one of them.
What it leaves out: what makes the folder a repository, card, licence and sums (`repository`, `sums`); GGUF.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from fidan.artifact import atomic_write, read_json, write_json
from fidan.errors import ArtifactMismatch, FidanError
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import ExportConfig, GenerateConfig
from fidan.settings import build
from fidan.tokenizer.hugging_face import write_hugging_face_tokenizer
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.weights import weights_of, write_weights

VERSION = 3  # of all that the export stage writes


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


def llama_shape(config: ModelConfig, vocabulary: int) -> dict[str, Any]:
    """Our shape under the names of Transformers' `LlamaConfig`.

    Raises:
        FidanError: the model is no Llama.
    """
    if unlike := config.llama_shaped():
        raise FidanError(f"the model cannot be exported: {', '.join(unlike)}, which Llama does not have.")
    return {
        "vocab_size": vocabulary,
        "hidden_size": config.d_model,
        "intermediate_size": config.d_ff,
        "num_hidden_layers": config.n_layers,
        "num_attention_heads": config.n_heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_width,
        "hidden_act": "silu",
        "max_position_embeddings": config.context,
        "rms_norm_eps": config.norm_eps,
        "rope_theta": config.rope_theta,  # Transformers 4, Ollama
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},  # Transformers 5
        "initializer_range": config.init_std,
        "tie_word_embeddings": config.tie_embeddings,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "mlp_bias": False,
    }


def config_to_hugging_face(config: ModelConfig, vocabulary: int, tokenizer: Tokenizer, dtype: str) -> dict[str, Any]:
    """The `config.json` of a `LlamaForCausalLM`."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **llama_shape(config, vocabulary),
        "use_cache": True,
        "bos_token_id": tokenizer.bos_id,
        "eos_token_id": tokenizer.eos_id,
        "pad_token_id": tokenizer.pad_id if tokenizer.pad_id >= 0 else None,
        "dtype": dtype,  # Transformers 5
        "torch_dtype": dtype,  # Transformers 4
    }


def config_from_hugging_face(data: Mapping[str, Any]) -> tuple[ModelConfig, int]:
    """Our shape and V from a `config.json`.

    Raises:
        ArtifactMismatch: another architecture, or a feature of Llama that our decoder does not have.
    """
    if data.get("model_type") != "llama":
        raise ArtifactMismatch(f"config.json: model_type = {data.get('model_type')!r}: only 'llama' can be opened.")
    rope = data.get("rope_parameters") or data.get("rope_scaling") or {}
    unsupported = {
        "rope_type": rope.get("rope_type", rope.get("type", "default")) != "default",  # "type" before 2024
        "attention_bias": bool(data.get("attention_bias")),
        "mlp_bias": bool(data.get("mlp_bias")),
        "hidden_act": data.get("hidden_act", "silu") != "silu",
    }
    if any(unsupported.values()):
        raise ArtifactMismatch(f"config.json: not supported: {', '.join(k for k, v in unsupported.items() if v)}.")
    try:
        config = ModelConfig(
            d_model=data["hidden_size"],
            n_layers=data["num_hidden_layers"],
            n_heads=data["num_attention_heads"],
            n_kv_heads=data.get("num_key_value_heads"),
            head_dim=data.get("head_dim"),
            d_ff=data["intermediate_size"],
            context=data["max_position_embeddings"],
            rope_theta=float(rope.get("rope_theta", data.get("rope_theta", 10_000.0))),
            norm_eps=data["rms_norm_eps"],
            init_std=data.get("initializer_range", 0.02),
            tie_embeddings=bool(data.get("tie_word_embeddings", False)),
        )
        return config, int(data["vocab_size"])
    except KeyError as error:
        raise ArtifactMismatch(f"config.json: {error.args[0]} is missing.") from error
    except ValueError as error:
        raise ArtifactMismatch(f"config.json: {error}") from error


def generation_config(config: GenerateConfig, tokenizer: Tokenizer) -> dict[str, Any]:
    """The `generation_config.json`: how to sample unless the user says otherwise.

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
        "bos_token_id": tokenizer.bos_id,
        "eos_token_id": tokenizer.eos_id,
        "pad_token_id": tokenizer.pad_id if tokenizer.pad_id >= 0 else None,
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


def write_folder(
    model: Decoder,
    tokenizer: Tokenizer,
    export: ExportConfig,
    generate: GenerateConfig,
    folder: Path,
    chat_template: str | None = None,
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
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.to(torch_dtype(export)) for name, tensor in weights_of(model).items()}
    write_weights(folder / "model.safetensors", weights)
    write_json(
        folder / "config.json", config_to_hugging_face(model.config, model.vocabulary, tokenizer, export.dtype)
    )
    write_json(folder / "generation_config.json", generation_config(generate, tokenizer))
    write_hugging_face_tokenizer(tokenizer, folder, model.config.context, chat_template)
    if chat_template is not None:
        with atomic_write(folder / "chat_template.jinja", "w") as file:
            file.write(chat_template)
    with atomic_write(folder / "tokenizer.model") as file:
        file.write(tokenizer.model_bytes)
