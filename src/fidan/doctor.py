"""What this machine can do, and what a recipe will cost on it.

The cost is not guessed from data sheets: one training step of the recipe's own model is timed here, compiled where
the recipe compiles (on a CPU with fewer sequences, so that it takes seconds). Memory is computed: weights, gradients
and AdamW's two moments, 4 bytes each, and the activations that the backward pass needs.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import torch

from fidan.hardware import (
    compile_problem,
    dtype_name,
    inspect,
    measure_matmul,
    peak_flops,
    pick_device,
    pick_precision,
)
from fidan.model.decoder import Decoder
from fidan.recipe import Recipe
from fidan.training.loss import batch_loss, chunk_elements
from fidan.training.optimizer import build_optimizer

PROBE_TOKENS = 4096  # at most this many in a timed step
TOKEN_BYTES_ON_DISK = 2


@dataclass(frozen=True)
class Cost:
    """What training a recipe takes on this machine."""

    parameters: int
    flops_per_token: int
    tokens: int
    memory_bytes: int
    disk_bytes: int
    tokens_per_second: float
    mfu: float

    @property
    def flops(self) -> float:
        """Floating-point operations of the whole run."""
        return float(self.flops_per_token) * self.tokens

    @property
    def hours(self) -> float:
        """Of training; the other stages are short beside it."""
        return self.tokens / self.tokens_per_second / 3600


def machine_table(folder: Path) -> list[tuple[str, str]]:
    """The facts of this machine, as rows of a table."""
    machine = inspect(folder)
    device = pick_device()
    rows = [
        ("system", machine.system),
        ("processor", f"{machine.processor}, {machine.cores} cores, {machine.threads} threads in use"),
        ("memory", f"{machine.memory_bytes / 2**30:.1f} GiB, {machine.free_memory_bytes / 2**30:.1f} free"),
        ("disk", f"{machine.free_disk_bytes / 2**30:.1f} GiB free"),
        ("GPU", machine.accelerator),
        ("PyTorch", machine.torch_version),
        ("bf16 in hardware", "yes" if machine.bf16 else "no: recipes train in fp32"),
    ]
    if machine.accelerator_memory_bytes:
        rows.append(("GPU memory", f"{machine.accelerator_memory_bytes / 2**30:.1f} GiB"))
    dtypes = [torch.float32, torch.bfloat16] if machine.bf16 else [torch.float32]
    for dtype in dtypes:
        measured = f"{measure_matmul(device, dtype) / 1e9:,.0f} GFLOP/s measured"
        rows += [(f"matrix product, {dtype_name(dtype)}", measured)]
    problem = compile_problem(device)
    rows.append(("torch.compile", "works" if problem is None else f"does not work: {problem}"))
    return rows


def estimate(recipe: Recipe) -> Cost:
    """Time one step of the recipe's model here, and compute the rest."""
    config, train, vocabulary = recipe.model, recipe.train, recipe.tokenizer.vocab_size
    device = pick_device(train.device)
    dtype = pick_precision(train.precision, device)
    speed = _tokens_per_second(recipe, device, dtype)
    flops = config.flops_per_token(vocabulary, train.sequence_length)
    parameters = config.parameters(vocabulary)
    return Cost(
        parameters=parameters,
        flops_per_token=flops,
        tokens=train.steps * train.tokens_per_step,
        memory_bytes=training_memory(recipe, device, dtype),
        disk_bytes=train.tokens * TOKEN_BYTES_ON_DISK + (train.keep_checkpoints + 2) * 12 * parameters,
        tokens_per_second=speed,
        mfu=speed * flops / peak_flops(device, dtype),
    )


def training_memory(recipe: Recipe, device: torch.device, dtype: torch.dtype) -> int:
    """Bytes at the height of a training step.

    16 a parameter (weight, gradient, two moments). Of each block and position the backward pass keeps: six vectors of
    width D in fp32 (the stream and what the two norms need), five of D and two of G·K (queries, keys, values,
    attention) and four of F in `dtype`, and with bf16 a copy of the weights.
    """
    config, train = recipe.model, recipe.train
    parameters = config.parameters(recipe.tokenizer.vocab_size)
    size = 2 if dtype == torch.bfloat16 else 4
    narrow = 5 * config.d_model + 4 * config.kv_heads * config.head_width + 4 * config.d_ff
    position = config.n_layers * (6 * 4 * config.d_model + size * narrow)
    copy = 2 * parameters if dtype == torch.bfloat16 else 0
    return 16 * parameters + copy + position * train.batch_size * train.sequence_length + 12 * chunk_elements(device)


def cost_table(cost: Cost) -> list[tuple[str, str]]:
    """The cost, as rows of a table."""
    return [
        ("parameters", f"{cost.parameters:,}"),
        ("FLOPs a token", f"{cost.flops_per_token:,}"),
        ("tokens", f"{cost.tokens:,}"),
        ("FLOPs in all", f"{cost.flops:.3g}"),
        ("memory to train", f"{cost.memory_bytes / 2**30:.2f} GiB"),
        ("disk for tokens and checkpoints", f"{cost.disk_bytes / 2**30:.2f} GiB"),
        ("speed", f"{cost.tokens_per_second:,.0f} tokens/s measured, {100 * cost.mfu:.0f}% of the matrix product"),
        ("hours of training", f"{cost.hours:,.2f}" + (f" ({cost.hours / 24:,.1f} days)" if cost.hours > 48 else "")),
    ]


def _tokens_per_second(recipe: Recipe, device: torch.device, dtype: torch.dtype) -> float:
    """Time the passes of one batch and the optimizer's move apart, since a step may have many of the former."""
    train, vocabulary = recipe.train, recipe.tokenizer.vocab_size
    limit = train.batch_size if device.type == "cuda" else max(1, PROBE_TOKENS // train.sequence_length)
    rows = min(train.batch_size, limit)
    model = Decoder(recipe.model, vocabulary).to(device)
    body = torch.compile(model.model) if train.compile and compile_problem(device) is None else model.model
    optimizer = build_optimizer(model, train)
    tokens = torch.randint(vocabulary, (rows, train.sequence_length), device=device)
    head = model.lm_head.weight
    passes = update = float("inf")
    for _ in range(3):  # the first one warms up, and compiles
        began = time.perf_counter()
        batch_loss(body, head, tokens, tokens, dtype).objective.backward()  # type: ignore[no-untyped-call]
        _wait(device)
        between = time.perf_counter()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        _wait(device)
        passes, update = min(passes, between - began), min(update, time.perf_counter() - between)
    step_tokens = train.tokens_per_step
    return step_tokens / (passes * step_tokens / tokens.numel() + update)


def _wait(device: torch.device) -> None:
    if device.type != "cpu":
        torch.get_device_module(device).synchronize()
