"""What the text so far does to the next token's logits: penalties for repeating, and n-grams that may not recur.

Everything here depends on a row's history; what depends on the logits alone is in `sampling`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from fidan.recipe import GenerateConfig


def penalise_repetition(logits: Tensor, seen: Tensor, penalty: float) -> Tensor:
    """Divide the positive and multiply the negative logits of tokens already there (CTRL, arXiv 1909.05858).

    Args:
        logits: (B, V).
        seen: (B, V) booleans.
        penalty: above 1 makes repeating rarer.
    """
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


class History:
    """The rows' tokens so far, and the rules that look at them.

    Args:
        config: the rules' settings.
        prompts: ids of each row.
        vocabulary: V.
        device: where the logits are.
    """

    def __init__(
        self, config: GenerateConfig, prompts: Sequence[Sequence[int]], vocabulary: int, device: torch.device
    ) -> None:
        self._config = config
        self._seen: Tensor | None = None
        self._counts: Tensor | None = None
        self._ngrams: list[_Ngrams] | None = None
        shape = (len(prompts), vocabulary)
        if config.repetition_penalty != 1.0:
            self._seen = torch.zeros(shape, dtype=torch.bool, device=device)
            for row, prompt in enumerate(prompts):
                self._seen[row, torch.tensor(list(prompt), device=device)] = True
        if config.frequency_penalty or config.presence_penalty:
            self._counts = torch.zeros(shape, device=device)
        if config.no_repeat_ngram:
            self._ngrams = [_Ngrams(config.no_repeat_ngram, prompt) for prompt in prompts]

    def joined(self, other: "History") -> "History":
        """Rows of the same rules after these."""
        if self._seen is not None and other._seen is not None:
            self._seen = torch.cat([self._seen, other._seen])
        if self._counts is not None and other._counts is not None:
            self._counts = torch.cat([self._counts, other._counts])
        if self._ngrams is not None and other._ngrams is not None:
            self._ngrams += other._ngrams
        return self

    def apply(self, logits: Tensor) -> Tensor:
        """(B, V) logits → the same after every rule that is on."""
        config = self._config
        if self._seen is not None:
            logits = penalise_repetition(logits, self._seen, config.repetition_penalty)
        if self._counts is not None:
            # As in OpenAI's API, where the prompt does not count.
            logits = logits - config.frequency_penalty * self._counts
            logits = logits - config.presence_penalty * (self._counts > 0)
        if self._ngrams is not None:
            logits = logits.clone()
            for row, ngrams in enumerate(self._ngrams):
                banned = ngrams.banned()
                if len(banned) >= logits.shape[1]:
                    continue  # nothing else is left to write
                logits[row, list(banned)] = -torch.inf
        return logits

    def note(self, tokens: Sequence[int]) -> None:
        """One more token in each row."""
        if self._seen is None and self._counts is None and self._ngrams is None:
            return
        table = self._seen if self._seen is not None else self._counts
        if table is not None:
            rows, index = torch.arange(len(tokens), device=table.device), torch.tensor(tokens, device=table.device)
            if self._seen is not None:
                self._seen[rows, index] = True
            if self._counts is not None:
                self._counts[rows, index] += 1
        if self._ngrams is not None:
            for ngrams, token in zip(self._ngrams, tokens, strict=True):
                ngrams.push(token)

    def select(self, rows: Sequence[int]) -> None:
        """Keep these rows, in this order; one may come more than once."""
        if self._seen is not None:
            self._seen = self._seen[list(rows)]
        if self._counts is not None:
            self._counts = self._counts[list(rows)]
        if self._ngrams is not None:
            self._ngrams = [self._ngrams[row].copy() for row in rows]


class _Ngrams:
    """Which tokens followed each run of n - 1 tokens of a row."""

    def __init__(self, n: int, tokens: Sequence[int] = ()) -> None:
        self._n = n
        self._followers: dict[tuple[int, ...], set[int]] = {}
        self._last: list[int] = []
        for token in tokens:
            self.push(token)

    def push(self, token: int) -> None:
        if len(self._last) == self._n - 1:
            self._followers.setdefault(tuple(self._last), set()).add(token)
        self._last = [*self._last, token][max(0, len(self._last) + 2 - self._n) :]

    def banned(self) -> set[int]:
        if len(self._last) < self._n - 1:
            return set()
        return self._followers.get(tuple(self._last), set())

    def copy(self) -> "_Ngrams":
        other = _Ngrams(self._n)
        other._followers = {run: set(tokens) for run, tokens in self._followers.items()}
        other._last = list(self._last)
        return other
