"""One stack of blocks under the names of a Transformers config, and back: what Llama and T5Gemma have alike.

What it leaves out: what only one of them has (`llama`, `t5gemma`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from fidan.errors import ArtifactMismatch
from fidan.model.config import ModelConfig


def stack_shape(config: ModelConfig, vocabulary: int, layers: int) -> dict[str, Any]:
    """A stack of so many layers; the rotation in the old spelling, too, for Transformers 4 and Ollama."""
    return {
        "vocab_size": vocabulary,
        "hidden_size": config.d_model,
        "intermediate_size": config.d_ff,
        "num_hidden_layers": layers,
        "num_attention_heads": config.n_heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_width,
        "max_position_embeddings": config.context,
        "rms_norm_eps": config.norm_eps,
        "rope_theta": config.rope_theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},  # Transformers 5
        "initializer_range": config.init_std,
        "attention_bias": False,
        "attention_dropout": 0.0,
    }


def read_stack(data: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of `ModelConfig` that a stack's config says, all but the number of layers."""
    rope = _rope(data)
    return {
        "d_model": data["hidden_size"],
        "n_heads": data["num_attention_heads"],
        "n_kv_heads": data.get("num_key_value_heads"),
        "head_dim": data.get("head_dim"),
        "d_ff": data["intermediate_size"],
        "context": data["max_position_embeddings"],
        "rope_theta": float(rope.get("rope_theta", data.get("rope_theta", 10_000.0))),
        "norm_eps": data["rms_norm_eps"],
        "init_std": data.get("initializer_range", 0.02),
    }


def unsupported(data: Mapping[str, Any]) -> dict[str, bool]:
    """Features of a stack that ours do not have, and whether the config asks for them."""
    rope = _rope(data)
    return {
        "rope_type": rope.get("rope_type", rope.get("type", "default")) != "default",  # "type" before 2024
        "attention_bias": bool(data.get("attention_bias")),
    }


def refuse(where: str, faults: Mapping[str, bool]) -> None:
    """Refuse a config for its faults.

    Raises:
        ArtifactMismatch: it has some; they are named.
    """
    if found := [name for name, fault in faults.items() if fault]:
        raise ArtifactMismatch(f"{where}: not supported: {', '.join(found)}.")


def read(build: Callable[[], tuple[ModelConfig, int]]) -> tuple[ModelConfig, int]:
    """What `build` reads from a `config.json`.

    Raises:
        ArtifactMismatch: something is missing there, or impossible.
    """
    try:
        return build()
    except KeyError as error:
        raise ArtifactMismatch(f"config.json: {error.args[0]} is missing.") from error
    except ValueError as error:
        raise ArtifactMismatch(f"config.json: {error}") from error


def _rope(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data.get("rope_parameters") or data.get("rope_scaling") or {}
    return found
