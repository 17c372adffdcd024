"""How many tokens the best recipe needs to learn what AdamW with a cosine learns from all of them.

    python benchmarks/sample_efficiency.py TEXT VALID [--tokens 2_000_000] [--seeds 3] [--out runs/sample-efficiency]

Prepares the text (CC100 form) with the package's own stages, then trains the same small model with both recipes, for
each seed: AdamW + cosine on all tokens, the best recipe on some shares of them, each with its own schedule. The loss
is that of the held-out documents at the end. Interrupted, it goes on. `--grid` tunes AdamW + cosine instead, and
`--variants` shows what each part of the best recipe brings, on one seed. What it leaves out: larger models.
"""

import argparse
import json
import math
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import torch

from fidan.artifact import write_json
from fidan.progress import ConsoleReporter, SilentReporter
from fidan.recipe import Recipe, load_recipe
from fidan.running import run_one
from fidan.settings import build, decisive
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.log import read_metrics
from fidan.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[1]
SHARES = (0.5, 0.6)
# Both tuned on seeds that the comparison does not use (dev/LOG.md).
ADAMW = {"batch_size": 4, "learning_rate": 4.5e-3, "schedule": "cosine", "final_learning_rate": 0.1}
LINEAR = {**ADAMW, "schedule": "linear", "final_learning_rate": 0.0}
EMBEDDING = {**LINEAR, "embedding_learning_rate": 4.5e-2}
BEST = {
    **EMBEDDING,
    "start": "bigrams",
    "optimizer": "muon",
    "muon_learning_rate": 0.03,
    "learning_rate": 1e-3,
    "document_mask": True,
}
# One after the other, each with the parts before it.
VARIANTS = {
    "AdamW + cosine": ADAMW,
    "+ linear to 0": LINEAR,
    "+ embedding's own rate": {**EMBEDDING, "embedding_std": 0.5},
    "+ bigram start": {**EMBEDDING, "start": "bigrams"},
    "+ Muon": {**BEST, "document_mask": False},
    "+ document mask": BEST,
}
GRID = [{**ADAMW, "batch_size": rows, "learning_rate": rate} for rows in (2, 4) for rate in (3e-3, 4.5e-3, 7e-3)]


def recipe_for(base: Recipe, settings: dict[str, object], tokens: int, seed: int) -> Recipe:
    """The base recipe with other settings of train and model."""
    settings = {**settings, "tokens": tokens}
    of_model = {name: settings.pop(name) for name in ("embedding_std",) if name in settings}
    train, model = decisive(base.train), decisive(base.model)
    return replace(
        base,
        seed=seed,
        train=replace(
            build(type(base.train), {**train, **settings}, "train"),
            valid_every=10**9,
            sample_every=0,
            valid_tokens=200_000,
            tensorboard=False,
        ),
        model=build(type(base.model), {**model, **of_model}, "model"),
    )


def final_loss(job: tuple[Recipe, Path, Path]) -> float:
    """Train and return the held-out loss at the end, nats a token; done before, only the latter."""
    recipe, prepared, folder = job
    if not (folder / "loss.json").is_file():
        torch.set_num_threads(1)
        tokenizer = Tokenizer.load(prepared / "tokenizer")
        Trainer(recipe, prepared / "pack", tokenizer, folder, SilentReporter()).run()
        losses = [record["loss"] for record in read_metrics(folder) if record["kind"] == "valid"]
        write_json(folder / "loss.json", losses[-1])
    return float(json.loads((folder / "loss.json").read_bytes()))


def tokens_needed(shares: list[float], losses: list[float], wanted: float) -> float:
    """The share at which the loss is the wanted one, by a straight line over the logarithm of the tokens.

    Beyond the shares that were run, the nearest two of them are continued.
    """
    pairs = list(zip(map(math.log, shares), losses, strict=True))
    place = next((i for i, (_, loss) in enumerate(pairs) if loss <= wanted), len(pairs) - 1)
    (x0, y0), (x1, y1) = pairs[max(place, 1) - 1 : max(place, 1) + 1]
    return math.exp(x0 + (wanted - y0) * (x1 - x0) / (y1 - y0))


def main() -> None:
    """Train what is asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("valid", type=Path)
    parser.add_argument("--tokens", type=int, default=2_000_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/sample-efficiency"))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--grid", action="store_true", help="tune AdamW + cosine")
    parser.add_argument("--variants", action="store_true", help="what each part brings")
    arguments = parser.parse_args()
    sources = [f"corpus.sources=['{arguments.text}']", f"corpus.valid_sources=['{arguments.valid}']"]
    base = load_recipe(ROOT / "recipes/demo.toml", [*sources, "corpus.noise=0.0"])
    for stage in ("corpus", "tokenizer", "pack"):
        run_one(stage, Run(base, arguments.out, ConsoleReporter()))

    def job(name: str, settings: dict[str, object], share: float, seed: int) -> tuple[Recipe, Path, Path]:
        recipe = recipe_for(base, settings, round(arguments.tokens * share), seed)
        return recipe, arguments.out, arguments.out / f"{name}-{arguments.tokens}-{share:g}-{seed}"

    if arguments.grid or arguments.variants:
        named = (
            VARIANTS if arguments.variants else {f"{s['batch_size']} × 256, {s['learning_rate']}": s for s in GRID}
        )
        jobs = [job(name.replace(" ", "-"), settings, 1.0, 1) for name, settings in named.items()]
        rows = list(named)
    else:
        seeds = range(11, 11 + arguments.seeds)
        jobs = [job("adamw", ADAMW, 1.0, seed) for seed in seeds]
        jobs += [job("best", BEST, share, seed) for seed in seeds for share in SHARES]
    pool = ProcessPoolExecutor(arguments.workers, mp_context=get_context("spawn"))
    with pool:
        losses = list(pool.map(final_loss, jobs))
    if arguments.grid or arguments.variants:
        print("| recipe | held-out loss |\n| --- | --- |")
        for name, loss in zip(rows, losses, strict=True):
            print(f"| {name} | {loss:.4f} |")
        return
    print(f"{base.model.parameters(base.tokenizer.vocab_size):,} parameters, {arguments.tokens:,} tokens")
    print("| seed | AdamW + cosine | " + " | ".join(f"best, {s:.0%}" for s in SHARES) + " | tokens needed |")
    print("| --- " * (len(SHARES) + 3) + "|")
    needed = []
    for number, wanted in enumerate(losses[: len(seeds)]):
        begin = len(seeds) + number * len(SHARES)
        own = losses[begin : begin + len(SHARES)]
        needed.append(tokens_needed(list(SHARES), own, wanted))
        shown = " | ".join(f"{loss:.4f}" for loss in own)
        print(f"| {seeds[number]} | {wanted:.4f} | {shown} | {needed[-1]:.1%} |")
    spread = f", from {min(needed):.1%} to {max(needed):.1%}" if len(needed) > 1 else ""
    print(f"tokens needed: {statistics.mean(needed):.1%} of AdamW + cosine's{spread}")


if __name__ == "__main__":
    main()
