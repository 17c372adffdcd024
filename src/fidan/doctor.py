"""What this machine can do, and what a recipe will cost on it.

The cost is not guessed from data sheets: training steps of the recipe's own model are timed here, compiled where the
recipe compiles (on a CPU with fewer sequences, so that it takes seconds). Memory is computed first
(`fidan.training.memory`); a recipe that does not fit is not timed, and the settings that would make it fit are named.
What it leaves out: checkpoints and samples, which take little time, training on several devices, and a fine-tuning,
whose pairs are not read here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import psutil
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
from fidan.page.text import listing
from fidan.recipe import Recipe
from fidan.training.batches import Batch
from fidan.training.distributed import World
from fidan.training.learner import Learner
from fidan.training.memory import Memory, framework_bytes, training_memory
from fidan.training.objective import Objective

PROBE_TOKENS = 4096  # at most this many in a timed step
PROBE_SECONDS = 5.0  # steps are timed for so long
LEAST_STEPS = 2  # and at least so many of them, after one that warms up
ENOUGH_STEPS = 100  # of which the median is steady; those of a tiny model are done in less time
TOKEN_BYTES_ON_DISK = 2


@dataclass(frozen=True)
class Cost:
    """What training a recipe takes on this machine."""

    parameters: int
    flops_per_token: int
    tokens: int
    valid_tokens: int  # of all validations on the way together
    memory: Memory
    framework_bytes: int  # PyTorch itself
    free_bytes: int  # of memory, besides what PyTorch itself takes
    savings: list[tuple[str, int]]  # settings that take less memory, and how much it is then; empty when it fits
    disk_bytes: int
    tokens_per_second: float | None  # None: it does not fit, so it was not timed
    mfu: float | None
    tunings: tuple[str, ...] = ()  # trainings that follow, which are not counted

    @property
    def flops(self) -> float:
        """Floating-point operations of the whole run."""
        return float(self.flops_per_token) * self.tokens

    @property
    def hours(self) -> float | None:
        """Of training with its validations, whose forward pass is a third of a step's work."""
        if self.tokens_per_second is None:
            return None
        return (self.tokens + self.valid_tokens / 3) / self.tokens_per_second / 3600


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


def estimate(recipe: Recipe, say: Callable[[str], None]) -> Cost:
    """Compute what the recipe takes, and time its steps here if it fits; `say` is told what does not work."""
    config, train, vocabulary = recipe.model, recipe.train, recipe.tokenizer.vocab_size
    device = pick_device(train.device)
    dtype = pick_precision(train.precision, device)
    framework = framework_bytes(train, device, dtype)
    memory, free = training_memory(recipe, device, dtype), _free_bytes(device)
    fits = memory.total <= free
    speed = _tokens_per_second(recipe, device, say) if fits else None
    flops = _flops_per_token(recipe)
    parameters = config.parameters(vocabulary)
    return Cost(
        parameters=parameters,
        flops_per_token=flops,
        tokens=train.steps * train.tokens_per_step,
        valid_tokens=-(-train.steps // train.valid_every) * train.valid_tokens,
        memory=memory,
        framework_bytes=framework,
        free_bytes=free,
        savings=[] if fits else savings(recipe, device, dtype, free),
        disk_bytes=train.tokens * TOKEN_BYTES_ON_DISK + (train.keep_checkpoints + 2) * 12 * parameters,
        tokens_per_second=speed,
        mfu=speed * flops / peak_flops(device, dtype) if speed else None,
        tunings=tuple(name for name in recipe.trainings if name != "train"),
    )


def _flops_per_token(recipe: Recipe) -> int:
    """Of training: on one token of the text, whatever of it is read and what written."""
    config, train, vocabulary = recipe.model, recipe.train, recipe.tokenizer.vocab_size
    if not config.encoder_layers:
        return config.flops_per_token(vocabulary, train.sequence_length)
    written = config.flops_per_token(vocabulary, train.target_length, train.source_length)
    return written * train.target_length // train.sequence_length


def savings(recipe: Recipe, device: torch.device, dtype: torch.dtype, free: int) -> list[tuple[str, int]]:
    """Settings that make a recipe fit into `free` bytes, and what it holds with them; the gentlest first.

    A batch is cut and accumulated, which takes longer but learns the same. If nothing makes it fit, the last line
    says what it takes with everything tried.
    """
    train, found = recipe.train, []
    for checkpointing in dict.fromkeys((train.activation_checkpointing, True)):
        size = train.batch_size
        while True:
            factor = train.batch_size // size
            changed = replace(
                train,
                batch_size=size,
                accumulate=train.accumulate * factor,
                activation_checkpointing=checkpointing,
            )
            total = training_memory(replace(recipe, train=changed), device, dtype).total
            last = size % 2 != 0
            if total <= free or (last and checkpointing):
                told = [f"--set train.batch_size={size} --set train.accumulate={changed.accumulate}"] * (factor > 1)
                told += ["--set train.activation_checkpointing=true"] * (
                    checkpointing != train.activation_checkpointing
                )
                found.append((" ".join(told) or "as it is", total))
                break
            if last:
                break
            size //= 2
    return found


def cost_table(cost: Cost) -> list[tuple[str, str]]:
    """The cost, as rows of a table."""
    memory = cost.memory
    parts = {
        "weights": memory.weights,
        "their average": memory.average,
        "optimizer": memory.optimizer,
        "activations and gradients": memory.work,
        "loss": memory.loss,
        "compiler": memory.compiler,
    }
    rows = [
        ("parameters", f"{cost.parameters:,}"),
        ("FLOPs a token", f"{cost.flops_per_token:,}"),
        ("tokens", f"{cost.tokens:,}"),
        ("FLOPs in all", f"{cost.flops:.3g}"),
        ("memory to train", f"{_gib(memory.total)} GiB, and {_gib(cost.framework_bytes)} for PyTorch itself"),
        ("of that", ", ".join(f"{name} {_gib(size)}" for name, size in parts.items() if size)),
        ("disk for tokens and checkpoints", f"{_gib(cost.disk_bytes)} GiB"),
    ]
    if cost.tokens_per_second is None or cost.hours is None or cost.mfu is None:
        rows.append(("does not fit", f"{_gib(cost.free_bytes)} GiB are free here, so no step was timed"))
        for change, total in cost.savings:
            fits = "fits" if total <= cost.free_bytes else "does not fit either; a smaller model, or more memory"
            rows.append((f"with {_gib(total)} GiB", f"{change}: {fits}"))
        return rows
    days = f" ({cost.hours / 24:,.1f} days)" if cost.hours > 48 else ""
    speed = f"{cost.tokens_per_second:,.0f} tokens/s measured, {100 * cost.mfu:.0f}% of the matrix product"
    rows += [("speed", speed), ("hours of training", f"{cost.hours:,.2f}{days}, validations included")]
    return [*rows, ("not counted", f"the tuning after it: {listing(cost.tunings)}")] if cost.tunings else rows


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f}"


def _free_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)  # an Apple GPU shares it


def _tokens_per_second(recipe: Recipe, device: torch.device, say: Callable[[str], None]) -> float:
    """Time the passes of one batch and the optimizer's move apart, since a step may have many of the former."""
    train, vocabulary = recipe.train, recipe.tokenizer.vocab_size
    limit = train.batch_size if device.type == "cuda" else max(1, PROBE_TOKENS // train.sequence_length)
    rows = min(train.batch_size, limit)
    objective = partial(Objective, config=train, bos_id=0)
    learner = Learner(recipe, train, vocabulary, objective, World(), None, {}, lambda model: None, say)
    size = rows * train.sequence_length
    batch = _batch(recipe, rows, device)
    passes: list[float] = []
    update: list[float] = []
    until = 0.0
    while len(passes) < 1 + LEAST_STEPS or (len(passes) < 1 + ENOUGH_STEPS and time.perf_counter() < until):
        began = time.perf_counter()
        learner.accumulate(batch, 0, batch.labels.numel(), last=True)
        _wait(device)
        between = time.perf_counter()
        learner.move(len(passes), 1.0)
        _wait(device)
        passes.append(between - began)
        update.append(time.perf_counter() - between)
        if len(passes) == 1:  # it warmed up, and compiled
            until = time.perf_counter() + PROBE_SECONDS
    step_tokens = train.tokens_per_step
    return step_tokens / (median(passes[1:]) * step_tokens / size + median(update[1:]))


def _batch(recipe: Recipe, rows: int, device: torch.device) -> Batch:
    def ids(length: int) -> torch.Tensor:
        return torch.randint(recipe.tokenizer.vocab_size, (rows, length), device=device)

    if not recipe.model.encoder_layers:
        tokens = ids(recipe.train.sequence_length)
        return Batch(tokens, tokens)
    target = ids(recipe.train.target_length)
    return Batch(target, target, ids(recipe.train.source_length))


def _wait(device: torch.device) -> None:
    if device.type != "cpu":
        torch.get_device_module(device).synchronize()
