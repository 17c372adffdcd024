"""What a model expects next, and what temperature and filters leave of it.

The probabilities are of the model's own distribution; the filters are those that texts are written with
(`fidan.generation.sampling`). What it leaves out: penalties, which look at the text so far.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from fidan.generation.sampling import draw, filtered
from fidan.recipe import GenerateConfig

MOST = 20  # candidates that are shown


class Candidate(NamedTuple):
    """A token that may come next.

    Attributes:
        id: its number.
        before: its probability as the model gives it.
        after: with temperature and filters; 0 where it is ruled out.
    """

    id: int
    before: float
    after: float


@dataclass(frozen=True)
class NextToken:
    """A distribution before and after temperature and filters.

    Attributes:
        candidates: the likeliest before, in their order.
        kept: tokens that may still be drawn.
        vocabulary: tokens that there are.
        kept_before: the probability, before, of those that are kept.
        entropy_before: in bits.
        entropy_after: in bits.
    """

    candidates: tuple[Candidate, ...]
    kept: int
    vocabulary: int
    kept_before: float
    entropy_before: float
    entropy_after: float


def after_settings(logprobs: Tensor, config: GenerateConfig) -> Tensor:
    """(V,) natural logs of the model's probabilities → (V,) probabilities to draw from; they add up to one.

    A softmax does not see a constant added to all logits, so that log-probabilities do for them. At temperature 0
    all is on the likeliest.
    """
    if config.temperature == 0:
        certain = torch.zeros_like(logprobs)
        certain[logprobs.argmax()] = 1.0
        return certain
    return filtered(logprobs[None], config)[0].softmax(-1)


def next_token(logprobs: Tensor, config: GenerateConfig, most: int = MOST) -> NextToken:
    """The likeliest next tokens with what the settings make of them.

    Args:
        logprobs: (V,) natural logs of the model's probabilities.
        config: temperature and filters.
        most: candidates to give.
    """
    before, after = logprobs.exp(), after_settings(logprobs, config)
    first = before.topk(min(most, len(before)))
    candidates = [
        Candidate(token, probability, float(after[token]))
        for probability, token in zip(first.values.tolist(), first.indices.tolist(), strict=True)
    ]
    kept = after > 0
    return NextToken(
        tuple(candidates),
        int(kept.sum()),
        len(before),
        float(before[kept].sum()),
        entropy(before),
        entropy(after),
    )


def draw_token(logprobs: Tensor, config: GenerateConfig) -> int:
    """One token by chance, as a text is written."""
    if config.temperature == 0:
        return int(logprobs.argmax())
    generator = torch.Generator()
    generator.seed()
    return draw(filtered(logprobs[None], config), [generator])[0]


def entropy(probabilities: Tensor) -> float:
    """In bits; a fair choice among 2 ** entropy tokens would be as uncertain."""
    return float(torch.special.entr(probabilities.double()).sum()) / 0.6931471805599453
