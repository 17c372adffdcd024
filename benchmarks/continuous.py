"""Speed of writing many texts in one loop, that come and leave at any time: against one text, and a fixed batch.

    python benchmarks/continuous.py [--model DIR] [--rows 1 8 32] [--rounds 3] [--new 96] [--threads N]

`batch` is a fixed batch of so many texts by `Generation`; `rows` are as many texts in a server's loop, all there from
the first to the last; `come and go` are four times as many of unlike length through as many slots, greedily and by
the default settings in turn. All take turns within a round, so that a busy machine slows all alike; printed are
medians over the rounds: new tokens a second, the ratio to one text, the share of the time that is not the model's.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import TorchEngine
from fidan.generation.fast_step import FastStep
from fidan.generation.generate import Generation
from fidan.recipe import GenerateConfig
from fidan.serving.batcher import Request
from fidan.serving.texts import Texts
from fidan.trained import Trained, open_trained

PROMPT = "Bugün hava çok güzeldi, çünkü"
GREEDY = GenerateConfig(temperature=0.0, repetition_penalty=1.0)


class Timed:
    """A step that knows how long it took."""

    def __init__(self, trained: Trained) -> None:
        self._step, self.seconds = FastStep(trained.model), 0.0

    def __call__(self, tokens: list[int], cache: KeyValueCache) -> Tensor:
        """As `engine.Step` says."""
        began = time.perf_counter()
        logits = self._step(tokens, cache)
        self.seconds += time.perf_counter() - began
        return logits


def in_a_batch(trained: Trained, engine: TorchEngine, rows: int, new: int) -> int:
    """Tokens of a fixed batch."""
    prompts = [trained.tokenizer.encode(PROMPT, bos=True)] * rows
    generation = Generation(engine, prompts, replace(GREEDY, max_new_tokens=new), (), range(rows))
    tokens = 0
    while generation.running:
        tokens += len(generation.step())
    return tokens


def in_the_loop(trained: Trained, engine: TorchEngine, slots: int, wanted: Sequence[GenerateConfig]) -> int:
    """Tokens of texts of these settings, in as many slots."""
    texts, waiting, running, tokens = Texts(engine, trained.tokenizer), list(wanted), 0, 0
    prompt = trained.tokenizer.encode(PROMPT, bos=True)
    while waiting or running:
        while waiting and running < slots:
            texts.add(Request(prompt, waiting.pop(), (), seed=len(waiting)))
            running += 1
        for _, piece in texts.round():
            if piece.finish:
                tokens += piece.written
                running -= 1
    return tokens


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--new", type=int, default=96)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    trained = open_trained(arguments.model, torch.device("cpu"))
    step, new = Timed(trained), arguments.new
    engine = TorchEngine(trained.model, step)
    ways: dict[str, Callable[[int], int]] = {
        "batch": lambda rows: in_a_batch(trained, engine, rows, new),
        "rows": lambda rows: in_the_loop(trained, engine, rows, [replace(GREEDY, max_new_tokens=new)] * rows),
        "come and go": lambda rows: in_the_loop(
            trained,
            engine,
            rows,
            [
                replace((GREEDY, GenerateConfig())[n % 2], max_new_tokens=new // 4 + (37 * n) % new)
                for n in range(4 * rows)
            ],
        ),
    }
    in_the_loop(trained, engine, 2, [replace(GREEDY, max_new_tokens=3)] * 2)  # compiles
    found: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            for rows in arguments.rows:
                step.seconds, began = 0.0, time.perf_counter()
                tokens = way(rows)
                seconds = time.perf_counter() - began
                found.setdefault((name, rows), []).append((tokens / seconds, 1 - step.seconds / seconds))
    one = statistics.median(speed for speed, _ in found["batch", arguments.rows[0]])
    print(f"{arguments.model}: {trained.model.parameter_count():,} parameters, {arguments.threads} threads")
    for (name, rows), results in found.items():
        speed, rest = (statistics.median(values) for values in zip(*results, strict=True))
        print(f"{name:12} {rows:4} rows  {speed:8.1f} tokens/s  {speed / one:5.2f}x  not the model's: {rest:.0%}")


if __name__ == "__main__":
    main()
