"""What predicted probabilities say of the tokens that came: cross-entropy, perplexity, bits, accuracy, top-k.

Logits and labels are aligned: `logits[b, t]` predicts `labels[b, t]`, and who reads the tokens shifts them. A label
equal to `ignore` counts nowhere. What it leaves out: running a model; for whole documents `fidan.evaluation.heldout`
takes the logits a few rows at a time.
"""

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from fidan.errors import FidanError

IGNORE = -100  # PyTorch's and Transformers' mark of a label that does not count


def cross_entropy(
    logits: Tensor, labels: Tensor, *, ignore: int = IGNORE, reduction: Literal["mean", "sum"] = "mean"
) -> float:
    """−ln p of the labels, in nats: a token ("mean") or in all ("sum").

    Args:
        logits: (B, T, V), of any floating type; computed in fp32, summed in fp64.
        labels: (B, T) ids, or `ignore`.
        ignore: the label that does not count.
        reduction: "mean" over the labels that count, or "sum".

    Raises:
        FidanError: the shapes do not fit, no label counts, a label is no id, or a logit is NaN.
    """
    kept, wanted = _kept(logits, labels, ignore)
    nats = float(F.cross_entropy(kept, wanted, reduction="none").double().sum())
    return nats / len(wanted) if reduction == "mean" else nats


def perplexity(nats: float, tokens: int) -> float:
    """exp(nats / tokens): between how many equally likely tokens the model hesitates; infinite beyond 10^308.

    Compares only models with the same tokenizer.

    Args:
        nats: cross-entropy in all.
        tokens: that were predicted, padding not among them.

    Raises:
        FidanError: no token.
    """
    loss = nats / _positive(tokens, "tokens")
    return math.exp(loss) if loss < 709 else math.inf


def bits_per_byte(nats: float, text_bytes: int) -> float:
    """Bits to write one UTF-8 byte of the text; compares models with different tokenizers.

    Raises:
        FidanError: no byte.
    """
    return nats / math.log(2) / _positive(text_bytes, "bytes")


def bits_per_character(nats: float, characters: int) -> float:
    """Bits to write one character (Unicode code point, in NFC) of the text.

    Raises:
        FidanError: no character.
    """
    return nats / math.log(2) / _positive(characters, "characters")


def ranks(logits: Tensor, labels: Tensor, *, ignore: int = IGNORE) -> Tensor:
    """1 + the number of tokens whose logit is greater than the label's; 1 is the model's first choice.

    Equal logits do not push each other back, so that the rank does not depend on the order of ids, where
    `torch.topk` would pick any of them. A model that finds all tokens equally likely has rank 1 everywhere.

    Args:
        logits: (B, T, V).
        labels: (B, T).
        ignore: the label that does not count.

    Returns:
        (N,) of the N labels that count, row by row.

    Raises:
        FidanError: as `cross_entropy`.
    """
    kept, wanted = _kept(logits, labels, ignore)
    return 1 + (kept > kept.gather(1, wanted[:, None])).sum(1)


def token_accuracy(logits: Tensor, labels: Tensor, *, ignore: int = IGNORE) -> float:
    """The share of labels that are the model's first choice (rank 1); arguments and errors as `ranks`."""
    return top_k_accuracy(logits, labels, 1, ignore=ignore)


def top_k_accuracy(logits: Tensor, labels: Tensor, k: int, *, ignore: int = IGNORE) -> float:
    """The share of labels of rank k or better; arguments and errors as `ranks`.

    Raises:
        FidanError: also where k is below 1.
    """
    if k < 1:
        raise FidanError(f"k = {k}: top-k counts the k likeliest tokens, so take 1 or more.")
    return float((ranks(logits, labels, ignore=ignore) <= k).double().mean())


def _kept(logits: Tensor, labels: Tensor, ignore: int) -> tuple[Tensor, Tensor]:
    """(N, V) fp32 logits and (N,) labels of the places that count."""
    if logits.ndim != 3 or logits.shape[:2] != labels.shape:
        raise FidanError(
            f"Logits of shape {tuple(logits.shape)} and labels of {tuple(labels.shape)}; wanted (B, T, V) and (B, T)."
        )
    counts = labels != ignore
    if not counts.any():
        raise FidanError(f"All {labels.numel()} labels are {ignore}, so there is nothing to measure.")
    kept, wanted = logits[counts].float(), labels[counts]
    if int(wanted.min()) < 0 or int(wanted.max()) >= kept.shape[1]:
        bad = int(wanted[(wanted < 0) | (wanted >= kept.shape[1])][0])
        raise FidanError(f"The label {bad} is no id of a vocabulary of {kept.shape[1]}, and not {ignore} either.")
    if torch.isnan(kept).any():
        raise FidanError("A logit is NaN. The weights are damaged, or too large for their number format.")
    return kept, wanted


def _positive(count: int, what: str) -> int:
    if count <= 0:
        raise FidanError(f"{count} {what}: there is nothing to divide by. Measure a text that is not empty.")
    return count
