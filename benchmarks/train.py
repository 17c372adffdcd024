"""Training speed: ours against Hugging Face's Llama with a plain loop, same shape, same batch, one run.

    python benchmarks/train.py [--shape tiny|small|134m] [--rounds 5]

Prints tokens a second of each variant, the median of rounds that take turns (so that a busy machine slows all alike),
and the ratio to the first. What it leaves out: memory, GPUs.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from fidan.export.hugging_face import llama_shape
from fidan.hardware import autocast, dtype_name, has_fast_bf16, measure_matmul
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import TrainConfig
from fidan.training.loss import batch_loss
from fidan.training.optimizer import build_optimizer

SHAPES = {  # shape, vocabulary, sequence length, sequences
    "tiny": (ModelConfig(d_model=128, n_layers=4, n_heads=4, d_ff=384, context=256), 2000, 256, 16),
    "small": (ModelConfig(d_model=256, n_layers=6, n_heads=4, d_ff=768, context=512), 8000, 512, 8),
    "134m": (ModelConfig(context=1024), 32_000, 1024, 1),
}
CPU = torch.device("cpu")


def ours(config: ModelConfig, vocabulary: int, tokens: torch.Tensor, dtype: torch.dtype) -> Callable[[], None]:
    """One step as the trainer takes it."""
    model = Decoder(config, vocabulary)
    optimizer = build_optimizer(model, TrainConfig(tokens=10**9))

    def step() -> None:
        summed, _ = batch_loss(model.model, model.lm_head.weight, tokens[:, :-1], tokens[:, 1:], dtype)
        (summed / tokens[:, 1:].numel()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def hugging_face(
    config: ModelConfig, vocabulary: int, tokens: torch.Tensor, dtype: torch.dtype
) -> Callable[[], None]:
    """The plain loop around Transformers' model."""
    model = LlamaForCausalLM(LlamaConfig(**llama_shape(config, vocabulary)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-4, fused=True)

    def step() -> None:
        with autocast(CPU, dtype):
            logits = model(tokens[:, :-1], use_cache=False).logits
        F.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    config, vocabulary, length, rows = SHAPES[arguments.shape]
    tokens = torch.randint(vocabulary, (rows, length + 1))
    dtypes = [torch.bfloat16, torch.float32] if has_fast_bf16(CPU) else [torch.float32]
    variants = {
        f"{name} {dtype_name(dtype)}": (make(config, vocabulary, tokens, dtype), dtype)
        for dtype in dtypes
        for name, make in (("fidan", ours), ("transformers", hugging_face))
    }
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(arguments.rounds + 1):  # the first round warms up
        for name, (step, _) in variants.items():
            began = time.perf_counter()
            step()
            if number:
                seconds[name].append(time.perf_counter() - began)
    peaks = {dtype: measure_matmul(CPU, dtype) for dtype in dtypes}
    flops = config.flops_per_token(vocabulary, length)
    first = statistics.median(seconds[next(iter(variants))])
    print(f"{arguments.shape}: {config.parameters(vocabulary):,} parameters, {rows} × {length} tokens a step")
    print(f"{'variant':<24} {'tokens/s':>10} {'of matmul':>10} {'ratio':>7}")
    for name, (_, dtype) in variants.items():
        median = statistics.median(seconds[name])
        speed = rows * length / median
        print(f"{name:<24} {speed:>10,.0f} {speed * flops / peaks[dtype]:>10.1%} {first / median:>7.2f}")


if __name__ == "__main__":
    main()
