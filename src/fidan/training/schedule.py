"""Learning rate and batch size as functions of how much of the run is done.

The learning rate goes by the share of the tokens, not of the steps, since with a batch ramp the first steps are small
ones; so both follow from the position alone. What it leaves out: the position (`course`).
"""

import math
from functools import lru_cache

from fidan.recipe import TrainConfig

RAMP_DIVISORS = (8, 4, 2)  # of the full batch, each for a third of the ramp's tokens


def rows(config: TrainConfig, done: float) -> int:
    """Sequences of a step.

    Args:
        config: `batch_size`, `accumulate` and `batch_ramp`.
        done: the share of the run's tokens before the step.
    """
    if done >= config.batch_ramp:
        return config.sequences_per_step
    divisor = RAMP_DIVISORS[int(len(RAMP_DIVISORS) * done / config.batch_ramp)]
    return max(1, round(config.sequences_per_step / divisor))


def rate(config: TrainConfig, step: int, done: float) -> float:
    """The learning rate of an optimizer step as a share of the peak.

    It rises in a straight line and reaches 1 with the last of `warmup_steps`. After that it goes by the share of the
    remaining tokens, and is `final_learning_rate` with the run's last step:

    - cosine: half a cosine (Loshchilov & Hutter, arXiv 1608.03983, without restarts);
    - linear: a straight line;
    - wsd: 1, then a straight line over the last `decay` of all tokens (arXiv 2405.18392).

    Args:
        config: the schedule.
        step: counted from 0.
        done: the share of the run's tokens, those of this step among them.
    """
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    after_warmup, left = 1.0 - _warmup_share(config), 1.0 - min(1.0, done)
    if config.schedule == "cosine":
        height = 0.5 * (1.0 + math.cos(math.pi * (1.0 - min(1.0, left / after_warmup))))
    else:
        falling = after_warmup if config.schedule == "linear" else min(config.decay, after_warmup)
        height = min(1.0, left / falling) if falling else 1.0
    return config.final_learning_rate + (1.0 - config.final_learning_rate) * height


@lru_cache(maxsize=8)
def _warmup_share(config: TrainConfig) -> float:
    """The share of the run's tokens in its warm-up; below 1, or there would be nothing after it."""
    sequences = 0
    for _ in range(config.warmup_steps):
        sequences += rows(config, sequences * config.sequence_length / config.tokens)
    return min(sequences * config.sequence_length / config.tokens, 1.0 - 1e-9)
