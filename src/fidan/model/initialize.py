"""The weights before the first step.

Normal with a small deviation; the matrices that write into the residual stream, two or with cross-attention three a
layer, are scaled down by one over the square root of how many there are in the stack, so that the stream's variance
does not grow with depth (GPT-2, section 2.3). With sandwich norm it is the gain of the norms after the sub-layers
that decides what is written, and they begin at this factor. The small head makes the first predictions nearly
uniform: the loss at step 0 is ln(vocabulary).
"""

from torch import nn

from fidan.model.config import ModelConfig

RESIDUAL_WRITERS = ("o_proj", "down_proj")
NORMS_AFTER = ("post_self_attn_layernorm", "post_cross_attn_layernorm", "post_feedforward_layernorm")


def initialize(model: nn.Module, config: ModelConfig) -> None:
    """Fill every matrix of `model` in place, from torch's global random state; a stream's norms start at one."""
    for name, module in model.named_modules():
        writers = 2 * config.encoder_layers if name.startswith("encoder.") else _writers_of_the_decoder(config)
        if isinstance(module, nn.Linear | nn.Embedding):
            std = config.init_std / writers**0.5 if name.endswith(RESIDUAL_WRITERS) else config.init_std
            if isinstance(module, nn.Embedding) or (config.tie_embeddings and name == "lm_head"):
                std = config.embedding_std or std
            if name.endswith("embed_positions"):
                std *= config.embedding_scale  # as loud as the embeddings, which are multiplied by it
            nn.init.normal_(module.weight, mean=0.0, std=std)
        elif name.endswith(NORMS_AFTER) and config.norm_place == "sandwich":
            nn.init.constant_(module.weight, writers**-0.5)


def _writers_of_the_decoder(config: ModelConfig) -> int:
    return (3 if config.encoder_layers else 2) * config.n_layers
