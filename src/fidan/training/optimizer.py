"""AdamW (Loshchilov & Hutter, arXiv 1711.05101) with weight decay where it belongs: on the matrices of the blocks
and the head, not on norms and embeddings."""

import torch
from torch import nn

from fidan.recipe import TrainConfig


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Two groups, decayed and not. A head tied to the embedding counts as embedding."""
    embeddings = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    plain = [name for name, p in named if p.ndim < 2 or id(p) in embeddings]
    return [
        {"params": [p for name, p in named if name not in plain], "weight_decay": weight_decay},
        {"params": [p for name, p in named if name in plain], "weight_decay": 0.0},
    ]


def build_optimizers(model: nn.Module, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """AdamW over `model`; the learning rate is set at each step by the trainer."""
    groups = parameter_groups(model, config.weight_decay)
    for group in groups:
        group["peak"] = config.learning_rate
    return [torch.optim.AdamW(groups, lr=config.learning_rate, betas=(config.beta1, config.beta2), fused=True)]
