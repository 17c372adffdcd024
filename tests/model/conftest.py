"""What the tests of the model share."""

from collections.abc import Callable

import pytest
import torch

from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder

VOCABULARY = 301


@pytest.fixture(scope="session")
def lively() -> Callable[[ModelConfig], Decoder]:
    """Makes decoders whose norms and attention are far from their initial values, so that a mistake shows."""

    def make(config: ModelConfig) -> Decoder:
        torch.manual_seed(0)
        model = Decoder(config, VOCABULARY)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.mul_(4.0) if parameter.ndim > 1 else parameter.add_(0.3 * torch.randn_like(parameter))
                assert torch.isfinite(parameter).all(), name
        return model

    return make
