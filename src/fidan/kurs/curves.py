"""The course of a training as a picture with Turkish axes, from its `metrics.jsonl`."""

from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from fidan.training.log import read_metrics


def kayip_egrisi(klasor: Path, ax: Any = None) -> Any:
    """Draw the loss of the training and, of text, the bits a byte of what was held out.

    Args:
        klasor: of a training stage: `runs/demo/train`.
        ax: where to draw; None: on a figure of its own.

    Returns:
        The axes.

    Raises:
        ValueError: nothing was trained there.
    """
    records = read_metrics(klasor)
    train = [(r["step"], r["loss"]) for r in records if r["kind"] == "train"]
    valid = [(r["step"], r["bits_per_byte"]) for r in records if r["kind"] == "valid" and "bits_per_byte" in r]
    if not train:
        raise ValueError(f"{klasor}: burada bir eğitim yok. Bir çalıştırmanın train klasörünü verin.")
    if ax is None:
        _, ax = plt.subplots(figsize=(7, 3.2))
    lines = ax.plot(*zip(*train, strict=True), color="#2e7d32", linewidth=1.2, label="eğitim kaybı (solda)")
    ax.set_xlabel("adım")
    ax.set_ylabel("kayıp (token başına nat)")
    if valid:
        right = ax.twinx()
        label = "ayrılmış metin (sağda)"
        lines += right.plot(*zip(*valid, strict=True), color="#ef6c00", marker="o", markersize=4, label=label)
        right.set_ylabel("bayt başına bit")
        right.set_ylim(bottom=0)
        right.yaxis.set_major_formatter(lambda value, _: f"{value:.2f}".replace(".", ","))
        right.spines["right"].set_visible(True)
    ax.set_ylim(bottom=0)
    ax.legend(handles=lines, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax
