"""The model that a config describes: a decoder alone, or an encoder and a decoder."""

from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.encoder_decoder import EncoderDecoder


def build_model(config: ModelConfig, vocabulary: int) -> Decoder | EncoderDecoder:
    """The model with fresh weights, from torch's global random state."""
    return EncoderDecoder(config, vocabulary) if config.encoder_layers else Decoder(config, vocabulary)
