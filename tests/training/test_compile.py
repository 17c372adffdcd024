"""Compiled training gives the same bits every time, so that a resumed run is the run that was not interrupted."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from fidan.hardware import compile_problem
from fidan.stages import Run

# In a process of its own, since the flag that orders the sums is one of the whole process.
SCRIPT = """
import sys
from pathlib import Path
from fidan.progress import SilentReporter
from fidan.recipe import load_recipe
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training.next_token import NextToken
from fidan.training.trainer import Trainer

recipe = load_recipe(Path(sys.argv[1]), ["train.compile=true", "train.batch_size=32", "train.tokens=20480"])
tokenizer = Tokenizer.load(Path(sys.argv[2]) / "tokenizer")
task = NextToken(recipe, Path(sys.argv[2]) / "pack", tokenizer)
Trainer(task, Path(sys.argv[3]), SilentReporter()).run()
"""


def test_two_compiled_runs_give_the_same_weights(tiny_file: Path, tiny_run: Run, tmp_path: Path) -> None:
    problem = compile_problem(torch.device("cpu"))
    if problem:
        pytest.skip(f"torch.compile does not work here: {problem}")
    digests = set()
    for name in ("one", "two"):
        command = [sys.executable, "-c", SCRIPT, tiny_file, tiny_run.out, tmp_path / name]
        subprocess.run([str(word) for word in command], check=True)
        digests.add(hashlib.sha256((tmp_path / name / "model.safetensors").read_bytes()).hexdigest())
    assert len(digests) == 1
