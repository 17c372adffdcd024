"""The learning rate as a function of the step: a linear warm-up, then half a cosine down to a share of the peak."""

import math

from fidan.recipe import TrainConfig


def learning_rate(config: TrainConfig, step: int) -> float:
    """The rate of optimizer step `step`, counted from 0.

    It reaches the peak with the last of `warmup_steps` and `final_learning_rate` of it with the run's last step
    (Loshchilov & Hutter, arXiv 1608.03983, without restarts).
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    progress = (step - config.warmup_steps + 1) / (config.steps - config.warmup_steps)
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0)))
    return config.learning_rate * (config.final_learning_rate + (1.0 - config.final_learning_rate) * cosine)
