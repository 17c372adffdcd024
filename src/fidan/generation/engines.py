"""The engine that runs any model of this package as it is.

What it leaves out: the faster ways to the same logits, which `fidan.trained` chooses among.
"""

from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.engine import Engine, TorchEngine
from fidan.model.build import Model
from fidan.model.encoder_decoder import EncoderDecoder


def plain_engine(model: Model, bos_id: int) -> Engine:
    """The engine of a model, which is put into evaluation mode.

    Args:
        model: a decoder, or an encoder-decoder.
        bos_id: the id that a text begins with.
    """
    return EncoderDecoderEngine(model, bos_id) if isinstance(model, EncoderDecoder) else TorchEngine(model)
