"""Where a model looks: the attention weights of every layer and head on a short text.

The weights are read on a twin of the model that has modules of its own over the same parameters: they are left in
the modules that make them (`fidan.model.attention.attention_weights`), and the model itself may be decoding for
somebody else in another thread. What it leaves out: pictures; a GGUF, whose engine shows no weights.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor, nn

from fidan.errors import FidanError
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.engine import Engine, TorchEngine
from fidan.model.attention import Looks, attention_weights
from fidan.tokenizer.tokenizer import Tokenizer

MOST_TOKENS = 40  # of a text, so that a picture can be read
NOT_SEEN = "{}: its attention cannot be read. Open the run's folder instead."


@dataclass(frozen=True)
class Attention:
    """What looked at what.

    Attributes:
        maps: (L, H, T, S) weights in fp32 on the CPU, of each kind of attention that the model has; rows add up to 1.
        rows: of each kind, ids of the T positions that look.
        columns: of each kind, ids of the S positions that are looked at.
    """

    maps: Mapping[Looks, Tensor]
    rows: Mapping[Looks, Sequence[int]]
    columns: Mapping[Looks, Sequence[int]]


class NoAttention(FidanError):
    """This engine does not show attention weights."""


def has_attention(engine: Engine) -> bool:
    """Whether an engine's model can be looked into: a PyTorch one can, a GGUF cannot."""
    return isinstance(engine, TorchEngine | EncoderDecoderEngine)


class Shape(NamedTuple):
    """Which attention there is: its kinds, how many layers at most, and how many heads."""

    kinds: tuple[Looks, ...]
    layers: int
    heads: int


def shape_of(engine: Engine) -> Shape:
    """What a picture can choose among.

    Raises:
        NoAttention: the engine has no model to look into.
    """
    if isinstance(engine, TorchEngine):
        return Shape(("self",), engine.model.config.n_layers, engine.model.config.n_heads)
    if isinstance(engine, EncoderDecoderEngine):
        config = engine.model.config
        return Shape(("encoder", "self", "cross"), max(config.n_layers, config.encoder_layers), config.n_heads)
    raise NoAttention(NOT_SEEN.format(type(engine).__name__))


def twin(model: nn.Module) -> nn.Module:
    """Modules of their own over the parameters and buffers of `model`, which take no memory again."""
    shared: dict[int, object] = {id(tensor): tensor for tensor in chain(model.parameters(), model.buffers())}
    return copy.deepcopy(model, shared)


def attention_of(engine: Engine, tokenizer: Tokenizer, ids: Sequence[int], answer: Sequence[int] = ()) -> Attention:
    """The attention weights of one text.

    Args:
        engine: with a PyTorch model.
        tokenizer: the model's.
        ids: the text with `<s>`; for an encoder-decoder the source as it was trained.
        answer: for an encoder-decoder, ids of the text that answers it, without `<s>`.

    Raises:
        NoAttention: the engine has no model to look into.
        FidanError: no text, more than `MOST_TOKENS` tokens, or an answer to a model that only goes on.
    """
    for part in (ids, answer):
        if len(part) > MOST_TOKENS:
            raise FidanError(f"{len(part)} tokens: attention is shown of at most {MOST_TOKENS}. Shorten the text.")
    if not ids:
        raise FidanError("no text: attention needs at least one token.")
    if isinstance(engine, TorchEngine):
        if answer:
            raise FidanError("an answer: only an encoder-decoder has one apart from its text.")
        maps = _weights(twin(engine.model), [ids])
        return Attention(maps, {"self": ids}, {"self": ids})
    if isinstance(engine, EncoderDecoderEngine):
        target = [tokenizer.bos_id, *answer]
        maps = _weights(twin(engine.model), [ids, target])
        rows: dict[Looks, Sequence[int]] = {"encoder": ids, "self": target, "cross": target}
        return Attention(maps, rows, {"encoder": ids, "self": target, "cross": ids})
    raise NoAttention(NOT_SEEN.format(type(engine).__name__))


@torch.inference_mode()
def _weights(model: nn.Module, inputs: Sequence[Sequence[int]]) -> dict[Looks, Tensor]:
    """One pass → (L, H, T, S) of each kind of attention."""
    device = next(chain(model.parameters(), model.buffers())).device
    with attention_weights(model) as seen:
        model(*(torch.tensor([list(ids)], device=device) for ids in inputs))
    kinds = sorted({looks for _, looks in seen})
    return {
        kind: torch.stack([seen[layer, looks][0].cpu() for layer, looks in sorted(seen) if looks == kind])
        for kind in kinds
    }
