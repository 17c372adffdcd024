"""A model whose weights are far from zero, so that every part of it shows in the logits."""

from collections.abc import Callable, Iterator

import pytest
import torch

from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder

V = 300
GROUPED = ModelConfig(d_model=64, n_layers=3, n_heads=4, n_kv_heads=2, d_ff=96, context=64, rope_theta=500.0)

MakeModel = Callable[..., Decoder]


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    def make(config: ModelConfig = GROUPED, vocabulary: int = V, seed: int = 0) -> Decoder:
        generator = torch.Generator().manual_seed(seed)
        model = Decoder(config, vocabulary)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.15 + (parameter.ndim == 1))
        return model.eval()

    return make


@pytest.fixture
def two_threads() -> Iterator[None]:
    """The compiled loops are spread over two threads, whatever other tests have."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
