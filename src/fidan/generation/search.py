"""Beam search: of all continuations the likeliest that a bounded search finds.

At each step every beam is extended by every token and the best are kept; a beam that ends leaves the search with its
log-probability divided by its length ** `length_penalty` as its score. The rules and their order are those of
Transformers' search with `early_stopping=False`, so that the same settings give the same text. What it leaves out:
sampling among beams.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from fidan.generation.engine import Engine
from fidan.generation.penalties import History
from fidan.generation.sampling import check_finite
from fidan.recipe import GenerateConfig


@dataclass(frozen=True)
class Hypothesis:
    """A finished continuation: ids without the closing one, score, and why it ended."""

    ids: list[int]
    score: float
    finish: Literal["end", "length", "context"]


def beam_search(
    engine: Engine,
    prompt: Sequence[int],
    config: GenerateConfig,
    ends: Sequence[int],
    vocabulary: int | None = None,
) -> list[Hypothesis]:
    """The best texts for `prompt`, at most `config.beams`, the best first.

    Args:
        engine: the model.
        prompt: ids, as `check_prompts` wants them.
        config: beams, length penalty, penalties, max_new_tokens.
        ends: ids that end a text.
        vocabulary: how many of the model's ids stand for text; None: all.

    Raises:
        LogitsError: the model gave a logit that is not finite.
    """
    begun = engine.beginning(prompt)
    beams, room = config.beams, min(config.max_new_tokens, engine.context + 1 - len(begun))
    full: Literal["length", "context"] = "length" if room == config.max_new_tokens else "context"
    size = vocabulary or engine.vocabulary
    decoding = engine.open([prompt], room, beams)
    history = History(config, [begun], size, decoding.logits.device)
    running, texts = [0.0], [list[int]()]
    finished: list[Hypothesis] = []
    for length in range(1, room + 1):
        place = f"token {len(begun) + length:,}"
        logits = decoding.logits[:, :size]
        check_finite(logits, [place] * len(texts))
        scores = history.apply(logits.log_softmax(-1))
        scores = scores + torch.tensor(running, device=scores.device)[:, None]
        best = scores.flatten().topk(min((1 + max(1, len(ends))) * beams, scores.numel()))
        rows, tokens, kept = list[int](), list[int](), list[float]()
        for rank, (score, flat) in enumerate(zip(best.values.tolist(), best.indices.tolist(), strict=True)):
            row, token = divmod(flat, size)
            ended = token in ends
            if ended or length == room:
                if rank < beams:  # an end that is not among the best extensions is no candidate
                    ids = texts[row] if ended else [*texts[row], token]
                    score /= length**config.length_penalty
                    finished.append(Hypothesis(ids, score, "end" if ended else full))
            elif len(rows) < beams and score > -torch.inf:
                rows.append(row)
                tokens.append(token)
                kept.append(score)
        finished = sorted(finished, key=lambda one: -one.score)[:beams]
        if not rows or (len(finished) == beams and kept[0] / length**config.length_penalty <= finished[-1].score):
            break
        texts = [[*texts[row], token] for row, token in zip(rows, tokens, strict=True)]
        running = kept
        decoding.select(rows)
        history.select(rows)
        history.note(tokens)
        decoding.advance(tokens)
    return finished
