"""From logits to the next token: temperature, top-k, top-p, min-p, typical-p, and the draw.

The steps come in this order, which is that of Transformers, so the same settings mean the same there. Each row draws
from a generator of its own, one number a token: a text does not depend on what is written beside it. What it leaves
out: rules that look at the text so far (`penalties`).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fidan.errors import FidanError
from fidan.recipe import GenerateConfig

HEAD = 256  # of the likeliest tokens, among which top-p usually ends: to sort 32,000 takes as long as half a layer


class LogitsError(FidanError):
    """The model gave NaN or infinity where probabilities were wanted."""


def check_finite(logits: Tensor, places: Sequence[str]) -> None:
    """Refuse logits that are no numbers, before a token is made of them.

    Args:
        logits: (B, V) of the model itself.
        places: how to call each row in the error.

    Raises:
        LogitsError: a logit is NaN or infinite.
    """
    for error in unfit(logits, places).values():
        raise LogitsError(error)


def unfit(logits: Tensor, places: Sequence[str]) -> dict[int, str]:
    """The rows whose logits are no numbers, with what to say of each; the arguments are those of `check_finite`."""
    lowest, highest = logits.aminmax(dim=-1)  # NaN where there is one
    found = {}
    for row in (~(torch.isfinite(lowest) & torch.isfinite(highest))).nonzero().flatten().tolist():
        token = int((~torch.isfinite(logits[row])).nonzero()[0])
        found[row] = (
            f"{places[row]}: the model's logit of token {token} is {logits[row, token].item()}, no number to "
            "choose by. The weights are damaged, or too large for their number format: try float32."
        )
    return found


def pick(logits: Tensor, config: GenerateConfig, generators: Sequence[torch.Generator]) -> list[int]:
    """One token a row.

    Args:
        logits: (B, V) in fp32, finite but for tokens that are ruled out (-inf).
        config: how to pick; temperature 0 takes the likeliest.
        generators: of each row's draws, on the CPU.
    """
    if config.temperature == 0:
        return logits.argmax(-1).tolist()
    return draw(filtered(logits, config), generators)


def filtered(logits: Tensor, config: GenerateConfig) -> Tensor:
    """(B, V) logits after temperature and every filter that is on; what is filtered out is -inf."""
    logits = logits / config.temperature
    if config.top_k:
        logits = keep_top_k(logits, config.top_k)
    if config.top_p < 1.0:
        logits = keep_top_p(logits, config.top_p)
    if config.min_p:
        logits = keep_min_p(logits, config.min_p)
    if config.typical_p < 1.0:
        logits = keep_typical(logits, config.typical_p)
    return logits


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """Only the k likeliest; ties with the k-th stay."""
    threshold = logits.topk(min(k, logits.shape[-1])).values[:, -1:]
    return logits.masked_fill(logits < threshold, -torch.inf)


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Only the smallest set whose probabilities reach p (Holtzman et al., arXiv 1904.09751); never empty."""
    probabilities = logits.softmax(-1)
    out = torch.full_like(logits, -torch.inf)
    rows, k = torch.arange(len(logits), device=logits.device), HEAD
    while len(rows):  # each row by what it needs itself: the order of equally likely tokens depends on k
        likeliest, order = probabilities[rows].topk(min(k, logits.shape[-1]))
        reached = (likeliest.sum(-1) >= p) | (k >= logits.shape[-1])
        done = rows[reached]
        out[done] = _keep_until(logits[done], likeliest[reached], order[reached], p)
        rows, k = rows[~reached], 4 * k
    return out


def _keep_until(logits: Tensor, likeliest: Tensor, order: Tensor, p: float) -> Tensor:
    kept = likeliest.cumsum(-1) - likeliest < p  # the likelier ones do not reach p yet
    kept[:, :1] = True  # a p below 1e-45 is 0 in fp32
    out = torch.full_like(logits, -torch.inf)
    return out.scatter(1, order, logits.gather(1, order).masked_fill(~kept, -torch.inf))


def keep_min_p(logits: Tensor, p: float) -> Tensor:
    """Only tokens at least p times as likely as the likeliest (Nguyen et al., arXiv 2407.01082)."""
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < p * probabilities.amax(-1, keepdim=True), -torch.inf)


def keep_typical(logits: Tensor, p: float) -> Tensor:
    """Only tokens whose surprise is nearest to the entropy, until they reach p (Meister et al., arXiv 2202.00666)."""
    surprise = -logits.log_softmax(-1)
    probabilities = (-surprise).exp()
    entropy = (surprise * probabilities).nansum(-1, keepdim=True)  # what is filtered out: inf · 0
    distance, order = (surprise - entropy).abs().sort()
    reached = (probabilities.gather(1, order).cumsum(-1) < p).sum(-1, keepdim=True).clamp(max=logits.shape[-1] - 1)
    return logits.masked_fill((surprise - entropy).abs() > distance.gather(1, reached), -torch.inf)


def draw(logits: Tensor, generators: Sequence[torch.Generator]) -> list[int]:
    """One token a row, with the probabilities of a softmax: where a random height meets their running sum."""
    probabilities = logits.softmax(-1)
    if probabilities.device.type == "mps":
        probabilities = probabilities.cpu()  # there are no float64 there
    heights = probabilities.double().cumsum(-1)
    numbers = torch.stack([torch.rand((), generator=generator, dtype=torch.float64) for generator in generators])
    wanted = numbers.to(heights.device)[:, None] * heights[:, -1:]
    # To the right of equal heights: a token without probability adds no height, and is never met.
    return torch.searchsorted(heights, wanted, right=True).squeeze(1).tolist()
