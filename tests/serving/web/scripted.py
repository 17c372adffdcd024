"""A model whose position decides what it writes, and at what pace."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import PlainStep
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.tokenizer.tokenizer import Tokenizer

# What a page must not take for HTML, for a template or for Markdown.
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> **kalın** ${alert(3)} {{value}} $$x$$ "
LAW = """BAHÇE KANUNU

Kanun Numarası : 9901

Kabul Tarihi : 3/5/1999

Bahçenin tanımı

Madde 1 – Bahçe, içinde en az bir ağaç bulunan topraktır.

Madde 2 – Bahçıvan bahçeye bakan kişidir; ağaçları sular ve otları yolar.
"""
KEY = "gizli-anahtar"


@dataclass
class Pace:
    """How long the model takes for a token; a test may change it."""

    seconds: float = 0.0
    steps: int = 0


@dataclass
class Paced:
    """A `Step` that takes its time."""

    plain: PlainStep
    pace: Pace = field(default_factory=Pace)

    def __call__(self, tokens: list[int], cache: KeyValueCache) -> Tensor:
        time.sleep(self.pace.seconds)
        self.pace.steps += 1
        return self.plain(tokens, cache)


def scripted(tokenizer: Tokenizer, script: str) -> Decoder:
    """A model that writes `script` over and over: a position is one direction, and the head knows its token."""
    ids = tokenizer.encode(script)
    config = ModelConfig(
        d_model=4 * -(-len(ids) // 4), n_layers=2, n_heads=4, d_ff=8, context=512, positions="learnt"
    )
    model = Decoder(config, tokenizer.vocab_size)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight", "embed_tokens.weight")):
                parameter.zero_()  # what attention and feed-forward find is not used, but it is computed
            elif name.endswith(("q_proj.weight", "k_proj.weight")):
                parameter.normal_(0, 0.3, generator=generator)
        model.model.embed_positions.weight.zero_()
        model.lm_head.weight.normal_(0, 0.05, generator=generator)
        for position in range(config.context):
            model.model.embed_positions.weight[position, position % len(ids)] = 1.0
        for place, token in enumerate(ids):
            model.lm_head.weight[token, place] = 14 / config.d_model**0.5  # the norm makes √D of the direction
    return model


def wait_for(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    """Until something holds; fails where it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.02)
