"""The optimizer's time a step: AdamW, PyTorch's Muon, and ours, which stacks the matrices of one shape.

    python benchmarks/muon.py [--rounds 10]

Prints milliseconds a step, the median of rounds that take turns. The gradients are random; the head and the
embedding are AdamW's in every variant. What it leaves out: GPUs, and what a step is worth (see sample_efficiency.py).
"""

import argparse
import statistics
import time
from dataclasses import replace

import torch

from fidan.hardware import has_fast_bf16
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import TrainConfig
from fidan.training.optimizer import build_optimizers

SHAPES = {  # shape, vocabulary
    "d 128, 4 layers": (ModelConfig(d_model=128, n_layers=4, n_heads=4, d_ff=384), 4000),
    "d 192, 6 layers": (ModelConfig(d_model=192, n_layers=6, n_heads=3, d_ff=512), 8000),
    "d 256, 6 layers": (ModelConfig(d_model=256, n_layers=6, n_heads=4, d_ff=768), 8000),
}


def optimizers(model: Decoder) -> dict[str, list[torch.optim.Optimizer]]:
    """The variants, over the same weights."""
    config = TrainConfig(tokens=10**9, optimizer="muon")
    adamw, muon = build_optimizers(model, config, torch.float32)
    matrices = [parameter for group in muon.param_groups for parameter in group["params"]]
    variants = {
        "AdamW": build_optimizers(model, replace(config, optimizer="adamw"), torch.float32),
        "torch.optim.Muon": [adamw, torch.optim.Muon(matrices, 0.02)],
        "stacked, fp32": [adamw, muon],
    }
    if has_fast_bf16(torch.device("cpu")):
        variants["stacked, bf16"] = build_optimizers(model, config, torch.bfloat16)
    return variants


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    print(f"{'shape':<18} {'optimizer':<18} {'ms a step':>10}   ({torch.get_num_threads()} threads)")
    for name, (config, vocabulary) in SHAPES.items():
        model = Decoder(config, vocabulary)
        for parameter in model.parameters():
            parameter.grad = torch.randn_like(parameter)
        variants = optimizers(model)
        seconds: dict[str, list[float]] = {variant: [] for variant in variants}
        for number in range(rounds + 1):  # the first round warms up
            for variant, parts in variants.items():
                began = time.perf_counter()
                for optimizer in parts:
                    optimizer.step()
                if number:
                    seconds[variant].append(time.perf_counter() - began)
        for variant, times in seconds.items():
            print(f"{name:<18} {variant:<18} {1000 * statistics.median(times):>10.1f}")


if __name__ == "__main__":
    main()
