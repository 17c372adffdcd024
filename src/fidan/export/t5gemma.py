"""Our encoder-decoder as Transformers' T5Gemma: the shape and the weights under its names, and back.

T5Gemma's own defaults are other than ours in all that follows, so every one is written out: no cap on logits, no
sliding windows, scores divided by the root of a head's width. Names of parameters are alike but for `model.` in front
and the head's. Two things are stored in another way: a norm's gain less one, and the embedding, which source and text
share, twice. What it leaves out: the rest of the folder (`hugging_face`).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from fidan.errors import ArtifactMismatch, FidanError
from fidan.export.stack import read, read_stack, refuse, stack_shape, unsupported
from fidan.model.config import ModelConfig
from fidan.recipe import no_export

MODEL_TYPE = "t5gemma"
_STACK_TYPE = "t5_gemma_module"
_ACTIVATIONS = {"swiglu": "silu", "geglu": "gelu_pytorch_tanh"}
_EMBEDDING, _TEXT_EMBEDDING = "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"
_HEADS = {"lm_head.weight": "lm_head.out_proj.weight"}


def t5gemma_shape(config: ModelConfig, vocabulary: int, ids: Mapping[str, Any]) -> dict[str, Any]:
    """Our shape under the names of Transformers' `T5GemmaConfig`.

    Args:
        config: ours.
        vocabulary: V.
        ids: of special tokens, by their names there; each stack is told of them, too.

    Raises:
        FidanError: the model is no T5Gemma.
    """
    if config.t5gemma_shaped():
        raise FidanError(f"{no_export(config)}.")
    stacks = {
        name: {
            "model_type": _STACK_TYPE,
            **stack_shape(config, vocabulary, layers),
            **ids,
            "hidden_activation": _ACTIVATIONS[config.feedforward],
            "query_pre_attn_scalar": config.head_width,
            "attn_logit_softcapping": None,
            "final_logit_softcapping": None,
            "layer_types": ["full_attention"] * layers,
            "sliding_window": config.context,  # no layer has one, but Transformers makes its mask all the same
            "is_decoder": name == "decoder",
            "use_cache": True,
            "tie_word_embeddings": config.tie_embeddings,
        }
        for name, layers in (("encoder", config.encoder_layers), ("decoder", config.n_layers))
    }
    return {
        "architectures": ["T5GemmaForConditionalGeneration"],
        "model_type": MODEL_TYPE,
        **stacks,
        "is_encoder_decoder": True,
        "vocab_size": vocabulary,
        "dropout_rate": 0.0,
        "attention_dropout": 0.0,
        "initializer_range": config.init_std,
        "sliding_window": None,  # CTranslate2 reads this one, and takes 4,096 where it is not told
        "tie_word_embeddings": config.tie_embeddings,
    }


def read_t5gemma(data: Mapping[str, Any]) -> tuple[ModelConfig, int]:
    """Our shape and V from a T5Gemma's `config.json`.

    Raises:
        ArtifactMismatch: a feature of T5Gemma that our encoder-decoder does not have, stacks that are not alike, or
            something is missing.
    """

    def build() -> tuple[ModelConfig, int]:
        encoder, decoder = data["encoder"], data["decoder"]
        for name, stack in (("encoder", encoder), ("decoder", decoder)):
            refuse(f"config.json [{name}]", unsupported(stack) | _unlike_ours(stack))
        config = _stack_config(encoder, decoder, encoder)
        if config != _stack_config(encoder, decoder, decoder) or encoder["vocab_size"] != decoder["vocab_size"]:
            raise ArtifactMismatch("config.json: encoder and decoder are not of one shape, as ours are.")
        tied = bool(data.get("tie_word_embeddings", True))
        return ModelConfig(**config, tie_embeddings=tied), int(decoder["vocab_size"])

    return read(build)


def _unlike_ours(stack: Mapping[str, Any]) -> dict[str, bool]:
    """What a stack asks for that ours does not have; what it does not say is T5Gemma's default, which ours is not."""
    width = stack["head_dim"]
    kinds = stack.get("layer_types") or ["sliding_attention"]
    return {
        "attn_logit_softcapping": stack.get("attn_logit_softcapping", 50.0) is not None,
        "final_logit_softcapping": stack.get("final_logit_softcapping", 30.0) is not None,
        "query_pre_attn_scalar": stack.get("query_pre_attn_scalar", 256) != width,
        "layer_types": set(kinds) != {"full_attention"},
        "hidden_activation": stack.get("hidden_activation", "gelu_pytorch_tanh") not in _ACTIVATIONS.values(),
    }


def _stack_config(encoder: Mapping[str, Any], decoder: Mapping[str, Any], stack: Mapping[str, Any]) -> dict[str, Any]:
    activation = stack.get("hidden_activation", "gelu_pytorch_tanh")
    return {
        **read_stack(stack),
        "encoder_layers": encoder["num_hidden_layers"],
        "n_layers": decoder["num_hidden_layers"],
        "norm_place": "sandwich",
        "feedforward": next(ours for ours, theirs in _ACTIVATIONS.items() if theirs == activation),
    }


def to_t5gemma(weights: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Our weights, fp32, under T5Gemma's names and in a number format.

    Gains lose one before they are rounded: near 1 they lose less so. In fp32 a gain of 0.5 or more loses nothing
    (Sterbenz's lemma), a smaller one at most 3e-8.
    """
    found = {}
    for name, tensor in weights.items():
        stored = tensor.float() - 1 if _is_gain(name) else tensor
        found[_HEADS.get(name, f"model.{name}")] = stored.to(dtype)
    embedding = found[f"model.{_EMBEDDING}"]
    return {**found, f"model.{_TEXT_EMBEDDING}": embedding.clone()}


def from_t5gemma(weights: Mapping[str, Tensor], where: str) -> dict[str, Tensor]:
    """T5Gemma's weights under our names, gains in fp32.

    Args:
        weights: as they are in the file.
        where: they are from, for errors.

    Raises:
        ArtifactMismatch: source and text have embeddings of their own.
    """
    ours = {theirs: name for name, theirs in _HEADS.items()}
    found = {ours.get(name, name.removeprefix("model.")): tensor for name, tensor in weights.items()}
    text = found.pop(_TEXT_EMBEDDING, None)
    if text is None or _EMBEDDING not in found:
        missing = _TEXT_EMBEDDING if text is None else _EMBEDDING
        raise ArtifactMismatch(f"{where}: does not fit the model: missing model.{missing}.")
    if not torch.equal(text, found[_EMBEDDING]):
        raise ArtifactMismatch(f"{where}: source and text have embeddings of their own; ours share one.")
    return {name: tensor.float() + 1 if _is_gain(name) else tensor for name, tensor in found.items()}


def _is_gain(name: str) -> bool:
    return name.endswith("norm.weight")
