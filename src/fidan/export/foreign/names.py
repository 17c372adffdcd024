"""Families of parameter names, and which of ours each means.

Two families: Meta's (`layers.0.attention.wq.weight`), which most models written by hand follow, and Hugging Face's,
which is ours. Wrappers of training put segments before or between (`module.`, `_orig_mod.`); they are taken off.
A name that is none of these is an error, never skipped. What it leaves out: what the values are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from fidan.errors import ArtifactMismatch
from fidan.export.foreign.buffers import is_buffer

# Ours to the family's; {} is the part of a block's name behind its number.
TOP = {
    "Meta": {
        "model.embed_tokens.weight": "tok_embeddings.weight",
        "model.norm.weight": "norm.weight",
        "lm_head.weight": "output.weight",
    },
    "Hugging Face": {
        "model.embed_tokens.weight": "embed_tokens.weight",
        "model.norm.weight": "norm.weight",
        "lm_head.weight": "lm_head.weight",
    },
}
BLOCK = {
    "Meta": {
        "input_layernorm.weight": "attention_norm.weight",
        "self_attn.q_proj.weight": "attention.wq.weight",
        "self_attn.k_proj.weight": "attention.wk.weight",
        "self_attn.v_proj.weight": "attention.wv.weight",
        "self_attn.o_proj.weight": "attention.wo.weight",
        "post_attention_layernorm.weight": "ffn_norm.weight",
        "mlp.gate_proj.weight": "feed_forward.w1.weight",
        "mlp.down_proj.weight": "feed_forward.w2.weight",
        "mlp.up_proj.weight": "feed_forward.w3.weight",
    },
}
BLOCK["Hugging Face"] = {ours: ours for ours in BLOCK["Meta"]}

CONVENTION = {"Meta": "interleaved", "Hugging Face": "half-split"}  # of the rotary positions
_TRAINING = {"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
_LAYER = re.compile(r"layers\.(0|[1-9][0-9]{0,5})\.(.+)")


@dataclass(frozen=True)
class Named:
    """The tensors of a file, understood.

    Attributes:
        weights: our name to the tensor.
        names: our name to the file's.
        buffers: the file's name to a tensor that is computed and not learnt.
        family: of names, a key of `BLOCK`.
        layers: how many blocks.
    """

    weights: Mapping[str, Tensor]
    names: Mapping[str, str]
    buffers: Mapping[str, Tensor]
    family: str
    layers: int

    def name(self, ours: str) -> str:
        """What the file calls a weight, or would call it if it had it."""
        return self.names.get(ours) or foreign_name(ours, self.family)


def name_tensors(tensors: Mapping[str, Tensor]) -> Named:
    """Give every tensor its name here.

    Raises:
        ArtifactMismatch: a name that is not known, two tensors for one place, two families in the blocks, or blocks
            that are missing.
    """
    names: dict[str, str] = {}
    buffers, unknown = {}, []
    families: dict[str, str] = {}  # of the blocks, to an example
    numbers = set()
    for name, tensor in tensors.items():
        plain = _unwrapped(name)
        if is_buffer(plain):
            buffers[name] = tensor
            continue
        ours, family = _ours(plain)
        if not ours:
            unknown.append(_why(name))
            continue
        if ours in names:
            raise ArtifactMismatch(f"{names[ours]} and {name} are both {ours}: keep one of them.")
        names[ours] = name
        if match := _LAYER.fullmatch(plain):
            families.setdefault(family, name)
            numbers.add(int(match[1]))
    if unknown:
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        raise ArtifactMismatch(f"not a LLaMA-like decoder as this package knows it: {'; '.join(unknown[:5])}{more}.")
    if len(families) != 1:
        found = " and ".join(f"{family}'s ({name})" for family, name in families.items()) or "none"
        raise ArtifactMismatch(f"the names of the blocks must be of one family, {' or '.join(BLOCK)}: found {found}.")
    absent = [number for number in range(len(numbers)) if number not in numbers]
    if absent:
        raise ArtifactMismatch(f"layers.{absent[0]} is missing, though there is layers.{max(numbers)}.")
    weights = {ours: tensors[name] for ours, name in names.items()}
    return Named(weights, names, buffers, next(iter(families)), len(numbers))


def foreign_name(ours: str, family: str) -> str:
    """What a family calls our weight, without wrappers."""
    if ours in TOP[family]:
        return TOP[family][ours]
    _, _, number, rest = ours.split(".", 3)
    return f"layers.{number}.{BLOCK[family][rest]}"


def _unwrapped(name: str) -> str:
    plain = ".".join(part for part in name.split(".") if part not in _TRAINING)
    while plain.startswith("model."):
        plain = plain.removeprefix("model.")
    return plain


def _ours(plain: str) -> tuple[str, str]:
    """Our name and the family; empty when there is none."""
    match = _LAYER.fullmatch(plain)
    for family in BLOCK:
        table, rest = (BLOCK[family], match[2]) if match else (TOP[family], plain)
        for ours, theirs in table.items():
            if theirs == rest:
                return (f"model.layers.{match[1]}.{ours}" if match else ours), family
    return "", ""


def _why(name: str) -> str:
    if name.endswith((".bias", "_bias")):
        return f"{name} is a bias, and the model exported here has none (attention_bias and mlp_bias are false)"
    return f"{name} is unknown"
