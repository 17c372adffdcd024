"""Settings of preference tuning by DPO (Rafailov et al., arXiv 2305.18290), which follows `[sft]`."""

from dataclasses import dataclass

from fidan.corpus.preferences.config import PreferencesConfig
from fidan.recipe.lora import LoraConfig
from fidan.recipe.require import require
from fidan.recipe.tuning import TuningConfig
from fidan.settings import incidental


@dataclass(frozen=True)
class DpoConfig(TuningConfig, LoraConfig, PreferencesConfig):
    """How a chat model learns which of two answers is preferred, and what is other than in `[train]`.

    A sequence of this training is a pair: one prompt with two answers.
    """

    epochs: int = 1  # at most; repeats of the pairs
    batch_size: int = 8  # pairs a forward pass
    learning_rate: float = 1e-6  # the smaller the model, the higher: see docs/training.md
    weight_decay: float = 0.0
    beta: float = 0.1  # how dear it is to leave the model that the training started from
    label_smoothing: float = 0.0  # the chance that a pair is the wrong way round (conservative DPO); below 0.5
    max_length: int = 0  # ids of a prompt with an answer; longer ones are left out; 0: the model's context
    samples: int = incidental(6)  # held-out prompts that are answered at each validation; 0: none

    def __post_init__(self) -> None:
        PreferencesConfig.__post_init__(self)
        LoraConfig.__post_init__(self)
        TuningConfig.__post_init__(self)
        require(self.beta > 0, f"beta = {self.beta}: must be positive.")
        smoothing = self.label_smoothing
        require(0 <= smoothing < 0.5, f"label_smoothing = {smoothing}: a chance, from 0 to below 0.5.")
        require(
            self.max_length == 0 or self.max_length >= 16,
            f"max_length = {self.max_length}: must be at least 16, or 0 for the model's context.",
        )
        require(self.samples >= 0, f"samples = {self.samples}: must not be negative.")
