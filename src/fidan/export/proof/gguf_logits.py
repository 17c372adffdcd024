"""What llama.cpp computes from a GGUF file, held against ours, with limits that follow from the number formats.

A quantised file is not the trained model: one comparison cannot tell a fault from the price of the format. Two can:

- llama.cpp against `Decoder` with the very weights of the file. What is left is that llama.cpp rounds what goes into
  a matrix product; the same is done here, and how far it moves our own numbers is the measure: two roundings that
  have nothing in common but their size are about 1.4 times that apart, and twice is the limit.
- llama.cpp against the trained model: the price. Here the measure is the trained model with random errors as large
  as the format's, and twice that is the limit, four times for the divergence, which grows with the square.

What it leaves out: the file's own settings and weights (`gguf_file`), and its tokenizer (`compare`).
"""

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor

from fidan.errors import FidanError
from fidan.export.proof.compare import Probe, compare_greedy, logits_of
from fidan.export.proof.gguf_file import GgufFile
from fidan.export.proof.rows import Row, failed, within
from fidan.export.proof.runtimes import ModelRuntime
from fidan.model.decoder import Decoder

# Of log-probabilities, for what fp32 itself does: 110M parameters in F32 are 6e-6 apart on average, 1.4e-4 at worst.
_MEAN, _WORST = 1e-4, 1e-3
_DIVERGENCE = 1e-6


def prove(runtime: ModelRuntime, file: GgufFile, model: Decoder, every: Sequence[Probe]) -> list[Row]:
    """Log-probabilities, what the format costs, and greedy text.

    Args:
        runtime: the file in llama.cpp.
        file: the same, read without it.
        model: the trained one.
        every: what is computed.
    """
    try:
        own = file.model(model.config, model.vocabulary)
    except FidanError as error:
        return [failed("same weights", runtime.name, error)]
    exact = _log_probabilities(own, every)
    found = torch.cat([runtime.logits(probe.ids, probe.places) for probe in every]).double().log_softmax(-1)
    if found.shape != exact.shape:
        fault = FidanError(f"it gives {found.shape[1]:,} logits a token, not {exact.shape[1]:,}")
        return [failed("same weights", runtime.name, fault)]
    with file.rounding(own):
        rounded = _log_probabilities(own, every)
        noise, apart = (rounded - exact).abs(), (found - rounded).abs()
        count, unit = apart.numel(), "values"
        mean, worst = float(apart.mean()), float(apart.max())
        worst_limit = _WORST + 3 * float(noise.max())
        rows = [
            within("same weights: mean |Δ|", runtime.name, count, unit, mean, _MEAN + 2 * float(noise.mean())),
            within("same weights: worst |Δ|", runtime.name, count, unit, worst, worst_limit),
            compare_greedy(runtime, own, every[0].ids, _WORST + 2 * float(noise.max())),
        ]
    return [*rows, *_price(runtime, file, model, every, found)]


def _price(runtime: ModelRuntime, file: GgufFile, model: Decoder, every: Sequence[Probe], found: Tensor) -> list[Row]:
    """How far the file is from the trained model: its log-probabilities, and their divergence (KL) in nats."""
    trained = _log_probabilities(model, every)
    with file.rounding(shaken := _shaken(model, file)):
        expected = _log_probabilities(shaken, every)
    mean, allowed = (float((trained - other).abs().mean()) for other in (found, expected))
    divergence, likely = (_divergence(trained, other) for other in (found, expected))
    same = f"same best token at {float((trained.argmax(-1) == found.argmax(-1)).double().mean()):.1%}"
    return [
        within("price: mean |Δ|", runtime.name, found.numel(), "values", mean, _MEAN + 2 * allowed, same),
        within("price: KL", runtime.name, len(found), "places", divergence, _DIVERGENCE + 4 * likely, same),
    ]


def _shaken(model: Decoder, file: GgufFile) -> Decoder:
    """The model with random errors as large as those that the formats of the file make."""
    shaken = deepcopy(model)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, weight in shaken.named_parameters():
            size = file.error(name) * weight.square().mean().sqrt()
            weight.add_(size * torch.randn(weight.shape, generator=generator))
    return shaken


def _log_probabilities(model: Decoder, every: Sequence[Probe]) -> Tensor:
    """(all places, V), double."""
    return torch.cat([logits_of(model, probe) for probe in every]).double().log_softmax(-1)


def _divergence(wanted: Tensor, found: Tensor) -> float:
    return float((wanted.exp() * (wanted - found)).sum(-1).mean())
