"""Our decoder as Transformers' Llama: the shape under its names, and back.

Parameter names and layouts are Llama's, so the weights are written as they are. What it leaves out: the rest of the
folder (`hugging_face`).
"""

from collections.abc import Mapping
from typing import Any

from fidan.errors import FidanError
from fidan.export.stack import read, read_stack, refuse, stack_shape, unsupported
from fidan.model.config import ModelConfig
from fidan.recipe import no_export

MODEL_TYPE = "llama"


def llama_shape(config: ModelConfig, vocabulary: int) -> dict[str, Any]:
    """Our shape under the names of Transformers' `LlamaConfig`.

    Raises:
        FidanError: the model is no Llama.
    """
    if config.llama_shaped():
        raise FidanError(f"{no_export(config)}.")
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": MODEL_TYPE,
        **stack_shape(config, vocabulary, config.n_layers),
        "hidden_act": "silu",
        "tie_word_embeddings": config.tie_embeddings,
        "mlp_bias": False,
    }


def read_llama(data: Mapping[str, Any]) -> tuple[ModelConfig, int]:
    """Our shape and V from a Llama's `config.json`.

    Raises:
        ArtifactMismatch: a feature of Llama that our decoder does not have, or something is missing.
    """
    other = {"mlp_bias": bool(data.get("mlp_bias")), "hidden_act": data.get("hidden_act", "silu") != "silu"}
    refuse("config.json", unsupported(data) | other)
    return read(
        lambda: (
            ModelConfig(
                **read_stack(data),
                n_layers=data["num_hidden_layers"],
                tie_embeddings=bool(data.get("tie_word_embeddings", False)),
            ),
            int(data["vocab_size"]),
        )
    )
