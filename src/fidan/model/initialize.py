"""The weights before the first step.

Normal with a small deviation; the two matrices that write into the residual stream are scaled down by
1/√(2 · layers), so that the stream's variance does not grow with depth (GPT-2, section 2.3). The small head makes
the first predictions nearly uniform: the loss at step 0 is ln(vocabulary).
"""

from torch import nn

from fidan.model.config import ModelConfig

RESIDUAL_WRITERS = ("o_proj", "down_proj")


def initialize(model: nn.Module, config: ModelConfig) -> None:
    """Fill every matrix of `model` in place, from torch's global random state; norms start at one."""
    residual_std = config.init_std / (2 * config.n_layers) ** 0.5
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            std = residual_std if name.endswith(RESIDUAL_WRITERS) else config.init_std
            if isinstance(module, nn.Embedding):
                std = config.embedding_std or std
            nn.init.normal_(module.weight, mean=0.0, std=std)
