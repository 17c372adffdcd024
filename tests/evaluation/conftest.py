"""Shared by the tests of evaluation: a tokenizer of synthetic text, and a model with random weights."""

from itertools import islice

import pytest
import torch

from fidan.corpus.synthetic.generator import generate
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Of 450 pieces."""
    texts = [made.text for made in islice(generate(7, 200_000), 150)]
    return Tokenizer(learn(Sentences(texts), TokenizerConfig(vocab_size=450)))


@pytest.fixture(scope="session")
def model(tokenizer: Tokenizer) -> Decoder:
    """A context of 48; weights so large that its predictions differ much."""
    torch.manual_seed(0)
    model = Decoder(ModelConfig(d_model=32, n_layers=2, n_heads=4, d_ff=64, context=48), tokenizer.vocab_size)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    return model
