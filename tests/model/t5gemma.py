"""An encoder-decoder whose every part shows, and Transformers' model with the same weights."""

import torch
from transformers import T5GemmaConfig, T5GemmaForConditionalGeneration
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaModuleConfig

from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.encoder_decoder import EncoderDecoder

V = 101
T5GEMMA = ModelConfig(
    d_model=32,
    n_layers=3,
    encoder_layers=2,
    n_heads=4,
    d_ff=48,
    context=24,
    norm_place="sandwich",
    tie_embeddings=True,
)


def lively(config: ModelConfig) -> EncoderDecoder:
    """With weights far from their first values, so that a mistake shows."""
    torch.manual_seed(0)
    model = build_model(config, V)
    assert isinstance(model, EncoderDecoder)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4.0) if parameter.ndim > 1 else parameter.add_(0.3 * torch.randn_like(parameter))
    return model.eval()


def t5gemma(model: EncoderDecoder) -> T5GemmaForConditionalGeneration:
    """Transformers' model with the same weights, every one of them."""
    config = model.config
    shape = {
        "vocab_size": V,
        "hidden_size": config.d_model,
        "intermediate_size": config.d_ff,
        "num_attention_heads": config.n_heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_width,
        "query_pre_attn_scalar": config.head_width,
        "hidden_activation": "silu" if config.feedforward == "swiglu" else "gelu_pytorch_tanh",
        "rms_norm_eps": config.norm_eps,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_theta},
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
        "dropout_rate": 0.0,
    }
    encoder, decoder = (
        T5GemmaModuleConfig(**shape, num_hidden_layers=layers, layer_types=["full_attention"] * layers)
        for layers in (config.encoder_layers, config.n_layers)
    )
    theirs = T5GemmaForConditionalGeneration(
        T5GemmaConfig(encoder=encoder, decoder=decoder, vocab_size=V, tie_word_embeddings=config.tie_embeddings)
    )
    names = {"lm_head.weight": "lm_head.out_proj.weight"}
    weights = {names.get(name, f"model.{name}"): t - int(t.ndim == 1) for name, t in model.state_dict().items()}
    theirs.load_state_dict(weights, strict=True)
    return theirs.eval()
