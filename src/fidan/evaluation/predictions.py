"""What the model says of given tokens: the log-probability, the rank and the confidence of each.

Logits are made and looked at in two sizes of pieces, as in `training.loss`: a product of few rows would wait for the
head's weights to come from memory, and passes over many rows would wait for the logits. What it leaves out: which
tokens are asked about.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

PRODUCT_ELEMENTS = 1 << 25  # logits of one product: 128 MB in fp32
CACHED_ELEMENTS = 1 << 20  # logits that are looked at together on a CPU: 4 MB in fp32, which its cache holds


class Predictions(NamedTuple):
    """Of n tokens, each array (n,).

    Attributes:
        log_probability: of the token, in nats; float64, so that sums lose nothing.
        rank: 1 + the number of tokens that are likelier; 1 is the model's own choice.
        confidence: the probability of the likeliest token, whichever that is.
    """

    log_probability: NDArray[np.float64]
    rank: NDArray[np.int64]
    confidence: NDArray[np.float64]

    def at(self, index: NDArray[np.int64]) -> "Predictions":
        """Those at some places, in that order."""
        return Predictions(self.log_probability[index], self.rank[index], self.confidence[index])


def predict(hidden: Tensor, head: Tensor, targets: Tensor) -> Predictions:
    """How likely each target is after its hidden state.

    Args:
        hidden: (n, D), of the positions before the targets; its type, or autocast's, is that of the product. The
            caller stays within one autocast for all calls, so that the head is converted once.
        head: (V, D).
        targets: (n,) ids.
    """
    vocabulary, count = head.shape[0], len(targets)
    log_probability, confidence, rank = torch.empty(3, count, device=hidden.device)
    rows = max(16, PRODUCT_ELEMENTS // vocabulary)
    cached = max(4, CACHED_ELEMENTS // vocabulary) if hidden.device.type == "cpu" else rows
    above = torch.empty(min(cached, count), vocabulary, device=hidden.device)
    for begin in range(0, count, rows):
        product = F.linear(hidden[begin : begin + rows], head)
        for start in range(0, len(product), cached):
            part = slice(begin + start, min(begin + start + cached, begin + len(product)))
            logits = product[start : start + cached].float().log_softmax(1)
            target = logits.gather(1, targets[part, None])
            log_probability[part] = target[:, 0]
            confidence[part] = logits.amax(1)
            # Ones and zeros as floats: their sum is exact, and five times as fast as that of booleans.
            rank[part] = 1 + torch.gt(logits, target, out=above[: len(logits)]).sum(1)
    return Predictions(
        log_probability.cpu().numpy().astype(np.float64),
        rank.cpu().numpy().astype(np.int64),
        np.exp(confidence.cpu().numpy().astype(np.float64)),
    )
