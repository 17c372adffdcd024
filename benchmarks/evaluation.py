"""Speed of evaluation: ours against lm-evaluation-harness on the exported model, same questions, one run.

    python benchmarks/evaluation.py [--folder DIR] [--pairs 500] [--documents 20] [--rounds 3] [--batches 1 8 32]
                                  [--dtype float32] [--device cpu] [--threads N]

Without a folder the model is the 134M shape with random weights; with one, a run's folder or an exported one. The
minimal pairs are sentences that the package makes, with one word put in another's place; the documents are its pages,
laid together up to three contexts long and cut to whole windows, so that both read the same windows (the stride is
the context). What is timed begins with the texts and ends with their log-likelihoods. First both must give the same
numbers in fp32. Theirs is `HFLM` with each of the batch sizes; the variants take turns, the figures are medians over
the rounds, and the ratio is theirs at its best batch size.

HFLM imports accelerate, which it never calls with a model that is in memory: where that is not installed, mocks stand
for it. (The file is not called `evaluate`, as that is a package that the harness imports.)
"""

import argparse
import importlib.util
import io
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import torch

from fidan import turkish
from fidan.corpus.synthetic.generator import generate
from fidan.evaluation.harness_model import HarnessModel
from fidan.evaluation.heldout import held_out_loss
from fidan.export.hugging_face import write_folder
from fidan.hardware import autocast, pick_device
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.recipe import ExportConfig, GenerateConfig, TokenizerConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn
from fidan.trained import open_trained

TOLERANCE = 1e-4  # of a log-likelihood, relative
Loglikelihoods = Callable[[], list[float]]


def hflm(folder: Path, dtype: torch.dtype = torch.float32, device: str = "cpu", **settings: Any) -> Any:
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
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).to(device)
    # Its defaults for writing stand above what a task asks for.
    model.generation_config.max_new_tokens = None
    return HFLM(pretrained=model, tokenizer=AutoTokenizer.from_pretrained(folder), **settings)


def ask(kind: str, *arguments: Any) -> Any:
    """A request as the harness makes them."""
    from lm_eval.api.instance import Instance

    return Instance(kind, {}, arguments, 0)


def random_model(device: torch.device, dtype: torch.dtype) -> tuple[Decoder, Tokenizer]:
    """The 134M shape with random weights, and a tokenizer that knows the made-up text; its last rows are unused."""
    sentences = Sentences([document.text for document in generate(3, 2_000_000)])
    tokenizer = Tokenizer(learn(sentences, TokenizerConfig(vocab_size=4000)))
    torch.manual_seed(0)
    return Decoder(ModelConfig(), 32_000).to(device, dtype).eval(), tokenizer


def minimal_pairs(count: int) -> list[tuple[str, str]]:
    """Sentences of at least four words, and the same with one word changed for another sentence's."""
    draw, pairs = random.Random(0), []
    texts = (document.text for document in generate(1, 1000 * count))
    sentences = [s for text in texts for s in turkish.split_sentences(text) if 4 <= len(s.split()) <= 20]
    for sentence in sentences[:count]:
        words = sentence.split()
        words[draw.randrange(len(words))] = draw.choice(draw.choice(sentences).split())
        pairs.append((sentence, " ".join(words)))
    return pairs


def whole_windows(tokenizer: Tokenizer, context: int, count: int) -> list[str]:
    """Documents of up to three contexts that end where a window does, as far as they are longer than one."""
    draw, found = random.Random(0), []
    pages = _pages()
    while len(found) < count:
        wanted = draw.randint(context // 4, 3 * context)
        text = next(pages)
        while len(ids := tokenizer.encode(text)) < wanted:
            text += "\n" + next(pages)
        ids = ids[: wanted // context * context or wanted]
        text = tokenizer.decode(ids)
        if tokenizer.encode(text) == ids:  # where the cut does not part what belongs together
            found.append(text)
    return found


def _pages() -> Iterator[str]:
    seed = 10
    while True:
        yield from (document.text for document in generate(seed, 1_000_000))
        seed += 1


class Ours:
    """The package, as the harness's model class for pairs, and as it is for documents."""

    def __init__(self, model: Decoder, tokenizer: Tokenizer) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.exact = autocast(torch.device("cpu"), torch.float32)  # the weights have the format
        self.harness = HarnessModel(model, tokenizer, self.exact, SilentReporter())

    def pairs(self, requests: Sequence[Any]) -> list[float]:
        """Log-likelihoods of single sentences."""
        return [value for value, _ in self.harness.loglikelihood(list(requests))]

    def documents(self, texts: Sequence[str]) -> list[float]:
        """Log-likelihoods of documents, `<s>` given and `</s>` not asked for."""
        ids = [np.array(self.tokenizer.encode(text, bos=True), np.int64) for text in texts]
        sized = [(one, len(text.encode())) for one, text in zip(ids, texts, strict=True)]
        context = self.model.config.context
        found = held_out_loss(self.model, sized, stride=context, autocast=self.exact, reporter=SilentReporter())
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
    """Let the variants take turns, and print their table; the first is ours."""
    times: dict[str, list[float]] = {variant: [] for variant in variants}
    for _ in range(rounds):
        for variant, work in variants.items():
            began = time.perf_counter()
            work()
            times[variant].append(time.perf_counter() - began)
    seconds = {variant: statistics.median(taken) for variant, taken in times.items()}
    ours, *others = seconds
    best = min(others, key=seconds.__getitem__)
    print(f"\n{name + ', ' + unit + '/s':<36} {'median':>9} {'fastest':>9} {'slowest':>9} {'seconds':>9}")
    for variant, taken in times.items():
        speeds = [count / value for value in (seconds[variant], min(taken), max(taken))]
        print(f"{variant:<36} " + " ".join(f"{speed:>9.2f}" for speed in speeds) + f" {seconds[variant]:>9.2f}")
    print(f"{ours} is {seconds[best] / seconds[ours]:.2f} times as fast as {best}")


def main() -> None:
    """Check, measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="a run's folder, or an exported one")
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32], help="of theirs, tried in turn")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32", help="of the weights of both")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as place:
        run(arguments, Path(place) / "hugging_face")


def run(arguments: argparse.Namespace, folder: Path) -> None:
    """Check, measure and print the tables; the exported model goes to `folder`."""
    device, dtype = pick_device(arguments.device), getattr(torch, arguments.dtype)
    if arguments.folder:
        opened = open_trained(arguments.folder, device)
        model, tokenizer = opened.model, opened.tokenizer
    else:
        model, tokenizer = random_model(device, torch.float32)
    write_folder(model, tokenizer, ExportConfig(dtype="float32"), GenerateConfig(), folder)
    sentences = [text for pair in minimal_pairs(arguments.pairs) for text in pair]
    requests = [ask("loglikelihood", "", text) for text in sentences]
    texts = whole_windows(tokenizer, model.config.context, arguments.documents)
    tokens = sum(len(tokenizer.encode(text)) for text in texts)
    print(
        f"{model.parameter_count():,} parameters, context {model.config.context}, {arguments.dtype}, "
        f"{device.type}, {arguments.threads} threads; {len(sentences):,} sentences, "
        f"{len(texts)} documents of {tokens:,} tokens"
    )
    ours = Ours(model, tokenizer)
    # Where they add `<s>` themselves, a text in windows begins with two.
    exact = Theirs(hflm(folder, torch.float32, device.type, add_bos_token=False), max(arguments.batches))
    compare("minimal pairs", ours.pairs(requests), exact.pairs(requests))
    compare("documents", ours.documents(texts), exact.documents(texts))
    del exact
    ours = Ours(model.to(dtype), tokenizer)
    model_of_theirs = hflm(folder, dtype, device.type, add_bos_token=False)
    theirs = {batch: Theirs(model_of_theirs, batch) for batch in arguments.batches}
    pairs: dict[str, Loglikelihoods] = {"fidan": lambda: ours.pairs(requests)}
    documents: dict[str, Loglikelihoods] = {"fidan": lambda: ours.documents(texts)}
    for batch, their in theirs.items():
        pairs[f"lm-evaluation-harness, batch {batch}"] = lambda their=their: their.pairs(requests)  # type: ignore[misc]
        documents[f"lm-evaluation-harness, batch {batch}"] = lambda their=their: their.documents(texts)  # type: ignore[misc]
    measure("minimal pairs", "pairs", arguments.pairs, pairs, arguments.rounds)
    measure("held-out loss", "tokens", tokens, documents, arguments.rounds)


if __name__ == "__main__":
    main()
