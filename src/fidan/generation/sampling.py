"""From logits to the next token: repetition penalty, temperature, top-k, top-p, and the draw.

The steps come in this order, which is that of Transformers, so the same settings mean the same there.
"""

import torch
from torch import Tensor

from fidan.errors import FidanError
from fidan.recipe import GenerateConfig


class LogitsError(FidanError):
    """The model gave NaN or infinity where probabilities were wanted."""


def next_tokens(logits: Tensor, seen: Tensor, config: GenerateConfig, generator: torch.Generator | None) -> Tensor:
    """Pick one token a row.

    Args:
        logits: (B, V) of the last position, in fp32.
        seen: (B, T) ids of prompt and text so far, for the repetition penalty.
        config: how to pick; temperature 0 takes the likeliest.
        generator: of the draw; None is torch's global one.

    Returns:
        (B,) ids.

    Raises:
        LogitsError: a logit is not finite.
    """
    if not torch.isfinite(logits).all():
        row, token = (~torch.isfinite(logits)).nonzero()[0].tolist()
        raise LogitsError(
            f"the model's logit of token {token} in row {row} is {logits[row, token].item()}: not finite."
        )
    if config.repetition_penalty != 1.0:
        logits = penalise_repetition(logits, seen, config.repetition_penalty)
    if config.temperature == 0:
        return logits.argmax(-1)
    logits = logits / config.temperature
    if config.top_k:
        logits = keep_top_k(logits, config.top_k)
    if config.top_p < 1.0:
        logits = keep_top_p(logits, config.top_p)
    return torch.multinomial(logits.softmax(-1), 1, generator=generator).squeeze(1)


def penalise_repetition(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    """Divide the positive and multiply the negative logits of tokens already there (CTRL, arXiv 1909.05858)."""
    scores = logits.gather(1, seen)
    return logits.scatter(1, seen, torch.where(scores > 0, scores / penalty, scores * penalty))


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """Only the k likeliest; ties with the k-th stay."""
    threshold = logits.topk(min(k, logits.shape[-1])).values[:, -1:]
    return logits.masked_fill(logits < threshold, -torch.inf)


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Only the smallest set whose probabilities reach p (Holtzman et al., arXiv 1904.09751); never empty."""
    ordered, order = logits.sort(descending=True)
    probabilities = ordered.softmax(-1)
    surplus = probabilities.cumsum(-1) - probabilities >= p  # the likelier ones already reach p
    return logits.masked_fill(surplus.scatter(1, order, surplus), -torch.inf)
