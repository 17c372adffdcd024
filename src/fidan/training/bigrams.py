"""A start that knows which word pieces follow which, before the first step.

Much of what a small model's first steps learn is how often each token follows each other one. That can be counted:
the embedding and the head are fitted to the bigram counts of the run's own first tokens, so that the untrained blocks
between them pass on a bigram model, and the first loss is a bigram model's instead of ln(vocabulary). The fit knows
no more text than the run will see, and costs seconds beside it.

What it leaves out: tied embeddings, whose one matrix cannot be both sides of a pair.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from fidan.model.decoder import Decoder
from fidan.training.batches import Batches

MOST_TOKENS = 20_000_000  # that are counted; more change little, and have to be held as pairs
ITERATIONS = 300
CONTEXTS = 2048  # of an iteration, drawn by their frequency; all of them where there are not more
LEARNING_RATE = 0.03  # of the fit, falling to 0
EMBEDDING_RMS = 0.5  # of the fitted embedding: large beside what the untrained blocks add


@dataclass(frozen=True)
class Bigrams:
    """Counts of pairs as sparse rows: those of context u are at `starts[u]` to `starts[u + 1]`."""

    starts: npt.NDArray[np.int64]  # (V + 1,)
    following: npt.NDArray[np.int64]  # (pairs,)
    counts: npt.NDArray[np.float32]  # (pairs,)

    @property
    def vocabulary(self) -> int:
        """V."""
        return len(self.starts) - 1


def count_bigrams(batches: Batches, sequences: int, vocabulary: int) -> Bigrams:
    """Count the pairs of the run's first sequences.

    Args:
        batches: of the run.
        sequences: how many the run has; at most `MOST_TOKENS` tokens of them are counted.
        vocabulary: V.
    """
    sequences = min(sequences, max(1, MOST_TOKENS // batches.length))
    found: list[npt.NDArray[np.int64]] = []
    for first in range(0, sequences, 1024):
        batch = batches.take(first, min(1024, sequences - first))
        found.append((batch.inputs * vocabulary + batch.labels).flatten().numpy())
    pairs, counts = np.unique(np.concatenate(found), return_counts=True)
    starts = np.searchsorted(pairs, np.arange(vocabulary + 1) * vocabulary)
    return Bigrams(starts, pairs % vocabulary, counts.astype(np.float32))


def start_from_bigrams(model: Decoder, bigrams: Bigrams, seed: int) -> float:
    """Fit the model's embedding and head to the counts, in place.

    Minimises the cross-entropy of softmax(head · norm(embedding)) against the counts, smoothed by Witten and Bell
    (1991): a context with many different followers leaves more to the unigram distribution.

    Args:
        model: with an untied head.
        bigrams: of its vocabulary.
        seed: of the first values and of the contexts drawn.

    Returns:
        The loss of the last iteration, nats a token.
    """
    embedding, head = model.model.embed_tokens.weight, model.lm_head.weight
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(embedding.shape, generator=generator).to(embedding.device).requires_grad_()
    columns = (0.02 * torch.randn(head.shape, generator=generator)).to(head.device).requires_grad_()
    target = _Target(bigrams, embedding.device)
    optimizer = torch.optim.Adam([rows, columns], betas=(0.9, 0.99), fused=True)
    loss = torch.zeros(())
    for iteration in range(ITERATIONS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - iteration / ITERATIONS)
        contexts, probabilities, weights = target.draw(generator)
        logits = torch.nn.functional.rms_norm(rows[contexts], rows.shape[1:], eps=1e-5) @ columns.T
        losses = logits.logsumexp(1) - (probabilities * logits).sum(1)
        loss = (losses * weights).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        embedding.copy_(EMBEDDING_RMS * torch.nn.functional.rms_norm(rows, rows.shape[1:], eps=1e-5))
        head.copy_(columns)
    return float(loss.detach())


class _Target:
    """What the fit is held against: smoothed distributions of some contexts at a time."""

    def __init__(self, bigrams: Bigrams, device: torch.device) -> None:
        self.bigrams, self.device = bigrams, device
        totals = np.add.reduceat(np.append(bigrams.counts, 0.0), bigrams.starts[:-1])
        types = np.diff(bigrams.starts)
        self.totals = torch.from_numpy(np.where(types > 0, totals, 0.0)).float()
        self.types = torch.from_numpy(types).float()
        unigram = np.bincount(bigrams.following, bigrams.counts, minlength=bigrams.vocabulary)
        self.unigram = torch.from_numpy(unigram / unigram.sum()).float().to(device)
        self._all: tuple[Tensor, Tensor, Tensor] | None = None
        if bigrams.vocabulary <= CONTEXTS:  # every iteration has the same ones
            contexts = torch.arange(bigrams.vocabulary, device=device)
            weights = (self.totals / self.totals.sum()).to(device)
            self._all = (contexts, self._probabilities(contexts), weights)

    def draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """(N,) contexts of one iteration, their (N, V) distributions, and (N,) weights that sum to 1."""
        if self._all:
            return self._all
        drawn = torch.multinomial(self.totals, CONTEXTS, replacement=True, generator=generator).to(self.device)
        return drawn, self._probabilities(drawn), torch.full((CONTEXTS,), 1 / CONTEXTS, device=self.device)

    def _probabilities(self, contexts: Tensor) -> Tensor:
        chosen = contexts.cpu()
        starts, ends = (torch.from_numpy(self.bigrams.starts)[chosen + i] for i in (0, 1))
        lengths = ends - starts
        row = torch.repeat_interleave(torch.arange(len(chosen)), lengths)
        place = torch.arange(len(row)) - torch.repeat_interleave(lengths.cumsum(0) - lengths, lengths)
        place += torch.repeat_interleave(starts, lengths)
        mass = (self.totals + self.types)[chosen].clamp(min=1e-9)
        counted = torch.from_numpy(self.bigrams.counts)[place] / mass[row]
        # A context that never came has the unigram distribution.
        rest = torch.where(lengths > 0, self.types[chosen] / mass, 1.0).to(self.device)
        found = rest.unsqueeze(1) * self.unigram
        columns = torch.from_numpy(self.bigrams.following)[place]
        return found.index_put(
            (row.to(self.device), columns.to(self.device)), counted.to(self.device), accumulate=True
        )
