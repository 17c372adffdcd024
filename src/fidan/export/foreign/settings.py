"""What a checkpoint, an option or a shape says of the model, each with where it is said; and whether they agree.

The settings saved in a file have many spellings: ours, Meta's `params.json`, Hugging Face's `config.json`, those of
training scripts. A setting that asks for something our model does not compute is refused by name. What it leaves out:
the shapes themselves, and what is assumed where nothing is said (`shape`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fidan.errors import ArtifactMismatch

T = TypeVar("T")
Claims = list[tuple[str, T]]  # who says it, and what

SPELLINGS = {
    "d_model": ("d_model", "dim", "hidden_size", "n_embd"),
    "n_layers": ("n_layers", "n_layer", "num_hidden_layers"),
    "n_heads": ("n_heads", "n_head", "num_attention_heads"),
    "n_kv_heads": ("n_kv_heads", "n_kv_head", "num_key_value_heads"),
    "head_dim": ("head_dim",),
    "d_ff": ("d_ff", "intermediate_size"),
    "vocabulary": ("vocabulary", "vocab_size", "n_vocab"),
    "context": (
        "context",
        "context_length",
        "max_position_embeddings",
        "max_seq_len",
        "max_seq_length",
        "block_size",
    ),
    "rope_theta": ("rope_theta", "rope_base"),
    "norm_eps": ("norm_eps", "rms_norm_eps"),
    "tie_embeddings": ("tie_embeddings", "tie_word_embeddings", "weight_tying"),
}
NUMBERS = {"rope_theta", "norm_eps"}  # the others are whole
SILU = ("silu", "swish", "swiglu")  # spellings of the one activation our model has
ACTIVATIONS = ("hidden_act", "activation", "act_fn")
ABSENT = ("attention_bias", "mlp_bias", "bias", "use_scaled_rope", "sliding_window")  # features our model has not
ROPE_TABLES = ("rope_parameters", "rope_scaling")


@dataclass(frozen=True)
class ForeignOptions:
    """What the user says of the model, where the file does not: option names with `_` for `-`."""

    heads: int | None = None
    kv_heads: int | None = None
    rope_theta: float | None = None
    norm_eps: float | None = None
    context: int | None = None
    rope: Literal["interleaved", "half-split"] | None = None
    dtype: Literal["float32", "bfloat16", "float16"] | None = None

    def __post_init__(self) -> None:
        for name in ("heads", "kv_heads", "rope_theta", "norm_eps", "context"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} = {value}: must be positive.")


def agreed(what: str, claims: Claims[T]) -> T | None:
    """What everyone says; None when nobody says anything.

    Raises:
        ArtifactMismatch: they say different things.
    """
    found: dict[T, str] = {}
    for who, value in claims:
        found.setdefault(value, who)
    if len(found) > 1:
        raise ArtifactMismatch(f"{what}: {' but '.join(f'{who} says {value}' for value, who in found.items())}.")
    return next(iter(found), None)


def read_settings(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Claims[Any]]:
    """Our names of settings to what a file says of them.

    Args:
        settings: the place in the file to the values found there.

    Raises:
        ArtifactMismatch: a value of a wrong kind, or a feature that our model does not have.
    """
    claims: dict[str, Claims[Any]] = {name: [] for name in SPELLINGS}
    for where, values in settings.items():
        _refuse_features(where, values)
        tables = {where: values}
        tables |= {f"{where} {key}": values[key] for key in ROPE_TABLES if isinstance(values.get(key), Mapping)}
        for place, table in tables.items():
            for name, spellings in SPELLINGS.items():
                for key in spellings:
                    value = table.get(key)
                    if value is None or (name == "vocabulary" and value == -1):  # -1: Meta's for "ask the tokenizer"
                        continue
                    claims[name].append((f"{place} {key}", _checked(name, value, f"{place} {key}")))
    return claims


def _refuse_features(where: str, values: Mapping[str, Any]) -> None:
    """Refuse what would change the logits and cannot be seen in the tensors."""
    odd = {key: values[key] for key in ABSENT if values.get(key)}
    odd |= {key: values[key] for key in ACTIVATIONS if isinstance(values.get(key), str) and values[key] not in SILU}
    # In Hugging Face's own config it names an architecture, which may norm or scale otherwise under Llama's names.
    if "hidden_size" in values and values.get("model_type", "llama") != "llama":
        odd["model_type"] = values["model_type"]
    for key in ROPE_TABLES:
        table = values.get(key) or {}
        kind = table.get("rope_type", table.get("type", "default")) if isinstance(table, Mapping) else table
        if kind != "default":
            odd[key] = kind
    if odd:
        told = ", ".join(f"{key} = {value!r}" for key, value in odd.items())
        raise ArtifactMismatch(f"{where}: {told}: the model that is exported here does not compute that.")


def _checked(name: str, value: Any, where: str) -> Any:
    if name == "tie_embeddings":
        right = isinstance(value, bool)
    elif isinstance(value, bool) or not isinstance(value, int | float if name in NUMBERS else int):
        right = False
    else:
        right = 0 < value < float("inf")
    if not right:
        kind = "true or false" if name == "tie_embeddings" else "a positive number" if name in NUMBERS else "a size"
        raise ArtifactMismatch(f"{where} = {value!r}: must be {kind}.")
    return float(value) if name in NUMBERS else value
