"""Training speed and memory: ours against Transformers' Llama and litgpt, same shape, same batch, one run.

    python benchmarks/train.py [--shape tiny|small|134m] [--rounds 7] [--variants NAME ...] [--device cuda]
                               [--batch N] [--sequence N]

Each variant is a process of its own, and they take turns, so that a busy machine slows all alike; those that wait
only wait. Prints of each: tokens a second (median over rounds), the share of the measured matrix product's speed, the
peak of memory during the steps above what the process held after its imports, and the speed in units of the best
of Transformers'. The last line is the verdict: our best over Transformers' best. All variants are in memory at once.

Ours runs as the trainer does. Theirs is the plain loop: autocast, cross-entropy of all logits, fused AdamW, and the
gradient clipped as ours is. What it leaves out: several devices.
"""

import argparse
import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import torch
from torch.nn import functional as F

from fidan.corpus.config import CorpusConfig, Source
from fidan.export.llama import llama_shape
from fidan.hardware import autocast, compile_problem, has_fast_bf16, peak_flops, pick_device
from fidan.model.config import ModelConfig
from fidan.recipe import Recipe, TrainConfig
from fidan.training.batches import Batch
from fidan.training.distributed import World
from fidan.training.learner import Learner
from fidan.training.objective import Objective

SHAPES = {  # shape, vocabulary, sequence length, sequences
    "tiny": (ModelConfig(d_model=128, n_layers=4, n_heads=4, d_ff=384, context=256), 2000, 256, 16),
    "small": (ModelConfig(d_model=256, n_layers=6, n_heads=4, d_ff=768, context=512), 8000, 512, 8),
    "134m": (ModelConfig(context=1024), 32_000, 1024, 1),
}
MAKERS = ("fidan", "transformers", "litgpt")
OURS = ("mask", "muon", "checkpointed")  # switches of ours that others do not have
BOS = 0  # the id that begins a document
DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
PEAK = Path("/proc/self/clear_refs")  # Linux: writing 5 forgets the peak of memory so far


@dataclass(frozen=True)
class Job:
    """What all variants do alike."""

    config: ModelConfig
    vocabulary: int
    length: int
    rows: int
    device: str


def fidan(job: Job, precision: str, flags: set[str]) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """One step as the trainer takes it."""
    train = TrainConfig(
        tokens=10**9,
        sequence_length=job.length,
        batch_size=job.rows,
        precision=precision,  # type: ignore[arg-type]
        device=job.device,
        compile="compiled" in flags,
        document_mask="mask" in flags,
        optimizer="muon" if "muon" in flags else "adamw",
        activation_checkpointing="checkpointed" in flags,
    )
    recipe = Recipe(train, CorpusConfig((Source("none"),)), name="benchmark", model=job.config)
    objective = partial(Objective, config=train, bos_id=BOS)
    learner = Learner(recipe, train, job.vocabulary, objective, World(), None, {}, lambda model: None, print)
    steps = count()

    def step(inputs: torch.Tensor, labels: torch.Tensor) -> None:
        number = next(steps)
        learner.accumulate(Batch(inputs, labels), 0, labels.numel(), last=True)
        learner.move(number, 1.0)
        learner.watch.outcomes(number if job.device == "cpu" else number - 2)

    return step


def transformers(job: Job, precision: str, flags: set[str]) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """The plain loop around Transformers' model."""
    from transformers import LlamaConfig, LlamaForCausalLM

    model = LlamaForCausalLM(LlamaConfig(**llama_shape(job.config, job.vocabulary))).to(job.device)
    called = torch.compile(model) if "compiled" in flags else model
    return plain_loop(model, lambda inputs: called(inputs, use_cache=False).logits, DTYPES[precision])


def litgpt(job: Job, precision: str, flags: set[str]) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """The plain loop around litgpt's model."""
    from litgpt.config import Config
    from litgpt.model import GPT

    config = job.config
    model = GPT(
        Config(
            block_size=job.length,
            vocab_size=job.vocabulary,
            padded_vocab_size=job.vocabulary,
            n_layer=config.n_layers,
            n_head=config.n_heads,
            n_query_groups=config.kv_heads,
            n_embd=config.d_model,
            intermediate_size=config.d_ff,
            rotary_percentage=1.0,
            parallel_residual=False,
            bias=False,
            norm_class_name="RMSNorm",
            norm_eps=config.norm_eps,
            mlp_class_name="LLaMAMLP",
        )
    ).to(job.device)
    return plain_loop(model, torch.compile(model) if "compiled" in flags else model, DTYPES[precision])


def plain_loop(
    model: torch.nn.Module, logits_of: Callable[..., torch.Tensor], dtype: torch.dtype
) -> Callable[[torch.Tensor, torch.Tensor], None]:
    """A step with the loss of all logits at once."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-4, fused=True)

    def step(inputs: torch.Tensor, labels: torch.Tensor) -> None:
        with autocast(inputs.device, dtype):
            logits = logits_of(inputs)
        F.cross_entropy(logits.float().flatten(0, 1), labels.flatten()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def prepare(name: str, job: Job) -> tuple[Callable[[], None], int]:
    """A variant's step on its own batch, after some that settle it; and the bytes held before it was made."""
    maker, precision, *flags = name.split("-")
    torch.manual_seed(0)
    tokens = torch.randint(1, job.vocabulary, (job.rows, job.length + 1))
    tokens[:, :: max(1, job.length // 4)] = BOS  # four documents a sequence
    tokens = tokens.to(job.device)
    inputs, labels = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()
    importlib.import_module(maker)
    base = psutil.Process().memory_info().rss
    makers = {"fidan": fidan, "transformers": transformers, "litgpt": litgpt}
    step = makers[maker](job, precision, set(flags))
    for _ in range(3):
        step(inputs, labels)
    return lambda: step(inputs, labels), base


def worker(pipe: Connection, name: str, job: Job) -> None:
    """One variant: answers each number of steps it is asked for with their seconds, at last its peak of memory."""
    cuda = job.device.startswith("cuda")
    step, base = prepare(name, job)
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    elif PEAK.exists():
        PEAK.write_text("5", encoding="ascii")
    pipe.send(True)
    while steps := pipe.recv():
        seconds = []
        for _ in range(steps):
            began = time.perf_counter()
            step()
            if cuda:
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - began)
        pipe.send(seconds)
    pipe.send(torch.cuda.max_memory_allocated() if cuda else peak_resident() - base)


def peak_resident() -> int:
    """Bytes this process held at its height."""
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text(encoding="ascii").splitlines() if x.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts in bytes


def variants_here(device: torch.device) -> list[str]:
    """The variants that can run on this machine; says which cannot."""
    names = []
    compiler = compile_problem(device)
    if compiler:
        print(f"without compiled variants: {compiler}")
    for maker in MAKERS:
        if importlib.util.find_spec(maker) is None:
            print(f"without {maker}: it is not installed")
            continue
        for precision in ("bf16", "fp32") if has_fast_bf16(device) else ("fp32",):
            names += [f"{maker}-{precision}"] + ([] if compiler else [f"{maker}-{precision}-compiled"])
    return names


def known(name: str, here: list[str]) -> bool:
    """Whether a variant can run: one of those here, and ours with more switches."""
    maker, precision, *flags = name.split("-")
    plain = "-".join((maker, precision, *(["compiled"] if "compiled" in flags else [])))
    more = set(flags) - {"compiled"}
    return plain in here and (not more or (maker == "fidan" and more <= set(OURS)))


def profile(name: str, job: Job) -> None:
    """Print what a variant's step spends its time on."""
    step, _ = prepare(name, job)
    cuda = job.device.startswith("cuda")
    activities = [torch.profiler.ProfilerActivity.CPU, *([torch.profiler.ProfilerActivity.CUDA] if cuda else [])]
    with torch.profiler.profile(activities=activities) as profiler:
        for _ in range(3):
            step()
    order = "self_cuda_time_total" if cuda else "self_cpu_time_total"
    print(profiler.key_averages().table(sort_by=order, row_limit=25, max_name_column_width=60))


def take_turns(names: list[str], job: Job, rounds: int, steps: int) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds of a step and bytes at the height, of each variant.

    On a GPU one after the other: it is not shared with others, and together they would not fit.
    """
    if job.device.startswith("cuda") and len(names) > 1:
        seconds_of, bytes_of = {}, {}
        for name in names:
            took, held = take_turns([name], job, rounds, steps)
            seconds_of.update(took)
            bytes_of.update(held)
        return seconds_of, bytes_of
    context = get_context("spawn")
    pipes, processes = {}, []
    for name in names:
        pipes[name], theirs = context.Pipe()
        processes.append(context.Process(target=worker, args=(theirs, name, job), daemon=True))
        processes[-1].start()
        theirs.close()
        pipes[name].recv()  # one at a time
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name, pipe in pipes.items():
            pipe.send(steps)
            seconds[name] += pipe.recv()
    peaks = {}
    for name, pipe in pipes.items():
        pipe.send(0)
        peaks[name] = pipe.recv()
    for process in processes:
        process.join()
    return {name: statistics.median(values) for name, values in seconds.items()}, peaks


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=2, help="of a variant each round")
    parser.add_argument("--batch", type=int, help="sequences a step")
    parser.add_argument("--sequence", type=int, help="tokens a sequence")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--variants", nargs="+", help="such as fidan-bf16-compiled transformers-bf16; default: all")
    parser.add_argument("--profile", help="instead: what one variant's step spends its time on")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    arguments = parser.parse_args()
    config, vocabulary, length, rows = SHAPES[arguments.shape]
    length, rows = arguments.sequence or length, arguments.batch or rows
    config = replace(config, context=max(config.context, length))
    device = pick_device(arguments.device)
    job = Job(config, vocabulary, length, rows, str(device))
    names = variants_here(device)
    if asked := [arguments.profile] if arguments.profile else arguments.variants:
        for name in asked:
            if not known(name, names):
                parser.error(f"{name}: here are {', '.join(names)}; fidan's also with {', '.join(OURS)}")
        names = asked
    if arguments.profile:
        profile(arguments.profile, job)
        return
    seconds, memory = take_turns(names, job, arguments.rounds, arguments.steps)
    ceilings = {p: peak_flops(device, d) for p, d in DTYPES.items() if any(p in name for name in names)}
    report(job, arguments.shape, seconds, memory, ceilings, arguments.json)


def report(
    job: Job,
    shape: str,
    seconds: dict[str, float],
    memory: dict[str, int],
    ceilings: dict[str, float],
    file: Path | None,
) -> None:
    """Print the table and the verdict."""
    flops = job.config.flops_per_token(job.vocabulary, job.length)
    speeds = {name: job.rows * job.length / value for name, value in seconds.items()}
    best = {maker: max((s for n, s in speeds.items() if n.startswith(maker)), default=0.0) for maker in MAKERS}
    print(f"{shape}: {job.config.parameters(job.vocabulary):,} parameters, {job.rows} × {job.length} tokens a step")
    print("matrix product: " + ", ".join(f"{p} {c / 1e9:,.0f} GFLOP/s" for p, c in ceilings.items()))
    print(f"{'variant':<28} {'tokens/s':>10} {'of matmul':>10} {'memory, MB':>11} {'ratio':>7}")
    for name, speed in speeds.items():
        share = speed * flops / ceilings[name.split("-")[1]]
        ratio = f"{speed / best['transformers']:.2f}" if best["transformers"] else "–"
        print(f"{name:<28} {speed:>10,.0f} {share:>10.1%} {memory[name] / 1e6:>11,.0f} {ratio:>7}")
    if best["fidan"] and best["transformers"]:
        print(f"verdict: fidan's best : transformers' best = {best['fidan'] / best['transformers']:.2f}")
    if file:
        results: dict[str, Any] = {"tokens_per_second": speeds, "memory_bytes": memory, "ceilings": ceilings}
        file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
