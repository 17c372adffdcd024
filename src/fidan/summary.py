"""The end of a run on one page: what each stage did, the loss curve, samples, and what to do next.

Writes `summary.md` and `loss.png` into the run's folder and shows the same in the terminal. Everything in it is read
from the artifacts, so it can be made again at any time.
"""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from rich.console import Console
from rich.table import Table

from fidan.artifact import Manifest, atomic_write, read_json
from fidan.evaluation.evaluate import PAGE
from fidan.page.text import plus_minus, visible
from fidan.trained import TRAININGS
from fidan.training.log import read_metrics
from fidan.training.trainer import SHAPE

SUMMARY, PLOT = "summary.md", "loss.png"


def write_summary(out: Path, manifests: list[Manifest], console: Console) -> None:
    """Write the page and the plot of a finished run, and print the page."""
    last = next(stage for stage in reversed(TRAININGS) if (out / stage).is_dir())
    plot_losses(read_metrics(out / last), out / PLOT)
    rows = [(m.plan.stage, _duration(m.seconds), describe(m)) for m in manifests]
    samples = read_json(out / "generate" / "samples.json")
    prompts = [sample["prompt"] for sample in samples if "continuation" in sample]
    commands = next_commands(out, prompts[0] if prompts else "Bugün")
    if read_json(out / last / SHAPE)["model"].get("encoder_layers"):
        commands = (commands[0], *commands[2:3] * (out / "export").is_dir())  # the others are of decoders
        samples = [{**sample, "answer": sample["continuation"]} for sample in samples]
    with atomic_write(out / SUMMARY, "w") as file:
        file.write(_page(out, rows, samples, commands))

    table = Table("stage", "time", "result", title=f"{out}", title_justify="left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(f"loss curve: {out / PLOT}", markup=False)
    if (out / "evaluate" / PAGE).is_file():
        console.print(f"evaluation: {out / 'evaluate' / PAGE}", markup=False)
    console.print()
    for sample in samples:
        console.print(f"» {_said(sample)}\n", markup=False, highlight=False)
    console.print("Next:", markup=False)
    for command in commands:
        console.print(f"  {command}", markup=False, highlight=False, soft_wrap=True)


def describe(manifest: Manifest) -> str:
    """What a stage made, in one line."""
    return _DESCRIBE[manifest.plan.stage](dict(manifest.counts))


def next_commands(out: Path, prompt: str) -> tuple[str, ...]:
    """Commands worth trying after a run."""
    return (
        f"fidan generate --model {shlex.quote(str(out))} {shlex.quote(prompt)}",
        f"fidan evaluate {shlex.quote(str(out))}",
        f"fidan verify {shlex.quote(str(out))}",
        "fidan doctor turkish-134m",
        "fidan run turkish-small-cpu --set 'corpus.sources=[\"YOUR-TEXT.txt\"]' --set 'corpus.valid_sources=[]'",
    )


def plot_losses(records: list[dict[str, Any]], path: Path) -> None:
    """Training loss by step, and the held-out one: of text on the right-hand axis, in bits per byte."""
    matplotlib.use("Agg")  # a file, not a window: works without a screen
    from matplotlib import pyplot

    figure, left = pyplot.subplots(figsize=(8, 4.5), dpi=120)
    train = [(r["step"], r["loss"]) for r in records if r["kind"] == "train"]
    judged = [r for r in records if r["kind"] == "valid"]
    of_text = all("bits_per_byte" in r for r in judged)
    valid = [(r["step"], r["bits_per_byte" if of_text else "loss"]) for r in judged]
    left.plot(*zip(*train, strict=True), color="tab:green", linewidth=1, label="training loss")
    left.set_xlabel("step")
    left.set_ylabel("training loss (nats/token)" if of_text else "loss (nats/token)")
    left.grid(alpha=0.3)
    right = left.twinx() if of_text else left
    right.plot(*zip(*valid, strict=True), color="tab:brown", marker="o", markersize=3, label="held out")
    if of_text:
        right.set_ylabel("held out (bits/byte)")
    figure.legend(loc="upper right", bbox_to_anchor=(0.88, 0.88))
    figure.tight_layout()
    with atomic_write(path) as file:
        figure.savefig(file, format="png")
    pyplot.close(figure)


def _page(
    out: Path, rows: list[tuple[str, str, str]], samples: list[dict[str, str]], commands: tuple[str, ...]
) -> str:
    lines = [f"# {out.name}", "", "| stage | time | result |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    lines += ["", f"![loss]({PLOT})", ""]
    lines += [f"[evaluation](evaluate/{PAGE})", ""] if (out / "evaluate" / PAGE).is_file() else []
    lines += ["## Samples", ""]
    for sample in samples:
        text = _said(sample).replace("\n", "\n> ")
        lines += [f"> {text}", ""]
    lines += ["## Next", "", "```sh", *commands, "```", ""]
    return "\n".join(lines)


def _said(sample: dict[str, str]) -> str:
    """A prompt, and the text that goes on from it; or the answer, on a line of its own."""
    return sample["prompt"] + (f"\n{sample['answer']}" if "answer" in sample else sample["continuation"])


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"
    )


def _corpus(c: dict[str, Any]) -> str:
    dropped = sum(tally["documents"] for tally in c["dropped"].values())
    return (
        f"{c['train']['documents']:,} documents ({c['train']['bytes'] / 1e6:,.1f} MB) to train, "
        f"{c['valid']['documents']:,} held out, {dropped:,} dropped"
    )


def _tokenizer(c: dict[str, Any]) -> str:
    return f"{c['vocab_size']:,} pieces, {c['held_out']['bytes_per_token']:.2f} bytes a token on held-out text"


def _pack(c: dict[str, Any]) -> str:
    return f"{c['train']['tokens']:,} tokens to train, {c['valid']['tokens']:,} held out"


def _train(c: dict[str, Any]) -> str:
    return f"{c['parameters']:,} parameters, {c['steps']:,} steps, {c['tokens']:,} tokens ({c['epochs']:.2f} epochs)"


def _finetune(c: dict[str, Any]) -> str:
    told = f"{c['train_pairs']:,} pairs, {c['epochs']:.1f} times, {c['steps']:,} steps"
    return f"{told}, the best after step {c['best_step']:,}" if "best_step" in c else told


def _sft(c: dict[str, Any]) -> str:
    told = f"{c['train_conversations']:,} conversations, {c['epochs']:.1f} times, {c['steps']:,} steps"
    return f"{told}; loss of held-out answers {c['valid_loss_before']:.3f} → {c['best_loss']:.3f}"


def _dpo(c: dict[str, Any]) -> str:
    told = f"{c['train_pairs']:,} pairs, {c['epochs']:.1f} times, {c['steps']:,} steps"
    return f"{told}; loss of held-out pairs {c['best_loss']:.3f} (0.693 before)"


def _evaluate(c: dict[str, Any]) -> str:
    if "questions" in c:
        return (
            f"{c['questions']:,} held-out questions answered: BLEU {c['corpus_bleu']:.1f}, chrF {c['chrf']:.1f}, "
            f"ROUGE-L {c['rouge_l']:.3f}; answers given, accuracy {100 * c['given_accuracy']:.1f}%"
        )
    bits = plus_minus(c["bits_per_byte"], c["bits_per_byte_error"], places=4)
    told = f"{bits} bits/byte on {c['documents']:,} held-out documents"
    if chat := c.get("conversations"):
        told += f", test answers {chat['bits_per_byte_before']:.3f} → {chat['bits_per_byte']:.3f} bits/byte"
    kinds = {"pairs": "minimal pairs", "choices": "multiple choice"}
    for task in c["tasks"]:
        error = None if task["error"] is None else 100 * task["error"]
        told += f", {kinds[task['kind']]} {visible(task['name'])} {plus_minus(100 * task['value'], error, '%', 1)}"
    return told


def _generate(c: dict[str, Any]) -> str:
    return f"{c['samples']} samples" + (f", {c['answers']} answers" if "answers" in c else "")


def _export(c: dict[str, Any]) -> str:
    files = "".join(f", {made['file']}" for made in c["gguf"])
    files += ", CTranslate2" if c.get("ctranslate2") else ""  # older exports have none
    return f"Hugging Face folder, equal in Transformers (logits within {c['max_logit_difference']:.1e}){files}"


_DESCRIBE: dict[str, Callable[[dict[str, Any]], str]] = {
    "corpus": _corpus,
    "tokenizer": _tokenizer,
    "pack": _pack,
    "train": _train,
    "finetune": _finetune,
    "sft": _sft,
    "dpo": _dpo,
    "evaluate": _evaluate,
    "generate": _generate,
    "export": _export,
}
