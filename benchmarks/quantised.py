"""What fewer bits cost a trained model: the loss of held-out text, of every number format, from one run's folder.

    python benchmarks/quantised.py RUN [--windows 100] [--kinds F16 Q8_0 Q6_K Q5_K_M Q4_K_M Q4_0]

The text is the run's own held-out documents, in windows of the model's context, each read from its beginning. Ours
are read as text is written: token by token through the decoding loops, whose int8 also rounds the inputs. GGUF files
are read by llama.cpp with an exact cache. Prints bits a byte, perplexity and its change against fp32.
"""

import argparse
import math
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import torch

from fidan.export.formats import gguf_name, write_gguf_files
from fidan.export.hugging_face import write_folder
from fidan.generation.engine import Engine
from fidan.llama_cpp.opening import open_gguf
from fidan.recipe import ExportConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import open_trained, open_writer
from fidan.training.packed_tokens import PackedTokens

TOGETHER = 16  # windows that are read side by side
Losses = Callable[[Sequence[list[int]]], float]
"""Windows of equal length → the sum of their tokens' negative log-probabilities, the first of each excepted."""


def windows_of(packed: PackedTokens, length: int, count: int) -> list[list[int]]:
    """The beginnings of held-out documents that are long enough, spread over all of them."""
    found = [ids[:length].tolist() for ids, _ in packed.spread(packed.tokens) if len(ids) >= length]
    return found[:: max(1, len(found) // count)][:count]


def by_engine(engine: Engine) -> Losses:
    """Through the loops that write text."""

    def losses(windows: Sequence[list[int]]) -> float:
        total = 0.0
        for first in range(0, len(windows), TOGETHER):
            part = torch.tensor(windows[first : first + TOGETHER])
            decoding = engine.open(part[:, :1].tolist(), part.shape[1])
            for place in range(1, part.shape[1]):
                logs = decoding.logits.double().log_softmax(-1)
                total -= float(logs.gather(1, part[:, place : place + 1]).sum())
                decoding.advance(part[:, place].tolist())
        return total

    return losses


def by_llama_cpp(path: Path) -> Losses:
    """Through llama.cpp."""

    def losses(windows: Sequence[list[int]]) -> float:
        total = 0.0
        with closing(open_gguf(path)) as model:
            for window in windows:
                logs = model.log_probabilities(window[:-1])
                total -= float(logs[np.arange(len(window) - 1), window[1:]].astype(np.float64).sum())
        return total

    return losses


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--windows", type=int, default=100)
    parser.add_argument("--kinds", nargs="*", default=["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0"])
    arguments = parser.parse_args()
    opened = open_trained(arguments.run, torch.device("cpu"))
    packed = PackedTokens.open(arguments.run / "pack", "valid", opened.tokenizer.hash)
    windows = windows_of(packed, opened.model.config.context, arguments.windows)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "hugging_face"
        write_folder(opened.model, opened.tokenizer, ExportConfig(), opened.sampling, folder)
        write_gguf_files(folder, arguments.kinds, Path(place), "model", lambda text: None)
        ways: dict[str, Losses] = {
            "fidan float32": by_engine(open_writer(folder, "cpu", "float32").engine),
            "fidan bfloat16": by_engine(open_writer(folder, "cpu", "bfloat16").engine),
            "fidan int8": by_engine(open_writer(folder, "cpu", "int8").engine),
        }
        ways |= {f"GGUF {kind}": by_llama_cpp(Path(place) / gguf_name("model", kind)) for kind in arguments.kinds}
        report(ways, windows, opened.tokenizer)


def report(ways: dict[str, Losses], windows: list[list[int]], tokenizer: Tokenizer) -> None:
    """Print the table."""
    tokens = sum(len(window) - 1 for window in windows)
    size = sum(tokenizer.count_bytes(window) for window in windows)
    print(f"{len(windows)} windows, {tokens:,} tokens, {size:,} bytes")
    print(f"{'format':<16} {'bits/byte':>10} {'perplexity':>11} {'change':>8}")
    exact = 0.0
    for name, losses in ways.items():
        nats = losses(windows)
        exact = exact or nats
        change = math.expm1((nats - exact) / tokens)
        print(
            f"{name:<16} {nats / math.log(2) / size:>10.5f} {math.exp(nats / tokens):>11.4f} {change:>8.3%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
