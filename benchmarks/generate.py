"""Speed of writing: ours against Transformers' `generate` and llama.cpp, one model, one run.

    python benchmarks/generate.py [--folder DIR] [--rounds 5] [--prompt 256] [--new 128] [--batches 1 8]
                                  [--variants NAME ...] [--threads N]

Without a folder the model is the 134M shape with random weights; with one, an exported Hugging Face folder. Each
variant is a process of its own, and they take turns, so that a busy machine slows all alike. All write greedily, the
same number of tokens. Printed of each, medians over the rounds: prompt tokens a second, new tokens a second while
decoding and over the whole call, the ratio to the best of Transformers', and the share of the measured memory speed
that reading the weights once a token takes.

Variants: fidan-fp32, fidan-bf16, fidan-int8 and fidan-eager (fp32 without the compiled loops);
transformers-fp32, transformers-bf16; llama.cpp-F32, -F16, -Q8_0, -Q4_0 and K-quants, with its default settings.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch

from fidan.export.formats import gguf_name, write_gguf_files
from fidan.export.hugging_face import write_folder
from fidan.generation.engine import Engine, TorchEngine
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import ExportConfig, GenerateConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import Weights, open_trained, open_writer

VARIANTS = (
    "fidan-eager", "fidan-fp32", "fidan-bf16", "fidan-int8", "transformers-fp32", "transformers-bf16",
    "llama.cpp-F32", "llama.cpp-F16", "llama.cpp-Q8_0", "llama.cpp-Q4_0",
)  # fmt: skip
Timed = Callable[[Sequence[Sequence[int]], int], tuple[float, float]]
"""Prompts and a number of tokens → seconds of the prompts, seconds of the tokens after the first."""


def make_folder(folder: Path) -> None:
    """The 134M shape with random weights, and a vocabulary of 32,000 made-up pieces."""
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto()
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{i:02X}>" for i in range(256))]
    for i in range(32_000):
        text = pieces[i] if i < len(pieces) else "▁" * (i % 2) + f"{i:x}"
        proto.pieces.add(piece=text, score=-float(i), type=2 if i == 0 else 3 if i < 3 else 6 if i < 259 else 1)
    proto.trainer_spec.model_type, proto.trainer_spec.byte_fallback = 2, True
    proto.normalizer_spec.name, proto.normalizer_spec.remove_extra_whitespaces = "identity", False
    torch.manual_seed(0)
    tokenizer = Tokenizer(proto.SerializeToString())
    write_folder(Decoder(ModelConfig(), 32_000), tokenizer, ExportConfig(), GenerateConfig(), folder)


def engine_timed(engine: Engine) -> Timed:
    """What an engine takes, with nothing around it but the choice of the likeliest."""

    def timed(prompts: Sequence[Sequence[int]], new: int) -> tuple[float, float]:
        began = time.perf_counter()
        decoding = engine.open(prompts, new)
        tokens = decoding.logits.argmax(-1).tolist()
        middle = time.perf_counter()
        for _ in range(new - 1):
            decoding.advance(tokens)
            tokens = decoding.logits.argmax(-1).tolist()
        return middle - began, time.perf_counter() - middle

    return timed


def transformers_timed(folder: Path, dtype: torch.dtype) -> Timed:
    """Transformers' own loop."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()

    def call(batch: torch.Tensor, new: int) -> float:
        began = time.perf_counter()
        model.generate(
            batch, attention_mask=torch.ones_like(batch), do_sample=False, repetition_penalty=1.0,
            min_new_tokens=new, max_new_tokens=new,
        )  # fmt: skip
        return time.perf_counter() - began

    def timed(prompts: Sequence[Sequence[int]], new: int) -> tuple[float, float]:
        batch = torch.tensor(prompts)
        first = call(batch, 1)
        return first, call(batch, new) - first

    return timed


def prepare(name: str, folder: Path, threads: int) -> Timed:
    """A variant, ready to write."""
    torch.set_num_threads(threads)
    maker, _, kind = name.partition("-")
    if maker == "transformers":
        return transformers_timed(folder, {"fp32": torch.float32, "bf16": torch.bfloat16}[kind])
    if maker == "llama.cpp":
        return engine_timed(open_writer(folder.parent / gguf_name("model", kind)).engine)
    if kind == "eager":
        return engine_timed(TorchEngine(open_trained(folder, torch.device("cpu")).model))
    weights: Weights = {"fp32": "float32", "bf16": "bfloat16", "int8": "int8"}[kind]  # type: ignore[assignment]
    return engine_timed(open_writer(folder, "cpu", weights, print).engine)


def worker(pipe: Connection, name: str, folder: Path, threads: int) -> None:
    """Answers each batch of prompts with the seconds it took."""
    timed = prepare(name, folder, threads)
    pipe.send(True)
    while job := pipe.recv():
        pipe.send(timed(*job))


def read_speed() -> float:
    """Bytes a second at which the cores read memory that no cache holds; the best of several."""
    block = torch.ones(1 << 28)
    return max(block.nbytes / took for took in (_seconds(block.sum) for _ in range(5)))


def copy_speed() -> float:
    """Bytes a second read and written by a copy; the best of several."""
    source, target = torch.ones(1 << 27), torch.empty(1 << 27)
    return max(2 * source.nbytes / took for took in (_seconds(lambda: target.copy_(source)) for _ in range(5)))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bytes_a_token(name: str, config: ModelConfig, vocabulary: int, folder: Path) -> float:
    """Bytes of weights that a token reads: every matrix but the embedding."""
    kind = name.partition("-")[2]
    matrices = config.parameters(vocabulary) - (0 if config.tie_embeddings else vocabulary * config.d_model)
    if name.startswith("llama.cpp"):
        return (folder.parent / gguf_name("model", kind)).stat().st_size * matrices / config.parameters(vocabulary)
    return matrices * {"int8": 1, "bf16": 2}.get(kind, 4)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="an exported Hugging Face folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompt", type=int, default=256, help="tokens")
    parser.add_argument("--new", type=int, default=128, help="tokens")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        if arguments.folder:
            folder.symlink_to(arguments.folder.absolute())
        else:
            make_folder(folder)
        kinds = [name.partition("-")[2] for name in arguments.variants if name.startswith("llama.cpp")]
        write_gguf_files(folder, kinds, folder.parent, "model", print)
        compare(arguments.variants, folder, arguments)


def compare(names: list[str], folder: Path, arguments: argparse.Namespace) -> None:
    """Let the variants take turns."""
    context = get_context("spawn")
    pipes: dict[str, Connection] = {}
    processes = []
    for name in names:
        pipes[name], theirs = context.Pipe()
        process = context.Process(target=worker, args=(theirs, name, folder, arguments.threads), daemon=True)
        process.start()
        processes.append(process)
        theirs.close()
        pipes[name].recv()  # one at a time
    opened = open_trained(folder, torch.device("cpu"))
    config, vocabulary = opened.model.config, opened.model.vocabulary
    draws = np.random.default_rng(0)
    speed = read_speed()
    print(
        f"{config.parameters(vocabulary):,} parameters, prompt {arguments.prompt}, {arguments.new} new tokens, "
        f"{arguments.threads} threads; memory read {speed / 1e9:.0f} GB/s, copied {copy_speed() / 1e9:.0f} GB/s"
    )
    for batch in arguments.batches:
        prompts = draws.integers(300, vocabulary, (batch, arguments.prompt)).tolist()
        for pipe in pipes.values():  # once for what is done once
            pipe.send((prompts, 3))
            pipe.recv()
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for _ in range(arguments.rounds):
            for name, pipe in pipes.items():
                pipe.send((prompts, arguments.new))
                times[name].append(pipe.recv())
        report(batch, times, arguments, lambda name: bytes_a_token(name, config, vocabulary, folder) / speed)
    for pipe in pipes.values():
        pipe.send(None)
        with suppress(EOFError):
            pipe.close()
    for process in processes:
        process.join()


def report(
    batch: int,
    times: dict[str, list[tuple[float, float]]],
    arguments: argparse.Namespace,
    least: Callable[[str], float],
) -> None:
    """Print the table of one batch size; `least` says how long reading the weights takes."""
    rows = {}
    for name, seconds in times.items():
        first, rest = (statistics.median(part) for part in zip(*seconds, strict=True))
        whole = statistics.median(sum(one) for one in seconds)
        decoded = batch * (arguments.new - 1) / rest
        rows[name] = (
            batch * arguments.prompt / first,
            decoded,
            batch * arguments.new / whole,
            least(name) * decoded / batch,
        )
    theirs = [row for name, row in rows.items() if name.startswith("transformers")]
    print(
        f"\nbatch {batch:<20} {'prompt/s':>9} {'decode/s':>9} {'ratio':>6} "
        f"{'whole/s':>9} {'ratio':>6} {'of memory':>10}"
    )
    for name, (prompt, decode, whole, share) in rows.items():
        ratios = [
            f"{value / max(row[i] for row in theirs):.2f}" if theirs else "–"
            for i, value in ((1, decode), (2, whole))
        ]
        print(f"{name:<26} {prompt:>9,.0f} {decode:>9.1f} {ratios[0]:>6} {whole:>9.1f} {ratios[1]:>6} {share:>10.0%}")


if __name__ == "__main__":
    main()
