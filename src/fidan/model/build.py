"""The model that a config describes: a decoder alone, or an encoder and a decoder; and what both have."""

from collections.abc import Callable

from torch import Tensor, nn

from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.model.stack import Stack

Model = Decoder | EncoderDecoder


def build_model(config: ModelConfig, vocabulary: int) -> Model:
    """The model with fresh weights, from torch's global random state."""
    return EncoderDecoder(config, vocabulary) if config.encoder_layers else Decoder(config, vocabulary)


def stacks_of(model: Model) -> list[Stack]:
    """The stacks of blocks, in the order in which they are run."""
    return [model.encoder, model.decoder] if isinstance(model, EncoderDecoder) else [model.model]


def blocks_of(model: Model) -> list[nn.Module]:
    """All blocks, in the order in which they are run."""
    return [block for stack in stacks_of(model) for block in stack.layers]


def body_of(model: Model) -> Callable[..., Tensor]:
    """The model but for its head: ids, those of a source before them where there is an encoder → (B, T, D)."""
    return model.body if isinstance(model, EncoderDecoder) else model.model
