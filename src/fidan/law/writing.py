"""Answers and short forms that a trained encoder-decoder writes from a question and a passage.

It reads what it was trained on (`fidan.tokenizer.pairs.encode_source`: question, end, context, end), greedily, so
that the same question gives the same text. What it leaves out: whether the text holds (`fidan.law.support`).
"""

from fidan.errors import FidanError
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.generate import write
from fidan.recipe import GenerateConfig
from fidan.settings import build, decisive
from fidan.tokenizer.pairs import encode_source
from fidan.trained import Writer

MOST_TOKENS = 160


def write_answer(writer: Writer, question: str, passage: str) -> str:
    """What a model answers to a question from a passage.

    Args:
        writer: an encoder-decoder.
        question: not empty.
        passage: the article, cut to what fits.

    Raises:
        FidanError: the model is no encoder-decoder, or the question alone fills what it can read.
    """
    check_writer(writer)
    source = encode_source(writer.tokenizer, question, passage, writer.engine.longest_prompt)
    if source.cut and source.cut >= len(writer.tokenizer.encode(passage)):
        raise FidanError(
            f"the question alone fills the {writer.engine.longest_prompt:,} tokens that the model can read. Shorten "
            "it, or leave --model out."
        )
    settings = {**decisive(writer.sampling), "temperature": 0.0, "max_new_tokens": MOST_TOKENS, "beams": 1}
    config = build(GenerateConfig, settings, "law")
    return write(writer.engine, writer.tokenizer, [source.ids], config)[0].text.strip()


def check_writer(writer: Writer) -> None:
    """Refuse a model that reads no passage.

    Raises:
        FidanError: it is no encoder-decoder.
    """
    if not isinstance(writer.engine, EncoderDecoderEngine):
        raise FidanError(
            "the model is a decoder alone, which reads no question with its article. Name an encoder-decoder."
        )
