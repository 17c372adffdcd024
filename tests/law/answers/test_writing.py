"""A model's answers: an encoder-decoder reads question and passage, anything else is refused."""

from itertools import islice

import pytest
import torch

from fidan.corpus.synthetic.generator import generate
from fidan.errors import FidanError
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.engine import TorchEngine
from fidan.law.assistant import Assistant
from fidan.law.index import LawIndex
from fidan.law.scope import calibrated
from fidan.law.writing import check_writer, write_answer
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.recipe import GenerateConfig, TokenizerConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn
from fidan.trained import Writer

SHAPE = ModelConfig(d_model=32, n_layers=1, encoder_layers=1, n_heads=4, d_ff=64, context=96)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    texts = [made.text for made in islice(generate(7, 100_000), 80)]
    return Tokenizer(learn(Sentences(texts), TokenizerConfig(vocab_size=400)))


@pytest.fixture(scope="module")
def writer(tokenizer: Tokenizer) -> Writer:
    torch.manual_seed(0)
    model = EncoderDecoder(SHAPE, tokenizer.vocab_size).eval()
    return Writer(EncoderDecoderEngine(model, tokenizer.bos_id), tokenizer, GenerateConfig(temperature=1.0))


def test_the_same_question_gives_the_same_text_whatever_the_models_sampling(writer: Writer) -> None:
    one, two = (write_answer(writer, "Bostan nedir?", "Bostan bir yerdir.") for _ in range(2))
    assert one == two
    assert one


def test_the_passage_is_read_and_cut_to_what_fits(writer: Writer) -> None:
    texts = {write_answer(writer, "Bostan nedir?", passage) for passage in ("Bir yer.", "Kayık suda yüzer. " * 3)}
    assert len(texts) == 2
    assert isinstance(write_answer(writer, "Bostan nedir?", "Bostan bir yerdir. " * 200), str)


def test_a_question_that_fills_the_model_is_refused(writer: Writer) -> None:
    with pytest.raises(FidanError, match="alone fills the 96 tokens"):
        write_answer(writer, "Bostan nedir? " * 60, "Bostan bir yerdir.")


def test_a_decoder_alone_is_refused(tokenizer: Tokenizer) -> None:
    decoder = Decoder(ModelConfig(d_model=32, n_layers=1, n_heads=4, d_ff=64, context=32), tokenizer.vocab_size)
    with pytest.raises(FidanError, match="encoder-decoder"):
        check_writer(Writer(TorchEngine(decoder), tokenizer, GenerateConfig()))


def test_an_untrained_models_text_is_never_shown(writer: Writer, index: LawIndex) -> None:
    assistant = Assistant(index, lambda question, passage: write_answer(writer, question, passage), calibrated(0.0))
    answer = assistant.answer("Karpuz çalan kişi kaç ay hapis yatar?")
    assert not answer.generated
    assert "desteklenmiyor" in answer.reason
    assert answer.text.startswith("Bostandan karpuz çalan kişi")
