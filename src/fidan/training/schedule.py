"""Learning rate and batch size as functions of how far the run is."""

import math

from fidan.recipe import TrainConfig


def rate(config: TrainConfig, step: int, progress: float) -> float:
    """temporary"""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    return config.final_learning_rate + (1 - config.final_learning_rate) * 0.5 * (
        1 + math.cos(math.pi * min(progress, 1.0))
    )


def rows(config: TrainConfig, progress: float) -> int:
    """temporary"""
    return config.sequences_per_step
