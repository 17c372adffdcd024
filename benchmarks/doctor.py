"""What `fidan doctor` predicts beside what a training takes: memory at its height, and tokens a second.

    python benchmarks/doctor.py RECIPE [RECIPE …] [--set train.batch_size=2] [--steps 20]

Each recipe is trained for a few steps on tokens drawn at random, with a validation and a checkpoint at the end, in a
process of its own; PyTorch's own memory, as a tiny training shows it, is taken off. It reads the peak from /proc, so
it runs on Linux, and on the CPU. What it leaves out: stages other than the training, GPUs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from fidan.artifact import write_array, write_json
from fidan.doctor import estimate
from fidan.hardware import measure_matmul, pick_precision
from fidan.progress import SilentReporter
from fidan.recipe import Recipe, load_recipe
from fidan.training.log import read_metrics
from fidan.training.memory import framework_bytes
from fidan.training.next_token import NextToken
from fidan.training.packed_tokens import BYTES, INDEX, OFFSETS, TOKENS
from fidan.training.trainer import Trainer

CPU = torch.device("cpu")
DOCUMENT = 200  # tokens


def short(recipe: Recipe, steps: int) -> Recipe:
    """The recipe with so few steps, one validation and one checkpoint, on the CPU."""
    train = replace(
        recipe.train,
        tokens=steps * recipe.train.tokens_per_step,
        warmup_steps=0,
        valid_every=steps,
        valid_tokens=2000,
        checkpoint_every=steps,
        checkpoint_minutes=1e6,
        sample_every=0,
        tensorboard=False,
        device="cpu",
        log_every=1,
    )
    return replace(recipe, train=train)


def write_tokens(folder: Path, recipe: Recipe) -> None:
    """Packed splits of random tokens, as many as the recipe trains on."""
    vocabulary = recipe.tokenizer.vocab_size
    chance = np.random.default_rng(0)
    splits = {}
    for split, wanted in (("train", recipe.train.tokens + 1), ("valid", 4000)):
        documents = -(-wanted // DOCUMENT)
        name, files = f"{split}-00000", {}
        for part, array in (
            (OFFSETS, np.arange(documents + 1, dtype="<u8") * DOCUMENT),
            (BYTES, np.full(documents, 4 * DOCUMENT, dtype="<u8")),
        ):
            write_array(folder / f"{name}.{part}", array)
            files[f"{name}.{part}"] = (folder / f"{name}.{part}").stat().st_size
        ids = chance.integers(vocabulary, size=documents * DOCUMENT, dtype=np.uint16)
        (folder / f"{name}.{TOKENS}").write_bytes(ids.tobytes())
        files[f"{name}.{TOKENS}"] = ids.nbytes
        shard = {"name": name, "documents": documents, "tokens": len(ids), "text_bytes": 4 * len(ids), "files": files}
        splits[split] = [shard]
    index = {"version": 1, "tokenizer": "random", "vocab_size": vocabulary, "dtype": "uint16", "splits": splits}
    write_json(folder / INDEX, index)


def of_process(name: str) -> int:
    """A line of /proc/self/status in bytes: `VmRSS` is what the process holds, `VmHWM` its height since the reset."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    raise OSError(f"/proc/self/status: no {name}")


def measure(recipe: Recipe) -> dict[str, float]:
    """Train in this process; bytes at the height above PyTorch's own, and tokens a second."""
    dtype = pick_precision(recipe.train.precision, CPU)
    measure_matmul(CPU, dtype)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tokens(folder, recipe)
        before = framework_bytes(recipe.train, CPU, dtype)
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # sets VmHWM back
        # The tokens are random: of a tokenizer the trainer needs no more than this.
        tokenizer = SimpleNamespace(hash="random", vocab_size=recipe.tokenizer.vocab_size, bos_id=1)
        task = NextToken(recipe, folder, tokenizer)  # type: ignore[arg-type]
        Trainer(task, folder / "train", SilentReporter()).run()
        speeds = [r["tokens_per_second"] for r in read_metrics(folder / "train") if r["kind"] == "train"]
    return {"memory": of_process("VmHWM") - before, "tokens_per_second": speeds[-1]}


def predict(recipe: Recipe) -> dict[str, float]:
    """What the doctor says of it."""
    cost = estimate(recipe, print)
    return {"memory": cost.memory.total, "tokens_per_second": cost.tokens_per_second or float("nan")}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", type=Path, nargs="+")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--child", choices=["predict", "measure"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        recipe = short(load_recipe(arguments.recipes[0], arguments.set), arguments.steps)
        print(json.dumps({"predict": predict, "measure": measure}[arguments.child](recipe)))
        return
    print(f"{'':<26} {'memory, GiB':^32} {'tokens a second':^32}")
    print(f"{'recipe':<26}" + 2 * f" {'predicted':>11} {'measured':>11} {'error':>8}")
    settings = [part for assignment in arguments.set for part in ("--set", assignment)]
    for path in arguments.recipes:
        said, took = (
            json.loads(
                subprocess.run(
                    [
                        sys.executable,
                        __file__,
                        str(path),
                        *settings,
                        f"--steps={arguments.steps}",
                        f"--child={child}",
                    ],
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout.splitlines()[-1]
            )
            for child in ("predict", "measure")
        )
        memory, speed = (said[key] / took[key] - 1 for key in ("memory", "tokens_per_second"))
        print(
            f"{path.stem:<26} {said['memory'] / 2**30:>11.3f} {took['memory'] / 2**30:>11.3f} {memory:>+8.1%} "
            f"{said['tokens_per_second']:>11,.0f} {took['tokens_per_second']:>11,.0f} {speed:>+8.1%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
