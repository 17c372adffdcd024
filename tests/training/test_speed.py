"""Freed memory that is kept is not fetched from the system again; the compiled body is the body."""

import platform
import subprocess
import sys

import pytest
import torch

from fidan.hardware import compile_problem

# In processes of their own, since these are settings of a whole process.
FAULTS = """
import resource, sys, torch
from fidan.training.speed import keep_freed_memory

if sys.argv[1] == "keep":
    assert keep_freed_memory()
for step in range(8):
    if step == 5:  # it settles in four
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for size in (100, 70, 40):
        torch.zeros(size << 20, dtype=torch.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
COMPILED = """
import torch
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.training.loss import batch_loss
from fidan.training.speed import compiled_body

torch.manual_seed(0)
model = Decoder(ModelConfig(d_model=32, n_layers=2, n_heads=2, d_ff=64, context=300), 90)
tokens = torch.randint(90, (4, 301))
body = compiled_body(model)
for dtype, limit in ((torch.float32, 1e-5), (torch.bfloat16, 3e-2)):
    found = []
    for function in (model.model, body, body):
        losses = batch_loss(function, model.lm_head.weight, tokens[:, :-1], tokens[:, 1:], dtype)
        found.append(torch.cat([g.flatten() for g in torch.autograd.grad(losses.objective, model.parameters())]))
    plain, first, second = found
    assert torch.equal(first, second), dtype
    assert (first - plain).norm() < limit * plain.norm(), (dtype, (first - plain).norm() / plain.norm())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_freed_memory_is_kept() -> None:
    faults = {
        mode: int(subprocess.check_output([sys.executable, "-c", FAULTS, mode], text=True))
        for mode in ("not", "keep")
    }
    assert faults["keep"] < faults["not"] / 10


def test_the_compiled_body_gives_the_same_gradients_with_the_same_bits_every_time() -> None:
    problem = compile_problem(torch.device("cpu"))
    if problem:
        pytest.skip(f"torch.compile does not work here: {problem}")
    subprocess.run([sys.executable, "-c", COMPILED], check=True)
