"""Install a wheel where there is no checkout, and use it as a user would: help, recipes, doctor, a tiny run, a text.

    python dev/try_wheel.py dist/fidan-0.1.0-py3-none-any.whl

It makes an environment in a temporary folder, with PyTorch's CPU build, and works in an empty folder. Any command
that fails ends it with that exit code. Needs a package index, and takes some minutes.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from install import CPU_INDEX, reachable, torch_index

TINY = [
    'corpus.sources=["synthetic:300KB"]', "corpus.workers=1", "tokenizer.vocab_size=800", "model.d_model=48",
    "model.n_layers=1", "model.d_ff=96", "train.tokens=60_000", "train.batch_size=2", "train.warmup_steps=4",
    'sft.sources=["synthetic:240"]', "sft.epochs=1", "generate.max_new_tokens=10",
]  # fmt: skip


def commands() -> list[list[str]]:
    """What is tried, in order; each has to end with exit code 0."""
    settings = [word for setting in TINY for word in ("--set", setting)]
    return [
        ["--version"],
        ["--help"],
        ["recipes"],
        ["recipes", "demo", "--out", "my.toml"],
        ["doctor"],
        ["run", "demo", *settings],
        ["generate", "--model", "runs/demo", "Bir gün", "--seed", "1", "--max-new-tokens", "10"],
        ["verify", "runs/demo"],
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    wheel = parser.parse_args().wheel.resolve(strict=True)
    with tempfile.TemporaryDirectory() as made:
        place, empty = Path(made) / "venv", Path(made) / "empty"
        venv.create(place, with_pip=True)
        programs = place / ("Scripts" if os.name == "nt" else "bin")
        extra, message = torch_index(platform.system(), False, platform.system() == "Linux" and reachable(CPU_INDEX))
        print(message, flush=True)
        pip = [str(programs / "python"), "-m", "pip", "install", "--quiet"]
        pins = (Path(__file__).resolve().parents[1] / "requirements.txt").read_text(encoding="utf-8").splitlines()
        subprocess.run([*pip, *extra, next(line for line in pins if line.startswith("torch=="))], check=True)
        subprocess.run([*pip, str(wheel)], check=True)
        empty.mkdir()
        for arguments in commands():
            print(f"$ fidan {' '.join(arguments)}", flush=True)
            subprocess.run([str(programs / "fidan"), *arguments], cwd=empty, check=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
