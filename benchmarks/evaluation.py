"""Speed of evaluation: ours against lm-evaluation-harness on the exported model, same questions, one run.

    python benchmarks/evaluation.py [--folder DIR] [--text FILE] [--pairs 500] [--documents 20] [--rounds 3]
                                  [--batches 1 8 32] [--device cpu] [--threads N]

Without a folder the model is the 134M shape with random weights; with one, a run's folder or an exported one. The
minimal pairs are the package's own; the documents those of the file, or else the package's, each cut to one window,
so that both read the same. What is timed begins with the texts and ends with their log-likelihoods. First both must
give the same numbers in fp32. Ours runs in fp32, as `fidan evaluate` has pairs, and in bf16
where the processor has it, as it has documents; theirs is `HFLM` in fp32, the format of the folder, with each of the
batch sizes, of which 1 is its default. The variants take turns, and the figures are medians over the rounds.

HFLM imports accelerate, which it never calls with a model that is in memory: where that is not installed, mocks stand
for it. (The file is not called `evaluate`, as that is a package that the harness imports.)
"""

import argparse
import importlib.util
import io
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import torch

from fidan.corpus.synthetic.generator import generate
from fidan.evaluation.grammar import load
from fidan.evaluation.harness_model import HarnessModel
from fidan.evaluation.heldout import held_out_loss
from fidan.evaluation.texts import read_text
from fidan.export.hugging_face import write_folder
from fidan.hardware import autocast, dtype_name, pick_device, pick_precision
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.recipe import ExportConfig, GenerateConfig, TokenizerConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn
from fidan.trained import open_trained

TOLERANCE = 1e-4  # of a log-likelihood, relative
Loglikelihoods = Callable[[], list[float]]


def hflm(folder: Path, device: str = "cpu", **settings: Any) -> Any:
    """The harness's own model class on an exported folder."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    absent = [] if importlib.util.find_spec("accelerate") else ["accelerate", "accelerate.utils"]
    for name in absent:
        sys.modules[name] = Mock()
    try:
        from lm_eval.models.huggingface import HFLM
    finally:
        for name in absent:
            del sys.modules[name]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).to(device)
    # Its defaults for writing stand above what a task asks for.
    model.generation_config.max_new_tokens = None
    return HFLM(pretrained=model, tokenizer=AutoTokenizer.from_pretrained(folder), **settings)


def ask(kind: str, *arguments: Any) -> Any:
    """A request as the harness makes them."""
    from lm_eval.api.instance import Instance

    return Instance(kind, {}, arguments, 0)


def random_model(device: torch.device) -> tuple[Decoder, Tokenizer]:
    """The 134M shape with random weights, and a tokenizer that knows the made-up text; its last rows are unused."""
    sentences = Sentences([document.text for document in generate(3, 2_000_000)])
    tokenizer = Tokenizer(learn(sentences, TokenizerConfig(vocab_size=4000)))
    torch.manual_seed(0)
    return Decoder(ModelConfig(), 32_000).to(device).eval(), tokenizer


def spread(items: Sequence[Any], count: int) -> list[Any]:
    """So many of them, evenly spread."""
    return list(items[:: max(1, len(items) // count)][:count])


def cut(tokenizer: Tokenizer, texts: Sequence[str], context: int) -> list[str]:
    """Texts, each cut to what one window holds."""
    found = []
    for text in texts:
        ids = tokenizer.encode(text)[: context - 2]
        shorter = tokenizer.decode(ids)
        if tokenizer.encode(shorter) == ids:  # where the cut does not part what belongs together
            found.append(shorter)
    return found


class Ours:
    """The package, as the harness's model class for pairs, and as it is for documents."""

    def __init__(self, model: Decoder, tokenizer: Tokenizer) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.device = model.lm_head.weight.device

    def pairs(self, requests: Sequence[Any], dtype: torch.dtype = torch.float32) -> list[float]:
        """Log-likelihoods of single sentences."""
        harness = HarnessModel(self.model, self.tokenizer, autocast(self.device, dtype), SilentReporter())
        return [value for value, _ in harness.loglikelihood(list(requests))]

    def documents(self, texts: Sequence[str], dtype: torch.dtype = torch.float32) -> list[float]:
        """Log-likelihoods of documents, `<s>` given and `</s>` not asked for."""
        ids = [np.array(self.tokenizer.encode(text, bos=True), np.int64) for text in texts]
        sized = [(one, len(text.encode())) for one, text in zip(ids, texts, strict=True)]
        context = self.model.config.context
        with_format = autocast(self.device, dtype)
        found = held_out_loss(self.model, sized, stride=context, autocast=with_format, reporter=SilentReporter())
        return [-float(value) for value in found.nats]


class Theirs:
    """HFLM with a batch size."""

    def __init__(self, model: Any, batch: int) -> None:
        self.model, self.batch = model, batch

    def pairs(self, requests: Sequence[Any]) -> list[float]:
        """As ours."""
        self.model.batch_size_per_gpu = self.batch
        with redirect_stderr(io.StringIO()):
            return [value for value, _ in self.model.loglikelihood(list(requests), disable_tqdm=True)]

    def documents(self, texts: Sequence[str]) -> list[float]:
        """As ours."""
        self.model.batch_size_per_gpu = self.batch
        with redirect_stderr(io.StringIO()):
            return list(self.model.loglikelihood_rolling([ask("loglikelihood_rolling", text) for text in texts]))


def compare(name: str, ours: Sequence[float], theirs: Sequence[float]) -> None:
    """Stop where two lists of log-likelihoods differ."""
    worst = max(abs(a - b) / abs(b) for a, b in zip(ours, theirs, strict=True))
    total = abs(math.fsum(ours) - math.fsum(theirs)) / abs(math.fsum(theirs))
    print(f"{name}: {len(ours):,} log-likelihoods, sum {math.fsum(ours):,.1f} and {math.fsum(theirs):,.1f}; ", end="")
    print(f"largest relative difference {worst:.1e}, of the sums {total:.1e}")
    if max(worst, total) > TOLERANCE:
        sys.exit(f"{name}: the two do not give the same numbers, so their times are not compared.")


def measure(name: str, unit: str, count: int, variants: dict[str, Loglikelihoods], rounds: int) -> None:
    """Let the variants take turns, and print their table."""
    times: dict[str, list[float]] = {variant: [] for variant in variants}
    for _ in range(rounds):
        for variant, work in variants.items():
            began = time.perf_counter()
            work()
            times[variant].append(time.perf_counter() - began)
    seconds = {variant: statistics.median(taken) for variant, taken in times.items()}
    ours = [variant for variant in variants if variant.startswith("fidan")]
    theirs = [variant for variant in variants if variant not in ours]
    print(f"\n{name + ', ' + unit + '/s':<36} {'median':>9} {'fastest':>9} {'slowest':>9} {'seconds':>9}")
    for variant, taken in times.items():
        speeds = [count / value for value in (seconds[variant], min(taken), max(taken))]
        print(f"{variant:<36} " + " ".join(f"{speed:>9.2f}" for speed in speeds) + f" {seconds[variant]:>9.2f}")
    for variant in ours:
        ratios = ", ".join(f"{seconds[other] / seconds[variant]:.2f} × {other}" for other in theirs)
        print(f"{variant}: {ratios}")


def main() -> None:
    """Check, measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="a run's folder, or an exported one")
    parser.add_argument("--text", type=Path, help="documents, as `fidan evaluate --text` takes them")
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32], help="of theirs, tried in turn")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as place:
        run(arguments, Path(place) / "hugging_face")


def run(arguments: argparse.Namespace, folder: Path) -> None:
    """Check, measure and print the tables; the exported model goes to `folder`."""
    device = pick_device(arguments.device)
    if arguments.folder:
        opened = open_trained(arguments.folder, device)
        model, tokenizer = opened.model, opened.tokenizer
    else:
        model, tokenizer = random_model(device)
    write_folder(model, tokenizer, ExportConfig(dtype="float32"), GenerateConfig(), folder)
    chosen = spread(load(), arguments.pairs)
    requests = [ask("loglikelihood", "", text) for pair in chosen for text in (pair.good, pair.bad)]
    documents = read_text(arguments.text).documents if arguments.text else list(generate(7, 2_000_000))
    texts = cut(tokenizer, [one.text for one in spread(documents, arguments.documents)], model.config.context)
    tokens = sum(len(tokenizer.encode(text)) for text in texts)
    print(
        f"{model.parameter_count():,} parameters, context {model.config.context}, {device.type}, "
        f"{arguments.threads} threads; {len(chosen):,} pairs, {len(texts)} documents of {tokens:,} tokens"
    )
    ours = Ours(model, tokenizer)
    # Where they add `<s>` themselves, a text in windows begins with two.
    model_of_theirs = hflm(folder, device.type, add_bos_token=False)
    theirs = {f"lm-eval, batch {batch}": Theirs(model_of_theirs, batch) for batch in arguments.batches}
    first = next(iter(theirs.values()))
    compare("minimal pairs", ours.pairs(requests), first.pairs(requests))
    compare("documents", ours.documents(texts), first.documents(texts))
    scored: dict[str, Loglikelihoods] = {"fidan, float32": lambda: ours.pairs(requests)}
    read: dict[str, Loglikelihoods] = {"fidan, float32": lambda: ours.documents(texts)}
    fast = pick_precision("auto", device)
    if fast != torch.float32:
        scored[f"fidan, {dtype_name(fast)}"] = lambda: ours.pairs(requests, fast)
        read[f"fidan, {dtype_name(fast)}"] = lambda: ours.documents(texts, fast)
    for name, their in theirs.items():
        scored[name] = lambda their=their: their.pairs(requests)  # type: ignore[misc]
        read[name] = lambda their=their: their.documents(texts)  # type: ignore[misc]
    if chosen:
        measure("minimal pairs", "pairs", len(chosen), scored, arguments.rounds)
    if texts:
        measure("held-out loss", "tokens", tokens, read, arguments.rounds)


if __name__ == "__main__":
    main()
