"""What the document mask costs on a CPU: tokens a second forward and backward, with it and without.

    python benchmarks/document_mask.py [--rounds 5] [--mean 300]

The body of a small model (d 256, 6 layers) at T = 512 and 1024, in fp32 and bf16; documents have lengths drawn from
an exponential distribution. The two take turns; the figure is the median of the rounds. What it leaves out: GPUs, and
the head with its loss, which the mask does not touch.
"""

import argparse
import statistics
import time

import torch

from fidan.hardware import autocast, dtype_name
from fidan.model.config import ModelConfig
from fidan.model.decoder import DecoderStack
from fidan.model.document_mask import documents_of

CPU, VOCABULARY, BOS, TOKENS = torch.device("cpu"), 8000, 1, 8192


def seconds(body: DecoderStack, tokens: torch.Tensor, documents: torch.Tensor | None, dtype: torch.dtype) -> float:
    """One forward and backward pass."""
    began = time.perf_counter()
    with autocast(CPU, dtype):
        hidden = body(tokens, documents=documents)
    hidden.float().square().mean().backward()
    body.zero_grad(set_to_none=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mean", type=float, default=300, help="tokens of a document")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    print(f"{'T':>5} {'type':>9} {'plain tok/s':>12} {'masked tok/s':>12} {'ratio':>6}")
    for length in (512, 1024):
        body = DecoderStack(ModelConfig(d_model=256, n_layers=6, n_heads=4, d_ff=768, context=length), VOCABULARY)
        tokens = torch.randint(BOS + 1, VOCABULARY, (TOKENS // length, length))
        tokens[torch.rand(tokens.shape) < 1 / arguments.mean] = BOS
        for dtype in (torch.float32, torch.bfloat16):
            taken: dict[bool, list[float]] = {False: [], True: []}
            for number in range(arguments.rounds + 1):  # the first round warms up
                for masked, times in taken.items():
                    one = seconds(body, tokens, documents_of(tokens, BOS) if masked else None, dtype)
                    if number:
                        times.append(one)
            plain, with_mask = (TOKENS / statistics.median(taken[masked]) for masked in (False, True))
            print(f"{length:>5} {dtype_name(dtype):>9} {plain:>12,.0f} {with_mask:>12,.0f} {with_mask / plain:>6.2f}")


if __name__ == "__main__":
    main()
