"""What picks the next token of many texts at once, each by its own rules, draws and ends.

Texts of like rules are picked for together, so that the rules cost a few operations for all of them; each draws from
a generator of its own. A text is therefore the same whatever is written beside it. Rows are numbered as in the
logits: a new one comes last, and where one leaves, the last takes its place. What it leaves out: the logits
(`engine`, `continuous`), text and stop strings (`stopping`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from fidan.generation.engine import Engine
from fidan.generation.penalties import History
from fidan.generation.sampling import pick
from fidan.recipe import GenerateConfig

Finish = Literal["end", "stop", "length", "context"]
"""Why a row ended: the model's own end, a stop string, `max_new_tokens`, the context."""


class Writing:
    """A text that is being written: its rules, its draws, and where it ends.

    Args:
        engine: the model.
        prompt: ids.
        config: how to pick and how long.
        ends: ids that end the text.
        seed: of the draws; None leaves them to chance.

    Attributes:
        config: as given.
        begun: what the text begins with (`Engine.beginning`).
        written: ids so far.
        finish: why it ended; None while it goes on.
    """

    def __init__(
        self, engine: Engine, prompt: Sequence[int], config: GenerateConfig, ends: Iterable[int], seed: int | None
    ) -> None:
        self.config, self.begun = config, engine.beginning(prompt)
        self.written = 0
        self.finish: Finish | None = None
        self._ends = frozenset(ends)
        self._room = min(config.max_new_tokens, engine.context + 1 - len(self.begun))
        self.generator = torch.Generator()
        if seed is None:
            self.generator.seed()
        else:
            self.generator.manual_seed(seed)

    @property
    def place(self) -> int:
        """Of the next token in the whole text, from 1."""
        return len(self.begun) + self.written + 1

    def take(self, token: int) -> bool:
        """Note a token that was picked; whether it belongs to the text, or closes it."""
        if token in self._ends:
            self.finish = "end"
            return False
        self.written += 1
        if self.written == self._room:
            self.finish = "context" if self._room < self.config.max_new_tokens else "length"
        return True


class Picker:
    """Picks for rows that join and leave.

    Args:
        vocabulary: how many of the model's ids stand for text.
    """

    def __init__(self, vocabulary: int) -> None:
        self._vocabulary = vocabulary
        self._groups: dict[GenerateConfig, _Group] = {}
        self._rows: list[tuple[_Group, Writing]] = []

    def join(self, writing: Writing) -> None:
        """A new last row."""
        # What does not bear on the choice of a token would only part texts that can be picked for together.
        rules = replace(writing.config, prompts=(), samples=1, max_new_tokens=1, stop=())
        group = self._groups.get(rules)
        if group is None:
            group = self._groups[rules] = _Group(rules, self._vocabulary)
        group.join(len(self._rows), writing)
        self._rows.append((group, writing))

    def leave(self, row: int) -> None:
        """Take a row out; the last takes its place."""
        group, _ = self._rows[row]
        group.leave(row)
        if not group.rows:
            self._groups = {rules: other for rules, other in self._groups.items() if other is not group}
        moved = self._rows.pop()
        if row < len(self._rows):
            moved[0].rename(len(self._rows), row)
            self._rows[row] = moved

    def pick(self, logits: Tensor) -> list[int]:
        """One token a row of (B, V) logits, finite ones; the tokens count in what is picked next."""
        logits = logits[:, : self._vocabulary]
        if len(self._groups) == 1:
            (group,) = self._groups.values()
            if group.rows == list(range(len(self._rows))):
                return group.pick(logits)
        tokens = [0] * len(self._rows)
        for group in self._groups.values():
            picked = group.pick(logits[torch.tensor(group.rows, device=logits.device)])
            for row, token in zip(group.rows, picked, strict=True):
                tokens[row] = token
        return tokens


class _Group:
    """Rows of like rules, in an order of their own."""

    def __init__(self, rules: GenerateConfig, vocabulary: int) -> None:
        self._rules, self._vocabulary = rules, vocabulary
        self.rows: list[int] = []
        self._generators: list[torch.Generator] = []
        self._joined: list[Sequence[int]] = []  # what the texts of new rows begin with
        self._history: History | None = None

    def join(self, row: int, writing: Writing) -> None:
        self.rows.append(row)
        self._generators.append(writing.generator)
        self._joined.append(writing.begun)

    def leave(self, row: int) -> None:
        at = self.rows.index(row)
        del self.rows[at], self._generators[at]
        old = len(self.rows) + 1 - len(self._joined)
        if at >= old:
            del self._joined[at - old]
        elif self._history is not None:
            self._history.select([other for other in range(old) if other != at])

    def rename(self, row: int, new: int) -> None:
        self.rows[self.rows.index(row)] = new

    def pick(self, logits: Tensor) -> list[int]:
        if self._joined:
            new = History(self._rules, self._joined, self._vocabulary, logits.device)
            self._history = new if self._history is None else self._history.joined(new)
            self._joined = []
        assert self._history is not None
        tokens = pick(self._history.apply(logits), self._rules, self._generators)
        self._history.note(tokens)
        return tokens
