"""What the model says of given tokens: the log-probability, the rank and the confidence of each.

The head's logits are taken a few rows at a time, so that all passes over them but the first find them in the
processor's cache, and no more of them are held than that. What it leaves out: which tokens are asked about.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

LOGIT_ELEMENTS = 1 << 20  # logits held at once on a CPU: 4 MB in fp32
LOGIT_ELEMENTS_GPU = 1 << 27


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
        hidden: (n, D), of the positions before the targets; its type, or autocast's, is that of the product.
        head: (V, D).
        targets: (n,) ids.
    """
    vocabulary = head.shape[0]
    elements = LOGIT_ELEMENTS if hidden.device.type == "cpu" else LOGIT_ELEMENTS_GPU
    rows = max(16, elements // vocabulary)
    log_probability = torch.empty(len(targets), dtype=torch.float32, device=hidden.device)
    confidence, rank = torch.empty_like(log_probability), torch.empty_like(targets)
    for start in range(0, len(targets), rows):
        part = slice(start, start + rows)
        logits = F.linear(hidden[part], head).float()
        target = logits.gather(1, targets[part, None])
        total = logits.logsumexp(1)
        log_probability[part] = target[:, 0] - total
        confidence[part] = logits.amax(1) - total
        rank[part] = 1 + (logits > target).sum(1)
    return Predictions(
        log_probability.cpu().numpy().astype(np.float64),
        rank.cpu().numpy(),
        np.exp(confidence.cpu().numpy().astype(np.float64)),
    )
